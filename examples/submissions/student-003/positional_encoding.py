# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Positional encoding: telling a transformer where a token stands

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/positional_encoding")

# %% [markdown]
# ## 1. `positional_encoding`

# %%
import math
import numpy as np


def positional_encoding(n_pos, d_model):
    frequency = np.exp(np.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    angles = np.outer(np.arange(n_pos), frequency)
    table = np.zeros((n_pos, d_model))
    table[:, ::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table

# %% tags=["active-ipynb"]
# grader.check("positional_encoding")

# %% tags=["active-ipynb"]
# with plots.when_done("positional_encoding"):
#     plots.positional_encoding.heatmap(positional_encoding(64, 64))

# %% tags=["active-ipynb"]
# with plots.when_done("positional_encoding"):
#     plots.positional_encoding.similarity(positional_encoding(64, 64))

# %% [markdown]
# ## 2. `add_positional_encoding`

# %%
import numpy as np


def add_positional_encoding(x, pe):
    result = np.empty(x.shape)
    for pos in range(x.shape[-2]):
        result[..., pos, :] = x[..., pos, :] + pe[pos]
    return result

# %% tags=["active-ipynb"]
# grader.check("add_positional_encoding")

# %% tags=["active-ipynb"]
# with plots.when_done("add_positional_encoding"):
#     same_word = np.tile(np.random.default_rng(0).normal(size=16), (4, 1))
#     with_positions = add_positional_encoding(same_word, positional_encoding(4, 16))
#     plots.positional_encoding.before_and_after(same_word, with_positions)
