// Products of float32 matrices on AMX tiles, where the processor has them and the system lets us use them.
#pragma once
#include "kernels.hpp"

namespace genai::amx {

// Below this the split into parts costs more than the tiles gain.
constexpr Index kWorthRows = 32;
constexpr double kWorthWork = 2.0 * 100 * 100 * 100;

// Does the processor have AMX, and may this process use it? Asks the system the first time.
bool available();

// c = a @ b with contiguous rows everywhere. False, and c in any state, when a number is not finite, or so
// large or small that bfloat16 parts could not hold it: the caller then does it all with ordinary
// instructions.
bool gemm(Index m, Index n, Index k, const float* a, Index a_row, const float* b, Index b_row, float* c,
          Index c_row, bool parallel);

}  // namespace genai::amx
