"""The card in a notebook: the same cases, as HTML and as text, on the functions as they are."""

import sys

import numpy as np
import pytest

from autograder.notebook import check
from autograder.report.card import Card
from tests.report.made_class import HOSTILE, PICTURES, SCALE, exercise

TESTS = """
import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "mask"
points = None


@test_case(name="two by two")
def small(mask):
    np.testing.assert_array_equal(mask(2), [[True, False], [True, True]])


@test_case(name="no tokens")
def none(mask):
    assert mask(0).shape == (0, 0)
"""


@pytest.fixture
def exercises(tmp_path, monkeypatch):
    folder = tmp_path / "exercises"
    for topic in ("one", "two"):
        (folder / "tests" / topic).mkdir(parents=True)
        (folder / "tests" / topic / "mask.py").write_text(TESTS)
        (folder / f"{topic}.py").write_text("def mask(n):\n    raise NotImplementedError\n")
    (folder / "tests" / "two" / "mask.py").rename(folder / "tests" / "two" / "other.py")
    text = (folder / "tests" / "two" / "other.py").read_text()
    (folder / "tests" / "two" / "other.py").write_text(text.replace("mask", "other"))
    monkeypatch.chdir(folder)
    return folder


def test_a_function_of_the_notebook_is_checked_where_it_is(exercises, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "mask", lambda n: np.ones((n, n), bool), raising=False)
    card = check("mask")
    text = repr(card)
    assert not card.passed
    assert "✘ two by two" in text and "✔ no tokens" in text and "mask(n)" in text
    assert "got (array, 2×2, bool)" in text and "expected (array, 2×2, bool)" in text
    html = card._repr_html_()
    assert html.count('class="drawing"') == 3 and "<script" not in html
    assert check("mask", topic="one").exercises == card.exercises


def test_a_function_can_be_given_itself(exercises):
    def mask(n):
        return np.tril(np.ones((n, n), bool))

    assert check(mask).passed
    assert repr(check(mask)) == "✔ mask: solved"


def test_what_is_not_done_and_what_raises(exercises):
    def mask(n):
        raise NotImplementedError

    assert repr(check(mask)) == "○ mask: not done yet"

    def failing(n):
        return [1, 2][n + 5]

    failing.__name__ = "mask"
    assert "IndexError" in repr(check(failing))
    assert repr(check("other")).splitlines() == [
        "✘ other: not found",
        "    there is no function `other`: run the cell that defines it",
    ]


def test_an_exercise_that_does_not_exist(exercises, monkeypatch, tmp_path):
    with pytest.raises(LookupError, match="there is no exercise `nothing`"):
        check("nothing")
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(FileNotFoundError, match="exercises"):
        check("mask")


def test_the_card_as_a_page(open_page, tmp_path):
    cases = [(False, False, text, picture) for text, picture in zip(HOSTILE, PICTURES, strict=False)]
    page = tmp_path / "card.html"
    page.write_text(Card([exercise("attention", cases, SCALE)]).page("<b>&"), encoding="utf-8")
    watched = open_page(360)
    watched.open(page)
    assert watched.page.title() == "<b>&"
    assert watched.page.locator(".card").count() == len(PICTURES)
    assert watched.page.locator(".autograder").evaluate("item => getComputedStyle(item).backgroundColor") != (
        "rgba(0, 0, 0, 0)"
    ), "the style applies to the card"
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert watched.is_quiet() and watched.page.evaluate("window.hacked") is None


def test_a_notebooks_own_rules_leave_the_card_alone(open_page, tmp_path):
    """JupyterLab has rules for tables and code in outputs."""
    rules = ".jp.jp :is(td, tr) { text-align: right } .jp.jp pre { border: 0 }"
    rules += ".jp.jp tr:nth-child(odd) { background: red }"
    card = Card([exercise("attention", [(False, False, "wrong", PICTURES[0])], SCALE)])._repr_html_()
    (tmp_path / "card.html").write_text(
        f"<style>{rules}</style><div class='jp'>{card}</div>", encoding="utf-8"
    )
    page = open_page().page
    page.goto((tmp_path / "card.html").as_uri())
    style = "item => { const s = getComputedStyle(item); return [s.textAlign, s.backgroundColor, s.borderTopWidth] }"
    assert page.locator(".card td").first.evaluate(style)[0] == "left"
    assert page.locator(".card tr").first.evaluate(style)[1] == "rgba(0, 0, 0, 0)"
    assert page.locator(".card td pre").first.evaluate(style)[2] == "1px"
