"""A class of results made here, without grading: right and wrong work, and names and outputs that are hostile."""

from __future__ import annotations

import numpy as np

from autograder.drawn import MAX_PNG_BYTES, as_png
from autograder.report.topics import ExerciseFacts, TopicFacts
from autograder.results import (
    ExerciseResult,
    Mistake,
    NotebookCell,
    Result,
    TestResult,
)
from autograder.sandbox.protocol import Picture
from autograder.shown import show_call
from autograder.transcript import Asked, Call, Outcome

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'>",
    '"><svg onload=window.hacked=3>',
    '=HYPERLINK("http://127.0.0.1:9/")',
    "../../../etc/passwd",
    "javascript:window.hacked=4",
    "</pre></style></script><h1>big</h1>",
    "{{ 7 * 7 }}{% raw %}",
    "con",
    "student\u202egnp.exe",
    "red\x1b[31mtext",
    "NUL.txt",
)
"""Names of students, outputs and messages."""

FACTS = {
    "attention": TopicFacts(
        title="Attention",
        exercises={
            "attention": ExerciseFacts(
                formula=r"\mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V",
                source="Vaswani et al. 2017, equation 1.",
            ),
            "causal_mask": ExerciseFacts(),
        },
        handed_out="def attention(Q, K, V, mask=None):\n    ...\n",
    )
}


def shown(got, expected, argument=3, raised=""):
    """What is shown of a call that gave ``got``, where ``expected`` was right."""

    def reference(n):
        if isinstance(expected, Exception):
            raise expected
        return expected

    asked = Asked("attention", (argument,), {})
    outcome = Outcome(value=got, raised=raised, args=(argument,), kwargs={})
    return show_call([Call(asked, outcome)], {"attention": reference})


PICTURES = (
    shown(np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3).T.copy()),
    shown(np.eye(4), np.tril(np.ones((4, 4)))),
    shown(np.linspace(-1, 1, 900).reshape(30, 30), np.zeros((30, 30))),
    shown(np.array([0.1, 0.2, 0.7]), np.array([0.5, 0.25, 0.25])),
    shown(["the", " king", "<b>"], ["the", " queen", "<b>"]),
    shown([1, 2, 3, 257], [1, 2, 300]),
    shown(np.random.default_rng(0).normal(size=(3, 8, 8)), np.zeros((3, 8, 8))),
    shown({"a": 1}, {"a": 2}),
    shown(None, 3.0, raised="ValueError"),
    shown(1.0, ValueError("no")),
    shown((np.ones(3), [1, 2]), (np.zeros(3), [1, 2])),
    shown(np.array([np.nan, np.inf, 1.0]), np.array([0.0, 1.0, 2.0])),
)


def exercise(name, cases, mistake=None):
    """An exercise with cases of one point each: (hidden, passed, message, shown)."""
    tests = [
        TestResult(
            name=f"case {number}", hidden=hidden, passed=passed, points=1.0, message=message, shown=what
        )
        for number, (hidden, passed, message, what) in enumerate(cases)
    ]
    score = float(sum(test.passed for test in tests))
    return ExerciseResult(name=name, score=score, possible=float(len(tests)), tests=tests, mistake=mistake)


def result(student, exercises, *, topic="attention", status="graded", error="", cells=(), suffix=".ipynb"):
    return Result(
        submission=f"{student}/{topic}{suffix}",
        student=student,
        topic=topic,
        status=status,
        total=float(sum(item.score for item in exercises)),
        possible=float(sum(item.possible for item in exercises)),
        seconds=0.1,
        exercises=list(exercises),
        protections={} if status == "unreadable" else {"tier": "A"},
        error=error,
        cells=list(cells),
    )


SCALE = Mistake(id="missing_scale", hint="What does equation 1 divide them by?")
RIGHT = (False, True, "", None)
HIDDEN = (True, False, "A hidden test of this exercise does not pass.", None)
WRONG = (False, False, "Not equal to tolerance", PICTURES[0])


GRADIENT = np.linspace(0, 255, 640 * 480 * 3).astype(np.uint8).tobytes()


def a_drawing(alt):
    return as_png([Picture(640, 480, GRADIENT, alt)], MAX_PNG_BYTES)


def a_class(count=12):
    """So many ordinary students, one for each picture, one for each hostile text, and four in trouble."""
    results = []
    for number in range(count):
        right = number % 3 == 0
        cells = [
            NotebookCell(
                source=f"def attention(Q, K, V):\n    return Q @ K.T @ V / {number}",
                output=f"{number}\n",
                pictures=a_drawing("" if number else "A gradient") if number < 2 else [],
            )
        ]
        results.append(
            result(
                f"student-{number:03}",
                [
                    exercise(
                        "attention", [RIGHT, RIGHT] if right else [WRONG, HIDDEN], None if right else SCALE
                    ),
                    exercise("causal_mask", [RIGHT if number % 2 else HIDDEN]),
                ],
                cells=cells,
            )
        )
    for number, picture in enumerate(PICTURES):
        results.append(
            result(
                f"picture-{number:02}",
                [exercise("attention", [(False, False, "wrong", picture), RIGHT], SCALE)],
                suffix=".py",
            )
        )
    for text in HOSTILE:
        wrong = (False, False, text, shown([text, text], [text]))
        drawn = a_drawing(text)
        cells = [NotebookCell(source=f"print({text!r})", output=text, error=text, pictures=drawn)]
        results.append(result(text, [exercise("attention", [wrong])], cells=cells, error=text))
    results += [
        result("student-901", [exercise("attention", [HIDDEN])], status="crashed", error="cell 1 crashed"),
        result(
            "student-902", [exercise("attention", [HIDDEN])], status="timeout", error="took longer than 10 s"
        ),
        result("student-903", [], topic="", status="unreadable", error="its name tells no topic"),
        result("student-904", [exercise("attention", [])], status="unreadable", error="it is empty"),
    ]
    return results
