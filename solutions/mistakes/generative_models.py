"""Known mistakes and alternative solutions of the topic `generative_models`."""

import math

import numpy as np

from autograder.author import mistake, right_another_way

# --- joint_from_counts ---


def _share(part, whole):
    """part / whole, and 0 where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0)


@mistake(
    "joint_from_counts",
    hint="Each row sums to 1: that is p(y | x). In a joint distribution all cells together sum to 1.",
)
def each_row_sums_to_one(counts):
    return _share(counts, counts.sum(axis=1, keepdims=True))


@mistake(
    "joint_from_counts",
    hint="Each column sums to 1: that is p(x | y). In a joint distribution all cells together sum to 1.",
)
def each_column_sums_to_one(counts):
    return _share(counts, counts.sum(axis=0, keepdims=True))


@mistake(
    "joint_from_counts",
    hint="Your division drops everything behind the decimal point, so nearly all probabilities are 0.",
)
def whole_number_division(counts):
    return (counts // counts.sum()).astype(float)


@mistake(
    "joint_from_counts",
    hint="You add one to every count first (Laplace's smoothing). The maximum-likelihood estimate takes the "
    "counts as they are: what was never seen has probability 0.",
)
def one_added_to_each_count(counts):
    return (counts + 1) / (counts.sum() + counts.size)


@mistake(
    "joint_from_counts",
    hint="You divide by the number of cells. Divide by the number of observations, all counts together.",
)
def divided_by_number_of_cells(counts):
    return counts / counts.size


@mistake(
    "joint_from_counts",
    hint="You divide by the largest count, so the largest entry is 1. The sum of all entries must be 1.",
)
def divided_by_largest_count(counts):
    return counts / counts.max()


@mistake(
    "joint_from_counts",
    hint="You take a softmax of the counts. Counts are no logits: a share is all that is needed here.",
)
def softmax_of_counts(counts):
    e = np.exp(counts - counts.max())
    return e / e.sum()


@mistake(
    "joint_from_counts",
    hint="You multiply p(x) by p(y), as if word and label had nothing to do with each other. The joint "
    "distribution is estimated from the pairs themselves.",
)
def margins_multiplied(counts):
    total = counts.sum()
    return np.outer(counts.sum(axis=1) / total, counts.sum(axis=0) / total)


@mistake("joint_from_counts", hint="Rows and columns have changed places. Rows are x, in the result too.")
def table_transposed(counts):
    return (counts / counts.sum()).T


@mistake(
    "joint_from_counts",
    hint="You leave out rows or columns that hold zeros only. They belong to the table, with probability 0.",
)
def empty_rows_and_columns_dropped(counts):
    seen = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    return seen / seen.sum()


@mistake(
    "joint_from_counts",
    hint="Your probabilities are rounded. Leave them as they are; rounding is for showing them.",
)
def probabilities_rounded(counts):
    return np.round(counts / counts.sum(), 3)


@mistake(
    "joint_from_counts",
    hint="You divide by one observation less than there are. That belongs to the estimate of a variance.",
)
def one_observation_less(counts):
    return counts / max(counts.sum() - 1, 1)


@mistake("joint_from_counts", hint="You return a list. An array is asked for.")
def list_of_rows(counts):
    return (counts / counts.sum()).tolist()


@mistake(
    "joint_from_counts",
    hint="The result is right, but counts that are floats are changed in place. Beware of /=: `np.asarray` "
    "makes no copy of an array that already has the right type.",
)
def float_counts_overwritten(counts):
    joint = np.asarray(counts, dtype=np.float64)
    joint /= joint.sum()
    return joint


@right_another_way("joint_from_counts")
def cell_by_cell(counts):
    total = sum(sum(row) for row in counts.tolist())
    return np.array([[count / total for count in row] for row in counts.tolist()])


@right_another_way("joint_from_counts")
def product_rule_backwards(counts):
    p_x = counts.sum(axis=1, keepdims=True) / counts.sum()
    return p_x * _share(counts, counts.sum(axis=1, keepdims=True))


@right_another_way("joint_from_counts")
def copy_divided_in_place(counts):
    joint = counts.astype(np.float64)
    joint *= 1.0 / joint.sum()
    return joint


# --- conditional_from_joint ---


@mistake(
    "conditional_from_joint",
    hint="Your columns sum to 1: that is p(x | y). Each row belongs to one x and must sum to 1.",
    source="https://github.com/AI-sandbox/XGMix/issues/13",
)
def columns_normalised(joint):
    return _share(joint, joint.sum(axis=0, keepdims=True))


@mistake(
    "conditional_from_joint",
    hint="A row of zeros becomes NaN: 0 / 0 is not a number. Such a row stays all zeros.",
    source="https://github.com/pgmpy/pgmpy/issues/3213",
)
def nan_for_empty_row(joint):
    with np.errstate(all="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@mistake(
    "conditional_from_joint",
    hint="A row of zeros becomes an even distribution. Nothing is known about such an x: it stays all zeros.",
    source="https://github.com/pgmpy/pgmpy/issues/2191",
)
def even_for_empty_row(joint):
    p_x = joint.sum(axis=1, keepdims=True)
    return np.where(p_x > 0, _share(joint, p_x), 1.0 / joint.shape[1])


@mistake(
    "conditional_from_joint",
    hint="A row of zeros raises an error. It stays all zeros instead.",
    source="https://github.com/pgmpy/pgmpy/pull/3412",
)
def error_for_empty_row(joint):
    p_x = joint.sum(axis=1, keepdims=True)
    if np.any(p_x == 0):
        raise ValueError("a row of zeros cannot be normalised")
    return joint / p_x


@mistake(
    "conditional_from_joint",
    hint="You add a tiny number to each sum so as not to divide by 0. It is not tiny for a rare x, whose row "
    "no longer sums to 1.",
)
def tiny_number_added_to_sums(joint):
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-12)


@mistake(
    "conditional_from_joint",
    hint="You take sums that are nearly 0 for 0, so a rare x loses its row. Only an exact 0 is empty.",
)
def rare_rows_emptied(joint):
    p_x = joint.sum(axis=1, keepdims=True)
    return np.where(np.isclose(p_x, 0.0), 0.0, _share(joint, p_x))


@mistake(
    "conditional_from_joint",
    hint="The sums of the rows stand in a row themselves, so column j is divided by the sum of row j, or the "
    "shapes do not fit at all. They have to stand in a column.",
    source="https://github.com/Kitware/SMQTK/pull/233",
)
def sums_not_kept_as_column(joint):
    p_x = joint.sum(axis=1)
    return joint / np.where(p_x > 0, p_x, 1.0)


@mistake(
    "conditional_from_joint",
    hint="You divide by the sum of the whole table, which is 1 already. Each row has its own divisor, p(x).",
)
def divided_by_the_whole(joint):
    return joint / joint.sum()


@mistake(
    "conditional_from_joint",
    hint="You multiply by p(x). That leads from the conditional distribution to the joint one; the way back "
    "is a division.",
)
def multiplied_by_margin(joint):
    return joint * joint.sum(axis=1, keepdims=True)


@mistake(
    "conditional_from_joint",
    hint="You divide by p(x) and by p(y). That tells how far the two depend on each other, not p(y | x).",
)
def divided_by_both_margins(joint):
    return _share(joint, joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True))


@mistake(
    "conditional_from_joint",
    hint="You take a softmax of each row. The entries are probabilities, not logits: divide by the sum.",
)
def softmax_of_each_row(joint):
    e = np.exp(joint - joint.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@mistake(
    "conditional_from_joint",
    hint="You divide each row by its largest entry. It must be its sum.",
)
def divided_by_largest_of_row(joint):
    return _share(joint, joint.max(axis=1, keepdims=True))


@mistake(
    "conditional_from_joint",
    hint="You leave out the rows of zeros. They stay, so that every x keeps its place.",
)
def empty_rows_dropped(joint):
    kept = joint[joint.sum(axis=1) > 0]
    return kept / kept.sum(axis=1, keepdims=True)


@mistake(
    "conditional_from_joint",
    hint="A row that holds a single zero becomes all zeros. Only p(x) = 0 makes a row empty.",
)
def zero_entry_empties_row(joint):
    return np.where(
        joint.min(axis=1, keepdims=True) > 0, _share(joint, joint.sum(axis=1, keepdims=True)), 0.0
    )


@mistake("conditional_from_joint", hint="Rows and columns have changed places. Row x holds p(y | x).")
def result_transposed(joint):
    return _share(joint, joint.sum(axis=1, keepdims=True)).T


@mistake(
    "conditional_from_joint",
    hint="The result is right, but you change the array that you were given. Beware of /=.",
    source="https://github.com/spedygiorgio/markovchain/issues/209",
)
def joint_overwritten(joint):
    p_x = joint.sum(axis=1, keepdims=True)
    p_x[p_x == 0] = 1.0
    joint /= p_x
    return joint


@right_another_way("conditional_from_joint")
def row_by_row(joint):
    rows = []
    for row in joint.tolist():
        total = math.fsum(row)
        rows.append([p / total if total > 0 else 0.0 for p in row])
    return np.array(rows)


@right_another_way("conditional_from_joint")
def division_where_possible(joint):
    p_x = joint.sum(axis=1)[:, None]
    return np.divide(joint, p_x, out=np.zeros_like(joint), where=p_x > 0)


@right_another_way("conditional_from_joint")
def nan_replaced_afterwards(joint):
    with np.errstate(invalid="ignore"):
        conditional = (joint.T / joint.sum(axis=1)).T
    conditional[np.isnan(conditional)] = 0.0
    return conditional


@right_another_way("conditional_from_joint")
def diagonal_matrix_of_inverses(joint):
    p_x = joint @ np.ones(joint.shape[1])
    inverse = [1.0 / p if p else 0.0 for p in p_x]
    return np.diag(inverse) @ joint


# --- answer_distribution ---


def _given(joint, context):
    """p(answer | context), the right way."""
    total = joint[context].sum()
    if total == 0:
        raise ValueError("a context of probability 0")
    return joint[context] / total


@mistake(
    "answer_distribution",
    hint="Context 0 is taken for “no context”, since Python takes 0 for false. Ask whether it is None.",
    source="https://github.com/dimagi/commcare-hq/pull/5567",
)
def context_zero_left_out(joint, context):
    return _given(joint, context) if context else joint.sum(axis=0)


@mistake(
    "answer_distribution",
    hint="You return the row of the joint distribution as it is. Divided by p(context) it sums to 1.",
)
def row_not_normalised(joint, context):
    if context is None:
        return joint.sum(axis=0)
    if joint[context].sum() == 0:
        raise ValueError("a context of probability 0")
    return joint[context].copy()


@mistake(
    "answer_distribution",
    hint="You take the column of that number. Contexts are rows, answers are columns.",
)
def column_of_that_number(joint, context):
    if context is None:
        return joint.sum(axis=0)
    if joint[:, context].sum() == 0:
        raise ValueError("a context of probability 0")
    return joint[:, context] / joint[:, context].sum()


@mistake(
    "answer_distribution",
    hint="Left out, every context counts the same in your mixture. Each one counts as much as it is likely.",
    source="https://github.com/pgmpy/pgmpy/issues/1725",
)
def all_contexts_equally_likely(joint, context):
    if context is not None:
        return _given(joint, context)
    possible = joint[joint.sum(axis=1) > 0]
    return (possible / possible.sum(axis=1, keepdims=True)).mean(axis=0)


@mistake(
    "answer_distribution",
    hint="You add up p(answer | context) over all contexts without their weights p(context), so the result "
    "does not sum to 1.",
    source="https://github.com/ilyakava/sumproduct/issues/9",
)
def weights_forgotten(joint, context):
    if context is not None:
        return _given(joint, context)
    return _share(joint, joint.sum(axis=1, keepdims=True)).sum(axis=0)


@mistake(
    "answer_distribution",
    hint="You weight the joint probabilities with p(context) once more. It is in them already.",
)
def weighted_twice(joint, context):
    if context is not None:
        return _given(joint, context)
    return joint.sum(axis=1) @ joint


@mistake(
    "answer_distribution",
    hint="Left out, a context of probability 0 spoils everything with NaN. It should add nothing.",
)
def nan_in_the_mixture(joint, context):
    if context is not None:
        return _given(joint, context)
    p_context = joint.sum(axis=1)
    with np.errstate(all="ignore"):
        return p_context @ (joint / p_context[:, None])


@mistake(
    "answer_distribution",
    hint="For a given context of probability 0 you return zeros. They are no distribution: raise ValueError.",
)
def zeros_for_impossible_context(joint, context):
    if context is None:
        return joint.sum(axis=0)
    return _share(joint[context], joint[context].sum())


@mistake(
    "answer_distribution",
    hint="For a given context of probability 0 you return NaN. Notice it and raise ValueError.",
    source="https://github.com/pgmpy/pgmpy/issues/3213",
)
def nan_for_impossible_context(joint, context):
    if context is None:
        return joint.sum(axis=0)
    with np.errstate(all="ignore"):
        return joint[context] / joint[context].sum()


@mistake(
    "answer_distribution",
    hint="For a given context of probability 0 you answer as if none were given. Raise ValueError instead.",
)
def impossible_context_ignored(joint, context):
    if context is None or joint[context].sum() == 0:
        return joint.sum(axis=0)
    return _given(joint, context)


@mistake(
    "answer_distribution",
    hint="You raise ValueError as soon as any context has probability 0. Only the given one matters.",
)
def error_for_any_impossible_context(joint, context):
    if np.any(joint.sum(axis=1) == 0):
        raise ValueError("a context of probability 0")
    return joint.sum(axis=0) if context is None else _given(joint, context)


@mistake(
    "answer_distribution",
    hint="A very rare context is refused. Only one of probability exactly 0 has no answers.",
)
def rare_context_refused(joint, context):
    if context is None:
        return joint.sum(axis=0)
    if np.isclose(joint[context].sum(), 0.0):
        raise ValueError("a context of probability 0")
    return _given(joint, context)


@mistake(
    "answer_distribution",
    hint="Left out, you sum over the answers: that gives p(context). Sum over the contexts.",
)
def sum_over_answers(joint, context):
    return joint.sum(axis=1) if context is None else _given(joint, context)


@mistake(
    "answer_distribution",
    hint="Left out, you take the most likely context for granted. All contexts have their share.",
)
def most_likely_context_assumed(joint, context):
    return _given(joint, int(joint.sum(axis=1).argmax()) if context is None else context)


@mistake(
    "answer_distribution",
    hint="Left out, you make all answers equally likely. The training data has a preference: it is in the "
    "weights of the contexts.",
)
def no_context_no_preference(joint, context):
    if context is None:
        return np.full(joint.shape[1], 1.0 / joint.shape[1])
    return _given(joint, context)


@mistake(
    "answer_distribution",
    hint="The context in the prompt changes nothing in your answer. Given, it picks its row.",
)
def context_ignored(joint, context):
    return joint.sum(axis=0)


@mistake(
    "answer_distribution",
    hint="You turned it round: how likely is the context, given each answer? Divide the row by p(context), "
    "a single number.",
)
def context_given_answer(joint, context):
    if context is None:
        return joint.sum(axis=0)
    if joint[context].sum() == 0:
        raise ValueError("a context of probability 0")
    return _share(joint[context], joint.sum(axis=0))


@mistake(
    "answer_distribution",
    hint="You give all to the most likely answer. The distribution is asked for, with all answers.",
)
def most_likely_answer_only(joint, context):
    p = joint.sum(axis=0) if context is None else _given(joint, context)
    return np.eye(len(p))[p.argmax()]


@mistake(
    "answer_distribution",
    hint="You count contexts from 1. The first row has the number 0.",
)
def contexts_counted_from_one(joint, context):
    return joint.sum(axis=0) if context is None else _given(joint, context - 1)


@mistake(
    "answer_distribution",
    hint="The first answer is right, but you change the table that you were given: a row of an array is a "
    "view of it, and /= writes into it.",
)
def row_divided_in_place(joint, context):
    if context is None:
        return joint.sum(axis=0)
    row = joint[context]
    if row.sum() == 0:
        raise ValueError("a context of probability 0")
    row /= row.sum()
    return row


@right_another_way("answer_distribution")
def weights_times_conditionals(joint, context):
    n_context = joint.shape[0]
    weights = joint.sum(axis=1) if context is None else np.eye(n_context)[context]
    answer = np.zeros(joint.shape[1])
    for c in range(n_context):
        p_context = joint[c].sum()
        if c == context and p_context == 0:
            raise ValueError("this context never occurs")
        if p_context > 0:
            answer = answer + weights[c] * joint[c] / p_context
    return answer


@right_another_way("answer_distribution")
def normalised_selection(joint, context):
    chosen = joint if context is None else joint[[context]]
    if not chosen.any():
        raise ValueError("this context never occurs")
    answer = np.ones(len(chosen)) @ chosen
    return answer / answer.sum()


@right_another_way("answer_distribution")
def lists_and_sums(joint, context):
    rows = joint.tolist()
    if context is None:
        return np.array([math.fsum(column) for column in zip(*rows, strict=True)])
    total = math.fsum(rows[context])
    try:
        return np.array([p / total for p in rows[context]])
    except ZeroDivisionError:
        raise ValueError("this context never occurs") from None
