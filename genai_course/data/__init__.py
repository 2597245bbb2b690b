"""Small real data for the exercises: word vectors, GPT-2's merges, a photo, a play, and a model of the play.

Where each file comes from, and under which licence, is written in `PROVENANCE.md` beside this module. Nothing
is downloaded, and NumPy is all that is needed to read them. Each call reads its file anew: change what you
get as you like.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import numpy.typing as npt

from genai_course.data._tempest import TempestModel

__all__ = ["TempestModel", "cat_photo", "glove", "gpt2_merges", "tempest_model", "the_tempest"]

_HERE = files(__name__)


def glove() -> tuple[list[str], npt.NDArray[np.float64]]:
    """The 4500 most frequent English words of GloVe 6B and their vectors: `(words, E)`.

    `words[i]` has the vector `E[i]`; E has the shape (4500, 50). The vectors are float64, rounded to half
    precision, of the lengths that training gave them (not unit length).
    Source: Pennington, Socher and Manning 2014.

    >>> words, E = glove()
    >>> words[:3], E.shape
    (['the', ',', '.'], (4500, 50))
    """
    with _HERE.joinpath("glove_6b_50d_top4500.npz").open("rb") as file, np.load(file) as stored:
        return stored["words"].tolist(), stored["vectors"].astype(np.float64)


def gpt2_merges() -> list[tuple[bytes, bytes]]:
    """GPT-2's 50,000 byte-pair merges as pairs of byte strings, in the order they were learned.

    A space is an ordinary byte here and begins most words: `b" t"` is where "the" after a space starts.
    Source: Radford et al. 2019 (the file writes each byte as a visible character; this undoes it).

    >>> gpt2_merges()[:3]
    [(b' ', b't'), (b' ', b'a'), (b'h', b'e')]
    """
    byte_of = _gpt2_alphabet()
    lines = _HERE.joinpath("gpt2_vocab.bpe").read_text(encoding="utf-8").split("\n")
    merges = []
    for line in lines[1:]:  # the first line is the version of the format
        if line:
            left, right = line.split(" ")
            merges.append((bytes(byte_of[c] for c in left), bytes(byte_of[c] for c in right)))
    return merges


def cat_photo() -> npt.NDArray[np.uint8]:
    """Chelsea the cat, as uint8 of the shape (300, 451, 3): row, column, and red, green, blue from 0 to 255.

    >>> cat_photo().shape
    (300, 451, 3)
    """
    with _HERE.joinpath("chelsea.npz").open("rb") as file, np.load(file) as stored:
        # Each pixel is stored as the step from its left neighbour, which packs a quarter smaller.
        return np.cumsum(stored["steps"], axis=1, dtype=np.uint8)


def the_tempest() -> str:
    """Shakespeare's play The Tempest, about 98,000 characters, with "\\n" between lines.

    >>> the_tempest()[:11]
    'THE TEMPEST'
    """
    return _HERE.joinpath("the_tempest.txt").read_text(encoding="utf-8")


def tempest_model() -> TempestModel:
    """A small language model that was trained on The Tempest, with its tokenizer.

    It is a transformer with one decoder block, made by `tools/train_tempest_model.py`: V = 770 tokens,
    d = 160, f = 640, 8 heads. The parameters are float64, rounded to half precision.

    >>> model = tempest_model()
    >>> model.params["E"].shape
    (770, 160)
    >>> model.decode(model.encode("We are such stuff"))
    'We are such stuff'
    """
    with _HERE.joinpath("tempest_model.npz").open("rb") as file, np.load(file) as stored:
        values = {name: stored[name] for name in stored.files}
    merges = [(left, right) for left, right in values.pop("merges").tolist()]
    vocab = dict(enumerate(values.pop("vocab").tolist()))
    heads, eos, context = (int(values.pop(name)) for name in ("heads", "eos", "context"))
    params = {name: value.astype(np.float64) for name, value in values.items()} | {"heads": heads}
    return TempestModel(params, merges, vocab, eos, context)


def _gpt2_alphabet() -> dict[str, int]:
    """The byte that each character of GPT-2's merge file stands for.

    The 188 bytes that Latin-1 prints as a visible character are that character. The other 68 (space, control
    characters, the soft hyphen) take the code points from 256 on, in order: a space is "Ġ".
    """
    visible = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + i): byte for i, byte in enumerate(hidden)}
