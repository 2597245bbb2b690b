"""Tests of `attention`."""

import numpy as np
from otter.test_files import test_case

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
