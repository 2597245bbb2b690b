"""Tests of `is_available`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "is_available"
points = None


@test_case(name="one book is lent, one is not", points=1)
def small_library(is_available):
    dune = is_available("Dune", {"Ada", "Ben"}, {("Ada", "Dune")})
    emma = is_available("Emma", {"Ada", "Ben"}, {("Ada", "Dune")})
    for book, got, expected in [("Dune", dune, False), ("Emma", emma, True)]:
        assert isinstance(got, (bool, np.bool_)), f"{book}: expected True or False, got {got!r}"
        assert got == expected, f"{book}: expected {expected}, got {got}"
