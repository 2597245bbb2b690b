"""Known wrong solutions of the quiz."""

import numpy as np

from autograder.author import mistake

_PLANTED = "@secret@"


@mistake("normalise", hint="You divide by the largest number, not by the sum.")
def largest_is_one(x):
    """@secret@"""
    return np.asarray(x) / np.max(x)


@mistake("tally", hint="You count each word once.")
def once(words):
    """@secret@"""
    return dict.fromkeys(words, 1)
