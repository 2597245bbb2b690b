"""Tests of `greedy_decode`."""

import numpy as np
from otter.test_files import test_case

import solutions.transformer as reference

OK_FORMAT = False
name = "greedy_decode"
points = None


@test_case(name="the lecture's dragon: the most probable token has 8 %", points=1)
def lecture_dragon(greedy_decode):
    # 0 ... 4: The cute green dragon trot; 5 ... 10: ted, tline, tting, yl, toir, ","; the rest is not shown.
    after_trot = np.array([0.0] * 5 + [0.08, 0.05, 0.05, 0.05, 0.02, 0.01] + [0.0148] * 50)
    prompt = [0, 1, 2, 3, 4]
    ids = greedy_decode(lambda ids: after_trot, prompt, 60, 1)
    assert isinstance(ids, list), f"got {type(ids).__name__}, expected a list"
    assert ids == [0, 1, 2, 3, 4, 5], f"got {ids}, expected [0, 1, 2, 3, 4, 5]"
    kinds = sorted({type(i).__name__ for i in ids})
    assert kinds == ["int"], f"the ids are of the types {kinds}, expected Python's int"
    assert prompt == [0, 1, 2, 3, 4], f"the caller's prompt has become {prompt}"


@test_case(name="one up, until the end token or until there are enough", points=1)
def one_up(greedy_decode):
    def next_probs(ids):
        return np.where(np.arange(10) == ids[-1] + 1, 0.55, 0.05)

    until_end = greedy_decode(next_probs, [3, 4], 7, 20)
    enough = greedy_decode(next_probs, [3, 4], 7, 2)
    assert until_end == [3, 4, 5, 6, 7], f"got {until_end}, expected [3, 4, 5, 6, 7]"
    assert enough == [3, 4, 5, 6], f"got {enough}, expected [3, 4, 5, 6]"


def model(seed, size):
    """A model whose next token depends on all tokens so far and on where they stand."""
    table = np.random.default_rng(seed).normal(size=(size, size))

    def next_probs(ids):
        scores = 0.3 * table[-1]
        for place, token in enumerate(ids):
            scores = scores + np.cos(1.3 * (len(ids) - place) + 0.4) * table[int(token) % size]
        p = np.exp(scores)
        return p / p.sum()

    return next_probs


@test_case(
    name="a model that looks at everything",
    points=1,
    hidden=True,
    failure_message="With a model that looks at all tokens so far, the text is wrong. Ask about the whole "
    "text, prompt included, after each new token; stop after the end token or after max_new new ones.",
)
def looks_at_everything(greedy_decode):
    runs = [
        (1053, [4], 6, 20),
        (1054, [0, 3, 5], 99, 6),
        (1055, [6, 1, 2, 2], 5, 9),
        (1057, [4], 3, 2),
        (1051, [0, 3, 5], 6, 4),
        (1058, [6, 1, 2, 2], 99, 7),
    ]
    results = [greedy_decode(model(seed, 8), list(prompt), eos, new) for seed, prompt, eos, new in runs]
    for (seed, prompt, eos, new), ids in zip(runs, results, strict=True):
        assert list(ids) == reference.greedy_decode(model(seed, 8), prompt, eos, new)


@test_case(
    name="an end token in the prompt, no prompt, and nothing to write",
    points=1,
    hidden=True,
    failure_message="Only an end token that the model chooses ends a text: one in the prompt, even as its "
    "last id, does not. A prompt may be empty, and max_new may be 0.",
)
def special_prompts(greedy_decode):
    runs = [
        (1054, [0, 3, 5], 5, 8),
        (1058, [4], 4, 6),
        (1060, [6, 1, 2, 2], 1, 10),
        (1054, [], 2, 9),
        (1057, [0, 3, 5], 99, 0),
    ]
    results = [greedy_decode(model(seed, 8), list(prompt), eos, new) for seed, prompt, eos, new in runs]
    for (seed, prompt, eos, new), ids in zip(runs, results, strict=True):
        assert list(ids) == reference.greedy_decode(model(seed, 8), prompt, eos, new)


@test_case(
    name="a list of Python's own ints, and the prompt afterwards",
    points=1,
    hidden=True,
    failure_message="The result should be a new list of Python ints, and the caller's prompt should be as it "
    "was before.",
)
def own_ints(greedy_decode):
    prompt = [2, 5]
    ids = greedy_decode(model(1061, 7), prompt, 99, 4)
    assert prompt == [2, 5]
    assert type(ids) is list
    assert [type(i) for i in ids] == [int] * 6
    assert ids == reference.greedy_decode(model(1061, 7), [2, 5], 99, 4)


@test_case(
    name="how often the model is asked",
    points=1,
    hidden=True,
    failure_message="The model should be asked once for each new token, about all ids so far, and never "
    "about a text that has ended: neither after the end token nor after the last token that was wanted.",
)
def how_often(greedy_decode):
    asked = []

    def patient(last, longest):
        def next_probs(ids):
            ids = [int(i) for i in ids]
            asked.append(ids)
            if ids[-1] == last or len(ids) >= longest:
                raise RuntimeError("the text has ended")
            return np.where(np.arange(9) == ids[-1] + 1, 0.6, 0.05)

        return next_probs

    by_end = greedy_decode(patient(5, 12), [2], 5, 11)
    of_first = asked.copy()
    by_number = greedy_decode(patient(8, 5), [1, 2], 8, 3)
    assert list(by_end) == [2, 3, 4, 5]
    assert of_first == [[2], [2, 3], [2, 3, 4]]
    assert list(by_number) == [1, 2, 3, 4, 5]
    assert asked[len(of_first) :] == [[1, 2], [1, 2, 3], [1, 2, 3, 4]]
