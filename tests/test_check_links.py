"""The documentation's link checker finds what is broken."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("check_links", ROOT / "tools" / "check_links.py")
    module = sys.modules["check_links"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["check_links"]


def test_a_site(tool, tmp_path):
    (tmp_path / "b.html").write_text('<h1 id="top">B</h1>')
    (tmp_path / "a.html").write_text(
        '<a href="b.html#top">right</a> <a href="#here" id="here">right</a> <a href="https://example.org/x">out</a>'
        '<a href="b.html#bottom">1</a> <a href="c.html">2</a> <a href="../b.html">3</a> <img src="no.png">'
        '<script src="https://example.org/x.js"></script> <link rel="stylesheet" href="//example.org/x.css">'
        '<img src="data:image/png;base64,AAAA">'
    )
    broken, external = tool.broken_in_site(tmp_path)
    assert sorted(broken) == [
        "a.html: loads //example.org/x.css from another host",
        "a.html: loads https://example.org/x.js from another host",
        "a.html: there is no ../b.html",
        "a.html: there is no c.html",
        "a.html: there is no no.png",
        "a.html: there is no section b.html#bottom",
    ]
    assert "https://example.org/x" in external


def test_pages_of_a_repository(tool, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "made.md").write_text("[x](nowhere.md)")
    (tmp_path / "docs" / "guide.md").write_text("# A `guide`, in short\n\n```\n[x](nowhere.md)\n```\n")
    (tmp_path / "README.md").write_text(
        "[1](docs/guide.md#a-guide-in-short) [2](docs/guide.md#long) [3](docs/none.md) [4](https://example.org)"
    )
    assert tool.broken_in_repository(tmp_path, tool.markdown_files(tmp_path)) == [
        "README.md: there is no section docs/guide.md#long",
        "README.md: there is no docs/none.md",
    ]


def test_every_link_between_pages_of_this_repository_holds(tool):
    assert not tool.broken_in_repository(ROOT, tool.markdown_files(ROOT))
