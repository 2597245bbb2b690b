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
import math
import numpy as np


def forward_step(x_prev, beta_t, eps):
    keep, add = math.sqrt(1 - beta_t), math.sqrt(beta_t)
    values = [keep * x + add * e for x, e in zip(x_prev.ravel().tolist(), eps.ravel().tolist(), strict=True)]
    return np.array(values).reshape(x_prev.shape)

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
    return np.exp(np.cumsum(np.log1p(-betas)))

# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go

# %%
import numpy as np


def q_sample(x0, t, betas, eps):
    x_t = np.empty(x0.shape)
    for b in range(len(x0)):
        a = np.prod(1 - betas[: t[b]])
        x_t[b] = np.sqrt(a) * x0[b] + np.sqrt(1 - a) * eps[b]
    return x_t

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


def predict_x0(x_t, t, betas, eps_hat):
    a = _shaped(np.where(t > 0, np.cumprod(1 - betas)[t - 1], 1.0), x_t)
    return x_t / np.sqrt(a) - np.sqrt(1 / a - 1) * eps_hat

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
    """Ho et al., equation 7: guess x_0, then the mean of what lies between it and x_t."""
    beta, alpha, a = _pieces(t, betas)
    before = np.prod(1 - betas[: t - 1])
    x0 = (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)
    mean = (np.sqrt(before) * beta * x0 + np.sqrt(alpha) * (1 - before) * x_t) / (1 - a)
    return mean + (0.0 if t == 1 else np.sqrt(beta)) * z

# %% tags=["active-ipynb"]
# grader.check("reverse_step")

# %% tags=["active-ipynb"]
# with plots.when_done("reverse_step"):
#     plots.diffusion.where_a_step_goes(reverse_step)

# %% [markdown]
# ## 6. `sample`: from noise to a picture

# %%
import numpy as np


def sample(denoiser, x_T, betas, noise):
    x, t = x_T * 1.0, np.int64(betas.size)
    while t >= 1:
        eps_hat = denoiser(x, t)
        x = reverse_step(x, t, betas, eps_hat, noise[t - 1])
        t -= 1
    return x

# %% tags=["active-ipynb"]
# grader.check("sample")

# %% tags=["active-ipynb"]
# with plots.when_done("sample", "reverse_step"):
#     plots.diffusion.denoising_strip(sample)
#     plots.diffusion.paths_back(sample)

# %% [markdown]
# ## What comes next
