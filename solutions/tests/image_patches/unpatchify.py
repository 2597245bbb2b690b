"""Tests of `unpatchify`."""

import numpy as np
from otter.test_files import test_case

import solutions.image_patches as reference

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


def patches_of(seed, p, rows, columns, channels):
    """Random bytes as patches, and the size of the picture they belong to."""
    size = (rows * columns, p * p * channels)
    patches = np.random.default_rng(seed).integers(256, size=size, dtype=np.uint8)
    return patches, (rows * p, columns * p, channels)


@test_case(
    name="wide and high pictures, with other numbers of channels",
    points=2,
    hidden=True,
    failure_message="The picture is wrong for some sizes. The side of a patch follows from its length and "
    "from C; H/p patches stand below each other and W/p side by side, and these may differ.",
)
def other_sizes(unpatchify):
    inputs = [
        patches_of(831, 2, 2, 3, 3),
        patches_of(832, 3, 4, 1, 2),
        patches_of(833, 2, 1, 4, 4),
        patches_of(834, 4, 3, 2, 1),
        patches_of(835, 1, 3, 5, 3),
    ]
    results = [unpatchify(patches.copy(), *shape) for patches, shape in inputs]
    for (patches, shape), img in zip(inputs, results, strict=True):
        assert img.shape == shape
        np.testing.assert_array_equal(img, reference.unpatchify(patches, *shape))


@test_case(
    name="the exact inverse of cutting",
    points=2,
    hidden=True,
    failure_message="A picture that is cut and put together has to be the same as before, number by number: "
    "nothing is scaled, rounded or clipped, and the patches are left as they were.",
)
def exact_inverse(unpatchify):
    rng = np.random.default_rng(841)
    pictures = [(rng.normal(scale=300.0, size=shape), p) for shape, p in [((6, 9, 3), 3), ((8, 8, 2), 2)]]
    cuts = [reference.patchify(img, p) for img, p in pictures]
    given = [patches.copy() for patches in cuts]
    results = [unpatchify(patches, *img.shape) for patches, (img, _) in zip(given, pictures, strict=True)]
    for patches, before in zip(given, cuts, strict=True):
        np.testing.assert_array_equal(patches, before)
    for img, (expected, _) in zip(results, pictures, strict=True):
        assert img.shape == expected.shape
        np.testing.assert_array_equal(img, expected)
