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
# # Sampling: from probabilities to a token
#
# A trained language model does not write words. It gives each token of the vocabulary a probability of coming
# next, and then somebody has to choose. The lecture's example: after "The cute green dragon trot" come
#
# | ted | tline | tting | yl | toir | , | 74 others, say |
# |---|---|---|---|---|---|---|
# | 8 % | 5 % | 5 % | 5 % | 2 % | 1 % | 1 % each |
#
# Always taking the most probable token makes dull texts that run in circles. Drawing from the whole list
# sooner or later picks one of the many tokens that hardly fit: each is improbable, but together they make up
# 74 % here. So three knobs change the distribution $p$ before the draw:
#
# $$
# \text{temperature:}\quad p_j = \frac{e^{z_j / \tau}}{\sum_m e^{z_m / \tau}}
# \qquad\qquad
# \text{top-}k,\ \text{top-}p:\quad
# p'_j = \begin{cases} p_j \big/ \sum_{m \in S} p_m & j \in S \\ 0 & j \notin S \end{cases}
# $$
#
# where $z$ are the logits, $\tau$ is the temperature, and the set $S$ of tokens that stay holds the $k$ most
# probable ones (top-$k$), or as few of the most probable ones as together have at least the probability
# `top_p` (top-$p$, also called nucleus sampling). The draw itself needs one random number $u$, evenly spread
# from 0 to 1.
#
# **To be read with care on the slide.** The numbers are an example: "trot" + "tline" or "trot" + "toir" are
# no English words. And the six tokens shown add up to 26 %; the other 74 % are not shown. How they are shared
# out is not said, 1 % each is our guess.
#
# Nothing in these exercises is random: the random number $u$ comes in as an argument, so the same input
# always gives the same token.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `apply_temperature` | from logits to a flatter or a sharper distribution | easy | 15 |
# | 2. `top_k_probs` | only the k most probable tokens | medium | 20 |
# | 3. `top_p_probs` | only as many tokens as it takes | medium | 25 |
# | 4. `sample_token` | from a distribution and a random number to a token | medium | 20 |
#
# Sources: the lecture; Ackley, Hinton and Sejnowski 1985, *A Learning Algorithm for Boltzmann Machines*, for
# the temperature; Fan, Lewis and Dauphin 2018, *Hierarchical Neural Story Generation*, for top-k; Holtzman et
# al. 2019, *The Curious Case of Neural Text Degeneration*, section 3, for top-p.

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/sampling")

# %% [markdown]
# ## 1. `apply_temperature`
#
# Divide the logits by the temperature $\tau > 0$, then take the softmax. The name is from physics: in a hot
# gas all states are nearly equally likely, in a cold one only those of the lowest energy.
#
# - $\tau = 1$ changes nothing: the plain softmax.
# - $\tau < 1$ makes the distribution sharper, and for $\tau \to 0$ only the most probable token is left.
# - $\tau > 1$ makes it flatter, and for $\tau \to \infty$ all tokens are equally likely.
#
# **A small example.** Let the vocabulary hold only the six tokens that the slide shows, with the logits $z =
# (\log 8, \log 5, \log 5, \log 5, \log 2, \log 1)$. At $\tau = 1$ the exponentials are $8, 5, 5, 5, 2, 1$,
# together 26, and "ted" has $8/26 \approx 31\,\%$. At $\tau = \tfrac12$ they are the squares $64, 25, 25, 25,
# 4, 1$, together 144, and "ted" has $64/144 \approx 44\,\%$.
#
# <details><summary>Hint: inf and nan</summary>
#
# A low temperature makes large numbers of small ones: $20 / 0.02 = 1000$, and $e^{1000}$ is too large for a
# float64. The softmax does not change when the same number is taken away from everything in the exponent.
# Which number makes sure that nothing there is above 0? And does it have to be divided by $\tau$, too?
#
# </details>

# %%
def apply_temperature(logits: np.ndarray, tau: float) -> np.ndarray:
    """Turn logits into probabilities at a given temperature.

    Args:
        logits: (V,) float64, one for each token; finite, of any size (also ±1000) and with gaps of any size.
            Left unchanged.
        tau: temperature, above 0; 1 gives the softmax itself.

    Returns:
        softmax(logits / tau): (V,) float64, probabilities in the order of the logits. None is NaN.

    Source: the lecture; Ackley, Hinton and Sejnowski 1985; their energies are minus the logits.

    >>> apply_temperature(np.log(np.array([1.0, 2.0, 3.0])), 0.5)
    array([0.07142857, 0.28571429, 0.64285714])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("apply_temperature")

# %% [markdown]
# **Look at it.** The slide's six tokens at three temperatures, and in each corner what the 74 tokens share
# that the slide does not show. A hot model mostly says something that nobody would have put on a slide.

# %% tags=["active-ipynb"]
# tokens = ["ted", "tline", "tting", "yl", "toir", ","]
# slide = np.array([8, 5, 5, 5, 2, 1] + [1] * 74) / 100
# with plots.when_done("apply_temperature"):
#     taus = [0.5, 1.0, 2.0]
#     plots.sampling.temperature_bars(tokens, taus, [apply_temperature(np.log(slide), tau) for tau in taus])

# %% [markdown]
# ## 2. `top_k_probs`
#
# Keep the $k$ most probable tokens, give all others the probability 0, and divide by what is left, so that
# the probabilities add up to 1 again. Every token stays at its own place: only values change.
#
# **A small example.** Of the slide's six tokens, with $p = (8, 5, 5, 5, 2, 1) / 26$, top-3 keeps "ted",
# "tline" and "tting" and gives $(8, 5, 5, 0, 0, 0) / 18$. "yl" is just as probable as the two before it, but
# there is no room for it: among equals, the lower index goes first. In this way exactly $k$ tokens stay.
#
# If $k$ is larger than the vocabulary, all tokens stay.
#
# <details><summary>Hint: which tokens are they?</summary>
#
# `np.argsort` gives the order of the indices, the smallest value first. How do you turn the order round
# without turning round the order among equals? (Sorting something else than `p` is one way. By default
# `np.argsort` promises nothing about equal values: see its argument `kind`.)
#
# </details>
#
# <details><summary>Hint: a new array</summary>
#
# Start from an array of zeros and write into it only what stays. Then your argument is left as it was.
#
# </details>

# %%
def top_k_probs(p: np.ndarray, k: int) -> np.ndarray:
    """Keep the k most probable tokens and share out all probability among them.

    Args:
        p: (V,) float64, a distribution: not negative, sums to 1. Left unchanged.
        k: how many tokens stay, at least 1; above V, all of them do.

    Returns:
        (V,) float64 in the order of p, sums to 1: the k largest entries, divided by their sum, and 0
        elsewhere. Among equal entries those of lower index stay.

    Source: Fan, Lewis and Dauphin 2018.

    >>> top_k_probs(np.array([0.125, 0.5, 0.125, 0.25]), 2)
    array([0.        , 0.66666667, 0.        , 0.33333333])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("top_k_probs")

# %% [markdown]
# ## 3. `top_p_probs`
#
# A fixed $k$ does not suit every distribution. Where only one token makes sense, $k = 40$ lets in 39 bad
# ones, and where a hundred would do, it shuts out 60 good ones. Top-$p$ looks at the probability instead:
# walk from the most probable token downwards and add up, until the sum has reached `top_p`. The tokens passed
# on the way stay, *including the one that reached it*. This is the smallest set with a mass of at least
# `top_p`.
#
# **A small example.** The slide's six tokens again, $p = (8, 5, 5, 5, 2, 1) / 26$, and `top_p = 0.8`. The
# sums on the way are $8/26 \approx 0.31$, $13/26 = 0.50$, $18/26 \approx 0.69$, $23/26 \approx 0.88$: the
# fourth token is the first one to reach 0.8. The result is $(8, 5, 5, 5, 0, 0) / 23$. (Keeping only tokens
# whose sum is still below 0.8 would lose "yl", and with it the promised 80 %.)
#
# <details><summary>Hint: the sum before, the sum after</summary>
#
# A token stays if what was collected *before* it is still less than `top_p`. For the first token that is 0,
# so it always stays.
#
# </details>
#
# <details><summary>Hint: and back again</summary>
#
# You have sorted the probabilities to walk downwards. The result has to be in the order of `p`. The indices
# from `np.argsort` tell where each sorted value came from.
#
# </details>

# %%
def top_p_probs(p: np.ndarray, top_p: float) -> np.ndarray:
    """Keep the smallest set of most probable tokens with a mass of at least top_p (nucleus sampling).

    Args:
        p: (V,) float64, a distribution: not negative, sums to 1 (up to rounding). Left unchanged.
        top_p: the mass to reach, above 0 and at most 1; 1 keeps every token.

    Returns:
        (V,) float64 in the order of p, sums to 1: the most probable entries up to and including the one with
        which their sum reaches top_p, divided by their sum, and 0 elsewhere. At least one stays. Among
        equal entries any may stay; this one takes those of lower index first.

    Source: Holtzman et al. 2019, section 3.1, equations 2 and 3.

    >>> top_p_probs(np.array([0.125, 0.5, 0.125, 0.25]), 0.6)
    array([0.        , 0.66666667, 0.        , 0.33333333])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("top_p_probs")

# %% [markdown]
# **Look at them side by side.** In the first row many tokens make sense, in the second row only one does.
# Top-k keeps the same number in both; top-p keeps more in the first and fewer in the second.

# %% tags=["active-ipynb"]
# with plots.when_done("top_k_probs", "top_p_probs"):
#     examples = {
#         "after “dragon trot”": (tokens, np.array([8, 5, 5, 5, 2, 1]) / 26),
#         "after “trotted into the”": (
#             ["cave", "woods", "dark", "sea", "of", "and"],
#             np.array([0.86, 0.07, 0.03, 0.02, 0.01, 0.01]),
#         ),
#     }
#     kept = {
#         "top-k, k = 3": [top_k_probs(p, 3) for _, p in examples.values()],
#         "top-p, top_p = 0.9": [top_p_probs(p, 0.9) for _, p in examples.values()],
#     }
#     plots.sampling.what_stays(examples, kept)

# %% [markdown]
# ## 4. `sample_token`
#
# Now the draw. Lay the tokens side by side on a line from 0 to 1, in the order of the vocabulary, each as
# wide as its probability. A random point $u$ falls on token $j$ with probability $p_j$. In formulas: with the
# sums $c_j = p_0 + p_1 + \dots + p_j$, the token is the first $j$ with
#
# $$ c_j > u $$
#
# This works for every distribution and is called *inverse transform sampling*, as it turns the cumulative
# distribution function (CDF) upside down.
#
# **A small example.** For the slide's six tokens the sums are about $0.31, 0.50, 0.69, 0.88, 0.96, 1$. With
# $u = 0.6$ the first one above $u$ is the third, so the token is 2, "tting".
#
# **Why $>$ and not $\ge$?** $u$ may be exactly 0. If the first token has probability 0, then $c_0 = 0$, and
# $\ge$ would return a token that can never come. The same goes for any $u$ that hits one of the sums exactly.
#
# **Careful at the end.** Added up in float64, $0.7 + 0.2 + 0.1$ is $0.9999999999999999$. The largest $u$
# below 1 is this very number, so no sum is above it. Then the answer is the last token that has a probability
# above 0.
#
# <details><summary>Hint: finding the place</summary>
#
# `np.searchsorted` finds where a number belongs in a sorted array; its argument `side` decides what happens
# when it is equal to an entry. Or count: how many of the sums are not above $u$?
#
# </details>
#
# <details><summary>Hint: why is my integer not an int?</summary>
#
# NumPy returns its own integer types, such as `np.int64`. They print alike, but not everything takes them
# (JSON, for one). `int(...)` converts.
#
# </details>

# %%
def sample_token(p: np.ndarray, u: float) -> int:
    """Choose a token with a given random number: the inverse of the cumulative distribution.

    Args:
        p: (V,) float64, a distribution: not negative, sums to 1 (up to rounding). Left unchanged.
        u: where the draw falls, from 0 up to but not including 1.

    Returns:
        The first token j with p[0] + ... + p[j] > u, as a Python int. If rounding leaves no such token, the
        last one of probability above 0. A token of probability 0 is never returned.

    Source: Devroye 1986, *Non-Uniform Random Variate Generation*, section III.2.

    >>> sample_token(np.array([0.25, 0.0, 0.5, 0.25]), 0.25)
    2
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("sample_token")

# %% [markdown]
# **Look at it.** The sums as a staircase: each token is a step as high as it is probable. Go in at height $u$
# and look on which step you land. Tokens of probability 0 have no step at all.

# %% tags=["active-ipynb"]
# with plots.when_done("sample_token"):
#     p = np.array([8, 5, 5, 5, 2, 1]) / 26
#     plots.sampling.staircase(tokens, p, 0.6, sample_token(p, 0.6))

# %% [markdown]
# **All together.** A very small language model: which character follows these four characters, counted in
# Shakespeare's *The Tempest*. Your functions turn its counts into text. Try other temperatures and `top_p`!

# %% tags=["active-ipynb"]
# from collections import Counter, defaultdict
#
# play = data.the_tempest()
# follows = defaultdict(Counter)
# for i in range(len(play) - 4):
#     follows[play[i : i + 4]][play[i + 4]] += 1
#
# with plots.when_done("apply_temperature", "top_p_probs", "sample_token"):
#     for tau, top_p in [(0.2, 1.0), (1.0, 0.9), (1.0, 1.0), (3.0, 1.0)]:
#         rng = np.random.default_rng(3)
#         text = "The "
#         while len(text) < 200:
#             characters, counts = zip(*follows[text[-4:]].items())
#             p = top_p_probs(apply_temperature(np.log(np.array(counts)), tau), top_p)
#             text += characters[sample_token(p, rng.random())]
#         print(f"--- temperature {tau}, top_p {top_p} ---\n{text}\n")

# %% [markdown]
# ## What comes next
#
# Tokens have been mere numbers so far, and two of them are either the same or not. In the next topic,
# `embeddings`, each becomes a vector, and words of similar meaning come to lie close to each other.
