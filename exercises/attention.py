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
# # Attention: how tokens look at each other
#
# The lecture calls it "magic yet to be covered". Here is the magic, and it is one line. Every token asks a
# question (its *query* $q$), every token offers a label (its *key* $k$) and some content (its *value* $v$).
# A token compares its query with all keys, turns the comparisons into weights that add up to 1, and takes
# the weighted mean of the values. Vaswani et al. (2017), *Attention Is All You Need*, equation 1:
#
# $$
# \mathrm{Attention}(Q, K, V) = \mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V
# $$
#
# | Name | Shape | What it is |
# |---|---|---|
# | $Q$ | $(n, d_k)$ | one query for each of the $n$ tokens that look |
# | $K$ | $(m, d_k)$ | one key for each of the $m$ tokens that are looked at |
# | $V$ | $(m, d_v)$ | one value for each of the same $m$ tokens |
# | $Q K^\top$ | $(n, m)$ | the *scores*: row $i$ compares query $i$ with every key |
# | softmax(...) | $(n, m)$ | the *weights*: each row is a probability distribution over the keys |
# | result | $(n, d_v)$ | one mixture of values for each query |
#
# When $Q$, $K$ and $V$ come from the same text this is *self-attention* and $n = m$. When a decoder looks
# at what the encoder has read, it is *cross-attention* and $n$ and $m$ differ.
#
# **Why the root?** If the entries of $q$ and $k$ are independent with variance 1, then $q \cdot k$ is a sum
# of $d_k$ such products, so it has variance $d_k$ and a typical size of $\sqrt{d_k}$. Dividing by
# $\sqrt{d_k}$ brings it back to about 1. Without that, a wide model has huge scores, the softmax puts all
# its weight on one key, and there is hardly any gradient left to learn from.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `attention` | equation 1, with a mask | hard | 45 |
# | 2. `causal_mask` | the mask that hides the future | easy | 5 |

# %%
import numpy as np

from genai_course import kernels


# %% tags=["active-ipynb"]
# import timeit
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/attention")

# %% [markdown]
# ## 1. `attention`
#
# Write equation 1, for one text or for a whole batch of them, and return both the output and the weights: the
# weights show what the model looks at.
#
# You may use plain NumPy, or the course's compiled `kernels.matmul(A, B)` and `kernels.softmax(x,
# axis=-1)`, which also take batches. (There is a `kernels.attention`, too. Compare your own with it at the
# end!)
#
# **A small example.** Two queries, three keys, $d_k = 4$, so $\sqrt{d_k} = 2$:
#
# $$
# Q = \begin{pmatrix} 2 & 0 & 0 & 0 \\ 0 & 4 & 0 & 0 \end{pmatrix}, \quad
# K = \begin{pmatrix} 1 & 0 & 0 & 0 \\ 0 & 1 & 0 & 0 \\ 1 & 1 & 1 & 1 \end{pmatrix}, \quad
# V = \begin{pmatrix} 1 & 0 \\ 0 & 1 \\ 5 & 5 \end{pmatrix}
# $$
#
# The scaled scores are $\begin{pmatrix} 2 & 0 & 2 \\ 0 & 4 & 4 \end{pmatrix} / 2 = \begin{pmatrix} 1 & 0 &
# 1 \\ 0 & 2 & 2 \end{pmatrix}$. The softmax of the first row is $(e, 1, e) / (2e + 1) \approx (0.422,
# 0.155, 0.422)$, and so the first output is $0.422 \cdot (1, 0) + 0.155 \cdot (0, 1) + 0.422 \cdot (5, 5)
# \approx (2.53, 2.27)$.
#
# **The mask.** `mask[i, j]` is True where query $i$ *may* attend to key $j$. A key that is hidden from a
# query gets the weight 0, and the others share the weight of 1 among themselves as if the hidden key did
# not exist. A query that may attend to nothing at all has nothing to average: its weights and its output
# are all zeros.
#
# <details><summary>Hint: transposing a batch</summary>
#
# `K.T` turns all axes round, the batch's too. Only the last two should change places: see `np.swapaxes`.
#
# </details>
#
# <details><summary>Hint: which axis?</summary>
#
# The weights of one query add up to 1 over all the keys. In scores of shape `(..., n, m)`, which axis
# counts keys?
#
# </details>
#
# <details><summary>Hint: hiding a key</summary>
#
# What must a score be so that its exponential is exactly 0? And when should it get that value: before the
# softmax or after it?
#
# </details>
#
# <details><summary>Hint: nan, nan, nan</summary>
#
# A row in which everything is hidden leads to 0/0, or to minus infinity minus minus infinity. Find these
# rows with `mask.any(axis=-1, keepdims=True)` and treat them on their own. Another source of nan is the
# exponential of a large number: the softmax does not change when you subtract the same number from all
# scores of a row.
#
# </details>

# %%
def attention(
    Q: np.ndarray, K: np.ndarray, V: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Scaled dot-product attention: a weighted mean of the values for each query.

    Source: Vaswani et al. 2017, "Attention Is All You Need", equation 1; masking: section 3.2.3.

    Args:
        Q: queries, shape (..., n, d_k), float64; "..." is any number of leading axes (batch, heads).
        K: keys, shape (..., m, d_k).
        V: values, shape (..., m, d_v).
        mask: None, or booleans of shape (..., n, m): True where query i may attend to key j.

    Returns:
        The pair (output, weights), new float64 arrays. weights has shape (..., n, m): the softmax of
        Q K^T / sqrt(d_k) over the keys that the mask allows, and 0 for the others. output has shape
        (..., n, d_v) and is weights times V. A query that may attend to nothing has zeros in both. Scores in
        the thousands give no inf or nan. The arguments are left unchanged.

    Example:
        >>> Q = np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0]])
        >>> K = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
        >>> V = np.array([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
        >>> output, weights = attention(Q, K, V)
        >>> weights.round(3)
        array([[0.422, 0.155, 0.422],
               [0.063, 0.468, 0.468]])
        >>> output.round(3)
        array([[2.534, 2.267],
               [2.405, 2.81 ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("attention")

# %% [markdown]
# **Look at it.** A sentence attends to itself. Here the queries, keys and values are simply the words'
# vectors (GloVe), so a word looks at itself and at words like it: see king and queen. In a transformer,
# learned matrices make queries, keys and values out of the embeddings, and the pattern becomes far more
# useful.

# %% tags=["active-ipynb"]
# words, vectors = data.glove()
# sentence = "the king saw the queen and a green boat on the river".split()
# X = np.array([vectors[words.index(word)] for word in sentence])
# with plots.when_done("attention"):
#     plots.attention.weights_heatmap(attention(X, X, X)[1], sentence, sentence)

# %% [markdown]
# **The same in C++.** The course's compiled attention should agree with yours, and it is faster. How much?

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(0)
# Q, K, V = rng.normal(size=(3, 8, 128, 64))
# with plots.when_done("attention"):
#     print("largest difference:", np.abs(attention(Q, K, V)[0] - kernels.attention(Q, K, V)).max())
#     for name, function in [("yours", attention), ("C++", kernels.attention)]:
#         seconds = min(timeit.repeat(lambda: function(Q, K, V), number=5)) / 5
#         print(f"{name}: {1000 * seconds:.2f} ms")

# %% [markdown]
# ## 2. `causal_mask`
#
# A language model predicts the next token from those before it. While it learns, the whole text lies before
# it, so the future has to be hidden: token $i$ may attend to itself and to everything before it, $j \le i$.
#
# **A small example.** For $n = 3$, the first token sees only itself, the last one sees everything:
#
# $$
# \begin{pmatrix}
# \text{True} & \text{False} & \text{False} \\
# \text{True} & \text{True} & \text{False} \\
# \text{True} & \text{True} & \text{True}
# \end{pmatrix}
# $$
#
# <details><summary>Hint</summary>
#
# Compare a column of row numbers with a row of column numbers, or look for the functions of NumPy whose
# names start with `tri`.
#
# </details>

# %%
def causal_mask(n: int) -> np.ndarray:
    """The mask that lets each token attend to itself and to the tokens before it.

    Source: Vaswani et al. 2017, section 3.2.3.

    Args:
        n: how many tokens.

    Returns:
        Array of booleans, shape (n, n): True where j <= i. Row i is the token that looks, column j the token
        that is looked at.

    Example:
        >>> causal_mask(2)
        array([[ True, False],
               [ True,  True]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("causal_mask")

# %% [markdown]
# **Look at it.** First the mask itself, then what it does to the sentence from above: everything right of the
# diagonal is gone, and each row still adds up to 1. The first word has no choice but to attend to itself.

# %% tags=["active-ipynb"]
# with plots.when_done("causal_mask"):
#     plots.attention.mask_picture(causal_mask(len(sentence)), sentence)

# %% tags=["active-ipynb"]
# with plots.when_done("attention and causal_mask"):
#     _, free = attention(X, X, X)
#     _, causal = attention(X, X, X, causal_mask(len(sentence)))
#     plots.attention.with_and_without_mask(free, causal, sentence)

# %% [markdown]
# **What comes next.** In the topic `transformer` you put several of these side by side (*multi-head*
# attention), add a feed-forward network and a normalisation, and stack the layers: the whole of the
# lecture's big picture.
