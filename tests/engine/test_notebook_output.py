"""What a notebook shows below a cell: the value of its last expression, and its figures."""

import io
import time

import msgspec
import numpy as np
import pytest
from PIL import Image

from autograder.course import load_course
from autograder.drawn import as_png
from autograder.grading import grade_submission
from autograder.results import Result
from autograder.sandbox.client import ProcessEnded, Sandbox
from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import MAX_PICTURES_A_CELL, Cell, Picture
from autograder.submissions import Submission
from tests.engine.small_course import notebook
from tests.engine.test_cli import flat, run

PLOT = "import matplotlib.pyplot as plt\n"


@pytest.fixture(scope="module", params=["A", "B"])
def drawing(request):
    """A launcher that has matplotlib at hand, as that of every course."""
    try:
        launcher = open_launcher(["numpy", "matplotlib.pyplot"], Limits(), request.param)
    except SandboxError as error:
        pytest.skip(f"tier {request.param} is not to be had here: {error}")
    yield launcher
    launcher.close()


@pytest.fixture
def shown(drawing):
    """Run cells as a notebook's, and tell for each what it printed and what it drew."""

    def run_cells(*sources, shows=True):
        with Sandbox(drawing) as sandbox:
            cells = [Cell(f"cell {index}", source, shows) for index, source in enumerate(sources, 1)]
            failures = sandbox.run(cells, time.monotonic() + 60)
            printed = [sandbox.cell_output(index, 4000) for index in range(len(cells))]
        return list(zip(printed, sandbox.pictures, failures, strict=True))

    return run_cells


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("1 + 1", "2\n"),
        ("'text'", "'text'\n"),
        ("print('a')\n'b'", "a\n'b'\n"),
        ("x = 3\nx", "3\n"),
        ("x = 3\nx;", ""),
        ("'größer' ; # a semicolon hides it", ""),
        ("x = ';'\nx  # ;", "';'\n"),
        ("'a\\\nb'", "'ab'\n"),
        ("text = 1\x0c\ntext;", ""),  # a form feed ends no line
        ("x = 5", ""),
        ("None", ""),
        ("print('only this')", "only this\n"),
        ("def f():\n    return 1", ""),
        ("for i in range(2):\n    i", ""),
        ("object()", "<object object>\n"),
        ("import asyncio\nawait asyncio.sleep(0, 42)", "42\n"),
        ("%time 3", "3\n"),
        ("display(1, [2])", "1\n[2]\n"),
        ("class Bad:\n    def __repr__(self): raise ValueError\nBad()", "Bad (its repr raised ValueError)\n"),
        ("from __future__ import annotations\nf = lambda: 7\nf()", "7\n"),
        ("", ""),
        ("# nothing", ""),
    ],
)
def test_the_last_value_is_shown(shown, source, printed):
    ((text, pictures, failure),) = shown(source)
    assert (text, pictures, failure) == (printed, [], None)


def test_a_script_shows_nothing_by_itself(shown):
    first, second = shown("1 + 1", PLOT + "plt.plot([1, 2])", shows=False)
    assert first == ("", [], None) and second == ("", [], None)


def test_of_a_long_list_the_beginning_is_shown(shown):
    ((text, _, _),) = shown("list(range(10**6))")
    assert text.startswith("[0, 1, 2,") and text.endswith("99, ...]\n")


def test_an_error_in_the_last_expression_is_the_cells(shown):
    ((text, _, failure),) = shown("x = 1\n\nx / 0")
    assert text == "" and str(failure) == "ZeroDivisionError: division by zero (cell 1, line 3)"


def test_figures_are_shown_once_and_closed(shown):
    sources = [
        PLOT + "figure = plt.figure('A line')\nplt.plot([1, 2]);",
        "plt.get_fignums()",
        "plt.plot([1, 2]); plt.show(); plt.plot([2, 1]);",
        "figure",
        "figure.savefig('line.png')",
    ]
    results = shown(*sources)
    assert [len(pictures) for _, pictures, _ in results] == [1, 0, 2, 1, 0]
    assert [failure for _, _, failure in results] == [None] * 5
    assert [text for text, _, _ in results] == ["", "[]\n", "", "", ""]
    picture = results[0][1][0]
    assert picture.alt == "A line"
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
    assert (pixels[0, 0] == 255).all() and (pixels < 100).any()  # white paper, dark axes


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("(100, 100)", (640, 640)), ("(20, 10)", (640, 320)), ("(2, 3)", (180, 270)), ("(200, 0.5)", None)],
)
def test_pictures_are_of_bounded_size(shown, size, pixels):
    ((_, pictures, failure),) = shown(PLOT + f"plt.figure(figsize={size}); plt.plot([1, 2]);")
    assert failure is None  # what is too flat to be drawn is left out
    assert [(picture.width, picture.height) for picture in pictures] == ([pixels] if pixels else [])


def test_pictures_are_bounded_in_number(shown):
    many = PLOT + "for _ in range(9):\n    plt.figure(); plt.plot([1, 2])"
    results = shown(*[many] * 5)
    assert [len(pictures) for _, pictures, _ in results] == [MAX_PICTURES_A_CELL] * 4 + [0]


def test_a_figure_that_cannot_be_drawn_is_left_out(shown):
    bad = "class Bad(plt.Line2D):\n    def draw(self, *args): raise ValueError\n"
    results = shown(PLOT + bad + "plt.gca().add_line(Bad([0, 1], [0, 1]));", "x = 1\nx")
    assert results[0][1:] == ([], None) and results[1] == ("1\n", [], None)


FORGED = """
import struct, msgpack, os
picture = [{width}, {height}, {pixels}, "a"]
body = msgpack.packb(["cell", 0, None, 0, [picture] * {count}])
os.write(3, struct.pack("<I", len(body)) + body)
import time; time.sleep(5)
"""


@pytest.mark.parametrize(
    ("width", "height", "pixels", "count"),
    [
        (2, 2, "bytes(11)", 1),
        (2, 2, "bytes(13)", 1),
        (0, 2, "b''", 1),
        (-1, -1, "bytes(3)", 1),
        (100_000, 100_000, "b''", 1),
        (1, 1, "'abc'", 1),
        (1, 1, "bytes(3)", 5),
    ],
)
def test_false_pictures_end_the_process(launchers, width, height, pixels, count):
    with Sandbox(launchers.get()) as sandbox:
        source = FORGED.format(width=width, height=height, pixels=pixels, count=count)
        with pytest.raises(ProcessEnded, match="sent the grader"):
            sandbox.run([Cell("cell 1", source, True)], time.monotonic() + 30)


def test_pictures_become_png_files_within_a_budget():
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    flat_one = Picture(4, 2, bytes([255, 0, 0]) * 8, "red\x1b[31m")
    (png,) = as_png([flat_one], 10_000)
    image = Image.open(io.BytesIO(png.png)).convert("RGB")
    assert image.size == (4, 2) and image.getpixel((3, 1)) == (255, 0, 0)
    assert "\x1b" not in png.alt and (png.width, png.height) == (4, 2)
    assert as_png([Picture(400, 300, noise.tobytes())] * 3, 200_000)  # one or two
    assert as_png([Picture(400, 300, noise.tobytes())], 1000) == []


CELLS = (
    "def total(values):\n    return float(sum(values))",
    PLOT + "plt.figure('Mine'); plt.plot([1, 2]);\ntotal([1, 2])",
    "def total(values):\n    import os; os._exit(1)",
)


def test_a_result_holds_what_the_notebook_showed(mini_course, drawing, tmp_path):
    """The last cell's function ends its process at each call; what was shown is that of the first run."""
    path = tmp_path / "tiny.ipynb"
    path.write_bytes(notebook(*CELLS))
    submission = Submission(name="s/tiny.ipynb", student="s", topic="tiny", path=path)
    result = grade_submission(submission, mini_course.topics["tiny"], drawing, {})
    assert result.status == "crashed"
    assert [cell.output for cell in result.cells] == ["", "3.0\n", ""]
    assert [[picture.alt for picture in cell.pictures] for cell in result.cells] == [[], ["Mine"], []]
    assert msgspec.json.decode(msgspec.json.encode(result), type=Result) == result


def test_cells_that_only_draw_run_on_demand(course_folder, tmp_path):
    """A course whose notebook has such a cell, and a notebook that keeps it as it was handed out."""
    master = course_folder / "solutions" / "tiny.py"
    drawing = "import matplotlib.pyplot as plt\nplt.figure('Drawn'); plt.plot([1, 2]);"
    commented = "".join(f"# {line}\n" for line in drawing.splitlines())
    master.write_text(f'{master.read_text()}\n\n# %% tags=["active-ipynb"]\n{commented}')
    assert load_course(course_folder)
    folder = tmp_path / "class" / "student-001"
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_bytes(
        notebook("def total(values):\n    return float(sum(values))", drawing)
    )
    out = tmp_path / "out"
    command = ["grade", folder.parent, "--course", course_folder, "--out", out, "--workers", "1", "-q"]
    page = out / "feedback" / "student-001" / "tiny.html"
    run(*command)
    assert 'alt="Drawn"' not in page.read_text() and "only draw" in page.read_text()
    run(*command, "--pictures")  # graded again: another setting
    assert 'alt="Drawn"' in page.read_text() and "only draw" not in page.read_text()
    assert "--pictures" in flat(run("grade", "--help").output)
