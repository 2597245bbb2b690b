"""What ``otter grade`` and Gradescope need of an otter bundle to build their container: otter's own scripts.

``otter run`` does without. The scripts come from otter's generator, so that they fit the version installed here.
"""

from __future__ import annotations

import contextlib
import tempfile
import warnings
import zipfile
from pathlib import Path

from otter.generate import main as generate

from autograder.course import Course
from autograder.release import shipped_files, zip_archive

__all__ = ["otter_container"]

_PACKAGE = "requirements.zip"
"""What students install, as sources. otter's Dockerfile copies ``requirements.*``; Docker unpacks no zip by itself."""


def otter_container(course: Course) -> dict[str, bytes]:
    """Files that go into each bundle beside the tests.

    Raises:
        CourseError: a file that pyproject.toml names is missing.
    """
    package = {f"package/{name}": data for name, data in shipped_files(course).items()}
    with tempfile.TemporaryDirectory(prefix="autograder-otter-") as name, contextlib.chdir(name):
        requirements = Path("requirements.txt")
        requirements.write_text(f"/autograder/source/{_PACKAGE}\n" if package else "")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            generate(
                tests_dir="none", output_path="made.zip", requirements=str(requirements), no_environment=True
            )
        with zipfile.ZipFile("made.zip") as made:
            entries = {item: made.read(item) for item in made.namelist() if item != "otter_config.json"}
    if package:
        entries[_PACKAGE] = zip_archive(package)
    return entries
