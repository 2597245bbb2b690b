# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Image patches: a picture as a sequence
#
# A transformer reads a sequence of vectors. Words come as a sequence by nature; a picture does not. The
# lecture's way out: a picture is already made of numbers, so cut it into small squares, *patches*, lay the
# numbers of each patch in a row, and multiply that row by a matrix. What comes out is one embedding for each
# patch, and from there on a picture is treated just like a text. Dosovitskiy et al. (2021) put it into a
# title: *An Image is Worth 16x16 Words*.
#
# **Numbers first.** A photo is an array of shape $(H, W, C)$: row, column and *channel*. With $C = 3$ the
# channels are red, green and blue, each from 0 to 255. The lecture's one pixel, $(97, 88, 46)$, has 97 of
# red, 88 of green and 46 of blue: a dark olive.
#
# **Cut.** Patches of $p \times p$ pixels make
#
# $$
# N = \frac{H}{p} \cdot \frac{W}{p}
# $$
#
# vectors of $p \cdot p \cdot C$ numbers each. Two orders have to be agreed on, and every program that uses
# the same weights must keep to them:
#
# - the *patches* are counted as you read: the top row from left to right, then the next row;
# - *within* a patch, the numbers are counted by row, then column, then channel, so that the three numbers of
#   a pixel stay together.
#
# **Embed.** With a learned matrix $W$ and a learned bias $b$, the embedding of patch $i$ is
#
# $$
# z_i = \mathrm{patch}_i\, W + b
# $$
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `patchify` | the cutting | medium | 25 |
# | 2. `unpatchify` | putting the pieces together again | medium | 15 |
# | 3. `patch_embed` | from pixels to embeddings | easy | 5 |

# %%
import math

import numpy as np

# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/image_patches")

# %% [markdown]
# **Look at it first.** The lecture's pixel, as a colour and as three numbers. And a photo, an array of
# very many pixels: Chelsea the cat, 300 rows and 451 columns. One column has to go before she can be cut into
# squares of $50 \times 50$.

# %% tags=["active-ipynb"]
# with plots.when_done():
#     plots.image_patches.one_pixel((97, 88, 46))
# cat = data.cat_photo()[:, :450]
# print("shape:", cat.shape, " pixel at row 100, column 200:", cat[100, 200])

# %% [markdown]
# ## 1. `patchify`
#
# Cut a picture into squares of $p \times p$ pixels and return one row of numbers for each. If a row or a
# column of pixels would be left over, there is no right answer: raise a `ValueError` that says so.
#
# **A small example.** One channel, $4 \times 4$ pixels that are numbered as you read, and $p = 2$:
#
# $$
# \begin{array}{|cc|cc|}
# \hline
# 0 & 1 & 2 & 3 \\
# 4 & 5 & 6 & 7 \\
# \hline
# 8 & 9 & 10 & 11 \\
# 12 & 13 & 14 & 15 \\
# \hline
# \end{array}
# \quad\longrightarrow\quad
# \begin{pmatrix}
# 0 & 1 & 4 & 5 \\
# 2 & 3 & 6 & 7 \\
# 8 & 9 & 12 & 13 \\
# 10 & 11 & 14 & 15
# \end{pmatrix}
# $$
#
# Four patches of four numbers. The first one holds 0, 1, 4, 5: a square, not the stripe 0, 1, 2, 3.
#
# <details><summary>Hint: loops are fine</summary>
#
# `img[top : top + p, left : left + p]` is one patch. Which of the two loops is the outer one if the patches
# are counted as you read?
#
# </details>
#
# <details><summary>Hint: without loops</summary>
#
# A row number has two parts: which patch it is in, and which row of that patch it is. Splitting an axis
# into such parts is a `reshape`: from $H$ to $(H/p, p)$. Do it for the columns as well and you have five
# axes. Which two have to change places before the last `reshape`?
#
# </details>
#
# <details><summary>Hint: reshape alone?</summary>
#
# `reshape` never changes the order in which numbers are read. Patches need another order than the picture's,
# so something has to move axes: see `np.swapaxes` or `np.transpose`.
#
# </details>


# %%
def patchify(img: np.ndarray, p: int) -> np.ndarray:
    """Cut a picture into square patches, one row of numbers for each.

    Source: the lecture; Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1.

    Args:
        img: shape (H, W, C): row, column, channel; of any numeric type. Left unchanged.
        p: side of a patch in pixels; at least 1.

    Returns:
        Array of shape (H/p * W/p, p*p*C) with the numbers of img. Patches are in row-major order (the top row
        from left to right, then the next); each is flattened as row, column, channel.

    Raises:
        ValueError: p does not divide H, or does not divide W.

    Example:
        >>> img = np.arange(16).reshape(4, 4, 1)
        >>> patchify(img, 2)
        array([[ 0,  1,  4,  5],
               [ 2,  3,  6,  7],
               [ 8,  9, 12, 13],
               [10, 11, 14, 15]])
    """
    ### BEGIN SOLUTION
    H, W, C = img.shape
    if H % p or W % p:
        raise ValueError(f"patches of {p} x {p} pixels do not fill a picture of {H} x {W}")
    rows, columns = H // p, W // p
    blocks = img.reshape(rows, p, columns, p, C).swapaxes(1, 2)
    return blocks.reshape(rows * columns, p * p * C)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("patchify")

# %% [markdown]
# **Look at it.** The photo with the lines along which it is cut, and your patches, numbered in your order.
# This is the cat as a transformer reads her: a text of 54 words.

# %% tags=["active-ipynb"]
# with plots.when_done("patchify"):
#     plots.image_patches.cut_into_patches(cat, patchify(cat, 50), 50)

# %% [markdown]
# ## 2. `unpatchify`
#
# The way back: given the patches and the size of the picture, put every number where it came from. A model
# that *makes* pictures out of patches ends with this step, and so does one that fills in patches that were
# hidden from it.
#
# $H$, $W$ and $C$ are given because the patches alone do not tell: 12 patches may be $3 \times 4$ or $2
# \times 6$ of them. The side $p$ is not given. You can find it out: each patch has $p \cdot p \cdot C$
# numbers.
#
# **A small example.** Two patches of $2 \times 2$ pixels with one channel, $(1, 2, 3, 4)$ and $(5, 6, 7, 8)$.
# With $H = 2$ and $W = 4$ they stand side by side, with $H = 4$ and $W = 2$ one below the other:
#
# $$
# \begin{pmatrix} 1 & 2 & 5 & 6 \\ 3 & 4 & 7 & 8 \end{pmatrix}
# \qquad\text{or}\qquad
# \begin{pmatrix} 1 & 2 \\ 3 & 4 \\ 5 & 6 \\ 7 & 8 \end{pmatrix}
# $$
#
# <details><summary>Hint</summary>
#
# Whatever you did in `patchify`, do the opposite, in the opposite order. Exchanging two axes is its own
# opposite.
#
# </details>
#
# <details><summary>Hint: the root of a whole number</summary>
#
# `math.isqrt` gives it as a whole number, which is what a shape needs.
#
# </details>


# %%
def unpatchify(patches: np.ndarray, H: int, W: int, C: int) -> np.ndarray:
    """Put patches together to a picture: the exact inverse of patchify.

    Args:
        patches: shape (N, p*p*C), of any numeric type: patches in row-major order, each flattened as row,
            column, channel, with N = H/p * W/p. Left unchanged.
        H: rows of the picture, a multiple of p.
        W: columns of the picture, a multiple of p.
        C: channels.

    Returns:
        Array of shape (H, W, C) with the numbers of patches: unpatchify(patchify(img, p), *img.shape) equals
        img.

    Example:
        >>> patches = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
        >>> unpatchify(patches, 2, 4, 1)[:, :, 0]
        array([[1, 2, 5, 6],
               [3, 4, 7, 8]])
    """
    ### BEGIN SOLUTION
    p = math.isqrt(patches.shape[1] // C)
    blocks = patches.reshape(H // p, W // p, p, p, C)
    return blocks.swapaxes(1, 2).reshape(H, W, C)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("unpatchify")

# %% [markdown]
# **Look at it.** Your `patchify` cuts the cat into 54 patches, the patches are shuffled like cards, and your
# `unpatchify` puts them together: once as they lie, and once after they were sorted again. A transformer
# without positions cannot tell the two apart!

# %% tags=["active-ipynb"]
# with plots.when_done("patchify", "unpatchify"):
#     patches = patchify(cat, 50)
#     order = np.random.default_rng(1).permutation(len(patches))
#     jumbled = patches[order]
#     sorted_again = jumbled[np.argsort(order)]
#     plots.image_patches.shuffled_and_rebuilt(
#         cat, unpatchify(jumbled, *cat.shape), unpatchify(sorted_again, *cat.shape)
#     )

# %% [markdown]
# ## 3. `patch_embed`
#
# A word becomes an embedding by looking up a row in a table. There are far too many possible patches for a
# table ($256^{768}$ of $16 \times 16$ pixels in colour), but a patch is already a vector, so a matrix can
# do it:
#
# $$
# z_i = \mathrm{patch}_i\, W + b, \qquad i = 1, \dots, N
# $$
#
# It is one product for all patches, and it has floating-point numbers in it, whatever type the pixels have.
#
# **A small example.** Two patches of three numbers, $d_{model} = 2$:
#
# $$
# \begin{pmatrix} 97 & 88 & 46 \\ 200 & 100 & 0 \end{pmatrix}
# \begin{pmatrix} 1 & 0.5 \\ 0 & -1 \\ 0 & 0.5 \end{pmatrix} + \begin{pmatrix} 10 & 0.25 \end{pmatrix}
# = \begin{pmatrix} 107 & -16.25 \\ 210 & 0.25 \end{pmatrix}
# $$
#
# <details><summary>Hint: bytes</summary>
#
# A photo's numbers are of the type `uint8`: from 0 to 255, and 250 + 10 is 4. Where in your calculation could
# the result be forced back into that type? It must not be.
#
# </details>


# %%
def patch_embed(patches: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Turn each patch into an embedding by one linear map.

    Source: the lecture; Dosovitskiy et al. 2021, equation 1 (there without positions: E is W).

    Args:
        patches: shape (N, D), uint8 or float64; used as they are, without scaling. Left unchanged.
        W: weights, shape (D, d_model), float64.
        b: bias, shape (d_model,), float64; the same for all patches.

    Returns:
        patches W + b, a new float64 array of shape (N, d_model).

    Example:
        >>> patches = np.array([[97, 88, 46]], dtype=np.uint8)
        >>> patch_embed(patches, np.array([[1.0], [0.0], [2.0]]), np.array([0.5]))
        array([[189.5]])
    """
    ### BEGIN SOLUTION
    return patches @ W + b
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("patch_embed")

# %% [markdown]
# **Look at it.** Weights are learned, and what they learn is hard to see. So here are weights that were
# chosen instead: $d_{model} = 3$, and each of the three numbers is the mean of one channel over the patch.
# Painted as a colour, your embeddings make a mosaic. Beside it, random weights to $d_{model} = 32$, and a
# bias that takes the mean of all patches away: each row is the vector of one patch, as a transformer gets
# it before any training.

# %% tags=["active-ipynb"]
# with plots.when_done("patchify", "patch_embed"):
#     small = patchify(cat, 15)
#     means = np.tile(np.eye(3), (15 * 15, 1)) / (15 * 15)
#     weights = np.random.default_rng(3).normal(size=(small.shape[1], 32)) / (255 * 15)
#     colours = patch_embed(small, means, np.zeros(3))
#     vectors = patch_embed(small, weights, -small.mean(axis=0) @ weights)
#     plots.image_patches.embeddings(colours, vectors, cat.shape[0] // 15, cat.shape[1] // 15)

# %% [markdown]
# **What comes next.** The mosaic could be painted only because we knew where each patch belongs. A
# transformer does not: to it, the sequence is a bag. In the next topic, `positional_encoding`, every token
# and every patch is told where it stands.
