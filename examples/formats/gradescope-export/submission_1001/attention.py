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
import math
import numpy as np


def attention(Q, K, V, mask=None):
    *leading, n, d_k = Q.shape
    m, d_v = V.shape[-2:]
    output, weights = np.zeros((*leading, n, d_v)), np.zeros((*leading, n, m))
    for at in np.ndindex(*leading):
        for i in range(n):
            allowed = [j for j in range(m) if mask is None or mask[(*at, i, j)]]
            if not allowed:
                continue
            scores = [float(np.dot(Q[(*at, i)], K[(*at, j)])) / math.sqrt(d_k) for j in allowed]
            e = [math.exp(s - max(scores)) for s in scores]
            for j, share in zip(allowed, e, strict=True):
                weights[(*at, i, j)] = share / sum(e)
                output[(*at, i)] += share / sum(e) * V[(*at, j)]
    return output, weights

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
    return np.tril(np.ones((n, n))).astype(bool)

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
