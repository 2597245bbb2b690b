"""nbgrader's formgrader, over HTTP and in a browser: its Autograde button runs this engine."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import SECRET_IN_TESTS, TOPIC, Nbgrader

_SECONDS = 120
SCORES = {
    "attention-public": "3",
    "attention-hidden": "7",
    "causal_mask-public": "0",
    "causal_mask-hidden": "0",
}


@dataclass(frozen=True)
class Formgrader:
    address: str
    token: str

    def ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(
            f"{self.address}/formgrader/api/{path}",
            method=method,
            data=b"" if method == "POST" else None,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def formgrader(assigned: Nbgrader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    """A Jupyter server with nbgrader's extensions, in a copy of the class that nobody has graded."""
    nbgrader = assigned.copy(tmp_path_factory.mktemp("formgrader") / "course")
    token, port = secrets.token_hex(16), free_port()
    command = [sys.executable, "-m", "jupyter_server", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={nbgrader.folder}", "--allow-root"]
    command += ["--ServerApp.open_browser=False", f"--IdentityProvider.token={token}"]
    with open(nbgrader.home / "server.log", "wb") as log:
        server = subprocess.Popen(
            command,
            cwd=nbgrader.folder,
            env=nbgrader.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    found = Formgrader(f"http://127.0.0.1:{port}", token)
    until = time.monotonic() + _SECONDS
    try:
        while True:
            try:
                found.ask("assignments")
                break
            except (urllib.error.URLError, OSError):
                assert server.poll() is None, (nbgrader.home / "server.log").read_text()
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.2)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def test_autograde_over_http(formgrader: Formgrader) -> None:
    (before,) = (row for row in formgrader.ask(f"submissions/{TOPIC}") if row["student"] == "missing-scale")
    assert before["autograded"] is False
    answer = formgrader.ask(f"submission/{TOPIC}/missing-scale/autograde", "POST")
    assert answer["success"] is True, answer
    (after,) = (row for row in formgrader.ask(f"submissions/{TOPIC}") if row["student"] == "missing-scale")
    assert (after["autograded"], after["score"], after["max_score"]) == (True, 5.0, 14.0)
    assert after["needs_manual_grade"] is False


@pytest.fixture(scope="module")
def page(formgrader: Formgrader, chromium: Any) -> Any:
    page = chromium.new_page(viewport={"width": 1100, "height": 900})
    page.goto(f"{formgrader.address}/login?token={formgrader.token}&next=/formgrader/manage_assignments")
    return page


def test_the_button_in_a_browser(formgrader: Formgrader, page: Any) -> None:
    page.goto(f"{formgrader.address}/formgrader/manage_submissions/{TOPIC}")
    row = page.locator("tr", has_text="without-diagonal")
    assert row.locator(".status").inner_text().strip() == "needs autograding"
    row.locator(".autograde a").click()
    page.locator(".modal-body", has_text="Successfully autograded").wait_for(timeout=_SECONDS * 1000)
    page.get_by_role("button", name="OK").click()
    page.locator("tr", has_text="without-diagonal").locator("td", has_text="10 / 14").wait_for()
    notebooks = formgrader.ask(f"submitted_notebooks/{TOPIC}/{TOPIC}")
    (found,) = (item["id"] for item in notebooks if item["student"] == "without-diagonal")
    page.goto(f"{formgrader.address}/formgrader/submissions/{found}/")
    page.wait_for_function("document.querySelector('#causal_mask-comment')?.placeholder.startsWith('0 of 4')")
    comment = page.locator("#causal_mask-comment").get_attribute("placeholder")
    assert "Without diagonal: Your tokens may not attend to themselves" in comment
    shown = {name: f"document.querySelector('#{name}')?.placeholder" for name in SCORES}
    page.wait_for_function(" && ".join(f"{value} !== ''" for value in shown.values()))
    assert {name: page.evaluate(value) for name, value in shown.items()} == SCORES
    assert SECRET_IN_TESTS in page.content(), "the instructor sees which cases passed"
    assert "_hidden_points" not in page.content()
