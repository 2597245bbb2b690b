# rows: 6
# what: asks for functions by numbers that were never given
# variants: 3
# expect: crashed 4
# honest: normalise
import os
import struct

import msgpack


def tally(words):
    number = (0, 1, (1 << 63) - 1)[int("@variant@")]
    body = msgpack.packb(("callback", 1, number, [], {}))
    os.write(3, struct.pack("<I", len(body)) + body)
    return {"a": 2, "b": 1}
