"""The report of a class made here, and pages that watch what they ask for."""

from pathlib import Path

import pytest

from autograder.report.site import write_report
from tests.report.made_class import FACTS, a_class


class Watched:
    """A page, the addresses that it asked for, and what it complained of."""

    def __init__(self, page):
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.failed: dict[str, str | None] = {}
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.failed.update({request.url: request.failure}))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: Path, anchor: str = "") -> None:
        self.page.goto(path.as_uri() + anchor)

    def is_quiet(self) -> bool:
        outside = [url for url in self.asked if not url.startswith(("file:", "data:"))]
        return not outside and not self.complaints


@pytest.fixture
def open_page(chromium):
    """Opens pages of a width and a colour scheme, and closes them."""
    contexts = []

    def make(width=1440, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Watched(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The report of the class; leave it as it is."""
    out = tmp_path_factory.mktemp("site")
    write_report(out, a_class(), FACTS)
    return out
