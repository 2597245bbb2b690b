"""What the report says, and what it never says: pages as text, without a browser."""

import gc
import random
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.drawn import MAX_PNG_BYTES
from autograder.report.copies import likely_copies
from autograder.report.figures import exercises_of, figures_of, mistakes_of
from autograder.report.paths import page_paths, safe_name
from autograder.report.pictures import _short, tokens
from autograder.report.rendering import formula_html, prose
from autograder.report.site import feedback_html, write_report, write_site
from autograder.report.topics import FactsError, TopicFacts, read_facts, write_facts
from autograder.results import (
    Adjustment,
    NotebookCell,
    NotebookPicture,
    Result,
    read_results,
    write_results,
)
from autograder.shown import show_value
from tests.report.made_class import (
    FACTS,
    HIDDEN,
    HOSTILE,
    PICTURES,
    RIGHT,
    SCALE,
    a_class,
    exercise,
    result,
    shown,
)

ATTENTION = FACTS["attention"]


class Tags(HTMLParser):
    """The tags of a page, and its attributes that could do something."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.acting = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            outside = name in ("src", "href") and re.match(r"(?i)\s*(?:https?:|javascript:|//)", value or "")
            if name.startswith("on") or name == "style" or outside:
                self.acting.append((tag, name, value))


def test_no_text_becomes_an_element(site):
    for path in [*site.glob("*.html"), *site.glob("feedback/*/*.html")]:
        found = Tags(path.read_text(encoding="utf-8"))
        assert found.acting == [], path
        assert not {"iframe", "object", "embed", "link", "form", "base"} & found.tags, path
        assert ("script" in found.tags) == (path.name == "index.html")
        text = path.read_text(encoding="utf-8")
        assert text.isprintable() or not set(text) & set("\x1b\u202e\x00\x07"), path


def test_a_page_for_each_submission_and_none_outside(site):
    pages = sorted(path.relative_to(site).as_posix() for path in site.glob("feedback/**/*") if path.is_file())
    assert pages == sorted(page_paths(sorted(a_class(), key=lambda item: item.submission)))
    assert all(
        re.fullmatch(r"feedback/[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*\.html", page) for page in pages
    )


def test_names_of_files_are_safe_and_never_the_same():
    drawn = random.Random(5)
    letters = "aA1.-_ /\\é\u202e=\x00~:💥"
    names = {"".join(drawn.choices(letters, k=drawn.randrange(9))) for _ in range(4000)} | set(HOSTILE)
    names |= {safe_name(name) for name in names}  # a name may look like one that was made
    names |= {"con", "CON", "con.txt", "nul", "..", ".", "", "a" * 5000, "a.", ".a", "Student-1", "student-1"}
    made = [safe_name(name) for name in sorted(names)]
    assert len(set(made)) == len(names)
    assert all(
        re.fullmatch(r"[a-z0-9][a-z0-9._-]*[a-z0-9_-]|[a-z0-9]", name) and len(name) <= 60 for name in made
    )
    assert not any(name.split(".")[0] in ("con", "nul", "aux") for name in made)
    assert (
        safe_name("student-001") == "student-001"
        and safe_name("positional_encoding") == "positional_encoding"
    )


def test_two_files_of_one_student_without_a_topic_have_a_page_each():
    lost = [result("a", [], topic="", status="unreadable", suffix=f"{number}.py") for number in range(3)]
    twice = [result("b", []), result("b", [])]
    paths = page_paths(lost + twice)
    assert len(set(paths)) == 5


def test_hidden_cases_are_told_by_name_and_the_authors_message_only():
    """Also when a result, against the rules, has more of a hidden case."""
    told = (True, False, "Think of the ends.", PICTURES[1])
    page = feedback_html(result("a", [exercise("attention", [told, RIGHT])]), ATTENTION)
    assert "case 0" in page and "Think of the ends." in page
    assert "Expected" not in page and 'class="card"' not in page
    shown = (False, False, "Think of the ends.", PICTURES[1])
    assert 'class="card"' in feedback_html(result("a", [exercise("attention", [shown])]), ATTENTION)


def test_the_page_teaches(site):
    page = (site / "feedback/picture-00/attention.html").read_text(encoding="utf-8")
    for said in (
        "Missing scale",
        SCALE.hint,
        "<math",
        "Vaswani et al. 2017, equation 1.",
        "Got",
        "Expected",
        "attention(n)",
    ):
        assert said in page, said
    page = (site / "feedback/student-000/attention.html").read_text(encoding="utf-8")
    assert "solved" in page and "Missing scale" not in page
    assert '<span class="k">def</span>' in page, "the notebook is highlighted"


def test_pictures_have_their_numbers():
    pages = [
        feedback_html(result("a", [exercise("attention", [(False, False, "x", item)])]), ATTENTION)
        for item in PICTURES
    ]
    assert pages[0].count('class="drawing"') == 2, "of different shapes: no difference"
    assert (
        pages[1].count('class="drawing"') == 3 and "Farthest apart at [1, 0]: got 0, expected 1." in pages[1]
    )
    assert pages[2].count("data:image/png;base64,") == 3
    assert pages[3].count('class="got"') == 3 and pages[3].count('class="expected"') == 3
    assert "got [2]: 0.7" in pages[3]
    assert pages[4].count(" off") == 2 and "&lt;b&gt;" in pages[4], "one on each side"
    assert pages[6].count("data:image/png;base64,") == 6
    assert "It raised <code>ValueError</code>" in pages[8]
    assert "is to be raised" in pages[9]
    assert ">nan<" in pages[11]


def test_a_page_of_the_largest_result_is_bounded():
    values = [np.random.default_rng(n).normal(size=(50, 50)) for n in range(2)]
    from tests.report.made_class import shown

    cases = [(False, False, "<" * 2000, shown(values[0], values[1])) for _ in range(12)]
    drawing = NotebookPicture(png=bytes(MAX_PNG_BYTES // 4), width=640, height=640, alt="<" * 300)
    cells = [
        NotebookCell(source="<'\"&>" * 3200, output="<" * 4000, error="&" * 1000, pictures=[drawing])
        for _ in range(4)
    ]
    largest = result("a", [exercise("attention", cases)], cells=cells)
    assert len(feedback_html(largest, ATTENTION)) < 2_000_000


def test_one_token_too_many_is_one_mark():
    got, expected = (show_value([9, 6, 7, 9]), show_value([9, 7, 9]))
    assert tokens(got, expected).count(" off") == 1 and ' off">6<' in tokens(got, expected)
    assert tokens(expected, got).count(" off") == 0
    assert tokens(got, None).count(" off") == 0


@pytest.mark.parametrize(
    "number", [0.0, -0.25, 12.345, 1234.5678, -99999.0, 1e7, 6.96e-06, -2.3456e-16, 1e300]
)
def test_numbers_fit_their_cells(number):
    assert len(_short(number)) <= 7
    assert float(_short(number)) == pytest.approx(number, rel=0.2)


def test_a_picture_with_one_channel_is_a_table_of_numbers():
    value = show_value(np.arange(8).reshape(2, 4, 1))
    assert value.grid == [2, 4] and value.type.startswith("array, 2×4×1")
    assert show_value(np.zeros((2, 4, 3))).grid == [2, 4, 3]


def test_code_and_titles_in_prose():
    assert prose("see `a < b`, *A Title*, x *= 2 and y *= 3, a*b*c, a*b* c") == (
        "see <code>a &lt; b</code>, <em>A Title</em>, x *= 2 and y *= 3, a*b*c, a*b* c"
    )


def test_what_went_in_is_there_at_once_and_errors_are_told_once():
    small, large = shown(2.0, 3.0), shown(2.0, 3.0, argument=np.zeros((20, 4)))
    page = feedback_html(
        result("a", [exercise("f", [(False, False, "x", small), (False, False, "y", large)])]), ATTENTION
    )
    assert page.count('<details class="call" open>') == 1 and page.count('<details class="call">') == 1
    error = (False, False, "ValueError: no", shown(None, 3.0, raised="ValueError"))
    page = feedback_html(
        result("a", [exercise("f", [error, error, (False, False, "other", None), error])]), ATTENTION
    )
    assert page.count("The same as above.") == 1 and page.count("ValueError: no") == 2


def test_a_function_that_is_not_there_is_told_once():
    missing = "NameError: `f` is not defined in this submission"
    cases = [(False, False, missing, shown(None, 3.0, raised="NameError")), HIDDEN]
    page = feedback_html(result("a", [exercise("f", cases)]), ATTENTION)
    assert "There is no function <code>f</code>" in page and ">not found<" in page
    assert missing not in page and 'class="card"' not in page and HIDDEN[2] not in page
    page = feedback_html(result("a", [exercise("g", cases)]), ATTENTION)  # `g` is there, and calls `f`
    assert ">not found<" not in page and 'class="card"' in page


def test_cells_have_the_numbers_that_errors_name():
    cells = [NotebookCell(source=text) for text in ("x = 1", "# prose", "", "1 / 0")]
    page = feedback_html(result("a", [], cells=cells), ATTENTION)
    assert re.findall(r'number">(cell \d)<', page) == ["cell 1", "cell 4"]
    assert 'number">cell' not in feedback_html(result("a", [], cells=cells, suffix=".py"), ATTENTION)


def test_the_case_that_most_fail():
    """Of those who have begun; a case that nobody fails is none."""
    undone, passed = (False, False, "NotImplementedError: ", None), (True, True, "", None)
    cases = [
        [RIGHT, HIDDEN, HIDDEN],
        [RIGHT, RIGHT, HIDDEN],
        [undone, HIDDEN, passed],
        [undone, HIDDEN, passed],
    ]
    results = [result(f"s{n}", [exercise("f", own), exercise("g", [RIGHT])]) for n, own in enumerate(cases)]
    f, g = exercises_of(results)
    assert (f.hardest, f.hardest_count, g.hardest) == ("case 2", 2, "")


def test_figures_of_a_class():
    results = a_class(12)
    figures = figures_of(results)
    assert figures.submissions == len(results) == 12 + len(PICTURES) + len(HOSTILE) + 4
    assert figures.run == len(results) - 2 and figures.statuses["crashed"] == 1
    made = mistakes_of(results)
    assert [(item.id, item.count, item.exercise) for item in made] == [
        ("missing_scale", 8 + len(PICTURES), "attention")
    ]


def test_item_analysis_is_the_point_biserial_correlation():
    """One exercise that the strong solve, and one that they alone fail; by the textbook's formula."""
    results = []
    for number in range(20):
        strong = number < 12
        results.append(
            result(
                f"s{number}",
                [
                    exercise("good", [RIGHT if strong else HIDDEN]),
                    exercise("bad", [HIDDEN if strong else RIGHT]),
                    exercise(
                        "other",
                        [RIGHT] * (4 if strong else number % 3)
                        + [HIDDEN] * (0 if strong else 4 - number % 3),
                    ),
                ],
            )
        )
    good, bad, _ = exercises_of(results)
    assert (good.full, good.count, good.facility, bad.facility) == (12, 20, 0.6, 0.4)
    rest = np.array([(item.total - item.exercises[0].score) / (item.possible - 1) for item in results])
    solved = np.array([item.exercises[0].score == 1 for item in results])
    textbook = (rest[solved].mean() - rest[~solved].mean()) / rest.std() * np.sqrt(0.6 * 0.4)
    assert good.discrimination == pytest.approx(textbook)
    assert good.discrimination > 0.5 > 0 > bad.discrimination
    assert "is the question right" in bad.remark and not good.remark
    few = exercises_of(results[:5])
    assert all(item.discrimination is None for item in few)


def test_adjusted_grades_are_told_with_what_was_computed():
    changed = msgspec.structs.replace(
        result("a", [exercise("attention", [RIGHT, HIDDEN])]),
        adjustment=Adjustment(points=0.5, reason="illness"),
    )
    page = feedback_html(changed, ATTENTION)
    assert "1.5 <small>of 2 points" in page and "The tests gave 1 of 2 points." in page and "illness" in page


def test_likely_copies_look_past_names_and_spacing():
    original = """
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2)
    for row in range(scores.shape[0]):
        scores[row] = scores[row] - max(scores[row][k] for k in range(4) if mask is None or mask[row, k])
    weights = np.exp(scores / np.sqrt(Q.shape[-1])) * (1 if mask is None else mask)
    return (weights / weights.sum(axis=-1, keepdims=True)) @ V, weights
"""
    copy = re.sub(r"\bscores\b", "tmp", original).replace("row", "zeile").replace(" = ", "  =  ") + "# mine\n"
    others = [
        f"def attention(Q, K, V, mask=None):\n    x{n} = np.einsum('ij,kj->ik', Q, K)\n"
        + "    x = x / 2\n" * n
        for n in range(6)
    ]
    stub = ATTENTION.handed_out
    sources = [original, copy, *others, stub, stub]
    results = [
        result(f"student-{n}", [exercise("attention", [RIGHT])], cells=[NotebookCell(source=source)])
        for n, source in enumerate(sources)
    ]
    found = likely_copies(results, FACTS)
    assert [(pair.first, pair.second) for pair in found] == [(0, 1)]
    assert found[0].similarity > 0.9 and "<mark>" in found[0].sources[0]
    assert likely_copies(results, FACTS)[0].similarity == found[0].similarity
    mine = [msgspec.structs.replace(item, student="student-0") for item in results]
    assert likely_copies(mine, FACTS) == [], "nobody copies from themselves"


def test_what_many_have_is_no_copy():
    source = (
        "def attention(Q, K, V):\n    return np.exp(Q @ K.T / np.sqrt(Q.shape[1])) @ V + np.zeros((3, 4)) * 17\n"
        * 2
    )
    results = [
        result(f"student-{n}", [exercise("attention", [RIGHT])], cells=[NotebookCell(source=source)])
        for n in range(9)
    ]
    assert likely_copies(results, {}) == []


def test_the_report_is_built_again_from_the_folder_alone(tmp_path):
    results = a_class(3)
    write_results(tmp_path, results)
    write_facts(tmp_path, FACTS)
    write_site(tmp_path, results)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*.html")}
    for path in first:
        path.unlink()
    told = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert told.exit_code == 0 and "index.html" in told.output
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.html")} == first


def test_pages_that_are_current_stay_and_pages_of_nobody_go(tmp_path):
    results = a_class(3)
    write_report(tmp_path, results, FACTS)
    (tmp_path / "feedback/student-000/notes.html").write_text("the instructor's own")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"feedback/student-001/.attention.html.{ended.pid}.partial").write_text("half a page")
    kept, gone = (tmp_path / f"feedback/student-00{n}/attention.html" for n in (0, 1))
    before = kept.stat().st_mtime_ns
    done = []
    write_report(
        tmp_path,
        [item for item in results if item.student != "student-001"],
        FACTS,
        lambda *at: done.append(at),
    )
    assert kept.stat().st_mtime_ns == before and not gone.parent.exists()
    assert (tmp_path / "feedback/student-000/notes.html").exists()
    assert done[-1] == (len(results) - 1, len(results) - 1)
    better = msgspec.structs.replace(results[0], error="something new")
    write_report(tmp_path, [better, *results[1:]], FACTS)
    assert "something new" in kept.read_text(encoding="utf-8") and gone.exists()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "results.jsonl"),
        ({"results.jsonl": "{}\n"}, "results.jsonl, line 1"),
        ({"results.jsonl": "", "topics.json": "[]"}, "topics.json"),
    ],
)
def test_a_folder_that_cannot_be_reported_is_one_line(tmp_path, files, says):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    told = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert told.exit_code in (1, 2)
    assert says in told.stderr and "Traceback" not in told.stderr


def test_facts_are_kept_and_broken_ones_are_told(tmp_path):
    write_facts(tmp_path, FACTS)
    write_facts(tmp_path, {"other": TopicFacts(title="Other")})
    assert set(read_facts(tmp_path)) == {"attention", "other"}
    (tmp_path / "topics.json").write_text('{"a": 1}')
    with pytest.raises(FactsError, match="topics.json"):
        read_facts(tmp_path)


def test_the_page_of_what_cannot_be_graded_has_a_title():
    page = feedback_html(
        result("student-001", [], topic="", suffix="x.py", status="unreadable", error="it is empty"),
        TopicFacts(title=""),
    )
    assert "<title>student-001/x.py: student-001</title>" in page


def test_all_formulas_of_the_course_are_understood():
    from autograder.course import load_course
    from autograder.report.topics import facts_of

    course = load_course(Path(__file__).resolve().parents[2])
    facts = facts_of(course, list(course.topics))
    formulas = [item.formula for topic in facts.values() for item in topic.exercises.values() if item.formula]
    assert len(formulas) > 20
    for formula in formulas:
        html = str(formula_html(formula))
        assert html.startswith("<math") and "\\" not in html, formula
    embeddings = facts["embeddings"].exercises
    assert [bool(item.formula) for item in embeddings.values()] == [False, False, True]
    assert "softmax" in facts["attention"].exercises["attention"].formula
    assert not facts["attention"].exercises["causal_mask"].formula
    for name, topic in facts.items():
        assert "SOLUTION" not in topic.handed_out, name
        if "# %%" in course.topics[name].source:
            assert "def " in topic.handed_out, name
            assert list(topic.exercises) == [item.name for item in course.topics[name].exercises]
        else:
            assert "#include" in topic.handed_out, name
    assert str(formula_html("\\frac{")).startswith("<code>"), "what is not understood stays as it was written"


def test_results_survive_the_way_to_disk():
    for item in a_class(2):
        assert msgspec.json.decode(msgspec.json.encode(item), type=Result) == item


def test_a_class_is_not_held_at_once(tmp_path):
    """Results of a file are looked at one by one; what is kept of each has no cells."""
    source = "def attention(Q, K, V):\n" + "".join(f"    x = x / {n}\n" for n in range(30))
    cells = [NotebookCell(source=source)]
    scores = [exercise("attention", [RIGHT])]
    write_results(tmp_path, [result(f"student-{n:03}", scores, cells=cells) for n in range(40)])
    results = read_results(tmp_path)
    held = []

    def count(done, of):
        if done % 10:
            return
        gc.collect()  # templates refer to themselves
        held.append(sum(isinstance(item, Result) and bool(item.cells) for item in gc.get_objects()))

    write_report(tmp_path, results, FACTS, count)
    assert len(held) == 4 and max(held) <= held[0] + 1
    assert (tmp_path / "index.html").read_text(encoding="utf-8").count("<tr data-topic") == 40


def test_results_of_a_file_come_by_submission_and_stay(tmp_path):
    results = sorted(a_class(3), key=lambda item: item.submission)
    write_results(tmp_path, results[::-1])
    found = read_results(tmp_path)
    write_results(tmp_path, results[:1])  # another run meanwhile
    assert list(found) == results and found[1:3] == results[1:3] and found[-1] == results[-1]
