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
def forward_step(x_prev, beta_t, eps):
    # mean sqrt(1 - beta) x, variance beta
    return np.sqrt(1 - beta_t) * x_prev + beta_t * eps

# %% tags=["active-ipynb"]
# grader.check("forward_step")

# %% tags=["active-ipynb"]
# with plots.when_done("forward_step"):
#     plots.diffusion.two_peaks_dissolve(forward_step)

# %% [markdown]
# ## 2. `alpha_bar`: what is left after t steps

# %%
def alpha_bar(betas):
    result = []
    product = 1.0
    for beta in betas:
        result.append(product)
        product *= 1 - beta
    return np.array(result)

# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go

# %%
def q_sample(x0, t, betas, eps):
    a = np.append(1.0, np.cumprod(1 - betas))[t[0]]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps

# %% tags=["active-ipynb"]
# grader.check("q_sample")

# %% tags=["active-ipynb"]
# with plots.when_done("q_sample"):
#     plots.diffusion.noising_strip(q_sample)

# %% [markdown]
# ## 4. `predict_x0`: if you know the noise, you know the picture

# %%
def predict_x0(x_t: np.ndarray, t: np.ndarray, betas: np.ndarray, eps_hat: np.ndarray) -> np.ndarray:
    """Solve the closed form for x_0: the clean sample that x_t and a guess of its noise imply.

    Args:
        x_t: (B, ...) a batch of noisy samples with any number of axes after the first; left unchanged.
        t: (B,) whole numbers from 0 to T; at t = 0 the sample is clean already; left unchanged.
        betas: (T,), betas[t - 1] is the variance that step t adds, less than 1; left unchanged.
        eps_hat: the noise in x_t, as guessed, of the shape of x_t; left unchanged.

    Returns:
        the guess of x_0, a new float array of the shape of x_t.

    Source: the lecture's q(x_t | x_0); Ho, Jain and Abbeel 2020, equation 15.

    Example:
        >>> x_t, eps_hat = np.array([[1.4, -0.2]]), np.array([[1.0, -1.0]])
        >>> predict_x0(x_t, np.array([2]), np.array([0.36, 0.4375]), eps_hat)
        array([[1., 1.]])
    """
    a = np.concatenate([[1.0], np.cumprod(1.0 - betas)])[t]
    a = a.reshape(a.shape + (1,) * (x_t.ndim - 1))
    return (x_t - np.sqrt(1.0 - a) * eps_hat) / np.sqrt(a)

# %% tags=["active-ipynb"]
# grader.check("predict_x0")

# %% tags=["active-ipynb"]
# with plots.when_done("predict_x0", "q_sample"):
#     plots.diffusion.guessing_x0(predict_x0, q_sample)

# %% [markdown]
# ## 5. `reverse_step`: one step back

# %%
def reverse_step(x_t, t, betas, eps_hat, z):
    alpha = 1 - betas[t - 1]
    alpha_bar_t = np.cumprod(1 - betas)[t - 1]
    mean = (x_t - betas[t - 1] / np.sqrt(1 - alpha_bar_t) * eps_hat) / np.sqrt(alpha)
    return mean + np.sqrt(betas[t - 1]) * z

# %% tags=["active-ipynb"]
# grader.check("reverse_step")

# %% tags=["active-ipynb"]
# with plots.when_done("reverse_step"):
#     plots.diffusion.where_a_step_goes(reverse_step)

# %% [markdown]
# ## 6. `sample`: from noise to a picture

# %%
def sample(denoiser, x_T, betas, noise):
    x = x_T.copy()
    for t in range(1, len(betas) + 1):
        eps = denoiser(x, t)
        x = reverse_step(x, t, betas, eps, noise[t - 1])
    return x

# %% tags=["active-ipynb"]
# grader.check("sample")

# %% tags=["active-ipynb"]
# with plots.when_done("sample", "reverse_step"):
#     plots.diffusion.denoising_strip(sample)
#     plots.diffusion.paths_back(sample)

# %% [markdown]
# ## What comes next
