// The heart of matmul, which attention uses too: a small tile of C kept in registers, and the packing around
// it.
#pragma once
#include "kernels.hpp"
#include "simd.hpp"

namespace genai::GENAI_ISA {

// The tile: kTileRows x kTileVecs vectors of C, as large as the registers allow next to the operands.
template <class T> constexpr int kTileVecs = 2;
template <class T>
#if defined(GENAI_ISA_AVX512)
constexpr int kTileRows = 14;  // 28 of 32 registers
// Of double a vector holds half as many, so that a takes twice the space and time to read: fewer rows of it.
template <> inline constexpr int kTileVecs<double> = 3;
template <> inline constexpr int kTileRows<double> = 8;
#elif defined(GENAI_ISA_AVX2)
constexpr int kTileRows = 6;  // 12 of 16
#elif defined(GENAI_ISA_NEON)
constexpr int kTileRows = 12;  // 24 of 32
#else
constexpr int kTileRows = 4;  // 8 of 16; a * b needs one of its own
#endif
template <class T> constexpr Index kTileCols = kTileVecs<T> * Vec<T>::N;

// c (rows, cols) = a (rows, k) @ b (k, cols), or += when `add`: rows <= kTileRows, cols <= kTileCols, the
// rows of b contiguous. A packed `a` has its rows next to each other: a.row == 1 and a.col == rows.
template <class T>
void tile(Index rows, Index cols, Index k, const View<T>& a, const View<T>& b, T* c, Index c_row, bool add);

// Copies the transpose: dst[p * step + i] = src(i, p) for `count` lines i and k elements p of each. Lines
// from `count` to `width` become zero.
template <class T> void pack(T* dst, Index step, Index width, Index count, Index k, View<T> src);

// c = a @ b for one matrix, on the pool's threads when it is worth it.
template <class T> void gemm(Index m, Index n, Index k, View<T> a, View<T> b, T* c, Index c_row);

// m rows in groups of at most `largest`, as equal as possible: where group i starts.
struct Groups {
  Index count, least, longer;  // the first `longer` ones have one row more
  GENAI_INLINE Groups(Index m, Index largest)
      : count((m + largest - 1) / largest), least(m / count), longer(m % count) {}
  GENAI_INLINE Index start(Index i) const { return i * least + min(i, longer); }
  GENAI_INLINE Index size(Index i) const { return least + (i < longer); }
};

}  // namespace genai::GENAI_ISA
