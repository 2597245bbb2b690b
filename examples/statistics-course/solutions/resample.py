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
# # Resample: how sure, without a formula
#
# Ten patients slept with one drug and with another. In the mean, the second gave them 1.58 hours more. How far might
# that be from the truth, with ten patients? Formulas need assumptions. The *bootstrap* asks the sample itself: draw
# ten patients from the ten, with replacement, again and again, and see how the mean scatters.
#
# Sources: Efron 1979, *Bootstrap Methods*; Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, section
# 13.3; the data: Student 1908, *The Probable Error of a Mean*.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import contextlib
# import matplotlib.pyplot as plt
# import otter
# grader = otter.Notebook(tests_dir="tests/resample")

# %% [markdown]
# ## `bootstrap_interval`
#
# You get the values, a function (a `statistic`, such as `np.mean`), and the drawing already done: each row of `draws`
# says which values make up one resample. Compute the statistic of each resample, and cut off the same share at both
# ends: for a level of 0.9, the lowest 5 % and the highest 5 %. What is left lies between two quantiles.
#
# **A small example.** The values 10, 20, 40 and the draws $(0, 0, 1), (2, 1, 0), (2, 2, 1), (1, 1, 1), (0, 2, 2)$:
# the resamples are 10, 10, 20 and 40, 20, 10 and 40, 40, 20 and 20, 20, 20 and 10, 40, 40. Their medians are 10, 20,
# 40, 20, 40, in order 10, 20, 20, 40, 40. A level of 0.5 leaves the quantiles 0.25 and 0.75: 20 and 40.


# %%
def bootstrap_interval(values: np.ndarray, statistic, draws: np.ndarray, level: float) -> tuple[float, float]:
    """The percentile interval of a statistic, from resamples.

    Source: Efron and Tibshirani 1993, section 13.3.

    Args:
        values: shape (n,), the sample. Left unchanged.
        statistic: a function that makes a number of an array of shape (n,).
        draws: shape (m, n), integers from 0 to n - 1: each row says which values a resample is made of.
        level: the share of the resamples' statistics between the two ends, 0 < level < 1.

    Returns:
        The lower and the upper end: the quantiles (1 - level) / 2 and (1 + level) / 2 as `np.quantile` has them.

    Raises:
        ValueError: the level is not between 0 and 1.

    Example:
        >>> draws = np.array([[0, 0, 1], [2, 1, 0], [2, 2, 1], [1, 1, 1], [0, 2, 2]])
        >>> low, high = bootstrap_interval(np.array([10.0, 20.0, 40.0]), np.median, draws, 0.5)
        >>> print(low, high)
        20.0 40.0
    """
    ### BEGIN SOLUTION
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}")
    statistics = [statistic(values[draw]) for draw in draws]
    low, high = np.quantile(statistics, [(1 - level) / 2, (1 + level) / 2])
    return low, high
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("bootstrap_interval")

# %% [markdown]
# **Look at it.** The difference of sleep with the two drugs, in hours, for Student's ten patients. Does the interval
# hold zero? What does that say, and what not, of ten patients?

# %% tags=["active-ipynb"]
# sleep = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
# draws = np.random.default_rng(0).integers(10, size=(5000, 10))
# with contextlib.suppress(NotImplementedError):  # there is no picture before the function is written
#     low, high = bootstrap_interval(sleep, np.mean, draws, 0.95)
#     figure, axes = plt.subplots(figsize=(6, 3))
#     axes.hist(sleep[draws].mean(axis=1), bins=50, color="0.7")
#     axes.axvspan(low, high, alpha=0.2)
#     axes.set(xlabel="mean gain in sleep (hours)", ylabel="resamples", title=f"95 %: {low:.2f} to {high:.2f}")
#     plt.show()
