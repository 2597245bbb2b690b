// The steps of matmul in csrc/README.md, one after the other: kernel_steps.py compiles this with
// csrc/matmul.cpp and runs it. Prints a line for each step: its name and its GFLOP/s for each n: one thread,
// the fastest of several turns, by processor time.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "matmul.hpp"
#include "pool.hpp"
#if defined(GENAI_STEP_AMX)
#include "amx.hpp"
#endif

namespace genai::GENAI_ISA {
namespace {

constexpr Index kCols = kTileCols<float>;

void three_loops(Index n, const float* a, const float* b, float* c) {
  for (Index i = 0; i < n * n; ++i) c[i] = 0;
  for (Index i = 0; i < n; ++i)
    for (Index p = 0; p < n; ++p)
      for (Index j = 0; j < n; ++j) c[i * n + j] += a[i * n + p] * b[p * n + j];
}

// All rows of a times a panel of b, a tile at a time.
void down_a_panel(Index n, const float* a, View<float> panel, Index j, float* c) {
  const Groups blocks(n, kTileRows<float>);
  for (Index q = 0; q < blocks.count; ++q)
    tile<float>(blocks.size(q), min(kCols, n - j), n, {a + blocks.start(q) * n, n, 1}, panel,
                c + blocks.start(q) * n + j, n, false);
}

void tiles(Index n, const float* a, const float* b, float* c) {
  for (Index j = 0; j < n; j += kCols) down_a_panel(n, a, {b + j, n, 1}, j, c);
}

void packed_panels(Index n, const float* a, const float* b, float* c) {
  float* panel = scratch<float>(kSlotB, n * kCols);
  for (Index j = 0; j < n; j += kCols) {
    pack<float>(panel, kCols, kCols, min(kCols, n - j), n, {b + j, 1, n});
    down_a_panel(n, a, {panel, kCols, 1}, j, c);
  }
}

void blocks(Index n, const float* a, const float* b, float* c) {
  gemm<float>(n, n, n, {a, n, 1}, {b, n, 1}, c, n);
}

using Step = std::function<void(Index, const float*, const float*, float*)>;

}  // namespace
}  // namespace genai::GENAI_ISA

int main() {
  using namespace genai;
  namespace isa = GENAI_ISA;
  std::vector<std::pair<const char*, isa::Step>> steps{
      {"three loops", isa::three_loops},
      {"a tile in registers, a and b read where they are", isa::tiles},
      {"each panel of b packed", isa::packed_panels},
      {"blocks: packed where it pays", isa::blocks},
  };
#if defined(GENAI_STEP_AMX)
  if (amx::available())
    steps.emplace_back("AMX", [](Index n, const float* a, const float* b, float* c) {
      amx::gemm(n, n, n, a, n, b, n, c, n);
    });
#endif
  set_num_threads(1);
  constexpr Index sizes[] = {256, 1024};
  std::vector<double> best(steps.size() * 2, std::numeric_limits<double>::infinity());
  for (int size = 0; size < 2; ++size) {
    const Index n = sizes[size];
    std::vector<float> a(n * n), b(n * n), c(n * n);
    for (Index i = 0; i < n * n; ++i) a[i] = float(i % 97) / 97 - 0.5f, b[i] = float(i % 89) / 89 - 0.5f;
    for (int turn = 0; turn < 9; ++turn) {
      for (std::size_t s = 0; s < steps.size(); ++s) {
        const int repeat = n < 1000 ? 20 : 1;
        const std::clock_t start = std::clock();
        for (int i = 0; i < repeat; ++i) steps[s].second(n, a.data(), b.data(), c.data());
        const double took = double(std::clock() - start) / CLOCKS_PER_SEC / repeat;
        best[2 * s + size] = std::min(best[2 * s + size], took);
      }
    }
  }
  for (std::size_t s = 0; s < steps.size(); ++s) {
    std::printf("%s", steps[s].first);
    for (int size = 0; size < 2; ++size)
      std::printf(";%.0f", 2e-9 * sizes[size] * sizes[size] * sizes[size] / best[2 * s + size]);
    std::printf("\n");
  }
}
