"""Tests of `bpe_encode`."""

from otter.test_files import test_case

import solutions.tokenization as reference

OK_FORMAT = False
name = "bpe_encode"
points = None

# All of GPT-2's 50,000 merges that could take part in " trotted", in their order.
GPT2 = [
    (b" ", b"t"),
    (b"e", b"d"),
    (b"r", b"o"),
    (b"o", b"t"),
    (b" t", b"r"),
    (b"t", b"e"),
    (b"t", b"t"),
    (b"ot", b"t"),
    (b"t", b"ed"),
    (b"t", b"r"),
    (b" t", b"ro"),
    (b"ott", b"ed"),
    (b"ro", b"t"),
    (b"ot", b"te"),
    (b"t", b"ro"),
    (b"tt", b"ed"),
]


@test_case(name="the slide's split: trot + ted", points=1)
def slide_split(bpe_encode):
    tokens = bpe_encode("trotted", [(b"t", b"r"), (b"o", b"t"), (b"tr", b"ot"), (b"e", b"d"), (b"t", b"ed")])
    assert tokens == [b"trot", b"ted"], f"expected [b'trot', b'ted'], got {tokens}"


@test_case(name="GPT-2's own merges: tro + tted", points=1)
def gpt2_split(bpe_encode):
    tokens = bpe_encode(" trotted", list(GPT2))
    assert tokens == [b" tro", b"tted"], f"expected [b' tro', b'tted'], got {tokens}"


@test_case(name="without merges every byte stays alone", points=1)
def no_merges(bpe_encode):
    tokens = bpe_encode("cave", [])
    assert tokens == [b"c", b"a", b"v", b"e"], f"expected [b'c', b'a', b'v', b'e'], got {tokens}"


WORDS = {b"the": 5, b"trot": 3, b"trotted": 2, b"other": 2, b"tether": 1, b"heat": 2, b"tthee": 1}


@test_case(
    name="the order of the merges decides",
    points=2,
    hidden=True,
    failure_message="The merge that was learned first is applied first, wherever it fits in the word; the "
    "pair that comes first in the word and the longest token do not matter. A merge joins its own two "
    "tokens, not any two whose bytes happen to give the same string.",
)
def order_decides(bpe_encode):
    cases = [
        ("abc", [(b"b", b"c"), (b"a", b"b")]),
        ("abc", [(b"a", b"b"), (b"b", b"c")]),
        ("abc", [(b"b", b"c"), (b"a", b"b"), (b"a", b"bc")]),
        ("abcd", [(b"b", b"c"), (b"a", b"b"), (b"ab", b"c"), (b"bc", b"d")]),
        ("xabcd", [(b"c", b"d"), (b"a", b"b"), (b"ab", b"c"), (b"abc", b"d"), (b"x", b"ab")]),
        ("then", [(b"h", b"e"), (b"e", b"n"), (b"t", b"he"), (b"h", b"en")]),
    ]
    tokens = [bpe_encode(word, list(merges)) for word, merges in cases]
    for (word, merges), got in zip(cases, tokens, strict=True):
        assert got == reference.bpe_encode(word, merges), (
            "wrong tokens: the merges were not applied in their order"
        )


@test_case(
    name="a pair that occurs again and again",
    points=1,
    hidden=True,
    failure_message="A merge applies to every place in the word where its pair stands, from left to right "
    "and without overlap, also in a run of equal letters.",
)
def repeats(bpe_encode):
    cases = [
        ("banana", [(b"a", b"n")]),
        ("aaaaa", [(b"a", b"a")]),
        ("aaaaaaa", [(b"a", b"a"), (b"aa", b"aa")]),
        ("ababx", [(b"a", b"b"), (b"ab", b"ab"), (b"b", b"x")]),
    ]
    tokens = [bpe_encode(word, list(merges)) for word, merges in cases]
    for (word, merges), got in zip(cases, tokens, strict=True):
        assert got == reference.bpe_encode(word, merges), "wrong tokens when a pair occurs more than once"


@test_case(
    name="short words, and letters of several bytes",
    points=1,
    hidden=True,
    failure_message="Start from the UTF-8 bytes of the word, not from its letters. And try a word that "
    "becomes a single token, a word of one letter, and the empty one.",
)
def short_and_long_letters(bpe_encode):
    cases = [
        ("né", [(b"n", b"\xc3")]),
        ("éé", [(b"\xc3", b"\xa9")]),
        ("日本", [(b"\xe6", b"\x97"), (b"\xe6\x97", b"\xa5")]),
        ("ab", [(b"a", b"b"), (b"b", b"c")]),
        ("a", [(b"a", b"b")]),
        ("", [(b"a", b"b")]),
    ]
    tokens = [bpe_encode(word, list(merges)) for word, merges in cases]
    for (word, merges), got in zip(cases, tokens, strict=True):
        assert got == reference.bpe_encode(word, merges), (
            "wrong tokens for a short word or for letters of several bytes"
        )


@test_case(
    name="words cut with merges that were learned, left unchanged",
    points=1,
    hidden=True,
    failure_message="Wrong tokens with merges from a training, or the list of merges that was given was "
    "changed. Joined, the tokens must give the bytes of the word again.",
)
def learned_merges(bpe_encode):
    merges = reference.train_bpe(WORDS, 12)
    for word in ["the", "trotted", "tether", "heath", "toothed", "another"]:
        given = list(merges)
        tokens = bpe_encode(word, given)
        assert tokens == reference.bpe_encode(word, merges), "wrong tokens with learned merges"
        assert given == merges, "the list of merges that was given has changed"
