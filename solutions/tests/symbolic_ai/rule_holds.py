"""Tests of `rule_holds`."""

import numpy as np
from otter.test_files import test_case

import solutions.symbolic_ai as reference

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


@test_case(
    name="one book at a time",
    points=1,
    hidden=True,
    failure_message="Try a library of one book: listed as available or not, borrowed by a member, by "
    "somebody else, or by nobody. Work out all of these by hand; the rule's “or” is inclusive.",
)
def one_book(rule_holds):
    loans = [set(), {("Ada", "Dune")}, {("Zoe", "Dune")}, {("Ada", "Dune"), ("Ben", "Dune")}]
    cases = [({"Dune"}, {"Ada", "Ben"}, listed, loan) for listed in (set(), {"Dune"}) for loan in loans]
    cases.append(({"Emma"}, {"Emma", "Ada"}, set(), {("Emma", "Ada")}))
    got = [rule_holds(*map(set, case)) for case in cases]
    for case, answer in zip(cases, got, strict=True):
        assert isinstance(answer, (bool, np.bool_)), "the answer is True or False, nothing else"
        assert answer == reference.rule_holds(*case), "wrong answer for a library of one book"


@test_case(
    name="things that are not books",
    points=1,
    hidden=True,
    failure_message="The rule speaks of books only. Something that is no book may be listed or lent without "
    "any harm, and it cannot stand in for a book either.",
)
def not_books(rule_holds):
    people = {"Ada", "Ben"}
    cases = [
        ({"Dune"}, people, {"Dune", "bicycle"}, set()),
        ({"Dune"}, people, {"Dune"}, {("Ada", "bicycle")}),
        ({"Dune"}, people, {"Dune"}, {("Zoe", "bicycle")}),
        ({"Dune"}, people, {"bicycle"}, {("Ben", "ladder")}),
        ({"Dune", "Emma"}, people, {"bicycle", "Dune"}, {("Ada", "ladder")}),
    ]
    got = [rule_holds(*map(set, case)) for case in cases]
    for case, answer in zip(cases, got, strict=True):
        assert answer == reference.rule_holds(*case), "wrong answer when there are other things than books"


@test_case(
    name="nobody and nothing",
    points=1,
    hidden=True,
    failure_message="Think of a library without books, of one without members, and of one without loans. "
    "“For all” over nothing is true, “there is” over nothing is false.",
)
def empty_sets(rule_holds):
    cases = [
        (set(), {"Ada"}, set(), set()),
        (set(), set(), set(), set()),
        (set(), {"Ada"}, {"Dune"}, {("Zoe", "Emma")}),
        ({"Dune", "Emma"}, set(), {"Dune", "Emma"}, set()),
        ({"Dune", "Emma"}, set(), {"Dune"}, {("Ada", "Emma")}),
        ({"Dune", "Emma"}, {"Ada"}, {"Dune"}, set()),
    ]
    got = [rule_holds(*map(set, case)) for case in cases]
    for case, answer in zip(cases, got, strict=True):
        assert isinstance(answer, (bool, np.bool_)), "the answer is True or False, nothing else"
        assert answer == reference.rule_holds(*case), "wrong answer for an empty set"


@test_case(
    name="larger libraries, and the facts afterwards",
    points=1,
    hidden=True,
    failure_message="In a library of many books a single one can break the rule, and each may have a "
    "borrower of its own. Or the sets that were given have changed: to check a rule must not change facts.",
)
def larger_libraries(rule_holds):
    rng = np.random.default_rng(102)
    books = [f"book {i}" for i in range(8)]
    people = ["Ada", "Ben", "Cleo", "Zoe"]
    members = set(people[:3])
    cases = []
    for broken in (None, 0, 3, 7, None, 5):
        listed = {book for i, book in enumerate(books) if rng.random() < 0.4 and i != broken}
        loans = {(people[rng.integers(3)], book) for book in books if book not in listed}
        if broken is not None:
            loans = {(who, what) for who, what in loans if what != books[broken]} | {("Zoe", books[broken])}
        cases.append((set(books), members, listed, loans))
    given = [tuple(map(set, case)) for case in cases]
    got = [rule_holds(*case) for case in given]
    assert got == [reference.rule_holds(*case) for case in cases], "wrong answers in larger libraries"
    assert given == cases, "one of the sets that were given has changed"
