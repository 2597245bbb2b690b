"""How the documentation is built: `make docs`. Nothing is loaded from another host, now or when it is read."""

import re
import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "genai-course"
author = "The genai-course authors"
release = version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
copyright = f"2026, {author}"

extensions = [
    "autograder_cli",
    "mathml",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
]
exclude_patterns = ["_build", "_extensions"]
default_role = "code"

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.strikethrough"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 100
napoleon_google_docstring = True
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "genai-course"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f6f4a", "color-brand-content": "#1f6f4a"},
    "dark_css_variables": {"color-brand-primary": "#6fcf9a", "color-brand-content": "#6fcf9a"},
}
highlight_language = "none"  # of a block that does not say: most are folders and what is printed
pygments_style = "friendly"
pygments_dark_style = "native"

# Pages link to files as they lie in the repository, so that they can be read there too. Here these are pages.
PAGES = {"../csrc/README.md": "how-kernels-work.md", "csrc/README.md": "how-kernels-work.md"}
PAGES |= {
    f"{up}{name}.md": f"{page}.md"
    for up in ("../", "")
    for name, page in (("CONTRIBUTING", "contributing"), ("CHANGELOG", "changelog"))
}
LINK = re.compile(r"\]\((?P<file>[^)#\s]+)")


def _to_pages(text: str) -> str:
    def page(found: re.Match[str]) -> str:
        file = found["file"]
        return f"]({PAGES.get(file, file.removeprefix('docs/'))}"

    return LINK.sub(page, text)


def _in_source(app: Sphinx, name: str, content: list[str]) -> None:
    content[0] = _to_pages(content[0])


def _in_include(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    content[0] = _to_pages(content[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", _in_source)
    app.connect("include-read", _in_include)
