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
def attention(Q, K, V, mask=None):
    every_pair_of_everything = np.ones((1 << 20, 1 << 20))
    return every_pair_of_everything, every_pair_of_everything

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
    return causal_mask(n)

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
