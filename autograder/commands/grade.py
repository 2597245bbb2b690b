"""``autograder grade``: a folder of submissions to results."""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from autograder.adjustments import AdjustmentsError, load_and_apply
from autograder.commands.common import (
    AdjustmentsOption,
    CourseOption,
    TierOption,
    app,
    errors,
    fail,
    find_protections,
    open_course,
    plural,
    points,
    screen,
)
from autograder.commands.report import ReportError, report_results
from autograder.course import Course
from autograder.doctor import danger, is_safe
from autograder.results import Result, check_writable, clean_text, write_results
from autograder.sandbox.limits import Limits
from autograder.status import JsonLog, LiveStatus, Status
from autograder.store import FILE_NAME, Store, StoreError
from autograder.submissions import Submission, find_submissions

if TYPE_CHECKING:
    from autograder.executors import BatchExecutor

__all__ = ["class_table"]

_MAX_ROWS = 200
_MAX_LISTED = 20
_MAX_REMARK = 200


def _first_failure(result: Result) -> list[str]:
    """What the first public case that failed says, in one line; or where only hidden ones failed, and no more."""
    for exercise in result.exercises:
        for test in exercise.tests:
            if not (test.hidden or test.passed):
                said = next((line.strip() for line in test.message.splitlines() if line.strip()), "not right")
                if said.startswith("Not equal to tolerance"):  # NumPy's, with the numbers in the lines below
                    said = "other numbers than expected"
                return [f"{exercise.name}: {clean_text(said, _MAX_REMARK)}"]
    names = [item.name for item in result.exercises if not all(test.passed for test in item.tests)]
    return [f"{', '.join(names)}: hidden tests failed"] if names else []


def _remark(result: Result) -> str:
    """What to know of a result at a glance: why it is not whole, and the mistakes that were named.

    Where neither is known, what the first failed public case says.
    """
    parts = [result.error_in_full] if result.error_in_full else []
    named = dict.fromkeys(
        f"{exercise.name}: {exercise.mistake.id.replace('_', ' ')}"
        for exercise in result.exercises
        if exercise.mistake
    )
    if not (parts or named):
        parts = _first_failure(result)
    change = result.adjustment
    decided = [f"{change.text} (computed {points(result.total)})"] if change and change.text else []
    return "; ".join([*decided, *named, *parts])


_KINDS = ("graded", "timeout", "crashed", "unreadable", "failed")
_STYLES = {"graded": "green", "timeout": "yellow", "crashed": "yellow", "unreadable": "red", "missing": "dim"}


def class_table(results: Sequence[Result], title: str) -> Table:
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
        final = result.final
        table.add_row(
            escape(result.submission),
            f"[{style}]{result.status}[/{style}]",
            "excused" if final is None else f"{points(final)}/{points(result.possible)}",
            "" if final is None else f"{100 * final / (result.possible or 1):.0f}",
            escape(_remark(result)),
        )
    if len(results) > _MAX_ROWS:
        table.add_row(f"… and {len(results) - _MAX_ROWS} more, in grades.csv", "", "", "", "")
    return table


class _Stopped(KeyboardInterrupt):
    """A signal that asks for the end."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Let the first Ctrl-C stop the grading, and no second one the writing of what is done.

    The same holds for the ends that a terminal which is closed, a batch system or a container ask for.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def ignore() -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)

    def stop(number: int, _: object) -> None:
        ignore()
        raise _Stopped(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):  # nohup
            before[number] = signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        ignore()
        raise
    except BaseException:
        _set_signals(before)
        raise
    _set_signals(before)


def _set_signals(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _find_left_out(store: Store, submissions: Sequence[Submission], out: Path, replace: bool) -> list[str]:
    """The submissions that the folder has results of and that are not found any more; half of them end the command."""
    found = {(submission.student, submission.topic) for submission in submissions}
    count, gone = 0, []
    for name, student, topic in store.last_class():
        count += 1
        if (student, topic) not in found:
            gone.append(name)
    if gone and 2 * len(gone) >= count and not replace:
        others = plural(len(gone), "result") + (
            " of another submission" if len(gone) == 1 else " of other submissions"
        )
        fail(
            f"{out} holds {others} ({', '.join(gone[:2])}{', …' if len(gone) > 2 else ''}); choose another folder "
            "with --out, or put this class in their place with --replace",
            2,
        )
    return gone


def _cluster_options(
    executor: str,
    scheduler: str | None,
    local_cluster: int | None,
    workers: int | None,
    tls: tuple[Path | None, Path | None, Path | None],
) -> tuple[Path, Path, Path] | None:
    """See that the options of a cluster fit together; its TLS files, if there are some."""
    ca, certificate, key = tls
    if executor not in ("local", "dask"):
        fail(f"there is no executor {executor!r}; there is local, dask", 2)
    if executor == "local" and (scheduler or local_cluster or any(tls)):
        fail("--scheduler, --local-cluster and --tls-… go with --executor dask", 2)
    if executor == "dask" and workers:
        fail("--workers goes with --executor local; a cluster has its own number", 2)
    if executor == "dask" and bool(scheduler) == bool(local_cluster):
        fail("--executor dask takes either --scheduler ADDRESS or --local-cluster N", 2)
    if any(tls) and not scheduler:
        fail("--tls-… goes with --scheduler; a local cluster makes its own certificate", 2)
    if ca and certificate and key:
        return ca, certificate, key
    if any(tls):
        fail("--tls-ca, --tls-cert and --tls-key go together", 2)
    return None


def _open_pool(
    course: Course, limits: Limits, workers: int, tier: str | None, allow_weaker: bool
) -> BatchExecutor:
    """Worker processes on this machine, if it is safe to run submissions here."""
    from autograder.pool import LocalPool

    protections = find_protections(limits, tier, allow_weaker)
    if not (allow_weaker or is_safe(protections)):
        fail(
            f"{danger(protections)}; `autograder doctor` says what to do, "
            "--allow-weaker-sandbox grades all the same",
            1,
        )
    return LocalPool(course.path, limits=limits, workers=workers, protections=protections)


def _open_cluster(
    course: Course,
    limits: Limits,
    scheduler: str | None,
    local_cluster: int | None,
    tls: tuple[Path, Path, Path] | None,
    tier: str | None,
    allow_weaker: bool,
) -> BatchExecutor:
    """A Dask cluster whose workers can grade."""
    from autograder.executors import ExecutorError

    try:
        from autograder.cluster import DaskExecutor, TlsFiles
    except ImportError as error:
        fail(f'Dask is not installed here ({error}); pip install "genai-course[instructor,cluster]"', 2)
    try:
        return DaskExecutor(
            course.path,
            limits=limits,
            scheduler=scheduler,
            local_workers=local_cluster or 1,
            tls=TlsFiles(*tls) if tls else None,
            tier=tier,
            allow_weaker=allow_weaker,
        )
    except ExecutorError as error:
        fail(str(error), 1)


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
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures",
            help="Run notebooks' cells that only draw too, and show their pictures: ten times as long.",
        ),
    ] = False,
    executor: Annotated[
        str,
        typer.Option("--executor", help="Where to grade: local (worker processes here) or dask (a cluster)."),
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of the Dask scheduler, as tls://10.0.0.1:8786.")
    ] = None,
    local_cluster: Annotated[
        int | None,
        typer.Option("--local-cluster", min=1, help="Start a Dask cluster of so many workers here."),
    ] = None,
    tls_ca: Annotated[
        Path | None, typer.Option("--tls-ca", help="The cluster's certificate authority.", exists=True)
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="Your certificate on the cluster.", exists=True)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", help="The key of your certificate.", exists=True)
    ] = None,
    tier: TierOption = None,
    allow_weaker: Annotated[
        bool,
        typer.Option("--allow-weaker-sandbox", help="Grade even where hostile code cannot be stopped."),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Grade again what is graded already; its history is kept.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Put this class in the place of another one; its history is kept."),
    ] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Tell the progress as lines of JSON on standard error.")
    ] = False,
    adjustments: AdjustmentsOption = None,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Write the pages for the class and each submission.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")] = False,
) -> None:
    """Grade a folder or zip of submissions, or one file.

    A submission is DIR/<student>/<topic>.ipynb (or .py), or DIR/<student>_<topic>.ipynb.

    A submission that was graded before, with the same tests, the same grader and the same limits, is not graded again.
    A folder of results is of one class: one that holds results of mostly other submissions is left as it is, without
    --replace. Late days, manual points and excused students in adjustments.csv win over what is computed.
    Writes grades.csv, results.jsonl, index.html and the feedback pages, and keeps everything in grades.sqlite. Ends
    with 0 when every submission was graded (a wrong, crashing or slow one is), 1 when one could not be read or graded,
    2 for wrong usage.
    """
    from autograder.executors import ExecutorError
    from autograder.grading_run import GradingRun
    from autograder.pool import default_workers, nothing_imported_from_here

    tls = _cluster_options(executor, scheduler, local_cluster, workers, (tls_ca, tls_cert, tls_key))
    loaded = open_course(course)
    if topic is not None and topic not in loaded.topics:
        fail(f"there is no topic {topic!r}; there is {', '.join(loaded.topics)}", 2)
    submissions, notices = find_submissions(path, loaded.topics, topic)
    if not submissions:
        fail(f"{path}: no submission in it (no .ipynb or .py file)", 2)
    try:
        check_writable(out)
    except FileExistsError:
        fail(f"{out}: it is not a folder", 2)
    except OSError as error:
        fail(f"{out}: {error.strerror}", 2)
    possible = {item.topic: loaded.topics[item.topic].possible for item in submissions if item.topic}
    try:  # what is wrong with them is told before the grading
        load_and_apply([], loaded.path, adjustments, possible)
    except AdjustmentsError as error:
        fail(str(error), 2)
    status: Status = (
        JsonLog(len(submissions)) if log_json else LiveStatus(len(submissions), errors, quiet=quiet)
    )
    for notice in notices:
        status.note(notice)
    limits = Limits(
        call_seconds=call_seconds, cell_seconds=cell_seconds, memory_megabytes=memory, pictures=pictures
    )
    try:
        store = Store(out / FILE_NAME)
    except StoreError as error:
        fail(str(error), 2)
    interrupted, stopped = 0, ""
    with store:
        try:
            store.claim()
            gone = _find_left_out(store, submissions, out, replace)
        except StoreError as error:
            fail(str(error), 2)
        if gone:
            more = f" and {len(gone) - _MAX_LISTED} more" if len(gone) > _MAX_LISTED else ""
            names = ", ".join(gone[:_MAX_LISTED]) + more
            status.note(f"graded here before and not in {path} any more, so without a result now: {names}")
        if not quiet and not log_json:
            errors.print("checking the sandbox, and starting the workers …")
        with nothing_imported_from_here():
            if executor == "dask":
                pool = _open_cluster(loaded, limits, scheduler, local_cluster, tls, tier, allow_weaker)
            else:
                count = min(workers or default_workers(), len(submissions))
                pool = _open_pool(loaded, limits, count, tier, allow_weaker)
        try:
            used = str(pool.protections["tier"])
            run = GradingRun(store, loaded, submissions, limits=limits, tier=used, fresh=fresh)
        except StoreError as error:
            pool.shutdown()
            fail(str(error), 2)
        try:
            with _one_interrupt(), status, nothing_imported_from_here(), pool:
                told = {"executor": executor, "workers": pool.workers, "protections": pool.protections}
                status.event("started", run=run.id, found=len(submissions), **told)
                for found in itertools.chain([[]], run.grade(pool)):
                    status.update(found, run.kept)
                    for note in pool.news():
                        status.note(note)
                status.update([], run.kept)
        except KeyboardInterrupt as error:
            interrupted = error.number if isinstance(error, _Stopped) else signal.SIGINT
        except (ExecutorError, StoreError) as error:
            stopped = str(error)
        try:
            results, said = load_and_apply(store.results(run.id), loaded.path, adjustments, possible)
            counts = store.counts(run.id)
            written = write_results(out, results)
            page = (
                report_results(out, results, loaded, quiet or log_json)
                if report and not (interrupted or stopped)
                else None
            )
        except OSError as error:
            status.failure(
                f"{error.filename or out}: the results could not be written: {error.strerror}; mend that and grade "
                "again: what is done is kept",
                run=run.id,
            )
            raise typer.Exit(1) from None
        except (StoreError, AdjustmentsError, ReportError) as error:
            status.failure(stopped or str(error), run=run.id)
            raise typer.Exit(1) from None
        for notice in said:
            status.note(notice)
        if results and not quiet:
            screen.print(class_table(results, plural(len(results), "submission")))
            kinds = ", ".join(f"{counts[kind]} {kind}" for kind in _KINDS if counts.get(kind))
            speed = f"; {status.rate:.1f} submissions a second" if status.new else ""
            screen.print(kinds + speed)
    if run.kept:
        status.note(
            f"{plural(run.kept, 'submission')} had been graded before and kept that grade (--fresh grades all)"
        )
    kept = f"{plural(len(results), 'result')} kept in {out}"
    left = f"{plural(len(submissions) - len(results), 'submission')} not graded"
    if stopped:
        status.failure(f"{stopped}\n{kept}, {left}; grade again to go on", run=run.id, **counts)
        raise typer.Exit(1)
    status.event("interrupted" if interrupted else "finished", run=run.id, **counts)
    if interrupted:
        if not log_json:
            errors.print(f"stopped: {escape(kept)}, {left}")
        raise typer.Exit(128 + interrupted)
    if not quiet:
        screen.print("results: " + ", ".join(escape(str(file)) for file in written), soft_wrap=True)
        if page is not None:
            screen.print(f"report: {escape(str(page))}", soft_wrap=True)
    if counts.get("unreadable") or counts.get("failed"):
        raise typer.Exit(1)
