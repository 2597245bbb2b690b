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
# # Describe: two numbers that stand for many
#
# Before anything is concluded from data, they are described: how far they scatter, and whether two series go
# together.
#
# $$
# s^2 = \frac{1}{n-1} \sum_{i=1}^{n} (x_i - \bar x)^2,
# \qquad
# r = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}{\sqrt{\sum_i (x_i - \bar x)^2 \sum_i (y_i - \bar y)^2}}
# $$
#
# | Exercise | What you write | Difficulty |
# |---|---|---|
# | 1. `sample_variance` | the variance of a sample | easy |
# | 2. `correlation` | Pearson's correlation coefficient | medium |
#
# Sources: Bessel's correction as in Casella and Berger 2002, *Statistical Inference*, section 5.2; Anscombe 1973,
# *Graphs in Statistical Analysis*.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import contextlib
# import matplotlib.pyplot as plt
# import otter
# grader = otter.Notebook(tests_dir="tests/describe")

# %% [markdown]
# ## 1. `sample_variance`
#
# **A small example.** The mean of 2, 4, 9 is 5. The squared distances from it are 9, 1, 16, with the sum 26, and
# $s^2 = 26 / 2 = 13$.
#
# Why $n - 1$? The distances are taken from the sample's own mean, which lies closer to the numbers than the true one
# does. Dividing by $n$ would give too little, on average by the factor $(n-1)/n$.
#
# The formula $\overline{x^2} - \bar x^2$ from many a textbook is the same on paper. In a computer it takes the
# difference of two large numbers, and of a small variance of large numbers nothing may be left.


# %%
def sample_variance(values: np.ndarray) -> float:
    """The variance of the population that a sample comes from, estimated without bias.

    Source: Casella and Berger 2002, section 5.2.

    Args:
        values: shape (n,), numbers; they may lie far from 0. Left unchanged.

    Returns:
        The sum of the squared distances from the mean, divided by n - 1.

    Raises:
        ValueError: there are fewer than two values.

    Example:
        >>> print(sample_variance(np.array([2.0, 4.0, 9.0])))
        13.0
    """
    ### BEGIN SOLUTION
    if len(values) < 2:
        raise ValueError(f"{len(values)} values have no variance")
    return np.sum((values - np.mean(values)) ** 2) / (len(values) - 1)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("sample_variance")

# %% [markdown]
# **Look at it.** Samples of five from a population with the variance 1: how often does your function give how much? On
# average it should be 1 (the line), which few samples hit.

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(0)
# with contextlib.suppress(NotImplementedError):  # there is no picture before the function is written
#     variances = [sample_variance(sample) for sample in rng.normal(size=(4000, 5))]
#     figure, axes = plt.subplots(figsize=(6, 3))
#     axes.hist(variances, bins=60, range=(0, 5))
#     axes.axvline(np.mean(variances), color="black")
#     axes.set(xlabel="estimated variance", ylabel="samples", title=f"on average {np.mean(variances):.2f}")
#     plt.show()

# %% [markdown]
# ## 2. `correlation`
#
# How well a straight line through the points $(x_i, y_i)$ fits, from $-1$ (falling) by 0 to 1 (rising). The scale of
# the numbers does not matter, nor what $n$ or $n - 1$ they are divided by: it cancels.
#
# **A small example.** $x = (1, 2, 3)$ and $y = (2, 2, 5)$: the distances from the means are $(-1, 0, 1)$ and
# $(-1, -1, 2)$, so $r = 3 / \sqrt{2 \cdot 6} \approx 0.866$.


# %%
def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation coefficient of two series.

    Args:
        x: shape (n,), numbers. Left unchanged.
        y: shape (n,), likewise.

    Returns:
        A number from -1 to 1.

    Raises:
        ValueError: the series differ in length, or all numbers of one of them are the same.

    Example:
        >>> print(round(correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0])), 3))
        0.866
    """
    ### BEGIN SOLUTION
    if len(x) != len(y):
        raise ValueError(f"{len(x)} numbers do not go with {len(y)}")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ValueError("a series that does not change goes with nothing")
    dx = x - np.mean(x)
    dy = y - np.mean(y)
    return np.sum(dx * dy) / np.sqrt(np.sum(dx**2) * np.sum(dy**2))
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("correlation")

# %% [markdown]
# **Look at it.** Anscombe's four sets of points have the same means, variances and correlation. Describing is not
# looking.

# %% tags=["active-ipynb"]
# x = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5.0])
# quartet = [
#     (x, [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]),
#     (x, [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74]),
#     (x, [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73]),
#     (np.where(np.arange(11) == 7, 19.0, 8.0), [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89]),
# ]
# with contextlib.suppress(NotImplementedError):
#     titles = [f"r = {correlation(first, np.array(second)):.3f}" for first, second in quartet]
#     figure, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharex=True, sharey=True)
#     for place, (first, second), title in zip(axes, quartet, titles):
#         place.plot(first, second, "o")
#         place.set_title(title)
#     plt.show()
