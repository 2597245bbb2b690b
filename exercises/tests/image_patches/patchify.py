"""Tests of `patchify`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "patchify"
points = None


@test_case(name="the lecture's pixel among others, p = 1", points=1)
def lecture_pixel(patchify):
    img = np.array([[[97, 88, 46], [120, 110, 80]], [[0, 1, 2], [255, 254, 253]]], dtype=np.uint8)
    patches = patchify(img, 1)
    assert isinstance(patches, np.ndarray), f"got {type(patches).__name__}, expected a NumPy array"
    assert patches.shape == (4, 3), f"got an array of shape {patches.shape}, expected (4, 3)"
    np.testing.assert_array_equal(patches, [[97, 88, 46], [120, 110, 80], [0, 1, 2], [255, 254, 253]])


@test_case(name="sixteen numbered pixels, and a side that does not fit", points=1)
def numbered_pixels(patchify):
    patches = patchify(np.arange(16.0).reshape(4, 4, 1), 2)
    assert patches.shape == (4, 4), f"got an array of shape {patches.shape}, expected (4, 4)"
    expected = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    np.testing.assert_array_equal(patches, expected)
    try:
        left_over = patchify(np.zeros((4, 4, 1)), 3)
    except ValueError:
        return
    raise AssertionError(f"3 does not divide 4: expected a ValueError, got shape {np.shape(left_over)}")
