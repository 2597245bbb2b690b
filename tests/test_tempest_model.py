"""The trained model of the capstone: its shape, its tokenizer, and that it knows its play."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest

from genai_course import data
from genai_course.data._tempest import pre_tokenize

# Here, and not in a test: others load courses of their own, whose `solutions` would be found then.
capstone = pytest.importorskip("solutions.capstone")
tokenization = pytest.importorskip("solutions.tokenization")


def test_the_parameters_are_those_of_the_capstone() -> None:
    model = data.tempest_model()
    params = dict(model.params)
    heads = params.pop("heads")
    V, d = params["E"].shape
    f = params["W1"].shape[1]
    shapes = {"E": (V, d), "W1": (d, f), "b1": (f,), "W2": (f, d), "b2": (d,)}
    shapes |= {name: (d, d) for name in ("Wq", "Wk", "Wv", "Wo")}
    shapes |= {name: (d,) for name in ("gamma1", "beta1", "gamma2", "beta2")}

    assert {name: value.shape for name, value in params.items()} == shapes
    assert all(value.dtype == np.float64 for value in params.values())
    assert all(np.isfinite(value).all() for value in params.values())
    assert type(heads) is int
    assert d % heads == 0
    assert d % 2 == 0
    assert list(model.vocab) == list(range(V))


def test_the_file_is_small() -> None:
    assert len(files(data).joinpath("tempest_model.npz").read_bytes()) < 1_500_000


def test_encoding_the_play_loses_nothing() -> None:
    model = data.tempest_model()
    play = data.the_tempest()
    scene = play[play.index("ACT 1\n") :][:20_000]

    ids = model.encode(scene)

    assert model.decode(ids) == scene
    assert len(ids) < len(scene) / 2
    assert all(type(i) is int for i in ids)


def test_encoding_agrees_with_the_courses_own_tokenizer() -> None:
    model = data.tempest_model()
    text = "PROSPERO.\nOur revels now are ended: these our actors,\nAs I foretold you, were all spirits"

    own = [token for word in pre_tokenize(text) for token in tokenization.bpe_encode(word, model.merges)]

    assert [model.vocab[i] for i in model.encode(text)] == own


def test_a_blank_line_is_the_end_of_a_speech() -> None:
    model = data.tempest_model()

    assert model.vocab[model.eos] == b"\n\n"
    assert model.encode("No.\n\nNo.").count(model.eos) == 1


def test_pre_tokenized_words_are_the_text_again() -> None:
    text = "  What's past--[Aside]\n\n\n is prologue,  \n"

    assert "".join(pre_tokenize(text)) == text


@pytest.mark.parametrize("text", ["déjà vu", "8"])
def test_an_unknown_character_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the play has no"):
        data.tempest_model().encode(text)


def test_it_knows_its_play() -> None:
    model = data.tempest_model()
    play = data.the_tempest()
    speech = play[play.index("MIRANDA.\nO, wonder!") :][:400]
    ids = model.encode(speech)[: model.context]

    losses = [
        -np.log(capstone.next_token_distribution(ids[:n], model.params)[ids[n]]) for n in range(1, len(ids))
    ]

    assert np.mean(losses) < 2.5  # a guess among all tokens costs 6.6
    assert len(losses) > 60


def test_its_greedy_text_is_made_of_the_plays_words() -> None:
    model = data.tempest_model()
    known = {word.strip() for word in pre_tokenize(data.the_tempest())}

    text = model.decode(capstone.generate(model.encode("PROSPERO.\nMy"), model.params, 40, model.eos))
    words = [word.strip() for word in pre_tokenize(text) if word.strip().isalpha()]

    assert len(words) > 8
    assert np.mean([word in known for word in words]) > 0.7


def test_merges_build_on_what_is_there() -> None:
    model = data.tempest_model()
    known = {token for token in model.vocab.values() if len(token) == 1}

    for left, right in model.merges:
        assert left in known
        assert right in known
        known.add(left + right)

    assert known | {b"\n\n"} == set(model.vocab.values())


def test_every_call_gives_a_model_of_its_own() -> None:
    data.tempest_model().params["E"][:] = 0.0

    assert all(a.any() for a, _ in pairwise(data.tempest_model().params["E"]))
