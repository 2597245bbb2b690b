"""The small data sets: complete, read right, and fresh on every call."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest

from genai_course import data


def test_glove_words_and_vectors_belong_together() -> None:
    words, vectors = data.glove()

    assert words[:3] == ["the", ",", "."]
    assert all(type(word) is str for word in words)
    assert len(words) == len(set(words)) == 4500
    assert vectors.shape == (4500, 50)
    assert vectors.dtype == np.float64
    np.testing.assert_array_equal(vectors[0, :2], np.array([0.418, 0.24968]).astype(np.float16))


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [("german", "germany", "austrian", "austria"), ("man", "king", "woman", "queen")],
)
def test_glove_knows_the_lectures_analogies(a: str, b: str, c: str, expected: str) -> None:
    words, vectors = data.glove()
    index = {word: i for i, word in enumerate(words)}
    target = vectors[index[b]] - vectors[index[a]] + vectors[index[c]]

    cosine = vectors @ target / np.linalg.norm(vectors, axis=1) / np.linalg.norm(target)
    cosine[[index[a], index[b], index[c]]] = -1.0

    assert words[int(cosine.argmax())] == expected


def test_gpt2_merges_are_bytes_in_the_order_learned() -> None:
    merges = data.gpt2_merges()

    assert len(merges) == len(set(merges)) == 50_000
    assert merges[:4] == [(b" ", b"t"), (b" ", b"a"), (b"h", b"e"), (b"i", b"n")]
    assert merges[-1] == (b" g", b"azed")
    assert ("é".encode()[:1], "é".encode()[1:]) in merges


def test_gpt2_merges_build_on_single_bytes_and_earlier_merges() -> None:
    known = {bytes([byte]) for byte in range(256)}

    for left, right in data.gpt2_merges():
        assert left in known
        assert right in known
        known.add(left + right)

    assert len(known) == 50_256  # GPT-2's vocabulary without its end-of-text token


def test_gpt2_splits_trotted_as_the_course_says() -> None:
    rank = {pair: i for i, pair in enumerate(data.gpt2_merges())}
    pieces = [bytes([byte]) for byte in b" trotted"]

    while len(pieces) > 1:
        first = min(range(len(pieces) - 1), key=lambda i: rank.get((pieces[i], pieces[i + 1]), len(rank)))
        if (pieces[first], pieces[first + 1]) not in rank:
            break
        pieces[first : first + 2] = [pieces[first] + pieces[first + 1]]

    assert pieces == [b" tro", b"tted"]


def test_cat_photo_is_the_photo() -> None:
    photo = data.cat_photo()

    assert photo.shape == (300, 451, 3)
    assert photo.dtype == np.uint8
    np.testing.assert_array_equal(photo[0, 0], [143, 120, 104])
    np.testing.assert_array_equal(photo[-1, -1], [162, 138, 128])
    np.testing.assert_allclose(photo.mean(axis=(0, 1)), [147.673, 111.444, 86.798], atol=1e-3)


def test_the_tempest_is_whole() -> None:
    play = data.the_tempest()

    assert play.startswith("THE TEMPEST\n")
    assert play.rstrip().endswith("set me free.")
    assert "We are such stuff\nAs dreams are made on" in play
    assert "\r" not in play


def test_every_call_gives_data_of_its_own() -> None:
    data.cat_photo()[:] = 0
    words, vectors = data.glove()
    words.clear()
    vectors[:] = 0.0
    data.gpt2_merges().clear()

    assert data.cat_photo().any()
    assert data.glove()[0]
    assert data.glove()[1].any()
    assert data.gpt2_merges()


def test_provenance_names_every_file() -> None:
    folder = files(data)
    provenance = folder.joinpath("PROVENANCE.md").read_text(encoding="utf-8")

    for entry in folder.iterdir():
        if entry.name.endswith((".npz", ".bpe", ".txt")):
            assert f"`{entry.name}`" in provenance


def test_reading_needs_numpy_alone() -> None:
    code = (
        "import sys; from genai_course import data; data.cat_photo(); data.glove(); "
        "assert not {'matplotlib', 'PIL', 'otter'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
