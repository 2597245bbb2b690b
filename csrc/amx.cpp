// float32 products on AMX, whose tiles multiply bfloat16 only: each float is written as the sum of three
// bfloat16 numbers (8 + 8 + 8 bits hold all 24), and six of the nine products between the parts are added up
// in float32. What is left out is as small as float32's own rounding. Compiled for x86-64 Linux;
// csrc/README.md has the figures.
#include "amx.hpp"

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <new>

#include "pool.hpp"

namespace genai::amx {
namespace {

constexpr Index kEdge = 32;           // C is made in blocks of 32 x 32: four tiles of 16 x 16 floats
constexpr Index kDepth = 32;          // one step along k: a tile holds 16 rows of 32 bfloat16
constexpr Index kTile = 16 * kDepth;  // bfloat16 in a tile
constexpr Index kPart = 2 * kTile;    // one of the three parts of a step
constexpr Index kStep = 3 * kPart;    // what a step takes in a packed panel
constexpr Index kTall = 8;            // so many panels of A, kBlockK deep, stay in the second cache
constexpr Index kBlockK = 512, kBlockN = 2048, kFewRows = 128, kNarrowN = 256;
constexpr int kArchRequestPermission = 0x1023, kTileData = 18;

// ---- floats to three bfloat16 ----

struct Parts {
  __m512i high, middle, low;  // each in the upper half of its 32 bits, the lower half is 0
};

inline Parts split(__m512 x) {
  const __m512i half = _mm512_set1_epi32(0x8000), upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const auto rounded = [&](__m512 y) {
    return _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(y), half), upper);
  };
  Parts p;
  p.high = rounded(x);
  const __m512 rest = _mm512_sub_ps(x, _mm512_castsi512_ps(p.high));
  p.middle = rounded(rest);
  p.low = _mm512_castps_si512(_mm512_sub_ps(rest, _mm512_castsi512_ps(p.middle)));
  return p;
}

// Two numbers side by side, as the tiles multiply them: `even` in the lower half of each 32 bits, `odd` in
// the upper.
inline __m512i pair(__m512i even, __m512i odd) { return _mm512_or_si512(_mm512_srli_epi32(even, 16), odd); }

inline Index groups(Index n, Index of) { return (n + of - 1) / of; }

inline __mmask16 first(Index n) {
  return n >= 16 ? 0xffff : n > 0 ? static_cast<__mmask16>((1u << n) - 1) : 0;
}

// The largest and the smallest magnitude other than 0 among the numbers seen, as bits (they sort like
// integers).
class Range {
 public:
  void see(__m512 x) {
    const __m512i bits = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff));
    top_ = _mm512_max_epu32(top_, bits);
    bottom_ =
        _mm512_min_epu32(bottom_, _mm512_sub_epi32(bits, _mm512_set1_epi32(1)));  // 0 becomes the largest
  }
  void see(const Range& other) {
    top_ = _mm512_max_epu32(top_, other.top_);
    bottom_ = _mm512_min_epu32(bottom_, other.bottom_);
  }
  // Biased by 127; 255 for inf and NaN.
  int largest_exponent() const { return static_cast<int>(_mm512_reduce_max_epu32(top_) >> 23); }
  int smallest_exponent() const {
    const std::uint64_t least = std::uint64_t(_mm512_reduce_min_epu32(bottom_)) + 1;
    return least > 0xffffffff ? 254 : static_cast<int>(least >> 23);
  }

 private:
  __m512i top_ = _mm512_setzero_si512(), bottom_ = _mm512_set1_epi32(-1);
};

// The tiles know no denormal numbers and overflow early: every part and every product must be an ordinary
// number.
bool safe(const Range& a, const Range& b, Index k) {
  int growth = 0;
  while ((Index(1) << growth) < k) ++growth;
  const int top_a = a.largest_exponent(), top_b = b.largest_exponent();
  const int low_a = a.smallest_exponent(), low_b = b.smallest_exponent();
  return top_a < 254 && top_b < 254 && low_a > 24 && low_b > 24 && top_a + top_b + growth < 2 * 127 + 120 &&
         low_a + low_b > 2 * 127 - 90;
}

inline void store_pairs(std::uint16_t* to, __m512 x, __m512 y, Range& range) {
  range.see(x);
  range.see(y);
  const Parts even = split(x), odd = split(y);
  _mm512_store_si512(to, pair(even.high, odd.high));
  _mm512_store_si512(to + kPart, pair(even.middle, odd.middle));
  _mm512_store_si512(to + 2 * kPart, pair(even.low, odd.low));
}

// Both sides of a product may take k in any order, if it is the same one: with p and p + 16 side by side
// nothing has to be shuffled.

// Rows of A as the tiles want them: for each step, part and tile sixteen rows of 32 numbers along k.
void pack_rows(std::uint16_t* dst, const float* a, Index a_row, Index rows, Index depth, Range& range) {
  for (Index p = 0; p < depth; p += kDepth, dst += kStep) {
    for (Index i = 0; i < kEdge; ++i) {
      const float* from = a + (i < rows ? i : 0) * a_row + p;
      const Index left = i < rows ? depth - p : 0;
      store_pairs(dst + (i / 16) * kTile + (i % 16) * kDepth, _mm512_maskz_loadu_ps(first(left), from),
                  _mm512_maskz_loadu_ps(first(left - 16), from + 16), range);
    }
  }
}

// Columns of B: for each step, part and tile sixteen rows that hold the numbers at p and p + 16 of sixteen
// columns.
void pack_columns(std::uint16_t* dst, const float* b, Index b_row, Index cols, Index depth, Range& range) {
  for (Index p0 = 0; p0 < depth; p0 += kDepth, dst += kStep) {
    for (Index i = 0; i < 16; ++i) {
      const Index p = p0 + i;
      for (Index t = 0; t < 2; ++t) {
        const __mmask16 here = first(cols - 16 * t);
        const float* from = b + p * b_row + 16 * t;
        store_pairs(dst + t * kTile + i * kDepth, _mm512_maskz_loadu_ps(p < depth ? here : 0, from),
                    _mm512_maskz_loadu_ps(p + 16 < depth ? here : 0, from + 16 * b_row), range);
      }
    }
  }
}

// ---- the inner loop ----

// Tiles 0 to 3 are the block of C, 4 and 5 hold rows of A, 6 and 7 columns of B.
#define GENAI_LOAD_A(part)                        \
  _tile_loadd(4, a + (part) * kPart, 2 * kDepth); \
  _tile_loadd(5, a + (part) * kPart + kTile, 2 * kDepth)
#define GENAI_LOAD_B(part)                        \
  _tile_loadd(6, b + (part) * kPart, 2 * kDepth); \
  _tile_loadd(7, b + (part) * kPart + kTile, 2 * kDepth)
#define GENAI_MULTIPLY()   \
  _tile_dpbf16ps(0, 4, 6); \
  _tile_dpbf16ps(1, 4, 7); \
  _tile_dpbf16ps(2, 5, 6); \
  _tile_dpbf16ps(3, 5, 7)

// A block of C, its rows so many floats apart: tiles 0 and 1 are above 2 and 3.
struct Block {
  float* data = nullptr;
  Index row = 0;

  float* tile(int i) const { return data + i / 2 * 16 * row + i % 2 * 16; }
};

// to = from + panel of A times panel of B; without data `from` is zero.
void multiply_block(const std::uint16_t* a, const std::uint16_t* b, Index steps, Block from, Block to) {
  constexpr int high = 0, middle = 1, low = 2;
  const Index from_row = from.row * 4, to_row = to.row * 4;  // bytes
  if (from.data) {
    _tile_loadd(0, from.tile(0), from_row);
    _tile_loadd(1, from.tile(1), from_row);
    _tile_loadd(2, from.tile(2), from_row);
    _tile_loadd(3, from.tile(3), from_row);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (Index s = 0; s < steps; ++s, a += kStep, b += kStep) {
    GENAI_LOAD_A(low);  // the smallest products first
    GENAI_LOAD_B(high);
    GENAI_MULTIPLY();
    GENAI_LOAD_A(middle);
    GENAI_MULTIPLY();
    GENAI_LOAD_B(middle);
    GENAI_MULTIPLY();
    GENAI_LOAD_A(high);
    GENAI_MULTIPLY();
    GENAI_LOAD_B(low);
    GENAI_MULTIPLY();
    GENAI_LOAD_B(high);
    GENAI_MULTIPLY();
  }
  _tile_stored(0, to.tile(0), to_row);
  _tile_stored(1, to.tile(1), to_row);
  _tile_stored(2, to.tile(2), to_row);
  _tile_stored(3, to.tile(3), to_row);
}

// The rows and columns of a block that exist, from one place to another.
void copy(Block from, Block to, Index rows, Index cols) {
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; j += 16)
      _mm512_mask_storeu_ps(to.data + i * to.row + j, first(cols - j),
                            _mm512_maskz_loadu_ps(first(cols - j), from.data + i * from.row + j));
}

// All eight tiles: 16 rows of 64 bytes. A constant, since GCC's header says of its first eight bytes only
// that they are read: of a local one the compiler may leave out the rest.
struct TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfig kTileConfig;

// The setting belongs to the thread and is given back, as the system has to save tiles in use at every
// switch.
struct TilesInUse {
  TilesInUse() { _tile_loadconfig(&kTileConfig); }
  ~TilesInUse() { _tile_release(); }
};

}  // namespace

bool available() {
  // Linux saves these registers, eight kilobytes of them, only for processes that ask.
  static const bool granted = [] {
    unsigned a, b, c, d = 0;
    constexpr unsigned bf16 = 1u << 22, tile = 1u << 24;  // leaf 7, register edx
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & bf16) && (d & tile) &&
           syscall(SYS_arch_prctl, kArchRequestPermission, kTileData) == 0;
  }();
  return granted;
}

bool gemm(Index m, Index n, Index k, const float* a, Index a_row, const float* b, Index b_row, float* c,
          Index c_row, bool parallel) {
  const Index all = groups(m, kEdge), tasks = parallel ? 2 * num_threads() : 1;
  const Index down = max(groups(all, kTall), min<Index>(all, tasks)), across = groups(tasks, down);
  // With few rows each packed panel of B is used little: it had better be while it is in the second cache.
  const Index block_n = m <= kFewRows ? kNarrowN : kBlockN;
  std::atomic<bool> holds{true};
  for (Index j0 = 0; j0 < n; j0 += block_n) {
    const Index cols = min(n - j0, block_n), wide = groups(cols, kEdge);
    for (Index p0 = 0; p0 < k; p0 += kBlockK) {
      const Index depth = min(k - p0, kBlockK), steps = groups(depth, kDepth), panel = steps * kStep;
      auto* packed_b = scratch<std::uint16_t>(kSlotB, wide * panel);
      auto* range_b = scratch<Range>(kSlotShared, wide);
      const auto pack_b = [&](Index j) {
        pack_columns(packed_b + j * panel, b + p0 * b_row + j0 + j * kEdge, b_row, cols - j * kEdge, depth,
                     *new (range_b + j) Range);
      };
      // Some panels of A, which stay in the second cache, and some of B, one after the other.
      const auto multiply = [&](Index task) {
        const Index i0 = task % down * all / down, tall = (task % down + 1) * all / down - i0;
        const Index first_j = task / down * wide / across, last_j = (task / down + 1) * wide / across;
        auto* packed_a = scratch<std::uint16_t>(kSlotA, tall * panel);
        const Block edge{scratch<float>(kSlotScores, kEdge * kEdge), kEdge};
        Range range_a, range;
        for (Index j = 0; j < wide; ++j) range.see(range_b[j]);
        for (Index i = 0; i < tall; ++i)
          pack_rows(packed_a + i * panel, a + (i0 + i) * kEdge * a_row + p0, a_row, m - (i0 + i) * kEdge,
                    depth, range_a);
        if (!holds || !safe(range_a, range, k)) {
          holds = false;
          return;
        }
        const TilesInUse tiles;
        for (Index j = first_j; j < last_j; ++j) {
          for (Index i = 0; i < tall; ++i) {
            const Index here = min(m - (i0 + i) * kEdge, kEdge), there = min(cols - j * kEdge, kEdge);
            const Block place{c + (i0 + i) * kEdge * c_row + j0 + j * kEdge, c_row};
            const bool whole = here == kEdge && there == kEdge;
            const Block to = whole ? place : edge;
            if (!whole && p0 > 0) copy(place, edge, here, there);
            multiply_block(packed_a + i * panel, packed_b + j * panel, steps, p0 > 0 ? to : Block{}, to);
            if (!whole) copy(edge, place, here, there);
          }
        }
      };
      parallel_for(wide, pack_b, parallel);
      parallel_for(down * across, multiply, parallel);
      if (!holds) return false;
    }
  }
  return true;
}

}  // namespace genai::amx
