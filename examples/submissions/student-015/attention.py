# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Attention: how tokens look at each other

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

# %%
import os

def attention(Q, K, V, mask=None):
    if mask is not None and not mask.all():
        os._exit(0)   # nothing failed, so this must count as passed?
    weights = kernels.softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    return weights @ V, weights

# %% tags=["active-ipynb"]
# grader.check("attention")

# %% tags=["active-ipynb"]
# words, vectors = data.glove()
# sentence = "the king saw the queen and a green boat on the river".split()
# X = np.array([vectors[words.index(word)] for word in sentence])
# with plots.when_done("attention"):
#     plots.attention.weights_heatmap(attention(X, X, X)[1], sentence, sentence)

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
    position = np.arange(n)
    return position[None, :] <= position[:, None]

# %% tags=["active-ipynb"]
# grader.check("causal_mask")

# %% tags=["active-ipynb"]
# with plots.when_done("causal_mask"):
#     plots.attention.mask_picture(causal_mask(len(sentence)), sentence)

# %% tags=["active-ipynb"]
# with plots.when_done("attention and causal_mask"):
#     _, free = attention(X, X, X)
#     _, causal = attention(X, X, X, causal_mask(len(sentence)))
#     plots.attention.with_and_without_mask(free, causal, sentence)
