"""C++ exercises: a student's source becomes a library that is loaded, and called, in the submission's own process.

A topic whose name ends in ``_cpp`` is handed in as one C++ file. What belongs to it beside that file is the course's,
and no secret: the header, and in ``native/<topic>/``

- ``abi.cpp``: compiled with the student's file; functions with C linkage that call the student's.
- ``glue.py``: makes Python functions of those, with the exercises' names, from ``library`` (a ``ctypes.CDLL``).
- ``checks.cpp``: a program that calls the student's functions on memory of exactly the right size. It is built with
  sanitizers, run once an exercise with that one's name, and prints ``checked`` in the end, or ``not done yet``.
- ``baseline.cpp``: what speed is measured against, in the student's file's place.

Tests may ask, beside the functions, for ``sanitized(exercise)``, which gives the first memory error or an empty text,
``seconds(exercise, *arguments)``, the time of a call as the grader's own clock has it, and ``baseline_seconds``, the
same of the baseline, which runs in a process of its own. Where both are asked with the same arguments, the baseline
first, the results must agree: a function that returns at once is fast.

Compilers run confined (see ``sandbox.jobs``): a source can be hostile to them, too.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
import re
import subprocess
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.results import clean_text, write_atomically
from autograder.sandbox.jobs import Command, Done, Job, Outcome, find_compiler, run_job
from autograder.sandbox.launchers import SandboxError
from autograder.sandbox.protocol import Cell

__all__ = [
    "Native",
    "NoCompilerError",
    "baseline_cell",
    "is_native",
    "library_cell",
    "memory_errors",
    "read_native",
]

_STANDARD = ["-std=c++20", "-I."]
_LIBRARY = ["-O3", "-shared", "-fPIC", "-Wl,-z,defs"]
_SANITIZED = [
    "-O1",
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
]
_COMPILE_SECONDS, _COMPILE_MEGABYTES = 20.0, 2000
_CHECK_SECONDS, _CHECK_MEGABYTES = 10.0, 1000
_MAX_LIBRARY = 8 << 20
_KEPT = 500
_CACHE_VERSION = b"1"

_ERROR = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<what>.*)$", re.MULTILINE
)
_TWICE = re.compile(r"multiple definition of [`'](?P<name>[^']+)'")
_UNDEFINED = re.compile(r"undefined (?:reference to|symbol:?) [`']?(?P<name>[^`'\n]+?)'?$", re.MULTILINE)
_MISSING = re.compile(r"^(?P<name>.*?)(?:: No such file or directory|: Permission denied|' file not found)$")
_SANITIZER = re.compile(r"ERROR: AddressSanitizer: (?P<what>[\w-]+)")
_ACCESS = re.compile(r"^(?P<kind>READ|WRITE) of size \d+", re.MULTILINE)
_RUNTIME = re.compile(
    r"^[^\n:]*?(?P<file>[^/\n:]+):(?P<line>\d+):\d+: runtime error: (?P<what>.*)$", re.MULTILINE
)


class NoCompilerError(SandboxError):
    """This machine cannot build C++ exercises; the message says what is missing."""


@dataclass(frozen=True)
class Native:
    """What the course gives with a C++ topic. Empty texts stand for files that it does not have."""

    topic: str
    header: str
    abi: str
    glue: str
    checks: str = ""
    baseline: str = ""

    @property
    def source_name(self) -> str:
        return f"{self.topic}.cpp"

    @property
    def files(self) -> dict[str, str]:
        """Paths below ``exercises/`` (and ``solutions/``), and contents."""
        parts = {
            "abi.cpp": self.abi,
            "glue.py": self.glue,
            "checks.cpp": self.checks,
            "baseline.cpp": self.baseline,
        }
        given = {f"native/{self.topic}/{name}": text for name, text in parts.items() if text}
        return {f"{self.topic}.hpp": self.header, **given}


def is_native(topic: str) -> bool:
    """Whether a topic of this name is handed in as a C++ file."""
    return topic.endswith("_cpp")


def read_native(folder: Path, topic: str) -> Native:
    """Read what belongs to a C++ topic, from ``solutions/`` or ``exercises/``; OSError when a file is missing."""

    def read(name: str, needed: bool = True) -> str:
        path = folder / "native" / topic / name
        return path.read_text(encoding="utf-8") if needed or path.exists() else ""

    header = (folder / f"{topic}.hpp").read_text(encoding="utf-8")
    return Native(
        topic,
        header,
        read("abi.cpp"),
        read("glue.py"),
        read("checks.cpp", False),
        read("baseline.cpp", False),
    )


@dataclass(frozen=True)
class _Compiler:
    path: str
    version: str

    @property
    def sanitizer_flags(self) -> list[str]:
        return [] if "clang" in self.version else ["-static-libasan", "-static-libubsan"]


@functools.lru_cache(maxsize=4)
def _compiler(tier: str, name: str) -> _Compiler:
    """The machine's compiler, once it has built an empty library and an empty program with sanitizers.

    Raises:
        NoCompilerError: there is none that does.
    """
    if tier == "D":
        raise NoCompilerError("C++ exercises need Linux or macOS")
    path = find_compiler({"CXX": name})
    if path is None:
        wanted = f"CXX names {name}, which is not there" if name else "neither g++ nor clang++ is there"
        raise NoCompilerError(f"no C++ compiler: {wanted}; on Debian and Ubuntu, `apt install g++`")
    asked = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    compiler = _Compiler(path, asked.stdout.decode("utf-8", "replace"))
    files = {"empty.cpp": b"int main() { return 0; }\n"}
    for arguments in (_LIBRARY, [*_SANITIZED, *compiler.sanitizer_flags]):
        outcome = _run(Job(files, [_compile(compiler, arguments, ["empty.cpp"], "made")]), tier, compiler)
        if not outcome.done[0].well:
            said = " ".join(outcome.done[0].output.split())[:300]
            raise NoCompilerError(
                f"{path} cannot build what C++ exercises need ({' '.join(arguments)}): {said}"
            )
    return compiler


def _compile(compiler: _Compiler, arguments: Iterable[str], sources: Iterable[str], result: str) -> Command:
    return Command(
        [compiler.path, *_STANDARD, *arguments, *sources, "-o", result], _COMPILE_SECONDS, _COMPILE_MEGABYTES
    )


def _cache(environment: Mapping[str, str]) -> Path:
    own = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(own) / "autograder" / "compiled"


def _run(job: Job, tier: str, compiler: _Compiler) -> Outcome:
    """Run a job, or take what came of the same one before.

    Raises:
        SandboxError: it could not be run.
    """
    parts = [_CACHE_VERSION, tier.encode(), compiler.path.encode(), compiler.version.encode()]
    key = hashlib.sha256(b"\0".join([*parts, msgspec.msgpack.encode(job)])).hexdigest()
    path = _cache(os.environ) / key
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.msgpack.decode(path.read_bytes(), type=Outcome)
    outcome = run_job(job, tier, compiler.path)
    if outcome.error:
        raise SandboxError(f"the compiler's process: {outcome.error}")
    if not any(
        done.stopped for done in outcome.done
    ):  # by a limit, which a busy machine may have been the cause of
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(path, msgspec.msgpack.encode(outcome))
            _forget_the_oldest(path.parent)
    return outcome


def _forget_the_oldest(folder: Path) -> None:
    kept = list(folder.iterdir())
    if len(kept) > _KEPT:
        for path in sorted(kept, key=lambda path: path.stat().st_mtime)[: len(kept) - _KEPT]:
            path.unlink(missing_ok=True)


def _sources(native: Native, source: str, *others: str) -> dict[str, bytes]:
    texts = {native.source_name: source, f"{native.topic}.hpp": native.header}
    texts |= {name: getattr(native, name.removesuffix(".cpp")) for name in others}
    return {name: text.encode() for name, text in texts.items()}


def library_cell(native: Native, source: str, exercises: Iterable[str], tier: str) -> Cell:
    """Compile a student's file; returns the Python cell that stands for it in the submission's process.

    If it does not compile, that cell raises what the compiler said, and so does every exercise.

    Raises:
        NoCompilerError, SandboxError: nothing can be compiled here.
    """
    compiler = _compiler(tier, os.environ.get("CXX", ""))
    files = _sources(native, source, "abi.cpp")
    command = _compile(compiler, _LIBRARY, [native.source_name, "abi.cpp"], "library.so")
    outcome = _run(Job(files, [command], ["library.so"]), tier, compiler)
    if not (library := outcome.files.get("library.so")):
        return Cell(native.source_name, _refusal(_complaint(native, outcome.done[0]), exercises))
    if len(library) > _MAX_LIBRARY:
        size, most = len(library) >> 20, _MAX_LIBRARY >> 20
        text = f"it becomes a library of {size} MB, the limit is {most}; look for large arrays."
        return Cell(native.source_name, _refusal(_Complaint(native.source_name, 0, text), exercises))
    return Cell(native.source_name, _loading(library, native.glue))


def baseline_cell(native: Native, tier: str) -> Cell:
    """The same of the course's baseline."""
    return library_cell(native, native.baseline, (), tier)


def _loading(library: bytes, glue: str) -> str:
    """Python source that loads a library, and the glue below it."""
    head = f"""\
        import base64 as _base64, ctypes as _ctypes, os as _os
        with open("library.so", "wb") as _file:
            _file.write(_base64.b85decode({base64.b85encode(library).decode()!r}))
        library = _ctypes.CDLL(_os.path.abspath("library.so"))
        """
    return textwrap.dedent(head) + _elsewhere(glue, "glue.py")


def _elsewhere(code: str, name: str) -> str:
    """Python source that runs ``code`` as of another file, so that its lines are not taken for the student's."""
    return f"exec(compile({code!r}, {name!r}, 'exec'), globals())\n"


@dataclass(frozen=True)
class _Complaint:
    """What the compiler has against a file, and in which line of it, if in one."""

    name: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"it does not compile: {f'{self.name}, line {self.line}: ' if self.line else ''}{self.text}"


def _refusal(complaint: _Complaint, exercises: Iterable[str]) -> str:
    """Python source of functions that raise what the compiler said; it raises that itself, in the line spoken of."""
    functions = [
        "class CompilerError(Exception):",
        "    pass",
        "def _not_compiled(*_, **__):",
        f"    raise CompilerError({str(complaint)!r})",
        *(f"{name} = _not_compiled" for name in exercises),
    ]
    code = _elsewhere("\n".join(functions), "compiler").strip()
    text = f"it does not compile: {complaint.text}"
    return "\n" * max(complaint.line - 1, 0) + f"{code}; raise CompilerError({text!r})\n"


def _complaint(native: Native, done: Done) -> _Complaint:
    """The first error, where it is, and what to do about it."""
    line, text = _first_error(native, done)
    return _Complaint(native.source_name, line, text)


def _first_error(native: Native, done: Done) -> tuple[int, str]:
    text = clean_text(done.output, 20_000)
    own = re.search(rf"{re.escape(native.source_name)}:(\d+)", text)
    line = int(own[1]) if own else 0
    if done.stopped:
        return 0, (
            f"the compiler {done.stopped}. Look for templates that call for ever more of themselves, values computed "
            "while compiling, very large arrays with values in them, and files that include themselves."
        )
    errors = [
        (found["file"].removeprefix("./"), int(found["line"]), found["what"])
        for found in _ERROR.finditer(text)
    ]
    if errors:
        file, number, what = errors[0]
        count = len(errors) - 1
        more = (
            f" (and {count} more {'error' if count == 1 else 'errors'}, which may go with it)"
            if count
            else ""
        )
        if missing := _MISSING.match(what):
            name = missing["name"].strip("'")
            return (
                number,
                f"there is no {name} to include; there is the standard library, and {native.topic}.hpp.",
            )
        if file != native.source_name:  # it shows only where the file's code meets other code
            what, number = f"{what.rstrip('.')} (as {file} has it, line {number})", line
        return number, f"{what.rstrip('.')}{more}. Mend this one first, and compile again."
    if undefined := _UNDEFINED.search(text):
        return 0, (
            f"nothing in it defines {undefined['name']}. Write it, or take out what uses it; the exercises' names and "
            f"arguments have to be those of {native.topic}.hpp."
        )
    if twice := _TWICE.search(text):
        return line, (
            f"{twice['name']} is there twice: what it is compiled with has one. Take it out, or give it another name."
        )
    return line, " ".join(text.split())[:400] or f"the compiler ended with code {done.code or -done.signal}."


def memory_errors(native: Native, source: str, exercises: Iterable[str], tier: str) -> dict[str, str]:
    """Run the checks under sanitizers; returns the first error of each exercise, or an empty text.

    Raises:
        NoCompilerError, SandboxError: nothing can be compiled here.
    """
    compiler = _compiler(tier, os.environ.get("CXX", ""))
    names = list(exercises)
    flags = [*_SANITIZED, *compiler.sanitizer_flags]
    commands = [_compile(compiler, flags, [native.source_name, "checks.cpp"], "checks")]
    commands += [
        Command(["./checks", name], _CHECK_SECONDS, _CHECK_MEGABYTES, address_space=False) for name in names
    ]
    outcome = _run(Job(_sources(native, source, "checks.cpp"), commands, go_on=True), tier, compiler)
    built, *ran = outcome.done
    if not built.well:
        return dict.fromkeys(names, str(_complaint(native, built)))
    return {name: _memory_error(native, done) for name, done in zip(names, ran, strict=True)}


def _memory_error(native: Native, done: Done) -> str:
    """What a run of the checks found, in one line; empty when nothing."""
    text = clean_text(done.output, 20_000)
    if done.well:
        return "" if "checked" in text.split() else "the program ended before all of it was checked"
    if found := _RUNTIME.search(text):
        return f"{found['file']}, line {found['line']}: {found['what']}"
    if found := _SANITIZER.search(text):
        access = _ACCESS.search(text)
        verb = {"READ": "reads", "WRITE": "writes"}[access["kind"]] if access else "ends"
        place = re.search(rf"{re.escape(native.source_name)}:(\d+)", text)
        where = f"{native.source_name}, line {place[1]}: " if place else ""
        return (
            f"{where}{verb} outside of its memory ({found['what']})" if access else f"{where}{found['what']}"
        )
    if done.stopped:
        return f"it {done.stopped}"
    said = " ".join(text.split())[:300]
    return said or f"it ended with {f'signal {done.signal}' if done.signal else f'code {done.code}'}"
