"""The engine: grades a folder of submissions against a course folder; knows no topic."""

import sys
from importlib.metadata import PackageNotFoundError, version

# otter imports nbformat, and that a schema checker which, for one optional format, loads a grammar for over a second:
# longer than everything else together, in the command and in each worker. Without the module, it goes without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

try:
    __version__ = version("genai-course")
except PackageNotFoundError:  # run from a folder that is not installed
    __version__ = "0"

__all__ = ["__version__"]
