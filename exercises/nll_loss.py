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
# # The training objective: negative log-likelihood
#
# A language model is trained on one question, asked at every position of a text: *which token comes next?* It
# answers with one number for each token of the vocabulary $V$, the **logits**. Softmax turns them into
# probabilities, and the loss asks how much probability the token that really came next has got:
#
# $$
# L \;=\; -\sum_{i=1}^{k} y_i \cdot \log p(V_i \mid s_{<i}) \;=\; -\sum_{i=1}^{k} \log p(s_i \mid s_{<i})
# $$
#
# Here $p(V_i \mid s_{<i})$ is the vector of all next-token probabilities at position $i$, $y_i$ is the
# one-hot vector of the true token $s_i$, and $s_{<i}$ stands for the tokens before it. A sure and right
# answer costs $-\log 1 = 0$, an even guess among 4 tokens costs $\log 4 \approx 1.39$, and a right token that
# was held impossible costs infinitely much. Logarithms are natural ones.
#
# **Two things to read with care on the slide.**
#
# - The dot in $y_i \cdot \log p$ is a dot product of two vectors as long as the vocabulary. Since $y_i$
#   holds a single 1, it just picks one entry.
# - $L$ is a *sum* over positions. Most frameworks report the mean, $L / k$. Here it is the sum.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `softmax` | from logits to probabilities, for logits of any size | medium | 20 |
# | 2. `nll_loss` | the loss of a sequence, from raw logits | medium | 30 |
# | 3. `perplexity` | the same loss, as a number of choices | easy | 10 |
#
# Sources: the lecture; Bengio et al. 2003, *A Neural Probabilistic Language Model*, section 2, for the
# objective; Blanchard, Higham and Higham 2021, *Accurately Computing the Log-Sum-Exp and Softmax Functions*,
# for the arithmetic.

# %%
import numpy as np

from genai_course import kernels


# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/nll_loss")

# %% [markdown]
# ## 1. `softmax`
#
# $$
# \text{softmax}(z)_j = \frac{e^{z_j}}{\sum_{m} e^{z_m}}
# $$
#
# **A small example.** $z = (0, \log 2, \log 5)$ has the exponentials 1, 2, 5, their sum is 8, and so the
# probabilities are $(1/8,\ 2/8,\ 5/8)$.
#
# The formula is short, and typed as it stands it fails for large logits: $e^{710}$ is more than a float64 can
# hold. But softmax does not change when one and the same number is taken away from all logits, since it
# cancels in the fraction. A good choice of this number makes every exponential at most 1, and the sum at
# least 1.
#
# The course's compiled `kernels.softmax` does all this in C++. Write your own with NumPy first, and then
# compare the two.
#
# <details><summary>Hint: which number?</summary>
#
# Each exponent should be at most 0, and one of them exactly 0. In a batch every row needs its own number: one
# for all would make a row of much smaller logits vanish.
#
# </details>
#
# <details><summary>Hint: shapes</summary>
#
# A sum over `axis` drops that axis, and what is left may no longer line up with the logits. `keepdims=True`
# keeps it, with length 1.
#
# </details>

# %%
def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn logits into probabilities along one axis.

    Args:
        logits: any shape (..., V), float64; finite, of any size (also ±1000) and with gaps of any size (also
            800). Left unchanged.
        axis: the axis along which the result sums to 1.

    Returns:
        A float64 array of the same shape, with entries from 0 to 1. An entry too small for float64 is 0; none
        is NaN.

    Source: the lecture; Blanchard, Higham and Higham 2021, for the shift by the maximum.

    >>> softmax(np.log(np.array([1.0, 2.0, 5.0])))
    array([0.125, 0.25 , 0.625])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("softmax")

# %% [markdown]
# **Look at it.** Five words with their logits on the left, and what your softmax makes of them on the right:
# nothing is negative any more, the order is the same, and the differences have become ratios.

# %% tags=["active-ipynb"]
# with plots.when_done("softmax"):
#     words = ["dragon", "cat", "idea", "frog", "cave"]
#     logits = np.array([4.0, 3.0, -1.0, 2.5, 0.0])
#     plots.nll_loss.logits_and_probabilities(words, logits, softmax(logits))

# %% [markdown]
# ## 2. `nll_loss`
#
# Now the loss of a whole sequence: row $i$ of the logits is the model's answer at position $i$, `ids[i]` the
# token that really came there. Rows and ids belong together already, so nothing has to be shifted.
#
# **A small example.** Say the two rows give the probabilities $(1/8, 2/8, 5/8)$ and $(2/4, 1/4, 1/4)$, and
# the true tokens are 2 and 0. Then $L = -\log \tfrac58 - \log \tfrac24 = \log \tfrac{16}{5} \approx 1.163$.
#
# **Why "from raw logits"?** Two steps that look harmless lose the answer.
#
# - *Multiplying first.* The probability of a long text is a product of many numbers below 1, and soon it is
#   less than the smallest float64 (about $5 \cdot 10^{-324}$): it becomes 0, and its logarithm $-\infty$. A
#   sum of logarithms has no such cliff. The last picture below shows it.
# - *Rounding to 0 first.* If the true token's logit is 800 below the largest one, its probability is
#   rounded to 0, although its logarithm, about $-800$, is a perfectly good number. So take the logarithm on
#   paper:
#
# $$
# \log \text{softmax}(z)_j = z_j - \log \sum_m e^{z_m}
# $$
#
# <details><summary>Hint: the logarithm of the sum</summary>
#
# The sum of exponentials overflows here just as it does in softmax, and the same shift helps. What has to be
# added or taken away outside the logarithm, if each $z_m$ is made smaller by $c$?
#
# </details>
#
# <details><summary>Hint: one entry of each row</summary>
#
# NumPy can pick entry `ids[i]` of row `i` for all rows at once: index with two arrays of the same length, one
# of row numbers and one of column numbers. (`logits[:, ids]` is something else: it takes all of these columns
# from every row.)
#
# </details>

# %%
def nll_loss(logits: np.ndarray, ids: np.ndarray) -> float:
    """Negative log-likelihood of a sequence, summed over its positions.

    Args:
        logits: (k, V) float64, row i scores all tokens at position i; finite, of any size. Left unchanged.
        ids: (k,) integers from 0 to V - 1, the token that came at each position. Left unchanged.

    Returns:
        -Σ_i log p(s_i | s_<i) in nats, at least 0; finite for all finite logits; 0.0 for k = 0.

    Source: the lecture (a sum, where frameworks average).

    >>> logits = np.log(np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 1.0]]))
    >>> round(nll_loss(logits, np.array([2, 0])), 6)
    1.163151
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("nll_loss")

# %% [markdown]
# **Look at it.** What each token of the slide's sentence costs, $-\log p$: a token that the model was sure of
# costs next to nothing, a surprise costs a lot, and the sum of all bars is your loss.

# %% tags=["active-ipynb"]
# with plots.when_done("nll_loss"):
#     rng = np.random.default_rng(7)
#     words = ["The", "cute", "green", "dragon", "trot", "ted", "into", "the", "cave"]
#     ids = np.arange(len(words))
#     logits = rng.normal(size=(len(words), len(words)))
#     logits[ids, ids] += np.array([2, 0.5, 1, 3, 1.5, 6, 2, 4, 2.5])  # what a trained model would do
#     surprise = [nll_loss(logits[i : i + 1], ids[i : i + 1]) for i in range(len(words))]
#     plots.nll_loss.surprise_bars(words, surprise, nll_loss(logits, ids))

# %% [markdown]
# The cliff: the probability of the first n tokens of a text, once as a product of probabilities, and once
# from your loss.

# %% tags=["active-ipynb"]
# with plots.when_done("nll_loss"):
#     rng = np.random.default_rng(5)
#     logits = rng.normal(size=(300, 200))
#     ids = rng.integers(200, size=300)
#     each = [nll_loss(logits[i : i + 1], ids[i : i + 1]) for i in range(300)]
#     sums = [nll_loss(logits[:n], ids[:n]) for n in range(301)]
#     plots.nll_loss.underflow_cliff(np.exp(-np.array(each)), np.array(sums))

# %% [markdown]
# ## 3. `perplexity`
#
# A loss in nats is hard to picture. Its mean per token, taken back through the exponential, is easier:
#
# $$
# \text{perplexity} = e^{L / k}
# $$
#
# A perplexity of 20 says that the model is, on average, as unsure as if it had to choose among 20 equally
# likely tokens. Even guessing has the perplexity $|V|$, a perfect model 1; a model that is sure and wrong
# can be much worse than $|V|$.
#
# **A small example.** The two positions above have $L = \log \tfrac{16}{5}$ and $k = 2$, so the perplexity is
# $\sqrt{16/5} \approx 1.789$: the geometric mean of $8/5$ and $4/2$.
#
# Your `nll_loss` may be used here.
#
# <details><summary>Hint</summary>
#
# First the mean, then the exponential. The other way round, $e^L$ is too large for a float64 for any longer
# text.
#
# </details>

# %%
def perplexity(logits: np.ndarray, ids: np.ndarray) -> float:
    """Perplexity of a sequence: the exponential of its mean negative log-likelihood per token.

    Args:
        logits: (k, V) float64, row i scores all tokens at position i; finite, of any size. Left unchanged.
        ids: (k,) integers from 0 to V - 1, the token that came at each position; k is at least 1. Left
            unchanged.

    Returns:
        exp(L / k), at least 1; infinite only if L / k itself is above 709.

    Source: Jelinek et al. 1977, *Perplexity: a measure of the difficulty of speech recognition tasks*; the
    lecture's L.

    >>> perplexity(np.zeros((3, 4)), np.array([0, 3, 1]))
    4.0
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("perplexity")

# %% [markdown]
# What becomes of the perplexity when all logits are multiplied by a factor, so that the model grows surer of
# itself? One model below usually gives the true token its best score, the other one scores at random.

# %% tags=["active-ipynb"]
# with plots.when_done("perplexity"):
#     rng = np.random.default_rng(2)
#     ids = rng.integers(30, size=200)
#     blind = rng.normal(size=(200, 30))
#     skilled = blind.copy()
#     skilled[np.arange(200), ids] += 3
#     factors = np.linspace(0, 2, 41)
#     curves = {
#         "scores at random": [perplexity(factor * blind, ids) for factor in factors],
#         "knows something": [perplexity(factor * skilled, ids) for factor in factors],
#     }
#     plots.nll_loss.perplexity_curves(factors, curves, 30)

# %% [markdown]
# ## What comes next
#
# Training moves the logits so that this loss falls. Once a model is trained, its next-token distribution
# has to become an actual token: that is the next topic, `sampling`.
