"""Pairs of submissions that are more alike than chance: a hint where to look, never a verdict.

copydetect reduces each submission to its tokens (names, texts and spacing do not count) and to the pieces of 25
characters of that. Pieces of what was handed out are taken off, and pieces that many of the class have: short
exercises have few right answers.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from markupsafe import Markup, escape

from autograder.report.highlight import is_prose
from autograder.report.topics import TopicFacts
from autograder.results import Result, clean_text

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


def _candidates(pieces: Mapping[int, set[int]]) -> list[tuple[int, int]]:
    """Pairs that share many rare pieces, most first."""
    owners: dict[int, list[int]] = defaultdict(list)
    for number, own in pieces.items():
        for piece in own:
            owners[piece].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    tallied = 0
    for group in sorted((group for group in owners.values() if len(group) > 1), key=len):
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


def likely_copies(results: Sequence[Result], facts: Mapping[str, TopicFacts]) -> list[Pair]:
    """Pairs of submissions of one topic, by different students, that share most of what is their own.

    Args:
        results: with the submissions' cells.
        facts: with what was handed out for each topic, where that is known.
    """
    by_topic: dict[str, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        if result.topic and result.cells:
            by_topic[result.topic].append(number)
    found: list[Pair] = []
    for topic, numbers in sorted(by_topic.items()):
        if len({results[number].student for number in numbers}) > 1:
            found += _in_topic(topic, numbers, results, facts[topic].handed_out if topic in facts else "")
    return sorted(found, key=lambda pair: (-pair.similarity, -pair.shared, pair.first, pair.second))[
        :_MAX_PAIRS
    ]


def _in_topic(topic: str, numbers: Sequence[int], results: Sequence[Result], handed_out: str) -> list[Pair]:
    from copydetect import CodeFingerprint, compare_files  # takes a second, and draws with matplotlib
    from copydetect.utils import get_token_coverage

    suffix = "cpp" if results[numbers[0]].submission.endswith(".cpp") else "py"

    def fingerprint(source: str, known: Sequence[int] = ()) -> CodeFingerprint:
        # A window of 1 keeps every piece: which ones a longer window would keep differs from run to run.
        return CodeFingerprint(
            f"{topic}.{suffix}", _PIECE, 1, boilerplate=list(known), fp=io.StringIO(source)
        )

    known = sorted(fingerprint(handed_out).hashes) if handed_out else []
    prints = {number: fingerprint(_source(results[number]), known) for number in numbers}
    owners = Counter(piece for item in prints.values() for piece in item.hashes)
    most = max(_COMMON_COUNT, _COMMON_SHARE * len(numbers))
    for item in prints.values():
        for piece in [piece for piece in item.hashes if owners[piece] > most]:
            item.hashes.discard(piece)
            del item.hash_idx[piece]
        item.token_coverage = get_token_coverage(item.hash_idx, _PIECE, len(item.filtered_code))
    pairs = []
    for first, second in _candidates({number: item.hashes for number, item in prints.items()}):
        if results[first].student == results[second].student:
            continue
        shared, (one, other), slices = compare_files(prints[first], prints[second])
        similarity = min(float(max(one, other)), 1.0)
        if shared >= _LEAST and similarity >= _ALIKE:
            sources = _marked(prints[first].raw_code, slices[0]), _marked(prints[second].raw_code, slices[1])
            pairs.append(Pair(first, second, topic, similarity, int(shared), sources))
    return pairs
