"""Known mistakes in `image_patches`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way


def _checked(img: np.ndarray, p: int) -> tuple[int, int, int]:
    """The sizes of a picture that patches of side p fill."""
    H, W, C = img.shape
    if H % p or W % p:
        raise ValueError("the side of a patch has to divide the height and the width")
    return H, W, C


def _blocks(img: np.ndarray, p: int) -> np.ndarray:
    """The five axes, in order: row of patches, column of patches, row, column, channel."""
    H, W, C = img.shape
    return img.reshape(H // p, p, W // p, p, C).transpose(0, 2, 1, 3, 4)


def _side(patches: np.ndarray, C: int) -> int:
    """The side of a patch."""
    return round(math.sqrt(patches.shape[1] / C))


# patchify: mistakes in the order


@mistake(
    "patchify",
    hint="Your patches are stripes: pixels that lie next to each other in one row of the picture. Reshaping "
    "alone does not change the order in which numbers are read; two axes have to change places.",
    source="https://github.com/DarshanDeshpande/jax-models/issues/2",
)
def stripes_not_squares(img, p):
    H, W, C = _checked(img, p)
    return img.reshape(H // p * (W // p), p * p * C)


@mistake(
    "patchify",
    hint="Your patches are counted down the columns. Count them as you read: the top row from left to right, "
    "then the next row.",
)
def counted_down_the_columns(img, p):
    _, _, C = _checked(img, p)
    return _blocks(img, p).swapaxes(0, 1).reshape(-1, p * p * C)


@mistake(
    "patchify",
    hint="Within each patch, rows and columns are exchanged: the patch lies on its side. Flatten it row by "
    "row.",
    source="https://github.com/NVIDIA/flashdreams/pull/284",
)
def patch_on_its_side(img, p):
    _, _, C = _checked(img, p)
    return _blocks(img, p).swapaxes(2, 3).reshape(-1, p * p * C)


@mistake(
    "patchify",
    hint="Within each patch, the channels come first: all reds, then all greens, then all blues. The numbers "
    "of a pixel stay together here: row, column, channel.",
    source="https://github.com/cloneofsimo/minRF/issues/6",
)
def channels_first(img, p):
    _, _, C = _checked(img, p)
    return np.moveaxis(_blocks(img, p), -1, 2).reshape(-1, p * p * C)


@mistake(
    "patchify",
    hint="You read the width from the first axis and the height from the second. The shape of a picture is "
    "(rows, columns, channels): height comes first.",
)
def height_and_width_exchanged(img, p):
    W, H, C = img.shape
    if H % p or W % p:
        raise ValueError("the side of a patch has to divide the height and the width")
    return img.reshape(H // p, p, W // p, p, C).swapaxes(1, 2).reshape(-1, p * p * C)


@mistake(
    "patchify",
    hint="Your patches overlap: each one starts a single pixel after the one before. The next patch starts "
    "where the last one ends, p pixels on.",
)
def overlapping_patches(img, p):
    H, W, C = _checked(img, p)
    patches = [img[i : i + p, j : j + p].reshape(-1) for i in range(H - p + 1) for j in range(W - p + 1)]
    return np.array(patches).reshape(-1, p * p * C)


# patchify: mistakes in the shape


@mistake(
    "patchify",
    hint="Your result has an axis for the pixels of a patch and one for the channels. A patch should be one "
    "row of p * p * C numbers.",
)
def pixels_kept_apart(img, p):
    _, _, C = _checked(img, p)
    return _blocks(img, p).reshape(-1, p * p, C)


@mistake(
    "patchify",
    hint="Your patches still lie in rows and columns. A transformer reads a sequence: one axis for all "
    "patches.",
)
def grid_kept(img, p):
    H, W, C = _checked(img, p)
    return _blocks(img, p).reshape(H // p, W // p, p * p * C)


@mistake(
    "patchify",
    hint="Your result lies on its side: each patch is a column. Each patch should be a row.",
)
def patches_as_columns(img, p):
    _, _, C = _checked(img, p)
    return _blocks(img, p).reshape(-1, p * p * C).T


# patchify: mistakes with sides that do not fit


@mistake(
    "patchify",
    hint="Pixels that do not fill a patch are dropped without a word. Raise a ValueError instead.",
    source="https://github.com/torchgeo/terratorch/issues/172",
)
def rest_is_dropped(img, p):
    H, W, C = img.shape
    return _blocks(img[: H // p * p, : W // p * p], p).reshape((H // p) * (W // p), p * p * C)


@mistake(
    "patchify",
    hint="A picture that is not filled by patches gets a margin of zeros. Raise a ValueError instead.",
)
def rest_is_padded(img, p):
    H, W, C = img.shape
    wide = np.pad(img, ((0, -H % p), (0, -W % p), (0, 0)))
    return _blocks(wide, p).reshape(-1, p * p * C)


@mistake(
    "patchify",
    hint="You look at the height only. The side of a patch has to divide the width as well.",
)
def width_not_checked(img, p):
    H, W, C = img.shape
    if H % p:
        raise ValueError("the side of a patch has to divide the height")
    return _blocks(img[:, : W // p * p], p).reshape(H // p * (W // p), p * p * C)


@mistake(
    "patchify",
    hint="You look at the width only. The side of a patch has to divide the height as well.",
)
def height_not_checked(img, p):
    H, W, C = img.shape
    if W % p:
        raise ValueError("the side of a patch has to divide the width")
    return _blocks(img[: H // p * p], p).reshape(H // p * (W // p), p * p * C)


@mistake(
    "patchify",
    hint="You do not check the side. With loops, the patches at the edge come out too small, and if all of "
    "them are equally small, nothing complains. Check before you cut.",
)
def small_patches_at_the_edge(img, p):
    H, W, _ = img.shape
    patches = [img[i : i + p, j : j + p].reshape(-1) for i in range(0, H, p) for j in range(0, W, p)]
    return np.array(patches)


@mistake(
    "patchify",
    hint="You use `assert` to check the side, and that raises an AssertionError. A wrong argument deserves a "
    "ValueError; `assert` is for what can never happen.",
    source="https://github.com/meta-pytorch/torchtune/pull/1745",
)
def assert_not_value_error(img, p):
    H, W, C = img.shape
    assert H % p == 0 and W % p == 0, "the side of a patch has to divide the height and the width"
    return _blocks(img, p).reshape(-1, p * p * C)


# patchify: mistakes with the numbers


@mistake(
    "patchify",
    hint="You divide the numbers by 255. Cutting only moves them; scaling is another step.",
)
def scaled_to_one(img, p):
    _, _, C = _checked(img, p)
    return _blocks(img, p).reshape(-1, p * p * C) / 255.0


@mistake(
    "patchify",
    hint="Your patches are whole numbers, so fractions are lost. Keep the type of the picture.",
)
def forced_into_whole_numbers(img, p):
    H, W, C = _checked(img, p)
    patches = np.zeros((H // p * (W // p), p * p * C), dtype=np.int64)
    patches[:] = _blocks(img, p).reshape(-1, p * p * C)
    return patches


@mistake(
    "patchify",
    hint="The patches are right, but the picture itself has changed: you set values in the array that you "
    "were given. Make a new one.",
)
def changes_the_picture(img, p):
    _, _, C = _checked(img, p)
    patches = _blocks(img, p).reshape(-1, p * p * C)
    img[...] = 0
    return patches


# patchify: right in another way


@right_another_way("patchify")
def two_loops(img, p):
    H, W, _ = img.shape
    if H % p != 0 or W % p != 0:
        raise ValueError("p does not fit")
    patches = []
    for top in range(0, H, p):
        for left in range(0, W, p):
            patches.append(img[top : top + p, left : left + p, :].flatten())
    return np.stack(patches)


@right_another_way("patchify")
def split_and_split_again(img, p):
    if any(size % p for size in img.shape[:2]):
        raise ValueError("p does not fit")
    rows = np.split(img, img.shape[0] // p, axis=0)
    return np.array([block.ravel() for row in rows for block in np.split(row, row.shape[1] // p, axis=1)])


@right_another_way("patchify")
def windows_with_steps(img, p):
    _, _, C = _checked(img, p)
    windows = np.lib.stride_tricks.sliding_window_view(img, (p, p, C))[::p, ::p, 0]
    return windows.reshape(-1, p * p * C).copy()


@right_another_way("patchify")
def number_by_number(img, p):
    H, W, C = _checked(img, p)
    patches = np.zeros((H * W // p**2, p * p * C))
    for (row, column, channel), value in np.ndenumerate(img):
        patch = row // p * (W // p) + column // p
        patches[patch, (row % p * p + column % p) * C + channel] = value
    return patches


@right_another_way("patchify")
def einsum_of_axes(img, p):
    H, W, C = _checked(img, p)
    return np.einsum("apbqc->abpqc", img.reshape(H // p, p, W // p, p, C)).reshape(-1, p * p * C)


# unpatchify: mistakes in the order


@mistake(
    "unpatchify",
    hint="You only reshape, so each patch becomes a stripe of the picture. Two axes have to change places on "
    "the way back, too.",
    source="https://github.com/michaeltrs/DeepSatModels/issues/22",
)
def only_reshaped(patches, H, W, C):
    return patches.reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="You lay the patches down column by column. They come as you read: the top row from left to right, "
    "then the next row.",
)
def laid_column_by_column(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(W // p, H // p, p, p, C).transpose(1, 2, 0, 3, 4).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="Within each patch, rows and columns are exchanged: the patches lie on their side. They were "
    "flattened row by row.",
    source="https://github.com/NVIDIA/flashdreams/pull/284",
)
def patches_on_their_side(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(H // p, W // p, p, p, C).transpose(0, 3, 1, 2, 4).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="You read each patch as if all numbers of one channel came first. They are in the order row, "
    "column, channel: the numbers of a pixel stand together.",
    source="https://github.com/cloneofsimo/minRF/issues/6",
)
def reads_channels_first(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(H // p, W // p, C, p, p).transpose(0, 3, 1, 4, 2).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="You exchange the numbers of patches in a row and in a column: H/p of them stand below each other, "
    "W/p side by side.",
)
def grid_exchanged(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(W // p, H // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="You number the patches by the height of the picture: patch (i, j) is i * H/p + j. How many patches "
    "come before row i?",
)
def numbered_by_height(patches, H, W, C):
    p = _side(patches, C)
    img = np.zeros((H, W, C))
    for i in range(H // p):
        for j in range(W // p):
            block = patches[i * (H // p) + j].reshape(p, p, C)
            img[i * p : (i + 1) * p, j * p : (j + 1) * p] = block
    return img


# unpatchify: mistakes in the sizes


@mistake(
    "unpatchify",
    hint="You take it that the picture is a square, with as many patches below each other as side by side. H "
    "and W tell how many there are.",
)
def takes_it_for_a_square(patches, H, W, C):
    p = _side(patches, C)
    side = round(math.sqrt(len(patches)))
    blocks = patches.reshape(side, side, p, p, C).swapaxes(1, 2)
    return blocks.reshape(side * p, side * p, C)


@mistake(
    "unpatchify",
    hint="You compute the side of a patch as if there were always three channels. C tells how many there "
    "are.",
)
def always_three_channels(patches, H, W, C):
    p = _side(patches, 3)
    return patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="You compute the side of a patch as if it had one channel only. A patch has p * p * C numbers.",
)
def side_forgets_channels(patches, H, W, C):
    p = math.isqrt(patches.shape[1])
    return patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)


@mistake(
    "unpatchify",
    hint="Your picture has the channels in front: (C, H, W). They belong behind: (H, W, C).",
)
def channels_in_front(patches, H, W, C):
    p = _side(patches, C)
    img = patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)
    return np.moveaxis(img, -1, 0)


@mistake(
    "unpatchify",
    hint="Your picture has no axis for the channels. Its shape should be (H, W, C), even if C is 1.",
)
def no_axis_for_channels(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W * C)


@mistake(
    "unpatchify",
    hint="You leave the grid of patches as it is: five axes. The two for rows have to become one, and so "
    "have the two for columns.",
)
def five_axes_left(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2)


# unpatchify: mistakes with the numbers


@mistake(
    "unpatchify",
    hint="Your picture can hold whole numbers only, so fractions are lost. Give it the type of the patches.",
)
def whole_numbers_only(patches, H, W, C):
    p = _side(patches, C)
    img = np.zeros((H, W, C), dtype=np.int64)
    img[:] = patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)
    return img


@mistake(
    "unpatchify",
    hint="You clip the numbers to 0 ... 255. Putting patches together only moves them: a model's patches may "
    "hold other numbers, too.",
)
def clipped_to_bytes(patches, H, W, C):
    p = _side(patches, C)
    img = patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)
    return np.clip(img, 0, 255)


@mistake(
    "unpatchify",
    hint="You divide the numbers by 255. Putting patches together only moves them.",
)
def divided_by_255(patches, H, W, C):
    p = _side(patches, C)
    return patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C) / 255.0


@mistake(
    "unpatchify",
    hint="The picture is right, but the patches themselves have changed: you set values in the array that "
    "you were given. Make a new one.",
)
def changes_the_patches(patches, H, W, C):
    p = _side(patches, C)
    img = patches.reshape(H // p, W // p, p, p, C).swapaxes(1, 2).reshape(H, W, C)
    if not np.shares_memory(img, patches):
        patches[...] = 0
    return img


# unpatchify: right in another way


@right_another_way("unpatchify")
def patch_by_patch(patches, H, W, C):
    p = int((patches.shape[1] / C) ** 0.5 + 0.5)
    img = np.empty((H, W, C), dtype=patches.dtype)
    for k, patch in enumerate(patches):
        i, j = divmod(k, W // p)
        img[i * p : i * p + p, j * p : j * p + p] = patch.reshape(p, p, C)
    return img


@right_another_way("unpatchify")
def side_from_the_count(patches, H, W, C):
    p = round(math.sqrt(H * W / len(patches)))
    blocks = patches.reshape(H // p, W // p, p, p, C)
    return np.transpose(blocks, (0, 2, 1, 3, 4)).reshape(H, W, C)


@right_another_way("unpatchify")
def rows_side_by_side(patches, H, W, C):
    p = math.isqrt(patches.shape[1] // C)
    blocks = [patch.reshape(p, p, C) for patch in patches]
    per_row = W // p
    return np.vstack([np.hstack(blocks[k : k + per_row]) for k in range(0, len(blocks), per_row)])


@right_another_way("unpatchify")
def look_up_each_number(patches, H, W, C):
    p = math.isqrt(patches.shape[1] // C)
    row, column, channel = np.indices((H, W, C))
    within = (row % p * p + column % p) * C + channel
    return patches[row // p * (W // p) + column // p, within].astype(float)


# patch_embed: mistakes


@mistake(
    "patch_embed",
    hint="The bias is missing. It is added to every row of the product.",
)
def bias_forgotten(patches, W, b):
    return patches @ W


@mistake(
    "patch_embed",
    hint="You add the bias to the patches, before the product. It belongs to the embeddings: it has d_model "
    "numbers, not D.",
)
def bias_before_the_product(patches, W, b):
    return (patches + b) @ W


@mistake(
    "patch_embed",
    hint="You use the weights transposed, as frameworks store them. Here W has the shape (D, d_model).",
)
def weights_transposed(patches, W, b):
    return patches @ W.T + b


@mistake(
    "patch_embed",
    hint="Your bias differs from patch to patch: it is laid along the rows. Every patch gets the same b.",
)
def bias_along_the_patches(patches, W, b):
    return patches @ W + b[:, None]


@mistake(
    "patch_embed",
    hint="Your result has the type of the patches, so with uint8 everything after the point, below 0 and "
    "above 255 is lost. Embeddings are floating-point numbers.",
)
def type_of_the_patches(patches, W, b):
    z = patches @ W + b
    if patches.dtype.kind in "iu":
        z = z.astype(np.int64)
    return z.astype(patches.dtype)


@mistake(
    "patch_embed",
    hint="You bring the weights into the type of the patches, so with uint8 their fractions are lost. Bring "
    "the patches into floating point instead.",
)
def weights_made_whole(patches, W, b):
    if patches.dtype.kind in "iu":
        W = W.astype(np.int64)
    return patches @ W + b


@mistake(
    "patch_embed",
    hint="Your result is float32. This course computes in float64, NumPy's own.",
)
def single_precision(patches, W, b):
    return (patches @ W + b).astype(np.float32)


@mistake(
    "patch_embed",
    hint="You divide the patches by 255 first. Here they are used as they are.",
)
def scaled_before(patches, W, b):
    return patches / 255.0 @ W + b


@mistake(
    "patch_embed",
    hint="You apply a ReLU. The embedding of a patch is linear: numbers below 0 stay.",
)
def with_a_relu(patches, W, b):
    return np.maximum(patches @ W + b, 0.0)


@mistake(
    "patch_embed",
    hint="You return one embedding for the whole picture. Each patch should get its own.",
)
def mean_over_patches(patches, W, b):
    return (patches @ W + b).mean(axis=0)


@mistake(
    "patch_embed",
    hint="You normalise each patch first (mean 0, variance 1). Some models do, but here patches are used as "
    "they are.",
)
def normalised_before(patches, W, b):
    centred = patches - patches.mean(axis=1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=1, keepdims=True) + 1e-6) @ W + b


@mistake(
    "patch_embed",
    hint="The result is right, but W has changed: W *= ... and W -= ... write into the caller's array.",
)
def changes_the_weights(patches, W, b):
    z = patches @ W + b
    W /= len(W)
    return z


# patch_embed: right in another way


@right_another_way("patch_embed")
def bias_as_a_last_row(patches, W, b):
    ones = np.ones((len(patches), 1))
    return np.hstack([patches.astype(float), ones]) @ np.vstack([W, b])


@right_another_way("patch_embed")
def sum_of_products(patches, W, b):
    z = np.tile(b, (len(patches), 1)).astype(np.float64)
    for i, patch in enumerate(patches):
        for j, value in enumerate(patch):
            z[i] += float(value) * W[j]
    return z


@right_another_way("patch_embed")
def einsum_over_pixels(patches, W, b):
    return np.einsum("nd,dm->nm", patches, W) + b[np.newaxis, :]


@right_another_way("patch_embed")
def list_of_rows(patches, W, b):
    return np.array([[float(np.dot(patch, column)) for column in W.T] for patch in patches]) + b
