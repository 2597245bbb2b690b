"""Tests of `train_bpe`."""

from otter.test_files import test_case

import solutions.tokenization as reference

OK_FORMAT = False
name = "train_bpe"
points = None

LOW = {b"low": 5, b"lower": 2, b"newest": 6, b"widest": 3}


@test_case(name="the words of Sennrich et al.: low, lower, newest, widest", points=2)
def low_lower_newest_widest(train_bpe):
    merges = train_bpe(dict(LOW), 6)
    expected = [(b"s", b"t"), (b"e", b"st"), (b"o", b"w"), (b"l", b"ow"), (b"w", b"est"), (b"n", b"e")]
    assert merges == expected, f"expected {expected}, got {merges}"


@test_case(name="one word, two merges", points=1)
def one_word(train_bpe):
    merges = train_bpe({b"tedted": 1}, 2)
    assert merges == [(b"t", b"e"), (b"te", b"d")], f"expected [(b't', b'e'), (b'te', b'd')], got {merges}"


def dragon_words():
    text = "the cute green dragon trotted into the cave and the green dragon trotted on and on into the night"
    words = {}
    for word in text.split():
        key = word.encode()
        words[key] = words.get(key, 0) + 1
    return words


@test_case(
    name="ties",
    points=2,
    hidden=True,
    failure_message="Among pairs with the same count the lexicographically greatest pair of byte strings "
    "wins: the left ones are compared first, and the right ones only if the left ones are equal. Neither "
    "the order of the words, nor the ids you may have given to tokens, nor the joined bytes matter.",
)
def ties(train_bpe):
    cases = [
        ({b"zb": 2, b"ba": 2, b"az": 2}, 3),
        ({b"ba": 2, b"zb": 2, b"az": 2}, 3),
        ({b"tr": 9, b"trx": 3, b"uv": 3}, 3),
        ({b"ab": 9, b"abc": 1, b"ad": 1}, 3),
        ({b"az": 2, b"ab": 5, b"aba": 2}, 3),
    ]
    merges = [train_bpe(dict(words), num_merges) for words, num_merges in cases]
    for (words, num_merges), got in zip(cases, merges, strict=True):
        assert got == reference.train_bpe(words, num_merges), "a tie was decided the wrong way"


@test_case(
    name="counts of words, and where words end",
    points=1,
    hidden=True,
    failure_message="A pair counts as often as its word occurs, and the last token of one word is no "
    "neighbour of the first token of the next.",
)
def word_counts(train_bpe):
    cases = [
        ({b"ab": 10, b"cd": 1, b"xcd": 1, b"cdy": 1}, 4),
        ({b"ba": 1, b"bc": 1, b"bd": 4}, 2),
        ({b"xy": 3, b"y": 5, b"x": 9}, 4),
    ]
    merges = [train_bpe(dict(words), num_merges) for words, num_merges in cases]
    for (words, num_merges), got in zip(cases, merges, strict=True):
        assert got == reference.train_bpe(words, num_merges), (
            "wrong merges when the words have different counts"
        )


@test_case(
    name="when to stop",
    points=1,
    hidden=True,
    failure_message="Training ends after num_merges merges, or when no pair is left, whichever comes first; "
    "a pair that occurs once is still a pair. Think of no words, of words of a single byte, and of "
    "num_merges = 0.",
)
def stopping(train_bpe):
    cases = [
        ({b"abc": 2, b"c": 1}, 10),
        ({b"abcd": 1}, 5),
        (LOW, 0),
        (LOW, 1),
        ({b"a": 3, b"b": 2}, 4),
        ({b"": 1, b"ab": 1}, 3),
        ({}, 3),
    ]
    merges = [train_bpe(dict(words), num_merges) for words, num_merges in cases]
    for (words, num_merges), got in zip(cases, merges, strict=True):
        assert got == reference.train_bpe(words, num_merges), "too many merges, too few, or wrong ones"


@test_case(
    name="runs and repeats within a word",
    points=1,
    hidden=True,
    failure_message="A pair may occur several times in one word, and in a run of equal bytes its places "
    "overlap: all of them count, but a merge uses each token once, from left to right. After each merge "
    "everything is counted anew.",
)
def repeats(train_bpe):
    cases = [
        ({b"aaa": 2, b"bc": 3}, 3),
        ({b"aaaaa": 1, b"xaaay": 1}, 4),
        ({b"banana": 2, b"ananas": 1}, 5),
        ({b"ababab": 1}, 3),
    ]
    merges = [train_bpe(dict(words), num_merges) for words, num_merges in cases]
    for (words, num_merges), got in zip(cases, merges, strict=True):
        assert got == reference.train_bpe(words, num_merges), "wrong merges when a pair repeats within a word"


@test_case(
    name="bytes beyond ASCII",
    points=1,
    hidden=True,
    failure_message="Words are bytes, and a letter may take several of them. Every byte is a token of its "
    "own at the start, and merges are pairs of byte strings.",
)
def beyond_ascii(train_bpe):
    cases = [({"café".encode(): 3, "né".encode(): 2}, 4), ({"日本".encode(): 2, "日曜日".encode(): 1}, 6)]
    merges = [train_bpe(dict(words), num_merges) for words, num_merges in cases]
    for (words, num_merges), got in zip(cases, merges, strict=True):
        assert got == reference.train_bpe(words, num_merges), "wrong merges for letters of several bytes"


@test_case(
    name="a whole text, left unchanged",
    points=1,
    hidden=True,
    failure_message="Wrong merges for the words of a longer text, or the dict that was given was changed.",
)
def whole_text(train_bpe):
    words = dragon_words()
    given = dict(words)
    merges = train_bpe(given, 25)
    assert merges == reference.train_bpe(words, 25), "wrong merges for a longer text"
    assert given == words, "the dict that was given has changed"
