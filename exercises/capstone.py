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
# # Capstone: the recap slide as one program
#
# Everything is there: tokens, embeddings, positions, attention, the feed-forward network, softmax. The
# lecture's last slide puts them in a row, and so does this topic. What comes out is a language model, small
# but complete, and one that has been trained: it has read Shakespeare's *The Tempest*, and it will speak as
# soon as your two functions work.
#
# | step | formula | shape |
# |---|---|---|
# | tokens | $s_1, \dots, s_n$ | $(n,)$ |
# | embed | $E_{s_i}$ | $(n, d)$ |
# | add positions | $X_i = E_{s_i} + \mathrm{PE}(i - 1)$ | $(n, d)$ |
# | causal self-attention, $h$ heads | $A = [\mathrm{head}_1, \dots, \mathrm{head}_h]\, W_o$ | $(n, d)$ |
# | add and normalise | $Y = \mathrm{LayerNorm}_1(X + A)$ | $(n, d)$ |
# | feed-forward | $F = \max(0,\ Y W_1 + b_1)\, W_2 + b_2$ | $(n, d)$ |
# | add and normalise | $Z = \mathrm{LayerNorm}_2(Y + F)$ | $(n, d)$ |
# | logits of the last position | $z = Z_n E^\top$ | $(V,)$ |
# | next-token distribution | $p(\cdot \mid s_1, \dots, s_n) = \mathrm{softmax}(z)$ | $(V,)$ |
#
# This is one *decoder block* of the transformer, without cross-attention, since there is no encoder: the
# form that GPT has. Real models stack dozens of such blocks; one is enough to see everything work. The
# normalisation comes *after* the sum (*post-norm*), as in Vaswani et al. 2017, and the output layer uses
# the embeddings once more, transposed: a token is likely if its embedding points where $Z_n$ points.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `next_token_distribution` | the whole model, from ids to probabilities | hard | 60 |
# | 2. `generate` | greedy text, token by token | easy | 10 |
#
# Sources: the lecture; Vaswani et al. 2017, *Attention Is All You Need*, sections 3.1 to 3.5; Radford et
# al. 2018 for the decoder without an encoder; Press and Wolf 2017, *Using the Output Embedding to Improve
# Language Models*, for the shared embeddings.

# %%
import numpy as np

from genai_course import kernels


# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/capstone")

# %% [markdown]
# ## 1. `next_token_distribution`
#
# The parameters come as a dictionary:
#
# | key | shape | what it is |
# |---|---|---|
# | `E` | $(V, d)$ | the embeddings, a row for each token; $E^\top$ is the output layer |
# | `Wq`, `Wk`, `Wv`, `Wo` | $(d, d)$ | attention: queries, keys, values, output; applied as $X W$ |
# | `W1`, `b1` | $(d, f)$, $(f,)$ | feed-forward, first layer |
# | `W2`, `b2` | $(f, d)$, $(d,)$ | feed-forward, second layer |
# | `gamma1`, `beta1` | $(d,)$ | the layer norm after attention |
# | `gamma2`, `beta2` | $(d,)$ | the layer norm after the feed-forward network |
# | `heads` | an int | $h$, which divides $d$ |
#
# All conventions are those of the earlier topics:
#
# - **Positions** count from 0; $\mathrm{PE}(\mathit{pos})$ has $\sin(\mathit{pos} / 10000^{2i/d})$ in
#   column $2i$ and the cosine of the same angle in column $2i + 1$. The embeddings are not scaled before
#   the sum.
# - **Heads**: head $j$ works with columns $j \cdot d/h$ to $(j + 1) \cdot d/h - 1$ of $X W_q$, $X W_k$ and
#   $X W_v$, and divides its scores by $\sqrt{d/h}$. Token $i$ attends to tokens $1, \dots, i$.
# - **LayerNorm**: over the $d$ columns of each row, with the biased variance and $\varepsilon = 10^{-5}$
#   inside the root: $\gamma \cdot (x - \mu) / \sqrt{\sigma^2 + \varepsilon} + \beta$.
#
# You may use NumPy, your own functions of earlier topics (paste them *inside* the function), or the
# compiled `kernels.matmul(A, B)`, `kernels.softmax(x)` and `kernels.attention(Q, K, V, causal=True)`, which
# take batches, and heads are a batch.
#
# **A small example.** $d = 2$, one head, $E = \begin{pmatrix} 0 & 0 \\ 1 & 0 \\ 2 & -1 \end{pmatrix}$, all
# other matrices and biases 0, $\gamma = 1$. With these zeros, neither attention nor the network adds
# anything. Take the ids $(2, 1)$. The last token is at position 1, where $\mathrm{PE} = (\sin 1, \cos 1)$,
# so its row is $(1, 0) + (0.84, 0.54) = (1.84, 0.54)$. A layer norm over two numbers leaves only which one
# is larger: $(1, -1)$, and so does the next. The logits are $E \cdot (1, -1) = (0, 1, 3)$, and the
# distribution is $(1, e, e^3) / (1 + e + e^3) \approx (0.042, 0.114, 0.844)$.
#
# **A question to think about.** Does the causal mask change your result? The last token may attend to all
# tokens anyway, and the other rows are not used after attention. In a model with *one* block, that predicts
# from its *last* row, the mask makes no difference. In training it does, for there every row is a
# prediction; and with two blocks it does, for the second block attends to what the first has made of the
# earlier tokens.
#
# <details><summary>Hint: where to begin</summary>
#
# Write one line for each row of the table at the top, and print the shape after each. Keep all $n$ rows
# until the very end.
#
# </details>
#
# <details><summary>Hint: heads</summary>
#
# `reshape(n, h, d // h)` cuts the columns into heads, and then the axes of tokens and heads must change
# places: `swapaxes(0, 1)`. After attention the same two steps go backwards, in reverse order. Reshaping
# straight to `(h, n, d // h)` would mix up tokens.
#
# </details>
#
# <details><summary>Hint: the numbers are nearly right</summary>
#
# `np.var` is the biased variance, as wanted. Is $\varepsilon$ inside the root? Does each layer norm use its
# own $\gamma$ and $\beta$? Are both biases added, the second one *before* the sum is normalised?
#
# </details>

# %%
def next_token_distribution(ids: list[int], params: dict[str, np.ndarray]) -> np.ndarray:
    """The probability of each token to come next, by a transformer with one decoder block.

    Source: the lecture's recap; Vaswani et al. 2017, sections 3.1 to 3.5 (post-norm, shared embeddings).

    Args:
        ids: the tokens so far, at least one, each from 0 to V - 1. Left unchanged.
        params: E (V, d), Wq, Wk, Wv, Wo (d, d), W1 (d, f), b1 (f,), W2 (f, d), b2 (d,), gamma1, beta1,
            gamma2, beta2 (d,), all float64, and heads, an int that divides d; d is even. Left unchanged.

    Returns:
        A float64 array of shape (V,) that adds up to 1: softmax of the last row times E transposed. Logits of
        any size do no harm.

    Example:
        >>> params = {name: np.zeros((2, 2)) for name in ("Wq", "Wk", "Wv", "Wo", "W1", "W2")}
        >>> params |= {name: np.zeros(2) for name in ("b1", "b2", "beta1", "beta2")}
        >>> params |= {"gamma1": np.ones(2), "gamma2": np.ones(2), "heads": 1}
        >>> params["E"] = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, -1.0]])
        >>> next_token_distribution([2, 1], params).round(3)
        array([0.042, 0.114, 0.844])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("next_token_distribution")

# %% [markdown]
# **The model that has read The Tempest.** `data.tempest_model()` holds trained parameters for just this
# architecture, and the tokenizer that belongs to them: byte-pair encoding, learned on the play. A space
# belongs to the word behind it. First, see how it cuts a famous line; then what it expects after two words.

# %% tags=["active-ipynb"]
# model = data.tempest_model()
# print([model.decode([i]) for i in model.encode("We are such stuff\nAs dreams are made on")])
# prompt = "PROSPERO.\nMy"
# with plots.when_done("next_token_distribution"):
#     p = next_token_distribution(model.encode(prompt), model.params)
#     plots.capstone.next_token_bars(p, model.vocab, prompt)

# %% [markdown]
# ## 2. `generate`
#
# A language model only ever answers one question: which token comes next? To write, ask it again and again,
# each time with its own last answer at the end of the text. *Greedy* generation always takes the most
# probable token. It stops after the token `eos` ("end of sequence"; in our model the blank line that ends a
# speech), or when `max_new` tokens have been added.
#
# **A small example.** Say the model gives after $(4, 7)$ the highest probability to token 5, after
# $(4, 7, 5)$ to token 2, and `eos` is 2. Then `generate([4, 7], params, 10, 2)` is `[4, 7, 5, 2]`, and with
# `max_new` = 1 it is `[4, 7, 5]`.
#
# <details><summary>Hint</summary>
#
# Copy the prompt first: appending to `ids` itself would change the caller's list. And `np.argmax` gives a
# NumPy number; `int(...)` makes a Python int of it.
#
# </details>

# %%
def generate(ids: list[int], params: dict[str, np.ndarray], max_new: int, eos: int) -> list[int]:
    """Continue a text with the most probable token, again and again.

    Source: the lecture (decoding); it may call `next_token_distribution`.

    Args:
        ids: the prompt, at least one token. Left unchanged. An `eos` in it does not end anything.
        params: as in `next_token_distribution`. Left unchanged.
        max_new: how many tokens to add at most; 0 adds none.
        eos: the token after which to stop; it is part of the result.

    Returns:
        A new list: the prompt and the new tokens, each a Python int.

    Example:
        >>> params = {name: np.zeros((2, 2)) for name in ("Wq", "Wk", "Wv", "Wo", "W1", "W2")}
        >>> params |= {name: np.zeros(2) for name in ("b1", "b2", "beta1", "beta2")}
        >>> params |= {"gamma1": np.ones(2), "gamma2": np.ones(2), "heads": 1}
        >>> params["E"] = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, -1.0]])
        >>> generate([1, 0], params, 3, eos=1)
        [1, 0, 2, 2, 2]
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("generate")

# %% [markdown]
# **Let it speak.** Greedy text first. The colour of each token says how sure the model was of it. Where it
# is very sure it may be quoting: a small model with a small book learns some lines by heart.

# %% tags=["active-ipynb"]
# with plots.when_done("next_token_distribution", "generate"):
#     prompt = model.encode("PROSPERO.\nNow")
#     text = generate(prompt, model.params, 40, model.eos)
#     sure = [next_token_distribution(text[:n], model.params)[text[n]] for n in range(len(prompt), len(text))]
#     plots.capstone.coloured_text(text, model.vocab, sure)

# %% [markdown]
# Now with some chance: each token is drawn from the distribution, sharpened by a temperature of 0.8 (the
# topic `sampling`). The model has only ever seen 96 tokens at a time, so it is given no more than that. Run
# the cell again for another scene; try other temperatures.

# %% tags=["active-ipynb"]
# rng = np.random.default_rng()
# with plots.when_done("next_token_distribution"):
#     text = model.encode("ARIEL.\n")
#     for _ in range(200):
#         p = next_token_distribution(text[-model.context :], model.params) ** (1 / 0.8)
#         text.append(int(rng.choice(len(p), p=p / p.sum())))
#     print(model.decode(text))

# %% [markdown]
# **How it was trained.** With the loss of the topic `nll_loss`, on windows of 96 tokens of the play, by
# gradient descent: that is all. The script is `tools/train_tempest_model.py`. What separates this model
# from the large ones is size: they have some million times as many parameters, dozens of blocks, and have
# read more than one play.

# %% [markdown]
# **What comes next** is up to you. Ideas: a second block (what must be trained anew?); a cache of keys and
# values, so that `generate` does not compute the whole prompt again for every token; your own text instead
# of The Tempest.
