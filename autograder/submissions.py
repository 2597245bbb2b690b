"""Finds submissions on disk, reads each file once, and turns it into cells."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import re
import stat
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import TracebackType

import msgspec

from autograder import archives, names
from autograder.archives import Archive, ArchiveError, Member, list_members
from autograder.native import is_native
from autograder.sandbox.protocol import Cell

__all__ = [
    "MAX_FILE_BYTES",
    "NO_TOPIC",
    "Reader",
    "Submission",
    "UnreadableError",
    "find_submissions",
    "preference",
    "read_cells",
    "script_cells",
]

MAX_FILE_BYTES = 64 << 20
"""Largest file that is read: a notebook with its outputs."""

NO_TOPIC = "its name tells no topic"
"""What the problem of a file of no topic begins with."""

_SUFFIXES = (".ipynb", ".py", ".cpp")
_ARCHIVE = ".zip"
_COPY = re.compile(r"(?: ?\(\d{1,3}\)|-\d{1,2}|-Copy\d{1,2})$")
"""What browsers, platforms and Jupyter add to a second copy's name: attention (1), attention-1, attention-Copy1."""
_SKIPPED_FOLDERS = ("__pycache__", "__MACOSX", ".ipynb_checkpoints", ".git", ".venv", "node_modules")
_CELL_MARKER = re.compile(r"^# ?%%%*(?:[ \t].*)?$", re.MULTILINE)
_MAX_LENIENT_BYTES = 16 << 20
_MAX_CELLS, _MAX_CODE = 10_000, 8 << 20
"""Most cells of code, and most characters in them, as they are sent to a sandbox in one message."""
_NO_TOPICS_NAME = "its name is no topic's"
_FOLDER = "it is a folder; hand in a notebook or a .py file"
_MAX_UNNAMED = 20
"""Most files of one student that are listed though they are no topic's: an archive may hold thousands."""
_NOT_TEXT = ("idna", "punycode", "undefined", "raw-unicode-escape", "unicode-escape")
"""Codecs that Python calls encodings but nobody's editor writes; some take ages over a large file."""


class UnreadableError(Exception):
    """A submission that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Submission:
    """One student's file for one topic.

    ``topic`` is empty when the file's name tells none, and ``problem`` then says so.
    """

    name: str
    student: str
    topic: str
    path: Path
    problem: str = ""
    member: str = ""
    """The file's name inside ``path``, where that is an archive."""
    within: str = ""
    """The name of the archive inside ``path`` that ``member`` lies in, where there is one in the other."""
    account: str = ""
    """The student's number on the platform, where the name that it gave the file told one."""
    data: bytes | None = field(default=None, repr=False)
    """The file's bytes, once a ``Reader`` has read them."""

    @property
    def file_name(self) -> str:
        """The file's own name, without the folders or the archive that it lies in."""
        return PurePosixPath(self.member).name if self.member else self.path.name


@dataclass(frozen=True)
class _Found:
    """A file, on disk or in an archive, that is named as a submission; its place below what is graded."""

    relative: Path
    path: Path
    member: str = ""
    problem: str = ""
    within: str = ""


def _student_and_topic(
    relative: Path, root: Path, topics: Iterable[str], topic: str | None
) -> tuple[str, str]:
    """Whose file it is and for which topic, from its place and name; an empty topic when none fits."""
    stem = _COPY.sub("", relative.stem)
    known = sorted(topics, key=len, reverse=True)
    found = ""
    rest = stem
    for name in [topic] if topic else known:
        if stem.lower() == name.lower():
            found, rest = name, ""
        elif re.search(rf"[_-]{re.escape(name)}$", stem, re.IGNORECASE):
            found, rest = name, stem[: -len(name) - 1]
        if found:
            break
    if topic:
        found = topic
    if len(relative.parts) == 1:
        return rest or root.name or root.resolve().name, found
    student = relative.parts[0]
    if student.lower().endswith(_ARCHIVE):
        student = student[: -len(_ARCHIVE)]
        for name in known:
            student = re.sub(rf"[_-]{re.escape(name)}$", "", student)
    return student, found


def _shown(name: str) -> str:
    """A file's name as plain text that still tells it from others: what cannot be printed, as an escape."""
    return "".join(
        char if unicodedata.category(char)[0] != "C" else char.encode("unicode_escape").decode()
        for char in name
    )


def find_submissions(
    path: Path, topics: Iterable[str], topic: str | None = None
) -> tuple[list[Submission], list[str]]:
    """Find the submissions below ``path``, or the one that it is.

    A submission is ``<student>/<topic>.ipynb`` (or ``.py``), at any depth below the student's folder, or
    ``<student>_<topic>.ipynb`` right in ``path``, or is named as Canvas, Moodle or Gradescope name what they let
    instructors download (see ``names``). With ``topic``, every notebook and ``.py`` file is one. A topic called
    ``<name>_cpp`` is handed in as a ``.cpp`` file. What a group handed in together is a submission of each.

    Returns:
        The submissions by name, and notices about files that were left out.
    """
    topics = list(topics)
    if path.is_dir():
        files, notices = _walk(path)
    elif path.suffix.lower() == ".zip":
        files, notices = _in_class_archive(path)
    else:
        files, notices = [_Found(Path(path.name), path)], []
    root = path if path.is_dir() else path.resolve().parent
    places = [PurePosixPath(file.relative.as_posix()) for file in files]
    owned = names.owners(places, _exported(path, notices))
    late: list[str] = []
    left_out: Counter[str] = Counter()

    def leave_out(student: str, notice: str) -> None:
        left_out[student] += 1
        if left_out[student] <= _MAX_UNNAMED:
            notices.append(notice)

    chosen: dict[tuple[str, str], Submission] = {}
    unnamed: list[tuple[str, Submission, str]] = []

    def order(file: _Found) -> tuple[object, ...]:
        # What a student has named as if it were another's never goes before that one's own.
        claimed = any(owner.depth for owner in owned.get(PurePosixPath(file.relative.as_posix()), ()))
        return claimed, bool(file.problem), *preference(file.relative, topic)

    for file in sorted(files, key=order):
        name = _shown(file.relative.as_posix())
        owners = owned.get(PurePosixPath(file.relative.as_posix()), [None])
        for owner in owners:
            relative = Path(owner.student, owner.file) if owner else file.relative
            student, found = _student_and_topic(relative, root, topics, topic)
            student = owner.student if owner else student
            is_cpp = file.relative.suffix.lower() == ".cpp"
            if is_cpp and found and not is_native(found):
                continue  # beside the notebook, perhaps; nobody asked for it
            problem = file.problem or ("" if found else _no_topic(topics))
            if is_native(found) and not is_cpp:
                problem = problem or f"`{found}` is handed in as a C++ file: {found}.cpp"
            submission = Submission(
                name=name if len(owners) == 1 else f"{name} ({_shown(student)})",
                student=_shown(student),
                topic=found,
                path=file.path,
                problem=problem,
                member=file.member,
                within=file.within,
                account=owner.account if owner else "",
            )
            if not found:
                unnamed.append((student, submission, file.problem))
            elif (student, found) in chosen:
                graded = chosen[student, found].name
                also = f"{file.problem}; " if file.problem else ""
                leave_out(student, f"{_in_full(submission)}: left out, {also}{graded} is graded instead")
            else:
                chosen[student, found] = submission
                late += [submission.name] if owner and owner.late else []
    students = {student for student, _ in chosen}
    submissions = list(chosen.values())
    listed: Counter[str] = Counter()
    for student, submission, why in unnamed:
        listed[student] += 1
        if student in students and submission.file_name.lower().endswith(".cpp"):
            continue  # the course's own sources, handed in with the rest
        if student in students or listed[student] > _MAX_UNNAMED:
            leave_out(student, f"{_in_full(submission)}: left out, {why or _NO_TOPICS_NAME}")
        else:
            submissions.append(submission)
    for student, count in left_out.items():
        if count > _MAX_UNNAMED:
            notices.append(f"{_shown(student)}: {count - _MAX_UNNAMED:,} more files left out")
    if late:
        more = f" and {len(late) - _MAX_UNNAMED} more" if len(late) > _MAX_UNNAMED else ""
        listed_late = ", ".join(sorted(late)[:_MAX_UNNAMED]) + more
        notices.append(f"the platform calls late (adjustments.csv says what that costs): {listed_late}")
    return sorted(submissions, key=lambda item: item.name), notices


def _in_full(submission: Submission) -> str:
    """A submission's name, with that in the archive where it is another one: one that leads out."""
    member = _shown(submission.member)
    return submission.name if submission.name.endswith(member) else f"{submission.name} ({member})"


def _exported(path: Path, notices: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Who handed in each folder of a Gradescope export, by its path, where ``path`` is one or holds some.

    A student may hand in a file of that name, too: only one at the top counts or, where none is, one in each folder.
    """
    tops: dict[str, bytes] = {}
    try:
        if path.is_dir():
            files = [path / names.METADATA]
            if not files[0].is_file():
                folders = sorted(folder for folder in path.iterdir() if folder.is_dir())
                files = [folder / names.METADATA for folder in folders if folder.name not in _SKIPPED_FOLDERS]
            if all(file.is_file() for file in files):
                tops = {file.parent.relative_to(path).as_posix(): read_bytes(file) for file in files}
        elif path.suffix.lower() == _ARCHIVE:
            members = {PurePosixPath(member.name) for member in list_members(path, MAX_FILE_BYTES)}
            roots = {name.parts[0] for name in members if name.parts} - set(_SKIPPED_FOLDERS)
            top = PurePosixPath(*roots) if len(roots) == 1 else PurePosixPath()
            if top / names.METADATA in members:
                data = archives.read_member(path, str(top / names.METADATA), MAX_FILE_BYTES)
                tops = {"." if top.name == path.stem else str(top): data}
        found: dict[str, list[tuple[str, str]]] = {}
        for place, data in tops.items():
            people = names.submitters(data)
            found |= {folder if place == "." else f"{place}/{folder}": own for folder, own in people.items()}
        return found
    except (UnreadableError, ArchiveError, names.MetadataError, OSError) as error:
        notices.append(f"{error}; folders are taken for the students' names")
    return {}


def _in_archive(path: Path, relative: Path) -> list[_Found]:
    """The files of an archive that are named as submissions, as if it were a folder; or the archive, with why not.

    An archive in it counts as a folder, too: what a student packed, in what a platform packed.
    """
    try:
        members = list_members(path, MAX_FILE_BYTES)
        inner = _named_as_one(members, (_ARCHIVE,))
        # Packed once, files hardly become smaller: archives that say otherwise are made to be large.
        room = 2 * path.stat().st_size + MAX_FILE_BYTES
        found = [
            _Found(relative / inside, path, member.name, member.problem)
            for inside, member in _named_as_one(members, _SUFFIXES)
        ]
        if inner:
            with contextlib.closing(Archive(path)) as archive:
                for inside, member in inner:
                    room -= member.size
                    found += _in_inner_archive(archive, member, relative / inside, room)
    except (ArchiveError, OSError) as error:
        return [_Found(relative, path, problem=str(error))]
    return found or [_Found(relative, path, problem="it holds no notebook and no .py file")]


def _in_inner_archive(archive: Archive, packed: Member, place: Path, room: int) -> list[_Found]:
    """The same of an archive that lies in another one."""
    path = archive.path
    try:
        if packed.problem or room < 0:
            raise ArchiveError(packed.problem or "it is packed too tightly to be a submission")
        members = archive.list_inner(packed.name, MAX_FILE_BYTES)
    except ArchiveError as error:
        return [_Found(place, path, packed.name, str(error))]
    deeper = "it is an archive in an archive in an archive; hand in what is in it"
    found = [
        _Found(place / inside, path, member.name, member.problem, packed.name)
        for inside, member in _named_as_one(members, _SUFFIXES)
    ]
    found += [
        _Found(place / inside, path, member.name, deeper, packed.name)
        for inside, member in _named_as_one(members, (_ARCHIVE,))
    ]
    return found or [_Found(place, path, packed.name, "it holds no notebook and no .py file")]


def _named_as_one(members: Iterable[Member], suffixes: tuple[str, ...]) -> list[tuple[Path, Member]]:
    """The members with one of these suffixes, each with a path that stays where it is put."""
    found = []
    for member in members:
        inside = [part for part in PurePosixPath(member.name).parts if part not in ("/", "..")]
        hidden = set(inside) & set(_SKIPPED_FOLDERS) or not inside or inside[-1].startswith(".")
        if not hidden and inside[-1].lower().endswith(suffixes):
            found.append((Path(*inside), member))
    return found


def _in_class_archive(path: Path) -> tuple[list[_Found], list[str]]:
    """What a learning platform packed for a whole class; a folder named like the archive does not count."""
    found = _in_archive(path, Path())
    top = 0
    if all(len(file.relative.parts) > 1 and file.relative.parts[0] == path.stem for file in found):
        found = [replace(file, relative=Path(*file.relative.parts[1:])) for file in found]
        top = 1
    if len(found) == 1 and not found[0].member:
        return [replace(found[0], relative=Path(path.name))], []
    others: dict[str, str] = {}
    for inside, _ in _named_as_one(list_members(path, MAX_FILE_BYTES), ("",)):
        if len(inside.parts) > top + 1:
            others.setdefault(inside.parts[top], _shown(Path(*inside.parts[top:]).as_posix()))
    return found, _without_a_submission(others, set(), found)


def _walk(path: Path) -> tuple[list[_Found], list[str]]:
    """Files (and folders, links and the like) that are named as submissions, and what could not be looked into."""
    files: list[_Found] = []
    notices: list[str] = []
    others: dict[str, str] = {}  # of each folder right in ``path``, a file that is no submission
    students: set[str] = set()  # the folders right in ``path``

    def unreadable(error: OSError) -> None:
        relative = os.path.relpath(error.filename, path)
        students.discard(Path(relative).parts[0])
        name = _shown(relative)
        notices.append(f"{name}: left out, the folder cannot be read: {error.strerror}")

    for folder, folders, files_here in os.walk(path, onerror=unreadable):
        inside = Path(folder)
        for name in list(folders):
            file = inside / name
            if name in _SKIPPED_FOLDERS:
                folders.remove(name)
            elif _is_named_as_one(name):
                folders.remove(name)
                problem = "" if file.is_symlink() else _FOLDER
                files.append(_Found(file.relative_to(path), file, problem=problem))
            elif file.is_symlink():
                notices.append(f"{_shown(file.relative_to(path).as_posix())}: left out, it is a link")
            elif inside == path and not name.startswith("."):
                students.add(name)
        for name in files_here:
            file = inside / name
            relative = file.relative_to(path)
            if not _is_named_as_one(name):
                if len(relative.parts) > 1 and not name.startswith("."):
                    others.setdefault(relative.parts[0], _shown(relative.as_posix()))
                continue
            if name.lower().endswith(_ARCHIVE) and not file.is_symlink():
                files += _in_archive(file, relative)
            else:
                files.append(_Found(relative, file))
    return files, notices + _without_a_submission(others, students, files)


def _without_a_submission(others: dict[str, str], students: set[str], files: Iterable[_Found]) -> list[str]:
    """Notices of the folders that hold no submission; ``others`` has a file of each that holds any."""
    without = sorted((set(others) | students) - {file.relative.parts[0] for file in files})
    notices = [
        f"{others[name]}: left out, it is no notebook and no .py file"
        if name in others
        else f"{_shown(name)}: left out, the folder is empty"
        for name in without[:_MAX_UNNAMED]
    ]
    if len(without) > _MAX_UNNAMED:
        notices.append(f"{len(without) - _MAX_UNNAMED:,} more folders without a notebook or .py file")
    return notices


def _is_named_as_one(name: str) -> bool:
    return name.lower().endswith((*_SUFFIXES, _ARCHIVE)) and not name.startswith(".")


def preference(file: Path, topic: str | None) -> tuple[bool, bool, bool, str]:
    """Which of two files counts: one named after the topic, a notebook, one that is no second download, the first."""
    stem = _COPY.sub("", file.stem)
    named = topic is None or re.search(rf"(?:^|[_-]){re.escape(topic)}$", stem) is not None
    is_copy = stem != file.stem
    return not named, file.suffix.lower() not in (".ipynb", ".cpp"), is_copy, file.as_posix()


def _no_topic(topics: Iterable[str]) -> str:
    return f"{NO_TOPIC}; name it after one of {', '.join(sorted(topics))}"


def read_bytes(path: Path) -> bytes:
    """Read a regular file once, whole.

    Raises:
        UnreadableError: it is no regular file, too large, or the system refuses.
    """
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if path.is_symlink():
            raise UnreadableError("it is a symbolic link; hand in the file itself") from None
        if path.is_dir():
            raise UnreadableError("it is a folder, not a file") from None
        raise UnreadableError(f"it cannot be opened: {error.strerror}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnreadableError(f"it is {kind}; hand in a notebook or a .py file")
        if status.st_size > MAX_FILE_BYTES:
            raise UnreadableError(
                f"it has {status.st_size >> 20} MB, the limit is {MAX_FILE_BYTES >> 20}; clear the notebook's outputs"
            )
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError("it grew while it was read")
    return data


class _NotebookCell(msgspec.Struct, gc=False):
    cell_type: str = ""
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    nbformat: int | float
    cells: list[_NotebookCell] = []


_notebook_decoder = msgspec.json.Decoder(_Notebook)


def _notebook_cells(data: bytes) -> list[Cell]:
    """Only the source of code cells counts; outputs, metadata and kernel names are not looked at."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    # Looked at before they are built: each of a million empty cells takes twenty times its size in memory.
    if data.count(b'"cell_type"') > 10 * _MAX_CELLS or data.count(b"{}") > 20 * _MAX_CELLS:
        raise UnreadableError("it has more cells than a notebook for grading can have")
    try:
        try:
            notebook = _notebook_decoder.decode(data)
        except msgspec.DecodeError:  # Jupyter writes NaN, and half a character, as Python's json does
            if len(data) > _MAX_LENIENT_BYTES:
                raise
            notebook = msgspec.convert(json.loads(data.decode("utf-8")), _Notebook)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        if data.lstrip()[:1] == b"<":
            raise UnreadableError(
                "it is a web page, not a notebook (of a log-in, perhaps); download or export it again"
            ) from None
        was_json = isinstance(error, msgspec.ValidationError)
        mend = "open it in Jupyter and save it again" if was_json else "download or export it again"
        raise UnreadableError(f"it is not a notebook: {error}; {mend}") from None
    if not notebook.nbformat >= 4:  # NaN is not
        raise UnreadableError(
            f"its notebook format is {notebook.nbformat}; open it in Jupyter and save it again"
        )
    cells: list[Cell] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
            whole = source.encode("utf-8", "replace").decode("utf-8")
            cells.append(Cell(f"cell {len(cells) + 1}", whole, shows=True))
    _check_size(len(cells), sum(len(cell.source) for cell in cells))
    return cells


def script_cells(data: bytes, name: str) -> list[Cell]:
    """A script is one cell, or a cell from each ``# %%`` line to the next; lines keep their numbers.

    For that, each cell begins with an empty line for every line above it.
    """
    try:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            if "unknown encoding" not in str(error):
                raise
            encoding = "utf-8"  # a title such as "# Positional encoding: where a token stands", taken for a declaration
        if codecs.lookup(encoding).name in _NOT_TEXT:
            raise LookupError(f"unknown encoding: {encoding}")
        source = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        source.encode()  # UTF-7 can hold half a character
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise UnreadableError(f"it is not text in a known encoding: {error}; save it as UTF-8") from None
    _check_size(0, len(source))
    starts = [found.start() for found in _CELL_MARKER.finditer(source)]
    ends = [*starts, len(source)]
    cells: list[Cell] = []
    above = size = 0
    for start, end in zip([0, *starts], ends, strict=True):
        piece = source[start:end]
        if piece.strip():
            size += above + len(piece)
            _check_size(len(cells) + 1, size)  # before it is built: it grows with the square of the file
            cells.append(Cell(name, "\n" * above + piece))
        above += piece.count("\n")
    return cells


def _source_file(data: bytes, name: str) -> Cell:
    """A C++ file, whole."""
    try:
        source = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"it is not text in UTF-8: {error}; save it as UTF-8") from None
    _check_size(1, len(source))
    return Cell(name, source)


def _check_size(cells: int, characters: int) -> None:
    if cells > _MAX_CELLS or characters > _MAX_CODE:
        raise UnreadableError(
            "it has too much code or too many cells to be graded; hand in fewer or shorter ones"
        )


class Reader:
    """Reads submissions' files, each once. The archives of the last one stay open for the next."""

    def __init__(self) -> None:
        self._archive: Archive | None = None
        self._inner: Archive | None = None

    def read(self, submission: Submission) -> Submission:
        """The submission with its file's bytes, or with the problem that there was."""
        if submission.problem or submission.data is not None:
            return submission
        try:
            if not submission.member:
                return replace(submission, data=read_bytes(submission.path))
            if self._archive is None or self._archive.path != submission.path:
                self.close()
                self._archive = Archive(submission.path)
            archive = self._archive
            if submission.within:
                if self._inner is None or self._inner.path != archive.path / submission.within:
                    self._inner = archive.open_inner(submission.within, MAX_FILE_BYTES)
                archive = self._inner
            return replace(submission, data=archive.read(submission.member, MAX_FILE_BYTES))
        except (ArchiveError, UnreadableError) as error:
            return replace(submission, problem=str(error))

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = self._inner = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_cells(submission: Submission) -> list[Cell]:
    """Split a submission's file into cells; it is read, once, if it has not been.

    Raises:
        UnreadableError: what the message says.
    """
    with Reader() as reader:
        submission = reader.read(submission)
    if submission.problem:
        raise UnreadableError(submission.problem)
    data, name = submission.data or b"", _shown(submission.file_name)  # half a character could not be sent
    if not data.strip():
        raise UnreadableError("it is empty")
    if name.lower().endswith(".cpp"):
        return [_source_file(data, name)]
    cells = _notebook_cells(data) if name.lower().endswith(".ipynb") else script_cells(data, name)
    if not cells:
        raise UnreadableError("it holds no code")
    return cells
