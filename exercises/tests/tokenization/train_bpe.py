"""Tests of `train_bpe`."""

from otter.test_files import test_case

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
