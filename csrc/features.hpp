// What the processor offers, as the Python side reports it.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "kernels.hpp"

namespace genai {

// Every instruction set that was compiled, best first, and whether this processor runs it.
std::vector<std::pair<std::string, bool>> instruction_sets();

}  // namespace genai
