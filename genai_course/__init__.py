"""What a student of the course imports: fast kernels, small data sets and plots.

``genai_course.kernels`` holds the arithmetic in C++, ``genai_course.data`` what the exercises train on,
``genai_course.plots`` the pictures they draw.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("genai-course")
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
