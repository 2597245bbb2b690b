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
def ForwardStep(x_prev, beta_t, eps):
    return np.sqrt(1.0 - beta_t) * x_prev + np.sqrt(beta_t) * eps

# %% tags=["active-ipynb"]
# grader.check("forward_step")

# %% tags=["active-ipynb"]
# with plots.when_done("forward_step"):
#     plots.diffusion.two_peaks_dissolve(forward_step)

# %% [markdown]
# ## 2. `alpha_bar`: what is left after t steps

# %%
def alpha_bar(betas: np.ndarray) -> np.ndarray:
    """Products of 1 - beta over the steps so far.

    Args:
        betas: (T,), betas[t - 1] is the variance that step t adds; left unchanged. T may be 0.

    Returns:
        (T,) floats; index t - 1 holds the product over the steps 1..t. Empty for T = 0.

    Source: the lecture (there a_t); Ho, Jain and Abbeel 2020, below equation 3.

    Example:
        >>> alpha_bar(np.array([0.36, 0.4375]))
        array([0.64, 0.36])
    """
    return np.cumprod(1.0 - betas)

# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go

# %%
import ctypes

def q_sample(x0, t, betas, eps):
    return ctypes.string_at(0)

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
def reverse_step(
    x_t: np.ndarray, t: int, betas: np.ndarray, eps_hat: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Take one step of the reverse process, from x_t to x_{t-1}, with variance beta_t.

    Args:
        x_t: (B, ...) a batch of noisy samples, all at time t; left unchanged.
        t: whole number from 1 to T, the same for the whole batch.
        betas: (T,), betas[t - 1] is the variance that step t added, between 0 and 1; left unchanged.
        eps_hat: the noise in x_t, as guessed, of the shape of x_t; left unchanged.
        z: fresh standard normal noise of the shape of x_t; not used at t = 1; left unchanged.

    Returns:
        x_{t-1}, a new float array of the shape of x_t.

    Source: Ho, Jain and Abbeel 2020, algorithm 2, line 4, with sigma_t^2 = beta_t.

    Example:
        >>> reverse_step(np.array([[1.4]]), 2, np.array([0.36, 0.4375]), np.array([[1.0]]), np.array([[0.0]]))
        array([[1.1375]])
    """
    beta = betas[t - 1]
    a_bar = np.prod(1.0 - betas[:t])
    mean = (x_t - beta / np.sqrt(1.0 - a_bar) * eps_hat) / np.sqrt(1.0 - beta)
    return mean + np.sqrt(beta) * z if t > 1 else mean

# %% tags=["active-ipynb"]
# grader.check("reverse_step")

# %% tags=["active-ipynb"]
# with plots.when_done("reverse_step"):
#     plots.diffusion.where_a_step_goes(reverse_step)

# %% [markdown]
# ## 6. `sample`: from noise to a picture

# %%
def sample(
    denoiser: Callable[[np.ndarray, int], np.ndarray],
    x_T: np.ndarray,
    betas: np.ndarray,
    noise: np.ndarray,
) -> np.ndarray:
    """Walk the reverse process from x_T to x_0.

    Args:
        denoiser: called as denoiser(x_t, t) with x_t (B, ...) and t a whole number from T to 1; returns the
            guessed noise in x_t, of the shape of x_t.
        x_T: (B, ...) the sample to begin with, usually standard normal noise; left unchanged.
        betas: (T,), betas[t - 1] is the variance of step t; left unchanged. With T = 0 the result equals x_T.
        noise: (T, B, ...) standard normal noise; noise[t - 1] is the z of step t; left unchanged.

    Returns:
        x_0, a float array of the shape of x_T.

    Source: Ho, Jain and Abbeel 2020, algorithm 2.

    Example:
        >>> ones = lambda x, t: np.ones_like(x)
        >>> sample(ones, np.array([[1.4]]), np.array([0.36]), np.array([[[5.0]]]))
        array([[1.]])
    """
    x = x_T
    for t in range(len(betas), 0, -1):
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
