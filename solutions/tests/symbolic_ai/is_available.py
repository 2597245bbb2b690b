"""Tests of `is_available`."""

import numpy as np
from otter.test_files import test_case

import solutions.symbolic_ai as reference

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


@test_case(
    name="many loans and many members",
    points=1,
    hidden=True,
    failure_message="Ask for each book of a library in which one member has several books, one has none, and "
    "one book has two borrowers. What others have borrowed does not matter, and a title must be the whole "
    "title.",
)
def many_loans(is_available):
    members = {"Ada", "Ben", "Cleo", "Dan"}
    borrowed = {("Ada", "Dune"), ("Ada", "Walden"), ("Ben", "Dune"), ("Cleo", "It"), ("Ada", "Middlemarch")}
    books = ["Dune", "Walden", "It", "Middlemarch", "I", "March", "middlemarch", "It Ends", "Moby-Dick"]
    got = [is_available(book, set(members), set(borrowed)) for book in books]
    for book, answer in zip(books, got, strict=True):
        assert isinstance(answer, (bool, np.bool_)), "the answer is True or False, nothing else"
        assert answer == reference.is_available(book, members, borrowed), "wrong answer for one of the books"


@test_case(
    name="who counts as a borrower",
    points=1,
    hidden=True,
    failure_message="Only a member's loan counts. Think of a borrower who is not a member, of a library "
    "without members, and of one without loans; and mind the order in a pair when somebody is called like a "
    "book.",
)
def who_counts(is_available):
    cases = [
        ("It", {"Ada", "Ben"}, {("Zoe", "It"), ("Ada", "Dune")}),
        ("It", {"Ada", "Ben"}, {("Zoe", "It"), ("Ben", "It")}),
        ("Dune", set(), {("Ada", "Dune")}),
        ("Dune", {"Ada"}, set()),
        ("Dune", set(), set()),
        ("Emma", {"Emma", "Ada"}, {("Emma", "Dune")}),
        ("Emma", {"Emma", "Ada"}, {("Ada", "Emma")}),
        ("Ada", {"Ada", "Emma"}, {("Ada", "Emma")}),
    ]
    got = [is_available(book, set(members), set(borrowed)) for book, members, borrowed in cases]
    for case, answer in zip(cases, got, strict=True):
        assert isinstance(answer, (bool, np.bool_)), "the answer is True or False, nothing else"
        assert answer == reference.is_available(*case), "wrong answer about who has borrowed a book"


@test_case(
    name="the facts stay as they are",
    points=1,
    hidden=True,
    failure_message="Wrong answers in a larger library, or the sets that were given have changed: asking a "
    "question must not change the facts.",
)
def facts_unchanged(is_available):
    rng = np.random.default_rng(101)
    people = [f"person {i}" for i in range(7)]
    titles = [f"book {i}" for i in range(12)]
    members = set(people[:4])
    borrowed = {(people[rng.integers(7)], titles[rng.integers(12)]) for _ in range(10)}
    given_members, given_borrowed = set(members), set(borrowed)
    got = [is_available(title, given_members, given_borrowed) for title in titles]
    assert got == [reference.is_available(title, members, borrowed) for title in titles], (
        "wrong answers in a larger library"
    )
    assert given_members == members, "the set of members has changed"
    assert given_borrowed == borrowed, "the set of loans has changed"
