"""Shows how a run of ``grade`` is getting on: live on a terminal, or as lines of JSON for other programs."""

from __future__ import annotations

import heapq
import json
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.results import Result

__all__ = ["JsonLog", "LiveStatus", "Status"]

_SLOWEST = 3
_LOG_SECONDS = 10.0


class Status(ABC):
    """What a run is told of: how far it is, how fast, what failed and what took longest."""

    def __init__(self, found: int) -> None:
        self.found = found
        self.kept = 0
        self.kinds: Counter[str] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self._start = time.monotonic()

    @property
    def new(self) -> int:
        return self.kinds.total()

    @property
    def left(self) -> int:
        return self.found - self.kept - self.new

    @property
    def rate(self) -> float:
        """Submissions graded in a second."""
        return self.new / max(time.monotonic() - self._start, 1e-9)

    def update(self, results: Sequence[Result], kept: int) -> None:
        """Note new results, and how many are kept from earlier runs by now."""
        self.kept = kept
        for result in results:
            self.kinds[result.status if result.is_certain else "failed"] += 1
            heapq.heappush(self.slowest, (result.seconds, result.submission))
            if len(self.slowest) > _SLOWEST:
                heapq.heappop(self.slowest)
        self.show(results)

    @abstractmethod
    def show(self, results: Sequence[Result]) -> None:
        """Tell of new results."""

    @abstractmethod
    def event(self, name: str, **fields: Any) -> None:
        """Tell of something that happened."""

    @abstractmethod
    def note(self, text: str) -> None:
        """Tell the instructor something."""

    @abstractmethod
    def failure(self, text: str, **fields: Any) -> None:
        """Tell what ends the command."""

    def __enter__(self) -> Status:
        self._start = time.monotonic()
        return self

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Bar(Progress):
    """A progress bar with a line below it."""

    below = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.below:
            yield Text.from_markup(self.below, overflow="ellipsis")


class LiveStatus(Status):
    """A bar, and below it the failures by kind and the slowest submissions."""

    def __init__(self, found: int, console: Console, *, quiet: bool = False) -> None:
        super().__init__(found)
        self._bar = _Bar(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=quiet,
        )
        self._console, self._quiet = console, quiet
        self._task = self._bar.add_task("grading", total=found, rate="")

    def show(self, results: Sequence[Result]) -> None:
        kinds = "  ".join(f"{self.kinds[kind]} {kind}" for kind in sorted(self.kinds) if kind != "graded")
        slowest = ", ".join(
            f"{escape(name)} {seconds:.1f} s" for seconds, name in sorted(self.slowest, reverse=True)
        )
        parts = [
            f"{self.left} left",
            *([kinds] if kinds else []),
            *([f"slowest: {slowest}"] if slowest else []),
        ]
        self._bar.below = "[dim]" + "  ·  ".join(parts) + "[/dim]"
        self._bar.update(self._task, completed=self.kept + self.new, rate=f"{self.rate:.1f}/s")

    def event(self, name: str, **fields: Any) -> None:
        pass

    def note(self, text: str) -> None:
        if not self._quiet:
            self._console.print(f"note: {escape(text)}", soft_wrap=True)

    def failure(self, text: str, **fields: Any) -> None:
        self._console.print(f"autograder: {escape(text)}", soft_wrap=True)

    def __enter__(self) -> Status:
        self._bar.start()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class JsonLog(Status):
    """One JSON object a line on standard error for each event, and every ten seconds for how far it is."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self._told = time.monotonic()

    def show(self, results: Sequence[Result]) -> None:
        for result in results:
            self.event(
                "graded",
                submission=result.submission,
                student=result.student,
                topic=result.topic,
                status=result.status,
                total=result.total,
                possible=result.possible,
                seconds=result.seconds,
                error=result.error_in_full,
            )
        if time.monotonic() - self._told >= _LOG_SECONDS:
            self._told = time.monotonic()
            self.event("progress", **self._figures())

    def _figures(self) -> dict[str, Any]:
        return {
            "found": self.found,
            "kept": self.kept,
            "new": self.new,
            "left": self.left,
            "rate": round(self.rate, 3),
            "kinds": dict(sorted(self.kinds.items())),
            "slowest": [[name, seconds] for seconds, name in sorted(self.slowest, reverse=True)],
        }

    def event(self, name: str, **fields: Any) -> None:
        line = {"time": round(time.time(), 3), "event": name, **fields}
        print(json.dumps(line), file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        self.event("note", text=text)

    def failure(self, text: str, **fields: Any) -> None:
        self.event("failed", error=text, **fields)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.event("progress", **self._figures())
