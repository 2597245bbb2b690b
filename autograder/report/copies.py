"""Pairs of submissions that are more alike than chance: a hint where to look, never a verdict.

copydetect reduces each submission to its tokens (names, texts and spacing do not count) and to the pieces of 25
characters of that. Pieces of what was handed out are taken off, and pieces that many of the class have: short
exercises have few right answers.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup, escape

from autograder.report.highlight import is_prose
from autograder.report.topics import TopicFacts
from autograder.results import Result, clean_text

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

__all__ = ["Pair", "likely_copies"]

_PIECE = 25
_LEAST = 60
"""Fewest characters, names counted as one, that two submissions must share."""
_ALIKE = 0.7
_COMMON_SHARE, _COMMON_COUNT = 0.05, 4
"""What more than one in twenty of a topic's submissions have, and more than four, is common."""
_MAX_SOURCE = 32_000
_MAX_PAIRS = 60
_MAX_TALLIES = 3_000_000

Pieces = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Pair:
    """Two results (their places in the list), how much of the smaller rest they share, and both sources, marked."""

    first: int
    second: int
    topic: str
    similarity: float
    shared: int
    sources: tuple[Markup, Markup]


def _source(result: Result) -> str:
    """The code of a submission, without cells of text and those that grading leaves out."""
    cells = [cell.source for cell in result.cells if cell.ran and not is_prose(cell.source)]
    return clean_text("\n\n".join(cells), _MAX_SOURCE)


def _marked(source: str, slices: Sequence[Sequence[float]]) -> Markup:
    parts: list[Markup] = []
    end = 0
    for start, stop in sorted(zip(*slices, strict=True)):
        first, last = max(int(start), end), int(stop)
        if last > first:
            mark = Markup("<mark>{}</mark>").format(source[first:last])
            parts += [escape(source[end:first]), mark]
            end = last
    return Markup("").join([*parts, escape(source[end:])])


def _groups(pieces: Mapping[int, Pieces]) -> Iterator[list[int]]:
    """For each piece, the submissions that have it."""
    every = np.concatenate(list(pieces.values()))
    owners = np.repeat(np.array(list(pieces)), [len(own) for own in pieces.values()])
    order = np.argsort(every, kind="stable")
    starts = np.flatnonzero(np.diff(every[order])) + 1
    for group in np.split(owners[order], starts):
        yield group.tolist()


def _candidates(pieces: Mapping[int, Pieces]) -> list[tuple[int, int]]:
    """Pairs that share many rare pieces, most first."""
    shared: Counter[tuple[int, int]] = Counter()
    tallied = 0
    for group in sorted((group for group in _groups(pieces) if len(group) > 1), key=len):
        shared.update(combinations(sorted(group), 2))
        tallied += len(group) * (len(group) - 1) // 2
        if tallied > _MAX_TALLIES:
            break
    likely = [
        (count, pair)
        for pair, count in shared.items()
        if count >= _ALIKE * min(len(pieces[pair[0]]), len(pieces[pair[1]])) * 0.9
    ]
    return [pair for _, pair in sorted(likely, key=lambda item: (-item[0], item[1]))[: 4 * _MAX_PAIRS]]


def _best(pairs: Sequence[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.similarity, -pair.shared, pair.first, pair.second))[
        :_MAX_PAIRS
    ]


def likely_copies(results: Sequence[Result], facts: Mapping[str, TopicFacts]) -> list[Pair]:
    """Pairs of submissions of one topic, by different students, that share most of what is their own.

    Args:
        results: with the submissions' cells. They are looked at several times and never held all at once.
        facts: with what was handed out for each topic, where that is known.
    """
    by_topic: dict[str, dict[int, str]] = defaultdict(dict)  # students by number
    for number, result in enumerate(results):
        if result.topic and result.cells:
            by_topic[result.topic][number] = result.student
    found: list[Pair] = []
    for topic, students in sorted(by_topic.items()):
        if len(set(students.values())) > 1:
            handed_out = facts[topic].handed_out if topic in facts else ""
            found = _best([*found, *_in_topic(topic, students, results, handed_out)])
    return found


class _Prints:
    """The fingerprints of a topic's submissions, without what was handed out and what many have."""

    def __init__(
        self, topic: str, results: Sequence[Result], numbers: Sequence[int], handed_out: str
    ) -> None:
        suffix = "cpp" if results[numbers[0]].submission.endswith(".cpp") else "py"
        self._name, self._results = f"{topic}.{suffix}", results
        known = self._hashes(handed_out)
        self._left_out = sorted(known.tolist())
        self.pieces = {
            number: np.setdiff1d(self._hashes(_source(results[number])), known, assume_unique=True)
            for number in numbers
        }
        every, owners = np.unique(np.concatenate(list(self.pieces.values())), return_counts=True)
        common = every[owners > max(_COMMON_COUNT, _COMMON_SHARE * len(numbers))]
        for number, own in self.pieces.items():
            self.pieces[number] = np.setdiff1d(own, common, assume_unique=True)

    def _hashes(self, source: str) -> Pieces:
        """The pieces of a source, each once: what a fingerprint is made of, in a hundredth of its memory."""
        from copydetect.utils import filter_code, hashed_kgrams

        filtered, _ = filter_code(source, self._name)
        return np.unique(hashed_kgrams(filtered, _PIECE).astype(np.int64))

    def of(self, number: int) -> CodeFingerprint:
        from copydetect import CodeFingerprint  # takes a second, and draws with matplotlib
        from copydetect.utils import get_token_coverage

        # A window of 1 keeps every piece: which ones a longer window would keep differs from run to run.
        file = io.StringIO(_source(self._results[number]))
        made = CodeFingerprint(self._name, _PIECE, 1, boilerplate=self._left_out, fp=file)
        rare = set(self.pieces[number].tolist())
        made.hash_idx = {piece: places for piece, places in made.hash_idx.items() if piece in rare}
        made.hashes = set(made.hash_idx)
        made.token_coverage = get_token_coverage(made.hash_idx, _PIECE, len(made.filtered_code))
        return made


def _in_topic(
    topic: str, students: Mapping[int, str], results: Sequence[Result], handed_out: str
) -> list[Pair]:
    from copydetect import compare_files

    prints = _Prints(topic, results, list(students), handed_out)
    made: dict[int, CodeFingerprint] = {}
    pairs = []
    for first, second in _candidates(prints.pieces):
        if students[first] == students[second]:
            continue
        for number in (first, second):
            if number not in made:
                made[number] = prints.of(number)
        shared, (one, other), slices = compare_files(made[first], made[second])
        similarity = min(float(max(one, other)), 1.0)
        if shared >= _LEAST and similarity >= _ALIKE:
            sources = _marked(made[first].raw_code, slices[0]), _marked(made[second].raw_code, slices[1])
            pairs.append(Pair(first, second, topic, similarity, int(shared), sources))
    return pairs
