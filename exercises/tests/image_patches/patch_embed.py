"""Tests of `patch_embed`."""

import numpy as np
from otter.test_files import test_case

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
