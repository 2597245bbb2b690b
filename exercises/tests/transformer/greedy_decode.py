"""Tests of `greedy_decode`."""

import numpy as np
from otter.test_files import test_case

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
