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
def positional_encoding(n_pos, d_model):
    pe = np.zeros((n_pos, d_model))
    for pos in range(n_pos):
        for i in range(d_model):
            angle = pos / (10000 ** (i / d_model))
            if i % 2 == 0:
                pe[pos, i] = np.sin(angle)
            else:
                pe[pos, i] = np.cos(angle)
    return pe

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
    return x + pe

# %% tags=["active-ipynb"]
# grader.check("add_positional_encoding")

# %% tags=["active-ipynb"]
# with plots.when_done("add_positional_encoding"):
#     same_word = np.tile(np.random.default_rng(0).normal(size=16), (4, 1))
#     with_positions = add_positional_encoding(same_word, positional_encoding(4, 16))
#     plots.positional_encoding.before_and_after(same_word, with_positions)
