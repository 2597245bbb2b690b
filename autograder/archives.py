"""Reads submissions out of zip archives in memory, within limits: nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

__all__ = ["MAX_MEMBERS", "Archive", "ArchiveError", "Member", "list_members", "read_member"]

MAX_MEMBERS = 60_000
"""Most members of one archive. A larger class is handed over in several archives, or unpacked."""

_MAX_INNER = 1000
"""Most members of an archive in another one: what a student packed, in what a platform packed."""
_MAX_RATIO = 200
_RATIO_COUNTS_FROM = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed. LZMA's header says how much memory to take, up to 4 GB."""
_OTHER_METHOD = "it is packed in a way that is not read; make an ordinary zip archive"
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, RuntimeError, ValueError)
_END_RECORD, _END_RECORD_SIZE, _MAX_COMMENT = b"PK\x05\x06", 22, 65535
_LOCATOR, _LOCATOR_SIZE, _END_RECORD_64_SIZE = b"PK\x06\x07", 20, 56
_MAX_NAME, _MAX_DEPTH = 1000, 50
"""Longest name of a file with its folders, and most of those; the format has room for thousands."""


class ArchiveError(Exception):
    """An archive, or a member of it, that is not read; the message says why."""


@dataclass(frozen=True)
class Member:
    """A file in an archive. ``problem`` says why it is not read, and is empty otherwise."""

    name: str
    problem: str = ""
    size: int = 0
    """Bytes, unpacked."""


def _check_count(file: BinaryIO, most: int) -> None:
    """Look at the number of members before zipfile builds an object for each."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _END_RECORD_SIZE - _MAX_COMMENT - _LOCATOR_SIZE - _END_RECORD_64_SIZE, 0))
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) < at + _END_RECORD_SIZE:
        raise ArchiveError("it is not a zip archive, or its end is missing; make it anew")
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    locator = at - _LOCATOR_SIZE
    if locator >= _END_RECORD_64_SIZE and tail.startswith(
        _LOCATOR, locator
    ):  # this record is the one that counts
        large = tail[locator - _END_RECORD_64_SIZE : locator]
        count, directory = int.from_bytes(large[32:40], "little"), int.from_bytes(large[40:48], "little")
    if count > most or directory > most * 512:
        raise ArchiveError(f"it holds more than {most:,} files; unpack it, or split it")


def _problem(info: zipfile.ZipInfo, limit: int) -> str:
    name = info.filename
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith(("/", "\\")) or ".." in parts or "\\" in name or ":" in (parts[0] if parts else ""):
        return "its name leads out of the archive"
    if kind and not stat.S_ISREG(kind):
        return "it is a link or a device, not a file"
    if len(name) > _MAX_NAME or len(parts) > _MAX_DEPTH:
        return "its name is too long, or in too many folders"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.compress_type not in _METHODS:
        return _OTHER_METHOD
    if info.file_size > limit:
        return f"it has {info.file_size >> 20} MB unpacked, the limit is {limit >> 20}"
    if info.file_size > _RATIO_COUNTS_FROM and info.file_size > _MAX_RATIO * max(info.compress_size, 1):
        return "it is packed too tightly to be a submission"
    return ""


def _short(name: str) -> str:
    """A name that can be handled; one that is shortened is of a file that is not read."""
    if len(name) <= _MAX_NAME and name.count("/") <= _MAX_DEPTH:
        return name
    return "…".join(part.replace("/", "_") for part in (name[:60], name[-60:]))


def list_members(path: Path, limit: int) -> list[Member]:
    """The files of an archive, each with what is wrong with it.

    Args:
        path: the archive.
        limit: most bytes of one file, unpacked.

    Raises:
        ArchiveError: it is no zip archive, broken, or holds too many files.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise ArchiveError("it is not a regular file")
        with open(path, "rb") as file:
            return _members(file, limit, MAX_MEMBERS)
    except OSError as error:
        raise ArchiveError(f"it is not a zip archive that can be read: {error}") from None


def _members(file: BinaryIO, limit: int, most: int) -> list[Member]:
    _check_count(file, most)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError(f"it is not a zip archive that can be read: {error}") from None
    names = Counter(info.filename.casefold() for info in infos)
    members = []
    for info in infos:
        twice = names[info.filename.casefold()] > 1
        problem = "another file in the archive has the same name" if twice else _problem(info, limit)
        members.append(Member(_short(info.filename), problem, info.file_size))
    return members


class Archive:
    """An archive that stays open while its files are read, one by one.

    Args:
        path: where it lies.
        data: its bytes, where it lies in another archive and was read.

    Raises:
        ArchiveError: it cannot be opened.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path = path
        try:
            self._file = zipfile.ZipFile(path if data is None else io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveError(f"it cannot be unpacked: {error}") from None

    def read(self, name: str, limit: int) -> bytes:
        """Read one file whole.

        Raises:
            ArchiveError: it is broken, larger than ``limit``, or packed in a way that is not known.
        """
        try:
            info = self._file.getinfo(name)
            if info.compress_type not in _METHODS:
                raise ArchiveError(_OTHER_METHOD)
            with self._file.open(info) as file:
                data = file.read(limit + 1)
        except _BROKEN as error:
            raise ArchiveError(f"it cannot be unpacked: {error}") from None
        if len(data) > limit:
            raise ArchiveError(f"it has more than {limit >> 20} MB unpacked")
        return data

    def list_inner(self, name: str, limit: int) -> list[Member]:
        """The files of an archive that lies in this one; see ``list_members``.

        Raises:
            ArchiveError: it cannot be read, is no archive, or holds too many files.
        """
        return _members(io.BytesIO(self.read(name, limit)), limit, _MAX_INNER)

    def open_inner(self, name: str, limit: int) -> Archive:
        """An archive that lies in this one.

        Raises:
            ArchiveError: it cannot be read or opened.
        """
        return Archive(self.path / name, self.read(name, limit))

    def close(self) -> None:
        self._file.close()


def read_member(path: Path, name: str, limit: int) -> bytes:
    """Read one file of an archive whole; see ``Archive``."""
    archive = Archive(path)
    try:
        return archive.read(name, limit)
    finally:
        archive.close()
