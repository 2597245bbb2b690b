// Matrix products: three loops around a tile of C that stays in registers. csrc/README.md tells how it came
// to this.
#include "matmul.hpp"

#include <type_traits>
#include <utility>

#include "pool.hpp"
#if defined(GENAI_USE_AMX)
#include "amx.hpp"
#endif

namespace genai::GENAI_ISA {
namespace {

// Block sizes: kTileRows x kBlockK numbers of A stay in the first cache, kBlockK x kBlockN of B in the
// second.
constexpr Index kBlockK = 416;
template <class T> constexpr Index kBlockN = 528 / kTileCols<T> * kTileCols<T>;
constexpr Index kAhead = 12;  // rows of a packed panel: asked for so long before they are needed
constexpr Index kUnpackedBytes = 100'000;
constexpr double kWorthThreads = 4e6;  // multiplications and additions
constexpr double kWorthSharing = 4e7;  // below this each thread packs for itself

// ---- the inner loop ----

// For each p: one column of a (rows numbers) times one row of b (kVecs vectors), added to all of C's tile at
// once.
template <class T, int kRows, int kVecs, bool kTail, bool kPacked>
void fixed_tile(Index k, const T* GENAI_RESTRICT a, Index a_row, Index a_col, const T* GENAI_RESTRICT b,
                Index b_row, T* GENAI_RESTRICT c, Index c_row, typename Vec<T>::Tail tail, bool add) {
  using V = Vec<T>;
  if constexpr (kPacked) a_row = 1, a_col = kRows;
  V sum[kRows][kVecs];
  GENAI_UNROLL
  for (int i = 0; i < kRows; ++i) {
    GENAI_UNROLL
    for (int j = 0; j < kVecs; ++j) {
      if (kPacked) prefetch(c + i * c_row + j * V::N);  // needed last, and far away when C is large
      sum[i][j] = V(T(0));
    }
  }
  GENAI_UNROLL_BY_4  // the end of a loop that is counted in fewer turns is foreseen better
      for (Index p = 0; p < k; ++p, a += a_col, b += b_row) {
    V row[kVecs];
    GENAI_UNROLL
    for (int j = 0; j < kVecs; ++j) {
      if (kPacked) prefetch(b + j * V::N, kAhead * b_row);
      row[j] = kTail && j == kVecs - 1 ? V::load(b + j * V::N, tail) : V::load(b + j * V::N);
    }
    GENAI_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const V x(a[i * a_row]);
      GENAI_UNROLL
      for (int j = 0; j < kVecs; ++j) sum[i][j] = fma(x, row[j], sum[i][j]);
    }
  }
  GENAI_UNROLL
  for (int i = 0; i < kRows; ++i) {
    GENAI_UNROLL
    for (int j = 0; j < kVecs; ++j) {
      T* to = c + i * c_row + j * V::N;
      if (kTail && j == kVecs - 1)
        (add ? V::load(to, tail) + sum[i][j] : sum[i][j]).store(to, tail);
      else
        (add ? V::load(to) + sum[i][j] : sum[i][j]).store(to);
    }
  }
}

template <class T>
using TileFunction = void (*)(Index, const T*, Index, Index, const T*, Index, T*, Index,
                              typename Vec<T>::Tail, bool);

// One function for each number of rows; table[r - 1] handles r rows.
template <class T, int kVecs, bool kTail, bool kPacked, int... kRows>
GENAI_INLINE TileFunction<T> for_rows(Index rows, std::integer_sequence<int, kRows...>) {
  static constexpr TileFunction<T> table[] = {fixed_tile<T, kRows + 1, kVecs, kTail, kPacked>...};
  return table[rows - 1];
}

template <class T, bool kPacked> GENAI_INLINE TileFunction<T> choose_tile(Index rows, Index vecs, bool tail) {
  constexpr auto all = std::make_integer_sequence<int, kTileRows<T>>{};
  if constexpr (kTileVecs<T> > 2)
    if (vecs == 3)
      return tail ? for_rows<T, 3, true, kPacked>(rows, all) : for_rows<T, 3, false, kPacked>(rows, all);
  if (vecs == 2)
    return tail ? for_rows<T, 2, true, kPacked>(rows, all) : for_rows<T, 2, false, kPacked>(rows, all);
  return tail ? for_rows<T, 1, true, kPacked>(rows, all) : for_rows<T, 1, false, kPacked>(rows, all);
}

// ---- one row of A: no tile is worth filling, the speed is that of reading B ----

// y = x @ b with the rows of b contiguous: eight of them at a time are scaled and added to a stretch of y.
template <class T> void combine_rows(Index n, Index k, const T* x, View<T> b, T* y) {
  using V = Vec<T>;
  constexpr int kLines = 8;
  constexpr Index kStretch = 4096 / sizeof(T);
  for (Index j0 = 0; j0 < n; j0 += kStretch) {
    const Index cols = min(kStretch, n - j0);
    for (Index p = 0; p < k; p += kLines) {
      const T* line[kLines];
      V scale[kLines];
      for (int u = 0; u < kLines; ++u) {
        const bool real = p + u < k;
        line[u] = b.at(real ? p + u : p, j0);
        scale[u] = V(real ? x[p + u] : T(0));
      }
      const bool whole = p + kLines <= k;
      for (Index j = 0; j < cols; j += V::N) {
        const bool full = j + V::N <= cols;
        const auto tail = V::first(full ? 0 : cols - j);
        const auto read = [&](const T* from) { return full ? V::load(from + j) : V::load(from + j, tail); };
        V even = p ? read(y + j0) : V(T(0)), odd(T(0));
        if (whole) {
          GENAI_UNROLL
          for (int u = 0; u < kLines; u += 2) {
            even = fma(scale[u], read(line[u]), even);
            odd = fma(scale[u + 1], read(line[u + 1]), odd);
          }
        } else {
          for (Index u = 0; u < k - p; ++u) even = fma(scale[u], read(line[u]), even);
        }
        if (full)
          (even + odd).store(y + j0 + j);
        else
          (even + odd).store(y + j0 + j, tail);
      }
    }
  }
}

// y[j] = x . line j of b, both contiguous: four lines share each vector of x.
template <class T>
void dot_lines(Index n, Index k, const T* x, const T* b, Index b_line, T* y, Index y_step) {
  using V = Vec<T>;
  const auto tail = V::first(k % V::N);
  const Index whole = k - k % V::N;
  const auto several = [&]<int kLines>(std::integral_constant<int, kLines>, Index j) {
    const T* line = b + j * b_line;
    V even[kLines], odd[kLines];
    GENAI_UNROLL
    for (int u = 0; u < kLines; ++u) even[u] = odd[u] = V(T(0));
    Index p = 0;
    for (; p + 2 * V::N <= whole; p += 2 * V::N) {
      const V x0 = V::load(x + p), x1 = V::load(x + p + V::N);
      GENAI_UNROLL
      for (int u = 0; u < kLines; ++u) {
        even[u] = fma(x0, V::load(line + u * b_line + p), even[u]);
        odd[u] = fma(x1, V::load(line + u * b_line + p + V::N), odd[u]);
      }
    }
    for (; p < k; p += V::N) {
      const bool full = p < whole;
      const V x0 = full ? V::load(x + p) : V::load(x + p, tail);
      GENAI_UNROLL
      for (int u = 0; u < kLines; ++u) {
        const T* from = line + u * b_line + p;
        even[u] = fma(x0, full ? V::load(from) : V::load(from, tail), even[u]);
      }
    }
    GENAI_UNROLL
    for (int u = 0; u < kLines; ++u) y[(j + u) * y_step] = sum(even[u] + odd[u]);
  };
  Index j = 0;
  for (; j + 4 <= n; j += 4) several(std::integral_constant<int, 4>{}, j);
  for (; j < n; ++j) several(std::integral_constant<int, 1>{}, j);
}

// y = x @ b for a vector x, whichever way b lies. False when b is contiguous neither way.
template <class T>
bool vector_product(Index n, Index k, const T* x, Index x_step, View<T> b, T* y, Index y_step) {
  const bool rows = b.col == 1 && y_step == 1, lines = b.row == 1;
  if (!rows && !lines) return false;
  if (x_step != 1) {
    T* copy = scratch<T>(kSlotA, k);
    for (Index p = 0; p < k; ++p) copy[p] = x[p * x_step];
    x = copy;
  }
  constexpr Index kPiece = 16 * kTileCols<T>;
  const bool parallel = 2.0 * double(n) * double(k) >= kWorthThreads / 4 && num_threads() > 1;
  const Groups pieces(n, parallel ? max(kPiece, n / (4 * num_threads())) : n);
  const auto piece = [&](Index i) {
    const Index j = pieces.start(i), count = pieces.size(i);
    if (rows)
      combine_rows(count, k, x, b.from(0, j), y + j);
    else
      dot_lines(count, k, x, b.data + j * b.col, b.col, y + j * y_step, y_step);
  };
  parallel_for(pieces.count, piece, parallel);
  return true;
}

}  // namespace

template <class T>
void tile(Index rows, Index cols, Index k, const View<T>& a, const View<T>& b, T* c, Index c_row, bool add) {
  constexpr Index N = Vec<T>::N;
  const Index vecs = (cols + N - 1) / N, last = cols - (vecs - 1) * N;
  const auto f = a.row == 1 && a.col == rows ? choose_tile<T, true>(rows, vecs, last != N)
                                             : choose_tile<T, false>(rows, vecs, last != N);
  f(k, a.data, a.row, a.col, b.data, b.row, c, c_row, Vec<T>::first(last), add);
}

template <class T>
void pack(T* GENAI_RESTRICT dst, Index step, Index width, Index count, Index k, View<T> src) {
  Index i = 0;
  if (src.row == 1) {  // already side by side
    for (Index p = 0; p < k; ++p) {
      const T* from = src.at(0, p);
      for (i = 0; i + Vec<T>::N <= count; i += Vec<T>::N) Vec<T>::load(from + i).store(dst + p * step + i);
      for (; i < count; ++i) dst[p * step + i] = from[i];
    }
  } else if (src.col == 1) {
    for (; i + 4 <= count; i += 4) {
      Index p = 0;
      for (; p + 4 <= k; p += 4) transpose4(dst + p * step + i, step, src.at(i, p), src.row);
      for (; p < k; ++p)
        for (Index u = i; u < i + 4; ++u) dst[p * step + u] = *src.at(u, p);
    }
  }
  for (; i < count; ++i)
    for (Index p = 0; p < k; ++p) dst[p * step + i] = *src.at(i, p);
  for (; i < width; ++i)
    for (Index p = 0; p < k; ++p) dst[p * step + i] = T(0);
}

template <class T> void gemm(Index m, Index n, Index k, View<T> a, View<T> b, T* c, Index c_row) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j) c[i * c_row + j] = T(0);
    return;
  }
  if (m == 1 && vector_product(n, k, a.data, a.col, b, c, 1)) return;
  if (n == 1 && vector_product(m, k, b.data, b.row, a.transposed(), c, c_row)) return;

  // With b's columns contiguous (W.T) packing b would turn all of it; c.T = b.T @ a.T turns the smaller a and
  // c.
  if (b.row == 1 && b.col != 1 && m < n && a.col == 1) {
    T* turned = scratch<T>(kSlotTurned, n * m);
    gemm(n, m, k, b.transposed(), a.transposed(), turned, m);
    pack(c, c_row, n, n, m, View<T>{turned, m, 1});
    return;
  }

  const double work = 2.0 * double(m) * double(n) * double(k);
  const bool parallel = work >= kWorthThreads && num_threads() > 1;
  if (parallel && work < kWorthSharing) {  // what another core has just written comes slowly
    const bool wide = n >= m;
    const Index length = wide ? n : m;
    const Groups parts(length, (length + num_threads() - 1) / num_threads());
    parallel_for(parts.count, [&](Index i) {
      const Index at = parts.start(i);
      if (wide)
        gemm(m, parts.size(i), k, a, b.from(0, at), c + at, c_row);
      else
        gemm(parts.size(i), n, k, a.from(at, 0), b, c + at * c_row, c_row);
    });
    return;
  }

#if defined(GENAI_USE_AMX)
  if constexpr (std::is_same_v<T, float>) {
    if (active().amx && min(m, n) >= amx::kWorthRows && work >= amx::kWorthWork) {
      // Its rows must be contiguous; turning a matrix is cheap next to multiplying it.
      const auto contiguous = [](View<T> x, Index rows, Index cols, Slot slot) {
        if (x.col == 1) return x;
        T* copy = scratch<T>(slot, rows * cols);
        pack(copy, cols, cols, cols, rows, x.transposed());
        return View<T>{copy, cols, 1};
      };
      const View<T> x = contiguous(a, m, k, kSlotKeys), y = contiguous(b, k, n, kSlotQuery);
      if (amx::gemm(m, n, k, x.data, x.row, y.data, y.row, c, c_row, parallel)) return;
    }
  }
#endif

  constexpr Index kCols = kTileCols<T>;
  // Packing B pays when the second cache does not hold it and many rows use it, and is a must when its rows
  // are not contiguous.
  const bool pack_b = b.col != 1 || (m > 2 * kTileRows<T> && k * n * Index(sizeof(T)) > kUnpackedBytes);
  const Index block_k = pack_b ? kBlockK : k;
  const Groups tiles(m, kTileRows<T>);
  for (Index j0 = 0; j0 < n; j0 += kBlockN<T>) {
    const Index cols = min(kBlockN<T>, n - j0);
    const Groups steps(k, block_k);
    for (Index s = 0; s < steps.count; ++s) {
      const Index p0 = steps.start(s), depth = steps.size(s);
      T* packed_b = nullptr;
      if (pack_b) {
        const Index panels = (cols + kCols - 1) / kCols;
        packed_b = scratch<T>(kSlotB, panels * kCols * depth);
        const auto pack_panel = [&](Index i) {
          pack(packed_b + i * kCols * depth, kCols, kCols, min(kCols, cols - i * kCols), depth,
               b.from(p0, j0 + i * kCols).transposed());
        };
        parallel_for(panels, pack_panel, parallel);
      }
      const auto multiply = [&](Index t) {
        const Index i = tiles.start(t), rows = tiles.size(t);
        View<T> block = a.from(i, p0);
        if (a.col != 1 || cols > 8 * kCols) {
          T* packed_a = scratch<T>(kSlotA, rows * depth);
          pack(packed_a, rows, rows, rows, depth, block);
          block = {packed_a, 1, rows};
        }
        for (Index j = 0; j < cols; j += kCols)
          tile(rows, min(kCols, cols - j), depth, block,
               pack_b ? View<T>{packed_b + j * depth, kCols, 1} : b.from(p0, j0 + j), c + i * c_row + j0 + j,
               c_row, s > 0);
      };
      parallel_for(tiles.count, multiply, parallel);
    }
  }
}

template <class T> void matmul(const MatmulArgs<T>& x) {
  const Batch& batch = x.batch;
  const auto one = [&](Index i) {
    gemm(x.m, x.n, x.k, x.a.moved(batch.offset(i, 0)), x.b.moved(batch.offset(i, 1)),
         x.c + batch.offset(i, 2), x.c_row);
  };
  const double work = 2.0 * double(x.m) * double(x.n) * double(x.k);
  if (batch.size > 1 && work < 4 * kWorthThreads && work * double(batch.size) >= kWorthThreads &&
      num_threads() > 1) {
    const Index several = max<Index>(1, Index(kWorthThreads / 16 / (work + 1)));
    parallel_for((batch.size + several - 1) / several, [&](Index g) {
      for (Index i = g * several; i < min((g + 1) * several, batch.size); ++i) one(i);
    });
  } else {
    for (Index i = 0; i < batch.size; ++i) one(i);
  }
}

#define GENAI_INSTANTIATE(T)                                                                   \
  template void tile<T>(Index, Index, Index, const View<T>&, const View<T>&, T*, Index, bool); \
  template void pack<T>(T * GENAI_RESTRICT, Index, Index, Index, Index, View<T>);              \
  template void gemm<T>(Index, Index, Index, View<T>, View<T>, T*, Index);                     \
  template void matmul<T>(const MatmulArgs<T>&);
GENAI_INSTANTIATE(float)
GENAI_INSTANTIATE(double)

}  // namespace genai::GENAI_ISA
