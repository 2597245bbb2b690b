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
# # The transformer: encoder, decoder, generation
#
# Now the parts come together. The lecture's big picture (Vaswani et al. 2017, figure 1) has two towers. The
# *encoder* reads the whole input at once and turns each token into a vector that knows its neighbours. The
# *decoder* writes: it looks at what it has written so far, and at what the encoder has read, and names the
# next token. Then that token joins the text, and the decoder looks again.
#
# Both towers are stacks of one *layer*, and a layer is made of *sublayers* that are all wrapped in the same
# way:
#
# $$
# \mathrm{LayerNorm}\bigl(x + \mathrm{Sublayer}(x)\bigr)
# $$
#
# The $x\, +$ is the *residual connection*: a sublayer does not replace a vector, it adds something to it. The
# normalisation keeps the numbers in range, however many layers are stacked.
#
# | | Sublayers, in order |
# |---|---|
# | encoder layer | self-attention, feed-forward |
# | decoder layer | *masked* self-attention, *cross-attention* to the encoder's output, feed-forward |
#
# **Post-norm.** In the formula above the normalisation comes last, as in the paper and in the lecture. Many
# newer models normalise first, $x + \mathrm{Sublayer}(\mathrm{LayerNorm}(x))$, which is easier to train when
# the stack is high. Both are found in the wild; here it is the first.
#
# Shapes: a text of $n$ tokens is an array $(n, d)$, one row a token, with $d$ the width of the model. Every
# sublayer takes such an array and returns one of the same shape, and that is why they can be stacked.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `layer_norm` | the normalisation | easy | 15 |
# | 2. `multi_head_attention` | several attentions side by side | hard | 45 |
# | 3. `encoder_layer` | two sublayers, wrapped | easy | 10 |
# | 4. `decoder_layer` | three sublayers, wrapped, one with a mask | medium | 20 |
# | 5. `greedy_decode` | the loop that writes a text | medium | 15 |

# %%
from collections.abc import Callable, Sequence

import numpy as np

from genai_course import kernels


# %% tags=["active-ipynb"]
# import re
# from collections import Counter, defaultdict
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/transformer")

# %% [markdown]
# ## 1. `layer_norm`
#
# Each token's vector is brought to mean 0 and variance 1, by itself: the other tokens play no part in it.
# Then a learned factor $\gamma$ and a learned offset $\beta$, one for each dimension, let the model undo
# what it does not like about that:
#
# $$
# \mathrm{LayerNorm}(x) = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta,
# \qquad \mu = \frac{1}{d} \sum_{i=1}^{d} x_i,
# \qquad \sigma^2 = \frac{1}{d} \sum_{i=1}^{d} (x_i - \mu)^2
# $$
#
# Three details tell implementations apart, and all three have been bugs somewhere:
#
# - $\sigma^2$ divides by $d$, not by $d - 1$ (the *biased* variance);
# - $\varepsilon$ stands *inside* the root, so that a vector of equal numbers gives 0/√ε and not 0/0;
# - mean and variance run over the last axis only.
#
# **A small example.** $x = (1, 3)$ has $\mu = 2$ and $\sigma^2 = 1$. With $\varepsilon = 3$ (far too large,
# but easy to follow) the root is $\sqrt{1 + 3} = 2$, so the normalised vector is $(-0.5,\ 0.5)$. With
# $\gamma = (2, 10)$ and $\beta = (0, 1)$ the result is $(-1,\ 6)$.
#
# <details><summary>Hint: shapes</summary>
#
# `x.mean(axis=-1)` loses the last axis, and then it no longer fits to `x`. `keepdims=True` keeps it, with
# length 1.
#
# </details>
#
# <details><summary>Hint: far from zero</summary>
#
# The variance is also the mean of the squares minus the square of the mean. On paper, that is: for numbers
# around a million, the two are both around $10^{12}$, and in floating point little is left of their
# difference. Subtract the mean first, then square.
#
# </details>

# %%
def layer_norm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Normalise each vector to mean 0 and variance 1, then scale and shift each dimension.

    Source: Ba, Kiros and Hinton 2016, "Layer Normalization"; Vaswani et al. 2017, section 3.1.

    Args:
        x: shape (..., d): any number of leading axes (batch, tokens), float64. Left unchanged.
        gamma: factors, shape (d,).
        beta: offsets, shape (d,).
        eps: added to the variance, inside the root.

    Returns:
        gamma * (x - mean) / sqrt(variance + eps) + beta, a new float64 array of the shape of x. Mean and
        variance are taken over the last axis; the variance divides by d. Vectors far from zero (numbers
        around a million) are normalised as exactly as others.

    Example:
        >>> layer_norm(np.array([1.0, 3.0]), np.array([2.0, 10.0]), np.array([0.0, 1.0]), eps=3.0)
        array([-1.,  6.])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("layer_norm")

# %% [markdown]
# **Look at it.** Six tokens whose vectors differ wildly in where they lie and how far they spread. After your
# `layer_norm`, all of them share one scale, and yet each keeps its own pattern.

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(0)
# x = rng.normal(size=(6, 24)) * [[1], [5], [0.2], [3], [1], [2]] + [[0], [9], [-4], [-9], [6], [1]]
# with plots.when_done("layer_norm"):
#     plots.transformer.rows_before_and_after(x, layer_norm(x, np.ones(24), np.zeros(24)))

# %% [markdown]
# ## 2. `multi_head_attention`
#
# One attention has one pattern of looking. A word, though, may want to look at its verb and at its
# adjective at the same time. So the model runs $h$ small attentions, *heads*, side by side, each on $d/h$
# dimensions of its own (Vaswani et al. 2017, section 3.2.2):
#
# $$
# Q = x W_Q, \qquad K = mem\, W_K, \qquad V = mem\, W_V
# $$
#
# $$
# \mathrm{head}_j = \mathrm{Attention}(Q_j, K_j, V_j), \qquad
# \mathrm{output} = \bigl[\mathrm{head}_0\ \mathrm{head}_1\ \cdots\ \mathrm{head}_{h-1}\bigr]\, W_O
# $$
#
# $Q_j$ is a block of columns of $Q$: from $j \cdot d/h$ up to $(j+1) \cdot d/h - 1$, and the same for $K_j$
# and $V_j$. The heads' outputs are put side by side in the same way, and $W_O$ mixes them. Inside a head
# the vectors are $d/h$ wide, and that is the $d_k$ under the root of $\mathrm{softmax}(Q_j K_j^\top /
# \sqrt{d_k})\, V_j$.
#
# - `mem` is `x` itself for *self-attention*. For *cross-attention* it is the encoder's output, and may have
#   another number of tokens.
# - All heads use the same mask.
#
# You may call the course's compiled `kernels.attention(q, k, v, mask=mask)`, which takes a batch of heads
# `(h, n, d/h)` at once and gives zeros to a query that may attend to nothing; or use your own `attention`
# from the topic of that name. The work here is in the heads.
#
# **A small example.** $d = 4$, $h = 2$, all four matrices the identity. One query, two tokens to look at:
#
# $$
# x = \begin{pmatrix} 1 & 1 & 0 & 0 \end{pmatrix}, \qquad
# mem = \begin{pmatrix} 2 & 0 & 2 & 0 \\ 0 & 0 & 0 & 4 \end{pmatrix}
# $$
#
# Head 0 has the first two columns: the scores $(2, 0)/\sqrt{2}$ give the weights $(0.804, 0.196)$ and the
# output $0.804 \cdot (2, 0) + 0.196 \cdot (0, 0) = (1.609, 0)$. Head 1 has the last two: the query is $(0,
# 0)$, so both weights are 0.5, and the output is the plain mean, $(1, 2)$. Side by side: $(1.609,\ 0,\ 1,\
# 2)$.
#
# <details><summary>Hint: a loop is fine</summary>
#
# `columns = slice(j * d // h, (j + 1) * d // h)` picks head $j$'s columns of $Q$, $K$ and $V$. Collect the
# heads' outputs in a list; `np.hstack` puts them side by side.
#
# </details>
#
# <details><summary>Hint: without a loop</summary>
#
# `(n, d)` splits into `(n, h, d/h)`, since the columns of a head lie together. Attention wants the tokens
# second to last, `(h, n, d/h)`: exchange two axes. Reshaping `(n, d)` to `(h, n, d/h)` in one go has the
# right shape, but mixes up tokens and heads. On the way back, exchange the axes again before you reshape.
#
# </details>

# %%
def multi_head_attention(
    x: np.ndarray,
    mem: np.ndarray,
    Wq: np.ndarray,
    Wk: np.ndarray,
    Wv: np.ndarray,
    Wo: np.ndarray,
    h: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Several attentions side by side, on blocks of columns, mixed by Wo.

    Source: Vaswani et al. 2017, section 3.2.2 (there each head has matrices of its own; here they stand side
    by side in Wq, Wk and Wv).

    Args:
        x: the tokens that look, shape (n, d), float64.
        mem: the tokens that are looked at, shape (m, d): x for self-attention, the encoder's output for
            cross-attention.
        Wq: makes queries out of x, shape (d, d): x @ Wq.
        Wk: makes keys out of mem, shape (d, d).
        Wv: makes values out of mem, shape (d, d).
        Wo: mixes the heads' outputs, shape (d, d).
        h: number of heads; divides d. Head j has the columns j*d/h ... (j+1)*d/h - 1.
        mask: None, or booleans of shape (n, m), True where token i of x may attend to token j of mem; the
            same for all heads. A token that may attend to nothing gets zeros from every head.

    Returns:
        New float64 array of shape (n, d). Scores in the thousands give no inf or nan. The arguments are left
        unchanged.

    Example:
        >>> x = np.array([[1.0, 1.0, 0.0, 0.0]])
        >>> mem = np.array([[2.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 4.0]])
        >>> same = np.eye(4)
        >>> multi_head_attention(x, mem, same, same, same, same, h=2).round(3)
        array([[1.609, 0.   , 1.   , 2.   ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("multi_head_attention")

# %% [markdown]
# **Look at it.** One picture a head: how much does the output of the word on the left change when the word
# below is hidden from it? (Only that head's rows of $W_O$ are kept, so only that head speaks.) The vectors
# are GloVe's, the matrices are random. Nobody has trained these heads, and yet each has its own way of
# looking.

# %% tags=["active-ipynb"]
# words, vectors = data.glove()
# sentence = "the king saw the queen and a green boat on the river".split()
# x = np.array([vectors[words.index(word)] for word in sentence])[:, :48]
# x = x - x.mean(axis=0)
# with plots.when_done("multi_head_attention"):
#     plots.transformer.one_map_a_head(multi_head_attention, x, sentence, h=4)

# %% [markdown]
# ## 3. `encoder_layer`
#
# Two sublayers, and around each of them the same wrapping:
#
# $$
# a = \mathrm{norm}_1\bigl(x + \mathrm{attn}(x)\bigr), \qquad
# \mathrm{output} = \mathrm{norm}_2\bigl(a + \mathrm{ffn}(a)\bigr)
# $$
#
# The parts are handed to you as functions: `attn` is a self-attention, `ffn` the feed-forward network (two
# matrices with a ReLU in between, applied to each token by itself), `norm1` and `norm2` are normalisations.
# Each takes an array `(n, d)` and returns one. You only have to wire them, and every wire counts.
#
# **A small example.** Let `attn` give every token the mean of all tokens, let `ffn` square, `norm1`
# subtract 1 and `norm2` halve. From $x$:
#
# $$
# \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
# \xrightarrow{x + \mathrm{attn}(x)} \begin{pmatrix} 3 & 5 \\ 5 & 7 \end{pmatrix}
# \xrightarrow{\mathrm{norm}_1} \begin{pmatrix} 2 & 4 \\ 4 & 6 \end{pmatrix}
# \xrightarrow{a + \mathrm{ffn}(a)} \begin{pmatrix} 6 & 20 \\ 20 & 42 \end{pmatrix}
# \xrightarrow{\mathrm{norm}_2} \begin{pmatrix} 3 & 10 \\ 10 & 21 \end{pmatrix}
# $$
#
# <details><summary>Hint: which x?</summary>
#
# The second residual connection adds what went *into* the second sublayer. That is no longer the layer's
# input.
#
# </details>

# %%
def encoder_layer(
    x: np.ndarray,
    attn: Callable[[np.ndarray], np.ndarray],
    ffn: Callable[[np.ndarray], np.ndarray],
    norm1: Callable[[np.ndarray], np.ndarray],
    norm2: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """One layer of the encoder: self-attention and feed-forward, each LayerNorm(x + Sublayer(x)).

    Source: Vaswani et al. 2017, section 3.1 and figure 1 (left); post-norm.

    Args:
        x: the tokens, shape (n, d), float64. Left unchanged.
        attn: self-attention, called with an array (n, d), returns one.
        ffn: feed-forward network, called with an array (n, d), returns one.
        norm1: normalisation of the first sublayer's sum, called with an array (n, d), returns one.
        norm2: normalisation of the second sublayer's sum.

    Returns:
        New array of shape (n, d).

    Example:
        >>> mean = lambda x: np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0)
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> encoder_layer(x, mean, lambda a: a * a, lambda a: a - 1, lambda a: a / 2)
        array([[ 3., 10.],
               [10., 21.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("encoder_layer")

# %% [markdown]
# **Look at it.** Why the residual connection? Attention mixes tokens, and mixing again and again makes
# everything the same: the tokens become alike doubly exponentially fast (Dong, Cordonnier and Loukas 2021).
# Below, eight random tokens go through ten random layers: once through attention alone, once through your
# `encoder_layer`, which adds to a token instead of replacing it. The curves tell how alike they have become.

# %% tags=["active-ipynb"]
# with plots.when_done("encoder_layer"):
#     plots.transformer.how_alike(encoder_layer)

# %% [markdown]
# ## 4. `decoder_layer`
#
# The decoder's layer has a third sublayer in the middle, *cross-attention*: its queries come from the
# decoder, its keys and values from `memory`, the encoder's output. And the self-attention is *masked*:
# while the model learns, the whole target text lies before it, so token $i$ may look at the tokens $0,
# \dots, i$ only.
#
# $$
# \begin{aligned}
# a &= \mathrm{norms}_0\bigl(y + \mathrm{self}(y,\ y,\ \mathrm{causal})\bigr) \\
# b &= \mathrm{norms}_1\bigl(a + \mathrm{cross}(a,\ memory,\ \mathrm{None})\bigr) \\
# \mathrm{output} &= \mathrm{norms}_2\bigl(b + \mathrm{ffn}(b)\bigr)
# \end{aligned}
# $$
#
# Both attentions are called as `f(q, kv, mask)`: who looks, who is looked at, and the mask, or `None` for
# no mask. The causal mask is an array of booleans of shape `(n, n)`, True where $j \le i$. Cross-attention
# needs none: the input text is known as a whole.
#
# **A small example.** Let both attentions give each token the mean of all tokens that it may see, let
# `norms` be "halve", "subtract 1" and "take a third", and let `ffn` double.
#
# $$
# y = \begin{pmatrix} 2 & 4 \\ 6 & 8 \end{pmatrix}, \quad
# memory = \begin{pmatrix} 1 & 1 \\ 3 & 5 \\ 5 & 0 \end{pmatrix}
# $$
#
# Token 0 sees itself, $(2, 4)$; token 1 sees both, $(4, 6)$. So $y + \mathrm{self}$ is $(4, 8), (10, 14)$,
# and $a$ is $(2, 4), (5, 7)$. The mean of `memory` is $(3, 2)$, so $b$ is $(5, 6) - 1 = (4, 5)$ and $(8, 9)
# - 1 = (7, 8)$. With `ffn`: $(12, 15), (21, 24)$, and a third of that is $(4, 5), (7, 8)$.
#
# <details><summary>Hint: the mask</summary>
#
# You wrote `causal_mask` in the topic `attention`. Here it has to be made inside the function: see `np.tri`
# with `dtype=bool`.
#
# </details>

# %%
def decoder_layer(
    y: np.ndarray,
    memory: np.ndarray,
    self_attn: Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray],
    cross_attn: Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray],
    ffn: Callable[[np.ndarray], np.ndarray],
    norms: Sequence[Callable[[np.ndarray], np.ndarray]],
) -> np.ndarray:
    """One layer of the decoder: masked self-attention, cross-attention, feed-forward; post-norm.

    Source: Vaswani et al. 2017, section 3.1 and figure 1 (right).

    Args:
        y: the tokens written so far, shape (n, d), float64. Left unchanged.
        memory: the encoder's output, shape (m, d). Left unchanged.
        self_attn: called as self_attn(q, kv, mask) with two arrays (n, d) and the causal mask: booleans of
            shape (n, n), True where j <= i. Returns an array (n, d).
        cross_attn: called as cross_attn(q, kv, mask) with an array (n, d), memory and None. Returns an array
            (n, d).
        ffn: feed-forward network, called with an array (n, d), returns one.
        norms: three normalisations, for the sums of the three sublayers in order; each is called with an
            array (n, d) and returns one.

    Returns:
        New array of shape (n, d).

    Example:
        >>> mean = lambda q, kv, mask: np.repeat(kv.mean(axis=0, keepdims=True), len(q), axis=0)
        >>> same = lambda a: a
        >>> memory = np.array([[2.0, 4.0], [0.0, 0.0]])
        >>> decoder_layer(np.array([[1.0, 3.0]]), memory, mean, mean, same, [same, same, same])
        array([[ 6., 16.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("decoder_layer")

# %% [markdown]
# **Look at it.** Who hears of a change? One token of the input is changed, and the picture shows how much
# each output changes. In the encoder, everybody hears of everything. In your decoder, a token's change
# reaches that token and the later ones, never the earlier ones; and every token of `memory` reaches all.

# %% tags=["active-ipynb"]
# with plots.when_done("encoder_layer", "decoder_layer"):
#     plots.transformer.who_hears_of_a_change(encoder_layer, decoder_layer)

# %% [markdown]
# ## 5. `greedy_decode`
#
# A language model gives the probabilities of the *next* token, no more. A text is written by a loop: ask,
# choose a token, put it at the end, ask again. The simplest choice is always the most probable token,
# *greedy* decoding:
#
# $$
# s_{i+1} = \arg\max_{t}\ p(t \mid s_1, \dots, s_i)
# $$
#
# The loop ends when the chosen token is the end token `eos`, which then is the last of the text, or after
# `max_new` new tokens. An `eos` in the *prompt* ends nothing: many models begin every text with the same
# token that ends it.
#
# The model is handed to you as a function: `next_probs(ids)` takes all ids so far, prompt included, and
# returns an array with one probability for each token of the vocabulary. It is expensive, so ask once for
# each new token and not once more.
#
# **A small example.** Say the model always prefers the id after the last one: after 3 comes 4. Then the
# prompt $[3, 4]$ with `eos` 7 gives $[3, 4, 5, 6, 7]$, and with `max_new` 2 it gives $[3, 4, 5, 6]$.
#
# <details><summary>Hint: somebody else's list</summary>
#
# After `ids = prompt` there are two names for one list, and appending to it changes the caller's prompt.
# How do you make a new list with the same ids?
#
# </details>
#
# <details><summary>Hint: a Python int</summary>
#
# `np.argmax` returns a NumPy integer. It looks like an int and often works like one, until somebody wants
# to write it into a JSON file.
#
# </details>

# %%
def greedy_decode(
    next_probs: Callable[[list[int]], np.ndarray], prompt: list[int], eos: int, max_new: int
) -> list[int]:
    """Continue a text by the most probable token, again and again.

    Args:
        next_probs: called with all ids so far (a list, prompt included); returns the probabilities of the
            next token, shape (V,). Asked once for each new token, in order, and not after the last one.
        prompt: the ids to begin with; may be empty, and may hold eos. Left unchanged.
        eos: id of the end token. Once it is chosen, it is the last id of the text.
        max_new: largest number of new ids, 0 or more.

    Returns:
        New list: the prompt and after it the new ids, each a Python int.

    Example:
        >>> def next_probs(ids):
        ...     return np.eye(10)[ids[-1] + 1]
        >>> greedy_decode(next_probs, [3, 4], eos=7, max_new=20)
        [3, 4, 5, 6, 7]
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("greedy_decode")

# %% [markdown]
# **Look at it.** Nearly the smallest language model there is: it counts, in Shakespeare's *The Tempest*,
# which word follows after the last one, and which after the last two, and takes the mean of both. Your
# `greedy_decode` lets it write. Each panel is one call of `next_probs`: the five most probable words, and
# in colour the one that was taken.

# %% tags=["active-ipynb"]
# play = re.findall(r"[a-z']+|[.,;:?!]", data.the_tempest().lower())
# vocabulary = sorted(set(play))
# id_of = {word: i for i, word in enumerate(vocabulary)}
# after = defaultdict(Counter)
# for i, word in enumerate(play[2:], start=2):
#     after[play[i - 2], play[i - 1]][id_of[word]] += 1
#     after[play[i - 1]][id_of[word]] += 1
#
# def next_probs(ids):
#     last = [vocabulary[i] for i in ids[-2:]]
#     p = np.zeros(len(vocabulary))
#     for context in (last[-1], tuple(last)):
#         for token, count in after[context].items():
#             p[token] += count / after[context].total()
#     return p / p.sum()
#
# prompt = [id_of[word] for word in "we are such".split()]
# with plots.when_done("greedy_decode"):
#     plots.transformer.greedy_steps(greedy_decode, next_probs, prompt, id_of["."], vocabulary, max_new=8)

# %% [markdown]
# Always taking the most probable word has a price. If the model may look at one word only, it soon walks in
# a circle, and being greedy it never leaves it:

# %% tags=["active-ipynb"]
# with plots.when_done("greedy_decode"):
#     ids = greedy_decode(lambda ids: next_probs(ids[-1:]), [id_of["what"]], id_of["."], max_new=20)
#     print(" ".join(vocabulary[i] for i in ids))

# %% [markdown]
# **What comes next.** The topic `sampling` has ways out of such circles: temperature, top-k and top-p. And
# in the `capstone` you put everything into one program, from the ids of a text to the next token.
