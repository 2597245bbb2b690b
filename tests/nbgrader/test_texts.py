"""Comments: live in nbgrader's pages, so that nothing from a submission may mean anything there."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from autograder.nbgrader.texts import comments, scores, told_cases
from autograder.results import Adjustment, ExerciseResult, Mistake, Result, TestResult, clean_text


def case(
    name: str, *, hidden: bool = False, passed: bool = False, points: float = 1, message: str = ""
) -> TestResult:
    return TestResult(name=name, hidden=hidden, passed=passed, points=points, message=message)


def result(*tests: TestResult, score: float, error: str = "", **more: object) -> Result:
    possible = sum(test.points for test in tests)
    exercise = ExerciseResult(
        name="attention", score=score, possible=possible, tests=list(tests), mistake=None
    )
    known: dict[str, object] = {
        "submission": "a/attention",
        "student": "a",
        "topic": "attention",
        "status": "graded",
        "total": score,
        "possible": possible,
        "seconds": 0.1,
        "exercises": [exercise],
        "protections": {"tier": "A"},
        "error": error,
    }
    return Result(**(known | more))  # type: ignore[arg-type]


class Tags(HTMLParser):
    """The tags of a page, and its text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outside = ""
        self._depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._depth += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._depth:
            self.outside += data


ACTIVE = [
    "<",
    ">",
    "&",
    "$",
    "$$",
    "\\",
    "\\\\[",
    "\\\\]",
    "\\\\(",
    "\\begin{a}",
    "\\end{a}",
    "`",
    "```",
    "*",
    "_",
]
ACTIVE += [
    "[",
    "](",
    ")",
    "!",
    "#",
    "- ",
    "1. ",
    "\n",
    "\n\n",
    "    ",
    "\t",
    "\r",
    "\u2424",
    "\u2028",
    "<script>",
]
ACTIVE += [
    "</code></pre>",
    "&#36;",
    "href",
    "javascript:",
    "x",
    "\x0b",
    "\x0c",
    "===",
    "---",
    "|",
    "~~~",
    ":::",
]
hostile = st.lists(st.one_of(st.sampled_from(ACTIVE), st.text(max_size=3)), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(hostile)
@example("$$ \\href{javascript:x}{y} $$")
@example("x\u2424<script>alert(1)</script>")
@example("\\\\[ a\n\n<img src=x onerror=y>\n\n\\\\]")
@example("\\begin{a}\n\n<script>\n\\end{a}")
def test_what_a_submission_says_is_only_text(text: str) -> None:
    clean = clean_text(text)
    shown = comments(result(case("a case", message=clean), score=0, error=clean_text(f"E {text}")))[
        "attention"
    ]
    page = Tags(markdown2html(shown))
    assert page.tags <= {"p", "pre", "code"}
    assert "\u2424" not in shown, "a line's end to mistune 2, with which nbconvert works, too"
    expected = "0 of 1 point.\nTest: a case.\nWhile the notebook ran:\n"
    assert page.outside.split() == expected.split()


def test_an_authors_sentence_keeps_its_code_and_loses_html() -> None:
    exercise = ExerciseResult(
        name="attention",
        score=0,
        possible=1,
        tests=[case("hidden", hidden=True, message="`a < b` is not <b>x</b> & y")],
        mistake=Mistake(id="no_root", hint="Divide by $\\sqrt{d}$, not `d_k`.\nThen look."),
    )
    shown = comments(result(score=0, exercises=[exercise]))["attention"]
    assert "No root: Divide by $\\sqrt{d}$, not `d_k`. Then look." in shown
    page = markdown2html(shown)
    assert "<code>a &lt; b</code> is not &lt;b&gt;x&lt;/b&gt; &amp; y" in page


def test_whole_work_gets_no_comment_but_an_adjustment_is_told() -> None:
    right = case("one", passed=True)
    assert comments(result(right, score=1)) == {"attention": ""}
    late = result(right, score=1, adjustment=Adjustment(late_days=2, penalty=0.2, reason="<b>late</b>"))
    page = Tags(markdown2html(comments(late)["attention"]))
    assert page.tags == {"p", "pre", "code"} and "Adjusted:" in page.outside


def test_points_go_to_public_and_hidden_cells_and_add_up() -> None:
    tests = [
        case("a", passed=True, points=0.1),
        case("b", points=0.2),
        case("c", hidden=True, passed=True, points=0.7),
    ]
    exercise = result(*tests, score=0.1 + 0.7).exercises[0]
    assert scores(exercise) == {"attention-public": 0.1, "attention-hidden": 0.7}


@pytest.mark.parametrize("score", [0.0, 3.0])
def test_all_or_nothing(score: float) -> None:
    tests = [case("a", passed=True), case("b", hidden=True, passed=score > 0, points=2)]
    found = scores(result(*tests, score=score).exercises[0])
    assert sum(found.values()) == score


def test_output_tells_hidden_cases_by_name_and_message_alone() -> None:
    tests = [
        case("public", message="got 1\nexpected 2"),
        case("secret", hidden=True, message="Think of sizes.", points=2),
        case("fine", hidden=True, passed=True, message="well done"),
    ]
    exercise = result(*tests, score=1).exercises[0]
    assert told_cases(exercise, hidden=False) == "failed: public (1 point)\n    got 1\n    expected 2\n"
    assert told_cases(exercise, hidden=True) == (
        "failed: secret (2 points)\n    Think of sizes.\npassed: fine (1 point)\n"
    )
