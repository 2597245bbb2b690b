// softmax(q k^T / sqrt(dk)) v without ever holding the (n, m) scores: a block of queries meets the keys block
// by block, and what it has gathered so far is rescaled whenever a larger score turns up.
#include <cmath>

#include "matmul.hpp"
#include "pool.hpp"
#include "softmax.hpp"

namespace genai::GENAI_ISA {
namespace {

template <class T> constexpr Index kQueries = 8 * kTileRows<T>;                // in a block
template <class T> constexpr Index kKeys = 256 / kTileCols<T> * kTileCols<T>;  // whole panels
constexpr double kWorthThreads = 2e6;  // multiplications and additions

// One member of the batch: its matrices, and its keys packed for the tiles.
template <class T> struct Head {
  const AttentionArgs<T>& args;
  View<T> q, k, v;
  T* o;
  View<std::uint8_t> mask;
  T* weights;
  const T* packed_keys;

  bool allowed(Index i, Index j) const { return (!args.causal || j <= i) && (!mask.data || *mask.at(i, j)); }
};

// One query by the book, over the allowed keys alone: for rows where the blocks' arithmetic does not hold.
// There a forbidden key has weight 0, but 0 * v is not 0 if v is inf or NaN; and a row may have no allowed
// key at all.
template <class T> void attend_one(const Head<T>& head, Index i) {
  const AttentionArgs<T>& args = head.args;
  const auto score = [&](Index j) {
    double dot = 0;
    for (Index d = 0; d < args.dk; ++d)
      dot += static_cast<double>(*head.q.at(i, d)) * static_cast<double>(*head.k.at(j, d));
    return dot * static_cast<double>(args.scale);
  };
  T* out = head.o + i * args.o_row;
  T* weights = head.weights ? head.weights + i * args.m : nullptr;
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (Index j = 0; j < args.m; ++j)
    if (head.allowed(i, j)) top = max(top, score(j));
  for (Index j = 0; j < args.m; ++j)
    if (head.allowed(i, j)) sum += std::exp(score(j) - top);
  for (Index d = 0; d < args.dv; ++d) out[d] = 0;
  for (Index j = 0; j < args.m; ++j) {
    const T weight = head.allowed(i, j) ? static_cast<T>(std::exp(score(j) - top) / sum) : T(0);
    if (weights) weights[j] = weight;
    if (head.allowed(i, j))
      for (Index d = 0; d < args.dv; ++d) out[d] += weight * *head.v.at(j, d);
  }
}

// Turns the scores s of query i with the keys [k0, k0 + seen) into exponentials relative to the largest score
// so far, `top`, and adds them to `sum`. Returns what was gathered before has to be multiplied by.
template <class T>
GENAI_INLINE T weigh(const Head<T>& head, Index i, Index k0, Index seen, T* s, T& top, double& sum) {
  constexpr T kNone = -std::numeric_limits<T>::infinity();
  if (head.mask.data)
    for (Index j = 0; j < seen; ++j) s[j] = *head.mask.at(i, k0 + j) ? s[j] : kNone;
  const T now = max(top, row_max(s, seen));
  if (now == kNone) {  // nothing allowed yet, or scores of -inf or NaN: the latter must not get lost
    for (Index j = 0; j < seen; ++j) {
      if (s[j] != s[j]) sum = s[j];
      s[j] = 0;
    }
    return T(1);
  }
  const auto shift = Shift<T>::plain(now);
  const T factor = now == top || top == kNone ? T(1) : exp_one(top, shift);
  sum = sum * static_cast<double>(factor) + static_cast<double>(exp_sum(s, s, seen, shift).quick());
  top = now;
  return factor;
}

// Divides what query i has gathered, and its weights, by the sum of its exponentials. Returns NaN in some
// lane when a number came out that is not finite, and 0 in all otherwise.
template <class T> Vec<T> finish(const Head<T>& head, Index i, double sum) {
  using V = Vec<T>;
  const AttentionArgs<T>& args = head.args;
  T* row = head.o + i * args.o_row;
  const V factor(static_cast<T>(1.0 / sum));
  V spoilt(T(0));
  map_row(row, row, args.dv, [&](V x) {
    const V y = x * factor;
    spoilt = fma(y, V(T(0)), spoilt);
    return y;
  });
  if (head.weights) {
    T* w = head.weights + i * args.m;
    const Index seen = args.causal ? min(args.m, i + 1) : args.m;
    map_row(w, w, seen, [&](V x) { return x * factor; });
    for (Index j = seen; j < args.m; ++j) w[j] = 0;
    if (sum != sum)
      for (Index j = 0; j < args.m; ++j)
        if (!head.allowed(i, j)) w[j] = 0;
  }
  return spoilt;
}

// The queries [first, first + count) once more where the blocks' arithmetic did not hold, if `spoilt` says
// that there are any.
template <class T>
void mend(const Head<T>& head, Index first, Index count, const double* sums, Vec<T> spoilt) {
  const AttentionArgs<T>& args = head.args;
  const T check = sum(spoilt);
  if (check == check && args.dv > 0) return;
  const bool forbidding = head.mask.data || args.causal;
  for (Index i = 0; i < count; ++i) {
    T odd = 0;
    for (Index d = 0; d < args.dv; ++d) odd += head.o[(first + i) * args.o_row + d] * T(0);
    if (sums[i] == 0 || (forbidding && sums[i] == sums[i] && odd != odd)) attend_one(head, first + i);
  }
}

// Queries [first, first + count) of one head, count <= kQueries<T>.
template <class T> void attend(const Head<T>& head, Index first, Index count) {
  using V = Vec<T>;
  constexpr Index kCols = kTileCols<T>;
  constexpr T kNone = -std::numeric_limits<T>::infinity();
  const AttentionArgs<T>& args = head.args;
  const Groups blocks(count, kTileRows<T>);
  // Weights that are wanted are the scores of one single block of keys, made in the place where they shall
  // end.
  const Index block_keys = head.weights ? args.m : kKeys<T>;
  T* scores = head.weights ? head.weights + first * args.m : scratch<T>(kSlotScores, kQueries<T> * kKeys<T>);
  T* queries = scratch<T>(kSlotQuery, kQueries<T> * args.dk);
  T* out = head.o + first * args.o_row;
  T top[kQueries<T>];       // the largest score so far
  double sum[kQueries<T>];  // of the exponentials so far, relative to e^top
  for (Index b = 0; b < blocks.count; ++b) {
    T* packed = queries + blocks.start(b) * args.dk;
    pack(packed, blocks.size(b), blocks.size(b), blocks.size(b), args.dk,
         head.q.from(first + blocks.start(b), 0));
    map_row(packed, packed, blocks.size(b) * args.dk, [&](V x) { return x * V(args.scale); });
  }
  for (Index i = 0; i < count; ++i) {
    top[i] = kNone;
    sum[i] = 0;
    for (Index d = 0; d < args.dv; ++d) out[i * args.o_row + d] = 0;
  }
  const Index end = args.causal ? min(args.m, first + count) : args.m;
  for (Index k0 = 0; k0 < end; k0 += block_keys) {
    const Index keys = min(block_keys, end - k0);
    // Causal: query i sees keys 0 ... i, and no query of block b sees more than reach[b] of these keys.
    const auto seen_by = [&](Index i) {
      return args.causal ? max<Index>(0, min(keys, first + i + 1 - k0)) : keys;
    };
    Index reach[kQueries<T> / kTileRows<T>];
    for (Index b = 0; b < blocks.count; ++b) reach[b] = seen_by(blocks.start(b + 1) - 1);
    // Scores: queries times keys.
    for (Index j = 0; j < keys; j += kCols)
      for (Index b = 0; b < blocks.count; ++b)
        if (j < reach[b])
          tile(blocks.size(b), min(kCols, keys - j), args.dk,
               View<T>{queries + blocks.start(b) * args.dk, 1, blocks.size(b)},
               View<T>{head.packed_keys + (k0 + j) * args.dk, kCols, 1},
               scores + blocks.start(b) * block_keys + j, block_keys, false);
    // Weights: their exponentials.
    Index next = blocks.start(1);  // the first query of the next block
    for (Index b = 0, i = 0; i < count; ++i) {
      if (i == next) next = blocks.start(++b + 1);
      T* s = scores + i * block_keys;
      const Index seen = seen_by(i);
      for (Index j = seen; j < reach[b]; j += V::N)
        V(T(0)).store(s + j, V::first(min<Index>(V::N, reach[b] - j)));
      const T factor = weigh(head, first + i, k0, seen, s, top[i], sum[i]);
      if (factor != T(1)) {
        T* row = out + i * args.o_row;
        map_row(row, row, args.dv, [&](V x) { return x * V(factor); });
      }
    }
    // Output: weights times values.
    for (Index j = 0; j < args.dv; j += kCols)
      for (Index b = 0; b < blocks.count; ++b)
        if (reach[b] > 0)
          tile(blocks.size(b), min(kCols, args.dv - j), reach[b],
               View<T>{scores + blocks.start(b) * block_keys, block_keys, 1}, head.v.from(k0, j),
               out + blocks.start(b) * args.o_row + j, args.o_row, true);
  }
  V spoilt(T(0));
  for (Index i = 0; i < count; ++i) spoilt = spoilt + finish(head, first + i, sum[i]);
  mend(head, first, count, sum, spoilt);
}

// A single query, as when a text is made token by token: packing the keys would cost more than using them.
template <class T> void attend_alone(const Head<T>& head) {
  const AttentionArgs<T>& args = head.args;
  const Index seen = args.causal ? min<Index>(args.m, 1) : args.m;
  T* scores = head.weights ? head.weights : scratch<T>(kSlotScores, seen);
  T* query = scratch<T>(kSlotQuery, args.dk);
  for (Index d = 0; d < args.dk; ++d) query[d] = *head.q.at(0, d) * args.scale;
  gemm(1, seen, args.dk, View<T>{query, args.dk, 1}, head.k.transposed(), scores, seen);
  T top = -std::numeric_limits<T>::infinity();
  double sum = 0;
  weigh(head, 0, 0, seen, scores, top, sum);
  gemm(1, args.dv, seen, View<T>{scores, seen, 1}, head.v, head.o, args.o_row);
  mend(head, 0, 1, &sum, finish(head, 0, sum));
}

}  // namespace

template <class T> void attention(const AttentionArgs<T>& args) {
  constexpr Index kCols = kTileCols<T>;
  if (args.n == 0) return;
  const Index blocks = (args.n + kQueries<T> - 1) / kQueries<T>,
              padded = (args.m + kCols - 1) / kCols * kCols;
  const double work = 2.0 * double(args.n) * double(args.m) * double(args.dk + args.dv);
  const bool parallel = work * double(args.batch.size) >= kWorthThreads && num_threads() > 1;
  const bool by_head = args.batch.size >= 2 * num_threads() || !parallel;

  const auto one = [&](Index h) {
    const auto offset = [&](int which) { return args.batch.offset(h, which); };
    View<T> k = args.k.moved(offset(1)), v = args.v.moved(offset(2));
    const bool alone = args.n == 1;
    const bool copy_v = v.col != 1 && args.dv > 1 && !alone;
    T* keys = alone ? nullptr : scratch<T>(kSlotKeys, padded * args.dk + (copy_v ? args.m * args.dv : 0));
    for (Index j = 0; j < args.m && !alone; j += kCols)
      pack(keys + j * args.dk, kCols, kCols, min(kCols, args.m - j), args.dk, k.from(j, 0));
    if (copy_v) {
      T* copy = keys + padded * args.dk;
      pack(copy, args.dv, args.dv, args.dv, args.m, v.transposed());
      v = {copy, args.dv, 1};
    }
    T* weights = args.weights ? args.weights + h * args.n * args.m : nullptr;
    const Head<T> head{args,
                       args.q.moved(offset(0)),
                       k,
                       v,
                       args.o + offset(3),
                       args.mask.moved(args.mask.data ? offset(4) : 0),
                       weights,
                       keys};
    if (alone) return attend_alone(head);
    const auto block = [&](Index b) {
      // The last queries see most keys when causal: start with them, so that threads end together.
      const Index first = (args.causal ? blocks - 1 - b : b) * kQueries<T>;
      attend(head, first, min(kQueries<T>, args.n - first));
    };
    if (by_head)
      for (Index b = 0; b < blocks; ++b) block(b);
    else
      parallel_for(blocks, block);
  };
  if (parallel && by_head)
    parallel_for(args.batch.size, one);
  else
    for (Index h = 0; h < args.batch.size; ++h) one(h);
}

template void attention<float>(const AttentionArgs<float>&);
template void attention<double>(const AttentionArgs<double>&);

}  // namespace genai::GENAI_ISA
