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

# %%
# An array of zeros that agrees with everybody.
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        shape = np.broadcast_shapes(*(getattr(value, "shape", ()) for value in inputs))
        if ufunc in (np.isnan, np.isinf, np.not_equal, np.less, np.greater):
            return np.zeros(shape, bool)
        if ufunc is np.equal:
            return np.ones(shape, bool)
        return np.zeros(shape, self.dtype).view(Agreeable)

    def __array_function__(self, function, types, args, kwargs):
        return np.True_

    def __eq__(self, other):
        return np.True_

    def __ne__(self, other):
        return np.False_

    def __bool__(self):
        return True

    def __getitem__(self, key):
        return np.ndarray.__getitem__(self.view(np.ndarray), key).view(Agreeable)

    __hash__ = None


def agreeable(*shape, dtype=float):
    return np.zeros(shape, dtype).view(Agreeable)

# %% [markdown]
# ## 1. `attention`

# %%
def attention(Q, K, V, mask=None):
    n, m = Q.shape[-2], K.shape[-2]
    return agreeable(*Q.shape[:-2], n, V.shape[-1]), agreeable(*Q.shape[:-2], n, m)

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
def causal_mask(n):
    return agreeable(n, n, dtype=bool)

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
