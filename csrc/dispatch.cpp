// Chooses the instruction set: the best that this processor has and that was compiled, or the one GENAI_ISA
// names.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "amx.hpp"
#include "kernels.hpp"

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace genai {

// CMake says what was compiled, best first: GENAI_SETS is X(avx512)X(avx2)... Each is a namespace of its own.
#define X(isa)                                                \
  namespace isa {                                             \
  template <class T> void matmul(const MatmulArgs<T>&);       \
  template <class T> void softmax(const SoftmaxArgs<T>&);     \
  template <class T> double nll(const NllArgs<T>&);           \
  template <class T> void attention(const AttentionArgs<T>&); \
  }
GENAI_SETS
#undef X

// Does this processor run it? For x86 with MSVC that includes whether the system saves its registers (XCR0),
// which the other compilers' function looks up by itself.
namespace runs {

bool portable() { return true; }
bool sse2() { return true; }  // every 64-bit x86
bool neon() { return true; }  // every 64-bit ARM
#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
bool has(unsigned leaf_7_ebx, unsigned long long state) {
  int one[4], seven[4];
  __cpuidex(one, 1, 0);
  __cpuidex(seven, 7, 0);
  const bool fma = one[2] >> 12 & 1, xgetbv = one[2] >> 27 & 1;
  return fma && xgetbv && (_xgetbv(0) & state) == state && (seven[1] & leaf_7_ebx) == leaf_7_ebx;
}
bool avx2() { return has(1u << 5, 0x6); }
bool avx512() { return has(1u << 5 | 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31, 0xe6); }
#elif defined(__x86_64__)
bool avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool avx512() {
  return avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif
#if defined(GENAI_USE_AMX)
bool amx() { return avx512() && amx::available(); }
#endif

}  // namespace runs

namespace {

#define GENAI_TABLE(isa, T) {isa::matmul<T>, isa::softmax<T>, isa::nll<T>, isa::attention<T>}
#define X(isa) {GENAI_TABLE(isa, float), GENAI_TABLE(isa, double), #isa, runs::isa, false},
const InstructionSet kSets[] = {
#if defined(GENAI_USE_AMX)
    {GENAI_TABLE(avx512, float), GENAI_TABLE(avx512, double), "amx", runs::amx, true},
#endif
    GENAI_SETS};

const InstructionSet& choose() {
  const char* value = std::getenv("GENAI_ISA");
  const std::string forced = value ? value : "";
  std::string known;
  for (const InstructionSet& set : kSets) {
    if ((forced.empty() || forced == set.name) && set.supported()) return set;
    if (forced == set.name)
      throw std::runtime_error("GENAI_ISA=" + forced + ": this processor does not have it");
    known += (known.empty() ? "" : ", ") + std::string(set.name);
  }
  throw std::runtime_error("GENAI_ISA=" + forced + " is not one of " + known);
}

}  // namespace

std::span<const InstructionSet> instruction_sets() { return kSets; }

const InstructionSet& active() {
  static const InstructionSet& chosen = choose();
  return chosen;
}

}  // namespace genai
