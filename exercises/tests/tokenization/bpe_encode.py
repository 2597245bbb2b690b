"""Tests of `bpe_encode`."""

from otter.test_files import test_case

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
