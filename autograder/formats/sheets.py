"""CSV files of other programs: cells are changed one by one, and everything else stays as it was, byte for byte."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.formats import FormatError
from autograder.results import Result, cents, clean_text, spreadsheet_cell

__all__ = [
    "Sheet",
    "check_options",
    "feedback",
    "grade_text",
    "is_yes",
    "match_columns",
    "plain_name",
    "scaled",
    "some",
]

_MAX_BYTES = 64 << 20
_SEPARATORS = (",", ";", "\t")


class Sheet:
    """A CSV file in memory.

    Args:
        path: the file, in UTF-8, with or without a byte order mark.

    Raises:
        FormatError: it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise FormatError(f"{path}: it cannot be read: {error.strerror}") from None
        if len(data) > _MAX_BYTES:
            raise FormatError(f"{path}: it has more than {_MAX_BYTES >> 20} MB; is it the right file?")
        self._mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        try:
            text = data.removeprefix(self._mark).decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise FormatError(
                f"{path}, line {line}: it is not UTF-8; take the file as the platform gave it, or save it as CSV UTF-8"
            ) from None
        if "\0" in text or text.startswith("PK\x03\x04"):
            raise FormatError(f"{path}: it is no CSV file; download it as CSV")
        first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
        self.separator = max(_SEPARATORS, key=first.count)
        self._rows: list[list[str]] = []
        self._ends: list[str] = []
        self.lines: list[int] = []
        self._split(text)
        if not self._rows:
            raise FormatError(f"{path}: it is empty; download it again")

    def _split(self, text: str) -> None:
        stop = re.escape(self.separator) + r"\r\n"
        cell = re.compile(rf'("(?:[^"]+|"")*+"[^{stop}]*|[^{stop}]*)({self.separator}|\r\n|\n|\r|\Z)')
        at, line, start, row = 0, 1, 1, list[str]()
        while at < len(text) or row:
            found = cell.match(text, at)
            assert found is not None  # the second form matches anything
            raw, end = found.groups()
            if raw.startswith('"') and (len(raw) == 1 or '"' not in raw[1:]):
                raise FormatError(
                    f"{self.path}, line {line}: a quotation mark is opened and not closed; download it again"
                )
            row.append(raw)
            line += raw.count("\n")
            at = found.end()
            if end != self.separator:
                self._rows.append(row)
                self._ends.append(end)
                self.lines.append(start)
                line += 1
                start, row = line, []

    @property
    def header(self) -> list[str]:
        return [self.value(0, column) for column in range(len(self._rows[0]))]

    def __len__(self) -> int:
        return len(self._rows)

    def place(self, row: int) -> str:
        """File and line of a row, for messages."""
        return f"{self.path}, line {self.lines[row]}"

    def value(self, row: int, column: int | None) -> str:
        """A cell's text without its quotes; empty where there is no such cell."""
        if column is None or column >= len(self._rows[row]):
            return ""
        raw = self._rows[row][column]
        if raw.startswith('"'):
            inside, _, after = raw[1:].rpartition('"')
            return inside.replace('""', '"') + after
        return raw

    def set(self, row: int, column: int, text: str) -> None:
        """Change one cell, and only if its text is another one."""
        if self.value(row, column) == text and column < len(self._rows[row]):
            return
        self._rows[row] += [""] * (column + 1 - len(self._rows[row]))
        plain = not re.search(rf'["\r\n{re.escape(self.separator)}]|^\s|\s$', text)
        self._rows[row][column] = text if plain else '"' + text.replace('"', '""') + '"'

    def data(self) -> bytes:
        """The file's bytes, as it now is."""
        text = "".join(
            self.separator.join(row) + end for row, end in zip(self._rows, self._ends, strict=True)
        )
        return self._mark + text.encode()

    def column(self, *names: str) -> int | None:
        """The place of the first of these columns that there is."""
        wanted = [name.casefold() for name in names]
        headers = [name.strip().casefold() for name in self.header]
        return next((headers.index(name) for name in wanted if name in headers), None)


def some(names: Iterable[str], most: int = 10) -> str:
    """A list of names that fits into one line."""
    every = [clean_text(name, 80).replace("\n", " ") for name in names]
    return "; ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def plain_name(name: str) -> str:
    """A person's or a thing's name for comparing: letters and digits only, without accents and capitals."""
    split = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in split if char.isalnum())


def _words(name: str) -> list[str]:
    return [plain_name(word) for word in re.split(r"[\W_]+", name) if word]


def match_columns(
    sheet: Sheet, columns: Mapping[int, Sequence[str]], topics: Sequence[str], said: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Find the column of each topic.

    Args:
        sheet: the platform's file.
        columns: columns that may be one, each with the names that it goes by.
        topics: the topics to look for.
        said: what the instructor calls a topic's column.

    Returns:
        The columns by topic, and a notice for each topic without one.

    Raises:
        FormatError: no topic has a column, several have the same, or what was said fits none.
    """
    shown = some((repr(names[0]) for names in columns.values()), 20) or "(none)"
    found: dict[str, int] = {}
    notes: list[str] = []
    for topic, name in said.items():
        if topic not in topics:
            raise FormatError(f"--column {topic}: there is no result of this topic; there is {some(topics)}")
        fits = [column for column, names in columns.items() if name in names]
        if len(fits) != 1:
            raise FormatError(
                f"{sheet.path}, line 1: {'several columns are' if fits else 'no column is'} named {name!r}; "
                f"the columns are {shown}"
            )
        found[topic] = fits[0]
    named: dict[str, list[int]] = {topic: [] for topic in topics}
    for column, names in columns.items():
        if column in found.values():
            continue
        words = " ".join(_words(names[-1]))
        fitting = [topic for topic in topics if f" {' '.join(_words(topic))} " in f" {words} "]
        if fitting:  # "kernels cpp" is not "kernels"
            named[max(fitting, key=len)].append(column)
    for topic in topics:
        if topic in found:
            continue
        if len(named[topic]) == 1:
            found[topic] = named[topic][0]
        elif len(named[topic]) > 1:
            several = some(repr(columns[column][0]) for column in named[topic])
            raise FormatError(
                f"{sheet.path}, line 1: {several} may all be {topic}; say which with --column {topic}='…'"
            )
        else:
            notes.append(
                f"{topic}: no column of {sheet.path} is named like it; --column {topic}='…' says which"
            )
    if not found:
        raise FormatError(
            f"{sheet.path}, line 1: no column is named like {some(topics)}; say which with "
            f"--column {topics[0] if topics else 'TOPIC'}='…'; the columns are {shown}"
        )
    if len(set(found.values())) < len(found):
        raise FormatError(f"{sheet.path}: two topics have the same column; look at --column")
    return found, notes


def check_options(options: Mapping[str, str], known: Sequence[str]) -> None:
    """Refuse options that a format does not know."""
    if unknown := [name for name in options if name not in known]:
        told = f"there is {', '.join(known)}" if known else "it has none"
        raise FormatError(f"--option {unknown[0]}: this format has no such option; {told}")


def is_yes(options: Mapping[str, str], name: str, default: bool = False) -> bool:
    """Whether an option says yes."""
    value = options.get(name, "yes" if default else "no").strip().lower()
    if value not in ("yes", "no"):
        raise FormatError(f"--option {name}={options[name]}: write yes or no")
    return value == "yes"


def scaled(result: Result, most: float | None, scale: bool) -> float | None:
    """The final grade, in the platform's points where ``scale`` says so; None when excused."""
    final = result.final
    if final is None or not scale or most is None or not result.possible:
        return final
    return float(cents(final * most / result.possible))


def grade_text(points: float) -> str:
    """Points with two decimals."""
    return f"{cents(points)}"


def feedback(result: Result) -> str:
    """What a student is told of a grade in a few lines of plain text, without anything that is secret."""
    final = "excused" if result.final is None else f"{result.final:g} of {result.possible:g} points"
    lines = [f"{result.topic}: {final}"]
    if result.adjustment is not None and result.adjustment.text:
        lines.append(f"computed {result.total:g}; {result.adjustment.text}")
    for exercise in result.exercises:
        lines.append(f"{exercise.name}: {exercise.score:g} of {exercise.possible:g}")
        if exercise.mistake is not None:
            lines.append(f"  {exercise.mistake.hint}")
        for test in exercise.tests:
            if not test.passed:
                told = clean_text(test.message, 400).partition("\n")[0]
                lines.append(f"  not passed: {test.name}" + (f": {told}" if told else ""))
    if result.error:
        lines.append(result.error)
    return spreadsheet_cell(clean_text("\n".join(lines), 8000))
