"""Tests of `patch_embed`."""

import numpy as np
from otter.test_files import test_case

import solutions.image_patches as reference

OK_FORMAT = False
name = "patch_embed"
points = None


@test_case(name="two patches of bytes, as in the example", points=1)
def two_patches(patch_embed):
    patches = np.array([[97, 88, 46], [200, 100, 0]], dtype=np.uint8)
    W = np.array([[1.0, 0.5], [0.0, -1.0], [0.0, 0.5]])
    z = patch_embed(patches, W, np.array([10.0, 0.25]))
    assert isinstance(z, np.ndarray), f"got {type(z).__name__}, expected a NumPy array"
    assert z.shape == (2, 2), f"got an array of shape {z.shape}, expected (2, 2)"
    assert z.dtype == np.float64, f"got an array of {z.dtype}, expected float64"
    np.testing.assert_allclose(z, [[107.0, -16.25], [210.0, 0.25]], rtol=1e-9)


def compare_all(patch_embed, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [patch_embed(*(a.copy() for a in arguments)) for arguments in inputs]
    for z, arguments in zip(results, inputs, strict=True):
        expected = reference.patch_embed(*arguments)
        assert z.shape == expected.shape
        assert z.dtype == np.float64
        np.testing.assert_allclose(z, expected, rtol=1e-6, atol=1e-9)


def weights(rng, D, d_model):
    """Random weights and a random bias that is large enough to be missed."""
    return rng.normal(size=(D, d_model)), rng.normal(scale=20.0, size=d_model)


@test_case(
    name="patches of numbers with a fraction",
    points=1,
    hidden=True,
    failure_message="The embeddings are wrong for some sizes. Every patch is multiplied by W as it is, and b "
    "is added to every row; there may be as many patches as columns of W, or other numbers of them.",
)
def with_fractions(patch_embed):
    rng = np.random.default_rng(851)
    sizes = [(3, 3, 3), (5, 4, 3), (1, 6, 2), (4, 2, 4)]
    compare_all(patch_embed, [(rng.normal(size=(N, D)), *weights(rng, D, m)) for N, D, m in sizes])


@test_case(
    name="patches of bytes",
    points=1,
    hidden=True,
    failure_message="With patches of the type uint8 the embeddings are wrong, or are not float64. Let the "
    "calculation run in floating point from the start, so that nothing is cut off or goes round past 255.",
)
def bytes_as_patches(patch_embed):
    rng = np.random.default_rng(861)
    sizes = [(6, 12, 4), (2, 5, 5)]
    inputs = [(rng.integers(256, size=(N, D), dtype=np.uint8), *weights(rng, D, m)) for N, D, m in sizes]
    compare_all(patch_embed, inputs)


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into one of its arguments. Make new arrays: "
    "patches, W and b still belong to whoever called you.",
)
def arguments_unchanged(patch_embed):
    rng = np.random.default_rng(871)
    arguments = (rng.normal(size=(4, 3)), *weights(rng, 3, 2))
    before = [a.copy() for a in arguments]
    z = patch_embed(*arguments)
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(z, reference.patch_embed(*before), rtol=1e-6, atol=1e-9)
