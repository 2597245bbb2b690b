"""Known mistakes and alternative solutions of the topic `sequence_probability`."""

import math

import numpy as np

from autograder.author import mistake, right_another_way

# --- sequence_space_size ---


@mistake(
    "sequence_space_size",
    hint="The empty sequence is missing. The sum starts at length 0.",
)
def empty_sequence_missing(vocab_size, max_len):
    return sum(vocab_size**k for k in range(1, max_len + 1))


@mistake(
    "sequence_space_size",
    hint="You count the longest sequences only. Shorter ones belong to the space, too.",
)
def longest_only(vocab_size, max_len):
    return vocab_size**max_len


@mistake(
    "sequence_space_size",
    hint="The longest sequences are missing. Where does `range` stop?",
)
def longest_missing(vocab_size, max_len):
    return sum(vocab_size**k for k in range(max_len))


@mistake(
    "sequence_space_size",
    hint="You count sequences of one token more than allowed. The sum ends at n.",
)
def one_length_too_many(vocab_size, max_len):
    return sum(vocab_size**k for k in range(max_len + 2))


@mistake(
    "sequence_space_size",
    hint="You calculate with floats. They have 16 digits and end at 10^308; Python's ints are exact.",
)
def sum_of_floats(vocab_size, max_len):
    return sum(float(vocab_size) ** k for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="The result is an int, but a float on the way has rounded it: / divides into a float, whatever "
    "comes after it.",
)
def float_on_the_way(vocab_size, max_len):
    if vocab_size == 1:
        return max_len + 1
    return int((vocab_size ** (max_len + 1) - 1) / (vocab_size - 1))


@mistake(
    "sequence_space_size",
    hint="The formula of the geometric series divides by |V| - 1, which is 0 for a single token.",
    source="https://github.com/snap-stanford/snap/issues/203",
)
def division_by_zero_for_one_token(vocab_size, max_len):
    return (vocab_size ** (max_len + 1) - 1) // (vocab_size - 1)


@mistake(
    "sequence_space_size",
    hint="NumPy's integers have 64 bits. Beyond that they wrap around without a word; stay with Python's "
    "own.",
    source="https://github.com/numpy/numpy/issues/26947",
)
def wraps_around_in_numpy(vocab_size, max_len):
    return int(np.sum(np.int64(vocab_size) ** np.arange(max_len + 1)))


@mistake(
    "sequence_space_size",
    hint="Base and exponent have changed places. Each of the k places offers |V| tokens.",
)
def base_and_exponent_swapped(vocab_size, max_len):
    return sum(k**vocab_size for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="You multiply the length by the size of the vocabulary. Each further place multiplies the number "
    "of sequences by |V|: that makes a power.",
)
def product_for_power(vocab_size, max_len):
    return sum(k * vocab_size for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="In your sequences no token comes twice. Texts repeat themselves.",
)
def no_token_twice(vocab_size, max_len):
    return sum(math.perm(vocab_size, k) for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="You count which tokens occur, but not in which order. ab and ba are two sequences.",
)
def order_ignored(vocab_size, max_len):
    return sum(math.comb(vocab_size + k - 1, k) for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="You fill short sequences up with an extra token that may stand anywhere, and count n places. A "
    "gap in the middle is no sequence.",
)
def filler_in_every_place(vocab_size, max_len):
    return (vocab_size + 1) ** max_len


@mistake(
    "sequence_space_size",
    hint="You multiply the numbers of the lengths. A sequence has one length or another: add them.",
)
def lengths_multiplied(vocab_size, max_len):
    return math.prod(vocab_size**k for k in range(max_len + 1))


@mistake(
    "sequence_space_size",
    hint="Your function calls itself once for each length, and Python gives up after about 1000 calls. Use "
    "a loop or a sum.",
)
def recursion_too_deep(vocab_size, max_len):
    def size(n):
        return 1 if n == 0 else vocab_size * size(n - 1) + 1

    return size(max_len)


@right_another_way("sequence_space_size")
def geometric_series(vocab_size, max_len):
    if vocab_size == 1:
        return max_len + 1
    return (vocab_size ** (max_len + 1) - 1) // (vocab_size - 1)


@right_another_way("sequence_space_size")
def one_place_at_a_time(vocab_size, max_len):
    size = 1
    for _ in range(max_len):
        size = size * vocab_size + 1
    return size


@right_another_way("sequence_space_size")
def powers_kept(vocab_size, max_len):
    total, of_this_length, length = 0, 1, 0
    while length <= max_len:
        total += of_this_length
        of_this_length *= vocab_size
        length += 1
    return total


# --- token_probs ---


@mistake(
    "token_probs",
    hint="From every row you take the columns of all ids, which makes k times k numbers. Take one from "
    "each row.",
)
def all_columns_from_each_row(P, ids):
    return P[:, ids]


@mistake(
    "token_probs",
    hint="Rows and columns have changed places. Rows are positions, columns are tokens.",
)
def token_as_row(P, ids):
    return P[ids, np.arange(len(ids))]


@mistake(
    "token_probs",
    hint="All your numbers come from the first row of the table. The model answers anew at each position: "
    "row i belongs to ids[i].",
)
def first_row_for_all(P, ids):
    return P[0, ids] if len(ids) else np.zeros(0)


@mistake(
    "token_probs",
    hint="You take the largest probability of each row. The token that stands in the text may be another "
    "one.",
)
def most_likely_token_instead(P, ids):
    return P.max(axis=1)


@mistake(
    "token_probs",
    hint="You shift the text: row i is read at the token after it. Row i was computed from the tokens "
    "before position i, and belongs to ids[i] as it is.",
    source="https://github.com/huggingface/transformers/pull/37830",
)
def token_after_it(P, ids):
    return P[np.arange(max(len(ids) - 1, 0)), ids[1:]]


@mistake(
    "token_probs",
    hint="You read each token in the row of the next position, which the model gave when it knew that "
    "token already.",
    source="https://github.com/AI-Hypercomputer/maxtext/issues/2103",
)
def row_after_it(P, ids):
    return P[np.arange(1, len(ids)), ids[:-1]]


@mistake(
    "token_probs",
    hint="You return logarithms. The probabilities themselves are asked for.",
)
def logarithms_of_them(P, ids):
    with np.errstate(all="ignore"):
        return np.log(P[np.arange(len(ids)), ids])


@mistake(
    "token_probs",
    hint="You multiply them up from position to position. That is the next step; here each one stands alone.",
)
def multiplied_up(P, ids):
    return np.cumprod(P[np.arange(len(ids)), ids])


@mistake(
    "token_probs",
    hint="You return a single number, their product. One number for each token is asked for.",
)
def one_product(P, ids):
    return float(np.prod(P[np.arange(len(ids)), ids]))


@mistake(
    "token_probs",
    hint="You set all other entries to 0 but keep the whole table. One number of each row is asked for.",
)
def table_of_one_hots(P, ids):
    return P * np.eye(P.shape[1])[ids]


@mistake(
    "token_probs",
    hint="You count tokens from 1. The first column belongs to token 0.",
)
def tokens_from_one(P, ids):
    return P[np.arange(len(ids)), ids - 1]


@mistake(
    "token_probs",
    hint="You divide by the sum so that the result sums to 1. These numbers come from different "
    "distributions, and need not sum to anything.",
)
def normalised_again(P, ids):
    p = P[np.arange(len(ids)), ids]
    return p / p.sum() if len(p) else p


@mistake(
    "token_probs",
    hint="You sort the tokens, or lose their order in a set. Token i belongs to row i.",
)
def tokens_sorted(P, ids):
    return P[np.arange(len(ids)), np.sort(ids)]


@mistake("token_probs", hint="You return a list. An array is asked for.")
def list_of_numbers(P, ids):
    return [float(P[i, token]) for i, token in enumerate(ids)]


@mistake(
    "token_probs",
    hint="A text without tokens raises an error. It has an answer: an array of no numbers.",
)
def error_for_empty_text(P, ids):
    return np.concatenate([P[i, token : token + 1] for i, token in enumerate(ids)])


@mistake(
    "token_probs",
    hint="The result is right, but the table that you were given has changed: what you multiplied in place "
    "is gone.",
)
def table_overwritten(P, ids):
    P *= np.eye(P.shape[1])[ids]
    return P.sum(axis=1)


@right_another_way("token_probs")
def one_hot_product(P, ids):
    return (P * np.eye(P.shape[1])[ids]).sum(axis=1)


@right_another_way("token_probs")
def position_by_position(P, ids):
    p = np.empty(len(ids))
    for i in range(len(ids)):
        p[i] = P[i][int(ids[i])]
    return p


@right_another_way("token_probs")
def along_the_axis(P, ids):
    return np.take_along_axis(P, ids.reshape(-1, 1), axis=1).ravel()


@right_another_way("token_probs")
def counted_through_the_table(P, ids):
    return P.ravel()[np.arange(P.shape[0]) * P.shape[1] + ids]


# --- sequence_log_prob ---


def _logs(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


@mistake(
    "sequence_log_prob",
    hint="You multiply first and take the logarithm of the product. For a long text the product is rounded "
    "to 0. Add logarithms instead.",
    source="https://github.com/vmkononenko/music-dsp/pull/23",
)
def logarithm_of_product(p):
    return float(_logs(np.prod(p)))


@mistake(
    "sequence_log_prob",
    hint="You use logarithms to base 10. Here they are natural ones.",
    source="https://github.com/flashlight/flashlight/issues/745",
)
def base_ten(p):
    return float(_logs(p).sum() / math.log(10))


@mistake(
    "sequence_log_prob",
    hint="You use logarithms to base 2. Here they are natural ones.",
)
def base_two(p):
    return float(_logs(p).sum() / math.log(2))


@mistake(
    "sequence_log_prob",
    hint="You take the mean over the tokens. The chain rule has a sum: longer texts are less likely.",
)
def mean_over_tokens(p):
    return float(_logs(p).mean()) if len(p) else 0.0


@mistake(
    "sequence_log_prob",
    hint="You turned the sign. The logarithm of a probability is negative; its opposite is a loss.",
)
def sign_turned(p):
    return float(-_logs(p).sum())


@mistake(
    "sequence_log_prob",
    hint="You return the probability itself. Its logarithm is asked for.",
)
def probability_itself(p):
    return float(np.prod(p))


@mistake(
    "sequence_log_prob",
    hint="You take the logarithm of the sum. The logarithm of a product is the sum of the logarithms.",
)
def logarithm_of_sum(p):
    return float(_logs(p.sum())) if len(p) else 0.0


@mistake(
    "sequence_log_prob",
    hint="A probability of 0 raises an error. The answer for an impossible text is -inf.",
    source="https://github.com/tejank10/Spam-or-Ham/issues/3",
)
def error_at_zero(p):
    return sum((math.log(value) for value in p.tolist()), 0.0)


@mistake(
    "sequence_log_prob",
    hint="You leave out tokens of probability 0. One impossible token makes the whole text impossible.",
    source="https://github.com/bitextor/bicleaner/issues/19",
)
def zeros_left_out(p):
    return float(np.log(p[p > 0]).sum())


@mistake(
    "sequence_log_prob",
    hint="You raise small probabilities to a least value. Then an impossible text becomes possible, and "
    "very unlikely ones more likely than they are.",
)
def small_ones_raised(p):
    return float(np.log(np.maximum(p, 1e-12)).sum())


@mistake(
    "sequence_log_prob",
    hint="You add a tiny number to each probability so as to avoid the logarithm of 0. It changes all "
    "others, and the answer for 0 is -inf.",
    source="https://github.com/tskit-dev/tsdate/issues/70",
)
def tiny_number_added(p):
    return float(np.log(p + 1e-10).sum())


@mistake(
    "sequence_log_prob",
    hint="Minus infinity is replaced by a very large number. Leave it: it is the right answer.",
)
def infinity_replaced(p):
    return float(np.maximum(_logs(p), np.finfo(np.float64).min).sum())


@mistake(
    "sequence_log_prob",
    hint="The empty sequence comes out as impossible. An empty product is 1, and its logarithm 0.",
)
def nothing_is_impossible(p):
    return float(_logs(p).sum()) if len(p) else -math.inf


@mistake(
    "sequence_log_prob",
    hint="The empty sequence gives NaN, as a mean over nothing does. An empty sum is 0.",
)
def nan_for_empty(p):
    with np.errstate(all="ignore"):
        return float(_logs(p).sum() / len(p) * len(p)) if len(p) else math.nan


@mistake(
    "sequence_log_prob",
    hint="The empty sequence raises an error: you start with the first token. Start with 0.",
)
def starts_with_first_token(p):
    logs = _logs(p)
    total = logs[0]
    for log in logs[1:]:
        total += log
    return float(total)


@mistake(
    "sequence_log_prob",
    hint="You weight each logarithm with its probability. That is how an entropy is made; here every token "
    "counts once.",
)
def weighted_with_probability(p):
    with np.errstate(all="ignore"):
        return float((p * np.log(p)).sum())


@mistake(
    "sequence_log_prob",
    hint="You take the logarithm of 1 + p. It is positive, and log(1 + p) of 0 is 0.",
)
def logarithm_of_one_plus(p):
    return float(np.log1p(p).sum())


@mistake(
    "sequence_log_prob",
    hint="You return the running sum for every token. Only the last one, the sum over all, is asked for.",
)
def running_sum(p):
    return np.cumsum(_logs(p))


@mistake(
    "sequence_log_prob",
    hint="You return one logarithm for each token. Their sum is asked for.",
)
def not_summed(p):
    return _logs(p)


@mistake(
    "sequence_log_prob",
    hint="You leave out the first token. It has a probability as well, given nothing before it.",
)
def first_token_left_out(p):
    return float(_logs(p[1:]).sum())


@mistake(
    "sequence_log_prob",
    hint="You leave out the last token. All k of them count.",
)
def last_token_left_out(p):
    return float(_logs(p[:-1]).sum())


@mistake(
    "sequence_log_prob",
    hint="The result is right, but the array that you were given holds logarithms now. Make a new one.",
)
def written_into_argument(p):
    with np.errstate(divide="ignore"):
        np.log(p, out=p)
    return float(p.sum())


@right_another_way("sequence_log_prob")
def token_by_token(p):
    total = 0.0
    for value in p:
        total += math.log(value) if value > 0 else -math.inf
    return total


@right_another_way("sequence_log_prob")
def logarithm_where_possible(p):
    logs = np.full(p.shape, -np.inf)
    np.log(p, out=logs, where=p > 0)
    return np.sum(logs)


@right_another_way("sequence_log_prob")
def stops_at_the_impossible(p):
    if 0.0 in p.tolist():
        return float("-inf")
    return math.fsum(map(math.log2, p)) * math.log(2)


@right_another_way("sequence_log_prob")
def product_with_exponents_apart(p):
    mantissa, exponent = 1.0, 0
    for value in p.tolist():
        mantissa, shift = math.frexp(mantissa * math.frexp(value)[0])
        exponent += shift + math.frexp(value)[1]
    return math.log(mantissa) + exponent * math.log(2) if mantissa else -math.inf
