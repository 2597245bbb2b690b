"""A directive that shows the help of every verb of a command, asked of the program itself."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.cli import app

_WIDTH = "96"


def help_of(*verb: str) -> str:
    """What `autograder VERB --help` prints."""
    out = io.StringIO()
    before = {name: os.environ.get(name) for name in ("COLUMNS", "TERMINAL_WIDTH")}
    os.environ.update(dict.fromkeys(before, _WIDTH))
    try:
        with redirect_stdout(out):
            app([*verb, "--help"], prog_name="autograder", standalone_mode=False)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return out.getvalue().strip()


def verbs() -> list[str]:
    """The program's verbs, as it registers them."""
    names = [
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    ]
    return sorted(name.replace("_", "-") for name in names)


class CommandReference(SphinxDirective):
    """``{autograder-cli}``: a section for each verb."""

    def run(self) -> list[nodes.Node]:
        pieces = ["## autograder", "", "```text", help_of(), "```", ""]
        for verb in verbs():
            pieces += [f"({verb})=", f"## autograder {verb}", "", "```text", help_of(verb), "```", ""]
        return self.parse_text_to_nodes("\n".join(pieces), allow_section_headings=True)


def setup(sphinx: Sphinx) -> dict[str, bool]:
    sphinx.add_directive("autograder-cli", CommandReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
