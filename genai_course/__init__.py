"""What a student of the course imports: fast kernels, small data sets and plots.

``genai_course.kernels`` holds the arithmetic in C++, ``genai_course.data`` what the exercises train on,
``genai_course.plots`` the pictures they draw.
"""

from importlib.metadata import PackageNotFoundError, version
from pkgutil import extend_path

# In the folder of the sources, these hide what was installed from them: its compiled kernels are still found.
__path__ = extend_path(__path__, __name__)

try:
    __version__ = version("genai-course")
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
