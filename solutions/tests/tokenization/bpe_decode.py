"""Tests of `bpe_decode`."""

from otter.test_files import test_case

import solutions.tokenization as reference

OK_FORMAT = False
name = "bpe_decode"
points = None


@test_case(name="the slide's sentence", points=1)
def slide_sentence(bpe_decode):
    vocab = {
        0: b"The",
        1: b" cute",
        2: b" green",
        3: b" dragon",
        4: b" trot",
        5: b"ted",
        6: b" into",
        7: b" the",
        8: b" cave",
    }
    text = bpe_decode([0, 1, 2, 3, 4, 5, 6, 7, 8], vocab)
    expected = "The cute green dragon trotted into the cave"
    assert text == expected, f"expected {expected!r}, got {text!r}"


@test_case(name="a letter cut in two", points=1)
def letter_cut_in_two(bpe_decode):
    text = bpe_decode([0, 1, 2], {0: b"caf", 1: b"\xc3", 2: b"\xa9"})
    assert text == "café", f"expected 'café', got {text!r}"


VOCAB = {  # neither consecutive nor sorted ids; the bytes of one letter sit in several tokens
    300: "é".encode(),
    7: b" dragon ",
    12: b"\xe6\x97",
    256: b"\xa5",
    2: b"\n",
    40: "日本".encode(),
    41: b"\xff",
    5: b"\xc3",
    90: b"green",
    11: b"\xa9t\xc3",
}


@test_case(
    name="letters of several bytes",
    points=1,
    hidden=True,
    failure_message="A letter may begin in one token and end in a later one. Join the bytes of all tokens "
    "first, then decode them once, as UTF-8.",
)
def several_bytes(bpe_decode):
    cases = [[12, 256], [40, 12, 256, 300], [5, 11, 256], [300, 90, 300], [5, 11]]
    texts = [bpe_decode(list(ids), dict(VOCAB)) for ids in cases]
    for ids, got in zip(cases, texts, strict=True):
        assert got == reference.bpe_decode(ids, VOCAB), "wrong text for letters of several bytes"


@test_case(
    name="bytes that are no text",
    points=1,
    hidden=True,
    failure_message="A model may produce bytes that are no valid UTF-8. They must neither raise an error "
    'nor vanish: errors="replace" marks each such place.',
)
def no_text(bpe_decode):
    cases = [[41], [90, 41, 90], [12, 90], [7, 5], [256, 41, 300]]
    texts = [bpe_decode(list(ids), dict(VOCAB)) for ids in cases]
    for ids, got in zip(cases, texts, strict=True):
        assert got == reference.bpe_decode(ids, VOCAB), "wrong text for bytes that are no valid UTF-8"


@test_case(
    name="order, repeats, blanks and nothing at all",
    points=1,
    hidden=True,
    failure_message="Each id is looked up by its value, in the order of the ids and as often as it occurs; "
    "blanks and line ends belong to the text; no ids give the empty text; the arguments stay as they are.",
)
def order_and_repeats(bpe_decode):
    cases = [[90, 7, 90, 90], [7, 2], [2, 7, 90], []]
    for ids in cases:
        given, vocab = list(ids), dict(VOCAB)
        text = bpe_decode(given, vocab)
        assert text == reference.bpe_decode(ids, VOCAB), "wrong text: look at order, repeats and blanks"
        assert given == ids and vocab == VOCAB, "an argument has changed"
