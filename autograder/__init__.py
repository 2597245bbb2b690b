"""The engine: grades a folder of submissions against a course folder; knows no topic."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("genai-course")
except PackageNotFoundError:  # run from a folder that is not installed
    __version__ = "0"

__all__ = ["__version__"]
