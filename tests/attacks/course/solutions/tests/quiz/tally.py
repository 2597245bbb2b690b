"""Tests of `tally`."""

from otter.test_files import test_case

OK_FORMAT = False
name = "tally"
points = None

_PLANTED = "@secret@"
_SHARED = ["@input@", "b", "@input@"]


@test_case(name="two words", points=1)
def two_words(tally):
    got = tally(["a", "b", "a"])
    assert got == {"a": 2, "b": 1}, f"got {str(got)[:100]}"


@test_case(name="other words", points=1, hidden=True)
def other_words(tally):
    got, _ = tally(_SHARED), tally(_SHARED)
    assert got == {"@input@": 2, "b": 1}, f"{_PLANTED}: got {str(got)[:100]}"
    assert len(got) == 2, _PLANTED
