"""Results made by hand, and files as the platforms write them."""

from __future__ import annotations

from typing import Any

from autograder.results import ExerciseResult, Mistake, Result, TestResult


def exercise(name: str = "total", score: float = 1.0, possible: float = 4.0) -> ExerciseResult:
    tests = [
        TestResult(name="public", hidden=False, passed=score > 0, points=score, message="<b>came</b>: 2"),
        TestResult(name="secret", hidden=True, passed=False, points=possible - score, message="Look again."),
    ]
    return ExerciseResult(
        name=name,
        score=score,
        possible=possible,
        tests=tests,
        mistake=Mistake(id="absolute", hint="Mind the signs."),
    )


def result(student: str, topic: str = "tiny", total: float = 1.0, **fields: Any) -> Result:
    given: dict[str, Any] = {
        "submission": f"{student}/{topic}.py",
        "student": student,
        "topic": topic,
        "status": "graded",
        "total": total,
        "possible": 4.0,
        "seconds": 0.1,
        "exercises": [exercise(score=total)],
        "protections": {"tier": "A"},
        "error": "",
    }
    return Result(**(given | fields))


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (11),Essay (12),Current Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,4.00,10.00,(read only)\r\n"
    '"Adams, Ada",101,S1,ada@uni.example,One,,7.5,\r\n'
    '"=""=Boole, ""George""""",102,S2,george,"One, Two",3.00,,\r\n'
    '"O\'Neill, Zoë",103,S3,zoe,One,,EX,\r\n'
    '"Student, Test",199,,t0,One,,,\r\n'
).encode()

MOODLE = (
    b"\xef\xbb\xbf"
    + (
        'Identifier,"Full name","Email address",Status,Group,Grade,"Maximum Grade","Grade can be changed",'
        '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
        '"Participant 501","Ada Adams",ada@uni.example,"In time","Team A",,4.00,Yes,"Monday, 2 November",-,\n'
        '"Participant 502","Zoë O\'Neill",zoe@uni.example,"In time","Team A",,4.00,Yes,-,-,"Old ""text"""\n'
        '"Participant 503","George Boole",g@uni.example,"No submission","Team B",2.50,4.00,No,-,-,\n'
    ).encode()
)
