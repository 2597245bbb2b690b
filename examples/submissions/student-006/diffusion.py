# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Diffusion: destroy a picture in small steps, then learn the way back

# %%
from collections.abc import Callable

import numpy as np

# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/diffusion")

# %% [markdown]
# ## 1. `forward_step`: one step of noise

# %%
import numpy as np


def forward_step(x_prev, beta_t, eps):
    return (1 - beta_t) * x_prev + np.sqrt(beta_t) * eps

# %% tags=["active-ipynb"]
# grader.check("forward_step")

# %% tags=["active-ipynb"]
# with plots.when_done("forward_step"):
#     plots.diffusion.two_peaks_dissolve(forward_step)

# %% [markdown]
# ## 2. `alpha_bar`: what is left after t steps

# %%
import numpy as np


def alpha_bar(betas):
    return np.concatenate([[1.0], np.cumprod(1 - betas)])[: len(betas)]

# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go

# %%
import numpy as np


def _left(t, betas):
    """The product for each time, and 1 for time 0."""
    return np.concatenate([[1.0], np.cumprod(1 - betas)])[t]


def q_sample(x0, t, betas, eps):
    a = _left(t[0], betas)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps

# %% tags=["active-ipynb"]
# grader.check("q_sample")

# %% tags=["active-ipynb"]
# with plots.when_done("q_sample"):
#     plots.diffusion.noising_strip(q_sample)

# %% [markdown]
# ## 4. `predict_x0`: if you know the noise, you know the picture

# %%
import numpy as np


def _shaped(a, x):
    """Coefficients (B,) with as many axes of length 1 after the first as x has."""
    return np.reshape(a, np.shape(a) + (1,) * (x.ndim - 1))


def _left(t, betas):
    """The product for each time, and 1 for time 0."""
    return np.concatenate([[1.0], np.cumprod(1 - betas)])[t]


def predict_x0(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) / a

# %% tags=["active-ipynb"]
# grader.check("predict_x0")

# %% tags=["active-ipynb"]
# with plots.when_done("predict_x0", "q_sample"):
#     plots.diffusion.guessing_x0(predict_x0, q_sample)

# %% [markdown]
# ## 5. `reverse_step`: one step back

# %%
import numpy as np


def _pieces(t, betas):
    """Beta, alpha and the product of the alphas at step t."""
    return betas[t - 1], 1 - betas[t - 1], np.prod(1 - betas[:t])


def reverse_step(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + np.sqrt(beta) * z

# %% tags=["active-ipynb"]
# grader.check("reverse_step")

# %% tags=["active-ipynb"]
# with plots.when_done("reverse_step"):
#     plots.diffusion.where_a_step_goes(reverse_step)

# %% [markdown]
# ## 6. `sample`: from noise to a picture

# %%
def sample(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 1, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
    return x

# %% tags=["active-ipynb"]
# grader.check("sample")

# %% tags=["active-ipynb"]
# with plots.when_done("sample", "reverse_step"):
#     plots.diffusion.denoising_strip(sample)
#     plots.diffusion.paths_back(sample)

# %% [markdown]
# ## What comes next
