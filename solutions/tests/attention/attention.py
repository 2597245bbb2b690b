"""Tests of `attention`."""

import numpy as np
from otter.test_files import test_case

import solutions.attention as reference

OK_FORMAT = False
name = "attention"
points = None


def pair(result):
    """The two arrays of a result, after a look at what they are."""
    assert isinstance(result, (tuple, list)), f"got {type(result).__name__}, expected (output, weights)"
    assert len(result) == 2, f"got {len(result)} values, expected two: output and weights"
    for part in result:
        assert isinstance(part, np.ndarray), f"got {type(part).__name__} in the pair, expected a NumPy array"
    return result


def compare(result, arguments):
    """Hold a result against the reference: shapes, type and values."""
    output, weights = pair(result)
    expected_output, expected_weights = reference.attention(*arguments)
    assert output.shape == expected_output.shape
    assert weights.shape == expected_weights.shape
    assert output.dtype == weights.dtype == np.float64
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(output, expected_output, rtol=1e-6, atol=1e-9)


def compare_all(attention, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [attention(*(a.copy() for a in arguments)) for arguments in inputs]
    for result, arguments in zip(results, inputs, strict=True):
        compare(result, arguments)


def random_qkv(seed, n, m, d_k, d_v, leading=()):
    """Random queries, keys and values that have nothing in common."""
    rng = np.random.default_rng(seed)
    sizes = ((n, d_k), (m, d_k), (m, d_v))
    return tuple(rng.normal(scale=1.5, size=(*leading, *size)) for size in sizes)


def random_mask(seed, shape):
    """A random mask in which every query may attend to one key at least, and something is hidden."""
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < 0.5
    np.put_along_axis(mask, rng.integers(shape[-1], size=(*shape[:-1], 1)), True, axis=-1)
    mask[..., 0, -1] = False
    mask[..., 0, 0] = True
    return mask


@test_case(name="two queries, three keys, as in the example", points=1)
def two_queries(attention):
    Q = np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0]])
    K = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    V = np.array([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    output, weights = pair(attention(Q, K, V))
    assert output.shape == (2, 2), f"got an output of shape {output.shape}, expected (2, 2)"
    assert weights.shape == (2, 3), f"got weights of shape {weights.shape}, expected (2, 3)"
    np.testing.assert_allclose(
        weights,
        [[0.4223187983, 0.1553624035, 0.4223187983], [0.0633789383, 0.4683105308, 0.4683105308]],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        output, [[2.5339127895, 2.2669563948], [2.4049315925, 2.8098631850]], rtol=1e-6
    )


@test_case(name="a mask that hides other keys from each query", points=1)
def masked_keys(attention):
    Q = np.array([[2.0, 0.0, 1.0, 1.0], [0.0, 2.0, 1.0, -1.0], [4.0, 3.0, 2.0, 1.0], [1.0, 0.0, -1.0, 2.0]])
    K = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 2.0], [-1.0, 2.0, 0.0, 1.0]])
    V = np.array([[10.0, 1.0], [20.0, 2.0], [40.0, 3.0]])
    mask = np.array([[True, True, True], [True, True, False], [True, False, False], [False, True, True]])
    output, weights = pair(attention(Q, K, V, mask))
    np.testing.assert_allclose(
        weights,
        [
            [0.5740969930, 0.3482074279, 0.0776955791],
            [0.6224593312, 0.3775406688, 0.0],
            [1.0, 0.0, 0.0],
            [0.0, 0.8175744762, 0.1824255238],
        ],
        rtol=1e-6,
        atol=1e-12,
    )
    np.testing.assert_allclose(
        output,
        [
            [15.8129416533, 1.5035985862],
            [13.7754066880, 1.3775406688],
            [10.0000000000, 1.0],
            [23.6485104761, 2.1824255238],
        ],
        rtol=1e-6,
    )


@test_case(name="a query that may attend to nothing gives zeros", points=1)
def nothing_to_see(attention):
    Q = np.array([[1.0, 2.0], [3.0, 1.0]])
    K = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    V = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]])
    mask = np.array([[False, False, False], [False, True, False]])
    output, weights = pair(attention(Q, K, V, mask))
    np.testing.assert_allclose(weights, [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(output, [[0.0, 0.0, 0.0, 0.0], [5.0, 6.0, 7.0, 8.0]], atol=1e-12)


@test_case(
    name="all sizes different, and self-attention",
    points=2,
    hidden=True,
    failure_message="Without a mask, the result is wrong for some sizes. Say for each axis of Q, K, V and "
    "of the scores what it counts; the numbers of queries, keys, columns of K and columns of V may all "
    "differ or agree.",
)
def all_sizes(attention):
    inputs = [
        random_qkv(101, 4, 4, 5, 5),
        random_qkv(102, 4, 6, 3, 5),
        random_qkv(103, 5, 2, 7, 3),
        random_qkv(104, 1, 4, 8, 6),
    ]
    compare_all(attention, inputs)


@test_case(
    name="batches and heads",
    points=1,
    hidden=True,
    failure_message="With leading axes (a batch, or a batch of heads) the result is wrong. Each item of a "
    "batch is an attention of its own: count axes from the end.",
)
def leading_axes(attention):
    inputs = [
        random_qkv(111, 3, 3, 3, 3, leading=(3,)),
        random_qkv(112, 4, 5, 6, 3, leading=(2,)),
        random_qkv(113, 2, 4, 5, 3, leading=(3, 2)),
    ]
    compare_all(attention, inputs)


@test_case(
    name="masks of all kinds",
    points=1,
    hidden=True,
    failure_message="With a mask the result is wrong. True means may attend; a hidden key has the weight "
    "0, and the weights of the keys that are left add up to 1, for every query, in a batch too.",
)
def masks(attention):
    inputs = [
        (*random_qkv(121, 4, 4, 6, 2), random_mask(121, (4, 4))),
        (*random_qkv(122, 5, 7, 3, 4), random_mask(122, (5, 7))),
        (*random_qkv(123, 3, 5, 4, 6, leading=(2, 2)), random_mask(123, (2, 2, 3, 5))),
        (*random_qkv(124, 2, 3, 5, 4), np.ones((2, 3), dtype=bool)),
    ]
    compare_all(attention, inputs)


def tall_key():
    """Scores far above and far below zero, a hidden key with the top score, and a query that sees nothing."""
    rng = np.random.default_rng(140)
    Q = np.array([[50.0, 50.0, 50.0, 50.0], [-50.0, -50.0, -50.0, -50.0], [20.0, -20.0, 20.0, -20.0]])
    K = 15.0 + 0.02 * rng.normal(size=(3, 4))
    K[1] += 20.0
    mask = np.array([[True, False, True], [True, True, False], [False, False, False]])
    return Q, K, rng.normal(size=(3, 5)), mask


@test_case(
    name="queries that may attend to nothing, among others",
    points=1,
    hidden=True,
    failure_message="A query that may attend to nothing should give zeros in the weights and in the "
    "output, and leave the queries beside it alone.",
)
def nothing_among_others(attention):
    mask = random_mask(131, (2, 4, 5))
    mask[0, 2] = mask[1, 1] = mask[1, 3] = False
    batch = (*random_qkv(131, 4, 5, 3, 6, leading=(2,)), mask)
    results = [attention(*(a.copy() for a in arguments)) for arguments in (batch, tall_key())]
    compare(results[0], batch)
    output, weights = pair(results[1])
    np.testing.assert_allclose(weights[2], np.zeros(3), atol=1e-12)
    np.testing.assert_allclose(output[2], np.zeros(5), atol=1e-12)


@test_case(
    name="large scores",
    points=1,
    hidden=True,
    failure_message="Large scores (thousands, or far below zero) give a wrong result, inf or nan. Subtract "
    "from each row its own largest allowed score; a hidden key must stay hidden however low the others are.",
)
def large_scores(attention):
    rng = np.random.default_rng(141)
    Q, K, V, mask = tall_key()
    free = (Q, 15.0 + 0.02 * rng.normal(size=(4, 4)), rng.normal(size=(4, 2)))
    low = (
        np.full((1, 4), -400.0),
        190.0 + 0.001 * rng.normal(size=(3, 4)),
        V,
        np.array([[True, True, False]]),
    )
    inputs = (free, (Q, K, V, mask), low)
    results = [attention(*(a.copy() for a in arguments)) for arguments in inputs]
    compare(results[0], free)
    compare([part[:2] for part in pair(results[1])], (Q[:2], K, V, mask[:2]))
    compare(results[2], low)


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into one of its arguments. Make new "
    "arrays: Q, K, V and the mask still belong to whoever called you.",
)
def arguments_unchanged(attention):
    arguments = (*random_qkv(151, 3, 4, 7, 2), random_mask(151, (3, 4)))
    before = [a.copy() for a in arguments]
    result = attention(*arguments)
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)
    compare(result, before)
