"""How much a submission may use."""

from __future__ import annotations

import msgspec

__all__ = ["Limits"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one submission's process, and of the time that the trusted side waits for it."""

    call_seconds: float = 5.0
    """Wall time of one call of one function."""
    cell_seconds: float = 10.0
    """Wall time of one cell."""
    total_seconds: float = 60.0
    """Wall time of the whole submission, over all its processes."""
    cpu_seconds: int = 60
    memory_megabytes: int = 2048
    """Address space of the process, the interpreter and its libraries included."""
    folder_megabytes: int = 64
    folder_files: int = 2000
    output_megabytes: int = 16
    """Size of one file that the process writes, its standard output included."""
    pictures: bool = False
    """Whether cells of a notebook that only draw are run too: ten times the time, for pages with their pictures."""
    threads: int = 32
    open_files: int = 64
