"""Every kind of attack in README.md is tried somewhere."""

import re

from tests.attacks.loader import HERE, load_attacks

_ROW = re.compile(r"^\| (?P<number>\d+) \|.*\| (?P<elsewhere>[^|]*) ?\|$", re.MULTILINE)


def test_every_kind_is_tried():
    rows = {
        int(row["number"]): row["elsewhere"].strip()
        for row in _ROW.finditer((HERE / "README.md").read_text())
    }
    assert list(rows) == list(range(1, 58))
    tried = {row for attack in load_attacks() for row in attack.rows}
    for number, elsewhere in rows.items():
        if elsewhere:
            place = HERE / elsewhere if "/" not in elsewhere else HERE.parents[1] / elsewhere
            assert place.exists(), elsewhere
        else:
            assert number in tried, f"no submission tries {number}"


def test_every_submission_says_what_it_is():
    names = {attack.name for attack in load_attacks()}
    for file in (HERE / "submissions").iterdir():
        source = file.read_text()
        assert source.startswith("# rows: "), file.name
        assert "\n# what: " in source and "\n# expect" in source, file.name
        assert file.stem in names or "\n# needs: " in source, file.name
