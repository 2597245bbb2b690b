"""Tests of `analogy`."""

import numpy as np
from otter.test_files import test_case
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
