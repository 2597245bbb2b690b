// What help() shows for each function of the compiled module.
#pragma once

namespace genai {

constexpr const char* kMatmulDoc = R"(Matrix product of a and b.

Shapes: (m, k) @ (k, n) -> (m, n). Leading axes are a batch and broadcast as NumPy's do. A vector a is one row,
a vector b one column, and the result lacks that axis.

Args:
    a: float32 or float64, (k,) or (..., m, k), with any strides; bool, integers and float16 are converted.
    b: likewise, (k,) or (..., k, n).
    out: array of the result's shape and type to write to, which may overlap a or b.

Returns:
    The product; float32 if NumPy finds that type for a and b, else float64. Zeros if k is 0.

Raises:
    ValueError: the shapes do not fit.
    TypeError: a complex, object or text array, or an out of another type.

Source: the loops around a register tile are those of BLIS (Van Zee and van de Geijn, 2015).)";

constexpr const char* kSoftmaxDoc = R"(exp(x) / sum(exp(x)) along one axis, for any finite x without overflow.

Args:
    x: float32 or float64 of any shape and strides; bool, integers and float16 are converted.
    axis: the axis along which the result adds up to 1.
    out: array of x's shape and the result's type; may be x itself.

Returns:
    An array of x's shape, within 4 units in the last place. A line that holds NaN or +inf, or nothing but -inf,
    becomes NaN; an empty axis gives an empty result.

Raises:
    numpy.exceptions.AxisError: there is no such axis (it is a ValueError).
    TypeError: a complex, object or text array.)";

constexpr const char* kLogSoftmaxDoc =
    R"(log(softmax(x)) along one axis, without taking the logarithm of a rounded 0.

Args:
    x: float32 or float64 of any shape and strides; bool, integers and float16 are converted.
    axis: the axis along which exp(result) adds up to 1.
    out: array of x's shape and the result's type; may be x itself.

Returns:
    An array of x's shape. A line that holds NaN or +inf, or nothing but -inf, becomes NaN.

Raises:
    numpy.exceptions.AxisError: there is no such axis (it is a ValueError).
    TypeError: a complex, object or text array.)";

constexpr const char* kNllDoc = R"(Negative log-likelihood of token ids: -sum(log_softmax(logits)[i, ids[i]]).

Args:
    logits: (k, V), float32 or float64; bool, integers and float16 are converted.
    ids: (k,), integers from 0 to V - 1.

Returns:
    The sum over the k rows as a float, in nats; 0.0 for k = 0.

Raises:
    ValueError: the shapes are not (k, V) and (k,).
    IndexError: an id is negative or not below V.
    TypeError: ids are not integers, or logits are complex, objects or text.)";

constexpr const char* kAttentionDoc = R"(softmax(q @ k.T / sqrt(d_k)) @ v, scaled dot-product attention.

Args:
    q: queries (..., n, d_k), float32 or float64; bool, integers and float16 are converted.
    k: keys (..., m, d_k).
    v: values (..., m, d_v). The leading axes of all three (and of mask) broadcast.
    mask: bool, broadcast to (..., n, m): True where a query may attend to a key.
    causal: query i may attend to keys 0 ... i only, counted from the first key also when n and m differ.
    return_weights: also return the weights.
    out: array of the result's shape and type to write to, which may overlap an input.

Returns:
    (..., n, d_v), or a tuple of it and the weights (..., n, m). A query that may attend to nothing gets zeros in
    both, and a key that a query may not attend to has no influence, even if it holds inf or NaN.

Raises:
    ValueError: the shapes do not fit.
    TypeError: mask is not bool, an array is complex, objects or text, or out is of another type.

Source: equation 1 of Vaswani et al., 2017; computed block by block as in Dao et al., 2022.)";

constexpr const char* kGetThreadsDoc = R"(How many threads a kernel may use.

At first the value of GENAI_NUM_THREADS, or else the number of cores this process may run on.)";

constexpr const char* kSetThreadsDoc = R"(Lets every kernel use up to n threads, the calling one included.

Raises:
    ValueError: n is less than 1.)";

constexpr const char* kFeaturesDoc =
    R"(The instruction sets that the kernels were compiled for, best first, and whether this processor has them.)";

constexpr const char* kInstructionSetDoc =
    R"(The instruction set in use: the best there is, or the one that GENAI_ISA named when this was imported.)";

}  // namespace genai
