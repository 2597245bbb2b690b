"""Grades submissions with otter's own engine, one notebook kernel each; run as a script, beside a second one.

Reads a JSON list of ``[bundle, submission]`` from its input and writes, for each as it is done, a line with the points
of each exercise. ``otter run`` is a thin shell over the same function; this spares its start for every submission.
"""

from __future__ import annotations

import json
import sys
import warnings

from otter.api import grade_submission


def main() -> None:
    jobs = json.load(sys.stdin)
    for bundle, submission in jobs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = grade_submission(submission, bundle, quiet=True)
        points = {name: result.score for name, result in results.results.items()}
        print(json.dumps([submission, points]), flush=True)


if __name__ == "__main__":
    main()
