"""Tests of `unpatchify`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "unpatchify"
points = None


@test_case(name="two patches side by side, and one below the other", points=1)
def two_patches(unpatchify):
    patches = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    wide, high = unpatchify(patches, 2, 4, 1), unpatchify(patches, 4, 2, 1)
    assert isinstance(wide, np.ndarray), f"got {type(wide).__name__}, expected a NumPy array"
    assert wide.shape == (2, 4, 1), f"got an array of shape {wide.shape}, expected (2, 4, 1)"
    assert high.shape == (4, 2, 1), f"got an array of shape {high.shape}, expected (4, 2, 1)"
    np.testing.assert_array_equal(wide[:, :, 0], [[1, 2, 5, 6], [3, 4, 7, 8]])
    np.testing.assert_array_equal(high[:, :, 0], [[1, 2], [3, 4], [5, 6], [7, 8]])


@test_case(name="the lecture's pixel in one patch of four pixels", points=1)
def one_patch(unpatchify):
    patches = np.array([[97, 88, 46, 120, 110, 80, 0, 1, 2, 255, 254, 253]], dtype=np.uint8)
    img = unpatchify(patches, 2, 2, 3)
    assert img.shape == (2, 2, 3), f"got an array of shape {img.shape}, expected (2, 2, 3)"
    np.testing.assert_array_equal(img, [[[97, 88, 46], [120, 110, 80]], [[0, 1, 2], [255, 254, 253]]])
