"""A course of two topics with three tiny exercises, as files; and what makes submissions of it."""

import json
import textwrap
from pathlib import Path

TINY = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Tiny sums
#
# Two exercises.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import otter
# grader = otter.Notebook(tests_dir="tests/tiny")


# %%
def total(values):
    """The sum of some numbers."""
    ### BEGIN SOLUTION
    return float(np.sum(values))
    ### END SOLUTION


# %% tags=["active-ipynb"]
# grader.check("total")


# %%
def mean_of(function, values):
    """The mean of a function's values."""
    ### BEGIN SOLUTION
    return total([function(value) for value in values]) / len(values)
    ### END SOLUTION
'''

TINY_TOTAL = '''\
"""Tests of `total`."""

import numpy as np
from otter.test_files import test_case

import solutions.tiny as reference

OK_FORMAT = False
name = "total"
points = None

# What the public case adds up.
SMALL = [1.0, 2.0]

# Numbers that nobody may see: 13.25.
SECRET = [13.25, -7.5]


def close(value, right):
    assert np.shape(value) == (), f"expected a number, got the shape {np.shape(value)}"
    np.testing.assert_allclose(value, right)


def secretly_close(value, right):
    np.testing.assert_allclose(value, right)


@test_case(name="two numbers", points=1)
def two_numbers(total):
    close(total(SMALL), 3.0)


@test_case(name="negative numbers", points=2, hidden=True, failure_message="Negative numbers count too.")
def negative(total):
    secretly_close(total(np.array(SECRET)), reference.total(SECRET))


# No message of its own.
@test_case(name="the list stays as it is", points=1, hidden=True)
def unchanged(total):
    values = [3.0, 1.0, -2.0]
    close(total(values), reference.total([3.0, 1.0, -2.0]))
    assert values == [3.0, 1.0, -2.0], "SECRET list changed"
'''

TINY_MEAN_OF = '''\
"""Tests of `mean_of`."""

import numpy as np
from otter.test_files import test_case

import solutions.tiny as reference

OK_FORMAT = False
name = "mean_of"
points = None


@test_case(name="twice the numbers", points=1)
def twice(mean_of):
    np.testing.assert_allclose(mean_of(lambda x: 2 * x, [1.0, 3.0]), 4.0)


@test_case(name="other functions", points=1, hidden=True, failure_message="Any function will do.")
def other(mean_of):
    for function in (abs, lambda x: x * x - 3.0):
        got = mean_of(function, [-1.5, 2.0, 4.0])
        np.testing.assert_allclose(got, reference.mean_of(function, [-1.5, 2.0, 4.0]))
'''

TINY_MISTAKES = '''\
"""Known mistakes of the topic `tiny`."""

import functools

import numpy as np

from autograder.author import mistake, right_another_way


@functools.cache
def start():
    return 0.0


@mistake("total", hint="The first number counts too.")
def first_left_out(values):
    return float(np.sum(values[1:]))


@mistake("total", hint="A negative number makes the sum smaller.", source="https://example.org/1")
def absolute(values):
    return start() + float(np.sum(np.abs(values)))


@mistake("total", hint="Leave the list as it is.")
def pops_the_list(values):
    result = start()
    while len(values):
        result += float(values[-1])
        if isinstance(values, list):
            values.pop()
        else:
            values = values[:-1]
    return result


@right_another_way("total")
def recursive(values):
    return float(values[0]) + recursive(values[1:]) if len(values) else 0.0


@mistake("mean_of", hint="Apply the function.")
def identity(function, values):
    return sum(values) / len(values)
'''

DOUBLE = '''\
# %% [markdown]
# # Doubles

# %%
def double(number):
    """Twice the number."""
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION
'''

DOUBLE_TESTS = '''\
"""Tests of `double`."""

from otter.test_files import test_case

import solutions.double as reference

OK_FORMAT = False
name = "double"
points = None


@test_case(name="a number", points=1)
def a_number(double):
    assert double(4) == 8


@test_case(name="a text", points=2, hidden=True, failure_message="Numbers are not the only things.")
def a_text(double):
    assert double("ab") == reference.double("ab")
'''

DOUBLE_MISTAKES = """\
from autograder.author import mistake


@mistake("double", hint="Twice, not squared.")
def squared(number):
    return number**2
"""

COURSE = {
    "solutions/tiny.py": TINY,
    "solutions/tests/tiny/total.py": TINY_TOTAL,
    "solutions/tests/tiny/mean_of.py": TINY_MEAN_OF,
    "solutions/mistakes/tiny.py": TINY_MISTAKES,
    "solutions/double.py": DOUBLE,
    "solutions/tests/double/double.py": DOUBLE_TESTS,
    "solutions/mistakes/double.py": DOUBLE_MISTAKES,
    "pyproject.toml": textwrap.dedent(
        """\
        [project]
        name = "small-course"

        [tool.autograder.student]
        files = ["pyproject.toml", "library"]
        readme = "student.md"
        """
    ),
    "library/__init__.py": "",
    "library/core.py": "ANSWER = 42\n",
    "library/build/leftover.py": "",
    "library/core.so": "",
    "student.md": "Read me.\n",
}


TOTAL = "def total(values):\n    return float(sum(values))\n"
MEAN_OF = "def mean_of(function, values):\n    return sum(map(function, values)) / len(values)\n"
RIGHT = TOTAL + "\n" + MEAN_OF
"""A solution of `tiny` that gets full points."""

POINTS = {"total": 4, "mean_of": 2, "double": 3}


def notebook(*cells: str, **fields: object) -> bytes:
    """A notebook with these code cells."""
    listed = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
        for cell in cells
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed, **fields}
    return json.dumps(whole).encode()


def write_files(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
