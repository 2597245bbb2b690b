"""Known wrong solutions of the topic `sampling`, and right ones in other styles.

Some of them overflow or divide by zero on purpose; `np.errstate` keeps NumPy from warning about it.
"""

import bisect
import itertools
import math

import numpy as np

from autograder.author import mistake, right_another_way


def _softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


# --- apply_temperature ---


@mistake(
    "apply_temperature",
    hint="You multiply the logits by the temperature. Then a high one makes the distribution sharper; it "
    "should make it flatter.",
)
def multiplied_by_temperature(logits, tau):
    return _softmax(logits * tau)


@mistake("apply_temperature", hint="The temperature is not used: the result is the same for all of them.")
def temperature_ignored(logits, tau):
    return _softmax(logits)


@mistake(
    "apply_temperature",
    hint="You divide the probabilities by the temperature, after the softmax. They no longer sum to 1, and "
    "dividing again by their sum would cancel the temperature. It belongs to the logits.",
    source="https://github.com/google/gemma.cpp/pull/981",
)
def probabilities_divided(logits, tau):
    return _softmax(logits) / tau


@mistake(
    "apply_temperature",
    hint="The logits are divided by the temperature twice. With a temperature of 1 this goes unnoticed.",
    source="https://github.com/RL-Align/RL-Kernel/issues/81",
)
def applied_twice(logits, tau):
    return _softmax(logits / tau / tau)


@mistake(
    "apply_temperature",
    hint="Large exponents overflow: infinite over infinite is NaN. Take the largest logit away first; a low "
    "temperature makes this necessary even for small logits.",
    source="https://github.com/ollama/ollama/pull/9631",
)
def exponential_overflows(logits, tau):
    with np.errstate(all="ignore"):
        e = np.exp(logits / tau)
        return e / e.sum()


@mistake(
    "apply_temperature",
    hint="You divide the logits by the temperature, but then take away the largest of the logits as they "
    "were before. What you take away should be the largest of the numbers you take it from.",
)
def shift_not_divided(logits, tau):
    with np.errstate(all="ignore"):
        e = np.exp(logits / tau - np.max(logits))
        return e / e.sum()


@mistake(
    "apply_temperature",
    hint="You take the softmax first and raise its result to a power. On paper that is the same, but a tiny "
    "probability has been rounded to 0 by then, and no temperature brings it back.",
)
def heated_too_late(logits, tau):
    weights = _softmax(logits) ** (1.0 / tau)
    return weights / weights.sum()


@mistake("apply_temperature", hint="You return the scaled logits. The softmax is still to come.")
def softmax_missing(logits, tau):
    return logits / tau


@mistake("apply_temperature", hint="The exponentials are not divided by their sum, so they do not sum to 1.")
def not_normalised(logits, tau):
    return np.exp((logits - np.max(logits)) / tau)


@mistake("apply_temperature", hint="You return logarithms of probabilities, not probabilities.")
def logarithms_returned(logits, tau):
    z = (logits - np.max(logits)) / tau
    return z - np.log(np.exp(z).sum())


@mistake(
    "apply_temperature",
    hint="The probabilities are right, but you change the array of logits that you were given. Beware of /= "
    "and -=.",
)
def logits_overwritten(logits, tau):
    logits /= tau
    return _softmax(logits)


@mistake(
    "apply_temperature",
    hint="You cut large exponents off so that they do not overflow. Then different logits become equal, and "
    "so do their probabilities.",
)
def exponents_clipped(logits, tau):
    e = np.exp(np.clip(logits / tau, -500.0, 500.0))
    return e / e.sum()


@mistake("apply_temperature", hint="You use powers of 2. Softmax uses powers of e.")
def powers_of_two(logits, tau):
    e = np.exp2((logits - np.max(logits)) / tau)
    return e / e.sum()


@mistake("apply_temperature", hint="Dividing with // rounds down to whole numbers.")
def floor_division(logits, tau):
    return _softmax(logits // tau)


@mistake(
    "apply_temperature",
    hint="You divide by the root of the temperature, as attention does with the size of its keys.",
)
def root_of_temperature(logits, tau):
    return _softmax(logits / np.sqrt(tau))


@right_another_way("apply_temperature")
def divided_first(logits, tau):
    return _softmax(np.asarray(logits) / tau)


@right_another_way("apply_temperature")
def through_log_sum_exp(logits, tau):
    z = logits / tau
    return np.exp(z - np.logaddexp.reduce(z))


@right_another_way("apply_temperature")
def in_plain_python(logits, tau):
    top = max(logits)
    weights = [math.exp((float(z) - top) / tau) for z in logits]
    total = math.fsum(weights)
    return np.array([weight / total for weight in weights])


@right_another_way("apply_temperature")
def powers_of_unnormalised(logits, tau):
    return 1.0 / np.array([np.exp(np.minimum((logits - z) / tau, 700.0)).sum() for z in logits])


# --- top_k_probs ---


def _normalised(kept):
    with np.errstate(all="ignore"):
        return kept / kept.sum()


@mistake(
    "top_k_probs",
    hint="You keep every token that is as probable as the k-th one. With equal probabilities these are more "
    "than k; only those of lower index may stay.",
    source="https://github.com/vllm-project/vllm/pull/50979",
)
def all_equals_kept(p, k):
    return _normalised(np.where(p >= np.sort(p)[::-1][min(k, len(p)) - 1], p, 0.0))


@mistake(
    "top_k_probs",
    hint="Among equally probable tokens you keep those of higher index. Sorting and then turning the order "
    "round also turns round the order among equals.",
)
def order_turned_round(p, k):
    kept = np.argsort(p)[::-1][:k]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="Your sort keeps equals in order, but then you turn its result round, and so the order among "
    "equals, too: those of higher index stay.",
)
def stable_order_turned_round(p, k):
    kept = np.argsort(p, kind="stable")[::-1][:k]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="In a large vocabulary your sort mixes up equally probable tokens: by default NumPy promises "
    "nothing about the order of equals. Ask for a sort that does.",
)
def sort_not_stable(p, k):
    kept = np.argsort(-p)[:k]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake("top_k_probs", hint="What stays is not divided by its sum, so the probabilities no longer sum to 1.")
def not_renormalised(p, k):
    q = np.zeros(len(p))
    kept = np.argsort(-p, kind="stable")[:k]
    q[kept] = p[kept]
    return q


@mistake(
    "top_k_probs",
    hint="A k larger than the vocabulary raises an error. Then all tokens stay.",
    source="https://github.com/TransformerLensOrg/TransformerLens/pull/1347",
)
def large_k_fails(p, k):
    kept = []
    order = np.argsort(-p, kind="stable")
    for i in range(k):
        kept.append(order[i])
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake("top_k_probs", hint="You keep the k least probable tokens. np.argsort puts the smallest first.")
def least_probable_kept(p, k):
    kept = np.argsort(p, kind="stable")[:k]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="You remove the k most probable tokens and keep the others: the mask is the wrong way round.",
    source="https://github.com/EricLBuehler/mistral.rs/pull/1316",
)
def wrong_side_removed(p, k):
    q = np.array(p)
    q[np.argsort(-p, kind="stable")[:k]] = 0.0
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="The result is in the order of the probabilities, the largest first. Each token must stay at its "
    "own place.",
)
def left_in_sorted_order(p, k):
    q = np.sort(p)[::-1].copy()
    q[k:] = 0.0
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="The result holds only the tokens that stay. It needs one entry for each token of the vocabulary, "
    "with 0 for the others.",
)
def only_the_kept(p, k):
    return _normalised(p[np.argsort(-p, kind="stable")[:k]])


@mistake("top_k_probs", hint="You keep the first k tokens of the vocabulary, not the k most probable ones.")
def first_of_vocabulary(p, k):
    q = np.zeros(len(p))
    q[:k] = p[:k]
    return _normalised(q)


@mistake("top_k_probs", hint="One token too few stays: the k-th most probable one is to be kept, too.")
def one_too_few(p, k):
    kept = np.argsort(-p, kind="stable")[: k - 1]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake("top_k_probs", hint="One token too many stays.")
def one_too_many(p, k):
    kept = np.argsort(-p, kind="stable")[: k + 1]
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="You take the softmax of what stays. These are probabilities already: dividing by their sum is "
    "enough, and keeps their ratios.",
)
def softmax_again(p, k):
    kept = np.argsort(-p, kind="stable")[:k]
    q = np.zeros(len(p))
    q[kept] = _softmax(p[kept])
    return q


@mistake("top_k_probs", hint="All tokens that stay get the same probability. They should keep their ratios.")
def ratios_lost(p, k):
    q = np.zeros(len(p))
    q[np.argsort(-p, kind="stable")[:k]] = 1.0
    return _normalised(q)


@mistake(
    "top_k_probs",
    hint="The result is right, but you set entries to 0 in the array that you were given. Work on a copy.",
)
def probabilities_overwritten(p, k):
    p[np.argsort(-p, kind="stable")[k:]] = 0.0
    return p / p.sum()


@right_another_way("top_k_probs")
def sorted_pairs(p, k):
    best = sorted(range(len(p)), key=lambda i: (-p[i], i))[:k]
    total = sum(p[i] for i in best)
    return np.array([p[i] / total if i in best else 0.0 for i in range(len(p))])


@right_another_way("top_k_probs")
def largest_again_and_again(p, k):
    left, q = p.copy(), np.zeros_like(p)
    for _ in range(min(k, len(p))):
        best = np.argmax(left)
        q[best] = p[best]
        left[best] = -1.0
    return q / np.sum(q)


@right_another_way("top_k_probs")
def by_rank(p, k):
    i = np.arange(len(p))
    ahead = (p[None, :] > p[:, None]) | ((p[None, :] == p[:, None]) & (i[None, :] < i[:, None]))
    q = np.where(ahead.sum(axis=1) < k, p, 0.0)
    return q / q.sum()


@right_another_way("top_k_probs")
def turned_round_twice(p, k):
    order = len(p) - 1 - np.argsort(p[::-1], kind="stable")[::-1]
    mask = np.isin(np.arange(len(p)), order[:k])
    return p * mask / p[mask].sum()


# --- top_p_probs ---


def _scattered(p, kept):
    q = np.zeros(len(p))
    q[kept] = p[kept]
    return _normalised(q)


@mistake(
    "top_p_probs",
    hint="The token with which the sum reaches top_p is lost, so what stays has less than the promised "
    "mass. Look at the sum before a token, not at the sum with it.",
    source="https://github.com/rasbt/reasoning-from-scratch/issues/164",
)
def crossing_token_dropped(p, top_p):
    order = np.argsort(-p, kind="stable")
    keep = np.cumsum(p[order]) <= top_p
    keep[0] = True
    return _scattered(p, order[keep])


@mistake(
    "top_p_probs",
    hint="The token with which the sum reaches top_p is lost, and if that is the very first one, nothing is "
    "left: 0 / 0. Look at the sum before a token, not at the sum with it.",
)
def nothing_left(p, top_p):
    order = np.argsort(-p, kind="stable")
    return _scattered(p, order[np.cumsum(p[order]) <= top_p])


@mistake(
    "top_p_probs",
    hint="The token with which the sum reaches top_p is lost, so what stays has less than the promised "
    "mass. Look at the sum before a token, not at the sum with it.",
    source="https://github.com/Biohub/esm/pull/360",
)
def crossing_token_dropped_from_a_turned_order(p, top_p):
    order = np.argsort(p, kind="stable")[::-1]
    keep = np.cumsum(p[order]) <= top_p
    keep[0] = True
    return _scattered(p, order[keep])


@mistake(
    "top_p_probs",
    hint="The token with which the sum reaches top_p is lost, and if that is the very first one, nothing is "
    "left: 0 / 0. Look at the sum before a token, not at the sum with it.",
)
def nothing_left_of_a_turned_order(p, top_p):
    order = np.argsort(p, kind="stable")[::-1]
    return _scattered(p, order[np.cumsum(p[order]) <= top_p])


@mistake(
    "top_p_probs",
    hint="When the sum reaches top_p exactly, you keep one token too many.",
    source="https://github.com/huggingface/transformers/issues/18976",
)
def one_more_when_exact(p, top_p):
    order = np.argsort(-p, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    return _scattered(p, order[before <= top_p])


@mistake("top_p_probs", hint="You always keep one token more than is needed to reach top_p.")
def always_one_more(p, top_p):
    order = np.argsort(-p, kind="stable")
    before = np.concatenate([[0.0, 0.0], np.cumsum(p[order])])[: len(p)]
    return _scattered(p, order[before < top_p])


@mistake(
    "top_p_probs",
    hint="Rounding can keep the sum of all probabilities just below top_p = 1. Your search then finds "
    "nothing, its answer is 0, and only one token stays. All of them should.",
    source="https://github.com/BlinkDL/ChatRWKV/pull/170",
)
def never_reached_keeps_one(p, top_p):
    order = np.argsort(-p, kind="stable")
    last = np.argmax(np.cumsum(p[order]) >= top_p)
    return _scattered(p, order[: last + 1])


@mistake(
    "top_p_probs",
    hint="Rounding can keep the sum of all probabilities just below top_p = 1. Your search then finds "
    "nothing and raises an error. All tokens should stay.",
)
def never_reached_fails(p, top_p):
    order = np.argsort(-p, kind="stable")
    last = np.flatnonzero(np.cumsum(p[order]) >= top_p)[0]
    return _scattered(p, order[: last + 1])


@mistake(
    "top_p_probs",
    hint="You add up in the order of the vocabulary. The most probable tokens must come first.",
    source="https://github.com/dmlc/gluon-nlp/issues/1481",
)
def not_sorted(p, top_p):
    before = np.concatenate([[0.0], np.cumsum(p)[:-1]])
    return _scattered(p, before < top_p)


@mistake(
    "top_p_probs",
    hint="You add up from the least probable token upwards, so the tail stays. np.argsort puts the smallest "
    "first.",
)
def tail_kept(p, top_p):
    order = np.argsort(p, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    return _scattered(p, order[before < top_p])


@mistake(
    "top_p_probs",
    hint="You compare each single probability with top_p. It is the sum of the most probable ones that has "
    "to reach it.",
    source="https://github.com/rusiaaman/XLnet-gen/issues/2",
)
def single_probabilities_compared(p, top_p):
    return _scattered(p, p >= top_p)


@mistake(
    "top_p_probs",
    hint="You find the least probable token that is needed, and then keep all that are as probable as it. "
    "With equal probabilities this is more than the smallest set.",
)
def all_equals_of_the_last_kept(p, top_p):
    ordered = np.sort(p)[::-1]
    before = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    return _scattered(p, p >= ordered[before < top_p].min())


@mistake(
    "top_p_probs",
    hint="Your mask is in sorted order, the probabilities it is used on are in the order of the vocabulary. "
    "Take it back first.",
)
def mask_left_sorted(p, top_p):
    ordered = np.sort(p)[::-1]
    before = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    return _scattered(p, before < top_p)


@mistake(
    "top_p_probs",
    hint="To bring the sorted values back you index with the sorting order a second time. That sorts again; "
    "the way back is the inverse of this order (or an assignment to these indices).",
    source="https://github.com/lucidrains/PaLM-rlhf-pytorch/issues/60",
)
def order_used_twice(p, top_p):
    order = np.argsort(-p, kind="stable")
    ordered = p[order]
    before = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    return _normalised(np.where(before < top_p, ordered, 0.0)[order])


@mistake(
    "top_p_probs",
    hint="The result is in the order of the probabilities, the largest first. Each token must stay at its "
    "own place.",
)
def result_left_sorted(p, top_p):
    ordered = np.sort(p)[::-1]
    before = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    return _normalised(np.where(before < top_p, ordered, 0.0))


@mistake("top_p_probs", hint="What stays is not divided by its sum, so the probabilities no longer sum to 1.")
def sum_below_one(p, top_p):
    order = np.argsort(-p, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    return np.where(np.isin(np.arange(len(p)), order[before < top_p]), p, 0.0)


@mistake("top_p_probs", hint="What stays is not divided by its sum, so the probabilities no longer sum to 1.")
def sum_below_one_of_a_turned_order(p, top_p):
    order = np.argsort(p, kind="stable")[::-1]
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    return np.where(np.isin(np.arange(len(p)), order[before < top_p]), p, 0.0)


@mistake(
    "top_p_probs",
    hint="You divide what stays by top_p. Its sum is usually a little more than that.",
)
def divided_by_top_p(p, top_p):
    order = np.argsort(-p, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    return np.where(np.isin(np.arange(len(p)), order[before < top_p]), p, 0.0) / top_p


@mistake(
    "top_p_probs",
    hint="The result is right, but you set entries to 0 in the array that you were given. Work on a copy.",
)
def argument_overwritten(p, top_p):
    order = np.argsort(-p, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
    p[order[before >= top_p]] = 0.0
    return p / p.sum()


@right_another_way("top_p_probs")
def walking_down(p, top_p):
    q, mass = np.zeros(len(p)), 0.0
    for i in sorted(range(len(p)), key=lambda i: p[i], reverse=True):
        q[i] = p[i]
        mass += p[i]
        if mass >= top_p:
            break
    return q / q.sum()


@right_another_way("top_p_probs")
def from_the_tail(p, top_p):
    order = np.argsort(p)
    removed = np.cumsum(p[order]) <= 1.0 - top_p
    removed[-1] = False
    q = p.copy()
    q[order[removed]] = 0.0
    return q / q.sum()


@right_another_way("top_p_probs")
def searched_and_scattered(p, top_p):
    order = p.argsort()[::-1]
    count = np.searchsorted(np.cumsum(p[order]), top_p) + 1
    rank = np.argsort(order)
    q = np.where(rank < count, p, 0.0)
    return q / q.sum()


@right_another_way("top_p_probs")
def shifted_mask(p, top_p):
    order = np.argsort(-p)
    remove = np.cumsum(p[order]) >= top_p
    remove[1:] = remove[:-1].copy()
    remove[0] = False
    mask = np.empty(len(p), dtype=bool)
    mask[order] = ~remove
    return (p * mask) / (p * mask).sum()


# --- sample_token ---


@mistake(
    "sample_token",
    hint="You take the first token whose sum is not below u. When u is 0, or exactly one of the sums, this "
    "is one token too early, and it may be one of probability 0.",
    source="https://github.com/torch/cutorch/issues/398",
)
def not_below_instead_of_above(p, u):
    return int(min(np.searchsorted(np.cumsum(p), u, side="left"), np.flatnonzero(p)[-1]))


@mistake(
    "sample_token",
    hint="You return a NumPy integer. It prints like an int but is none: not every program takes it.",
    source="https://github.com/bojieli/ai-agent-book/pull/280",
)
def numpy_integer(p, u):
    return np.minimum(np.searchsorted(np.cumsum(p), u, side="right"), np.flatnonzero(p)[-1])


@mistake("sample_token", hint="You always take the most probable token. u decides which one it is.")
def always_the_most_probable(p, u):
    return int(np.argmax(p))


@mistake(
    "sample_token",
    hint="Rounding can keep the sum of all probabilities below u. You then return a token behind the last "
    "one.",
    source="https://github.com/PrincetonUniversity/PsyNeuLink/pull/3535",
)
def behind_the_end(p, u):
    return int(np.searchsorted(np.cumsum(p), u, side="right"))


@mistake(
    "sample_token",
    hint="Rounding can keep the sum of all probabilities below u. You then return the last token of the "
    "vocabulary, even if its probability is 0.",
    source="https://github.com/pytorch/pytorch/pull/16075",
)
def last_even_if_zero(p, u):
    return int(min(np.searchsorted(np.cumsum(p), u, side="right"), len(p) - 1))


@mistake(
    "sample_token",
    hint="Rounding can keep the sum of all probabilities below u. Your search then finds nothing, and its "
    "answer is token 0.",
)
def nothing_found_is_zero(p, u):
    return int(np.argmax(np.cumsum(p) > u))


@mistake(
    "sample_token",
    hint="Rounding can keep the sum of all probabilities below u. Your loop then ends without returning "
    "anything.",
)
def nothing_returned(p, u):
    total = 0.0
    for token, probability in enumerate(p):
        total += probability
        if total > u:
            return token


@mistake(
    "sample_token",
    hint="You walk through the tokens from the most probable one on. The draw is a fair one, but by the "
    "rule of this exercise the tokens lie in the order of the vocabulary.",
)
def most_probable_first(p, u):
    order = np.argsort(-p, kind="stable")
    place = np.searchsorted(np.cumsum(p[order]), u, side="right")
    return int(order[min(place, np.count_nonzero(p) - 1)])


@mistake(
    "sample_token",
    hint="You return a place in the sorted probabilities. It has to be the index in the vocabulary.",
)
def place_in_sorted_order(p, u):
    place = np.searchsorted(np.cumsum(np.sort(p)[::-1]), u, side="right")
    return int(min(place, np.count_nonzero(p) - 1))


@mistake("sample_token", hint="You walk from the last token to the first, so u falls on the mirror image.")
def from_the_last_token(p, u):
    place = np.searchsorted(np.cumsum(p[::-1]), u, side="right")
    return len(p) - 1 - int(min(place, np.flatnonzero(p[::-1])[-1]))


@mistake(
    "sample_token",
    hint="You compare u with each single probability. It is the running sum that has to be above u.",
)
def sum_forgotten(p, u):
    return int(np.argmax(p > u))


@mistake(
    "sample_token",
    hint="You give all tokens the same width, as if they were equally probable.",
)
def all_equally_wide(p, u):
    return int(u * len(p))


@mistake(
    "sample_token", hint="You are one token too early: you return the last one whose sum is not above u."
)
def one_too_early(p, u):
    token = min(np.searchsorted(np.cumsum(p), u, side="right"), np.flatnonzero(p)[-1])
    return int(max(token - 1, 0))


@mistake("sample_token", hint="You count tokens from 1. The first token is number 0.")
def counted_from_one(p, u):
    return int(min(np.searchsorted(np.cumsum(p), u, side="right"), np.flatnonzero(p)[-1])) + 1


@mistake("sample_token", hint="You return the probability of the token. Return the token itself.")
def probability_returned(p, u):
    return float(p[min(np.searchsorted(np.cumsum(p), u, side="right"), np.flatnonzero(p)[-1])])


@mistake(
    "sample_token",
    hint="The token is right, but you turn the probabilities that you were given into their running sums.",
)
def sums_in_place(p, u):
    last = np.flatnonzero(p)[-1]
    np.cumsum(p, out=p)
    return int(min(np.searchsorted(p, u, side="right"), last))


@right_another_way("sample_token")
def counting_sums(p, u):
    cdf = np.cumsum(p)
    return min((cdf <= u).sum().item(), max(i for i, x in enumerate(p) if x > 0))


@right_another_way("sample_token")
def taking_away(p, u):
    last = 0
    for token in range(len(p)):
        if p[token] > 0:
            last = token
            u -= p[token]
            if u < 0:
                return token
    return last


@right_another_way("sample_token")
def sums_ending_in_one(p, u):
    cdf = np.cumsum(p)
    return int(np.argmax(cdf / cdf[-1] > u))


@right_another_way("sample_token")
def plain_bisection(p, u):
    possible = [token for token, x in enumerate(p) if x > 0]
    sums = list(itertools.accumulate(float(p[token]) for token in possible))
    return possible[min(bisect.bisect_right(sums, u), len(possible) - 1)]
