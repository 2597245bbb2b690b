"""The pages in Chromium: they ask nobody for anything, fit the screen, and can be used and read by all."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.report.made_class import HOSTILE, a_class

NAMES = ("index.html", "copies.html")


def pages_of(site):
    return [site / name for name in NAMES] + sorted(site.glob("feedback/*/*.html"))


def shown_students(page):
    return page.locator("#submissions tbody tr:visible td:first-child").all_inner_texts()


def test_no_page_asks_for_anything_or_complains(site, open_page):
    watched = open_page()
    pages = pages_of(site)
    assert len(pages) == 2 + len(a_class())
    for path in pages:
        watched.open(path)
        assert watched.is_quiet(), (path, watched.asked, watched.complaints)
        assert watched.page.evaluate("window.hacked") is None


def test_the_policy_stops_what_is_not_the_pages_own(site, open_page, tmp_path):
    """A page into which something got would not run it, nor fetch it."""
    for name in ("index.html", next(site.glob("feedback/student-001/*.html")).relative_to(site).as_posix()):
        page = (site / name).read_text(encoding="utf-8")
        broken = tmp_path / "broken.html"
        bad = (
            "<script>window.hacked=1</script><img src='http://127.0.0.1:9/x.png'><b onclick='hacked=2'>x</b>"
        )
        broken.write_text(page.replace("<body>", f"<body>{bad}"), encoding="utf-8")
        watched = open_page()
        watched.open(broken)
        assert watched.page.evaluate("window.hacked") is None
        assert watched.failed == {"http://127.0.0.1:9/x.png": "csp"}
        assert len(watched.complaints) >= 2


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_screen(site, open_page, width):
    watched = open_page(width)
    for path in pages_of(site):
        watched.open(path)
        watched.page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_nothing_serious_stands_in_a_readers_way(site, open_page):
    """By axe: all of its rules in the light, and in the dark the one that asks for colours."""
    watched = open_page()
    pictures = sorted(site.glob("feedback/picture-*/*.html"))
    some = [site / "index.html", site / "copies.html", *pictures]
    some += [next(site.glob(f"feedback/student-{number}/*.html")) for number in ("000", "001", "901", "903")]
    for path in some:
        watched.open(path)
        watched.page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
        found = Axe().run(watched.page).response["violations"]
        watched.page.emulate_media(color_scheme="dark")
        found += Axe().run(watched.page, options={"runOnly": ["color-contrast"]}).response["violations"]
        watched.page.emulate_media(color_scheme="light")
        serious = {
            item["id"]: [node["html"][:200] for node in item["nodes"][:3]]
            for item in found
            if item["impact"] in ("serious", "critical")
        }
        assert not serious, path


def test_dark_mode_is_dark(site, open_page):
    def lightness(scheme):
        page = open_page(scheme=scheme).page
        page.goto((site / "index.html").as_uri())
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert lightness("dark") < 150 < 600 < lightness("light")


def test_the_table_sorts_by_each_column(site, open_page):
    watched = open_page()
    watched.open(site / "index.html")
    page = watched.page
    header = page.locator("#submissions th", has_text="%")
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    percents = [int(text) for text in page.locator("#submissions tbody td:nth-child(5)").all_inner_texts()]
    assert percents == sorted(percents, reverse=True) and len(set(percents)) > 2
    header.get_by_role("button").press("Enter")  # by keyboard, too
    percents = [int(text) for text in page.locator("#submissions tbody td:nth-child(5)").all_inner_texts()]
    assert percents == sorted(percents)
    page.locator("#submissions th").first.get_by_role("button").click()
    assert header.get_attribute("aria-sort") is None
    ordinary = [name for name in shown_students(page) if name.startswith("student-")]
    assert ordinary == sorted(ordinary) and len(ordinary) > 10
    assert watched.is_quiet()


def test_the_table_is_searched_and_filtered(site, open_page):
    watched = open_page()
    watched.open(site / "index.html")
    page = watched.page
    total = len(a_class())
    assert page.locator("#count").inner_text() == f"{total} of {total} shown"
    page.keyboard.press("/")
    page.keyboard.type("student-00 SCALE")
    assert shown_students(page) == [f"student-00{number}" for number in (1, 2, 4, 5, 7, 8)]
    page.keyboard.press("Escape")
    assert page.locator("#count").inner_text() == f"{total} of {total} shown"
    page.locator("#status").select_option("timeout")
    assert shown_students(page) == ["student-902"]
    page.locator("#all").click()
    page.locator("#topic").select_option("attention")
    assert len(shown_students(page)) == total - 1
    page.locator("#all").click()
    page.locator("#search").fill(HOSTILE[0])
    assert shown_students(page) == [HOSTILE[0]]
    assert watched.is_quiet()


def test_a_mistake_leads_to_who_made_it(site, open_page):
    watched = open_page()
    watched.open(site / "index.html")
    page = watched.page
    link = page.locator("section:has(#mistakes) tbody a").first
    count = int(re.match(r"\d+", link.inner_text())[0])
    link.click()
    assert len(shown_students(page)) == count
    named = page.locator("#submissions tbody tr:visible td:nth-child(6)").all_inner_texts()
    assert all("missing scale" in text for text in named)
    watched.open(site / "index.html", "#mistake=m0")
    page.reload()
    assert len(shown_students(page)) == count
    assert watched.is_quiet()


def test_every_link_leads_somewhere(site, open_page):
    watched = open_page()
    for path in pages_of(site):
        watched.open(path)
        anchors = watched.page.evaluate("[...document.querySelectorAll('[id]')].map(item => item.id)")
        for address in watched.page.evaluate("[...document.links].map(link => link.getAttribute('href'))"):
            target, _, anchor = address.partition("#")
            if target:
                assert (path.parent / target).resolve().is_file(), (path, address)
                assert (path.parent / target).resolve().is_relative_to(site.resolve())
            elif not anchor.startswith("mistake="):
                assert anchors.count(anchor) == 1, (path, address)


def test_hostile_text_is_on_the_page_as_text(site, open_page):
    """What can be printed is there as it was, in the table and on its own page; what cannot is a replacement."""
    watched = open_page()
    watched.open(site / "index.html")
    students = shown_students(watched.page)
    plain = [text for text in HOSTILE if text.isprintable()]
    assert len(plain) == len(HOSTILE) - 2
    assert set(plain) <= set(students)
    links = watched.page.evaluate(
        "[...document.querySelectorAll('#submissions a')].map(a => [a.textContent, a.href])"
    )
    for name, address in links:
        if name in plain:
            watched.page.goto(address)
            text = watched.page.locator("main").inner_text()
            assert text.count(name) >= 3, name
            assert watched.page.locator("main h1, main script, main img[onerror]").count() == 0
    assert watched.is_quiet()


def test_formulas_and_pictures_are_drawn(site, open_page):
    watched = open_page()
    watched.open(next(site.glob("feedback/picture-00/*.html")))
    assert watched.page.locator("math mfrac, math munder, math msub").count() >= 1
    assert watched.page.locator("math").bounding_box()["height"] > 10
    drawn = {
        "picture-01": "svg.drawing rect",
        "picture-02": "img.pixels",
        "picture-03": "svg.drawing rect.got",
        "picture-04": ".tokens .off",
        "picture-05": ".tokens .off",
        "picture-06": ".strip img",
        "student-000": "img.drawn[alt='A gradient']",
        "student-001": "img.drawn[alt='A picture that cell 1 draws']",
    }
    for name, what in drawn.items():
        watched.open(next(site.glob(f"feedback/{name}/*.html")))
        box = watched.page.locator(what).first.bounding_box()
        assert box is not None and box["width"] >= 4 and box["height"] >= 1, name
        for image in watched.page.locator("img").all():
            assert image.evaluate("image => image.complete && image.naturalWidth > 0")


def test_print_shows_all_rows_and_no_filters(site, open_page):
    watched = open_page(700, "dark")
    watched.open(site / "index.html")
    watched.page.emulate_media(media="print")
    assert watched.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        watched.page.evaluate("getComputedStyle(document.querySelector('.pill.bad')).color")
        == "rgb(179, 38, 30)"
    )
    tables = watched.page.locator(".sheet table.grid").all()
    assert len(tables) == 3 and all(
        table.evaluate("item => item.scrollWidth <= item.closest('.sheet').clientWidth") for table in tables
    )
    assert not watched.page.locator(".filters").is_visible()
    body = watched.page.locator("#submissions .scroll")
    assert body.evaluate("item => item.scrollHeight <= item.clientHeight + 1")
    watched.open(next(site.glob("feedback/picture-02/*.html")))
    call = watched.page.locator("details.call table")
    watched.page.evaluate("document.querySelector('details.call').open = false")
    assert call.evaluate("item => item.checkVisibility({contentVisibilityAuto: true})"), (
        "what went in is on paper"
    )
