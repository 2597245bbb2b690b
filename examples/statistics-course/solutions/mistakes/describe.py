"""Known mistakes of the topic `describe`, and right solutions in another style."""

import statistics

import numpy as np

from autograder.author import mistake, right_another_way


def at_least_two(values):
    if len(values) < 2:
        raise ValueError("too few")


@mistake("sample_variance", hint="This is the variance of these numbers, not of what they are a sample of.")
def divided_by_n(values):
    at_least_two(values)
    return np.var(values)


@mistake("sample_variance", hint="This is the standard deviation, the root of the variance.")
def standard_deviation(values):
    at_least_two(values)
    return np.std(values, ddof=1)


@mistake(
    "sample_variance",
    hint="The mean of squares less the square of the mean: for large numbers nothing is left.",
)
def difference_of_squares(values):
    at_least_two(values)
    n = len(values)
    return (np.sum(values**2) - n * np.mean(values) ** 2) / (n - 1)


@mistake(
    "sample_variance", hint="What is the variance of a single number? See what the description promises."
)
def any_number_of_values(values):
    return np.sum((values - np.mean(values)) ** 2) / (len(values) - 1)


@right_another_way("sample_variance")
def with_the_standard_library(values):
    at_least_two(values)
    return statistics.variance([float(value) for value in values])


@right_another_way("sample_variance")
def in_one_pass(values):
    at_least_two(values)
    mean = total = 0.0
    for count, value in enumerate(values, 1):
        step = value - mean
        mean += step / count
        total += step * (value - mean)
    return total / (len(values) - 1)


def goes_together(x, y):
    if len(x) != len(y):
        raise ValueError("lengths")
    if len(set(x.tolist())) == 1 or len(set(y.tolist())) == 1:
        raise ValueError("constant")


@mistake("correlation", hint="This is the covariance: it changes with the scale of the numbers.")
def covariance(x, y):
    goes_together(x, y)
    return np.cov(x, y)[0, 1]


@mistake("correlation", hint="This is the slope of the line: it changes when y is scaled, and r does not.")
def slope(x, y):
    goes_together(x, y)
    return np.polyfit(x, y, 1)[0]


@mistake(
    "correlation", hint="Both are divided by, but one with n and the other with n - 1. They have to cancel."
)
def n_and_n_minus_one(x, y):
    goes_together(x, y)
    return np.cov(x, y)[0, 1] / (np.std(x) * np.std(y))


@mistake("correlation", hint="The sign is lost: this is the square of r.")
def squared(x, y):
    goes_together(x, y)
    return np.corrcoef(x, y)[0, 1] ** 2


@mistake("correlation", hint="Take the means away first: it is the distances from them that go together.")
def not_centred(x, y):
    goes_together(x, y)
    return np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2))


@right_another_way("correlation")
def with_numpy(x, y):
    goes_together(x, y)
    return np.corrcoef(x, y)[0, 1]


@right_another_way("correlation")
def of_standard_scores(x, y):
    goes_together(x, y)
    return np.mean((x - x.mean()) / x.std() * (y - y.mean()) / y.std())
