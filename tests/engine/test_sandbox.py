"""The sandbox: what a submission's code does, and what a test sees of it, on every tier that this machine has."""

import copy
import enum
import os
import pwd
import tempfile
import time
import warnings
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox import protocol, wire
from autograder.sandbox.client import ProcessEnded, Sandbox, StudentError, apply_change
from autograder.sandbox.protocol import Cell
from tests.engine.test_wire import identical

QUICK = {"call_seconds": 0.4, "cell_seconds": 0.4, "memory_megabytes": 600}


@pytest.fixture(params=["A", "B"])
def tier(request):
    return request.param


@pytest.fixture
def start(launchers, tier):
    """Start a sandbox and run cells in it; every one is closed at the end."""
    started = []

    def run(*sources, **limits):
        sandbox = Sandbox(launchers.get(tier, **limits))
        started.append(sandbox)
        cells = [Cell(f"cell {index}", source) for index, source in enumerate(sources, 1)]
        sandbox.failures = sandbox.run(cells, time.monotonic() + 20)
        return sandbox

    yield run
    for sandbox in started:
        sandbox.close()


def call(sandbox, function, *args, **kwargs):
    return sandbox.call(function, args, kwargs, time.monotonic() + 20)[0]


def test_what_is_temporary_may_lie_where_others_cannot_go(launchers, start, tier, tmp_path, monkeypatch):
    """As pam_tmpdir does it: a folder of the user's own, which the user of a submission may not enter."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandbox = start(
        "open('mine', 'w').write('7')\ndef f(): return int(open('mine').read())", call_seconds=0.5
    )
    assert call(sandbox, "f") == 7


# Cells run as in a notebook.


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (["x = 1", "def f(): return x"], 1),
        (["x = 1", "1 / 0", "def f(): return x"], 1),  # an error does not stop the next cell
        (["x = 1", "def f(: pass", "def f(): return x"], 1),
        (["x = 1", "raise SystemExit", "exit()", "raise KeyboardInterrupt", "def f(): return x"], 1),
        (["from __future__ import annotations", "def f(x: Nowhere = 2): return x"], 2),
        (["from __future__ import annotations\nx = 1", "def f(): return x.__class__.__name__"], "int"),
        (["x = 0\nif __name__ == '__main__':\n    x = 5", "def f(): return x"], 5),
        (
            [
                "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 3",
                "def f(): return P().x",
            ],
            3,
        ),
        (["import asyncio\nawait asyncio.sleep(0)\nx = 7", "def f(): return x"], 7),
        (["import asyncio\nasync def g(): return 8", "x = await g()", "def f(): return x"], 8),
        (["import asyncio\nx = asyncio.run(asyncio.sleep(0, 9))", "def f(): return x"], 9),
        (["%matplotlib inline\nx = 1", "%load_ext autoreload\n%autoreload 2", "def f(): return x"], 1),
        (["%%time\nx = 4", "def f(): return x"], 4),
        (["%time x = 4", "def f(): return x"], 4),
        (["%timeit -n 1 -r 1 len('a')\nx = 4", "def f(): return x"], 4),
        (["%%timeit\nlen('a')", "x = %time 3 + 1", "def f(): return x"], 4),
        (["!pip install numpy\nx = 6", "def f(): return x"], 6),
        (["x = !ls", "def f(): return x"], []),
        (["%%bash\nrm -rf /", "%%html\n<b>", "len?", "def f(): return 1"], 1),
        (["import otter\ngrader = otter.Notebook(tests_dir='tests')", "grader.check('f')", "def f(): return 2"], 2),
        (["display(3)\nget_ipython().anything()", "def f(): return 2"], 2),
        (["import sys\nx = sys.argv", "def f(): return x"], ["submission"]),
        (["import __main__\nx = 1", "def f(): return __main__.x"], 1),
        (["import pickle\nclass P: x = 2\np = pickle.loads(pickle.dumps(P()))", "def f(): return p.x"], 2),
        (["x = 1\r\ny = 2", "def f():\r\n    return x + y\r\n"], 3),
        (["\ufeffx = 1", "def f(): return 1"], 1),
        (["def f():\n\treturn '\N{SNOWMAN} \\U0001f40d'"], "\N{SNOWMAN} \U0001f40d"),
        (["import threading\nt = threading.Thread(target=lambda: globals().update(x=3))\nt.start()\nt.join()",
          "def f(): return x"], 3),
        (["import random\nimport numpy as np\nx = (random.random(), np.random.rand())", "def f(): return len(x)"], 2),
        (["open('a.txt', 'w').write('kept')", "def f(): return open('a.txt').read()"], "kept"),
        (["import tempfile\nwith tempfile.TemporaryFile() as t: t.write(b'1')\nx = 1", "def f(): return x"], 1),
        (["def f(): return f.__name__"], "f"),
        (["f = lambda: 1"], 1),
        (["class F:\n    def __call__(self): return 5\nf = F()"], 5),
        (["import functools\n@functools.cache\ndef f(): return 5"], 5),
        (["print('x' * 100)\nimport sys\nsys.stdout.close()", "print(1)", "def f(): return 1"], 1),
        (["import sys\nsys.stdout = sys.stderr = None", "print(1)", "def f(): return 1"], 1),
        (["len = list = print = None\nimport numpy\nnumpy.testing = numpy.array = None", "def f(): return 1"], 1),
    ],
)  # fmt: skip
def test_cells_run_like_a_notebooks(start, cells, value):
    assert call(start(*cells), "f") == value


@pytest.mark.parametrize(
    ("cell", "failure"),
    [
        ("x = 1\n1 / 0", "ZeroDivisionError: division by zero (cell 1, line 2)"),
        ("def f(:\n    pass", "SyntaxError: invalid syntax (cell 1, line 1)"),
        ("def g():\n    undefined\n\ng()", "NameError: name 'undefined' is not defined (cell 1, line 2)"),
        ("x = 1\0", "ValueError: source code string cannot contain null bytes"),
        ("raise ValueError", "ValueError (cell 1, line 1)"),
        ("raise KeyError('k')", "KeyError: 'k' (cell 1, line 1)"),
        ("raise ValueError('\\ud800')", "ValueError: \\ud800 (cell 1, line 1)"),
        ("class E(Exception):\n    def __str__(self): raise E\nraise E", "E (cell 1, line 3)"),
        ("type('E' * 5000, (Exception,), {})\nraise type('E' * 5000, (Exception,), {})", "E" * 100),
        ("raise ValueError('v' * 10**6)", "ValueError: " + "v" * 2000),
        ("input()", "EOFError: EOF when reading a line (cell 1, line 1)"),
        ("exit()", "SystemExit: None (cell 1, line 1)"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere' (cell 1, line 1)"),
        ("return 1", "SyntaxError: 'return' outside function (cell 1, line 1)"),
        ("(" * 300, "SyntaxError: too many nested parentheses"),
        ("def f():\n    f()\nf()", "RecursionError: maximum recursion depth exceeded (cell 1, line 2)"),
    ],
)  # fmt: skip
def test_a_failing_cell_is_told(start, cell, failure):
    failures = start(cell, "x = 1").failures
    text = str(failures[0]).replace("SyntaxError: source code", "ValueError: source code")  # Python 3.12
    assert text.startswith(failure)
    assert failures[1] is None


def test_a_line_of_a_script_keeps_its_number(start):
    sandbox = start("\n" * 40 + "def f():\n    return 1 / 0")
    with pytest.raises(StudentError, match=r"division by zero \(cell 1, line 42\)"):
        call(sandbox, "f")


def test_each_submission_starts_anew(start):
    first = start(
        "import numpy as np\nnp.testing.x = 1\nopen('left', 'w').close()\nimport os\nos.environ['X'] = '1'"
    )
    second = start(
        "import os, numpy as np\n"
        "def f(): return [hasattr(np.testing, 'x'), os.path.exists('left'), 'X' in os.environ, os.listdir('.')]"
    )
    assert call(second, "f") == [False, False, False, []]
    assert first.failures == [None]


def test_random_numbers_are_the_same_each_time(start):
    cell = "import random\nimport numpy as np\ndef f(): return [random.random(), np.random.rand()]"
    assert call(start(cell), "f") == call(start(cell), "f")


# Values, arguments and their changes.


def test_values_of_every_kind_travel(start):
    sandbox = start("def f(*args, **kwargs): return args, kwargs")
    values = [None, 1.5, {"a": (1, {2}, frozenset({3}))}, [np.arange(3), b"x"], 10**30, 1j, np.float32(2)]
    got, named = call(sandbox, "f", *values, key=["v"])
    assert named == {"key": ["v"]}
    assert wire.encode(list(got)) == wire.encode(values)


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ("x.append(4)", [1], [1, 4]),
        ("x[0] = 9", [1, 2], [9, 2]),
        ("x.clear()", [1, 2], []),
        ("x.sort()", [3, 1, 2], [1, 2, 3]),
        ("x[0][1].add(5)", [[0, {1}]], [[0, {1, 5}]]),
        ("x[0] = (8, 9)", [(1, 2), (3, 4)], [(8, 9), (3, 4)]),
        ("x[0][0].append(1)", ([[], 2], 3), ([[1], 2], 3)),
        ("x['a'][0]['b'] = 2", {"a": [{"b": 1}]}, {"a": [{"b": 2}]}),
        ("x['a'] = (1, [3])", {"a": (1, [2])}, {"a": (1, [3])}),
        ("del x['a']; x['c'] = None", {"a": 1, "b": 2}, {"b": 2, "c": None}),
        ("x.update(b=3)", {}, {"b": 3}),
        ("x.discard(1); x.add('n')", {1, 2}, {2, "n"}),
        ("x[0] = True", [1], [True]),
        ("x[0] = 'longer'", ["a", "b"], ["longer", "b"]),
        ("x[:] = [[7]]", [[1], [2]], [[7]]),
    ],
)
def test_changes_in_place_reach_the_caller(start, body, before, after):
    sandbox = start(f"def f(x):\n    {body}")
    value = copy.deepcopy(before)  # the other tier gets its own
    assert call(sandbox, "f", value) is None
    assert value == after
    assert type(value) is type(after)


def test_changed_containers_stay_the_same_objects(start):
    inner, deep = [1], {"a": 1}
    value = [inner, (deep, 2), {"k": 1}]
    call(start("def f(x):\n    x[0].append(2)\n    x[1][0]['a'] = 9\n    x[2]['n'] = 1"), "f", value)
    assert value[0] is inner
    assert inner == [1, 2]
    assert value[1][0] is deep
    assert deep == {"a": 9}


def test_changes_of_arrays_and_keyword_arguments(start):
    sandbox = start("def f(a, *, b=None):\n    a[0] = 9\n    if b is not None:\n        b['x'][:] += 1")
    array, view = np.zeros(3), np.zeros((2, 4))[:, ::2]
    named = {"x": np.ones(2)}
    call(sandbox, "f", array, b=named)
    call(sandbox, "f", view)
    assert array.tolist() == [9, 0, 0]
    assert named["x"].tolist() == [2, 2]
    assert view.tolist() == [[9, 9], [0, 0]]


def test_an_unchanged_argument_is_not_touched(start):
    class Kept(list):
        pass

    class Colour(enum.IntEnum):
        RED = 1

    value = Kept(
        [bytearray(b"ab"), Kept([1.0, float("nan")]), namedtuple("Pair", "a b")(1, [2]), Colour.RED, {1}]
    )
    items = list(value)
    call(
        start("def f(x, y):\n    y.append(1)\n    x.append(1)\n    x.pop()\n    x[4].add(2)"), "f", value, []
    )
    assert type(value) is Kept
    assert all(one is other for one, other in zip(value, items, strict=True))


def test_changes_come_back_with_an_exception_too(start):
    values = [1]
    with pytest.raises(ValueError, match="late"):
        call(start("def f(x):\n    x.append(2)\n    raise ValueError('late')"), "f", values)
    assert values == [1, 2]


def test_a_read_only_array_cannot_be_changed(start):
    array = np.zeros(2)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        call(start("def f(x): x[0] = 1"), "f", array)


def test_an_array_of_another_shape_is_the_students_error(start):
    with pytest.raises(StudentError, match="another shape"):
        call(start("def f(x): x.shape = (4,)"), "f", np.zeros((2, 2)))


@pytest.mark.parametrize(
    "result",
    [
        "object()",
        "(i for i in range(3))",
        "range(3)",
        "f",
        "np.ma.array([1])",
        "np.array([None])",
        "np.broadcast_to(1.0, (10**6, 10**6))",
        "nested(2000)",
        "itself()",
        "bytes(40 << 20)",
        "x",
        "[x]",
        "sys",
    ],
)
def test_a_result_that_is_not_plain_is_the_students_error(start, result):
    sandbox = start(
        "import sys\nimport numpy as np\n"
        "def nested(n):\n    x = 0\n    for _ in range(n): x = [x]\n    return x\n"
        "def itself():\n    x = []\n    x.append(x)\n    return x\n"
        f"def f(x): return {result}\ndef g(): return 1"
    )
    with pytest.raises(StudentError, match="`f` gave something that cannot be graded"):
        call(sandbox, "f", len)
    assert call(sandbox, "g") == 1


def test_an_argument_made_into_something_else_is_the_students_error(start):
    sandbox = start("def f(x): x.append(f)\ndef g(x): x.append(x)\ndef h(): return 1")
    for name in "fg":
        with pytest.raises(StudentError, match="cannot be graded"):
            call(sandbox, name, [])
    assert call(sandbox, "h") == 1


def test_a_result_and_changes_that_are_too_large_together(start):
    sandbox = start("def f(x):\n    x += 1\n    return x\ndef g(): return 1")
    with pytest.raises(StudentError, match="gave too much"):
        call(sandbox, "f", np.zeros(3 << 20))
    assert call(sandbox, "g") == 1


def test_a_missing_function_says_so(start):
    sandbox = start("x = 1\ng = None")
    for name in ("f", "g"):
        with pytest.raises(NameError, match=f"`{name}` is not defined in this submission"):
            call(sandbox, name)
    with pytest.raises(TypeError, match="not callable"):
        call(sandbox, "x")


# Exceptions and warnings.


@pytest.mark.parametrize(
    ("raised", "kind", "text"),
    [
        ("ValueError('bad')", ValueError, "bad (cell 1, line 5)"),
        ("KeyError('key')", KeyError, "'key' (cell 1, line 5)"),
        ("KeyError('a\\nb')", KeyError, "'a\\nb' (cell 1, line 5)"),
        ("IndexError()", IndexError, "(cell 1, line 5)"),
        ("NotImplementedError", NotImplementedError, "(cell 1, line 5)"),
        ("OSError(2, 'no')", OSError, "FileNotFoundError: [Errno 2] no (cell 1, line 5)"),
        (
            "b'\\xff'.decode()",
            ValueError,
            "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0",
        ),
        ("np.linalg.LinAlgError('s')", ValueError, "LinAlgError: s (cell 1, line 5)"),
        (
            "np.sum(np.ones(2), axis=5)",
            ValueError,
            "AxisError: axis 5 is out of bounds for array of dimension 1",
        ),
        ("Mine('text')", ValueError, "Mine: text (cell 1, line 5)"),
        ("Named('x')", ValueError, "x (cell 1, line 5)"),  # it may only call itself one
        ("Own('text')", StudentError, "Own: text (cell 1, line 5)"),
        ("AssertionError('no')", StudentError, "AssertionError: no (cell 1, line 5)"),
        ("SystemExit(0)", StudentError, "SystemExit: 0 (cell 1, line 5)"),
        ("KeyboardInterrupt", StudentError, "KeyboardInterrupt (cell 1, line 5)"),
        ("StopIteration", StudentError, "StopIteration (cell 1, line 5)"),
        ("GeneratorExit", StudentError, "GeneratorExit (cell 1, line 5)"),
    ],
)
def test_exceptions_come_back_as_what_they_are(start, raised, kind, text):
    sandbox = start(
        "import numpy as np\nclass Own(Exception): Mine = type('Mine', (ValueError,), {})\n"
        f"Mine, Named = Own.Mine, type('ValueError', (Exception,), {{}})\ndef f():\n    raise {raised}"
    )
    with pytest.raises(kind) as caught:
        call(sandbox, "f")
    assert isinstance(caught.value, StudentError)
    assert str(caught.value).startswith(text)


def test_an_exception_is_no_assertion_and_no_skip(start):
    sandbox = start(
        "def f(name):\n    import unittest, builtins\n    raise getattr(builtins, name, unittest.SkipTest)('x')"
    )
    for name in ("AssertionError", "SkipTest", "SystemExit", "KeyboardInterrupt", "BaseException"):
        with pytest.raises(StudentError) as caught:
            call(sandbox, "f", name)
        assert not isinstance(caught.value, AssertionError)


def test_warnings_are_issued_again(start):
    sandbox = start(
        "import warnings\nimport numpy as np\n"
        "def f(x):\n    warnings.warn('careful')\n    warnings.warn('old', DeprecationWarning)\n"
        "    return 1 / np.zeros(1)\n"
        "def g():\n    for i in range(1000): warnings.warn(str(i))\n"
        "def h():\n    warnings.warn('once more')\n    raise ValueError"
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert np.isinf(call(sandbox, "f", 1)[0])
    assert [item.category for item in seen] == [UserWarning, DeprecationWarning, RuntimeWarning]
    assert str(seen[0].message) == "careful"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call(sandbox, "g")
    assert len(seen) == 20
    with pytest.warns(UserWarning, match="once more"), pytest.raises(ValueError):
        call(sandbox, "h")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="careful"):
            call(sandbox, "f", 1)
    assert np.isinf(call(start("def f(): return float('inf')"), "f"))


# Functions as arguments.


def test_callbacks(start):
    sandbox = start(
        "def f(g, x): return g(x, key=[x]) + 1\n"
        "def keep(g):\n    global kept\n    kept = g\ndef late(x): return kept(x)"
    )
    asked = []

    def g(x, key):
        asked.append((x, key))
        return x * 2

    assert call(sandbox, "f", g, 5) == 11
    array = call(sandbox, "f", g, np.arange(2.0))
    assert array.tolist() == [1, 3]
    assert asked[0] == (5, [5])
    call(sandbox, "keep", lambda x: -x)
    with pytest.raises(RuntimeError, match="is over"):
        call(sandbox, "late", 3)


def test_a_callback_that_raises(start):
    sandbox = start(
        "def f(g):\n    g()\n"
        "def caught(g):\n    try: g()\n    except (ValueError, RuntimeError) as e: return [type(e).__name__, str(e)]"
    )

    def raises(error):
        def g():
            raise error

        return g

    with pytest.raises(ValueError, match="from the test"):
        call(sandbox, "f", raises(ValueError("from the test")))
    assert call(sandbox, "caught", raises(ValueError("v"))) == ["ValueError", "v"]
    several = UnicodeDecodeError("utf-8", b"", 0, 1, "bad")
    assert call(sandbox, "caught", raises(several))[0] == "RuntimeError"

    class Own(Exception):
        pass

    assert call(sandbox, "caught", raises(Own("o"))) == ["RuntimeError", "Own: o"]
    assert call(sandbox, "caught", raises(ValueError("\ud800"))) == ["ValueError", "\\ud800"]
    assert call(sandbox, "caught", lambda: object())[0] == "RuntimeError"


def test_a_callback_may_give_a_function(start):
    sandbox = start("def f(g): return g()(3)")
    assert call(sandbox, "f", lambda: lambda x: x + 1) == 4


def test_a_callback_may_call_the_submission(start):
    sandbox = start("def f(g, x): return g(x) + 1\ndef h(x): return 10 * x\ndef bad(x): raise KeyError('k')")
    assert call(sandbox, "f", lambda x: call(sandbox, "h", x), 2) == 21
    twice = call(sandbox, "f", lambda x: call(sandbox, "f", lambda y: call(sandbox, "h", y), x), 3)
    assert twice == 32
    with pytest.raises(KeyError):
        call(sandbox, "f", lambda x: call(sandbox, "bad", x), 2)
    assert call(sandbox, "h", 1) == 10


def test_recursion_through_callbacks_ends(start):
    sandbox = start("def f(g, n): return g(n)")

    def g(n):
        return 0 if n == 0 else 1 + call(sandbox, "f", g, n - 1)

    assert call(sandbox, "f", g, 20) == 20


def test_callbacks_from_several_threads(start):
    sandbox = start(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f(g):\n    with ThreadPoolExecutor(4) as pool: return list(pool.map(g, range(50)))"
    )
    assert call(sandbox, "f", lambda x: x * x) == [x * x for x in range(50)]


def test_a_function_cannot_be_called_after_its_call(start):
    sandbox = start(
        "import threading\ndef f(g):\n    global kept\n    kept = g\n"
        "def h():\n    return 1\n"
        "def later():\n"
        "    out = []\n"
        "    def work():\n"
        "        while True:\n"
        "            try: kept()\n"
        "            except RuntimeError as e: out.append(str(e)); break\n"
        "    globals()['thread'] = threading.Thread(target=work); globals()['out'] = out; thread.start()\n"
        "def joined():\n    thread.join(); return out"
    )
    call(sandbox, "f", lambda: 1)
    call(sandbox, "later")
    for _ in range(20):
        assert call(sandbox, "h") == 1


@pytest.mark.parametrize("number", [0, 2, -1, 10**9])
def test_a_function_that_was_never_given_cannot_be_called(start, number):
    sandbox = start(f"def f(g):\n    g.number = {number}\n    return g()")
    with pytest.raises(ProcessEnded, match="a call that makes no sense"):
        call(sandbox, "f", lambda: "secret")


# Limits, and ends.


def test_an_endless_call_ends_and_says_so(start):
    sandbox = start("def f():\n    while True: pass", **QUICK)
    with pytest.raises(ProcessEnded, match=r"took longer than 0.4 s") as caught:
        call(sandbox, "f")
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n        try: time.sleep(9)\n        except BaseException: pass",
        "while True: g()",
        "signal.pause()",
        "threading.Thread(target=lambda: time.sleep(9)).start(); time.sleep(9)",
    ],
)
def test_stubborn_calls_end_too(start, body):
    deaf = "for s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass\n"
    sandbox = start(f"import time, signal, threading\n{deaf}def f(g):\n    {body}", **QUICK)
    with pytest.raises(ProcessEnded) as caught:
        call(sandbox, "f", lambda: None)
    assert caught.value.reason == "timeout"


def test_a_callback_in_an_endless_call_of_the_submission(start):
    sandbox = start("def f(g): return g()\ndef h():\n    while True: pass", **QUICK)
    with pytest.raises(ProcessEnded) as caught:
        call(sandbox, "f", lambda: call(sandbox, "h"))
    assert caught.value.reason == "timeout"


def test_an_endless_cell_tells_which_cells_ran(start):
    with pytest.raises(ProcessEnded) as caught:
        start("x = 1", "1 / 0", "while True: pass", "y = 1", **QUICK)
    assert caught.value.reason == "timeout"
    assert [str(item) for item in caught.value.done] == [
        "None",
        "ZeroDivisionError: division by zero (cell 2, line 1)",
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("os._exit(0)", "ended its own process"),
        ("os._exit(7)", "ended its own process"),
        ("ctypes.string_at(0)", "crashed with SIGSEGV"),
        ("os.close(3)", "ended its own process"),
        ("os.close(3); time.sleep(9)", "closed its connection"),
        ("os.closerange(0, 99); time.sleep(9)", "closed its connection"),
    ],
)
def test_a_process_that_ends_itself_has_crashed(start, body, says):
    sandbox = start(f"import os, ctypes, time\ndef f(): {body}")
    with pytest.raises(ProcessEnded, match=says) as caught:
        call(sandbox, "f")
    assert caught.value.reason == "crashed"


@pytest.mark.parametrize("number", [1, 6, 9, 15, 34, 40])
def test_a_signal_to_itself(start, number):
    sandbox = start(f"import os\ndef f():\n    os.kill(os.getpid(), {number})\n    return 1")
    try:
        assert call(sandbox, "f") == 1  # the init of a pid namespace is safe from itself
    except ProcessEnded as ended:
        assert ended.reason == "crashed"
        assert "crashed with" in str(ended)


def test_exit_codes_and_prints_are_no_results(start):
    sandbox = start(
        "print('PASSED')\nimport atexit\natexit.register(print, 'PASSED')\n"
        "def f():\n    print('100%')\n    raise SystemExit(0)"
    )
    with pytest.raises(StudentError):
        call(sandbox, "f")
    assert sandbox.output() == "PASSED\n100%\n"


@pytest.mark.parametrize(
    "body",
    [
        "bytearray(10 << 30)",
        "np.ones(1 << 30)",
        "[0] * (1 << 40)",
        "[bytearray(1 << 20) for _ in range(10**6)]",
    ],
)
def test_too_much_memory_is_an_error(start, body):
    sandbox = start(
        f"import numpy as np\ndef f():\n    return len({body})\ndef g(): return 1",
        **{**QUICK, "call_seconds": 10},
    )
    with pytest.raises(MemoryError):
        call(sandbox, "f")
    assert call(sandbox, "g") == 1


def test_a_function_may_print_more_than_is_kept(start):
    sandbox = start("def f():\n    print('x' * 3_000_000)\n    return 1", output_megabytes=2)
    assert [call(sandbox, "f") for _ in range(4)] == [1, 1, 1, 1]


def test_a_flood_of_output_is_cut(start):
    sandbox = start(
        "line = 'x' * 1023\nwhile True: print(line)", "def f(): return 1", output_megabytes=2, cell_seconds=20
    )
    assert "File too large" in str(sandbox.failures[0])
    assert call(sandbox, "f") == 1
    assert len(sandbox.output(1000)) < 1100
    assert "bytes left out" in sandbox.output(1000)


def test_output_of_a_call_is_kept(start):
    sandbox = start("def f(): print('\N{SNOWMAN}'); import os; os.write(1, b'\\xff')")
    call(sandbox, "f")
    assert sorted(sandbox.output()) == sorted("\N{SNOWMAN}\n\N{REPLACEMENT CHARACTER}")


def test_threads_yes_processes_no(start):
    sandbox = start(
        "import os, subprocess, threading, multiprocessing, warnings\n"
        "def threads(n):\n"
        "    ready = threading.Event()\n"
        "    many = [threading.Thread(target=ready.wait) for _ in range(n)]\n"
        "    try:\n"
        "        for one in many: one.start()\n"
        "    finally: ready.set()\n"
        "    return n\n"
        "def without_warnings(function, *args):\n"  # from Python 3.12 on there is one of a fork beside threads
        "    warnings.simplefilter('ignore')\n"
        "    return function(*args)\n"
        "def fork(): return without_warnings(os.fork)\n"
        "def run(): return without_warnings(subprocess.run, ['true']).returncode\n"
        "def shell(): return os.system('true') == 0\n"
    )
    assert call(sandbox, "threads", 8) == 8
    for name in ("fork", "run"):
        with pytest.raises(PermissionError):
            call(sandbox, name)
    assert call(sandbox, "shell") is False


def test_a_library_that_uses_threads_works(start):
    sandbox = start(
        "from genai_course import kernels\nkernels.set_num_threads(2)\nimport numpy as np\n"
        "def f(a, b): return kernels.matmul(a, b)"
    )
    a, b = np.random.default_rng(1).normal(size=(2, 200, 200))
    np.testing.assert_allclose(call(sandbox, "f", a, b), a @ b, rtol=1e-9)


@pytest.mark.parametrize(
    "statement",
    [
        "open('/etc/passwd').read()",
        f"open({pwd.getpwuid(0).pw_dir + '/x'!r}, 'w')",
        "open('/tmp/x', 'w')",
        "__import__('os').listdir('/home')",
        "__import__('os').unlink(__import__('os').__file__)",
        "open(__import__('os').__file__, 'a')",
        "__import__('socket').create_connection(('127.0.0.1', 1))",
        "__import__('socket').socket()",
    ],
)
def test_the_machine_is_out_of_reach(start, statement):
    sandbox = start(f"def f(): {statement}")
    with pytest.raises(StudentError) as caught:
        call(sandbox, "f")
    assert not isinstance(caught.value, NameError)


def test_what_a_submission_sees_of_its_surroundings(start):
    sandbox = start("import os\ndef f(): return dict(os.environ)\ndef g(): return os.getcwd()")
    environment = call(sandbox, "f")
    assert {"HOME", "TMPDIR", "PATH"} <= environment.keys()
    assert environment["HOME"] == environment["TMPDIR"] == call(sandbox, "g")
    assert not {name for name in environment if name.startswith(("PYTEST", "SUDO", "SSH", "VIRTUAL"))}


# What a hostile submission says on the wire.

FORGE = """
import os, struct, msgspec
def say(*message):
    body = msgspec.msgpack.encode(list(message))
    os.write(3, struct.pack('<I', len(body)) + body)
def f(): {}
"""


@pytest.mark.parametrize(
    "statement",
    [
        "say('returned', 99, b'\\xc3', {}, [])",
        "say('cell', 0, None)",
        "say('ready', '')",
        "say('callback', 1, 0, [], {})",
        "say('run', [])",
        "say('returned', 1, b'\\xd6\\xff\\0\\0\\0\\0', {}, [])",
        "say('returned', 1, b'\\xc1', {}, [])",
        "say('returned', 1, b'\\xc3', {'0': b'\\xc1'}, [])",
        "say('returned', 1, b'\\xc7\\0\\x08', {}, [])",
        "os.write(3, b'\\xff\\xff\\xff\\xff')",
        "os.write(3, b'\\x05\\0\\0\\0hello')",
    ],
)
def test_a_false_message_ends_the_process(start, statement):
    sandbox = start(FORGE.format(statement))
    with pytest.raises(ProcessEnded, match="sent the grader") as caught:
        call(sandbox, "f")
    assert caught.value.reason == "crashed"


@pytest.mark.parametrize("key", ["1", "-1", "²", "9" * 5000, "=nothing", "", "0\0"])
def test_a_change_of_no_argument_is_passed_over(start, key):
    sandbox = start(FORGE.format(f"say('returned', 1, b'\\xc3', {{{key!r}: b'\\xc3'}}, [])"))
    assert call(sandbox, "f") is True


def test_a_forged_answer_counts_as_the_submissions_own(start):
    sandbox = start(FORGE.format("say('returned', 1, b'\\xc3', {}, [])") + "def g(): return 5")
    assert call(sandbox, "f") is True
    with pytest.raises(ProcessEnded):  # the real answer comes second, and nobody asked for it
        call(sandbox, "g")


def test_half_a_message_is_a_timeout(start):
    sandbox = start(FORGE.format("os.write(3, b'\\xff\\0\\0\\0x'); import time; time.sleep(9)"), **QUICK)
    with pytest.raises(ProcessEnded) as caught:
        call(sandbox, "f")
    assert caught.value.reason == "timeout"


# The launcher.


def test_closing_twice_and_killing_late_are_harmless(start):
    sandbox = start("x = 1")
    sandbox.close()
    sandbox.close()
    sandbox.kill()


def test_no_descriptor_is_left_behind(start):
    start("x = 1").close()
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(5):
        sandbox = start("def f(): return 1")
        call(sandbox, "f")
        sandbox.close()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_the_deadline_of_the_whole_submission(start):
    sandbox = start("def f():\n    while True: pass")
    with pytest.raises(ProcessEnded) as caught:
        sandbox.call("f", [], {}, time.monotonic() + 0.2)
    assert caught.value.reason == "timeout"


def test_arguments_of_a_test_must_be_plain(start):
    sandbox = start("def f(x): return 1")
    with pytest.raises(wire.NotPlainError):
        call(sandbox, "f", object())
    assert call(sandbox, "f", 1) == 1


def test_the_frame_limit_holds_for_arguments_too(start):
    sandbox = start("def f(*x): return len(x)")
    large = np.zeros(3 << 20)
    with pytest.raises(protocol.ProtocolError, match="over the limit"):
        call(sandbox, "f", large, large)
    assert call(sandbox, "f", large) == 1


@pytest.mark.parametrize("weaker", ["C", "D"])
def test_a_spawned_process_does_the_same(launchers, weaker):
    cells = [
        Cell("cell 1", "import os, numpy as np\nprint('started')"),
        Cell("cell 2", "1 / 0"),
        Cell(
            "cell 3",
            "def f(g, x):\n    x.append(g(np.arange(2.0)))\n    return os.getcwd() == os.environ['HOME']",
        ),
        Cell("cell 4", "def loop():\n    while True: pass\ndef end(): os._exit(3)"),
    ]
    for function, reason in (("loop", "timeout"), ("end", "crashed")):
        with Sandbox(launchers.get(weaker, call_seconds=0.4)) as sandbox:
            failures = sandbox.run(cells, time.monotonic() + 60)
            assert [failure and failure.type for failure in failures] == [
                None,
                "ZeroDivisionError",
                None,
                None,
            ]
            changed = []
            assert call(sandbox, "f", lambda x: x + 1, changed) is True
            assert changed[0].tolist() == [1, 2]
            assert sandbox.output() == "started\n"
            with pytest.raises(ProcessEnded) as caught:
                call(sandbox, function)
            assert caught.value.reason == reason


MUTATE = """
def mutate(x, steps):
    for path, action, value in steps:
        place = x
        for index in path:
            if isinstance(place, dict):
                keys = list(place)
                if not keys: break
                place = place[keys[index % len(keys)]]
            elif isinstance(place, (list, tuple)) and len(place):
                place = place[index % len(place)]
            else:
                break
        if isinstance(place, list):
            if action == 0: place.append(value)
            elif action == 1 and place: place[0] = value
            elif action == 2 and place: place.pop()
            elif action == 3: place.reverse()
            else: place[:] = [value, *place]
        elif isinstance(place, dict):
            if action == 0: place["new"] = value
            elif action == 1 and place: place[next(iter(place))] = value
            elif action == 2 and place: place.popitem()
            else: place.clear()
        elif isinstance(place, set):
            if action == 0: place.add("new")
            elif action == 1: place.discard(1)
            else: place.clear()
        elif hasattr(place, "fill") and place.size:
            if action == 0: place.fill(9)
            elif action == 1: place.flat[0] = -0.0
            else: place += 1
"""

atoms = st.sampled_from([0, 1, True, 0.0, -0.0, 1.5, "a", b"b", None, 2**70])
fields = st.recursive(
    atoms | st.builds(lambda n: np.arange(float(n)), st.integers(0, 3)) | st.sets(st.sampled_from([1, "x"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["k", 2, (3,)]), inner, max_size=3)
    ),
    max_leaves=8,
)
steps = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=3), st.integers(0, 4), atoms | st.just([1, (2, [3])])),
    max_size=4,
)


@given(
    value=st.lists(fields, max_size=4) | st.dictionaries(st.text(max_size=2), fields, max_size=3), steps=steps
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_are_those_of_one_process(launchers, value, steps):
    expected = copy.deepcopy(value)
    namespace = {}
    exec(MUTATE, namespace)
    namespace["mutate"](expected, copy.deepcopy(steps))
    with Sandbox(launchers.get()) as sandbox:
        sandbox.run([Cell("cell 1", MUTATE)], time.monotonic() + 20)
        before = copy.deepcopy(value)
        call(sandbox, "mutate", value, steps)
        assert identical(value, expected)
        for argument, held in reversed(sandbox.changes):
            apply_change(argument, held)
        assert identical(value, before)


def test_a_flood_of_forged_warnings_is_cut(start):
    sandbox = start(
        FORGE.format("say('returned', 1, b'\\xc3', {}, [['UserWarning', 'w'], ['Own', 'x']] * 400)")
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert call(sandbox, "f") is True
    assert 0 < len(seen) <= 20
