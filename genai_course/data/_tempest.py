"""The trained model of the topic `capstone`: its parameters, and the tokenizer that goes with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["TempestModel", "pre_tokenize"]

_BLANK_LINE = "\n\n"
_WORDS = re.compile(r"\n\n|\n| ?[A-Za-z']+| ?[^A-Za-z'\s]+| ")


def pre_tokenize(text: str) -> list[str]:
    """Cut a text into the words within which byte-pair encoding merges; joined, they are the text again.

    A word or a run of punctuation carries the space before it. A line break stands alone, and so does a blank
    line, which ends a speech.

    >>> pre_tokenize("We are such stuff\\nAs dreams")
    ['We', ' are', ' such', ' stuff', '\\n', 'As', ' dreams']
    """
    return _WORDS.findall(text)


@dataclass(frozen=True)
class TempestModel:
    """A decoder-only transformer with one block, and its tokenizer.

    Attributes:
        params: what `next_token_distribution` of the topic `capstone` takes: E (V, d), Wq, Wk, Wv, Wo (d, d),
            W1 (d, f), b1 (f,), W2 (f, d), b2, gamma1, beta1, gamma2, beta2 (d,), all float64, and heads, int.
        merges: the byte-pair merges in the order they were learned.
        vocab: the bytes of each token id, 0 to V - 1.
        eos: the id of the token that ends a speech, a blank line.
        context: how many tokens the model has seen at a time; beyond that it is lost.
    """

    params: dict[str, Any]
    merges: list[tuple[bytes, bytes]]
    vocab: dict[int, bytes]
    eos: int
    context: int

    def encode(self, text: str) -> list[int]:
        """The token ids of a text. A blank line becomes `eos`.

        Raises:
            ValueError: the text has a character that the play does not have.
        """
        id_of = {token: token_id for token_id, token in self.vocab.items()}
        rank = {pair: order for order, pair in enumerate(self.merges)}
        ids = []
        for word in pre_tokenize(text):
            for token in [_BLANK_LINE.encode()] if word == _BLANK_LINE else _cut(word.encode(), rank):
                if token not in id_of:
                    raise ValueError(f"the play has no {token.decode(errors='replace')!r} (in {word!r})")
                ids.append(id_of[token])
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids."""
        return b"".join(self.vocab[token_id] for token_id in ids).decode("utf-8", errors="replace")


def _cut(word: bytes, rank: dict[tuple[bytes, bytes], int]) -> list[bytes]:
    """The tokens of one word: the merge that was learned first is applied first, as often as one fits."""
    tokens = [bytes([byte]) for byte in word]
    while len(tokens) > 1:
        first = min(pairwise(tokens), key=lambda pair: rank.get(pair, len(rank)))
        if first not in rank:
            break
        at = 0
        while at < len(tokens) - 1:
            if (tokens[at], tokens[at + 1]) == first:
                tokens[at : at + 2] = [first[0] + first[1]]
            at += 1
    return tokens
