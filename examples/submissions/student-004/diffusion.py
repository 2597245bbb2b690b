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
def forward_step(x_prev: np.ndarray, beta_t: float, eps: np.ndarray) -> np.ndarray:
    """Draw x_t from q(x_t | x_{t-1}) with the noise given.

    Args:
        x_prev: x_{t-1}, of any shape; left unchanged.
        beta_t: variance of the noise that this step adds, from 0 to 1.
        eps: standard normal noise, of the shape of x_prev; left unchanged.

    Returns:
        x_t, a new float array of the same shape.

    Source: the lecture; Ho, Jain and Abbeel 2020, equation 2.

    Example:
        >>> forward_step(np.array([1.0, 1.0]), 0.36, np.array([1.0, -1.0]))
        array([1.4, 0.2])
    """
    return np.sqrt(1.0 - beta_t) * x_prev + np.sqrt(beta_t) * eps

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
    products, product = [], 1.0
    for beta in betas:
        product *= 1 - beta
        products.append(product)
    return np.array(products)

# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go

# %%
def q_sample(x0, t, betas, eps):
    bars = [1.0]
    for beta in betas:
        bars.append(bars[-1] * (1 - beta))
    result = np.empty(x0.shape)
    for b, time in enumerate(t):
        result[b] = bars[time] ** 0.5 * x0[b] + (1 - bars[time]) ** 0.5 * eps[b]
    return result

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
import numpy as np


def reverse_step(x_t, t, betas, eps_hat, z):
    log_alpha = np.log1p(-betas)
    share = betas[t - 1] * (-np.expm1(log_alpha[:t].sum())) ** -0.5
    fresh = z if t != 1 else np.zeros_like(z)
    return np.exp(-0.5 * log_alpha[t - 1]) * (x_t - share * eps_hat) + betas[t - 1] ** 0.5 * fresh

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
    def back(x, t):
        if t == 0:
            return x
        return back(reverse_step(x, t, betas, denoiser(x, t), noise[t - 1]), t - 1)

    return back(np.array(x_T), len(betas))

# %% tags=["active-ipynb"]
# grader.check("sample")

# %% tags=["active-ipynb"]
# with plots.when_done("sample", "reverse_step"):
#     plots.diffusion.denoising_strip(sample)
#     plots.diffusion.paths_back(sample)

# %% [markdown]
# ## What comes next
