"""C++ exercises: what is compiled, what a hostile source gets, what is graded. No test depends on time measured."""

import contextlib
import dataclasses
import importlib.util
import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from autograder import native, verify
from autograder.course import load_course, load_public_course
from autograder.grading import _open_session, grade_cells, grade_submission
from autograder.own_work import does_not_compile
from autograder.release import exercise_files, stale_files
from autograder.sandbox.jobs import Command, Job, find_compiler, run_job
from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Cell
from autograder.submissions import find_submissions, read_cells

ROOT = Path(__file__).parents[1]
COMPILER = find_compiler(os.environ)

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here")

MATMUL = """\
#include "kernels_cpp.hpp"
#include <cmath>
#include <stdexcept>

void matmul(ConstMatrix A, ConstMatrix B, Matrix C) {
    if (A.columns != B.rows) throw std::invalid_argument("no fit");
    for (std::ptrdiff_t i = 0; i < C.rows; ++i)
        for (std::ptrdiff_t j = 0; j < C.columns; ++j) {
            double &c = C.data[i * C.row_stride + j * C.column_stride];
            c = 0;
            for (std::ptrdiff_t p = 0; p < B.rows; ++p)
                c += A.data[i * A.row_stride + p * A.column_stride] * B.data[p * B.row_stride + j * B.column_stride];
        }
}
"""
SOFTMAX = """
void softmax_rows(ConstMatrix X, Matrix Y) {
    if (X.rows != Y.rows || X.columns != Y.columns) throw std::invalid_argument("no fit");
    for (std::ptrdiff_t i = 0; i < X.rows; ++i) {
        const double *x = X.data + i * X.row_stride;
        double m = -INFINITY, s = 0;
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) m = std::fmax(m, x[j * X.column_stride]);
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) s += std::exp(x[j * X.column_stride] - m);
        for (std::ptrdiff_t j = 0; j < X.columns; ++j)
            Y.data[i * Y.row_stride + j * Y.column_stride] = std::exp(x[j * X.column_stride] - m) / s;
    }
}
"""
RIGHT = MATMUL + SOFTMAX


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    """Nothing that was compiled before, and nothing left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CXX", raising=False)
        native._compiler.cache_clear()
        yield
        native._compiler.cache_clear()


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT)


@pytest.fixture(scope="module")
def topic(course):
    """The topic without the test cases that measure time."""
    whole = course.topics["kernels_cpp"]
    for exercise in whole.exercises:
        cases = [case for case in exercise.tests.test_cases if not case.name.startswith("speed")]
        assert len(cases) < len(exercise.tests.test_cases)
        exercise.tests.test_cases = cases
    return whole


@pytest.fixture(scope="module")
def launcher():
    with open_launcher(["numpy"], Limits(call_seconds=2), allow_weaker=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def grade(topic, launcher):
    def run(source, *cells):
        results, session = grade_cells(topic, [Cell("kernels_cpp.cpp", source), *cells], launcher)
        return {result.name: result for result in results}, session

    return run


def lost(result):
    return [test.name for test in result.tests if not test.passed]


def test_a_right_solution_gets_all_points(grade, topic):
    results, session = grade(RIGHT)
    assert [lost(result) for result in results.values()] == [[], []]
    assert session.status == "graded" and not session.failures


def test_the_untouched_exercise_gets_none(grade):
    results, _ = grade((ROOT / "exercises" / "kernels_cpp.cpp").read_text(encoding="utf-8"))
    for result in results.values():
        assert result.score == 0
        assert {test.message for test in result.tests if not test.hidden} == {
            "NotImplementedError: not done yet"
        }


def test_what_students_get_is_what_the_master_makes():
    stale = stale_files(ROOT / "exercises", exercise_files(load_course(ROOT)))
    assert [path for path in stale if "kernels_cpp" in path] == []
    assert "SOLUTION" not in (ROOT / "exercises" / "kernels_cpp.cpp").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        (RIGHT.replace("c = 0;", "c = 0"), 10, "expected"),
        (RIGHT.replace("c = 0;", "c = nothing;"), 10, "nothing"),
        ("#include <no_such_header>\n" + RIGHT, 1, "there is no no_such_header to include"),
        ("#error stopped\n" + RIGHT, 1, "stopped"),
        (
            RIGHT + "double helper(double);\ndouble used() { return helper(1); }\n",
            0,
            "defines helper(double)",
        ),
        (RIGHT + 'asm(".nonsense");\n', 0, "nonsense"),
        ("", 0, None),
    ],
)
def test_what_the_compiler_says_comes_back_readable(grade, source, line, says):
    results, session = grade(source)
    assert sum(result.score for result in results.values()) == 0
    if says is None:  # an empty file compiles; there are no functions in it
        assert not session.failures
        assert "there is no matmul with the arguments" in results["matmul"].tests[0].message
        return
    (failure,) = session.failures.values()
    assert failure.type == "CompilerError" and says in failure.message
    message = results["matmul"].tests[0].message
    assert says in message and "/box" not in message
    public = [test for test in results["matmul"].tests if not test.hidden]
    assert does_not_compile(msgspec.structs.replace(results["matmul"], tests=public)), "told once, by `check`"
    if line:
        assert failure.where == f"kernels_cpp.cpp, line {line}"
        assert f"it does not compile: kernels_cpp.cpp, line {line}: " in message


def test_a_main_of_its_own_is_told_to_go(grade):
    results, _ = grade(RIGHT + "int main() {}\n")
    (message,) = (test.message for test in results["matmul"].tests if test.name == "no memory but its own")
    assert f"line {RIGHT.count(chr(10)) + 1}: main is there twice" in message and "/box" not in message


def test_a_file_that_is_not_utf_8_costs_no_other_topic(tmp_path):
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    (tmp_path / "exercises" / "kernels_cpp.cpp").write_bytes(b"// na\xefve\n" + RIGHT.encode())
    course = load_public_course(tmp_path / "exercises")
    assert {"kernels_cpp", "attention"} <= set(course.topics)


def test_one_function_is_graded_without_the_other(grade):
    results, _ = grade(MATMUL)
    assert lost(results["matmul"]) == [] and results["softmax_rows"].score == 0


def test_a_crash_costs_one_exercise(grade):
    crash = RIGHT.replace(
        "double m = -INFINITY", "int *volatile null = nullptr; *null = 1;\n        double m = -INFINITY"
    )
    results, session = grade(crash)
    assert lost(results["matmul"]) == []
    assert results["softmax_rows"].score == 0 and session.status == "crashed"
    place = f"kernels_cpp.cpp, line {1 + crash[: crash.index('int *volatile')].count(chr(10))}: "
    message = next(
        test.message for test in results["softmax_rows"].tests if test.name == "no memory but its own"
    )
    assert message.startswith(place)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            MATMUL.replace("p < B.rows", "p <= B.rows"),
            "line 12: reads outside of its memory (heap-buffer-overflow)",
        ),
        (MATMUL.replace("j < C.columns", "j <= C.columns"), "outside of its memory"),
        (
            MATMUL.replace("c = 0;", "c = 0; double *d = new double[2]; delete[] d; d[0] = 1;"),
            "heap-use-after-free",
        ),
        (
            MATMUL.replace("c = 0;", "c = 0; volatile int n = 2147483647; n = n + 1;"),
            "signed integer overflow",
        ),
        (MATMUL.replace("c = 0;", "c = 0; while (C.rows) {}"), "it took longer than"),
        (
            "#include <cstdlib>\nstruct Leaves { Leaves() { std::exit(0); } } leaves;\n" + MATMUL,
            "ended before",
        ),
    ],
)
def test_memory_errors_are_found_and_placed(topic, launcher, monkeypatch, source, says):
    monkeypatch.setattr(native, "_CHECK_SECONDS", 1.5)
    found = native.memory_errors(topic.native, source, ["matmul", "softmax_rows"], launcher.tier)
    assert says in found["matmul"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("c = 0;", ""), "added_to_what_was_there"),
        (("c = 0;\n            for", "c = 0;\n            if (i < C.rows - C.rows % 4) for"), None),
        (("c += A", "if (A.data[i * A.row_stride + p * A.column_stride] != 0) c += A"), "zeros_left_out"),
        (
            ("C.data[i * C.row_stride + j * C.column_stride]", "C.data[i * C.columns + j]"),
            "strides_of_the_result_not_used",
        ),
    ],
)
def test_mistakes_made_in_cpp_are_named(grade, change, named):
    results, _ = grade(RIGHT.replace(*change))
    mistake = results["matmul"].mistake
    assert (mistake.id if mistake else None) == named
    assert lost(results["matmul"]) and not lost(results["softmax_rows"])


def test_speed_is_judged_by_ratio():
    path = ROOT / "solutions" / "tests" / "kernels_cpp" / "matmul.py"
    spec = importlib.util.spec_from_file_location("speed_tests", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    slow_once = iter([9.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    module.expect_speed(lambda *_: 0.5, lambda *_: 1.0, 2)
    module.expect_speed(lambda *_: next(slow_once), lambda *_: 2.0, 2)
    with pytest.raises(AssertionError, match=r"1\.0 times as fast .* 1\.5 times is wanted"):
        module.expect_speed(lambda *_: 1.0, lambda *_: 1.0, 1.5)


def test_the_grader_times_calls_of_both(topic, launcher):
    with contextlib.ExitStack() as stack:
        session = _open_session(topic, [Cell("kernels_cpp.cpp", RIGHT)], launcher, stack)
        for tool in ("seconds", "baseline_seconds"):
            assert 0 < session.tools[tool]("matmul", np.eye(3), np.eye(3)) < 60


def test_a_call_that_is_timed_must_be_right(topic, launcher):
    source = '#include "kernels_cpp.hpp"\nvoid matmul(ConstMatrix, ConstMatrix, Matrix) {}\n'
    source += "void softmax_rows(ConstMatrix, Matrix) {}\n"
    with contextlib.ExitStack() as stack:
        session = _open_session(topic, [Cell("kernels_cpp.cpp", source)], launcher, stack)
        arguments = np.eye(3), np.eye(3)
        session.tools["baseline_seconds"]("matmul", *arguments)
        with pytest.raises(AssertionError, match="another result than the plain loops"):
            session.tools["seconds"]("matmul", *arguments)


def test_a_library_that_is_too_large_is_not_sent(topic, launcher):
    source = '#include "kernels_cpp.hpp"\nchar many[9 << 20] = {1};\nvoid matmul(ConstMatrix, ConstMatrix, Matrix) {}\n'
    source += "void softmax_rows(ConstMatrix, Matrix) {}\n"
    cell = native.library_cell(topic.native, source, ["matmul"], launcher.tier)
    assert "a library of 9 MB, the limit is 8" in cell.source
    assert len(cell.source) < 10_000


TIERS = ("A", "B")
SECRET = "SWORDFISH-OF-THE-GRADER"


@pytest.fixture(params=TIERS)
def tier(request):
    try:
        open_launcher([], Limits(), request.param).close()
    except SandboxError as error:
        pytest.skip(f"tier {request.param} is not to be had here: {error}")
    return request.param


def built(source, tier, *commands, seconds=20.0, megabytes=2000):
    """Compile and run hostile code."""
    compile_it = Command([COMPILER, "-std=c++20", "-O1", "-o", "made", "hostile.cpp"], seconds, megabytes)
    outcome = run_job(
        Job({"hostile.cpp": source.encode()}, [compile_it, *commands], ["made"]), tier, COMPILER
    )
    assert not outcome.error
    return outcome


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A file of the grader's, and its environment."""
    monkeypatch.setenv("GRADER_TOKEN", SECRET)
    path = tmp_path / "secret.txt"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("what", ['#include "{}"', 'asm(".incbin \\"{}\\"");'])
def test_a_source_gets_no_file_of_the_grader(secret, tier, what):
    for path in (secret, "/proc/self/environ", f"/proc/{os.getpid()}/environ"):
        outcome = built(f"{what.format(path)}\nint main() {{}}\n", tier)
        assert SECRET.encode() not in b"".join(outcome.files.values())
        assert SECRET not in "".join(done.output for done in outcome.done)
        if path == secret:
            assert not outcome.done[0].well


@pytest.mark.parametrize("what", ["#include __FILE__", '#include "/dev/zero"'])
def test_a_source_without_end_is_refused(tier, what):
    (done,) = built(f"{what}\nint main() {{}}\n", tier, megabytes=500).done
    assert not done.well


def test_a_compiler_that_does_not_end_is_ended(tier):
    bomb = """
        template <int N, int M> struct F { static constexpr long v = F<N - 1, 2 * M>::v + F<N - 1, 2 * M + 1>::v; };
        template <int M> struct F<0, M> { static constexpr long v = M; };
        long x = F<26, 1>::v;
        int main() {}
    """
    (done,) = built(bomb, tier, seconds=3.0, megabytes=1000).done
    assert not done.well
    assert done.stopped or "memory" in done.output


HOSTILE = """
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int count, char **arguments) {
    if (arguments[1][0] == 'm') for (;;) std::memset(new char[1 << 24], 1, 1 << 24);
    if (arguments[1][0] == 'l') for (;;) {}
    if (arguments[1][0] == 'f') { for (int i = 0; i < 200; ++i) if (fork() == 0) sleep(60); sleep(60); }
    int failed = 0;
    failed += socket(AF_INET, SOCK_STREAM, 0) < 0;
    failed += open(arguments[2], O_RDONLY) < 0;
    failed += open(arguments[2], O_WRONLY) < 0;
    failed += chmod(arguments[2], 0777) < 0;
    failed += open("/work-of-a-stranger", O_CREAT | O_WRONLY, 0600) < 0;
    failed += kill(getppid() == 1 ? 2 : 1, SIGKILL) < 0;
    std::printf("refused %d of 6\\n", failed);
}
"""


def test_what_was_compiled_is_confined_and_bounded(tier, secret):
    def run(*arguments):
        return Command(["./made", *arguments], 2.0, 400, address_space=False)

    refused = built(HOSTILE, tier, run("refused", str(secret))).done[1]
    assert refused.output == "refused 6 of 6\n", refused
    assert "memory" in built(HOSTILE, tier, run("memory")).done[1].stopped
    for endless in ("loop", "fork"):
        assert "longer than 2 s" in built(HOSTILE, tier, run(endless)).done[1].stopped


def test_what_was_compiled_before_is_not_compiled_again(topic, launcher, monkeypatch):
    first = native.library_cell(topic.native, RIGHT, ["matmul"], launcher.tier)

    def never(*_):
        raise AssertionError("compiled again")

    monkeypatch.setattr(native, "run_job", never)
    assert native.library_cell(topic.native, RIGHT, ["matmul"], launcher.tier) == first
    with pytest.raises(AssertionError, match="compiled again"):
        native.library_cell(topic.native, RIGHT + "// changed", ["matmul"], launcher.tier)


def test_only_the_newest_are_kept(topic, launcher, monkeypatch):
    monkeypatch.setattr(native, "_KEPT", 2)
    for number in range(4):
        native.library_cell(topic.native, f"{RIGHT}// {number}", ["matmul"], launcher.tier)
    assert len(list(native._cache(os.environ).iterdir())) == 2


def test_without_a_compiler_the_submission_is_not_graded_and_says_why(
    course, topic, launcher, monkeypatch, tmp_path
):
    monkeypatch.setenv("CXX", "no-such-compiler")
    (tmp_path / "kernels_cpp.cpp").write_text(RIGHT, encoding="utf-8")
    ((submission,), _) = find_submissions(tmp_path, course.topics)
    result = grade_submission(submission, topic, launcher, {"tier": launcher.tier})
    assert (result.status, result.total, result.was_run) == ("crashed", 0, False)
    assert "no C++ compiler: CXX names no-such-compiler" in result.error
    task = verify._Whole("kernels_cpp", topic.source, {})
    report = verify._work(dataclasses.replace(course, topics={"kernels_cpp": topic}), launcher, task)
    assert "no C++ compiler" in report.left_out and not report.breaches


def test_a_compiler_without_sanitizers_is_no_fault_of_the_submission(topic, launcher, monkeypatch):
    monkeypatch.setattr(native, "_SANITIZED", ["-fsanitize=no-such-thing"])
    native._compiler.cache_clear()
    with pytest.raises(SandboxError, match="cannot build what C\\+\\+ exercises need"):
        grade_cells(topic, [Cell("kernels_cpp.cpp", RIGHT)], launcher)
    native._compiler.cache_clear()


def test_which_files_are_submissions(tmp_path):
    names = {
        "student-001/kernels_cpp.cpp": RIGHT,
        "student-001/csrc/matmul.cpp": "int x;",
        "student-001/csrc/attention.cpp": "int x;",
        "student-001/attention.py": "x = 1",
        "student-002/kernels_cpp.py": "x = 1",
        "student-003_kernels_cpp (1).CPP": RIGHT,
        "student-004/essay.cpp": "int x;",
    }
    for name, text in names.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found, notices = find_submissions(tmp_path, ["attention", "kernels", "kernels_cpp"])
    told = {item.name: (item.student, item.topic, bool(item.problem)) for item in found}
    assert told == {
        "student-001/attention.py": ("student-001", "attention", False),
        "student-001/kernels_cpp.cpp": ("student-001", "kernels_cpp", False),
        "student-002/kernels_cpp.py": ("student-002", "kernels_cpp", True),
        "student-003_kernels_cpp (1).CPP": ("student-003", "kernels_cpp", False),
        "student-004/essay.cpp": ("student-004", "", True),
    }
    assert notices == []
    (problem,) = (item.problem for item in found if item.student == "student-002")
    assert "handed in as a C++ file: kernels_cpp.cpp" in problem
    (cells,) = (
        read_cells(item) for item in found if item.student == "student-001" and item.topic == "kernels_cpp"
    )
    assert cells == [Cell("kernels_cpp.cpp", RIGHT)]
