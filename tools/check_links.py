"""Follows every link of the built documentation, and of the Markdown files in the repository.

    python tools/check_links.py build/docs

A link to a file must find the file, one to a section the section, and no page may load anything from another host.
Links that leave the site are listed with --external and not followed: a build does not depend on others.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUILT = ("build", "dist", "grading", "node_modules")
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
MARKDOWN_LINK = re.compile(r"(?<!`)\]\((?P<target>[^)\s]+)(?: \"[^\"]*\")?\)")
FENCE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(?P<text>.+?) *$", re.MULTILINE)


@dataclass
class Page(HTMLParser):
    """The anchors of one HTML page, what it links to, and what a browser loads to show it."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(given.get("href", ""))
        elif tag in LOADED and LOADED[tag] in given:
            self.loads.append(given[LOADED[tag]])


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken_in_site(site: Path) -> tuple[list[str], set[str]]:
    """What does not hold in a folder of HTML pages, and the links that leave it."""
    site = site.resolve()
    pages = {path: read(path) for path in sorted(site.rglob("*.html"))}
    broken, external = [], set()
    for path, page in pages.items():
        name = path.relative_to(site)
        for target in page.loads:
            if urlsplit(target).netloc or urlsplit(target).scheme not in ("", "data"):
                broken.append(f"{name}: loads {target} from another host")
        for target in page.links + page.loads:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                external.add(target)
                continue
            found = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
            if found.is_dir():
                found /= "index.html"
            if not found.is_relative_to(site) or not found.is_file():
                broken.append(f"{name}: there is no {target}")
            elif parts.fragment and found in pages and unquote(parts.fragment) not in pages[found].anchors:
                broken.append(f"{name}: there is no section {target}")
    return broken, external


def sections(text: str) -> set[str]:
    """The anchors that Markdown's headings get where repositories are read."""
    titles = [
        re.sub(r"[`*\[\]]|\(.*?\)", "", found["text"]) for found in HEADING.finditer(FENCE.sub("", text))
    ]
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def has_section(path: Path, anchor: str) -> bool:
    return anchor in sections(path.read_text(encoding="utf-8"))


def markdown_files(root: Path) -> list[Path]:
    """The repository's own pages, not those of what was built or installed in it."""
    found = (path.relative_to(root) for path in root.rglob("*.md"))
    return sorted(
        path for path in found if not any(part in BUILT or part.startswith(".") for part in path.parts)
    )


def broken_in_repository(root: Path, names: Iterable[Path]) -> list[str]:
    """Links between the Markdown files of a repository that find no file, or no such section of it."""
    broken = []
    for name in names:
        path = root / name
        for found in MARKDOWN_LINK.finditer(FENCE.sub("", path.read_text(encoding="utf-8"))):
            parts = urlsplit(found["target"])
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append(f"{name}: there is no {found['target']}")
            elif parts.fragment and target.suffix == ".md" and not has_section(target, parts.fragment):
                broken.append(f"{name}: there is no section {found['target']}")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, nargs="?", help="the folder with the built pages")
    parser.add_argument("--external", action="store_true", help="list the links that leave the site")
    arguments = parser.parse_args()
    broken = broken_in_repository(ROOT, markdown_files(ROOT))
    external: set[str] = set()
    if arguments.site is not None:
        if not (arguments.site / "index.html").is_file():
            parser.error(f"{arguments.site}: there is no index.html in it")
        in_site, external = broken_in_site(arguments.site)
        broken += in_site
    for line in broken + (sorted(external) if arguments.external else []):
        print(line)
    if not broken:
        print(f"every link holds; {len(external)} leave the site")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
