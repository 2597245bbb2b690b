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

def positional_encoding(n_pos, d_model):
    rows = []
    for pos in range(n_pos):
        row = []
        for column in range(d_model):
            even = column - column % 2
            angle = pos / math.pow(10000, even / d_model)
            row.append(math.cos(angle) if column % 2 else math.sin(angle))
        rows.append(row)
    return np.array(rows).reshape(n_pos, d_model)

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
def add_positional_encoding(x, pe):
    *_, n, d = x.shape
    result = x.copy().reshape(-1, n, d)
    for text in result:
        text += pe[:n]
    return result.reshape(x.shape)

# %% tags=["active-ipynb"]
# grader.check("add_positional_encoding")

# %% tags=["active-ipynb"]
# with plots.when_done("add_positional_encoding"):
#     same_word = np.tile(np.random.default_rng(0).normal(size=16), (4, 1))
#     with_positions = add_positional_encoding(same_word, positional_encoding(4, 16))
#     plots.positional_encoding.before_and_after(same_word, with_positions)
