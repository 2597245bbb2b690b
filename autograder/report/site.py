"""Writes the report: ``index.html``, ``copies.html``, and a page for each submission."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec
from markupsafe import Markup

from autograder import __version__
from autograder.course import Course
from autograder.report.charts import item_chart, score_chart
from autograder.report.copies import likely_copies
from autograder.report.figures import (
    exercises_of,
    failed_cases,
    figures_of,
    is_untouched,
    mistakes_of,
    percent_of,
)
from autograder.report.highlight import code_html, is_prose
from autograder.report.paths import PathFinder
from autograder.report.rendering import environment, formula_html, points, policy, text_file
from autograder.report.states import state_of
from autograder.report.topics import ExerciseFacts, TopicFacts, facts_of, read_facts, write_facts
from autograder.results import (
    ExerciseResult,
    Mistake,
    Result,
    TestResult,
    open_atomically,
    remove_partial_files,
    write_atomically,
)

__all__ = ["feedback_html", "write_report", "write_site"]

_FILES = ("style.css", "table.js", "base.html.j2", "card.html.j2", "feedback.html.j2")
_MAX_TROUBLES = 100
_TONES = {"graded": "good", "timeout": "warn", "crashed": "warn", "unreadable": "bad", "missing": "bad"}
_STATUS_TEXTS = {
    "graded": "An error in the file",
    "timeout": "Not all of it ran",  # which of the two may be a hidden test's secret
    "crashed": "Not all of it ran",
    "unreadable": "Not graded",
    "missing": "Nothing was handed in",
}
_RAN = {"tier": ""}
_DIGEST = re.compile(rb'<meta name="autograder" content="([0-9a-f]{64})">')


@dataclass(frozen=True)
class _Exercise:
    """One exercise as its section shows it."""

    result: ExerciseResult
    state: str
    word: str
    formula: Markup
    source: str


@dataclass(frozen=True)
class _Row:
    """One line of the table of submissions."""

    result: Result
    path: str
    points: str
    percent: str
    mistakes: str
    keys: str
    remark: str
    tone: str


def _exercises(result: Result, facts: TopicFacts) -> list[_Exercise]:
    shown = []
    for exercise in result.exercises:
        state, word = state_of(exercise)
        own = facts.exercises.get(exercise.name, ExerciseFacts())
        formula = formula_html(own.formula) if state != "good" else Markup("")
        shown.append(_Exercise(exercise, state, word, formula, own.source))
    return shown


def feedback_html(result: Result, facts: TopicFacts, digest: str = "") -> str:
    """The page of one submission."""
    page: str = (
        environment()
        .get_template("feedback.html.j2")
        .render(
            result=result,
            facts=facts,
            exercises=_exercises(result, facts),
            cells=[
                (number, cell)
                for number, cell in enumerate(result.cells, 1)
                if cell.source.strip() and not is_prose(cell.source)
            ],
            numbered=result.submission.endswith(".ipynb"),
            status_text=_STATUS_TEXTS[result.status],
            code=code_html,
            policy=policy(),
            digest=digest,
        )
    )
    return page


_NOT_BEGUN = [
    TestResult(name="", hidden=False, passed=False, points=0, message="NotImplementedError", shown=None)
]


@lru_cache(maxsize=4096)
def _same(mistake: Mistake) -> Mistake:
    """One object for all that made it."""
    return mistake


def _outline(result: Result) -> Result:
    """What the class page says of a submission, and no more: a large class is held as these."""
    exercises = [
        ExerciseResult(
            name=sys.intern(exercise.name),
            score=exercise.score,
            possible=exercise.possible,
            tests=_NOT_BEGUN if is_untouched(exercise) else [],
            mistake=_same(exercise.mistake) if exercise.mistake else None,
        )
        for exercise in result.exercises
    ]
    ran = _RAN if result.was_run else {}
    return msgspec.structs.replace(
        result, topic=sys.intern(result.topic), exercises=exercises, cells=[], protections=ran
    )


def _rows(results: Sequence[Result], paths: Sequence[str], marks: Mapping[str, str]) -> Iterator[_Row]:
    for result, path in zip(results, paths, strict=True):
        named = {
            f"{result.topic}/{exercise.mistake.id}": f"{exercise.name}: {exercise.mistake.id.replace('_', ' ')}"
            for exercise in reversed(result.exercises)
            if exercise.mistake is not None
        }
        final = result.total if result.adjustment is None else result.final
        yield _Row(
            result=result,
            path=path,
            points="excused" if final is None else f"{points(final)}/{points(result.possible)}",
            percent="–" if final is None else f"{percent_of(result):.0f}",
            mistakes="; ".join(reversed(named.values())),
            keys=" ".join(marks[key] for key in named),
            remark="; ".join(
                part
                for part in (result.adjustment.text if result.adjustment else "", result.error_in_full)
                if part
            )[:300],
            tone=_TONES[result.status],
        )


def _index_html(
    results: Sequence[Result],
    paths: Sequence[str],
    failed: Mapping[tuple[str, str, str], int],
    copies: int | None,
) -> Iterator[str]:
    """The class page, piece by piece."""
    mistakes = mistakes_of(results)
    marks = {item.key: f"m{number}" for number, item in enumerate(mistakes)}
    exercises = exercises_of(results, failed)
    figures = figures_of(results)
    troubled = (row for row in _rows(results, paths, marks) if row.result.status != "graded")
    troubles = list(islice(troubled, _MAX_TROUBLES))
    more_troubles = figures.submissions - figures.statuses.get("graded", 0) - len(troubles)
    page = (
        environment()
        .get_template("index.html.j2")
        .stream(
            figures=figures,
            topics=sorted({result.topic for result in results if result.topic}),
            mistakes=[
                {
                    name: getattr(item, name)
                    for name in ("topic", "exercise", "id", "hint", "count", "share", "follows")
                }
                | {"mark": marks[item.key]}
                for item in mistakes
            ],
            exercises=exercises,
            troubles=troubles,
            more_troubles=more_troubles,
            rows=_rows(results, paths, marks),
            score_chart=score_chart([percent_of(result) for result in results if result.was_run]),
            item_chart=item_chart(exercises),
            copies=copies,
            policy=policy("table.js"),
            script=Markup(text_file("table.js")),
            digest="",
        )
    )
    page.enable_buffering(100)
    return iter(page)


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page.encode("utf-8", "replace"))


def _is_current(path: Path, digest: str) -> bool:
    """Whether a page was made from the same result by the same templates."""
    try:
        with open(path, "rb") as file:
            found = _DIGEST.search(file.read(2000))
    except OSError:
        return False
    return found is not None and found[1].decode() == digest


def _remove_others(folder: Path, paths: Sequence[str]) -> None:
    """Remove pages of submissions that are no more. Only pages that this module wrote are touched."""
    kept = set(paths)
    remove_partial_files(folder)
    root = folder / "feedback"
    for student in sorted(root.iterdir()) if root.is_dir() else ():
        if student.is_symlink() or not student.is_dir():
            continue
        remove_partial_files(student)
        for file in student.glob("*.html"):
            if (
                f"feedback/{student.name}/{file.name}" not in kept
                and not file.is_symlink()
                and _DIGEST.search(file.read_bytes()[:2000])
            ):
                file.unlink()
        if not any(student.iterdir()):
            student.rmdir()


def _by_submission(results: Sequence[Result]) -> Sequence[Result]:
    """The results in their order; those of a file or a store are in it, and are not to be held all at once."""
    if isinstance(results, list):
        return sorted(results, key=lambda result: result.submission)
    return results


def write_report(
    out: Path,
    results: Sequence[Result],
    facts: Mapping[str, TopicFacts],
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the report of these results to a folder, and remove pages of submissions that are not among them.

    Args:
        out: the folder.
        results: every submission of the class; as a list in any order, else by submission. Each is looked at a few
            times and then let go, so that they may lie in a file.
        facts: titles and formulas, by topic.
        progress: called with how many pages are done, and how many there are.

    Returns:
        The class page.

    Raises:
        OSError: a page cannot be written.
    """
    ordered = _by_submission(results)
    encoder = msgspec.json.Encoder(order="deterministic")
    look = hashlib.sha256("".join([__version__, *map(text_file, _FILES)]).encode()).digest()
    outlines: list[Result] = []
    paths: list[str] = []
    failed: Counter[tuple[str, str, str]] = Counter()
    finder = PathFinder()
    for result in ordered:
        path = finder.path_of(result)
        known = facts.get(result.topic, TopicFacts(title=result.topic))
        digest = hashlib.sha256(look + encoder.encode([result, known])).hexdigest()
        if not _is_current(out / path, digest):
            _write(out / path, feedback_html(result, known, digest))
        outlines.append(_outline(result))
        failed.update(failed_cases(result))
        paths.append(path)
        if progress is not None:
            progress(len(paths), len(ordered))
    _remove_others(out, paths)
    pairs = likely_copies(ordered, facts)
    page = (
        environment()
        .get_template("copies.html.j2")
        .render(pairs=pairs, results=outlines, paths=paths, policy=policy(), digest="")
    )
    _write(out / "copies.html", page)
    with open_atomically([out / "index.html"]) as (file,):
        for piece in _index_html(outlines, paths, failed, len(pairs)):
            file.write(piece.encode("utf-8", "replace"))
    return out / "index.html"


def write_site(
    out: Path,
    results: Sequence[Result],
    course: Course | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the report after grading; see :func:`write_report`.

    With ``course``, what the report tells of its topics is kept in ``topics.json``; without, it is read from there.

    Raises:
        OSError: a page cannot be written.
        FactsError: ``topics.json`` cannot be read.
    """
    if course is not None:
        write_facts(out, facts_of(course, sorted({result.topic for result in results})))
    return write_report(out, results, read_facts(out), progress)
