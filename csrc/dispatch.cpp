// Chooses the instruction set: the best that this processor has and that was compiled, or the one GENAI_ISA
// names.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "amx.hpp"
#include "features.hpp"

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace genai {

#if defined(GENAI_HAS_AVX512)
GENAI_DECLARE_KERNELS(avx512)
#endif
#if defined(GENAI_HAS_AVX2)
GENAI_DECLARE_KERNELS(avx2)
#endif
#if defined(GENAI_HAS_SSE2)
GENAI_DECLARE_KERNELS(sse2)
#endif
#if defined(GENAI_HAS_NEON)
GENAI_DECLARE_KERNELS(neon)
#endif
GENAI_DECLARE_KERNELS(portable)

namespace {

bool always() { return true; }

#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
// Registers a processor has are of use only if the system saves them too (XCR0).
bool cpuid_bit(int leaf, int reg, int bit) {
  int r[4];
  __cpuidex(r, leaf, 0);
  return (r[reg] >> bit) & 1;
}
bool system_saves(unsigned long long state) { return cpuid_bit(1, 2, 27) && (_xgetbv(0) & state) == state; }
bool has_avx2() { return system_saves(0x6) && cpuid_bit(7, 1, 5) && cpuid_bit(1, 2, 12); }
bool has_avx512() {
  return has_avx2() && system_saves(0xe6) && cpuid_bit(7, 1, 16) && cpuid_bit(7, 1, 17) &&
         cpuid_bit(7, 1, 30) && cpuid_bit(7, 1, 31);
}
#elif defined(__x86_64__)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif
#if defined(GENAI_USE_AMX)
bool has_amx() { return has_avx512() && amx::available(); }
#endif

#define GENAI_SET(name, isa, supported, amx)                                                                 \
  InstructionSet {                                                                                           \
    name, supported, amx, {isa::matmul<float>, isa::softmax<float>, isa::nll<float>, isa::attention<float>}, \
        {isa::matmul<double>, isa::softmax<double>, isa::nll<double>, isa::attention<double>},               \
  }

// From the best to the last resort.
const InstructionSet kSets[] = {
#if defined(GENAI_USE_AMX)
    GENAI_SET("amx", avx512, has_amx, true),
#endif
#if defined(GENAI_HAS_AVX512)
    GENAI_SET("avx512", avx512, has_avx512, false),
#endif
#if defined(GENAI_HAS_AVX2)
    GENAI_SET("avx2", avx2, has_avx2, false),
#endif
#if defined(GENAI_HAS_SSE2)
    GENAI_SET("sse2", sse2, always, false),
#endif
#if defined(GENAI_HAS_NEON)
    GENAI_SET("neon", neon, always, false),
#endif
    GENAI_SET("portable", portable, always, false),
};

const InstructionSet& choose() {
#if defined(__x86_64__) && !defined(_MSC_VER)
  __builtin_cpu_init();
#endif
  const char* forced = std::getenv("GENAI_ISA");
  if (!forced || !*forced) {
    for (const InstructionSet& set : kSets)
      if (set.supported()) return set;
  }
  std::string known;
  for (const InstructionSet& set : kSets) {
    if (forced && std::string(forced) == set.name) {
      if (set.supported()) return set;
      throw std::runtime_error("GENAI_ISA=" + std::string(forced) + ": this processor does not have it");
    }
    known += std::string(known.empty() ? "" : ", ") + set.name;
  }
  throw std::runtime_error("GENAI_ISA=" + std::string(forced ? forced : "") + " is not one of " + known);
}

}  // namespace

const InstructionSet& active() {
  static const InstructionSet& chosen = choose();
  return chosen;
}

std::vector<std::pair<std::string, bool>> instruction_sets() {
  std::vector<std::pair<std::string, bool>> all;
  for (const InstructionSet& set : kSets) all.emplace_back(set.name, set.supported());
  return all;
}

}  // namespace genai
