// e^x on vectors, and softmax's passes over one contiguous row: the largest, the sum of exponentials, the
// scaling.
#pragma once
#include <cmath>
#include <limits>

#include "simd.hpp"

namespace genai::GENAI_ISA {

// ---- e^x ----

// x = n log 2 + r with n whole and |r| <= log(2) / 2, so e^x = 2^n e^r: e^r is a polynomial, 2^n only an
// exponent. The coefficients make the largest relative error of 1 + r + r^2 q(r) smallest on that interval
// (Remez).
template <class T> struct ExpConstants;
template <> struct ExpConstants<float> {
  static constexpr float kPolynomial[] = {0.499999934f, 0.166665204f, 0.0416683908f, 0.00836874509f,
                                          0.00138145402f};
  // log 2 in parts. With a fused multiply-add n * part is never rounded; without one a part may have as many
  // bits as n leaves free (n < 2^15), so there are three.
  static constexpr float kLog2[] = {0.6931471824645996f, -1.9046542e-09f, 0.0f};
  static constexpr float kShortLog2[] = {0.693359375f, -0.000212192535400390625f, -1.9046542e-09f};
  // Floats of this size count in ones: adding it rounds to a whole number, which appears in the lowest bits.
  static constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
  static constexpr float kLowest = -104.0f;       // e^x is less than half the smallest float
  static constexpr int kExponentBias = 127;
  static constexpr int kLift = 60;  // see Shift
};
template <> struct ExpConstants<double> {
  static constexpr double kPolynomial[] = {
      0.50000000000000111,    0.1666666666666641,     0.041666666666529732,   0.0083333333334949765,
      0.0013888888943759795,  0.00019841269505773931, 2.4801492949793867e-05, 2.7557586804038983e-06,
      2.7630306197552726e-07, 2.5000018719954888e-08};
  static constexpr double kLog2[] = {0.6931471805599453, 2.3190468138462996e-17, 0.0};
  static constexpr double kShortLog2[] = {0.6931471805582987, 1.6465949582866463e-12, 3.061840736018652e-24};
  static constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double kLowest = -746.0;
  static constexpr int kExponentBias = 1023;
  static constexpr int kLift = 100;
};

// What turns e^x into something that neither overflows nor loses digits: softmax may divide all its
// exponentials by the same number, and 2^N with N = round(largest / log 2) does as well as e^largest. It only
// changes the exponent, so nothing is rounded, whereas x - largest is: up to 30 units in the last place of
// the result. (Beyond 2^14 the parts of log 2 no longer suffice; there x - largest is exact wherever e^x
// counts.)
template <class T> struct Shift {
  using C = ExpConstants<T>;
  T base, rounder, lowest;

  // Another 2^kLift on top, so that small exponentials are ordinary numbers until the final scaling.
  explicit Shift(T largest) {
    base = largest > T(16384) || largest < T(-16384) ? largest : T(0);
    const T top = largest - base;
    const T n = (top * T(1.4426950408889634) + C::kRounder) - C::kRounder;
    rounder = C::kRounder + (T(C::kExponentBias + C::kLift) - n);
    lowest = top + C::kLowest;
  }

  // Plain e^(x - largest), exactly 1 for the largest; 0 below the smallest ordinary number.
  static Shift plain(T largest) {
    Shift s(T(0));
    s.base = largest;
    s.rounder = C::kRounder + T(C::kExponentBias);
    s.lowest = T(2 - C::kExponentBias) * T(0.6931471805599453);
    return s;
  }
};

// e^x as the shift says, for x <= largest; 0 for -inf, NaN for NaN.
template <class T> GENAI_INLINE Vec<T> exp(Vec<T> x, const Shift<T>& shift) {
  using V = Vec<T>;
  using C = ExpConstants<T>;
  const V t = x - V(shift.base), rounder(shift.rounder);
  const V z = fma(t, V(T(1.4426950408889634)), rounder);
  const V n = z - rounder;
  V r = t;
  if constexpr (kFused) {
    r = fma(n, V(-C::kLog2[0]), r);
    r = fma(n, V(-C::kLog2[1]), r);
  } else {
    for (const T part : C::kShortLog2) r = fma(n, V(-part), r);
  }
  constexpr int last = sizeof(C::kPolynomial) / sizeof(T) - 1;
  V q(C::kPolynomial[last]);
  GENAI_UNROLL
  for (int i = last - 1; i >= 0; --i) q = fma(q, r, V(C::kPolynomial[i]));
  const V p = V(T(1)) + fma(r * r, q, r);
  return (p * V::power(z)).keep_unless_below(t, V(shift.lowest));
}
template <class T> GENAI_INLINE T exp_one(T x, const Shift<T>& shift) {
  T lane[Vec<T>::N];
  exp(Vec<T>(x), shift).store(lane);
  return lane[0];
}

// ---- the passes ----

// The largest element; NaN does not count (it spoils the sum later), nothing gives -inf.
template <class T> GENAI_INLINE T row_max(const T* x, Index n) {
  using V = Vec<T>;
  const V lowest(-std::numeric_limits<T>::infinity());
  V m[4] = {lowest, lowest, lowest, lowest};
  Index j = 0;
  for (; j + 4 * V::N <= n; j += 4 * V::N) {
    GENAI_UNROLL
    for (int u = 0; u < 4; ++u) m[u] = max(V::load(x + j + u * V::N), m[u]);
  }
  for (; j + V::N <= n; j += V::N) m[0] = max(V::load(x + j), m[0]);
  if (j < n) {
    const auto tail = V::first(n - j);
    m[1] = max(V::load(x + j, tail).within(tail, lowest), m[1]);
  }
  return largest(max(max(m[0], m[1]), max(m[2], m[3])));
}

// A number kept as the sum of two: what `high` cannot hold is in `low`.
struct Twofold {
  double high, low;

  GENAI_INLINE Twofold plus(double x) const {
    const double total = high + x, part = total - high;
    return {total, low + ((high - (total - part)) + (x - part))};
  }
  GENAI_INLINE double value() const { return high + low; }
  GENAI_INLINE Twofold inverse() const {
    const double near = 1.0 / high;
    return {near, near * (std::fma(-near, high, 1.0) - near * low)};
  }
};

// A sum kept in the lanes of a vector, with what its additions lost (Kahan): a long chain of float additions
// drifts.
template <class T> struct LaneSum {
  using V = Vec<T>;
  V total = V(T(0)), lost = V(T(0));

  GENAI_INLINE void add(V x) {
    const V corrected = x - lost, next = total + corrected;
    lost = (next - total) - corrected;
    total = next;
  }
  GENAI_INLINE T quick() const { return sum(total); }
  GENAI_INLINE Twofold precise() const {
    T lane[V::N], error[V::N];
    total.store(lane);
    lost.store(error);
    if constexpr (sizeof(T) == 8) {
      Twofold all{0, 0};
      for (int i = 0; i < V::N; ++i) all = all.plus(lane[i]).plus(-error[i]);
      return all;
    } else {
      double exact[V::N];
      for (int i = 0; i < V::N; ++i) exact[i] = static_cast<double>(lane[i]) - static_cast<double>(error[i]);
      GENAI_UNROLL
      for (int half = V::N / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) exact[i] += exact[i + half];
      return {exact[0], 0};
    }
  }
};

// The sum of exp(x), and the exponentials themselves into y when there is one (y may be x). Meanwhile it asks
// for what will be read next, `ahead` elements on: arithmetic leaves the memory idle.
template <class T>
GENAI_INLINE LaneSum<T> exp_sum(const T* x, T* y, Index n, const Shift<T>& shift, Index ahead = 0) {
  using V = Vec<T>;
  LaneSum<T> total;
  const auto put = [&](Index j) {
    if (ahead) prefetch<true>(x + j, ahead);
    const V e = exp(V::load(x + j), shift);
    if (y) e.store(y + j);
    return e;
  };
  Index j = 0;
  // Two roundings before the careful addition are what the 4 units of softmax leave room for, in float.
  for (; sizeof(T) == 4 && j + 4 * V::N <= n; j += 4 * V::N) {
    const V s[4] = {put(j), put(j + V::N), put(j + 2 * V::N), put(j + 3 * V::N)};
    total.add((s[0] + s[1]) + (s[2] + s[3]));
  }
  for (; j + V::N <= n; j += V::N) total.add(put(j));
  if (j < n) {
    const auto tail = V::first(n - j);
    const V e = exp(V::load(x + j, tail), shift).within(tail, V(T(0)));
    if (y) e.store(y + j, tail);
    total.add(e);
  }
  return total;
}

// Calls f on x's vectors one after the other and writes what it returns to y; past the caches if `stream`.
template <class T, class F> GENAI_INLINE void map_row(const T* x, T* y, Index n, F&& f, bool stream = false) {
  using V = Vec<T>;
  Index j = 0;
  if (stream) {
    const Index head = static_cast<Index>(-reinterpret_cast<std::uintptr_t>(y) % sizeof(V) / sizeof(T));
    if (head > 0 && head <= n) {  // up to where y is aligned
      const auto tail = V::first(head);
      f(V::load(x, tail)).store(y, tail);
      j = head;
    }
    for (; j + V::N <= n; j += V::N) f(V::load(x + j)).stream(y + j);
  }
  for (; j + V::N <= n; j += V::N) f(V::load(x + j)).store(y + j);
  if (j < n) {
    const auto tail = V::first(n - j);
    f(V::load(x + j, tail)).store(y + j, tail);
  }
}

}  // namespace genai::GENAI_ISA
