# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Diffusion: destroy a picture in small steps, then learn the way back
#
# A diffusion model makes pictures out of noise. It is trained on the easy direction: take a real picture
# $x_0$, add a little Gaussian noise, and again, and again, until after $T$ steps nothing but noise is left.
# Then it learns to undo one step at a time. In this notebook you write both directions: the forward
# process, its shortcut from $x_0$ to any $x_t$, and the loop that walks back from $x_T$ to a new picture.
#
# One forward step keeps a little less of the picture and adds a little noise:
#
# $$q(x_t \mid x_{t-1}) = \mathcal{N}\bigl(\sqrt{1-\beta_t}\,x_{t-1},\ \beta_t I\bigr)$$
#
# All steps from $1$ to $t$ together are again one Gaussian, which is what makes training cheap:
#
# $$q(x_t \mid x_0) = \mathcal{N}\bigl(\sqrt{\bar\alpha_t}\,x_0,\ (1-\bar\alpha_t) I\bigr),
# \qquad \bar\alpha_t = \prod_{i=1}^{t} (1-\beta_i)$$
#
# Two remarks on the slide:
#
# - The second argument of $\mathcal{N}$ is a **variance**. To draw a sample, multiply standard noise
#   $\varepsilon \sim \mathcal{N}(0, I)$ by its **root**: $\sqrt{\beta_t}$, and $\sqrt{1-\bar\alpha_t}$.
# - The slide writes $a_t$ for the product. Papers call it $\bar\alpha_t$ and keep $\alpha_t = 1-\beta_t$
#   for a single step, so that is what we write here.
#
# **Counting.** $t$ runs from $1$ to $T$, as in the lecture, and $t = 0$ means the picture itself. Python
# counts from 0, so `betas[0]` is $\beta_1$ and $\beta_t$ is `betas[t - 1]`. Most bugs in diffusion code
# live in that `- 1`.
#
# **Noise is an argument.** No function here draws random numbers; it is given its noise. So every result
# can be checked, and you can run a process again with the very same noise.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `forward_step` | one step: $x_{t-1} \to x_t$ | easy | 5 |
# | 2. `alpha_bar` | how much of the picture is left after $t$ steps | easy | 5 |
# | 3. `q_sample` | the shortcut: $x_0 \to x_t$ | medium | 15 |
# | 4. `predict_x0` | the shortcut, solved for $x_0$ | medium | 10 |
# | 5. `reverse_step` | one step back: $x_t \to x_{t-1}$ | medium | 15 |
# | 6. `sample` | all the way back: $x_T \to x_0$ | medium | 10 |

# %%
from collections.abc import Callable

import numpy as np


# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/diffusion")

# %% [markdown]
# ## 1. `forward_step`: one step of noise
#
# $$x_t = \sqrt{1-\beta_t}\;x_{t-1} + \sqrt{\beta_t}\;\varepsilon$$
#
# The two factors are made for each other: their squares add up to 1. If $x_{t-1}$ has variance 1, so has
# $x_t$, and the values neither blow up nor fade away, however many steps you take.
#
# **Example.** $\beta_t = 0.36$ gives $\sqrt{0.64} = 0.8$ and $\sqrt{0.36} = 0.6$. A value of $1$ with noise
# $\varepsilon = 1$ becomes $0.8 + 0.6 = 1.4$; with $\varepsilon = -1$ it becomes $0.2$.
#
# <details><summary>Hint</summary>
#
# Both factors have a root. Make a new array: `x_prev` belongs to the caller.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("forward_step")

# %% [markdown]
# The picture starts with 4000 values that are either $-1$ or $+1$ and takes 150 of your steps. Watch two
# sharp lines turn into one bell curve that has forgotten where each value came from.

# %% tags=["active-ipynb"]
# with plots.when_done("forward_step"):
#     plots.diffusion.two_peaks_dissolve(forward_step)

# %% [markdown]
# ## 2. `alpha_bar`: what is left after t steps
#
# Each step multiplies the picture by $\sqrt{1-\beta_i}$. After $t$ steps it has been multiplied by all of
# them:
#
# $$\bar\alpha_t = \prod_{i=1}^{t} (1-\beta_i)$$
#
# **Example.** $\beta = (0.36,\ 0.4375)$. After one step $\bar\alpha_1 = 0.64$; after two, $\bar\alpha_2 =
# 0.64 \cdot 0.5625 = 0.36$.
#
# There is no entry for $t = 0$ in the result, although $\bar\alpha_0 = 1$ (an empty product: nothing has
# happened yet).
#
# <details><summary>Hint</summary>
#
# You need every product on the way, not the last one alone. NumPy has cumulative versions of sum and
# product.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("alpha_bar")

# %% [markdown]
# How fast the picture fades is a choice. Below are your products for two choices of $\beta$: the straight
# line from 0.0001 to 0.02 of Ho et al. (2020), and the cosine of Nichol and Dhariwal (2021), which leaves
# more of the picture in the middle steps.

# %% tags=["active-ipynb"]
# with plots.when_done("alpha_bar"):
#     plots.diffusion.schedules(alpha_bar)

# %% [markdown]
# ## 3. `q_sample`: any t in one go
#
# Training needs $x_{700}$ of a thousand pictures. Nobody takes 700 steps for that: the sum of all the small
# noises is itself one Gaussian noise, so
#
# $$x_t = \sqrt{\bar\alpha_t}\;x_0 + \sqrt{1-\bar\alpha_t}\;\varepsilon$$
#
# The pictures come in a batch: `x0[b]` is one of them, and each has **its own** time `t[b]`. $t = 0$ is
# allowed and gives the picture back, because $\bar\alpha_0 = 1$.
#
# **Example.** $\beta = (0.36,\ 0.4375)$, two samples, $x_0 = (1, 1)$ and $\varepsilon = (1, -1)$ in both.
# The first at $t = 1$: $0.8 \cdot x_0 + 0.6\,\varepsilon = (1.4,\ 0.2)$. The second at $t = 2$: $0.6 \cdot
# x_0 + 0.8\,\varepsilon = (1.4,\ -0.2)$.
#
# <details><summary>Hint on t = 0</summary>
#
# In Python `a[-1]` is the *last* entry, without any complaint. What happens to your index at $t = 0$?
# Putting the missing $\bar\alpha_0 = 1$ in front of the array makes the index simply $t$.
#
# </details>
# <details><summary>Hint on shapes</summary>
#
# $\bar\alpha$ of the batch has shape `(B,)`, the pictures have `(B, H, W, C)` or anything else that begins
# with $B$. NumPy aligns shapes from the right, so `(B,)` meets the wrong axis. Give it as many axes of
# length 1 as `x0` has after the first.
#
# </details>

# %%
def q_sample(x0: np.ndarray, t: np.ndarray, betas: np.ndarray, eps: np.ndarray) -> np.ndarray:
    """Draw x_t from q(x_t | x_0) with the noise given, each sample at its own time.

    Args:
        x0: (B, ...) a batch of clean samples with any number of axes after the first; left unchanged.
        t: (B,) whole numbers from 0 to T; 0 means "no noise yet"; left unchanged.
        betas: (T,), betas[t - 1] is the variance that step t adds; left unchanged.
        eps: standard normal noise of the shape of x0; left unchanged.

    Returns:
        x_t, a new float array of the shape of x0.

    Source: the lecture; Ho, Jain and Abbeel 2020, equation 4.

    Example:
        >>> x0 = np.array([[1.0, 1.0], [1.0, 1.0]])
        >>> eps = np.array([[1.0, -1.0], [1.0, -1.0]])
        >>> q_sample(x0, np.array([1, 2]), np.array([0.36, 0.4375]), eps)
        array([[ 1.4,  0.2],
               [ 1.4, -0.2]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("q_sample")

# %% [markdown]
# Here is a cat on her way into noise, all eight pictures made by one call of your function. Below them are
# the two factors, measured from your function: what it makes of a 1 without noise, and of noise without a
# picture.

# %% tags=["active-ipynb"]
# with plots.when_done("q_sample"):
#     plots.diffusion.noising_strip(q_sample)

# %% [markdown]
# ## 4. `predict_x0`: if you know the noise, you know the picture
#
# The network of a diffusion model looks at $x_t$ and guesses the noise, $\hat\varepsilon$. Why is that
# enough? Because the closed form can be solved for $x_0$:
#
# $$\hat x_0 = \frac{x_t - \sqrt{1-\bar\alpha_t}\;\hat\varepsilon}{\sqrt{\bar\alpha_t}}$$
#
# **Example.** With $\bar\alpha_t = 0.36$, $x_t = 1.4$ and $\hat\varepsilon = 1$: $(1.4 - 0.8) / 0.6 = 1$.
#
# <details><summary>Hint</summary>
#
# Take the coefficients just as in `q_sample`, with the same care for $t = 0$ and for the shapes, and turn
# the formula round: first take the noise away, then scale what remains.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("predict_x0")

# %% [markdown]
# With the true noise your function gives the cat back at every $t$. With noise that is guessed a little
# wrong it does not: the division by $\sqrt{\bar\alpha_t}$ blows the error up, more and more towards the
# end. That is why a diffusion model does not jump from $x_T$ to $x_0$ but goes in small steps.

# %% tags=["active-ipynb"]
# with plots.when_done("predict_x0", "q_sample"):
#     plots.diffusion.guessing_x0(predict_x0, q_sample)

# %% [markdown]
# ## 5. `reverse_step`: one step back
#
# One step back takes away the share of the noise that step $t$ brought in, undoes the shrinking, and adds a
# little fresh noise $z$:
#
# $$x_{t-1} = \frac{1}{\sqrt{\alpha_t}}
# \left( x_t - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}}\,\hat\varepsilon \right) + \sigma_t\, z,
# \qquad \alpha_t = 1-\beta_t,\quad \sigma_t = \sqrt{\beta_t}$$
#
# The last step, $t = 1$, adds **no** noise, whatever $z$ is: what comes out is the picture. (Ho et al.
# allow two choices of $\sigma_t^2$; here it is $\beta_t$.) Note which letter has a bar: $\alpha_t$ belongs
# to this step, $\bar\alpha_t$ to all steps so far.
#
# **Example.** $\beta = (0.36,\ 0.4375)$, $t = 2$, so $\alpha_2 = 0.5625$ with root $0.75$ and
# $\sqrt{1-\bar\alpha_2} = 0.8$. From $x_2 = 1.4$ with $\hat\varepsilon = 1$ and $z = 0$: $(1.4 - 0.4375 /
# 0.8) / 0.75 = 1.1375$.
#
# <details><summary>Hint</summary>
#
# Here $t$ is one number for the whole batch, so every coefficient is a plain number and no shapes need
# care. Compute $\beta_t$, $\alpha_t$ and $\bar\alpha_t$ first, each on its own line, and print them for the
# example.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("reverse_step")

# %% [markdown]
# For data that are only ever $-1$ or $+1$ the best possible $\hat\varepsilon$ can be written down, so we
# need no network to see where a step goes. The picture shows how far your step (with $z = 0$) pushes a
# value, for each place it may be at. Early on the way back (large $t$) everything is drawn gently to the
# middle; late (small $t$) there are two places to go, and the push is strong.

# %% tags=["active-ipynb"]
# with plots.when_done("reverse_step"):
#     plots.diffusion.where_a_step_goes(reverse_step)

# %% [markdown]
# ## 6. `sample`: from noise to a picture
#
# Now walk: begin at $x_T$, ask the denoiser for $\hat\varepsilon$, take one `reverse_step`, and go on until
# $t = 1$ is done.
#
# - `denoiser(x, t)` is a function: it gets the **current** sample and the current $t$ (one number, from $T$
#   down to 1, not an index), and returns $\hat\varepsilon$ of the shape of `x`. In a real model it is a
#   neural network.
# - `noise[t - 1]` is the $z$ of step $t$.
#
# **Example.** $\beta = (0.36)$, one step. With a denoiser that always answers $1$, $x_1 = 1.4$ becomes
# $(1.4 - 0.36 / 0.6) / 0.8 = 1$.
#
# <details><summary>Hint</summary>
#
# `range` can count down: `range(3, 0, -1)` is 3, 2, 1. You may use your `reverse_step`. With no steps at
# all ($T = 0$) the answer is $x_T$ itself.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("sample")

# %% [markdown]
# The way back, twice. First the cat: the denoiser is an oracle that knows her and so always names the true
# noise. From pure noise your loop finds her again.
#
# Then something the oracle cannot do: make *new* samples. The data are $-1$ and $+1$ once more, the
# denoiser is the best possible one, and it has no idea which of the two it should make. Each path starts
# from its own noise, and ends at one of them.

# %% tags=["active-ipynb"]
# with plots.when_done("sample", "reverse_step"):
#     plots.diffusion.denoising_strip(sample)
#     plots.diffusion.paths_back(sample)

# %% [markdown]
# ## What comes next
#
# You have everything of a diffusion model but the network. Training it is short: draw a picture, a time and
# some noise, make $x_t$ by `q_sample`, let the network guess the noise, and take the squared difference as
# the loss (Ho et al. 2020, algorithm 1). To make the picture that a *prompt* asks for, the network also
# gets the prompt, as embeddings, through the cross-attention that you know from the topic `transformer`.
