"""Tests of `matmul`."""

import numpy as np
from otter.test_files import test_case

import solutions.kernels as reference

OK_FORMAT = False
name = "matmul"
points = None


def raises_value_error(function, *arguments):
    """Whether the function raises ValueError, and no other error."""
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


@test_case(name="a 2 x 3 matrix times a 3 x 2 matrix", points=2)
def two_by_three(matmul):
    A = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    B = np.array([[2.0, 1.0], [0.0, 5.0], [-1.0, 3.0]])
    C = matmul(A, B)
    assert isinstance(C, np.ndarray), f"got {type(C).__name__}, expected a NumPy array"
    assert C.shape == (2, 2), f"got the shape {C.shape}, expected (2, 2)"
    np.testing.assert_allclose(C, [[-1.0, 20.0], [-4.0, 7.0]], rtol=1e-12)


@test_case(name="a 2 x 3 matrix does not fit a 2 x 3 matrix, but fits a 3 x 1 matrix", points=1)
def fits_or_not(matmul):
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    refused = raises_value_error(matmul, A, A)
    np.testing.assert_allclose(matmul(A, np.array([[1.0], [10.0], [100.0]])), [[321.0], [654.0]], rtol=1e-12)
    assert refused, "a (2, 3) matrix times a (2, 3) matrix should raise ValueError"


def compare_all(matmul, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    with np.errstate(invalid="ignore"):
        results = [matmul(A.copy(), B.copy()) for A, B in inputs]
        expected = [reference.matmul(A, B) for A, B in inputs]
    for C, right in zip(results, expected, strict=True):
        assert isinstance(C, np.ndarray), "the result is a NumPy array"
        assert C.shape == right.shape, "the result has the wrong shape"
        np.testing.assert_allclose(C, right, rtol=1e-9, atol=1e-12)
        assert C.dtype == np.float64, "the result is float64"


def random_pair(seed, m, k, n):
    """Two random matrices that fit."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, k)), rng.normal(size=(k, n))


@test_case(
    name="other sizes",
    points=2,
    hidden=True,
    failure_message="The product is wrong for some sizes. m, k and n may all differ or agree, be 1, or be "
    "no multiple of anything, and each of the k terms of a sum counts once.",
)
def other_sizes(matmul):
    inputs = [
        random_pair(201, 4, 4, 4),
        random_pair(202, 3, 5, 2),
        random_pair(203, 2, 3, 7),
        random_pair(204, 1, 6, 1),
        random_pair(205, 5, 1, 4),
        random_pair(206, 1, 1, 1),
        random_pair(207, 19, 33, 21),
        (np.array([[1e9, 0.25, -1e9], [3.0, 1e-9, 2.0]]), np.array([[1.0, 2.0], [1.0, -1.0], [1.0, 2.0]])),
    ]
    compare_all(matmul, inputs)


@test_case(
    name="integers and booleans",
    points=1,
    hidden=True,
    failure_message="With matrices of integers or booleans the product is wrong, or it is not float64. "
    "Small integer types wrap around: be in float64 before the first multiplication.",
)
def integers(matmul):
    rng = np.random.default_rng(211)
    small = rng.integers(100, 256, size=(3, 4)).astype(np.uint8)
    flags = rng.random((4, 3)) < 0.7
    inputs = [
        (small, rng.integers(1, 3, size=(4, 2)).astype(np.uint8)),
        (rng.integers(-9, 9, size=(2, 5)), rng.integers(-9, 9, size=(5, 3))),
        (flags, flags.T.copy()),
        (rng.integers(-9, 9, size=(2, 3)), rng.normal(size=(3, 2))),
        (rng.normal(size=(2, 3)).astype(np.float32), rng.normal(size=(3, 4)).astype(np.float32)),
        (np.array([[60000, 30000]], dtype=np.int32), np.array([[60000], [60000]], dtype=np.int32)),
    ]
    compare_all(matmul, inputs)


@test_case(
    name="infinity and nan",
    points=1,
    hidden=True,
    failure_message="An inf or nan in A or B does not arrive where it should, or it arrives where it "
    "should not. It belongs in those entries of the product that have it as a factor, also if the other "
    "factor is 0.",
)
def infinity_and_nan(matmul):
    A, B = random_pair(221, 3, 4, 3)
    A[0, 1], A[1, 2], A[2, 3] = 0.0, np.nan, np.inf
    B[1, 0], B[1, 1], B[3, 2] = np.nan, np.inf, 0.0
    C, D = random_pair(222, 2, 2, 3)
    C[0], D[0, 1], D[1, 1] = [1.0, 1.0], np.inf, -np.inf
    compare_all(matmul, [(A, B), (C, D)])


@test_case(
    name="nothing to multiply",
    points=1,
    hidden=True,
    failure_message="m, k or n may be 0. Which shape has the product, and what is a sum of no terms?",
)
def nothing(matmul):
    empty = [(2, 0, 3), (0, 3, 2), (4, 3, 0), (0, 0, 0)]
    compare_all(matmul, [(np.zeros((m, k)), np.zeros((k, n))) for m, k, n in empty])


@test_case(
    name="shapes that do not fit",
    points=1,
    hidden=True,
    failure_message="Some shapes that do not fit are accepted, or the error is not a ValueError. Only two "
    "axes each are allowed, and an axis of length 1 fits another one of length 1 only.",
)
def wrong_shapes(matmul):
    rng = np.random.default_rng(241)
    shapes = [
        ((2, 3), (4, 5)),
        ((4, 3), (2, 5)),
        ((3, 1), (4, 2)),
        ((2, 4), (1, 3)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((3,), (3,)),
        ((2, 2, 2), (2, 2)),
        ((2, 2), (2, 2, 2)),
        ((2, 0), (3, 2)),
        ((2, 0, 0), (0, 2)),
    ]
    refused = [raises_value_error(matmul, rng.normal(size=a), rng.normal(size=b)) for a, b in shapes]
    compare_all(matmul, [random_pair(241, 3, 2, 4)])
    assert all(refused), "some shapes that do not fit are accepted"


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The product is wrong, or your function wrote into A or B. Make a new array for C, "
    "also when A and B are float64 already.",
)
def arguments_unchanged(matmul):
    A, B = random_pair(251, 3, 3, 3)
    given = A.copy(), B.copy()
    C = matmul(*given)
    np.testing.assert_array_equal(given[0], A, err_msg="A has changed")
    np.testing.assert_array_equal(given[1], B, err_msg="B has changed")
    np.testing.assert_allclose(C, reference.matmul(A, B), rtol=1e-9, atol=1e-12)
