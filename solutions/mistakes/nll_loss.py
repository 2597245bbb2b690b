"""Known wrong solutions of the topic `nll_loss`, and right ones in other styles.

Some of them overflow on purpose; `np.errstate` keeps NumPy from warning about it.
"""

import math

import numpy as np

from autograder.author import mistake, right_another_way

# --- softmax ---


@mistake(
    "softmax",
    hint="Large logits overflow: e to the power of 710 is infinite, and infinite over infinite is NaN. "
    "Softmax does not change when the same number is taken away from all logits.",
    source="https://github.com/intel/xFasterTransformer/pull/326",
)
def exponential_overflows(logits, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="You take the largest logit of the whole array away from every row, so a row of much smaller "
    "logits becomes 0 / 0. Each row needs its own maximum.",
)
def one_maximum_for_all(logits, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(logits - logits.max())
        return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="The argument axis is not used: you always work along the last axis.",
    source="https://github.com/paiml/aprender/pull/2152",
)
def axis_ignored(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@mistake(
    "softmax",
    hint="You always work along the first axis. Without an argument it is the last one: each row is a "
    "distribution.",
    source="https://github.com/perone/euclidesdb/issues/2",
)
def first_axis_always(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@mistake(
    "softmax",
    hint="The sum drops an axis, and then it no longer lines up with the logits: an error, or rows divided "
    "by the sums of other rows. Keep the axis.",
    source="https://github.com/DeNA/HandyRL/pull/209",
)
def dimension_dropped(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


@mistake(
    "softmax",
    hint="You divide by the sum of the whole array. Each row must sum to 1 by itself.",
    source="https://github.com/uTensor/uTensor/pull/171",
)
def one_sum_for_all(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum()


@mistake(
    "softmax",
    hint="You take away the maximum only if it is positive. When all logits are very negative, every "
    "exponential is 0.",
    source="https://github.com/FluxML/NNlib.jl/pull/43",
)
def maximum_at_least_zero(logits, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(logits - np.maximum(0.0, logits.max(axis=axis, keepdims=True)))
        return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="You take away the mean. With a wide gap the largest logit is still far above it, and overflows.",
)
def mean_taken_away(logits, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(logits - logits.mean(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="You cut large logits off so that they do not overflow. Then different logits become equal, and so "
    "do their probabilities.",
)
def logits_clipped(logits, axis=-1):
    e = np.exp(np.clip(logits, -500.0, 500.0))
    return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="You return logarithms of probabilities. All of them are negative; softmax gives the numbers "
    "itself.",
)
def logarithms_returned(logits, axis=-1):
    z = logits - logits.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


@mistake("softmax", hint="The exponentials are not divided by their sum, so they do not sum to 1.")
def not_normalised(logits, axis=-1):
    return np.exp(logits - logits.max(axis=axis, keepdims=True))


@mistake("softmax", hint="You use powers of 2. Softmax uses powers of e.")
def powers_of_two(logits, axis=-1):
    e = np.exp2(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="The probabilities are right, but you change the array of logits that you were given. Beware of -= "
    "and /=.",
)
def logits_overwritten(logits, axis=-1):
    logits -= logits.max(axis=axis, keepdims=True)
    e = np.exp(logits)
    return e / e.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    hint="You divide the logits by their largest one. Only taking away leaves softmax as it is; dividing "
    "changes it.",
)
def divided_by_maximum(logits, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(logits / logits.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


@right_another_way("softmax")
def one_over_sum_of_differences(logits, axis=-1):
    z = np.moveaxis(np.asarray(logits, dtype=float), axis, -1)
    with np.errstate(over="ignore"):
        p = 1.0 / np.exp(z[..., None, :] - z[..., :, None]).sum(axis=-1)
    return np.moveaxis(p, -1, axis)


@right_another_way("softmax")
def exponential_of_log_softmax(logits, axis=-1):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=axis, keepdims=True))


@right_another_way("softmax")
def slice_by_slice(logits, axis=-1):
    def one(z):
        top = max(z)
        e = [math.exp(value - top) for value in z]
        return np.array([value / math.fsum(e) for value in e])

    return np.apply_along_axis(one, axis, logits)


# --- nll_loss ---


def _log_softmax(logits, axis=-1):
    z = logits - logits.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def _probabilities(logits):
    return np.exp(_log_softmax(logits))


def _picked(rows, ids):
    return rows[np.arange(len(ids)), ids]


@mistake(
    "nll_loss",
    hint="You take the mean over positions, as most frameworks do. The lecture's L is the sum.",
    source="https://github.com/Open-Deep-ML/DML-OpenProblem/pull/358",
)
def mean_over_positions(logits, ids):
    if len(ids) == 0:
        return 0.0
    return float(-_picked(_log_softmax(logits), ids).mean())


@mistake(
    "nll_loss",
    hint="An empty sequence gives NaN or an error. An empty sum is 0.",
)
def nothing_for_empty(logits, ids):
    if len(ids) == 0:
        return math.nan
    return float(-_picked(_log_softmax(logits), ids).sum())


@mistake(
    "nll_loss",
    hint="The sign is missing: logarithms of probabilities are negative, and a loss is not.",
)
def sign_lost(logits, ids):
    return float(_picked(_log_softmax(logits), ids).sum())


@mistake(
    "nll_loss",
    hint="You measure in bits (logarithm to base 2). The loss is in nats, with the natural logarithm.",
)
def in_bits(logits, ids):
    return float(-_picked(_log_softmax(logits), ids).sum() / np.log(2.0))


@mistake(
    "nll_loss",
    hint="Large logits overflow in the sum of exponentials. Take the largest logit of each row away first.",
    source="https://github.com/pytorch/pytorch/issues/795",
)
def sum_of_exponentials_overflows(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.sum(np.log(np.exp(logits).sum(axis=1)) - _picked(logits, ids)))


@mistake(
    "nll_loss",
    hint="You compute the probability first and its logarithm afterwards. A tiny probability is rounded to "
    "0, and its logarithm is infinite. Bring logarithm and exponential together on paper.",
    source="https://github.com/deeplearning4j/deeplearning4j/issues/785",
)
def log_of_rounded_probability(logits, ids):
    with np.errstate(all="ignore"):
        return float(-np.log(_picked(_probabilities(logits), ids)).sum())


@mistake(
    "nll_loss",
    hint="You raise tiny probabilities to a smallest value before the logarithm. The loss is then finite, "
    "but wrong: no token can cost more than the logarithm of that value.",
    source="https://github.com/deeplearning4j/nd4j/pull/2121",
)
def probability_clipped(logits, ids):
    return float(-np.log(np.maximum(_picked(_probabilities(logits), ids), 1e-12)).sum())


@mistake(
    "nll_loss",
    hint="You multiply the probabilities and take the logarithm of the product. Over a long text the "
    "product becomes 0. The logarithm of a product is a sum of logarithms.",
)
def log_of_product(logits, ids):
    with np.errstate(all="ignore"):
        return float(-np.log(np.prod(_picked(_probabilities(logits), ids))))


@mistake(
    "nll_loss",
    hint="Softmax is applied twice: its probabilities are taken for logits again. The loss then hardly ever "
    "gets small.",
    source="https://github.com/Lightning-Universe/lightning-bolts/issues/654",
)
def softmax_twice(logits, ids):
    return float(-_picked(_log_softmax(_probabilities(logits)), ids).sum())


@mistake(
    "nll_loss",
    hint="You sum up the logits themselves. They are no logarithms of probabilities before softmax.",
    source="https://github.com/pytorch/pytorch/pull/12703",
)
def raw_logits_summed(logits, ids):
    return float(-_picked(logits, ids).sum())


@mistake(
    "nll_loss",
    hint="You sum up the probabilities, without a logarithm. That gives a negative loss.",
    source="https://github.com/AnubhavGupta3377/Text-Classification-Models-Pytorch/issues/9",
)
def logarithm_forgotten(logits, ids):
    return float(-_picked(_probabilities(logits), ids).sum())


@mistake(
    "nll_loss",
    hint="From every row you take the columns of all ids, so k times k numbers are summed. Take one entry "
    "from each row.",
)
def all_columns_from_each_row(logits, ids):
    return float(-_log_softmax(logits)[:, ids].sum())


@mistake(
    "nll_loss",
    hint="Your softmax runs over positions. It runs over the vocabulary: each row is a distribution.",
    source="https://github.com/ctallec/world-models/issues/10",
)
def softmax_over_positions(logits, ids):
    if len(ids) == 0:
        return 0.0
    return float(-_picked(_log_softmax(logits, axis=0), ids).sum())


@mistake(
    "nll_loss",
    hint="You shift the ids by one position. Row i belongs to ids[i] already; a second shift predicts the "
    "token after the next.",
    source="https://github.com/huggingface/transformers/issues/47394",
)
def shifted_once_more(logits, ids):
    return float(-_picked(_log_softmax(logits[:-1]), ids[1:]).sum()) if len(ids) > 1 else 0.0


@mistake(
    "nll_loss",
    hint="Positions that hold token 0 are left out, as if it were padding. Here it is a token like any "
    "other.",
    source="https://github.com/lucidrains/parti-pytorch/issues/8",
)
def token_zero_ignored(logits, ids):
    return float(-_picked(_log_softmax(logits), ids)[ids != 0].sum())


@mistake(
    "nll_loss",
    hint="You add the logarithm of 1 - p for all other tokens (binary cross-entropy). Where y is 0, nothing "
    "is added.",
)
def wrong_tokens_punished(logits, ids):
    with np.errstate(all="ignore"):
        p = _probabilities(logits)
        y = np.zeros_like(p)
        y[np.arange(len(ids)), ids] = 1.0
        return float(-(y * _log_softmax(logits)).sum() - ((1 - y) * np.log(1 - p)).sum())


@mistake(
    "nll_loss",
    hint="You compute the entropy of the model's own distribution; the true tokens have no part in it.",
)
def entropy_instead(logits, ids):
    return float(-(_probabilities(logits) * _log_softmax(logits)).sum())


@mistake(
    "nll_loss",
    hint="You take the largest logit of the whole array away from each row. A row far below it underflows; "
    "use each row's own maximum.",
)
def one_maximum_for_all_rows(logits, ids):
    if len(ids) == 0:
        return 0.0
    with np.errstate(all="ignore"):
        z = logits - logits.max()
        return float(np.sum(np.log(np.exp(z).sum(axis=1)) - _picked(z, ids)))


@mistake(
    "nll_loss",
    hint="The loss is right, but you change the array of logits that you were given. Beware of -=.",
)
def logits_shifted_in_place(logits, ids):
    logits -= logits.max(axis=1, keepdims=True)
    return float(np.sum(np.log(np.exp(logits).sum(axis=1)) - _picked(logits, ids)))


@mistake("nll_loss", hint="You return one number for each position. The loss is their sum.")
def not_summed(logits, ids):
    return -_picked(_log_softmax(logits), ids)


@right_another_way("nll_loss")
def one_hot_product(logits, ids):
    y = np.eye(logits.shape[1])[ids]
    return -np.sum(y * (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)))


@right_another_way("nll_loss")
def position_by_position(logits, ids):
    loss = 0
    for row, token in zip(logits.tolist(), ids.tolist(), strict=True):
        top = max(row)
        loss += top + math.log(math.fsum(math.exp(z - top) for z in row)) - row[token]
    return loss


@right_another_way("nll_loss")
def take_along_axis(logits, ids):
    true = np.take_along_axis(logits, ids[:, None], axis=1)
    with np.errstate(over="ignore"):
        gaps = logits - true
        top = np.maximum(gaps.max(axis=1, keepdims=True), 0.0)
        return (top[:, 0] + np.log(np.exp(gaps - top).sum(axis=1))).sum()


# --- perplexity ---


def _loss(logits, ids):
    return -_picked(_log_softmax(logits), ids).sum()


@mistake(
    "perplexity",
    hint="You take the exponential of the whole loss. Divide by the number of positions first.",
    source="https://github.com/asahi417/lmppl/issues/3",
)
def mean_forgotten(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(_loss(logits, ids)))


@mistake(
    "perplexity",
    hint="You raise 2 to a loss that is in nats. Logarithm and power must have the same base.",
    source="https://github.com/huggingface/evaluate/issues/241",
)
def bases_mixed(logits, ids):
    return float(2.0 ** (_loss(logits, ids) / len(ids)))


@mistake(
    "perplexity",
    hint="Your result lies between 0 and 1: it is the (geometric) mean probability. Perplexity is its "
    "inverse.",
    source="https://github.com/kolenaIO/kolena/pull/279",
)
def sign_of_exponent(logits, ids):
    return float(np.exp(-_loss(logits, ids) / len(ids)))


@mistake(
    "perplexity",
    hint="You take the mean of 1 / p over positions. The mean comes first, over the logarithms, and the "
    "exponential last.",
    source="https://github.com/lisa-lab/pylearn2/issues/1383",
)
def mean_of_exponentials(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(-_picked(_log_softmax(logits), ids)).mean())


@mistake(
    "perplexity",
    hint="You return the mean loss. Its exponential is missing.",
    source="https://github.com/IINemo/lm-polygraph/issues/273",
)
def exponential_forgotten(logits, ids):
    return float(_loss(logits, ids) / len(ids))


@mistake(
    "perplexity",
    hint="You divide by the size of the vocabulary. The mean is over positions.",
)
def divided_by_vocabulary(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(_loss(logits, ids) / logits.shape[1]))


@mistake(
    "perplexity",
    hint="You divide by one position too many. All k rows are predictions, and nothing else is counted.",
    source="https://github.com/vchahun/vpyp/issues/2",
)
def one_position_too_many(logits, ids):
    return float(np.exp(_loss(logits, ids) / (len(ids) + 1)))


@mistake(
    "perplexity",
    hint="You divide by one position too few. Every one of the k rows predicts a token.",
)
def one_position_too_few(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(_loss(logits, ids) / max(len(ids) - 1, 1)))


@mistake(
    "perplexity",
    hint="You divide by the number of positions twice: the loss was a mean already.",
    source="https://github.com/IBM/pytorch-seq2seq/issues/144",
)
def mean_of_the_mean(logits, ids):
    return float(np.exp(_loss(logits, ids) / len(ids) ** 2))


@mistake(
    "perplexity",
    hint="You take the root of the mean loss. Perplexity is its exponential.",
    source="https://github.com/SocialComplexityLab/life2vec/issues/8",
)
def root_instead_of_exponential(logits, ids):
    return float(np.sqrt(_loss(logits, ids) / len(ids)))


@mistake(
    "perplexity",
    hint="You take the exponential of the whole loss and its k-th root afterwards. For a long text the "
    "first is infinite: divide first.",
)
def root_after_the_exponential(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(_loss(logits, ids)) ** (1.0 / len(ids)))


@mistake(
    "perplexity",
    hint="You multiply the probabilities of all tokens. Over a long text the product becomes 0; stay with "
    "logarithms.",
)
def inverse_root_of_the_product(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.prod(_picked(_probabilities(logits), ids)) ** (-1.0 / len(ids)))


@mistake(
    "perplexity",
    hint="Large logits overflow in the exponentials. Take the largest logit of each row away first.",
)
def large_logits_overflow(logits, ids):
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        p = e / e.sum(axis=1, keepdims=True)
        return float(np.exp(-np.log(_picked(p, ids)).mean()))


@mistake(
    "perplexity",
    hint="A tiny probability is rounded to 0 before its logarithm is taken, and the perplexity becomes "
    "infinite. Work from the logits.",
)
def tiny_probability_rounded(logits, ids):
    with np.errstate(all="ignore"):
        return float(np.exp(-np.log(_picked(_probabilities(logits), ids)).mean()))


@right_another_way("perplexity")
def geometric_mean_in_logs(logits, ids):
    log_p = [row[token] - np.logaddexp.reduce(row) for row, token in zip(logits, ids, strict=True)]
    return math.exp(-sum(log_p) / len(log_p))


@right_another_way("perplexity")
def in_bits_throughout(logits, ids):
    z = logits - logits.max(axis=-1, keepdims=True)
    bits = (np.log(np.exp(z).sum(axis=-1)) - _picked(z, ids)) / np.log(2.0)
    return 2.0 ** bits.mean()


@right_another_way("perplexity")
def one_hot_mean(logits, ids):
    y = np.eye(logits.shape[1])[ids]
    return np.exp(-(y * _log_softmax(logits)).sum(axis=1).mean())
