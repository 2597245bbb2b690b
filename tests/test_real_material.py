"""The reference solutions on real material: a play, GPT-2's merges, word vectors, a photo, a trained model."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from genai_course import data
from genai_course.data._tempest import pre_tokenize

capstone = pytest.importorskip("solutions.capstone")
diffusion = pytest.importorskip("solutions.diffusion")
embeddings = pytest.importorskip("solutions.embeddings")
sampling = pytest.importorskip("solutions.sampling")
tokenization = pytest.importorskip("solutions.tokenization")

Merges = list[tuple[bytes, bytes]]


def words_of_the_play() -> Counter[str]:
    return Counter(re.findall(r"[A-Za-z'-]+", data.the_tempest()))


@pytest.fixture(scope="module")
def tempest_merges() -> Merges:
    counts = {word.encode(): count for word, count in words_of_the_play().items()}
    return tokenization.train_bpe(counts, 400)


def test_bpe_learns_the_plays_frequent_words(tempest_merges: Merges) -> None:
    tokens = {left + right for left, right in tempest_merges}
    frequent = {word for word, _ in words_of_the_play().most_common(40) if len(word) > 1}

    assert tempest_merges[0] == (b"t", b"h")
    assert {b"PROSPERO", b"ARIEL", b"the", b"shall"} <= tokens
    assert sum(word.encode() in tokens for word in frequent) >= 0.9 * len(frequent)


def test_bpe_makes_the_play_shorter_and_loses_nothing(tempest_merges: Merges) -> None:
    words = words_of_the_play()
    pieces = {word: tokenization.bpe_encode(word, tempest_merges) for word in words}

    assert all(b"".join(tokens) == word.encode() for word, tokens in pieces.items())
    tokens = sum(len(pieces[word]) * count for word, count in words.items())
    letters = sum(len(word) * count for word, count in words.items())
    assert letters / tokens > 2.2


def test_bpe_training_agrees_with_the_tokenizers_library(tempest_merges: Merges) -> None:
    """The library breaks ties its own way, so the merges themselves may differ; how much they shorten may not."""
    tokenizers = pytest.importorskip("tokenizers")
    words = words_of_the_play()
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE())
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    letters = {letter for word in words for letter in word}
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=len(letters) + 400, show_progress=False)
    theirs.train_from_iterator((f"{word} " * count for word, count in words.items()), trainer)

    def length(sizes: dict[str, int]) -> int:
        return sum(sizes[word] * count for word, count in words.items())

    own = length({word: len(tokenization.bpe_encode(word, tempest_merges)) for word in words})
    other = length({word: len(theirs.encode(word).tokens) for word in words})
    assert own == pytest.approx(other, rel=0.005)


def test_gpt2s_merges_cut_the_plays_words_as_the_tokenizers_library_does() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    merges = data.gpt2_merges()
    visible = data._gpt2_alphabet()
    shown = {byte: character for character, byte in visible.items()}

    def show(token: bytes) -> str:
        return "".join(shown[byte] for byte in token)

    alphabet = [bytes([byte]) for byte in range(256)]
    vocab = {show(token): i for i, token in enumerate([*alphabet, *(a + b for a, b in merges)])}
    theirs = tokenizers.Tokenizer(
        tokenizers.models.BPE(vocab=vocab, merges=[(show(a), show(b)) for a, b in merges])
    )
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    play = [word for word, _ in Counter(pre_tokenize(data.the_tempest())).most_common()]
    chosen = [*play[:80], *play[80::40], " naïve", "Zürich", "🐉", " trotted"]

    assert len(chosen) > 180
    for word in chosen:
        own = tokenization.bpe_encode(word, merges)
        assert [show(token) for token in own] == theirs.encode(word).tokens, word


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [("german", "germany", "austrian", "austria"), ("man", "king", "woman", "queen")],
)
def test_the_lectures_analogies(a: str, b: str, c: str, expected: str) -> None:
    words, vectors = data.glove()

    best, similarity = embeddings.analogy(a, b, c, words, vectors)

    assert best == expected
    assert 0.7 < similarity < 1.0


def test_without_exclusion_an_analogy_gives_back_a_word_of_the_question() -> None:
    words, vectors = data.glove()

    best, _ = embeddings.analogy("man", "king", "woman", words, vectors, exclude=False)

    assert best == "king"


def cat() -> np.ndarray:
    return data.cat_photo() / 127.5 - 1.0


BETAS = np.linspace(1e-4, 0.02, 1000)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_the_cat_sinks_into_noise() -> None:
    x0 = cat()[None]
    eps = np.random.default_rng(0).normal(size=x0.shape)

    strip = [diffusion.q_sample(x0, np.array([t]), BETAS, eps) for t in (0, 25, 200, 500, 1000)]

    np.testing.assert_allclose(strip[0], x0)
    to_cat = [likeness(x, x0) for x in strip]
    assert to_cat == sorted(to_cat, reverse=True)
    assert to_cat[1] > 0.9
    assert abs(to_cat[-1]) < 0.02
    assert likeness(strip[-1], eps) > 0.999
    assert strip[-1].std() == pytest.approx(1.0, abs=0.01)


def test_the_cat_comes_back_when_the_noise_is_known() -> None:
    photos = np.stack([cat()[:64, :64], cat()[100:164, 200:264]])
    t = np.array([30, 400])
    eps = np.random.default_rng(1).normal(size=photos.shape)

    noised = diffusion.q_sample(photos, t, BETAS, eps)

    np.testing.assert_allclose(diffusion.predict_x0(noised, t, BETAS, eps), photos, atol=1e-9)


def speech(seed: int, prompt: str, tokens: int) -> str:
    """A text that the model writes when its tokens are drawn, not always the likeliest taken."""
    model = data.tempest_model()
    rng = np.random.default_rng(seed)
    ids = model.encode(prompt)
    for _ in range(tokens):
        p = capstone.next_token_distribution(ids, model.params)
        ids.append(sampling.sample_token(sampling.top_p_probs(p, 0.9), rng.random()))
    return model.decode(ids)


def known_share(text: str) -> float:
    """The share of a text's words that are words of the play."""
    words = re.findall(r"[a-z']+", text.lower())
    known = set(re.findall(r"[a-z']+", data.the_tempest().lower()))
    assert len(words) > 20
    return float(np.mean([word in known for word in words]))


@pytest.mark.parametrize("prompt", ["PROSPERO.\n", "ARIEL.\nI"])
def test_the_model_writes_words_of_the_play(prompt: str) -> None:
    text = speech(3, prompt, 60)

    assert known_share(text) > 0.8
    jumbled = "".join(np.random.default_rng(0).permutation(list(data.the_tempest()[5000:6000])))
    assert known_share(jumbled) < 0.2  # letters alone do not make its words


def test_the_model_writes_the_same_again() -> None:
    assert speech(3, "MIRANDA.\n", 25) == speech(3, "MIRANDA.\n", 25)
    assert speech(3, "MIRANDA.\n", 25) != speech(4, "MIRANDA.\n", 25)


def test_the_model_needs_few_bits_a_letter() -> None:
    """English letters guessed by their frequency alone cost about 4.2 bits each; the model sees what came before."""
    model = data.tempest_model()
    play = data.the_tempest()
    nats = letters = 0.0
    for start in ("MIRANDA.\nO, wonder!", "Our revels now are ended"):
        ids = model.encode(play[play.index(start) :][:500])[: model.context]
        for n in range(1, len(ids)):
            nats -= float(np.log(capstone.next_token_distribution(ids[:n], model.params)[ids[n]]))
            letters += len(model.vocab[ids[n]])

    counts = np.array(list(Counter(play).values()))
    share = counts / counts.sum()
    by_frequency = -float(share @ np.log2(share))
    assert nats / letters / np.log(2) < 1.6 < 0.4 * by_frequency
