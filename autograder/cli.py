"""The ``autograder`` command: a thin layer over one function for each verb."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder import __version__
from autograder.course import Course, CourseError, find_course, load_course, load_public_course
from autograder.doctor import PROTECTIONS, is_safe, probe
from autograder.results import ExerciseResult, Result, check_writable, clean_text, write_results
from autograder.sandbox.launchers import TIERS, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import UnreadableError, find_submissions, read_cells

__all__ = ["class_table", "main"]

app = typer.Typer(
    name="autograder",
    help="Grade the exercises of a course: each submission in a process of its own, the tests in another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_errors = Console(stderr=True, highlight=False, emoji=False)
_out = Console(
    highlight=False, emoji=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140
)

_MAX_ROWS = 200

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", help="The course folder; by default the nearest one at or above this folder."),
]

TierOption = Annotated[
    str | None,
    typer.Option("--tier", help="Force a tier of confinement, A to D; by default the safest that works."),
]


def _fail(message: str, code: int) -> NoReturn:
    _errors.print(f"autograder: {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


def _course(path: Path | None) -> Course:
    folder = path if path is not None else find_course(Path.cwd())
    if folder is None:
        _fail("there is no course (a folder with solutions/tests) here or above; name one with --course", 2)
    try:
        return load_course(folder)
    except CourseError as error:
        _fail(str(error), 2)


def _version(value: bool) -> None:
    if value:
        print(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def _points(value: float) -> str:
    return f"{value:g}"


def _remark(result: Result) -> str:
    """What to know of a result at a glance: why it is not whole, and the mistakes that were named."""
    parts = [result.error] if result.error else []
    named = dict.fromkeys(
        f"{exercise.name}: {exercise.mistake.id.replace('_', ' ')}"
        for exercise in result.exercises
        if exercise.mistake
    )
    return "; ".join([*named, *parts])


_STYLES = {"graded": "green", "timeout": "yellow", "crashed": "yellow", "unreadable": "red"}


def class_table(results: list[Result], title: str) -> Table:
    """The class at a glance, one row a submission."""
    # The last column takes what the others leave; without expand, a long remark would take theirs too.
    table = Table(title=title, title_justify="left", header_style="bold", expand=True)
    table.add_column("submission", overflow="fold", max_width=44)
    table.add_column("status")
    table.add_column("points", justify="right")
    table.add_column("%", justify="right")
    table.add_column("mistakes and remarks", overflow="ellipsis", no_wrap=True, ratio=1)
    for result in results[:_MAX_ROWS]:
        style = _STYLES[result.status]
        table.add_row(
            escape(result.submission),
            f"[{style}]{result.status}[/{style}]",
            f"{_points(result.total)}/{_points(result.possible)}",
            f"{result.percent:.0f}",
            escape(_remark(result)),
        )
    if len(results) > _MAX_ROWS:
        table.add_row(f"… and {len(results) - _MAX_ROWS} more, in grades.csv", "", "", "", "")
    return table


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Let the first Ctrl-C stop the grading, and no second one the writing of what is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is stop:  # not interrupted
            signal.signal(signal.SIGINT, before)


def _protections(limits: Limits, tier: str | None, allow_weaker: bool) -> dict[str, str | bool]:
    """What protects this machine on the tier that will be used."""
    if tier is not None and tier not in TIERS:
        _fail(f"there is no tier {tier!r}; there is {', '.join(TIERS)}", 2)
    try:
        with open_launcher([], limits, tier, allow_weaker=allow_weaker) as launcher:
            return probe(launcher)
    except SandboxError as error:
        _fail(f"no safe place to run submissions on this machine: {error}; see `autograder doctor`", 1)


@app.command(
    epilog="Examples:  autograder grade downloads/    autograder grade a.py --topic attention --out results/"
)
def grade(
    path: Annotated[
        Path, typer.Argument(help="A folder or zip archive of submissions, or one file.", exists=True)
    ],
    course: CourseOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where the results go.")] = Path("grading"),
    topic: Annotated[
        str | None, typer.Option("--topic", help="The topic of every file, whatever the files are called.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="How many to grade at once; default: one a processor."),
    ] = None,
    call_seconds: Annotated[
        float, typer.Option("--call-seconds", min=0.1, help="Time limit of one call of a function.")
    ] = Limits().call_seconds,
    cell_seconds: Annotated[
        float, typer.Option("--cell-seconds", min=0.1, help="Time limit of one cell.")
    ] = Limits().cell_seconds,
    memory: Annotated[
        int, typer.Option("--memory", min=256, help="Memory of one submission, in megabytes.")
    ] = Limits().memory_megabytes,
    tier: TierOption = None,
    allow_weaker: Annotated[
        bool,
        typer.Option("--allow-weaker-sandbox", help="Grade even where hostile code cannot be stopped."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")] = False,
) -> None:
    """Grade a folder or zip of submissions, or one file.

    A submission is DIR/<student>/<topic>.ipynb (or .py), or DIR/<student>_<topic>.ipynb.

    Writes grades.csv and results.jsonl. Ends with 0 when every submission was graded (a wrong, crashing or slow one
    is), 1 when one could not be read or graded, 2 for wrong usage.
    """
    from autograder.pool import default_workers, grade_all

    loaded = _course(course)
    if topic is not None and topic not in loaded.topics:
        _fail(f"there is no topic {topic!r}; there is {', '.join(loaded.topics)}", 2)
    submissions, notices = find_submissions(path, loaded.topics, topic)
    if not submissions:
        _fail(f"{path}: no submission in it (no .ipynb or .py file)", 2)
    try:
        check_writable(out)
    except OSError as error:
        _fail(f"{out}: {error.strerror}", 2)
    for notice in notices if not quiet else ():
        _errors.print(f"note: {escape(notice)}", soft_wrap=True)
    limits = Limits(call_seconds=call_seconds, cell_seconds=cell_seconds, memory_megabytes=memory)
    protections = _protections(limits, tier, allow_weaker)
    if not (allow_weaker or is_safe(protections)):
        missing = ", ".join(item.title for item in PROTECTIONS if not protections[item.key])
        _fail(
            f"hostile submissions could do harm here (not so: {missing}); `autograder doctor` says what to do, "
            "--allow-weaker-sandbox grades all the same",
            1,
        )
    results: list[Result] = []
    interrupted = False
    start = time.monotonic()
    with (
        _one_interrupt(),
        Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(show_speed=True),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=_errors,
            disable=quiet,
        ) as progress,
    ):
        task = progress.add_task("grading", total=len(submissions), rate="")
        count = min(workers or default_workers(), len(submissions))
        try:
            for result in grade_all(
                loaded, submissions, limits=limits, workers=count, protections=protections
            ):
                results.append(result)
                rate = len(results) / (time.monotonic() - start)
                progress.update(task, advance=1, rate=f"{rate:.1f}/s")
        except KeyboardInterrupt:
            interrupted = True
    try:
        written = write_results(out, results)
    except OSError as error:
        _fail(f"{out}: the results could not be written: {error.strerror}", 1)
    results.sort(key=lambda result: result.submission)
    if results and not quiet:
        _out.print(class_table(results, _plural(len(results), "submission")))
        counts = ", ".join(
            f"{number} {status}"
            for status in ("graded", "timeout", "crashed", "unreadable")
            if (number := sum(result.status == status for result in results))
        )
        _out.print(f"{counts}; {len(results) / max(time.monotonic() - start, 1e-9):.1f} submissions a second")
    if interrupted:
        left = len(submissions) - len(results)
        kept = f"{_plural(len(results), 'result')} kept in {escape(str(out))}"
        _errors.print(f"stopped: {kept}, {_plural(left, 'submission')} not graded")
        raise typer.Exit(130)
    if not quiet:
        _out.print("results: " + ", ".join(escape(str(file)) for file in written), soft_wrap=True)
    if not all(result.was_run for result in results):
        raise typer.Exit(1)


def _exercises_folder(file: Path, given: Path | None) -> Path:
    """Where the public tests lie: beside the file, or in ``exercises/`` at or above it or this folder."""
    if given is not None:
        return given
    here = file.resolve().parent
    for folder in (here, *here.parents, Path.cwd(), *Path.cwd().parents):
        for candidate in (folder, folder / "exercises"):
            topics = {test.parent.name for test in candidate.glob("tests/*/*.py")}
            if any(
                (candidate / f"{topic}{suffix}").is_file() for topic in topics for suffix in (".ipynb", ".py")
            ):
                return candidate
    _fail(f"{file}: the exercises and their tests are not beside it; name their folder with --exercises", 2)


def _state(exercise: ExerciseResult) -> str:
    if all(test.passed for test in exercise.tests):
        return "passed"
    failed = [test for test in exercise.tests if not test.passed]
    if all(test.message.startswith("NotImplementedError") for test in failed):
        return "not done yet"
    return "not right yet"


_MARKS = {"passed": "[green]✔[/green]", "not done yet": "[yellow]○[/yellow]", "not right yet": "[red]✘[/red]"}


@app.command(epilog="Example:  autograder check exercises/attention.ipynb")
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or .py file.", exists=True, dir_okay=False)],
    topic: Annotated[
        str | None, typer.Option("--topic", help="The topic, if the file's name does not tell.")
    ] = None,
    exercises: Annotated[
        Path | None, typer.Option("--exercises", help="The folder with the exercises and their tests.")
    ] = None,
) -> None:
    """Run the public tests on your own work.

    Ends with 0 when all of them pass, 1 when not, 2 for wrong usage.
    """
    from autograder.grading import grade_cells

    try:
        loaded = load_public_course(_exercises_folder(file, exercises))
    except CourseError as error:
        _fail(str(error), 2)
    if topic is not None and topic not in loaded.topics:
        _fail(f"there is no topic {topic!r}; there is {', '.join(loaded.topics)}", 2)
    found, _ = find_submissions(file, loaded.topics, topic)
    if len(found) != 1:
        _fail(f"{file}: it holds {len(found)} files to check; name one notebook or .py file", 2)
    (submission,) = found
    try:
        cells = read_cells(submission)
    except UnreadableError as error:
        _fail(f"{file}: {error}", 2 if submission.problem else 1)
    try:
        with open_launcher(loaded.preload, Limits(), allow_weaker=True) as launcher:
            results, session = grade_cells(loaded.topics[submission.topic], cells, launcher)
    except SandboxError as error:
        _fail(f"no place to run your file on this machine: {error}", 1)
    for index, failure in sorted(session.failures.items()):
        if failure.type != "NotImplementedError":
            where = "" if failure.where else f" ({cells[index].name})"
            _out.print(f"[red]error[/red] {escape(clean_text(str(failure)))}{where}", soft_wrap=True)
    for _, text in dict.fromkeys(session.endings):
        _out.print(f"[red]error[/red] {escape(clean_text(text))}", soft_wrap=True)
    for exercise in results:
        state = _state(exercise)
        passed = sum(test.passed for test in exercise.tests)
        count = "" if state == "not done yet" else f" ({passed} of {len(exercise.tests)} public tests)"
        _out.print(f"{_MARKS[state]} [bold]{exercise.name}[/bold]: {state}{count}")
        for test in exercise.tests:
            if not test.passed and state != "not done yet":
                _out.print(f"    {escape(test.name)}", style="bold")
                for line in test.message.strip().splitlines():
                    _out.print(f"        {escape(line)}", soft_wrap=True)
    done = sum(_state(exercise) == "passed" for exercise in results)
    _out.print(f"{done} of {len(results)} exercises pass their public tests")
    raise typer.Exit(0 if done == len(results) else 1)


@app.command(epilog="Example:  autograder doctor --tier B")
def doctor(tier: TierOption = None) -> None:
    """Say what protects this machine from a hostile submission.

    A canary tries what such a submission would try. Ends with 0 when hostile submissions can be graded here, 1 when
    not.
    """
    found = _protections(Limits(), tier, allow_weaker=True)
    for item in PROTECTIONS:
        if found[item.key]:
            _out.print(f"[green]active[/green]      {item.title}")
        else:
            remedy = f"; to get it, {item.remedy}" if item.remedy else ""
            _out.print(
                f"[red]NOT active[/red]  {item.title}: without it {item.without}{remedy}", soft_wrap=True
            )
    if is_safe(found):
        _out.print(f"tier {found['tier']}: hostile submissions can be graded here")
    else:
        _out.print(
            f"tier {found['tier']}: grade only submissions that you trust, with --allow-weaker-sandbox"
        )
        raise typer.Exit(1)


_TABLES_BELOW = "<!-- made by `autograder verify --tables` from here on -->\n"


def _write_tables(path: Path, text: str) -> None:
    """Write the tables below what the file says of them."""
    before = path.read_text(encoding="utf-8").partition(_TABLES_BELOW)[0] if path.exists() else ""
    path.write_text(f"{before}{_TABLES_BELOW}\n{text}", encoding="utf-8")


@app.command(epilog="Example:  autograder verify --topic attention")
def verify(
    course: CourseOption = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only this topic (may be repeated).")
    ] = None,
    mutants: Annotated[
        bool, typer.Option(help="Mutate every reference, and see whether the tests notice.")
    ] = True,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="How many processes; default: one a processor.")
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option("--tables", help="Write the numbers of each exercise to this Markdown file."),
    ] = None,
) -> None:
    """Check the course itself: references, exercises, tests, known mistakes and mutants.

    Ends with 0 when everything holds, 1 when not.
    """
    from autograder.verify import strength_tables, verify_course

    loaded = _course(course)
    for name in topic or []:
        if name not in loaded.topics:
            _fail(f"there is no topic {name!r}; there is {', '.join(loaded.topics)}", 2)
    table = Table(header_style="bold")
    columns = (
        "topic",
        "exercises",
        "points",
        "reference",
        "untouched",
        "alternatives",
        "mistakes caught",
        "named",
        *(["mutants caught", "equivalent"] if mutants else []),
    )
    for column in columns:
        table.add_column(column, justify="left" if column == "topic" else "right")
    try:
        with Progress(
            TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=_errors
        ) as progress:
            bar = progress.add_task("verifying", total=None)
            reports = verify_course(
                loaded,
                topic or [],
                mutants=mutants,
                workers=workers,
                progress=lambda done, of: progress.update(bar, completed=done, total=of),
            )
    except CourseError as error:
        _fail(str(error), 1)
    except SandboxError as error:
        _fail(f"no safe place to run submissions on this machine: {error}", 1)
    for report in reports:
        right, alternatives = report.alternatives
        table.add_row(
            report.topic if not report.breaches else f"[red]{report.topic}[/red]",
            str(report.exercises),
            _points(report.possible),
            f"{_points(report.reference)}",
            f"{_points(report.untouched)}",
            f"{right}/{alternatives}",
            f"{report.caught}/{report.mistakes}",
            f"{report.named}/{report.mistakes}",
            *([f"{report.mutants[1]}/{report.mutants[0]}", str(report.mutants[2])] if mutants else []),
        )
    if tables is not None:
        try:
            _write_tables(tables, strength_tables(reports))
        except OSError as error:
            _fail(f"{tables}: {error.strerror}", 2)
    _out.print(table)
    breaches = [(report.topic, breach) for report in reports for breach in report.breaches]
    for name, breach in breaches:
        _out.print(f"[red]breach[/red] {name}: {escape(breach)}", soft_wrap=True)
    _out.print("everything holds" if not breaches else f"breaches: {len(breaches)}")
    raise typer.Exit(1 if breaches else 0)


@app.command(epilog="Example:  autograder release --out dist")
def release(
    course: CourseOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where the bundles go.")] = Path("dist"),
) -> None:
    """Rewrite exercises/ from the masters, and make the bundles.

    exercises/ gets a notebook, a .py file and the public tests of each topic; --out gets autograder-<topic>.zip for
    otter-grader, and student.zip.
    """
    from autograder.release import exercise_files, otter_bundle, student_bundle, write_exercises
    from autograder.results import write_atomically

    loaded = _course(course)
    try:
        files = exercise_files(loaded)
        bundles = {f"autograder-{name}.zip": otter_bundle(topic) for name, topic in loaded.topics.items()}
        bundles["student.zip"] = student_bundle(loaded, files)
        changed = write_exercises(loaded.path / "exercises", files)
        out.mkdir(parents=True, exist_ok=True)
        for name, data in bundles.items():
            write_atomically(out / name, data)
    except CourseError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}", 1)
    _out.print(f"exercises/: {len(files)} files, {len(changed)} changed")
    for name, data in bundles.items():
        _out.print(f"{escape(str(out / name))}: {len(data) / 1024:.0f} kB")


def main() -> None:
    """Entry point of the command."""
    try:
        app(standalone_mode=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
