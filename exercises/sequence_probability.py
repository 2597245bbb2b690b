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
# # The space of all texts, and the probability of one of them
#
# After tokenization a text is a sequence of tokens, $x = (s_1, s_2, \dots, s_k)$, each from a vocabulary $V$.
# A language model reads at most $n$ of them, so all texts it can ever meet form a finite set $X$. The lecture
# counts them:
#
# $$
# |X| = \sum_{k=0}^{n} |V|^k
# $$
#
# A generative model is a probability $p(x)$ for each of them. A table will not do: even short texts are more
# than there are atoms in the universe. The way out is the **chain rule**. It holds for every distribution,
# and it asks for nothing but the next token, again and again:
#
# $$
# p(x) = \prod_{i=1}^{k} p(s_i \mid s_1, \dots, s_{i-1}), \qquad
# \log p(x) = \sum_{i=1}^{k} \log p(s_i \mid s_{<i})
# $$
#
# **Two things to read with care on the slide.**
#
# - The sum starts at $k = 0$: the **empty sequence** is a member of $X$, just as the empty set is a set.
#   There is one of it, and as an empty product its probability is 1.
# - The chain rule makes the sequences of *each length* add up to 1. All of $X$ then adds up to $n + 1$, and
#   $p$ is no distribution over $X$ yet. In practice an **end token** mends this: only what it ends counts as
#   a text. The last picture shows both.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `sequence_space_size` | how many texts there are, exactly | easy | 10 |
# | 2. `token_probs` | the probability that each token of a text had | easy | 10 |
# | 3. `sequence_log_prob` | log p(x), by the chain rule | easy | 15 |
#
# Sources: the lecture; Shannon 1948, *A Mathematical Theory of Communication*, section 3, for texts as chains
# of conditional probabilities; Bengio et al. 2003, *A Neural Probabilistic Language Model*, section 1.

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import itertools
# import re
#
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/sequence_probability")

# %% [markdown]
# ## 1. `sequence_space_size`
#
# **A small example.** With the two tokens a and b and at most $n = 2$ of them in a row there are 7 sequences:
# the empty one, a, b, aa, ab, ba, bb. That is $2^0 + 2^1 + 2^2$.
#
# Python's own integers grow as large as they need to, so the answer can be *exact*, down to the last of its
# thousands of digits. Floats cannot do this, and NumPy's integers wrap around at $2^{63}$ without a word.
#
# <details><summary>Hint: a formula for the sum?</summary>
#
# There is one for the geometric series. Try it with a vocabulary of a single token before you trust it, and
# mind which of Python's two divisions you take. A plain sum is fast enough, too.
#
# </details>
#
# <details><summary>Hint: exact</summary>
#
# Stay with Python's `int` from the beginning to the end. A single float on the way, or a NumPy integer, and
# digits get lost.
#
# </details>

# %%
def sequence_space_size(vocab_size: int, max_len: int) -> int:
    """Count all sequences of at most max_len tokens.

    Args:
        vocab_size: number of different tokens, |V|; at least 1.
        max_len: length n of the longest sequences, at least 0 and up to some thousands.

    Returns:
        |X| = Σ_{k=0..n} |V|^k as an exact Python int; the empty sequence counts.

    Source: the lecture.

    >>> sequence_space_size(2, 2)
    7
    >>> sequence_space_size(50257, 1)
    50258
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("sequence_space_size")

# %% [markdown]
# **Look at it.** The scale is logarithmic: from one mark to the next is a factor of $10^{100}$. GPT-2 has
# 50,257 tokens and reads 1,024 of them; its $|X|$ is a number of 4,815 digits.

# %% tags=["active-ipynb"]
# with plots.when_done("sequence_space_size"):
#     lengths = range(101)
#     vocabularies = {"0 and 1": 2, "letters and the blank": 27, "GPT-2's tokens": 50_257}
#     sizes = {
#         f"{name}, |V| = {size:,}": [sequence_space_size(size, n) for n in lengths]
#         for name, size in vocabularies.items()
#     }
#     plots.sequence_probability.space_growth(sizes)

# %% [markdown]
# ## 2. `token_probs`
#
# A model has read the text and answered at each position: row $i$ of the table $P$ holds the probabilities of
# *all* tokens at position $i$, given the ones before it. The chain rule needs one number from each row: the
# probability of the token that really stands there.
#
# **A small example.** Three tokens, numbered 0, 1, 2, and the text 1, 0, 1:
#
# $$
# P = \begin{pmatrix} 0.2 & 0.5 & 0.3 \\ 0.7 & 0.2 & 0.1 \\ 0.1 & 0.6 & 0.3 \end{pmatrix}, \qquad
# \text{ids} = (1, 0, 1) \quad\Rightarrow\quad p = (0.5,\ 0.7,\ 0.6)
# $$
#
# Row $i$ and token $i$ belong together already: row $i$ was computed from the tokens *before* position $i$.
# Nothing has to be shifted.
#
# <details><summary>Hint: one entry of each row</summary>
#
# NumPy takes two lists of indices of the same length, one for the rows and one for the columns, and gives
# back one entry for each pair. `P[:, ids]` is another thing: it takes all these columns from every row.
#
# </details>

# %%
def token_probs(P: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Pick the probability of each token of a text from a model's answers.

    Args:
        P: (k, V) float64; row i is the distribution p(V_i | s_1..s_{i-1}) over all tokens. Left unchanged.
        ids: (k,) integers from 0 to V - 1, the tokens s_1..s_k of the text. Left unchanged.

    Returns:
        A float64 array (k,) with p(s_i | s_<i) for each i; for k = 0, an empty one.

    Source: the lecture's chain rule.

    >>> P = np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])
    >>> token_probs(P, np.array([1, 0, 1]))
    array([0.5, 0.7, 0.6])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("token_probs")

# %% [markdown]
# A real text and a real, if tiny, model. It has counted which word follows which in *The Tempest*, so it sees
# no further back than one word: $p(s_i \mid s_{<i}) \approx p(s_i \mid s_{i-1})$. (For the first word it
# takes how often each word occurs at all.) `next_word_table` asks it at each position of a sentence.

# %% tags=["active-ipynb"]
# play = re.findall(r"[a-z']+", data.the_tempest().lower())
# vocabulary = sorted(set(play))
# number = {word: i for i, word in enumerate(vocabulary)}
# play_ids = np.array([number[word] for word in play])
#
# def next_word_table(ids):
#     P = np.zeros((len(ids), len(vocabulary)))
#     for i in range(len(ids)):
#         followers = play_ids if i == 0 else play_ids[1:][play_ids[:-1] == ids[i - 1]]
#         P[i] = np.bincount(followers, minlength=len(vocabulary)) / len(followers)
#     return P
#
# sentence = "we are such stuff as dreams are made on".split()
# ids = np.array([number[word] for word in sentence])

# %% [markdown]
# **Look at it.** The bars are your result; beside each one stands the word that the model would have liked
# best.

# %% tags=["active-ipynb"]
# with plots.when_done("token_probs"):
#     P = next_word_table(ids)
#     favourites = [vocabulary[i] for i in P.argmax(axis=1)]
#     plots.sequence_probability.token_bars(token_probs(P, ids), sentence, P.max(axis=1), favourites)

# %% [markdown]
# ## 3. `sequence_log_prob`
#
# Multiply them all and you have $p(x)$, says the chain rule. Only, the product of some hundred numbers below
# 1 is less than the smallest float64 above 0 (about $5 \cdot 10^{-324}$), and what comes out is 0. So one
# adds logarithms instead. They are natural ones here.
#
# **A small example.** $p = (0.5, 0.7, 0.6)$ gives $\log p(x) = \log 0.5 + \log 0.7 + \log 0.6 = \log 0.21
# \approx -1.561$.
#
# Two edges. The empty sequence has no factors, its probability is 1 and the logarithm 0. And a single
# impossible token makes the whole text impossible: $\log 0 = -\infty$, which is a proper answer here, neither
# an error nor worth a warning.
#
# <details><summary>Hint: the logarithm of 0</summary>
#
# `math.log(0.0)` raises ValueError. `np.log(0.0)` gives -inf, with a warning that you can switch off for a
# few lines: look up `np.errstate`.
#
# </details>

# %%
def sequence_log_prob(p: np.ndarray) -> float:
    """Log-probability of a text, from the probabilities of its tokens.

    Args:
        p: (k,) float64, p(s_i | s_<i) for each token, from 0 to 1. Left unchanged.

    Returns:
        log p(x) = Σ_i log p(s_i | s_<i), the natural logarithm, as a float: 0.0 for k = 0, -inf if one p is
        0 (without a warning), finite otherwise, however long the text is.

    Source: the lecture's chain rule.

    >>> round(sequence_log_prob(np.array([0.5, 0.7, 0.6])), 6)
    -1.560648
    >>> sequence_log_prob(np.array([0.5, 0.0]))
    -inf
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("sequence_log_prob")

# %% [markdown]
# **Look at it.** The chain rule, token by token: the bars are the factors, the line is the logarithm of the
# product so far.

# %% tags=["active-ipynb"]
# with plots.when_done("token_probs", "sequence_log_prob"):
#     p = token_probs(next_word_table(ids), ids)
#     running = [sequence_log_prob(p[:i]) for i in range(len(p) + 1)]
#     plots.sequence_probability.chain(p, running, sentence)

# %% [markdown]
# The same words in other orders. The second one is less likely, but possible. In the third one, words follow
# each other that never do so in the play, and a table of counts calls impossible whatever it has not seen.
# This is one reason why language models are networks now, and not tables.

# %% tags=["active-ipynb"]
# with plots.when_done("token_probs", "sequence_log_prob"):
#     for order in (
#         "we are such stuff as dreams are made on",
#         "dreams are made on such stuff as we are",
#         "stuff made dreams such as we are are on",
#     ):
#         shuffled = np.array([number[word] for word in order.split()])
#         log_p = sequence_log_prob(token_probs(next_word_table(shuffled), shuffled))
#         print(f"{order}: log p = {log_p:.2f}")

# %% [markdown]
# At last, what does $p$ add up to over all of $X$? Take the smallest model there is: two letters, and after
# each letter the same one comes again with probability 0.7. On the left nothing ends a text, and the
# sequences of each length share a probability of 1. On the right a third token, the end, comes with
# probability 0.3 at every position, and only sequences that close with it are counted.

# %% tags=["active-ipynb"]
# def letters_table(ids, end):
#     follow = np.array([[0.5, 0.5], [0.7, 0.3], [0.3, 0.7]])  # at the start, after a, after b
#     rows = [follow[0 if i == 0 else 1 + min(ids[i - 1], 1)] for i in range(len(ids))]
#     rows = np.array(rows).reshape(len(ids), 2)
#     return np.hstack([(1 - end) * rows, np.full((len(ids), 1), end)])
#
# def total(texts, end):
#     texts = [np.array(text, dtype=np.int64) for text in texts]
#     return sum(np.exp(sequence_log_prob(token_probs(letters_table(text, end), text))) for text in texts)
#
# with plots.when_done("token_probs", "sequence_log_prob"):
#     lengths = range(9)
#     words = {k: list(itertools.product((0, 1), repeat=k)) for k in lengths}
#     without_end = [total(words[k], end=0.0) for k in lengths]
#     with_end = [total([word + (2,) for word in words[k]], end=0.3) for k in lengths]
#     plots.sequence_probability.totals_by_length(without_end, with_end)

# %% [markdown]
# ## What comes next
#
# A model that gives real texts a high $\log p(x)$ is a good model. Turned round, $-\log p(x)$ is what
# training makes small: the next topic, `nll_loss`, computes it from the numbers a network really gives, the
# logits.
