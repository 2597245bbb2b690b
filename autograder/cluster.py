"""Grades on a Dask cluster: a local one of processes, or machines behind a scheduler.

Each Dask worker has for each of its threads a ``LocalPool`` of one process, with a zygote of its own, so that limits,
time-outs and retries are the same everywhere. The course's solutions travel to each worker once, packed; submissions
travel as bytes, in batches; what comes back is bytes that are decoded as results and nothing else. Dask itself speaks
pickle between its own processes (scheduler, workers, this one), all of them trusted, over TLS where it is set up. No
submission's process can reach any of them: it has a network of its own (tier A), or may open no socket (tier B).
"""

from __future__ import annotations

import asyncio
import io
import logging
import multiprocessing
import threading
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, InvalidStateError
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import msgspec
from distributed import Client, LocalCluster, Security, WorkerPlugin, get_worker

from autograder.doctor import danger, examine, is_safe
from autograder.executors import (
    MAX_BATCH,
    BatchError,
    BatchExecutor,
    ExecutorError,
    encode_results,
    grade_with,
)
from autograder.identity import engine_identity
from autograder.pool import LocalPool, interrupts_held
from autograder.results import Result
from autograder.sandbox.folders import TemporaryFolder
from autograder.sandbox.launchers import SandboxError
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission

__all__ = ["DaskExecutor", "TlsFiles"]

_PLUGIN = "autograder"
_START_SECONDS = 60.0
_LOOK_SECONDS = 5.0
_NO_WORKER_SECONDS = 300.0
_REMEMBERED = 10
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class TlsFiles:
    """The files of a cluster's TLS: the authority's certificate, and the client's own certificate and key."""

    ca: Path
    certificate: Path
    key: Path


class _Reply(msgspec.Struct, frozen=True):
    """What a Dask worker sends back: results as ``encode_results`` makes them, or what went wrong.

    ``worker`` is its address where it can grade nothing at all.
    """

    results: bytes = b""
    error: str = ""
    worker: str = ""


class _CannotGradeError(Exception):
    """This worker can grade nothing."""


@dataclass(frozen=True)
class _Settings:
    """What all workers grade by."""

    course: bytes
    limits: Limits
    tier: str | None
    allow_weaker: bool
    engine: str


class _Grader(WorkerPlugin):  # type: ignore[misc]
    """What a Dask worker holds from the first batch to the last."""

    name = _PLUGIN

    def __init__(self, settings: _Settings) -> None:
        self.settings = settings
        self.problem = ""
        self.protections: dict[str, str | bool] = {}
        self.pools: dict[int, LocalPool] = {}  # by thread

    async def setup(self, worker: Any) -> None:
        """Find out whether this worker can grade; why not is told when somebody asks."""
        self.problem = await asyncio.to_thread(self._examine)

    def _examine(self) -> str:
        settings = self.settings
        if engine_identity() != settings.engine:
            return (
                f"it has {engine_identity()}, this machine has {settings.engine}; install the same everywhere"
            )
        if multiprocessing.current_process().daemon:
            return (
                "it may not start processes of its own; start it with --no-nanny, or with "
                "DASK_DISTRIBUTED__WORKER__DAEMON=False in its environment"
            )
        try:
            self.protections = examine(settings.limits, settings.tier, allow_weaker=settings.allow_weaker)
        except SandboxError as error:
            return f"no safe place to run submissions there: {error}"
        if not (settings.allow_weaker or is_safe(self.protections)):
            return danger(self.protections, "there")
        return ""

    def teardown(self, worker: Any) -> None:
        for pool in self.pools.values():
            pool.shutdown()

    def grade(self, batch: Sequence[Submission], tier: str) -> bytes:
        """Grade a batch on this thread's pool."""
        if self.problem:
            raise _CannotGradeError(self.problem)
        if self.protections["tier"] != tier:
            raise _CannotGradeError(f"it has tier {self.protections['tier']}, other workers have tier {tier}")
        thread = threading.get_ident()
        if thread not in self.pools:
            self.pools[thread] = LocalPool(
                self.settings.course, limits=self.settings.limits, workers=1, protections=self.protections
            )
        results: dict[str, Result] = {}
        for found in grade_with(self.pools[thread], batch, {}):
            results.update((submission.name, result) for submission, result in found)
        return encode_results([results[submission.name] for submission in batch])


class _Client(Client):  # type: ignore[misc]
    """Waits at its end for no scheduler that it never reached."""

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            super().__init__(*args, **options)
        except BaseException:
            self.status = "closed"  # else it would be closed when it is collected, and that takes two minutes
            raise


def _state_of_worker(dask_worker: Any) -> tuple[str, dict[str, str | bool]]:
    """Runs on a Dask worker, which Dask passes by this name: what is wrong with it, and its protections."""
    plugin: _Grader = dask_worker.plugins[_PLUGIN]
    return plugin.problem, plugin.protections


def _grade_on_worker(batch: Sequence[Submission], tier: str) -> bytes:
    """Runs on a Dask worker. What goes wrong comes back as plain data, too."""
    worker = get_worker()
    try:
        reply = _Reply(results=worker.plugins[_PLUGIN].grade(batch, tier))
    except _CannotGradeError as error:
        reply = _Reply(error=str(error), worker=worker.address)
    except Exception as error:
        reply = _Reply(error=f"the Dask worker {worker.address}: {type(error).__name__}: {error}")
    return msgspec.msgpack.encode(reply)


def _pack(course: Path) -> bytes:
    """A course's solutions, as a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((course / "solutions").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(course))
    return packed.getvalue()


class DaskExecutor(BatchExecutor):
    """A Dask cluster as an executor; it is connected to, and its workers are examined, at once.

    Args:
        course: the course folder; it must have solutions.
        limits: for each submission.
        scheduler: the address of a scheduler, such as ``tls://10.0.0.1:8786``; None starts a cluster of processes on
            this machine, which nobody else can connect to.
        local_workers: how many workers that has.
        tls: of the scheduler, where Dask's own configuration does not say.
        tier: to force one.
        allow_weaker: take workers that cannot stop hostile code, too.

    Raises:
        ExecutorError: there is no scheduler, no worker, or one that cannot grade.
    """

    largest = MAX_BATCH
    ahead = 2
    tries = 1  # a worker tries again by itself, and Dask gives what a lost worker had to another one

    def __init__(
        self,
        course: Path,
        *,
        limits: Limits,
        scheduler: str | None = None,
        local_workers: int = 1,
        tls: TlsFiles | None = None,
        tier: str | None = None,
        allow_weaker: bool = False,
    ) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)  # what matters is told as errors
        self._cluster: Any = None
        self._client: Any = None
        self._lost = ""
        self._refused: dict[str, str] = {}  # workers that came later and cannot grade, and why
        self._sent_away: set[str] = set()
        self._news: list[str] = []
        self._looked = self._seen = time.monotonic()
        settings = _Settings(_pack(course), limits, tier, allow_weaker, engine_identity())
        self._config = ExitStack()
        try:
            with interrupts_held():
                self._connect(scheduler, local_workers, tls)
            self._examine(settings)
        except BaseException:
            self.shutdown()
            raise

    def _connect(self, scheduler: str | None, local_workers: int, tls: TlsFiles | None) -> None:
        security: Any = None
        # Dask remembers messages for its developers, with all that was sent in them: a thousand batches by default.
        self._config.enter_context(dask.config.set({"distributed.admin.low-level-log-length": _REMEMBERED}))
        if scheduler is None:
            security = Security.temporary()
            # As long as there is a cluster: it starts another worker in the place of one that ends.
            self._config.enter_context(dask.config.set({"distributed.worker.daemon": False}))
            self._folder = TemporaryFolder("cluster")
            self._cluster = LocalCluster(
                n_workers=local_workers,
                threads_per_worker=1,
                memory_limit=0,  # the sandbox limits what a submission takes
                security=security,
                dashboard_address="127.0.0.1:0",
                local_directory=self._folder.path,
                silence_logs=logging.CRITICAL,
            )
        elif tls is not None:
            security = Security(
                tls_ca_file=str(tls.ca),
                tls_client_cert=str(tls.certificate),
                tls_client_key=str(tls.key),
                require_encryption=True,
            )
        try:
            self._client = _Client(
                self._cluster or scheduler,
                timeout=_START_SECONDS,
                security=security,
                set_as_default=False,
                # A result is bytes. With these, nothing that a worker gives as one is ever unpickled.
                serializers=["dask", "msgpack", "pickle"],
                deserializers=["dask", "msgpack", "error"],
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            mend = "; name its certificates with --tls-…" if "ssl_context" in str(error) else ""
            raise ExecutorError(f"no connection to the scheduler {scheduler}: {error}{mend}") from None
        try:
            self._client.wait_for_workers(1, timeout=_START_SECONDS)
        except TimeoutError:
            raise ExecutorError(
                f"the scheduler {scheduler} has no workers; start some with `dask worker`"
            ) from None

    def _examine(self, settings: _Settings) -> None:
        try:
            self._client.register_plugin(_Grader(settings))
            states: dict[str, tuple[str, dict[str, str | bool]]] = self._client.run(_state_of_worker)
        except Exception as error:  # whatever a worker without this project raises
            raise ExecutorError(
                f"the workers cannot be set up ({type(error).__name__}: {error}); is this project installed there?"
            ) from None
        for worker, (problem, _) in states.items():
            if problem:
                raise ExecutorError(f"the Dask worker {worker} cannot grade: {problem}")
        tiers = {str(protections["tier"]) for _, protections in states.values()}
        if len(tiers) > 1:
            raise ExecutorError(
                f"the workers have different tiers ({', '.join(sorted(tiers))}); name one with --tier"
            )
        self.protections = next(iter(states.values()))[1]
        self._count()
        self._news += self._notes()

    def _count(self) -> None:
        threads = self._client.nthreads()
        self.workers = sum(threads[worker] for worker in threads if worker not in self._sent_away)

    def _notes(self) -> list[str]:
        """What the instructor should know of the cluster."""
        address = str(self._client.scheduler.address)
        notes = [f"{self.workers} worker{'s' if self.workers > 1 else ''} at {address}"]
        if not address.startswith("tls://"):
            notes.append(f"{address} speaks without TLS: whoever reaches it can run code on the cluster")
        with suppress(Exception):  # no dashboard, in one of several ways
            notes.append(f"Dask's dashboard: {self._client.dashboard_link}")
        return notes

    def news(self) -> list[str]:
        news, self._news = self._news, []
        return news

    def submit(self, batch: Sequence[Submission]) -> Future[bytes]:
        outer: Future[bytes] = Future()
        tier = str(self.protections["tier"])
        inner = self._client.submit(_grade_on_worker, list(batch), tier, pure=False)
        inner.add_done_callback(lambda future: self._answer(future, outer))  # called in a thread
        return outer

    def _answer(self, inner: Any, outer: Future[bytes]) -> None:
        with suppress(InvalidStateError):
            if inner.status in ("cancelled", "lost"):  # by Dask, when the scheduler is gone; check() says so
                self._lost = "the connection to the scheduler was lost"
                outer.set_exception(BrokenExecutor(self._lost))
                return
            try:
                reply = msgspec.msgpack.decode(inner.result(timeout=_ANSWER_SECONDS), type=_Reply)
            except msgspec.MsgspecError as error:
                reply = _Reply(error=f"a worker gave something that is no result: {error}")
            except BaseException as error:  # whatever Dask raises, and what is not bytes
                reply = _Reply(error=f"the cluster failed on it: {type(error).__name__}: {error}"[:500])
            if reply.worker:
                self._refused[reply.worker] = reply.error
                outer.set_exception(BrokenExecutor(reply.error))
            elif reply.error:
                outer.set_exception(BatchError(reply.error))
            else:
                outer.set_result(reply.results)

    def check(self) -> None:
        if self._lost:
            raise ExecutorError(self._lost)
        self._send_away()
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        try:
            self._count()
        except Exception as error:  # of Dask's many
            raise ExecutorError(f"the scheduler does not answer: {error}") from None
        if self.workers:
            self._seen = now
        elif now - self._seen > _NO_WORKER_SECONDS:
            raise ExecutorError(f"the cluster has had no worker for {_NO_WORKER_SECONDS:.0f} seconds")

    def _send_away(self) -> None:
        """Let no worker have submissions that can grade none; it would be done with the whole class in a moment."""
        while self._refused:
            worker, problem = self._refused.popitem()
            is_new = worker not in self._sent_away
            self._sent_away.add(worker)
            try:
                self._client.retire_workers(workers=[worker], close_workers=True)
                self._count()
            except Exception as error:  # of Dask's many
                raise ExecutorError(f"the scheduler does not answer: {error}") from None
            if is_new:
                self._news.append(f"the Dask worker {worker} cannot grade and was sent away: {problem}")
            if not self.workers:
                raise ExecutorError(f"the Dask worker {worker}, the last one, cannot grade: {problem}")

    def shutdown(self) -> None:
        for part in (self._client, self._cluster):
            if part is not None:
                with suppress(Exception):
                    part.close()
        if self._cluster is not None:
            self._folder.remove()
        self._config.close()
        self._client = self._cluster = None
