"""Tests of `analogy`."""

import numpy as np
from otter.test_files import test_case

import solutions.embeddings as reference
from genai_course import data

OK_FORMAT = False
name = "analogy"
points = None


def check(answer, word, similarity):
    """Hold an answer against the word and the similarity that are expected."""
    assert answer is not None, "got None, expected (word, similarity) (is `return` missing?)"
    assert isinstance(answer, (tuple, list)), f"got {type(answer).__name__}, expected (word, similarity)"
    assert len(answer) == 2, f"got {len(answer)} values, expected two: word and similarity"
    assert isinstance(answer[0], str), f"got {type(answer[0]).__name__} in the first place, expected a word"
    assert answer[0] == word, f"got {answer[0]!r}, expected {word!r}"
    assert np.shape(answer[1]) == (), "the similarity is a single number"
    np.testing.assert_allclose(answer[1], similarity, rtol=1e-6, atol=1e-9)


def compare_all(analogy, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [analogy(*abc, list(words), E.copy(), *rest) for *abc, words, E, rest in inputs]
    for answer, (*abc, words, E, rest) in zip(got, inputs, strict=True):
        word, similarity = reference.analogy(*abc, words, E, *rest)
        assert isinstance(answer, (tuple, list)), "the result is a pair: word and similarity"
        assert len(answer) == 2, "the result is a pair: word and similarity"
        assert isinstance(answer[0], str), "the first of the pair is a word"
        assert answer[0] == word, "another word is nearer, or the nearest one is not allowed"
        np.testing.assert_allclose(answer[1], similarity, rtol=1e-6, atol=1e-9)


def letters(count):
    """Names for words whose vectors mean nothing."""
    return [chr(ord("a") + i) * 3 for i in range(count)]


@test_case(name="five words in a plane, as in the example", points=1)
def in_a_plane(analogy):
    words = ["german", "germany", "austrian", "austria", "river"]
    E = np.array([[1.0, 0.0], [1.0, 2.0], [3.0, 0.0], [3.5, 2.0], [0.0, 3.0]])
    check(analogy("german", "germany", "austrian", words, E), "austria", 0.9976303284229832)


@test_case(name="the lecture's own: german, germany, austrian", points=2)
def lecture(analogy):
    all_words, all_vectors = data.glove()
    words = ["river", "german", "germany", "austrian", "austria", "french", "france", "swiss", "switzerland"]
    words += ["king", "queen", "man", "woman"]
    E = all_vectors[[all_words.index(word) for word in words]]
    answers = [
        analogy("german", "germany", "austrian", words, E.copy()),
        analogy("german", "germany", "swiss", words, E.copy()),
        analogy("man", "king", "woman", words, E.copy()),
    ]
    check(answers[0], "austria", 0.9647939564752022)
    check(answers[1], "switzerland", 0.9235512535196325)
    check(answers[2], "queen", 0.8609491671664725)


@test_case(
    name="other words",
    points=2,
    hidden=True,
    failure_message="Some answers are wrong. Go the step from a to b, but starting at c; the nearest word "
    "is the one of the largest cosine; its similarity comes with it. Try words that stand anywhere in the "
    "list.",
)
def other_words(analogy):
    rng = np.random.default_rng(121)
    inputs = []
    for size, d in [(7, 3), (12, 5), (6, 6), (20, 4)]:
        words = letters(size)
        abc = [words[i] for i in rng.permutation(size)[:3]]
        inputs.append((*abc, words, rng.normal(size=(size, d)) * rng.uniform(0.3, 4.0, size=(size, 1)), ()))
    compare_all(analogy, inputs)


@test_case(
    name="the words of the question",
    points=1,
    hidden=True,
    failure_message="Without anything said, or with exclude=True, the answer is none of a, b, c, whichever "
    "of them is nearest; with exclude=False it may be any word.",
)
def words_of_the_question(analogy):
    words = letters(7)
    E = np.array(
        [
            [1.0, 1.0, 0.0],
            [2.0, 0.5, 0.1],
            [0.5, 2.0, 0.0],
            [1.9, 0.4, 0.2],
            [0.7, 0.4, 0.9],
            [0.1, 1.0, 0.8],
            [-1.0, 0.3, 0.5],
        ]
    )
    inputs = []
    for abc in (("aaa", "bbb", "ccc"), ("bbb", "ccc", "ddd"), ("bbb", "ddd", "ccc")):
        inputs += [(*abc, words, E, rest) for rest in ((), (True,), (False,))]
    compare_all(analogy, inputs)


@test_case(
    name="nothing near",
    points=1,
    hidden=True,
    failure_message="All words but those of the question may point away, and some vectors may be all zeros, "
    "with the similarity 0. The answer is still the nearest word that is allowed.",
)
def nothing_near(analogy):
    words = letters(6)
    away = np.array([[1.0, 0.1], [2.0, 0.3], [1.5, 0.2], [-1.0, 0.5], [-2.0, 0.1], [-1.0, -0.4]])
    with_zeros = np.array([[1.0, 0.1], [2.0, 0.3], [1.5, 0.2], [0.0, 0.0], [1.0, -0.6], [0.0, 0.0]])
    beside = away.copy()
    beside[4] = 0.0
    inputs = [("aaa", "bbb", "ccc", words, E, ()) for E in (away, with_zeros, beside)]
    inputs.append(("bbb", "aaa", "ccc", words, with_zeros, (False,)))
    compare_all(analogy, inputs)


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The answer is wrong, or your function has changed its arguments: the list of words, or "
    "the matrix. A row of a matrix is a view, not a copy.",
)
def unchanged(analogy):
    rng = np.random.default_rng(122)
    words, E = letters(9), rng.normal(size=(9, 4))
    given_words, given_E = list(words), E.copy()
    answer = analogy("ggg", "bbb", "ddd", given_words, given_E)
    word, similarity = reference.analogy("ggg", "bbb", "ddd", words, E)
    assert given_words == words, "the list of words has changed"
    np.testing.assert_array_equal(given_E, E, err_msg="the matrix that was given has changed")
    assert answer[0] == word, "another word is nearer"
    np.testing.assert_allclose(answer[1], similarity, rtol=1e-6, atol=1e-9)
