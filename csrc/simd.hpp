// One small vocabulary of vectors, spelled for each instruction set. A kernel writes `Vec<T>` and never an
// intrinsic.
//
//   Vec<T>::N             how many T fit
//   Vec<T>::Tail          which lanes exist in a last, incomplete vector; made by Vec<T>::first(n)
//   load(p), load(p, t)   unaligned; lanes outside the tail read as 0 and their memory is not touched
//   v.store(p[, t])       unaligned; v.stream(p) is aligned and goes past the caches
//   v.within(t, w)        v in the lanes of the tail, w outside
//   fma(a, b, c)          a * b + c, in one rounding when kFused
//   a.keep_unless_below(x, lo)  a, but 0 where x < lo, whatever a holds there; a NaN in x keeps a
//   power(z)              the low bits of z moved into the exponent: see exp in softmax.hpp
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels.hpp"

#if defined(GENAI_ISA_SSE2) || defined(GENAI_ISA_AVX2) || defined(GENAI_ISA_AVX512)
#include <immintrin.h>
#elif defined(GENAI_ISA_NEON)
#include <arm_neon.h>
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define GENAI_UNROLL
#define GENAI_UNROLL_BY_4
#define GENAI_RESTRICT __restrict
#else
#if defined(__clang__)
#define GENAI_UNROLL _Pragma("clang loop unroll(full)")
#define GENAI_UNROLL_BY_4 _Pragma("clang loop unroll_count(4)")
#else
#define GENAI_UNROLL _Pragma("GCC unroll 32")
#define GENAI_UNROLL_BY_4 _Pragma("GCC unroll 4")
#endif
#define GENAI_RESTRICT __restrict__
#endif

namespace genai::GENAI_ISA {

// Asks for the cache line that is `ahead` elements after p, which is read soon: into the first cache, or only
// into the second. It may lie outside of the array, so it is computed as a number: such a pointer would be
// undefined.
template <bool kSecond = false, class T>
GENAI_INLINE void prefetch([[maybe_unused]] const T* p, Index ahead = 0) {
#if !defined(_MSC_VER) || defined(__clang__)
  const auto at = reinterpret_cast<std::uintptr_t>(p) + static_cast<std::uintptr_t>(ahead) * sizeof(T);
  __builtin_prefetch(reinterpret_cast<const void*>(at), 0, kSecond ? 2 : 3);
#else
  (void)ahead;
#endif
}

template <class T> struct Vec;

#if defined(GENAI_ISA_AVX512) || defined(GENAI_ISA_AVX2) || defined(GENAI_ISA_SSE2)

// The three x86 sets name these alike but for a prefix P (_mm, _mm256, _mm512) and a suffix S (ps, pd).
#define GENAI_X86_VEC(T, REG, P, S)                                                 \
  REG v;                                                                            \
  static constexpr int N = sizeof(REG) / sizeof(T);                                 \
  Vec() = default;                                                                  \
  GENAI_INLINE Vec(REG r) : v(r) {}                                                 \
  GENAI_INLINE explicit Vec(T x) : v(P##_set1_##S(x)) {}                            \
  static GENAI_INLINE Vec load(const T* p) { return P##_loadu_##S(p); }             \
  GENAI_INLINE void store(T* p) const { P##_storeu_##S(p, v); }                     \
  GENAI_INLINE void stream(T* p) const { P##_stream_##S(p, v); }                    \
  friend GENAI_INLINE Vec operator+(Vec a, Vec b) { return P##_add_##S(a.v, b.v); } \
  friend GENAI_INLINE Vec operator-(Vec a, Vec b) { return P##_sub_##S(a.v, b.v); } \
  friend GENAI_INLINE Vec operator*(Vec a, Vec b) { return P##_mul_##S(a.v, b.v); } \
  friend GENAI_INLINE Vec max(Vec a, Vec b) { return P##_max_##S(a.v, b.v); }

#endif

// Sets without masked loads keep a tail as a number of lanes and take a detour through memory.
#define GENAI_COUNTED_TAIL(T)                                             \
  using Tail = int;                                                       \
  static GENAI_INLINE Tail first(Index n) { return static_cast<int>(n); } \
  static GENAI_INLINE Vec load(const T* p, Tail t) {                      \
    T lane[N] = {};                                                       \
    for (int i = 0; i < t; ++i) lane[i] = p[i];                           \
    return load(lane);                                                    \
  }                                                                       \
  GENAI_INLINE void store(T* p, Tail t) const {                           \
    T lane[N];                                                            \
    store(lane);                                                          \
    for (int i = 0; i < t; ++i) p[i] = lane[i];                           \
  }                                                                       \
  GENAI_INLINE Vec within(Tail t, Vec other) const {                      \
    T lane[N];                                                            \
    other.store(lane);                                                    \
    store(lane, t);                                                       \
    return load(lane);                                                    \
  }

#if defined(GENAI_ISA_AVX512)

constexpr bool kFused = true;

#define GENAI_VEC(T, REG, S, MASK, LANE, SHIFT)                                                       \
  template <> struct Vec<T> {                                                                         \
    GENAI_X86_VEC(T, REG, _mm512, S)                                                                  \
    using Tail = MASK;                                                                                \
    static GENAI_INLINE Tail first(Index n) { return static_cast<MASK>((1u << n) - 1u); }             \
    static GENAI_INLINE Vec load(const T* p, Tail t) { return _mm512_maskz_loadu_##S(t, p); }         \
    GENAI_INLINE void store(T* p, Tail t) const { _mm512_mask_storeu_##S(p, t, v); }                  \
    GENAI_INLINE Vec within(Tail t, Vec other) const { return _mm512_mask_blend_##S(t, other.v, v); } \
    friend GENAI_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_##S(a.v, b.v, c.v); }      \
    GENAI_INLINE Vec keep_unless_below(Vec x, Vec lo) const {                                         \
      return _mm512_maskz_mov_##S(_mm512_cmp_##S##_mask(x.v, lo.v, _CMP_NLT_UQ), v);                  \
    }                                                                                                 \
    static GENAI_INLINE Vec power(Vec z) {                                                            \
      return _mm512_castsi512_##S(_mm512_slli_##LANE(_mm512_cast##S##_si512(z.v), SHIFT));            \
    }                                                                                                 \
  };
GENAI_VEC(float, __m512, ps, __mmask16, epi32, 23)
GENAI_VEC(double, __m512d, pd, __mmask8, epi64, 52)

#elif defined(GENAI_ISA_AVX2)

constexpr bool kFused = true;

#define GENAI_VEC(T, REG, S, LANE, SHIFT, COUNT, LANES)                                          \
  template <> struct Vec<T> {                                                                    \
    GENAI_X86_VEC(T, REG, _mm256, S)                                                             \
    using Tail = __m256i;                                                                        \
    static GENAI_INLINE Tail first(Index n) { return _mm256_cmpgt_##LANE(COUNT, LANES); }        \
    static GENAI_INLINE Vec load(const T* p, Tail t) { return _mm256_maskload_##S(p, t); }       \
    GENAI_INLINE void store(T* p, Tail t) const { _mm256_maskstore_##S(p, t, v); }               \
    GENAI_INLINE Vec within(Tail t, Vec other) const {                                           \
      return _mm256_blendv_##S(other.v, v, _mm256_castsi256_##S(t));                             \
    }                                                                                            \
    friend GENAI_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_##S(a.v, b.v, c.v); } \
    GENAI_INLINE Vec keep_unless_below(Vec x, Vec lo) const {                                    \
      return _mm256_and_##S(_mm256_cmp_##S(x.v, lo.v, _CMP_NLT_UQ), v);                          \
    }                                                                                            \
    static GENAI_INLINE Vec power(Vec z) {                                                       \
      return _mm256_castsi256_##S(_mm256_slli_##LANE(_mm256_cast##S##_si256(z.v), SHIFT));       \
    }                                                                                            \
  };
GENAI_VEC(float, __m256, ps, epi32, 23, _mm256_set1_epi32(static_cast<int>(n)),
          _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
GENAI_VEC(double, __m256d, pd, epi64, 52, _mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3))

#elif defined(GENAI_ISA_SSE2)

constexpr bool kFused = false;

#define GENAI_VEC(T, REG, S, LANE, SHIFT)                                         \
  template <> struct Vec<T> {                                                     \
    GENAI_X86_VEC(T, REG, _mm, S)                                                 \
    GENAI_COUNTED_TAIL(T)                                                         \
    friend GENAI_INLINE Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }        \
    GENAI_INLINE Vec keep_unless_below(Vec x, Vec lo) const {                     \
      return _mm_and_##S(_mm_cmpnlt_##S(x.v, lo.v), v);                           \
    }                                                                             \
    static GENAI_INLINE Vec power(Vec z) {                                        \
      return _mm_castsi128_##S(_mm_slli_##LANE(_mm_cast##S##_si128(z.v), SHIFT)); \
    }                                                                             \
  };
GENAI_VEC(float, __m128, ps, epi32, 23)
GENAI_VEC(double, __m128d, pd, epi64, 52)

#elif defined(GENAI_ISA_NEON)

constexpr bool kFused = true;

#define GENAI_VEC(T, REG, S, U, SHIFT)                                                             \
  template <> struct Vec<T> {                                                                      \
    REG v;                                                                                         \
    static constexpr int N = 16 / sizeof(T);                                                       \
    Vec() = default;                                                                               \
    GENAI_INLINE Vec(REG r) : v(r) {}                                                              \
    GENAI_INLINE explicit Vec(T x) : v(vdupq_n_##S(x)) {}                                          \
    static GENAI_INLINE Vec load(const T* p) { return vld1q_##S(p); }                              \
    GENAI_INLINE void store(T* p) const { vst1q_##S(p, v); }                                       \
    GENAI_INLINE void stream(T* p) const { store(p); }                                             \
    GENAI_COUNTED_TAIL(T)                                                                          \
    friend GENAI_INLINE Vec operator+(Vec a, Vec b) { return vaddq_##S(a.v, b.v); }                \
    friend GENAI_INLINE Vec operator-(Vec a, Vec b) { return vsubq_##S(a.v, b.v); }                \
    friend GENAI_INLINE Vec operator*(Vec a, Vec b) { return vmulq_##S(a.v, b.v); }                \
    friend GENAI_INLINE Vec max(Vec a, Vec b) { return vbslq_##S(vcgtq_##S(a.v, b.v), a.v, b.v); } \
    friend GENAI_INLINE Vec fma(Vec a, Vec b, Vec c) { return vfmaq_##S(c.v, a.v, b.v); }          \
    GENAI_INLINE Vec keep_unless_below(Vec x, Vec lo) const {                                      \
      return vbslq_##S(vcltq_##S(x.v, lo.v), vdupq_n_##S(0), v);                                   \
    }                                                                                              \
    static GENAI_INLINE Vec power(Vec z) {                                                         \
      return vreinterpretq_##S##_##U(vshlq_n_##U(vreinterpretq_##U##_##S(z.v), SHIFT));            \
    }                                                                                              \
  };
GENAI_VEC(float, float32x4_t, f32, u32, 23)
GENAI_VEC(double, float64x2_t, f64, u64, 52)

#else  // portable: arrays that any compiler can handle, and most turn into vectors

constexpr bool kFused = false;

template <class T> struct Vec {
  static constexpr int N = 16 / sizeof(T);
  T v[N];
  Vec() = default;
  GENAI_INLINE explicit Vec(T x) {
    for (T& lane : v) lane = x;
  }
  template <class F> static GENAI_INLINE Vec each(F f) {
    Vec r;
    for (int i = 0; i < N; ++i) r.v[i] = f(i);
    return r;
  }
  static GENAI_INLINE Vec load(const T* p) {
    return each([&](int i) { return p[i]; });
  }
  GENAI_INLINE void store(T* p) const { std::memcpy(p, v, sizeof v); }
  GENAI_INLINE void stream(T* p) const { store(p); }
  GENAI_COUNTED_TAIL(T)
  friend GENAI_INLINE Vec operator+(Vec a, Vec b) {
    return each([&](int i) { return a.v[i] + b.v[i]; });
  }
  friend GENAI_INLINE Vec operator-(Vec a, Vec b) {
    return each([&](int i) { return a.v[i] - b.v[i]; });
  }
  friend GENAI_INLINE Vec operator*(Vec a, Vec b) {
    return each([&](int i) { return a.v[i] * b.v[i]; });
  }
  friend GENAI_INLINE Vec max(Vec a, Vec b) {
    return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  friend GENAI_INLINE Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
  GENAI_INLINE Vec keep_unless_below(Vec x, Vec lo) const {
    return each([&](int i) { return x.v[i] < lo.v[i] ? T(0) : v[i]; });
  }
  static GENAI_INLINE Vec power(Vec z) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return each([&](int i) {
      Bits bits;
      std::memcpy(&bits, &z.v[i], sizeof bits);
      bits <<= sizeof(T) == 4 ? 23 : 52;
      T x;
      std::memcpy(&x, &bits, sizeof x);
      return x;
    });
  }
};

#endif

// Turns a 4 x 4 block: to[j * to_step + i] = from[i * from_step + j].
#if defined(GENAI_ISA_AVX512) || defined(GENAI_ISA_AVX2) || defined(GENAI_ISA_SSE2)
GENAI_INLINE void transpose4(float* to, Index to_step, const float* from, Index from_step) {
  __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + from_step);
  __m128 c = _mm_loadu_ps(from + 2 * from_step), d = _mm_loadu_ps(from + 3 * from_step);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  _mm_storeu_ps(to, a);
  _mm_storeu_ps(to + to_step, b);
  _mm_storeu_ps(to + 2 * to_step, c);
  _mm_storeu_ps(to + 3 * to_step, d);
}
GENAI_INLINE void transpose4(double* to, Index to_step, const double* from, Index from_step) {
  GENAI_UNROLL
  for (int i = 0; i < 4; i += 2) {
    GENAI_UNROLL
    for (int j = 0; j < 4; j += 2) {
      const __m128d a = _mm_loadu_pd(from + i * from_step + j),
                    b = _mm_loadu_pd(from + (i + 1) * from_step + j);
      _mm_storeu_pd(to + j * to_step + i, _mm_unpacklo_pd(a, b));
      _mm_storeu_pd(to + (j + 1) * to_step + i, _mm_unpackhi_pd(a, b));
    }
  }
}
#else
template <class T> GENAI_INLINE void transpose4(T* to, Index to_step, const T* from, Index from_step) {
  T block[4][4];
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) block[j][i] = from[i * from_step + j];
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) to[j * to_step + i] = block[j][i];
}
#endif

// The lanes added up, or the largest of them: by halves, where the set has nothing quicker.
template <class T, class Combine> GENAI_INLINE T reduce(Vec<T> v, Combine combine) {
  T lane[Vec<T>::N];
  v.store(lane);
  GENAI_UNROLL
  for (int half = Vec<T>::N / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] = combine(lane[i], lane[i + half]);
  return lane[0];
}
#if defined(GENAI_ISA_AVX512)
GENAI_INLINE float sum(Vec<float> x) { return _mm512_reduce_add_ps(x.v); }
GENAI_INLINE double sum(Vec<double> x) { return _mm512_reduce_add_pd(x.v); }
GENAI_INLINE float largest(Vec<float> x) { return _mm512_reduce_max_ps(x.v); }
GENAI_INLINE double largest(Vec<double> x) { return _mm512_reduce_max_pd(x.v); }
#else
template <class T> GENAI_INLINE T sum(Vec<T> v) {
  return reduce(v, [](T a, T b) { return a + b; });
}
template <class T> GENAI_INLINE T largest(Vec<T> v) {
  return reduce(v, [](T a, T b) { return max(a, b); });
}
#endif

}  // namespace genai::GENAI_ISA
