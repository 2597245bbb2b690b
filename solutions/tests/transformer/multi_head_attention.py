"""Tests of `multi_head_attention`."""

import numpy as np
from otter.test_files import test_case

import solutions.transformer as reference

OK_FORMAT = False
name = "multi_head_attention"
points = None


@test_case(name="two heads, as in the example, and a Wo that turns them round", points=1)
def two_heads(multi_head_attention):
    x = np.array([[1.0, 1.0, 0.0, 0.0]])
    mem = np.array([[2.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 4.0]])
    same, turned = np.eye(4), np.eye(4)[::-1]
    out = multi_head_attention(x, mem, same, same, same, turned, 2)
    assert isinstance(out, np.ndarray), f"got {type(out).__name__}, expected a NumPy array"
    assert out.shape == (1, 4), f"got an array of shape {out.shape}, expected (1, 4)"
    np.testing.assert_allclose(out, [[2.0, 1.0, 0.0, 1.6088592478]], rtol=1e-6, atol=1e-9)


@test_case(name="a text that looks at itself, without and with a causal mask", points=1)
def itself_with_mask(multi_head_attention):
    x = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 1.0, 0.0, 2.0], [1.0, 1.0, -1.0, 1.0]])
    Wq = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
    Wk = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 2.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
    Wv = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    Wo = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]])
    free = multi_head_attention(x, x, Wq, Wk, Wv, Wo, 2)
    masked = multi_head_attention(x, x, Wq, Wk, Wv, Wo, 2, np.tri(3, dtype=bool))
    np.testing.assert_allclose(
        free,
        [
            [4.1963135137, 5.6590647531, 4.8560533791, 3.9733546203],
            [3.3802946698, 4.9898359604, 1.0242452306, 3.3228587897],
            [3.6488695851, 5.2584108756, 0.4438071697, 3.5914337050],
        ],
        rtol=1e-6,
        atol=1e-9,
    )
    np.testing.assert_allclose(
        masked,
        [
            [7.0, 6.0, 5.0, 4.0],
            [3.2805240731, 4.2238882360, 0.9778515875, 3.1955703175],
            [3.6488695851, 5.2584108756, 0.4438071697, 3.5914337050],
        ],
        rtol=1e-6,
        atol=1e-9,
    )


def random_heads(seed, n, m, d, scale=1.0):
    """Random tokens that look, tokens that are looked at, and four matrices."""
    rng = np.random.default_rng(seed)
    x, mem = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    return x, mem, *rng.normal(scale=scale, size=(4, d, d))


def random_mask(seed, n, m):
    """A random mask in which every token may look at one other at least, and something is hidden."""
    rng = np.random.default_rng(seed)
    mask = rng.random((n, m)) < 0.5
    mask[np.arange(n), rng.integers(m, size=n)] = True
    mask[0, 0], mask[0, -1] = True, False
    return mask


def compare_all(multi_head_attention, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [
        multi_head_attention(*(a if isinstance(a, int) else a.copy() for a in given)) for given in inputs
    ]
    for out, given in zip(results, inputs, strict=True):
        expected = reference.multi_head_attention(*given)
        assert out.shape == expected.shape
        assert out.dtype == np.float64
        np.testing.assert_allclose(out, expected, rtol=1e-6, atol=1e-9)


@test_case(
    name="another text to look at",
    points=2,
    hidden=True,
    failure_message="Without a mask, the output is wrong when mem is not x. Queries come from x, keys and "
    "values from mem; the numbers of tokens n and m, the width d, the number of heads h and the width of a "
    "head d/h may all differ, or agree.",
)
def another_text(multi_head_attention):
    inputs = [
        (*random_heads(931, 4, 4, 6), 2),
        (*random_heads(932, 2, 5, 6), 3),
        (*random_heads(933, 4, 3, 8), 2),
        (*random_heads(934, 3, 2, 12), 3),
    ]
    compare_all(multi_head_attention, inputs)


@test_case(
    name="a single head, and heads of a single column",
    points=1,
    hidden=True,
    failure_message="The output is wrong for h = 1 or for h = d. One head is plain attention on all columns; "
    "d heads have one column each. The root is that of the width of a head.",
)
def few_and_many_heads(multi_head_attention):
    inputs = [(*random_heads(941, 3, 4, 5), 1), (*random_heads(942, 3, 5, 4), 4)]
    compare_all(multi_head_attention, inputs)


@test_case(
    name="masks",
    points=1,
    hidden=True,
    failure_message="With a mask the output is wrong. True means may attend; every head uses the same mask "
    "of shape (n, m), before its softmax.",
)
def masks(multi_head_attention):
    inputs = [
        (*random_heads(951, 4, 4, 6), 2, random_mask(951, 4, 4)),
        (*random_heads(952, 3, 5, 6), 3, random_mask(952, 3, 5)),
        (*random_heads(953, 2, 3, 4), 2, np.ones((2, 3), dtype=bool)),
    ]
    compare_all(multi_head_attention, inputs)


@test_case(
    name="tokens that may attend to nothing, and large scores",
    points=1,
    hidden=True,
    failure_message="A token that may attend to nothing should get zeros, and the others what they get "
    "without it; or scores in the thousands give inf or nan: see the topic `attention` for both.",
)
def hard_cases(multi_head_attention):
    mask = random_mask(961, 4, 5)
    mask[2] = False
    inputs = [(*random_heads(961, 4, 5, 6), 2, mask), (*random_heads(962, 3, 4, 6, scale=20.0), 3)]
    compare_all(multi_head_attention, inputs)


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into one of its arguments. Make new arrays: "
    "x, mem, the matrices and the mask still belong to whoever called you.",
)
def arguments_unchanged(multi_head_attention):
    arguments = (*random_heads(971, 3, 4, 6), 2, random_mask(971, 3, 4))
    before = [np.copy(a) for a in arguments]
    out = multi_head_attention(*arguments)
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)
    expected = reference.multi_head_attention(*before[:6], 2, before[7])
    np.testing.assert_allclose(out, expected, rtol=1e-6, atol=1e-9)
