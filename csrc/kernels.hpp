// What the bindings and the kernels agree on: the arguments of each kernel and the table of one instruction
// set.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#if defined(_MSC_VER) && !defined(__clang__)
#define GENAI_INLINE __forceinline
#else
#define GENAI_INLINE inline __attribute__((always_inline))
#endif

namespace genai {

using Index = std::ptrdiff_t;

// For the kernels: std::min and std::max would be compiled for an instruction set and could then be linked
// everywhere.
template <class T> GENAI_INLINE constexpr T min(T a, T b) { return b < a ? b : a; }
template <class T> GENAI_INLINE constexpr T max(T a, T b) { return a < b ? b : a; }

constexpr int kMaxDims = 64;     // NumPy's own limit
constexpr int kMaxOperands = 5;  // attention: q, k, v, output, mask (the weights are contiguous)

// A matrix seen through strides, in elements, which may be zero or negative.
template <class T> struct View {
  const T* data = nullptr;
  Index row = 0, col = 0;

  GENAI_INLINE const T* at(Index i, Index j) const { return data + i * row + j * col; }
  GENAI_INLINE View from(Index i, Index j) const { return {at(i, j), row, col}; }
  GENAI_INLINE View moved(Index by) const { return {data + by, row, col}; }
  GENAI_INLINE View transposed() const { return {data, col, row}; }
};

// The leading axes that a kernel loops over: for each, its length and how far every operand moves along it.
struct Batch {
  int ndim = 0;
  Index size = 1;
  Index shape[kMaxDims];
  Index step[kMaxDims][kMaxOperands];

  // Where operand `which` starts for the i-th member, in elements from its first one.
  GENAI_INLINE Index offset(Index i, int which) const {
    if (ndim == 1) return i * step[0][which];
    Index at = 0;
    for (int d = ndim - 1; d >= 0; --d) {
      at += (i % shape[d]) * step[d][which];
      i /= shape[d];
    }
    return at;
  }
};

// c (m, n) = a (m, k) @ b (k, n) for each member of the batch (operands 0, 1, 2); the columns of c are next
// to each other.
template <class T> struct MatmulArgs {
  Index m, n, k;
  View<T> a, b;
  T* c;
  Index c_row;
  Batch batch;
};

// y = softmax(x), or its logarithm, along one axis of length n, for each line of the batch (operands 0 and
// 1).
template <class T> struct SoftmaxArgs {
  bool logarithm;
  bool stream;  // write the result past the caches
  Index n;
  const T* x;
  Index x_step;
  T* y;
  Index y_step;
  Batch batch;
};

// The sum over the rows of logits (rows, n) of log(sum(exp(row))) - row[id]; ids were checked by the caller.
template <class T> struct NllArgs {
  Index rows, n;
  View<T> logits;
  const std::int64_t* ids;
};

// o (n, dv) = softmax(scale * q (n, dk) @ k (m, dk).T, where allowed) @ v (m, dv), batch operands 0 to 4 for
// q, k, v, o and mask. `weights`, when wanted, is contiguous (batch, n, m).
template <class T> struct AttentionArgs {
  Index n, m, dk, dv;
  T scale;
  bool causal;
  View<T> q, k, v;
  View<std::uint8_t> mask;  // no data: everything is allowed
  T* o;
  Index o_row;
  T* weights;  // null: not wanted
  Batch batch;
};

template <class T> struct Kernels {
  void (*matmul)(const MatmulArgs<T>&);
  void (*softmax)(const SoftmaxArgs<T>&);
  double (*nll)(const NllArgs<T>&);
  void (*attention)(const AttentionArgs<T>&);
};

// All kernels, compiled for one instruction set.
struct InstructionSet : Kernels<float>, Kernels<double> {
  const char* name;
  bool (*supported)();
  bool amx;  // may float32 products use AMX tiles as well?
};

// Every set that was compiled, best first (dispatch.cpp).
std::span<const InstructionSet> instruction_sets();

// The set in use: the best that this processor runs, or the one that GENAI_ISA names.
const InstructionSet& active();

}  // namespace genai
