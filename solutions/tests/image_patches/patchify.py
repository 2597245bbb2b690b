"""Tests of `patchify`."""

import numpy as np
from otter.test_files import test_case

import solutions.image_patches as reference

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


def compare_all(patchify, pictures):
    """Call first, then compare, so that one wrong answer does not hide the next."""
    results = [patchify(img.copy(), p) for img, p in pictures]
    for (img, p), patches in zip(pictures, results, strict=True):
        expected = reference.patchify(img, p)
        assert patches.shape == expected.shape
        np.testing.assert_array_equal(patches, expected)


def picture(seed, *shape):
    """A picture of bytes in which hardly two numbers in a row are the same."""
    return np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)


@test_case(
    name="wide and high pictures, with other numbers of channels",
    points=2,
    hidden=True,
    failure_message="The patches are wrong for some sizes. Height, width, side and channels may all differ. "
    "Number the pixels of a picture that is wider than high, with two channels, and write its patches down.",
)
def other_sizes(patchify):
    pictures = [(801, (4, 6, 3), 2), (802, (9, 3, 2), 3), (803, (2, 8, 4), 2), (804, (8, 12, 1), 4)]
    compare_all(patchify, [(picture(seed, *shape), p) for seed, shape, p in pictures])


@test_case(
    name="numbers of any kind are kept",
    points=1,
    hidden=True,
    failure_message="Cutting only moves numbers: it must not scale, round or clip them, nor write into the "
    "picture. A patch may also be as large as the whole picture.",
)
def numbers_kept(patchify):
    rng = np.random.default_rng(811)
    img = rng.normal(scale=300.0, size=(6, 4, 3))
    before = img.copy()
    whole = picture(812, 3, 3, 2)
    patches, one = patchify(img, 2), patchify(whole, 3)
    np.testing.assert_array_equal(img, before)
    np.testing.assert_array_equal(patches, reference.patchify(before, 2))
    assert one.shape == (1, 18)
    np.testing.assert_array_equal(one, whole.reshape(1, 18))


@test_case(
    name="sides that do not fit",
    points=1,
    hidden=True,
    failure_message="When the side does not divide the height, or does not divide the width, a ValueError "
    "should be raised: also when only one of the two does not fit, and when the picture is smaller than a "
    "patch. When it divides both, there is no error.",
)
def does_not_fit(patchify):
    fits = picture(820, 6, 4, 2)
    outcomes = []
    for img, p in [
        (picture(821, 5, 4, 3), 2),
        (picture(822, 4, 5, 3), 2),
        (picture(823, 2, 8, 3), 4),
        (picture(824, 8, 2, 3), 4),
        (picture(825, 3, 3, 1), 4),
    ]:
        try:
            outcomes.append(patchify(img, p))
        except ValueError:
            outcomes.append("ValueError")
        except AssertionError:
            outcomes.append("AssertionError")
    patches = patchify(fits, 2)
    assert all(isinstance(outcome, str) and outcome == "ValueError" for outcome in outcomes)
    np.testing.assert_array_equal(patches, reference.patchify(fits, 2))
