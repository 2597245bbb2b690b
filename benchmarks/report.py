"""Builds the report of a large class, and opens its class page in Chromium: seconds, and bytes.

    python benchmarks/report.py

The class is examples/submissions, graded once, its results given to as many students as asked for. Each page is
written anew. Needs the extra ``instructor``; opening needs playwright and Chromium on the PATH or named by CHROMIUM.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.course import load_course
from autograder.report.site import write_site
from autograder.results import Result, read_results

ROOT = Path(__file__).resolve().parent.parent


def large_class(some: Sequence[Result], count: int) -> list[Result]:
    """These results, given to as many students as needed, each of whom wrote something of their own."""
    results = []
    for number in range(count):
        result = some[number % len(some)]
        student = f"student-{number:05}"
        cells = [
            msgspec.structs.replace(
                cell, source=f"{cell.source}\nown = {number}" if cell.ran else cell.source
            )
            for cell in result.cells
        ]
        results.append(
            msgspec.structs.replace(
                result, student=student, submission=f"{student}/{result.topic}.ipynb", cells=cells
            )
        )
    return results


def _seconds_to_open(page: Path, times: int) -> list[float]:
    """From asking for the page to its table being there, filtered once by its script."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(times):
            tab = browser.new_page(viewport={"width": 1440, "height": 900})
            start = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            tab.wait_for_function("document.getElementById('count').textContent !== ''")
            tab.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")  # painted
            seconds.append(time.perf_counter() - start)
            tab.close()
        browser.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=1000, help="submissions to build the whole report for")
    parser.add_argument("--rows", type=int, default=5000, help="submissions to open the class page with")
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        graded = Path(scratch) / "graded"
        command = [sys.executable, "-m", "autograder", "grade", "examples/submissions", "--out", str(graded)]
        subprocess.run([*command, "--quiet", "--no-report"], cwd=ROOT, check=False)
        some = read_results(graded)
        out = Path(scratch) / "pages"
        out.mkdir()
        start = time.perf_counter()
        write_site(out, large_class(some, given.pages), course)
        seconds = time.perf_counter() - start
        size = sum(file.stat().st_size for file in out.rglob("*.html"))
        largest = max(file.stat().st_size for file in out.glob("feedback/*/*.html"))
        print(
            f"{given.pages} submissions: {seconds:.1f} s, {size / 1e6:.1f} MB, largest page {largest / 1e3:.0f} kB"
        )
        out = Path(scratch) / "rows"
        out.mkdir()
        start = time.perf_counter()
        page = write_site(out, large_class(some, given.rows), course)
        print(
            f"{given.rows} submissions: {time.perf_counter() - start:.1f} s, "
            f"class page {page.stat().st_size / 1e6:.1f} MB"
        )
        if not given.no_browser:
            opened = _seconds_to_open(page, 5)
            print(
                f"opened in {statistics.median(opened):.2f} s (median of {len(opened)}, longest {max(opened):.2f} s)"
            )


if __name__ == "__main__":
    main()
