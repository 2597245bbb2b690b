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
import numpy as np


def _transposed(K: np.ndarray) -> np.ndarray:
    """The keys with their last two axes exchanged."""
    return np.swapaxes(K, -1, -2)


def _scores(Q: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Scaled scores, as they should be."""
    return Q @ _transposed(K) / np.sqrt(Q.shape[-1])


def _normalise(scores: np.ndarray, mask: np.ndarray | None, axis: int | tuple[int, ...] = -1) -> np.ndarray:
    """A stable softmax of the allowed scores; where nothing is allowed, zeros."""
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=axis, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0.0, 1.0, total)


def attention(Q, K, V, mask=None):
    weights = _normalise(_scores(Q, K), None)
    if mask is not None:
        weights = weights * mask
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
import numpy as np


def causal_mask(n):
    return np.where(np.tri(n, dtype=bool), 0.0, -np.inf)

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
