"""Known mistakes of the topic `resample`, and right solutions in another style."""

import numpy as np

from autograder.author import mistake, right_another_way


def makes_sense(level):
    if not 0 < level < 1:
        raise ValueError("level")


@mistake("bootstrap_interval", hint="All of 1 - level is cut off at each end. It is to be shared by the two.")
def too_much_cut_off(values, statistic, draws, level):
    makes_sense(level)
    low, high = np.quantile([statistic(values[draw]) for draw in draws], [1 - level, level])
    return low, high


@mistake("bootstrap_interval", hint="These are quantiles of the sample. Where are the resamples?")
def quantiles_of_the_sample(values, statistic, draws, level):
    makes_sense(level)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return low, high


@mistake("bootstrap_interval", hint="It is always the mean. Use the statistic that was given.")
def always_the_mean(values, statistic, draws, level):
    makes_sense(level)
    low, high = np.quantile(values[draws].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return low, high


@mistake("bootstrap_interval", hint="The upper end comes first.")
def ends_swapped(values, statistic, draws, level):
    makes_sense(level)
    low, high = np.quantile([statistic(values[draw]) for draw in draws], [(1 + level) / 2, (1 - level) / 2])
    return low, high


@mistake("bootstrap_interval", hint="Each column of draws was taken for a resample; each row is one.")
def resamples_by_column(values, statistic, draws, level):
    makes_sense(level)
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile([statistic(values[draw]) for draw in draws.T], ends)
    return low, high


@right_another_way("bootstrap_interval")
def sorted_and_cut(values, statistic, draws, level):
    makes_sense(level)
    found = sorted(float(statistic(values[list(draw)])) for draw in draws)

    def at(share):
        place = share * (len(found) - 1)
        below = int(place)
        above = min(below + 1, len(found) - 1)
        return found[below] + (place - below) * (found[above] - found[below])

    return at((1 - level) / 2), at((1 + level) / 2)
