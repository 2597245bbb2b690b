"""Known wrong solutions of the topic `embeddings`, and right ones in other styles.

Some of them divide by zero on purpose; `np.errstate` keeps NumPy from warning about it.
"""

import math

import numpy as np

from autograder.author import mistake, right_another_way

# --- embed ---


@mistake(
    "embed", hint="You take columns of E. Here each token is a row; only the slide draws them as columns."
)
def columns_taken(ids, E):
    return E[:, ids]


@mistake(
    "embed",
    hint="The vectors are right, but they are the columns of your result, as on the slide. Here they are "
    "rows: the last axis has length d.",
)
def drawn_as_columns(ids, E):
    return E[ids].T


@mistake(
    "embed",
    hint="You count tokens from 1: id 0 gets the last row, every other id the row before its own.",
)
def counted_from_one(ids, E):
    return E[ids - 1]


@mistake(
    "embed",
    hint="np.take without an axis looks up single numbers in the flattened matrix, not rows.",
)
def numbers_instead_of_rows(ids, E):
    return np.take(E, ids)


@mistake("embed", hint="You return the first rows of E. Which ones is for the ids to say.")
def first_rows(ids, E):
    return E[: len(ids)].copy()


@mistake(
    "embed",
    hint="Each row comes only once and in the order of E, as with a mask or a set of ids. A token that "
    "comes twice needs its vector twice, in the order of the text.",
)
def set_of_ids(ids, E):
    return E[np.unique(ids)]


@mistake("embed", hint="The vectors are in the order of E. They should be in the order of the text.")
def sorted_ids(ids, E):
    return E[np.sort(ids, axis=-1)]


@mistake(
    "embed",
    hint="You flatten the ids, so texts of a batch run into each other. Their shape should come back in the "
    "result.",
)
def batch_flattened(ids, E):
    return E[ids.reshape(-1)]


@mistake("embed", hint="Without any ids your result has lost its last axis. No vectors of length d: (0, d).")
def empty_loses_width(ids, E):
    return np.array([E[i] for i in ids])


@mistake(
    "embed",
    hint="Without any ids your function raises an error. There is nothing to stack, but a result there is: "
    "of the shape (0, d).",
)
def empty_fails(ids, E):
    return np.stack([E[i] for i in ids])


@mistake(
    "embed",
    hint="You take the mean of all vectors, one for the whole text. Each token keeps its own.",
)
def mean_of_all(ids, E):
    with np.errstate(all="ignore"):
        return E[ids].sum(axis=-2) / ids.shape[-1]


@mistake(
    "embed", hint="You make all vectors equally long. Their length is part of what was learned: leave it."
)
def length_one(ids, E):
    return (E / np.linalg.norm(E, axis=1, keepdims=True))[ids]


@mistake("embed", hint="Axes of length 1 are dropped. One token is still a text of one token.")
def squeezed(ids, E):
    return np.squeeze(E[ids])


@mistake("embed", hint="You return the one-hot vectors. The product with E is still to come.")
def one_hot_only(ids, E):
    return np.eye(len(E))[ids]


@right_another_way("embed")
def one_hot_product(ids, E):
    return np.eye(len(E))[ids] @ E


@right_another_way("embed")
def take_along_rows(ids, E):
    return np.take(E, ids, axis=0)


@right_another_way("embed")
def row_by_row(ids, E):
    rows = np.empty((ids.size, E.shape[1]))
    for place, i in enumerate(ids.flat):
        rows[place] = E[i]
    return rows.reshape(ids.shape + (E.shape[1],))


# --- cosine_similarity ---


def _divided(dots, lengths):
    return dots / np.where(lengths > 0, lengths, 1.0)


@mistake(
    "cosine_similarity", hint="You return dot products. They grow with the vectors: divide by both lengths."
)
def dot_product_only(a, B):
    return B @ a


@mistake(
    "cosine_similarity",
    hint="You divide by the squares of the lengths: the roots are missing.",
    source="https://github.com/iit-cs579/main/issues/478",
)
def roots_missing(a, B):
    return _divided(B @ a, (a @ a) * (B * B).sum(axis=1))


@mistake(
    "cosine_similarity",
    hint="You take the root of the lengths. np.linalg.norm has taken one already.",
    source="https://github.com/PaddlePaddle/FastDeploy/pull/648",
)
def root_taken_twice(a, B):
    return _divided(B @ a, np.sqrt(np.linalg.norm(a) * np.linalg.norm(B, axis=1)))


@mistake(
    "cosine_similarity",
    hint="You divide by the length of the whole matrix. Each row has its own.",
    source="https://github.com/MarioKrenn6240/SEMNET/issues/6",
)
def one_length_for_all(a, B):
    return _divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B))


@mistake(
    "cosine_similarity",
    hint="You take the lengths of the columns of B. Its vectors are the rows.",
)
def lengths_of_columns(a, B):
    return _divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=0))


@mistake("cosine_similarity", hint="You do not divide by the length of a.")
def length_of_a_missing(a, B):
    return _divided(B @ a, np.linalg.norm(B, axis=1))


@mistake("cosine_similarity", hint="You do not divide by the lengths of the rows of B.")
def lengths_of_rows_missing(a, B):
    return _divided(B @ a, np.linalg.norm(a))


@mistake(
    "cosine_similarity",
    hint="You divide by the length of a twice, and never by the lengths of the rows.",
    source="https://github.com/incanter/incanter/issues/73",
)
def length_of_a_twice(a, B):
    return _divided(B @ a, np.linalg.norm(a) ** 2)


@mistake(
    "cosine_similarity",
    hint="A vector of zeros gives 0 / 0, which is NaN. By convention its similarity is 0.",
    source="https://github.com/HKUDS/LightRAG/pull/3421",
)
def zeros_give_nan(a, B):
    with np.errstate(all="ignore"):
        return B @ a / (np.linalg.norm(a) * np.linalg.norm(B, axis=1))


@mistake(
    "cosine_similarity",
    hint="You look after rows of zeros, but not after an a of zeros: 0 / 0 is NaN.",
)
def zero_a_gives_nan(a, B):
    rows = np.linalg.norm(B, axis=1)
    with np.errstate(all="ignore"):
        return B @ a / np.linalg.norm(a) / np.where(rows > 0, rows, 1.0)


@mistake(
    "cosine_similarity",
    hint="A vector of zeros gets the similarity 1. By convention it is 0.",
    source="https://github.com/NVIDIA/cuml/issues/3610",
)
def zeros_give_one(a, B):
    lengths = np.linalg.norm(a) * np.linalg.norm(B, axis=1)
    return np.where(lengths > 0, _divided(B @ a, lengths), 1.0)


@mistake(
    "cosine_similarity",
    hint="You add a small number to the lengths, so that there is no division by 0. But that makes short "
    "vectors seem less similar than they are.",
)
def small_number_added(a, B):
    return B @ a / (np.linalg.norm(a) * np.linalg.norm(B, axis=1) + 1e-8)


@mistake(
    "cosine_similarity", hint="You return the distance, 1 minus the cosine. Similar vectors should have 1."
)
def distance_returned(a, B):
    return 1.0 - _divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1))


@mistake("cosine_similarity", hint="The sign is lost. Opposite vectors have the similarity -1.")
def sign_lost(a, B):
    return np.abs(_divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1)))


@mistake("cosine_similarity", hint="You set negative similarities to 0. They go down to -1.")
def negative_cut_off(a, B):
    return np.maximum(_divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1)), 0.0)


@mistake(
    "cosine_similarity",
    hint="You add up absolute values for the length. The length is the root of the sum of squares.",
    source="https://github.com/snoww/TwitchOverlap/issues/3",
)
def sum_norm(a, B):
    return _divided(B @ a, np.abs(a).sum() * np.abs(B).sum(axis=1))


@mistake(
    "cosine_similarity",
    hint="You take the mean away from each vector first. That gives the correlation, not the cosine.",
)
def correlation(a, B):
    a = a - a.mean()
    B = B - B.mean(axis=1, keepdims=True)
    return _divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1))


@mistake("cosine_similarity", hint="You return the angle. Return its cosine.")
def angle_returned(a, B):
    return np.arccos(np.clip(_divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1)), -1, 1))


@mistake(
    "cosine_similarity",
    hint="Your result has a second axis, of length 1. It should be one number for each row: (V,).",
)
def column_returned(a, B):
    return _divided(B @ a, np.linalg.norm(a) * np.linalg.norm(B, axis=1))[:, None]


@mistake(
    "cosine_similarity",
    hint="The similarities are right, but you have divided the rows of B where they stand. Beware of /=.",
)
def rows_overwritten(a, B):
    rows = np.linalg.norm(B, axis=1, keepdims=True)
    B /= np.where(rows > 0, rows, 1.0)
    return B @ (a / (np.linalg.norm(a) or 1.0))


@right_another_way("cosine_similarity")
def one_row_at_a_time(a, B):
    result = []
    for b in B:
        lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
        result.append(sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0)
    return np.array(result)


@right_another_way("cosine_similarity")
def length_one_first(a, B):
    with np.errstate(all="ignore"):
        cosine = np.einsum("ij,j->i", B / np.linalg.norm(B, axis=1)[:, None], a / np.linalg.norm(a))
    return np.nan_to_num(cosine)


@right_another_way("cosine_similarity")
def divided_where_possible(a, B):
    lengths = np.sqrt((a**2).sum() * (B**2).sum(axis=1))
    return np.divide(np.dot(a, B.T), lengths, out=np.zeros(len(B)), where=lengths != 0)


@right_another_way("cosine_similarity")
def clipped(a, B):
    lengths = np.maximum(np.hypot.reduce(B, axis=1) * np.hypot.reduce(a), 1e-300)
    return np.clip((B * a).sum(axis=1) / lengths, -1.0, 1.0)


# --- analogy ---


def _rows(a, b, c, words):
    return words.index(a), words.index(b), words.index(c)


def _cosines(query, E):
    lengths = np.linalg.norm(E, axis=1) * np.linalg.norm(query)
    return (E @ query) / np.where(lengths > 0, lengths, 1.0)


def _nearest(scores, rows, words, exclude):
    scores = np.array(scores, dtype=float)
    if exclude:
        scores[list(rows)] = -np.inf
    best = int(np.argmax(scores))
    return words[best], float(scores[best])


@mistake(
    "analogy",
    hint="You go the step the wrong way round: from b to a. It leads from a to b.",
    source="https://github.com/DataScienceHamburg/AppliedNLPMaterial/pull/2",
)
def step_backwards(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[i] - E[j] + E[k], E), (i, j, k), words, exclude)


@mistake(
    "analogy",
    hint="The signs are mixed up: you take away b and c from a.",
    source="https://github.com/deeplearning4j/deeplearning4j/issues/5230",
)
def two_taken_away(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[i] - E[j] - E[k], E), (i, j, k), words, exclude)


@mistake("analogy", hint="You take away c and add a. It is a that is taken away: the step goes from a to b.")
def started_at_a(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[k] + E[i], E), (i, j, k), words, exclude)


@mistake("analogy", hint="You only add up: nothing is taken away. The step from a to b is a difference.")
def all_added(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] + E[i] + E[k], E), (i, j, k), words, exclude)


@mistake("analogy", hint="You look for the step itself. It has to start at c: add its vector.")
def step_only(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i], E), (i, j, k), words, exclude)


@mistake(
    "analogy",
    hint="You compare by dot product, and so a long vector wins although it points elsewhere. Compare by "
    "cosine.",
)
def dot_product(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(E @ (E[j] - E[i] + E[k]), (i, j, k), words, exclude)


@mistake(
    "analogy",
    hint="You divide by the lengths of the words' vectors, but not by that of b - a + c. The word is right, "
    "its similarity is not.",
)
def length_of_query_missing(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    lengths = np.linalg.norm(E, axis=1)
    scores = (E @ (E[j] - E[i] + E[k])) / np.where(lengths > 0, lengths, 1.0)
    return _nearest(scores, (i, j, k), words, exclude)


@mistake("analogy", hint="You take the word at the smallest distance. Nearest here means the largest cosine.")
def smallest_distance(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    query = E[j] - E[i] + E[k]
    word, _ = _nearest(-np.linalg.norm(E - query, axis=1), (i, j, k), words, exclude)
    return word, float(_cosines(query, E)[words.index(word)])


@mistake(
    "analogy",
    hint="You give all vectors the length 1 before you compute with them. Others do so, too, but here they "
    "are taken as they are.",
)
def length_one_first_of_all(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    lengths = np.linalg.norm(E, axis=1, keepdims=True)
    U = E / np.where(lengths > 0, lengths, 1.0)
    return _nearest(_cosines(U[j] - U[i] + U[k], U), (i, j, k), words, exclude)


@mistake(
    "analogy",
    hint="The words of the question are not left out, so the answer is often one of them.",
    source="https://github.com/deeplearning4j/deeplearning4j/issues/2905",
)
def never_excluded(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, False)


@mistake("analogy", hint="The argument exclude is not used: a, b and c are left out even if it is False.")
def always_excluded(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, True)


@mistake("analogy", hint="exclude is the wrong way round: you leave a, b and c out when it is False.")
def exclude_inverted(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, not exclude)


@mistake("analogy", hint="You leave out only c. The answer must not be a or b, either.")
def only_c_excluded(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (k,), words, exclude)


@mistake("analogy", hint="You leave out b and c, but not a.")
def a_not_excluded(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (j, k), words, exclude)


@mistake(
    "analogy",
    hint="You set the similarity of a, b and c to 0 to leave them out. If all others are negative, they "
    "still win.",
)
def excluded_with_zero(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    scores = _cosines(E[j] - E[i] + E[k], E)
    if exclude:
        scores[[i, j, k]] = 0.0
    return _nearest(scores, (), words, False)


@mistake(
    "analogy",
    hint="You delete the scores of a, b and c, and so all behind them move up and belong to other words.",
)
def scores_moved_up(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    scores = _cosines(E[j] - E[i] + E[k], E)
    return _nearest(np.delete(scores, [i, j, k]) if exclude else scores, (), words, False)


@mistake(
    "analogy",
    hint="A vector of zeros gives NaN, and NaN wins every argmax. Its similarity is 0.",
)
def nan_wins(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    query = E[j] - E[i] + E[k]
    with np.errstate(all="ignore"):
        scores = (E @ query) / (np.linalg.norm(E, axis=1) * np.linalg.norm(query))
    return _nearest(scores, (i, j, k), words, exclude)


@mistake("analogy", hint="You return the least similar word. Look for the largest cosine.")
def least_similar(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    word, score = _nearest(-_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, exclude)
    return word, -score


@mistake("analogy", hint="You ignore the sign of the cosine. An opposite vector is far away, not near.")
def sign_ignored(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(np.abs(_cosines(E[j] - E[i] + E[k], E)), (i, j, k), words, exclude)


@mistake("analogy", hint="You return the row of the word. Return the word itself.")
def row_returned(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    word, score = _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, exclude)
    return words.index(word), score


@mistake("analogy", hint="The similarity is missing. Return two things: the word and its cosine.")
def word_only(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    return _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, exclude)[0]


@mistake("analogy", hint="The two results are in the wrong order: first the word, then its similarity.")
def order_of_results(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    word, score = _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, exclude)
    return score, word


@mistake(
    "analogy",
    hint="The similarity that you return is the largest of all, which may be that of a, b or c. It should "
    "be that of your answer.",
)
def similarity_of_another(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    scores = _cosines(E[j] - E[i] + E[k], E)
    return _nearest(scores, (i, j, k), words, exclude)[0], float(scores.max())


@mistake(
    "analogy",
    hint="You write into E: a row of it is a view, and += and -= on it change the matrix. The word b now "
    "has another vector.",
)
def row_overwritten(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    query = E[j]
    query -= E[i]
    query += E[k]
    return _nearest(_cosines(query, E), (i, j, k), words, exclude)


@mistake(
    "analogy",
    hint="You take a, b and c out of the list that you were given. It belongs to your caller.",
)
def words_removed(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    answer = _nearest(_cosines(E[j] - E[i] + E[k], E), (i, j, k), words, exclude)
    if exclude:
        for word in {a, b, c}:
            words.remove(word)
    return answer


@mistake(
    "analogy",
    hint="The answer is right, but you have divided the rows of E where they stand. Beware of /=.",
)
def lengths_divided_in_place(a, b, c, words, E, exclude=True):
    i, j, k = _rows(a, b, c, words)
    query = E[j] - E[i] + E[k]
    lengths = np.linalg.norm(E, axis=1, keepdims=True)
    E /= np.where(lengths > 0, lengths, 1.0)
    return _nearest(E @ query / (np.linalg.norm(query) or 1.0), (i, j, k), words, exclude)


@right_another_way("analogy")
def word_by_word(a, b, c, words, E, exclude=True):
    vector = dict(zip(words, E, strict=True))
    query = vector[b] - vector[a] + vector[c]
    best = None, -math.inf
    for word, v in vector.items():
        if exclude and word in (a, b, c):
            continue
        lengths = np.linalg.norm(v) * np.linalg.norm(query)
        cosine = float(v @ query / lengths) if lengths else 0.0
        if cosine > best[1]:
            best = word, cosine
    return best


@right_another_way("analogy")
def sorted_candidates(a, b, c, words, E, exclude=True):
    query = E[words.index(b)] + E[words.index(c)] - E[words.index(a)]
    with np.errstate(all="ignore"):
        cosines = np.nan_to_num(
            E / np.linalg.norm(E, axis=1, keepdims=True) @ (query / np.linalg.norm(query))
        )
    for i in np.argsort(-cosines):
        if not exclude or words[i] not in {a, b, c}:
            return words[i], cosines[i]


@right_another_way("analogy")
def candidates_cut_out(a, b, c, words, E, exclude=True):
    left_out = {a, b, c} if exclude else set()
    rows = [i for i, word in enumerate(words) if word not in left_out]
    query = np.array([-1.0, 1.0, 1.0]) @ E[[words.index(word) for word in (a, b, c)]]
    lengths = np.sqrt((E[rows] ** 2).sum(axis=1) * (query**2).sum())
    cosines = np.divide(E[rows] @ query, lengths, out=np.zeros(len(rows)), where=lengths > 0)
    best = cosines.argmax()
    return words[rows[best]], float(cosines[best])
