"""Known mistakes in `attention`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way
from genai_course import kernels


def _transposed(K: np.ndarray) -> np.ndarray:
    """The keys with their last two axes exchanged."""
    return np.swapaxes(K, -1, -2)


def _scores(Q: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Scaled scores, as they should be."""
    return Q @ _transposed(K) / np.sqrt(Q.shape[-1])


def _normalise(scores: np.ndarray, mask: np.ndarray | None, axis: int | tuple[int, ...] = -1) -> np.ndarray:
    """A stable softmax of the allowed scores; where nothing is allowed, zeros."""
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=axis, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0.0, 1.0, total)


def _softmax(scores: np.ndarray) -> np.ndarray:
    """A stable softmax that knows nothing of masks: a row of minus infinities gives nan."""
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


# attention: mistakes in the scale


@mistake(
    "attention",
    hint="The scores are used as they are. What does equation 1 divide them by before the softmax?",
    source="https://github.com/PAIR-code/tiny-transformers/issues/71",
)
def missing_scale(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You divide the scores by d_k itself. Something is missing around d_k in equation 1.",
    source="https://github.com/delzac/cntkx/issues/10",
)
def scale_without_root(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) / Q.shape[-1], mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You multiply the scores by the root of d_k. Equation 1 divides: scores should get smaller, not "
    "larger.",
    source="https://github.com/esceptico/perceiver-io/issues/9",
)
def multiplied_by_root(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) * np.sqrt(Q.shape[-1]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You scale by the root of the number of keys, m. The d_k of equation 1 is the width of a query "
    "and of a key.",
)
def scale_by_number_of_keys(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) / np.sqrt(K.shape[-2]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You scale by the root of the number of queries, n. The d_k of equation 1 is the width of a query "
    "and of a key.",
)
def scale_by_number_of_queries(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) / np.sqrt(Q.shape[-2]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You scale by the root of d_v, the width of the values. The scores come from queries and keys: "
    "whose width matters?",
)
def scale_by_width_of_values(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) / np.sqrt(V.shape[-1]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You read d_k from axis 1. For a single text that is right; in a batch, axis 1 counts something "
    "else. Count axes from the end.",
)
def scale_from_axis_one(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K) / np.sqrt(Q.shape[1]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You divide the weights by the root of d_k, after the softmax, so they no longer add up to 1. "
    "What is scaled is the scores.",
)
def scale_after_softmax(Q, K, V, mask=None):
    weights = _normalise(Q @ _transposed(K), mask) / np.sqrt(Q.shape[-1])
    return weights @ V, weights


# attention: mistakes in the softmax


@mistake(
    "attention",
    hint="Your softmax runs over the queries: the columns of your weights add up to 1. For each query, the "
    "weights of its keys should, which are the rows.",
    source="https://github.com/labmlai/annotated_deep_learning_paper_implementations/issues/146",
)
def softmax_over_queries(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), mask, axis=-2)
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your softmax runs over axis 0. In a batch that mixes items which have nothing to do with each "
    "other, and in a single text it mixes the queries. Which axis counts the keys?",
    source="https://github.com/PetrochukM/PyTorch-NLP/issues/2",
)
def softmax_over_first_axis(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), mask, axis=0)
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your softmax runs over axis 1. For a single text those are the keys; with a batch or heads in "
    "front they are not. Count the axis from the end.",
    source="https://github.com/FudanNLP/fastNLP/issues/254",
)
def softmax_over_axis_one(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), mask, axis=1)
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your softmax divides by the sum of the whole array: all weights together add up to 1. Each query "
    "has a distribution of its own.",
    source="https://github.com/nntrainer/nntrainer/pull/430",
)
def softmax_over_everything(Q, K, V, mask=None):
    scores = _scores(Q, K)
    weights = _normalise(scores, mask, axis=tuple(range(scores.ndim)))
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your weights are exponentials that are not divided by their sum. Each row should add up to 1.",
)
def not_normalised(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp(scores)
        return weights @ V, weights


@mistake(
    "attention",
    hint="Your softmax takes the exponential of the raw scores, which overflows when they are large. "
    "Subtracting the same number from all scores of a row changes nothing in the result: which number "
    "keeps them small?",
    source="https://github.com/pytorch/executorch/pull/18407",
)
def unstable_softmax(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores)
        total = e.sum(axis=-1, keepdims=True)
        allowed = True if mask is None else mask.any(axis=-1, keepdims=True)
        weights = np.where(allowed, e / np.where(allowed, total, 1.0), 0.0)
        return weights @ V, weights


@mistake(
    "attention",
    hint="Two things give nan: the exponential of large scores overflows (subtract the same number from "
    "all scores of a row first), and a query that may attend to nothing is divided by a sum of 0.",
)
def unstable_softmax_and_empty_rows(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores)
        weights = e / e.sum(axis=-1, keepdims=True)
        return weights @ V, weights


@mistake(
    "attention",
    hint="You subtract the largest score of the whole array before the exponential. A row whose scores are "
    "all much lower than that becomes 0/0: each row needs its own largest score.",
)
def largest_score_of_whole_array(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max())
        allowed = True if mask is None else mask.any(axis=-1, keepdims=True)
        weights = np.where(allowed, e / np.where(allowed, e.sum(axis=-1, keepdims=True), 1.0), 0.0)
        return weights @ V, weights


@mistake(
    "attention",
    hint="The scores are computed in single precision, which is not enough when they are large. Keep "
    "everything in float64.",
)
def single_precision(Q, K, V, mask=None):
    weights = _normalise(_scores(Q.astype(np.float32), K.astype(np.float32)), mask)
    return weights @ V.astype(np.float32), weights


# attention: mistakes with the mask


@mistake(
    "attention",
    hint="You hide the keys that the mask allows. Here True means may attend.",
    source="https://github.com/lucidrains/x-transformers/issues/160",
)
def mask_inverted(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None if mask is None else ~mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="The mask makes no difference to your result. Where in the computation should it come in?",
)
def mask_ignored(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You set the hidden weights to zero after the softmax, and the rest of the row adds up to less "
    "than 1. Hide the keys before the softmax, so that they get no share in the first place.",
    source="https://github.com/huggingface/pytorch-image-models/pull/2236",
)
def mask_after_softmax(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None)
    if mask is not None:
        weights = weights * mask
    return weights @ V, weights


@mistake(
    "attention",
    hint="You hide keys after the softmax and divide by what is left. A hidden key with a very large score "
    "has taken everything by then: the allowed weights are 0, and stay 0. Hide the keys before the softmax.",
)
def renormalised_after_softmax(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None)
    if mask is not None:
        weights = weights * mask
        total = weights.sum(axis=-1, keepdims=True)
        weights = weights / np.where(total == 0.0, 1.0, total)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You hide keys after the softmax and divide by what is left, which may be nothing: 0/0 is nan. "
    "Hide the keys before the softmax, and look after queries that may attend to nothing.",
)
def renormalised_after_softmax_nan(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None)
    if mask is not None:
        weights = weights * mask
        with np.errstate(invalid="ignore"):
            weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@mistake(
    "attention",
    hint="A hidden key has the score 0 (or nearly 0) in your function, and the exponential of 0 is 1: it "
    "still gets a share. Which score has an exponential of 0?",
    source="https://github.com/Shujun-He/RibonanzaNet/issues/5",
)
def hidden_scores_are_zero(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -1e-9)
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You add the mask to the scores, so that True counts as 1 and False as 0. A hidden key needs a "
    "score without any chance.",
    source="https://github.com/huggingface/transformers/pull/41443",
)
def mask_added_as_a_number(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = scores + mask
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You multiply by minus infinity, and 0 times infinity is nan: the allowed keys are spoilt. Choose "
    "between two values instead of multiplying.",
    source="https://github.com/onnx/onnx/pull/8068",
)
def zero_times_infinity(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        with np.errstate(invalid="ignore"):
            scores = scores + (1.0 - mask) * -np.inf
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="A query that may attend to nothing gives nan: all its scores are minus infinity, and the softmax "
    "divides 0 by 0. Its weights and its output should be zeros.",
    source="https://github.com/pytorch/pytorch/issues/103963",
)
def empty_row_gives_nan(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="A query that may attend to nothing spreads its weight evenly over all keys, since all its scores "
    "are the same large negative number. Its weights and its output should be zeros.",
)
def empty_row_is_uniform(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="A query that may attend to nothing attends as if there were no mask: the same large negative "
    "number is added to all its scores, and the softmax does not notice. Its weights and its output should "
    "be zeros.",
)
def empty_row_attends_to_all(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = scores + np.where(mask, 0.0, -1e9)
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="The output of a query that may attend to nothing is computed before its weights are set to zero. "
    "It should be zeros too.",
)
def empty_row_cleaned_too_late(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    weights = _softmax(scores)
    output = weights @ V
    return output, weights if mask is None else weights * mask


@mistake(
    "attention",
    hint="The number that you use for hidden scores is not low enough: when the allowed scores are lower "
    "still, the hidden keys win. Is there a number that nothing is below?",
    source="https://github.com/TransformerLensOrg/TransformerLens/issues/318",
)
def hidden_scores_not_low_enough(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -1e4)
    weights = _softmax(scores)
    if mask is not None:
        weights = weights * mask.any(axis=-1, keepdims=True)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You use the mask with rows and columns exchanged. Row i of the mask belongs to query i, its "
    "columns to the keys.",
)
def mask_transposed(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None if mask is None else np.swapaxes(mask, -1, -2))
    return weights @ V, weights


@mistake(
    "attention",
    hint="You use the first query's row of the mask for all queries. Each query has a row of its own.",
)
def first_mask_row_for_all(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None if mask is None else mask[..., :1, :])
    return weights @ V, weights


@mistake(
    "attention",
    hint="`if mask:` asks an array whether it is true, which it cannot say. Compare with None instead.",
)
def mask_tested_for_truth(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask:
        scores = np.where(mask, scores, -np.inf)
    weights = _softmax(scores)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You hide the future even when no mask is given. Attention by itself looks everywhere; hiding is "
    "the mask's job.",
)
def causal_without_being_asked(Q, K, V, mask=None):
    scores = _scores(Q, K)
    past = np.tri(*scores.shape[-2:], dtype=bool)
    weights = _normalise(scores, past if mask is None else past & mask)
    return weights @ V, weights


# attention: mistakes with the arrays


@mistake(
    "attention",
    hint="K.T turns round all axes, which is right for a single text only. In a batch, just the last two "
    "axes of K change places.",
)
def transposes_the_batch_too(Q, K, V, mask=None):
    weights = _normalise(Q @ K.T / np.sqrt(Q.shape[-1]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You multiply Q by K as it is. To compare every query with every key, the keys have to become "
    "columns.",
)
def keys_not_transposed(Q, K, V, mask=None):
    weights = _normalise(Q @ K / np.sqrt(Q.shape[-1]), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You reshape the keys to the shape of their transpose. The shape fits, but the numbers are in the "
    "wrong places: reshaping does not transpose.",
)
def reshaped_not_transposed(Q, K, V, mask=None):
    *leading, m, d_k = K.shape
    weights = _normalise(Q @ K.reshape(*leading, d_k, m) / np.sqrt(d_k), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your scores are K times Q transposed: their rows belong to keys. Rows should belong to queries.",
)
def queries_and_keys_exchanged(Q, K, V, mask=None):
    weights = _normalise(_scores(K, Q), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="Your output is a mixture of keys. The weights tell how to mix the values.",
)
def mixes_keys(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), mask)
    return weights @ K, weights


@mistake(
    "attention",
    hint="You compare queries with queries. The scores compare each query with the keys.",
)
def keys_never_used(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, Q), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You return the output alone. The weights are wanted as well: a pair (output, weights).",
)
def returns_output_only(Q, K, V, mask=None):
    return _normalise(_scores(Q, K), mask) @ V


@mistake(
    "attention",
    hint="Your pair has the wrong order: the output comes first, then the weights.",
)
def returns_weights_first(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), mask)
    return weights, weights @ V


@mistake(
    "attention",
    hint="The second thing you return is the scores before the softmax. The weights are wanted.",
)
def returns_scores(Q, K, V, mask=None):
    scores = _scores(Q, K)
    return _normalise(scores, mask) @ V, scores


@mistake(
    "attention",
    hint="You scale Q itself, so the caller's queries have changed too. Write Q / ... instead of Q /= ...",
)
def changes_q_in_place(Q, K, V, mask=None):
    Q /= np.sqrt(Q.shape[-1])
    weights = _normalise(Q @ _transposed(K), mask)
    return weights @ V, weights


@mistake(
    "attention",
    hint="You turn the mask round in place, so the caller's mask has changed too. Make a new array.",
)
def changes_mask_in_place(Q, K, V, mask=None):
    scores = _scores(Q, K)
    if mask is None:
        weights = _normalise(scores, None)
    else:
        np.logical_not(mask, out=mask)
        weights = _normalise(scores, ~mask)
    return weights @ V, weights


# attention: right in another way


@right_another_way("attention")
def query_by_query(Q, K, V, mask=None):
    *leading, n, d_k = Q.shape
    m, d_v = V.shape[-2:]
    output, weights = np.zeros((*leading, n, d_v)), np.zeros((*leading, n, m))
    for at in np.ndindex(*leading):
        for i in range(n):
            allowed = [j for j in range(m) if mask is None or mask[(*at, i, j)]]
            if not allowed:
                continue
            scores = [float(np.dot(Q[(*at, i)], K[(*at, j)])) / math.sqrt(d_k) for j in allowed]
            e = [math.exp(s - max(scores)) for s in scores]
            for j, share in zip(allowed, e, strict=True):
                weights[(*at, i, j)] = share / sum(e)
                output[(*at, i)] += share / sum(e) * V[(*at, j)]
    return output, weights


@right_another_way("attention")
def scaled_query_and_einsum(Q, K, V, mask=None):
    scores = np.einsum("...id,...jd->...ij", Q * Q.shape[-1] ** -0.5, K)
    if mask is not None:
        scores[~mask] = -np.inf
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = np.nan_to_num(e / e.sum(axis=-1, keepdims=True), nan=0.0)
    return np.einsum("...ij,...jv->...iv", weights, V), weights


@right_another_way("attention")
def large_negative_number(Q, K, V, mask=None):
    scores = np.matmul(Q, np.moveaxis(K, -1, -2)) / math.sqrt(K.shape[-1])
    if mask is None:
        mask = np.ones(scores.shape, dtype=bool)
    scores = np.where(mask, scores, -1e9)
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = e / np.sum(e, axis=-1, keepdims=True) * mask
    return np.matmul(weights, V), weights


@right_another_way("attention")
def root_shared_by_q_and_k(Q, K, V, mask=None):
    root = Q.shape[-1] ** 0.25
    scores = (Q / root) @ (K / root).swapaxes(-2, -1)
    allowed = np.broadcast_to(True if mask is None else mask, scores.shape)
    top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-np.inf)
    e = np.zeros_like(scores)
    np.exp(scores - top, where=allowed, out=e)
    weights = e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-300)
    return weights @ V, weights


@right_another_way("attention")
def by_log_sum_exp(Q, K, V, mask=None):
    # A constant on all allowed scores changes nothing; the bias hides the rest.
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]) + 7.0
    bias = np.zeros(scores.shape) if mask is None else np.where(mask, 0.0, -np.inf)
    log_total = np.logaddexp.reduce(scores + bias, axis=-1, keepdims=True)
    weights = np.exp(scores + bias - np.where(np.isneginf(log_total), 0.0, log_total))
    return weights @ V, weights


@right_another_way("attention")
def compiled(Q, K, V, mask=None):
    return kernels.attention(Q, K, V, mask=mask, return_weights=True)


# causal_mask: mistakes


@mistake(
    "causal_mask",
    hint="Your mask shows each token the future and hides the past. True belongs where j <= i: row i "
    "looks, column j is looked at.",
    source="https://github.com/marin-community/levanter/pull/102",
)
def future_not_past(n):
    return np.triu(np.ones((n, n), dtype=bool))


@mistake(
    "causal_mask",
    hint="Your tokens may not attend to themselves, so the first one is left with nothing. The diagonal "
    "belongs in.",
    source="https://github.com/pbloem/former/issues/10",
)
def without_diagonal(n):
    return np.tril(np.ones((n, n), dtype=bool), k=-1)


@mistake(
    "causal_mask",
    hint="Your tokens see one token of the future, the very one that the model is to predict. The diagonal "
    "is the last that is allowed.",
)
def sees_the_next_token(n):
    return np.tril(np.ones((n, n), dtype=bool), k=1)


@mistake(
    "causal_mask",
    hint="Your mask is True for what is hidden. In this course True means may attend.",
)
def true_means_hidden(n):
    return np.triu(np.ones((n, n), dtype=bool), k=1)


@mistake(
    "causal_mask",
    hint="Your mask allows everything, so the model sees the tokens that it is to predict.",
)
def nothing_hidden(n):
    return np.ones((n, n), dtype=bool)


@mistake(
    "causal_mask",
    hint="Your tokens see themselves only. Everything before them is allowed too.",
)
def diagonal_only(n):
    return np.eye(n, dtype=bool)


@mistake(
    "causal_mask",
    hint="Your mask is meant to be added to scores: it holds 0 and minus infinity. Here the mask holds "
    "booleans, True for may attend.",
)
def additive_mask(n):
    return np.where(np.tri(n, dtype=bool), 0.0, -np.inf)


@mistake(
    "causal_mask",
    hint="Your mask holds the numbers 0 and 1. It should hold booleans: ~mask and choosing by mask work "
    "with those only.",
)
def numbers_not_booleans(n):
    return np.tril(np.ones((n, n)))


@mistake(
    "causal_mask",
    hint="Your mask has an extra leading axis. One text needs the shape (n, n).",
)
def extra_leading_axis(n):
    return np.tril(np.ones((1, n, n), dtype=bool))


@mistake(
    "causal_mask",
    hint="Your mask leans the wrong way, from the lower left to the upper right. Row i should start with i "
    "+ 1 True.",
)
def mirrored(n):
    return np.fliplr(np.tri(n, dtype=bool))


@mistake(
    "causal_mask",
    hint="Your mask is a list of lists. A NumPy array is wanted.",
)
def list_of_lists(n):
    return [[j <= i for j in range(n)] for i in range(n)]


# causal_mask: right in another way


@right_another_way("causal_mask")
def lower_triangle(n):
    return np.tril(np.ones((n, n))).astype(bool)


@right_another_way("causal_mask")
def not_the_upper_triangle(n):
    return ~np.triu(np.full((n, n), True), k=1)


@right_another_way("causal_mask")
def row_by_row(n):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, : i + 1] = True
    return mask


@right_another_way("causal_mask")
def running_or(n):
    return np.logical_or.accumulate(np.eye(n, dtype=bool), axis=0)


@right_another_way("causal_mask")
def nested_comprehension(n):
    return np.array([[j <= i for j in range(n)] for i in range(n)])
