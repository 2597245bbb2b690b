// softmax, log_softmax and the negative log-likelihood, a contiguous row at a time.
#include "softmax.hpp"

#include "pool.hpp"

namespace genai::GENAI_ISA {
namespace {

constexpr Index kWorthThreads = 32768;  // elements
constexpr Index kFar = 1 << 20;         // bytes: more than this does not wait in the second cache

// With `stream` the exponentials wait in there, and y is written once, past the caches.
template <class T>
void softmax_row(const T* x, T* y, Index n, bool logarithm, Index ahead = 0, T* stream = nullptr) {
  using V = Vec<T>;
  const T top = row_max(x, n);
  const Shift<T> shift(top);
  if (logarithm) {
    // Divided by its own largest term the sum is at least 1, and exactly 1 when nothing else counts.
    const double sum =
        exp_sum<T>(x, nullptr, n, shift, ahead).precise().value() / static_cast<double>(exp_one(top, shift));
    const V largest_x(top), log_sum(static_cast<T>(std::log(sum)));
    map_row(x, y, n, [&](V v) { return (v - largest_x) - log_sum; }, stream != nullptr);
  } else {
    T* e = stream ? stream : y;
    // Rounding the inverse and then its product with e would take two of the four units there are.
    const Twofold inverse = exp_sum(x, e, n, shift, ahead).precise().inverse();
    const V factor(static_cast<T>(inverse.high));
    const V rest(
        static_cast<T>(inverse.high - static_cast<double>(static_cast<T>(inverse.high)) + inverse.low));
    map_row(e, y, n, [&](V v) { return fma(v, factor, v * rest); }, stream != nullptr);
  }
}

// log(sum(exp(x))) - x[id], reading the row from memory once: each stretch is still in the cache when its
// exponentials are added up, and the sum so far is rescaled when a stretch holds a larger element.
template <class T> double nll_row(const T* x, Index n, Index id) {
  constexpr Index kStretch = 8192 / sizeof(T);
  T top = -std::numeric_limits<T>::infinity();
  double sum = 0;
  for (Index j = 0; j < n; j += kStretch) {
    const Index count = min(kStretch, n - j);
    const T here = max(top, row_max(x + j, count));
    if (here == -std::numeric_limits<T>::infinity()) {
      for (Index i = j; i < j + count; ++i)
        if (x[i] != x[i]) return std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    if (here != top) sum *= std::exp(static_cast<double>(top) - static_cast<double>(here));
    top = here;
    const Shift<T> shift(top);
    sum += exp_sum<T>(x + j, nullptr, count, shift, kStretch).precise().value() /
           static_cast<double>(exp_one(top, shift));
  }
  return std::log(sum) + (static_cast<double>(top) - static_cast<double>(x[id]));
}

}  // namespace

template <class T> void softmax(const SoftmaxArgs<T>& s) {
  if (s.n == 0 || s.batch.size == 0) return;
  const Index n = s.n;
  // Lines that are not contiguous are gathered into a buffer, several at a time: neighbours share cache
  // lines.
  const bool direct = (s.x_step == 1 || n == 1) && (s.y_step == 1 || n == 1);
  const Index several =
      direct ? 1 : min<Index>(64 / sizeof(T), max<Index>(1, (1 << 18) / (n * Index(sizeof(T)))));
  const bool stream = direct && s.stream && n >= 64;
  const bool far = s.batch.size * n * Index(sizeof(T)) > kFar;
  const auto lines = [&](Index first, Index last) {
    if (direct) {
      T* wait = stream ? scratch<T>(kSlotRows, n) : nullptr;
      for (Index i = first; i < last; ++i) {
        const T* x = s.x + s.batch.offset(i, 0);
        const Index ahead = far && i + 1 < last ? s.x + s.batch.offset(i + 1, 0) - x : 0;
        softmax_row(x, s.y + s.batch.offset(i, 1), n, s.logarithm, ahead, wait);
      }
      return;
    }
    T* buffer = scratch<T>(kSlotRows, several * n);
    for (Index i = first; i < last; i += several) {
      const Index count = min(several, last - i);
      const T* from[64];
      T* to[64];
      for (Index l = 0; l < count; ++l) {
        from[l] = s.x + s.batch.offset(i + l, 0);
        to[l] = s.y + s.batch.offset(i + l, 1);
      }
      for (Index j = 0; j < n; ++j)
        for (Index l = 0; l < count; ++l) buffer[l * n + j] = from[l][j * s.x_step];
      for (Index l = 0; l < count; ++l) softmax_row(buffer + l * n, buffer + l * n, n, s.logarithm);
      for (Index j = 0; j < n; ++j)
        for (Index l = 0; l < count; ++l) to[l][j * s.y_step] = buffer[l * n + j];
    }
  };
  if (s.batch.size * n < kWorthThreads || num_threads() == 1) {
    lines(0, s.batch.size);
    return;
  }
  const Index chunk = (max<Index>(1, kWorthThreads / 4 / n) + several - 1) / several * several;
  parallel_for((s.batch.size + chunk - 1) / chunk,
               [&](Index g) { lines(g * chunk, min((g + 1) * chunk, s.batch.size)); });
}

template <class T> double nll(const NllArgs<T>& s) {
  const bool direct = s.logits.col == 1;
  const Index chunk = max<Index>(1, kWorthThreads / 2 / max<Index>(1, s.n)),
              chunks = (s.rows + chunk - 1) / chunk;
  double* part = scratch<double>(kSlotShared, chunks);  // added up in order, whichever thread was faster
  const auto rows = [&](Index g) {
    T* buffer = direct ? nullptr : scratch<T>(kSlotRows, s.n);
    double sum = 0;
    for (Index i = g * chunk; i < min((g + 1) * chunk, s.rows); ++i) {
      const T* row = s.logits.at(i, 0);
      if (!direct) {
        for (Index j = 0; j < s.n; ++j) buffer[j] = row[j * s.logits.col];
        row = buffer;
      }
      sum += nll_row(row, s.n, static_cast<Index>(s.ids[i]));
    }
    part[g] = sum;
  };
  if (s.rows * s.n < kWorthThreads || num_threads() == 1)
    for (Index g = 0; g < chunks; ++g) rows(g);
  else
    parallel_for(chunks, rows);
  double sum = 0;
  for (Index g = 0; g < chunks; ++g) sum += part[g];
  return sum;
}

#define GENAI_INSTANTIATE(T)                       \
  template void softmax<T>(const SoftmaxArgs<T>&); \
  template double nll<T>(const NllArgs<T>&);
GENAI_INSTANTIATE(float)
GENAI_INSTANTIATE(double)

}  // namespace genai::GENAI_ISA
