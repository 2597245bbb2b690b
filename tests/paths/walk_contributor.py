"""A contributor's path in a clone and a clean environment: every command of CONTRIBUTING.md, its hooks, its kernel.

`make contributor-test`; it takes about ten minutes, and installs everything that a contributor installs.
"""

import pytest

from tests.paths.clones import git, make_clone, tracked_files, write
from tests.paths.pages import ROOT, Shell, blocks, environment

if not tracked_files():
    pytest.skip("needs a clone", allow_module_level=True)

PAGE = ROOT / "CONTRIBUTING.md"


@pytest.mark.timeout(3600)
def test_the_page_from_its_first_command_to_its_last(tmp_path):
    clone = make_clone(tmp_path / "clone")
    home = environment(tmp_path / "home") | {"HOME": str(tmp_path / "home")}
    shell = Shell(clone, home)
    said = {}
    try:
        for block in blocks(PAGE):
            if block.title:
                write(block, clone)
            elif block.language == "sh":
                ended, printed = shell.run(block.text)
                assert ended == 0, f"{block}\n\n{printed}"
                said[block.text] = printed
        # What the page adds is well formed, or the hooks would not let it pass; what is not, they do not.
        ended, printed = shell.run(f"{_GIT} add --all\n{_GIT} commit --quiet --message gelu")
        assert ended == 0, printed
        (clone / "autograder" / "names.py").write_text("import  os\n", encoding="utf-8")
        git(clone, "add", "autograder/names.py")
        ended, printed = shell.run(f"{_GIT} commit --message untidy")
        assert ended != 0
        assert "ruff check" in printed
    finally:
        shell.close()
    (hooks,) = (text for command, text in said.items() if "run --all-files" in command)
    for hook in ("ruff check", "ruff format", "mypy", "clang-format"):
        assert any(line.startswith(hook) and line.endswith("Passed") for line in hooks.splitlines()), hooks
    (kernel,) = (text for command, text in said.items() if "kernels.gelu" in command)
    assert "0.84134475" in kernel


_GIT = "git -c user.name=contributor -c user.email=contributor@localhost"
