"""Known mistakes in `transformer`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way
from genai_course import kernels


def _normalised(x: np.ndarray, eps: float) -> np.ndarray:
    """Vectors along the last axis with mean 0 and variance about 1."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + eps)


def _split(rows: np.ndarray, h: int) -> np.ndarray:
    """(tokens, d) as (heads, tokens, d/h)."""
    return rows.reshape(len(rows), h, -1).swapaxes(0, 1)


def _merge(heads: np.ndarray) -> np.ndarray:
    """(heads, tokens, d/h) as (tokens, d)."""
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


def _weights(scores: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """A stable softmax over the last axis of the allowed scores; zeros where nothing is allowed."""
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0.0, 1.0, total)


def _scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Scaled scores of a batch of heads."""
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])


def _attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Attention of a batch of heads."""
    return _weights(_scores(q, k), mask) @ v


def _causal(n: int) -> np.ndarray:
    """True where a token may look: at itself and at the tokens before it."""
    return np.tri(n, dtype=bool)


# layer_norm: mistakes in the variance


@mistake(
    "layer_norm",
    hint="Your variance divides by d - 1. Layer normalisation divides by d (the biased variance).",
    source="https://github.com/harvardnlp/annotated-transformer/pull/119",
)
def unbiased_variance(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).sum(axis=-1, keepdims=True) / max(x.shape[-1] - 1, 1)
    return gamma * centred / np.sqrt(variance + eps) + beta


@mistake(
    "layer_norm",
    hint="You add eps to the standard deviation, outside the root. It is added to the variance, inside.",
    source="https://github.com/hkproj/pytorch-transformer/pull/31",
)
def eps_outside_the_root(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / (np.sqrt(np.mean(centred**2, axis=-1, keepdims=True)) + eps) + beta


@mistake(
    "layer_norm",
    hint="You divide by the variance. Something is missing around it in the formula.",
    source="https://github.com/pbcquoc/transformer/issues/2",
)
def root_forgotten(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / (np.mean(centred**2, axis=-1, keepdims=True) + eps) + beta


@mistake(
    "layer_norm",
    hint="You square where a root should be taken: the variance is already made of squares.",
    source="https://github.com/131250208/TPlinker-joint-extraction/issues/37",
)
def squared_not_rooted(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / (np.mean(centred**2, axis=-1, keepdims=True) + eps) ** 2 + beta


@mistake(
    "layer_norm",
    hint="You do not use eps, so a vector of equal numbers becomes 0/0.",
)
def eps_forgotten(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return gamma * centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True)) + beta


@mistake(
    "layer_norm",
    hint="You always use the same eps, whatever is given.",
    source="https://github.com/keras-team/keras-hub/pull/133",
)
def given_eps_ignored(x, gamma, beta, eps=1e-5):
    return gamma * _normalised(x, 1e-5) + beta


@mistake(
    "layer_norm",
    hint="Your eps is 1e-6 when none is given. In this exercise it is 1e-5; weights are trained with one of "
    "the two, and want it back.",
    source="https://github.com/keras-team/keras-hub/issues/728",
)
def other_default_eps(x, gamma, beta, eps=1e-6):
    return gamma * _normalised(x, eps) + beta


@mistake(
    "layer_norm",
    hint="You compute the variance as mean of squares minus square of mean. For numbers far from zero these "
    "two are almost equal, and rounding eats the difference. Subtract the mean first, then square.",
)
def difference_of_squares(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    variance = np.maximum((x**2).mean(axis=-1, keepdims=True) - mean**2, 0.0)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


@mistake(
    "layer_norm",
    hint="You divide by the mean distance from the mean. The formula has the root of the mean squared "
    "distance.",
)
def mean_absolute_deviation(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / (np.abs(centred).mean(axis=-1, keepdims=True) + eps) + beta


# layer_norm: mistakes in the mean


@mistake(
    "layer_norm",
    hint="You do not subtract the mean. What you compute is RMSNorm, which newer models use; here the mean "
    "goes.",
)
def mean_not_subtracted(x, gamma, beta, eps=1e-5):
    return gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) + beta


@mistake(
    "layer_norm",
    hint="You subtract the mean above the line only. Below it, squares of x are not yet the variance.",
)
def variance_around_zero(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) + beta


# layer_norm: mistakes in the axes


@mistake(
    "layer_norm",
    hint="You normalise down the columns: each dimension over all tokens. Each token is normalised by "
    "itself.",
)
def down_the_columns(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=0)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=0) + eps) + beta


@mistake(
    "layer_norm",
    hint="You take one mean and one variance over everything. Each vector along the last axis has its own.",
    source="https://github.com/reczoo/FuxiCTR/issues/23",
)
def over_everything(x, gamma, beta, eps=1e-5):
    centred = x - x.mean()
    return gamma * centred / np.sqrt(np.mean(centred**2) + eps) + beta


@mistake(
    "layer_norm",
    hint="You normalise over axis 1. In a batch that axis counts tokens, and a single vector does not have "
    "it. Count from the end.",
)
def always_axis_one(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + eps) + beta


@mistake(
    "layer_norm",
    hint="Your means have lost their axis, and no longer stand beside the vectors they belong to. Keep it, "
    "with length 1.",
)
def axis_lost(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1)
    return gamma * centred / np.sqrt(x.var(axis=-1) + eps) + beta


# layer_norm: mistakes with gamma, beta and the arrays


@mistake(
    "layer_norm",
    hint="gamma plays no part in your result.",
)
def gamma_forgotten(x, gamma, beta, eps=1e-5):
    return _normalised(x, eps) + beta


@mistake(
    "layer_norm",
    hint="beta plays no part in your result.",
)
def beta_forgotten(x, gamma, beta, eps=1e-5):
    return gamma * _normalised(x, eps)


@mistake(
    "layer_norm",
    hint="You have exchanged gamma and beta: gamma multiplies, beta is added.",
)
def gamma_and_beta_exchanged(x, gamma, beta, eps=1e-5):
    return beta * _normalised(x, eps) + gamma


@mistake(
    "layer_norm",
    hint="You add beta before you multiply by gamma, so that gamma scales beta as well.",
)
def beta_before_gamma(x, gamma, beta, eps=1e-5):
    return gamma * (_normalised(x, eps) + beta)


@mistake(
    "layer_norm",
    hint="The result is right, but x itself has changed: `x -= ...` writes into the caller's array.",
)
def changes_x(x, gamma, beta, eps=1e-5):
    x -= x.mean(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps) + beta


# layer_norm: right in another way


@right_another_way("layer_norm")
def by_var(x, gamma, beta, eps=1e-5):
    mean, variance = np.mean(x, axis=-1, keepdims=True), np.var(x, axis=-1, keepdims=True)
    return (x - mean) * (variance + eps) ** -0.5 * gamma + beta


@right_another_way("layer_norm")
def vector_by_vector(x, gamma, beta, eps=1e-5):
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape[:-1]):
        vector = [float(value) for value in x[at]]
        mean = math.fsum(vector) / len(vector)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in vector) / len(vector) + eps)
        y[at] = [g * (value - mean) / deviation + b for g, value, b in zip(gamma, vector, beta, strict=True)]
    return y


@right_another_way("layer_norm")
def by_einsum_and_new_axis(x, gamma, beta, eps=1e-5):
    d = x.shape[-1]
    centred = x - (x.sum(axis=-1) / d)[..., np.newaxis]
    variance = np.einsum("...i,...i->...", centred, centred) / d
    return np.einsum("i,...i->...i", gamma, centred / np.sqrt(variance + eps)[..., None]) + beta


# multi_head_attention: mistakes in the heads


@mistake(
    "multi_head_attention",
    hint="You divide the scores by the root of d. A head is d/h wide, and that is its d_k.",
    source="https://github.com/lucidrains/vit-pytorch/issues/65",
)
def root_of_the_models_width(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(x.shape[1])
    return _merge(_weights(scores, mask) @ v) @ Wo


@mistake(
    "multi_head_attention",
    hint="You do not divide the scores by a root at all.",
)
def scores_not_scaled(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    return _merge(_weights(q @ k.swapaxes(-1, -2), mask) @ v) @ Wo


@mistake(
    "multi_head_attention",
    hint="You divide the scores by d/h itself. There is a root in the formula.",
)
def scaled_without_root(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    return _merge(_weights(q @ k.swapaxes(-1, -2) / q.shape[-1], mask) @ v) @ Wo


@mistake(
    "multi_head_attention",
    hint="You reshape (tokens, d) to (heads, tokens, d/h) in one go. The shape is right, but tokens and "
    "heads are mixed up: split the columns first, then exchange two axes.",
    source="https://github.com/reczoo/FuxiCTR/issues/30",
)
def split_by_reshape_alone(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    def heads(rows):
        return rows.reshape(h, len(rows), -1)

    return _merge(_attention(heads(x @ Wq), heads(mem @ Wk), heads(mem @ Wv), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="You put the heads together by reshaping alone, so that numbers of different tokens land in one "
    "row. Exchange the axes of heads and tokens first.",
    source="https://github.com/jsbaan/transformer-from-scratch/pull/6",
)
def merged_by_reshape_alone(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    out = _attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), mask)
    return out.reshape(len(x), -1) @ Wo


@mistake(
    "multi_head_attention",
    hint="Your head j takes the columns j, j + h, j + 2h ... A head's columns lie side by side, from j d/h "
    "on.",
)
def every_hth_column(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    def heads(rows):
        return np.moveaxis(rows.reshape(len(rows), -1, h), -1, 0)

    out = _attention(heads(x @ Wq), heads(mem @ Wk), heads(mem @ Wv), mask)
    return np.moveaxis(out, 0, -1).reshape(len(x), -1) @ Wo


@mistake(
    "multi_head_attention",
    hint="You cut x and mem into heads before the projections, and use only blocks of the matrices. Every "
    "head sees all d dimensions of a token: project first, then cut the columns.",
)
def cut_before_projecting(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    width = x.shape[1] // h
    outs = []
    for j in range(h):
        c = slice(j * width, (j + 1) * width)
        outs.append(_attention(x[:, c] @ Wq[c, c], mem[:, c] @ Wk[c, c], mem[:, c] @ Wv[c, c], mask))
    return np.hstack(outs) @ Wo


@mistake(
    "multi_head_attention",
    hint="You run a single attention on all columns, as if h were 1. Each head has its own softmax.",
)
def a_single_head(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _attention(x @ Wq, mem @ Wk, mem @ Wv, mask) @ Wo


@mistake(
    "multi_head_attention",
    hint="Your softmax runs over all heads together, so the weights of a head do not add up to 1. Each head "
    "has its own softmax.",
    source="https://github.com/facebookresearch/detr/issues/247",
)
def one_softmax_for_all_heads(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    n, m = len(x), len(mem)
    scores = _scores(q, k)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    together = _weights(scores.swapaxes(0, 1).reshape(n, h * m), None)
    return _merge(together.reshape(n, h, m).swapaxes(0, 1) @ v) @ Wo


@mistake(
    "multi_head_attention",
    hint="Your softmax runs over the tokens that look. For each of them, the weights of the tokens that it "
    "looks at should add up to 1.",
)
def softmax_over_the_lookers(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    turned = None if mask is None else mask.T
    weights = _weights(_scores(q, k).swapaxes(-1, -2), turned).swapaxes(-1, -2)
    return _merge(weights @ v) @ Wo


# multi_head_attention: mistakes in the projections


@mistake(
    "multi_head_attention",
    hint="The heads' outputs are put side by side, but Wo is not used.",
    source="https://github.com/Kyubyong/transformer/issues/117",
)
def output_not_projected(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), mask))


@mistake(
    "multi_head_attention",
    hint="You multiply by the matrices' transposes, as some frameworks store them. Here it is x @ Wq.",
)
def matrices_transposed(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    q, k, v = _split(x @ Wq.T, h), _split(mem @ Wk.T, h), _split(mem @ Wv.T, h)
    return _merge(_attention(q, k, v, mask)) @ Wo.T


@mistake(
    "multi_head_attention",
    hint="Wk and Wv have changed places: Wk makes the keys, Wv the values.",
)
def keys_and_values_exchanged(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wv, h), _split(mem @ Wk, h), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="The values are mem itself. They have a projection of their own, Wv.",
)
def values_not_projected(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem, h), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="You add x to the result. The residual connection is the layer's job, not the attention's.",
)
def residual_inside(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return x + _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), mask)) @ Wo


# multi_head_attention: mistakes in who looks at whom


@mistake(
    "multi_head_attention",
    hint="You always look at x itself: mem plays no part. Keys and values come from mem.",
    source="https://github.com/keitakurita/Practical_NLP_in_PyTorch/issues/1",
)
def never_looks_at_mem(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(x @ Wk, h), _split(x @ Wv, h), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="Your keys come from mem, but your values from x. Both come from mem.",
)
def values_from_x(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(x @ Wv, h), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="The roles are exchanged: your queries come from mem, keys and values from x. It is x that looks.",
    source="https://github.com/humza909/LLM_Survey/issues/2",
)
def mem_looks_at_x(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(mem @ Wq, h), _split(x @ Wk, h), _split(x @ Wv, h), mask)) @ Wo


# multi_head_attention: mistakes with the mask and the arrays


@mistake(
    "multi_head_attention",
    hint="The mask plays no part in your result.",
)
def mask_ignored(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), None)) @ Wo


@mistake(
    "multi_head_attention",
    hint="You hide what the mask allows, and allow what it hides. True means may attend.",
    source="https://github.com/InseeFrLab/torchTextClassifiers/pull/92",
)
def mask_upside_down(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    hidden = None if mask is None else ~mask
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), hidden)) @ Wo


@mistake(
    "multi_head_attention",
    hint="You apply the mask after the softmax, so the remaining weights do not add up to 1. Hide the "
    "scores.",
    source="https://github.com/huggingface/pytorch-image-models/pull/2236",
)
def mask_after_the_softmax(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    weights = _weights(_scores(_split(x @ Wq, h), _split(mem @ Wk, h)), None)
    if mask is not None:
        weights = weights * mask
    return _merge(weights @ _split(mem @ Wv, h)) @ Wo


@mistake(
    "multi_head_attention",
    hint="Only your first head uses the mask. All of them should.",
)
def mask_for_the_first_head(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    if mask is not None:
        mask = np.concatenate([mask[None], np.ones((h - 1, *mask.shape), dtype=bool)])
    return _merge(_attention(_split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h), mask)) @ Wo


@mistake(
    "multi_head_attention",
    hint="A token that may attend to nothing gets nan: minus infinity minus minus infinity, or 0/0. It "
    "should get zeros.",
)
def nan_where_nothing_is_allowed(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    scores = _scores(_split(x @ Wq, h), _split(mem @ Wk, h))
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = e / e.sum(axis=-1, keepdims=True)
    return _merge(weights @ _split(mem @ Wv, h)) @ Wo


@mistake(
    "multi_head_attention",
    hint="A token that may attend to nothing gets the mean of all values: if every score is the same large "
    "negative number, the softmax shares evenly. It should get zeros.",
)
def mean_where_nothing_is_allowed(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    scores = _scores(_split(x @ Wq, h), _split(mem @ Wk, h))
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    return _merge(_weights(scores, None) @ _split(mem @ Wv, h)) @ Wo


@mistake(
    "multi_head_attention",
    hint="Large scores give inf or nan: their exponential is too large for a number. Subtract the largest "
    "score of each row first.",
)
def softmax_overflows(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    scores = _scores(_split(x @ Wq, h), _split(mem @ Wk, h))
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores) if mask is None else np.where(mask, np.exp(scores), 0.0)
        total = e.sum(axis=-1, keepdims=True)
        weights = e / np.where(total == 0.0, 1.0, total)
    return _merge(weights @ _split(mem @ Wv, h)) @ Wo


@mistake(
    "multi_head_attention",
    hint="The result is right, but Wq has changed: `Wq /= ...` writes into the caller's matrix.",
)
def changes_wq(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    Wq /= np.sqrt(Wq.shape[1] // h)
    q, k, v = _split(x @ Wq, h), _split(mem @ Wk, h), _split(mem @ Wv, h)
    return _merge(_weights(q @ k.swapaxes(-1, -2), mask) @ v) @ Wo


# multi_head_attention: right in another way


@right_another_way("multi_head_attention")
def head_by_head(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    width = x.shape[1] // h
    outs = []
    for j in range(h):
        columns = slice(j * width, (j + 1) * width)
        q, k, v = x @ Wq[:, columns], mem @ Wk[:, columns], mem @ Wv[:, columns]
        outs.append(kernels.attention(q, k, v, mask=mask))
    return np.concatenate(outs, axis=1) @ Wo


@right_another_way("multi_head_attention")
def sum_over_heads(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    # The heads side by side times Wo is the sum of each head times its rows of Wo.
    q, k, v = (np.split(rows, h, axis=1) for rows in (x @ Wq, mem @ Wk, mem @ Wv))
    return sum(_attention(q[j], k[j], v[j], mask) @ rows for j, rows in enumerate(np.split(Wo, h)))


@right_another_way("multi_head_attention")
def in_one_einsum_each(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    d = x.shape[1]
    width = d // h
    q = np.einsum("nd,dhc->hnc", x, Wq.reshape(d, h, width)) / math.sqrt(width)
    k = np.einsum("md,dhc->hmc", mem, Wk.reshape(d, h, width))
    v = np.einsum("md,dhc->hmc", mem, Wv.reshape(d, h, width))
    weights = _weights(np.einsum("hnc,hmc->hnm", q, k), mask)
    return np.einsum("hnm,hmc,hco->no", weights, v, Wo.reshape(h, width, d))


@right_another_way("multi_head_attention")
def token_by_token(x, mem, Wq, Wk, Wv, Wo, h, mask=None):
    (n, d), m = x.shape, len(mem)
    width = d // h
    Q, K, V = x @ Wq, mem @ Wk, mem @ Wv
    side_by_side = np.zeros((n, d))
    for i in range(n):
        for j in range(h):
            c = range(j * width, (j + 1) * width)
            seen = [t for t in range(m) if mask is None or mask[i, t]]
            scores = [sum(float(Q[i, a] * K[t, a]) for a in c) / width**0.5 for t in seen]
            shares = [math.exp(score - max(scores)) for score in scores]
            for t, share in zip(seen, shares, strict=True):
                side_by_side[i, c] += share / sum(shares) * V[t, c]
    return side_by_side @ Wo


# encoder_layer: mistakes in the norms


@mistake(
    "encoder_layer",
    hint="You normalise before each sublayer (pre-norm). Here the sum is normalised: LayerNorm(x + "
    "Sublayer(x)).",
    source="https://github.com/harvardnlp/annotated-transformer/issues/110",
)
def pre_norm(x, attn, ffn, norm1, norm2):
    a = x + attn(norm1(x))
    return a + ffn(norm2(a))


@mistake(
    "encoder_layer",
    hint="You normalise what comes out of a sublayer, and add x afterwards. The sum is what is normalised.",
    source="https://github.com/keras-team/keras-io/issues/1256",
)
def normalised_before_adding(x, attn, ffn, norm1, norm2):
    a = x + norm1(attn(x))
    return a + norm2(ffn(a))


@mistake(
    "encoder_layer",
    hint="You use norm1 for both sums. Each sublayer has a norm of its own.",
    source="https://github.com/allenai/OLMo/issues/222",
)
def first_norm_twice(x, attn, ffn, norm1, norm2):
    a = norm1(x + attn(x))
    return norm1(a + ffn(a))


@mistake(
    "encoder_layer",
    hint="The two norms have changed places.",
)
def norms_exchanged(x, attn, ffn, norm1, norm2):
    a = norm2(x + attn(x))
    return norm1(a + ffn(a))


@mistake(
    "encoder_layer",
    hint="The first sum is not normalised.",
)
def first_norm_forgotten(x, attn, ffn, norm1, norm2):
    a = x + attn(x)
    return norm2(a + ffn(a))


@mistake(
    "encoder_layer",
    hint="The second sum is not normalised.",
)
def second_norm_forgotten(x, attn, ffn, norm1, norm2):
    a = norm1(x + attn(x))
    return a + ffn(a)


# encoder_layer: mistakes in the residual connections


@mistake(
    "encoder_layer",
    hint="Both residual connections are missing: a sublayer replaces its input instead of adding to it.",
)
def no_residuals(x, attn, ffn, norm1, norm2):
    return norm2(ffn(norm1(attn(x))))


@mistake(
    "encoder_layer",
    hint="The first residual connection is missing: x is not added to what attn returns.",
)
def first_residual_forgotten(x, attn, ffn, norm1, norm2):
    a = norm1(attn(x))
    return norm2(a + ffn(a))


@mistake(
    "encoder_layer",
    hint="The second residual connection is missing: nothing is added to what ffn returns.",
)
def second_residual_forgotten(x, attn, ffn, norm1, norm2):
    return norm2(ffn(norm1(x + attn(x))))


@mistake(
    "encoder_layer",
    hint="The second residual connection starts at the layer's input. It adds what went into the second "
    "sublayer.",
    source="https://github.com/strutive07/transformer-tensorflow2.0/issues/14",
)
def second_residual_from_the_input(x, attn, ffn, norm1, norm2):
    return norm2(x + ffn(norm1(x + attn(x))))


@mistake(
    "encoder_layer",
    hint="The second residual connection starts before the first norm. It adds what went into the second "
    "sublayer, which was normalised.",
)
def second_residual_before_the_norm(x, attn, ffn, norm1, norm2):
    total = x + attn(x)
    return norm2(total + ffn(norm1(total)))


@mistake(
    "encoder_layer",
    hint="You overwrite x by attn(x) and then add it to itself. The residual connection adds what x was "
    "before.",
    source="https://github.com/kyegomez/BitNet/issues/32",
)
def added_to_itself(x, attn, ffn, norm1, norm2):
    x = attn(x)
    x = norm1(x + x)
    return norm2(x + ffn(x))


@mistake(
    "encoder_layer",
    hint="The result is right, but x itself has changed: `x += ...` writes into the caller's array.",
)
def adds_in_place(x, attn, ffn, norm1, norm2):
    x += attn(x)
    a = norm1(x)
    return norm2(a + ffn(a))


# encoder_layer: mistakes in the order


@mistake(
    "encoder_layer",
    hint="The feed-forward network comes first in your layer. First the tokens look around, then each "
    "thinks.",
)
def feed_forward_first(x, attn, ffn, norm1, norm2):
    a = norm1(x + ffn(x))
    return norm2(a + attn(a))


@mistake(
    "encoder_layer",
    hint="Your feed-forward network gets the layer's input. It works on what came out of the first sublayer.",
)
def feed_forward_on_the_input(x, attn, ffn, norm1, norm2):
    return norm2(norm1(x + attn(x)) + ffn(x))


@mistake(
    "encoder_layer",
    hint="Your feed-forward network gets attn(x) alone. It works on the normalised sum.",
)
def feed_forward_on_attention_alone(x, attn, ffn, norm1, norm2):
    mixed = attn(x)
    return norm2(norm1(x + mixed) + ffn(mixed))


@mistake(
    "encoder_layer",
    hint="Your layer ends after the attention. The second sublayer is missing.",
)
def attention_only(x, attn, ffn, norm1, norm2):
    return norm1(x + attn(x))


# encoder_layer: right in another way


@right_another_way("encoder_layer")
def same_wrapping_in_a_loop(x, attn, ffn, norm1, norm2):
    for sublayer, norm in [(attn, norm1), (ffn, norm2)]:
        x = norm(x + sublayer(x))
    return x


@right_another_way("encoder_layer")
def step_by_step_on_copies(x, attn, ffn, norm1, norm2):
    out = x.copy()
    out += attn(x)
    out = norm1(out)
    residual = np.array(out)
    return norm2(np.add(ffn(out), residual))


@right_another_way("encoder_layer")
def wrapped_sublayers(x, attn, ffn, norm1, norm2):
    def wrap(sublayer, norm):
        return lambda tokens: norm(sublayer(tokens) + tokens)

    first, second = wrap(attn, norm1), wrap(ffn, norm2)
    return second(first(x))


# decoder_layer: mistakes in the masks


@mistake(
    "decoder_layer",
    hint="Your self-attention gets no mask, so every token sees the tokens that it is to predict.",
    source="https://github.com/alex-matton/causal-transformer-decoder/issues/1",
)
def no_causal_mask(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, None))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask is True for the future. In this course True means may attend: where j <= i.",
)
def mask_of_the_future(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, ~_causal(len(y))))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask hides the past and shows the future: it is the upper triangle.",
)
def upper_triangle(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y)).T))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask leaves out the diagonal: a token cannot see itself, and the first one sees nothing.",
)
def mask_without_diagonal(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, np.tri(len(y), k=-1, dtype=bool)))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask holds 0 and 1. It should hold booleans: an attention that turns it round (`~mask`) or "
    "chooses by it needs those.",
)
def mask_of_numbers(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, np.tri(len(y), dtype=int)))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask holds floats: 0 and minus infinity to be added to scores, or 0.0 and 1.0. It should hold "
    "booleans, True where a token may look.",
)
def mask_of_floats(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, np.where(_causal(len(y)), 0.0, -np.inf)))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your mask has the size of the memory. Self-attention looks from the n tokens of y at the same n "
    "tokens.",
)
def mask_as_long_as_the_memory(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(memory))))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your cross-attention is masked, too. The encoder has read the whole input, and every token may "
    "look at all of it: the mask is None there.",
    source="https://github.com/NVIDIA/TransformerEngine/issues/629",
)
def cross_attention_masked(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(a, memory, np.tri(len(y), len(memory), dtype=bool)))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="The masks have changed places: self-attention is the one that gets the causal mask.",
)
def masks_exchanged(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, None))
    b = norms[1](a + cross_attn(a, memory, np.tri(len(y), len(memory), dtype=bool)))
    return norms[2](b + ffn(b))


# decoder_layer: mistakes in who looks at whom


@mistake(
    "decoder_layer",
    hint="The memory is never looked at: your cross-attention looks at the decoder's own tokens.",
    source="https://github.com/keitakurita/Practical_NLP_in_PyTorch/issues/1",
)
def memory_never_used(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(a, a, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="In your cross-attention the memory looks at the decoder's tokens. It is the other way round: the "
    "queries come from the decoder.",
    source="https://github.com/humza909/LLM_Survey/issues/2",
)
def memory_looks_at_the_decoder(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(memory, a, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your cross-attention is asked by y, the layer's input. It comes second: its queries are what came "
    "out of the first sublayer.",
)
def cross_attention_of_the_input(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(y, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Cross-attention comes first in your layer. The tokens look at each other first, then at the "
    "memory.",
)
def cross_attention_first(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + cross_attn(y, memory, None))
    b = norms[1](a + self_attn(a, a, _causal(len(y))))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="The two attentions have changed places: self_attn is for y and y, cross_attn for the memory.",
)
def attentions_exchanged(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + cross_attn(y, y, _causal(len(y))))
    b = norms[1](a + self_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your layer has no cross-attention: memory plays no part. That is how a decoder without an encoder "
    "(GPT) is built; here there is one.",
)
def no_cross_attention(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    return norms[2](a + ffn(a))


# decoder_layer: mistakes in the residual connections


@mistake(
    "decoder_layer",
    hint="The residual connection around self-attention is missing.",
)
def first_residual_missing(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="The residual connection around cross-attention is missing.",
    source="https://github.com/OpenNMT/OpenNMT-py/issues/1689",
)
def second_residual_missing(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="The residual connection around the feed-forward network is missing.",
)
def third_residual_missing(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    return norms[2](ffn(norms[1](a + cross_attn(a, memory, None))))


@mistake(
    "decoder_layer",
    hint="All your residual connections start at y, the layer's input. Each adds what went into its own "
    "sublayer.",
)
def all_residuals_from_the_input(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](y + cross_attn(a, memory, None))
    return norms[2](y + ffn(b))


@mistake(
    "decoder_layer",
    hint="The last residual connection adds what went into cross-attention. It should add what went into the "
    "feed-forward network.",
)
def last_residual_too_early(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](a + ffn(b))


@mistake(
    "decoder_layer",
    hint="The result is right, but y itself has changed: `y += ...` writes into the caller's array.",
)
def adds_to_y_in_place(y, memory, self_attn, cross_attn, ffn, norms):
    y += self_attn(y, y, _causal(len(y)))
    a = norms[0](y)
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[2](b + ffn(b))


# decoder_layer: mistakes in the norms


@mistake(
    "decoder_layer",
    hint="You normalise before each sublayer (pre-norm). Here the sum is normalised, after it.",
    source="https://github.com/harvardnlp/annotated-transformer/issues/13",
)
def normalises_first(y, memory, self_attn, cross_attn, ffn, norms):
    z = norms[0](y)
    a = y + self_attn(z, z, _causal(len(y)))
    b = a + cross_attn(norms[1](a), memory, None)
    return b + ffn(norms[2](b))


@mistake(
    "decoder_layer",
    hint="You use the first norm for all three sums. Each sublayer has its own.",
)
def one_norm_for_all(y, memory, self_attn, cross_attn, ffn, norms):
    norm = norms[0]
    a = norm(y + self_attn(y, y, _causal(len(y))))
    b = norm(a + cross_attn(a, memory, None))
    return norm(b + ffn(b))


@mistake(
    "decoder_layer",
    hint="The sum after cross-attention is not normalised.",
    source="https://github.com/OpenNMT/OpenNMT-py/issues/1689",
)
def middle_norm_forgotten(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    b = a + cross_attn(a, memory, None)
    return norms[2](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your norms come in the opposite order: norms[0] belongs to self-attention, norms[2] to the "
    "feed-forward network.",
)
def norms_backwards(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[2](y + self_attn(y, y, _causal(len(y))))
    b = norms[1](a + cross_attn(a, memory, None))
    return norms[0](b + ffn(b))


@mistake(
    "decoder_layer",
    hint="Your layer ends after cross-attention. The feed-forward network is missing.",
)
def no_feed_forward(y, memory, self_attn, cross_attn, ffn, norms):
    a = norms[0](y + self_attn(y, y, _causal(len(y))))
    return norms[1](a + cross_attn(a, memory, None))


# decoder_layer: right in another way


@right_another_way("decoder_layer")
def three_sublayers_in_a_loop(y, memory, self_attn, cross_attn, ffn, norms):
    causal = np.tril(np.ones((len(y), len(y)), dtype=bool))
    sublayers = [lambda a: self_attn(a, a, causal), lambda a: cross_attn(a, memory, None), ffn]
    for sublayer, norm in zip(sublayers, norms, strict=True):
        y = norm(y + sublayer(y))
    return y


@right_another_way("decoder_layer")
def unpacked_and_named(y, memory, self_attn, cross_attn, ffn, norms):
    norm1, norm2, norm3 = norms
    position = np.arange(y.shape[0])
    seen = self_attn(y, y, mask=position[:, None] >= position)
    h1 = norm1(np.add(seen, y))
    read = cross_attn(h1, memory, mask=None)
    h2 = norm2(np.add(read, h1))
    return norm3(np.add(ffn(h2), h2))


@right_another_way("decoder_layer")
def copies_all_the_way(y, memory, self_attn, cross_attn, ffn, norms):
    state = y.copy()
    state += self_attn(y.copy(), y.copy(), ~np.triu(np.ones((len(y), len(y)), dtype=bool), k=1))
    state = norms[0](state)
    state = norms[1](state + cross_attn(state, memory.copy(), None))
    return norms[2](state + ffn(state))


# greedy_decode: mistakes in when to stop


@mistake(
    "greedy_decode",
    hint="Your text goes on after the end token.",
    source="https://github.com/NVIDIA/TensorRT-LLM/issues/250",
)
def never_stops_at_the_end(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(int(np.argmax(next_probs(ids))))
    return ids


@mistake(
    "greedy_decode",
    hint="Your text stops before the end token. It belongs to the text, as its last id.",
    source="https://github.com/microsoft/onnxruntime-genai/pull/1864",
)
def end_token_left_out(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        token = int(np.argmax(next_probs(ids)))
        if token == eos:
            break
        ids.append(token)
    return ids


@mistake(
    "greedy_decode",
    hint="Your loop stops for an end token anywhere in the text, so one in the prompt ends it too early. "
    "Only a token that the model has chosen ends the text.",
)
def stops_for_the_prompts_end_token(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        if eos in ids:
            break
        ids.append(int(np.argmax(next_probs(ids))))
    return ids


@mistake(
    "greedy_decode",
    hint="Your loop looks at the last id before it has asked at all, so a prompt that ends with the end "
    "token is not continued.",
)
def looks_at_the_prompts_last_id(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    while len(ids) < len(prompt) + max_new and (not ids or ids[-1] != eos):
        ids.append(int(np.argmax(next_probs(ids))))
    return ids


@mistake(
    "greedy_decode",
    hint="Your text gets one new token too few.",
    source="https://github.com/simpx/buildyourownllm/issues/1",
)
def one_token_too_few(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new - 1):
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="Your text gets one new token too many.",
)
def one_token_too_many(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new + 1):
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You count the prompt as well: max_new is the largest number of new tokens, not the length of the "
    "text.",
    source="https://github.com/bigcode-project/bigcode-evaluation-harness/pull/257",
)
def prompt_counted_too(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    while len(ids) < max_new:
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You write one token even if max_new is 0: your loop asks whether it is enough after the first one.",
)
def at_least_one_token(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    while True:
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos or len(ids) >= len(prompt) + max_new:
            return ids


@mistake(
    "greedy_decode",
    hint="You ask the model once more after the last token, and throw the answer away. Ask only when a token "
    "is still wanted.",
)
def asks_once_too_often(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    p = next_probs(ids)
    for _ in range(max_new):
        ids.append(int(np.argmax(p)))
        p = next_probs(ids)
        if ids[-1] == eos:
            break
    return ids


# greedy_decode: mistakes in what the model is asked


@mistake(
    "greedy_decode",
    hint="You ask the model about the last id only. It has to see the whole text.",
)
def last_id_only(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(int(np.argmax(next_probs(ids[-1:]))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You ask the model about the prompt each time, so it gives the same answer each time. The new "
    "tokens belong to the text.",
    source="https://github.com/xberg-io/xberg/issues/1210",
)
def always_asks_about_the_prompt(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(int(np.argmax(next_probs(prompt))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="After the first new token you ask the model about the new tokens only. The prompt belongs to the "
    "text.",
)
def forgets_the_prompt(next_probs, prompt, eos, max_new):
    new = []
    for _ in range(max_new):
        new.append(int(np.argmax(next_probs(new or list(prompt)))))
        if new[-1] == eos:
            break
    return list(prompt) + new


# greedy_decode: mistakes in the choice and the result


@mistake(
    "greedy_decode",
    hint="You choose the least probable token.",
)
def least_probable(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(int(np.argmin(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You append the largest probability. What is wanted is which token has it.",
)
def appends_the_probability(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(float(np.max(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="The result is right, but the caller's prompt has grown: `ids = prompt` gives one list two names.",
)
def prompt_grows(next_probs, prompt, eos, max_new):
    ids = prompt
    for _ in range(max_new):
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You return the new tokens only. The prompt is the beginning of the result.",
)
def new_tokens_only(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(int(np.argmax(next_probs(ids))))
        if ids[-1] == eos:
            break
    return ids[len(prompt) :]


@mistake(
    "greedy_decode",
    hint="Your new ids are NumPy integers. They should be Python's own: int(...) makes them.",
    source="https://github.com/CentML/flexible-inference-bench/pull/18",
)
def numpy_integers(next_probs, prompt, eos, max_new):
    ids = list(prompt)
    for _ in range(max_new):
        ids.append(np.argmax(next_probs(ids)))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "greedy_decode",
    hint="You return a NumPy array. A list is wanted.",
)
def array_not_list(next_probs, prompt, eos, max_new):
    ids = np.array(prompt, dtype=np.int64)
    for _ in range(max_new):
        ids = np.append(ids, np.argmax(next_probs(ids.tolist())))
        if ids[-1] == eos:
            break
    return ids


# greedy_decode: right in another way


@right_another_way("greedy_decode")
def while_something_is_wanted(next_probs, prompt, eos, max_new):
    ids, token = prompt[:], None
    while token != eos and len(ids) < len(prompt) + max_new:
        p = next_probs(ids)
        token = max(range(len(p)), key=lambda t: p[t])
        ids = [*ids, token]
    return ids


@right_another_way("greedy_decode")
def by_recursion(next_probs, prompt, eos, max_new):
    if max_new == 0:
        return list(prompt)
    token = next_probs(prompt).argmax().item()
    ids = prompt + [token]
    return ids if token == eos else _rest(next_probs, ids, eos, max_new - 1)


def _rest(next_probs, ids, eos, left):
    """The rest of a text, in the same way."""
    while left:
        ids = ids + [next_probs(ids).argmax().item()]
        left = 0 if ids[-1] == eos else left - 1
    return ids


@right_another_way("greedy_decode")
def by_sorting(next_probs, prompt, eos, max_new):
    new: list[int] = []
    while len(new) < max_new and eos not in new:
        order = np.argsort(-np.asarray(next_probs(prompt + new)), kind="stable")
        new.append(order.tolist()[0])
    return prompt + new
