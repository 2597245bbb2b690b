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
# # Positional encoding: telling a transformer where a token stands
#
# Attention compares every token with every other one and never asks where they stand. Shuffle the tokens
# and the outputs are shuffled in just the same way: "dragon bites knight" and "knight bites dragon" look
# alike to it. So before the first layer, each embedding gets a vector added to it that depends only on the
# token's *position*. The lecture uses the sinusoidal one of Vaswani et al. (2017), *Attention Is All You
# Need*, section 3.5:
#
# $$
# PE(pos,\, 2i) = \sin\left(\frac{pos}{10000^{2i/d}}\right), \qquad
# PE(pos,\, 2i+1) = \cos\left(\frac{pos}{10000^{2i/d}}\right), \qquad
# i = 0, 1, \dots, \tfrac{d}{2} - 1
# $$
#
# Here $pos$ counts from 0, $d$ is the width of the embedding (`d_model`), and each $i$ owns a *pair* of
# columns, a sine and a cosine of one and the same angle. The pairs turn like the hands of a clock: the
# first goes fastest (once in about 6 positions), the last slowest (once in about 60 000, for $d = 512$).
#
# **Three things to read with care on the slides.**
#
# - $2_i$ and $2_{i+1}$ are meant as the products $2i$ and $2i + 1$: they are column numbers.
# - The largest exponent is $(d - 2)/d$; the brackets around $d - 2$ got lost.
# - A transformer without positions is called permutation *invariant* there. It is permutation
#   *equivariant*, $f(Px) = P f(x)$: shuffled inputs give equally shuffled outputs. Only something pooled
#   from them, such as their mean, is invariant.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `positional_encoding` | the table of sines and cosines | medium | 20 |
# | 2. `add_positional_encoding` | adding it to a sequence, or to a whole batch | easy | 10 |

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/positional_encoding")

# %% [markdown]
# ## 1. `positional_encoding`
#
# Build the table with one row for each position and one column for each dimension of the model.
#
# **A small example.** With $d = 4$ there are two pairs. For $i = 0$ the angle is $pos / 10000^{0} = pos$;
# for $i = 1$ it is $pos / 10000^{2/4} = pos / 100$. So each row reads
#
# $$[\ \sin(pos),\ \cos(pos),\ \sin(pos/100),\ \cos(pos/100)\ ]$$
#
# and the row of position 1 is about $[0.8415,\ 0.5403,\ 0.0100,\ 1.0000]$. Position 0 is $[0, 1, 0, 1]$.
#
# <details><summary>Hint: where to start</summary>
#
# First make the $d/2$ frequencies, one for each pair. Then one angle for every position and pair: an array
# of shape `(n_pos, d_model // 2)`. The table has twice as many columns as there are angles.
#
# </details>
#
# <details><summary>Hint: weaving sines and cosines together</summary>
#
# A slice may have a step. `table[:, 0::2]` is every second column, starting with column 0, and you may
# assign to it.
#
# </details>

# %%
def positional_encoding(n_pos: int, d_model: int) -> np.ndarray:
    """Sinusoidal position vectors, one row for each position.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5; the lecture's formula.

    Args:
        n_pos: how many positions; they are numbered from 0 to n_pos - 1.
        d_model: how many columns; an even number.

    Returns:
        Array of shape (n_pos, d_model), float64. Column 2i holds sin(pos / 10000^(2i/d_model)) and
        column 2i + 1 holds cos(pos / 10000^(2i/d_model)), for i = 0, ..., d_model/2 - 1, in radians.

    Example:
        >>> positional_encoding(2, 4).round(4)
        array([[0.    , 1.    , 0.    , 1.    ],
               [0.8415, 0.5403, 0.01  , 1.    ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("positional_encoding")

# %% [markdown]
# **Look at it.** Each row is the vector of one position. On the left the columns change from row to row, on
# the right hardly at all: like the digits of a number, some count fast and some count slowly.

# %% tags=["active-ipynb"]
# with plots.when_done("positional_encoding"):
#     plots.positional_encoding.heatmap(positional_encoding(64, 64))

# %% [markdown]
# Multiply every position's vector with every other one's: $PE \cdot PE^\top$. Because $\sin a \sin b + \cos
# a \cos b = \cos(a - b)$, the result depends only on how far apart two positions are. That is why the
# stripes run along the diagonal.

# %% tags=["active-ipynb"]
# with plots.when_done("positional_encoding"):
#     plots.positional_encoding.similarity(positional_encoding(64, 64))

# %% [markdown]
# ## 2. `add_positional_encoding`
#
# Add the vector of position 0 to the first token, that of position 1 to the second, and so on:
#
# $$ z_{pos} = x_{pos} + PE(pos), \qquad pos = 0, \dots, n - 1 $$
#
# The table is made once and is long enough for the longest text; a short text uses its beginning. A *batch*
# of texts has shape `(batch, n, d)`, and position counts along the second axis from the end whatever stands
# before it: the first token of every text in the batch gets the same vector.
#
# **A small example.** The two tokens $[1, 1]$ and $[2, 2]$ with the table $[0, 1], [10, 20], [30, 40]$ become
# $[1, 2]$ and $[12, 22]$; the third row is not used.
#
# <details><summary>Hint: how many rows?</summary>
#
# Count the tokens with `x.shape[-2]`. It is the same for one text and for a batch of them.
#
# </details>
#
# <details><summary>Hint: my input has changed</summary>
#
# `x += y` writes into the caller's array. `x + y` makes a new one.
#
# </details>

# %%
def add_positional_encoding(x: np.ndarray, pe: np.ndarray) -> np.ndarray:
    """Add to each token's embedding the vector of its position.

    Source: Vaswani et al. 2017, section 3.5 ("the two can be summed").

    Args:
        x: embeddings, shape (..., n, d): any number of leading axes, then n tokens of d numbers each.
        pe: position vectors, shape (max_n, d) with max_n >= n; row pos belongs to position pos.

    Returns:
        New array of shape (..., n, d), float64. Neither x nor pe is changed.

    Example:
        >>> pe = np.array([[0.0, 1.0], [10.0, 20.0], [30.0, 40.0]])
        >>> add_positional_encoding(np.array([[1.0, 1.0], [2.0, 2.0]]), pe)
        array([[ 1.,  2.],
               [12., 22.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("add_positional_encoding")

# %% [markdown]
# **Look at it.** The same word four times: "the the the the" has four equal embeddings, until positions are
# added.

# %% tags=["active-ipynb"]
# with plots.when_done("add_positional_encoding"):
#     same_word = np.tile(np.random.default_rng(0).normal(size=16), (4, 1))
#     with_positions = add_positional_encoding(same_word, positional_encoding(4, 16))
#     plots.positional_encoding.before_and_after(same_word, with_positions)

# %% [markdown]
# **What comes next.** Every token now knows what it is and where it stands. In the next topic, `attention`,
# the tokens start to look at each other.
