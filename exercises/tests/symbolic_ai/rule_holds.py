"""Tests of `rule_holds`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "rule_holds"
points = None


@test_case(name="one book lent, one available", points=1)
def rule_kept(rule_holds):
    got = rule_holds({"Dune", "Emma"}, {"Ada"}, {"Emma"}, {("Ada", "Dune")})
    assert isinstance(got, (bool, np.bool_)), f"expected True or False, got {got!r}"
    assert got, "expected True: Dune is borrowed by a member, and Emma is available"


@test_case(name="a book that is lost", points=1)
def rule_broken(rule_holds):
    lost = rule_holds({"Dune", "Emma"}, {"Ada"}, set(), {("Ada", "Dune")})
    found = rule_holds({"Dune", "Emma"}, {"Ada", "Ben"}, set(), {("Ada", "Dune"), ("Ben", "Emma")})
    assert isinstance(lost, (bool, np.bool_)), f"expected True or False, got {lost!r}"
    assert not lost, "expected False: Emma is neither available nor borrowed"
    assert found, "expected True: each of the two books is borrowed by a member"
