"""Writes the corpus: for each target, well-formed inputs and the shapes of attacks. Run it after a change.

    python tests/fuzz/make_corpus.py

Inputs that a fuzzer found lie beside these, named ``found-...``, and are left alone.
"""

from __future__ import annotations

import io
import json
import stat
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

import msgpack
import msgspec
import numpy as np

from autograder.sandbox import protocol, wire
from tests.fuzz.targets import BETWEEN

CORPUS = Path(__file__).resolve().parent / "corpus"

VALUES = {
    "none": None,
    "numbers": [True, 0, -1, 255, 65536, -(1 << 63), (1 << 64) - 1, 10**40, 1.5, float("nan"), 2 + 1j],
    "text": ["", "a", "é" * 40, "\U0001f600", "x" * 300, b"", b"\x00\xff" * 20],
    "containers": {"a": (1, [2, {3}], frozenset({(4,)})), 5: {}, None: [[], (), set()], (1, 2): 3},
    "scalars": [np.float64(0.5), np.int8(-1), np.bool_(True), np.str_("ab"), np.complex64(1j)],
    "arrays": [np.arange(6).reshape(2, 3), np.zeros((0, 3), ">f4"), np.array(5), np.array(["a", "bcd"])],
    "bytes-array": np.array([b"ab", b"c"]),
    "half": np.ones(4, np.float16),
    "nested": [[[[[[[[[[(((([0],),),),)]]]]]]]]]],
    "same-keys": {i * ((1 << 61) - 1): 0 for i in range(3)},
}
EXTENSIONS = {
    "date-4": b"\xd6\xff\x00\x00\x00\x01",
    "date-8": b"\x91\xd7\xff" + bytes(8),
    "date-12": b"\x81\xc7\x0c\xff" + bytes(12) + b"\xc0",
    "date-8-in-long-form": b"\xc7\x08\xff" + bytes(8),
    "lying-shape": msgpack.packb(msgpack.ExtType(1, msgpack.packb(("<f8", [1 << 40, 0], True, b"")))),
    "no-width": msgpack.packb(msgpack.ExtType(1, msgpack.packb(("<U0", [1 << 31], True, b"")))),
    "no-character": msgpack.packb(msgpack.ExtType(1, msgpack.packb(("<U1", [1], True, b"\xff" * 4)))),
    "objects": msgpack.packb(msgpack.ExtType(1, msgpack.packb(("|O", [1], True, bytes(8))))),
    "callable": msgpack.packb(msgpack.ExtType(8, bytes(4))),
    "no-sequence": msgpack.packb(msgpack.ExtType(3, msgpack.packb({1: 2}))),
    "list-in-set": msgpack.packb(msgpack.ExtType(4, msgpack.packb([[]]))),
    "long-map": b"\xdf\xff\xff\xff\xff",
    "long-extension": b"\xc9\xff\xff\xff\xff\x01",
    "deep": b"\x91" * 3000 + b"\xc0",
    "deep-extension": b"\xc7\xff\x03" * 60 + b"\x90",
}
_FAILURE = protocol.Failure("ValueError", "the shapes differ", "line 3 of cell 2", "ValueError")
_ONE = wire.encode(1.5)
_LIST = wire.encode([3.0, [4.0]])
MESSAGES: dict[str, protocol.FromSandbox] = {
    "ready": protocol.Ready(""),
    "not-ready": protocol.Ready("OSError: refused"),
    "cell": protocol.CellDone(0, None),
    "cell-drawn": protocol.CellDone(0, None, 9, [protocol.Picture(2, 1, bytes(6), "a line")]),
    "cell-drawn-false": protocol.CellDone(0, None, 9, [protocol.Picture(2, 2, bytes(6), "a line")]),
    "cell-failed": protocol.CellDone(0, _FAILURE),
    "callback": protocol.Callback(1, 0, [_ONE, _LIST], {"key": _ONE}),
    "returned": protocol.Returned(1, _ONE, {"0": _LIST}, [("UserWarning", "beware")]),
    "raised": protocol.Raised(1, _FAILURE, {"=table": wire.encode({"a": [2], "c": {3}})}, []),
}
CONVERSATIONS = {
    "right": [MESSAGES["cell"], MESSAGES["returned"]],
    "called-back": [MESSAGES["cell"], MESSAGES["callback"], MESSAGES["callback"], MESSAGES["returned"]],
    "raised": [MESSAGES["cell-failed"], MESSAGES["raised"], protocol.Returned(2, _LIST, {}, [])],
    "array-changed": [
        MESSAGES["cell"],
        protocol.Returned(1, wire.encode((np.ones(3), {"x": {1, 2}})), {"1": wire.encode(np.ones(3))}, []),
    ],
    "other-shape": [MESSAGES["cell"], protocol.Returned(1, _ONE, {"1": wire.encode(np.ones((3, 1)))}, [])],
    "no-such-function": [MESSAGES["cell"], protocol.Callback(1, 7, [], {})],
    "function-in-a-change": [
        MESSAGES["cell"],
        protocol.Returned(1, _ONE, {"0": wire.encode([len, 1], lambda _: 1)}, []),
    ],
}

CELL = {"cell_type": "code", "source": ["def f():\n", "    return 1"], "metadata": {}, "outputs": []}
TEXT = {"cell_type": "markdown", "source": "# A *title* \U0001f600", "metadata": {}}
NOTEBOOKS: dict[str, object] = {
    "plain": {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [TEXT, CELL, CELL]},
    "one-string": {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "source": "x = '\u00e9'\n%matplotlib inline"}],
    },
    "old": {"nbformat": 3, "worksheets": [{"cells": [CELL]}]},
    "float-format": {"nbformat": 4.5, "cells": [CELL]},
    "not-a-number": {"nbformat": float("nan"), "cells": [CELL, {"source": [float("inf")]}]},
    "half-a-character": {"nbformat": 4, "cells": [{"cell_type": "code", "source": "'\ud83d'"}]},
    "no-cells": {"nbformat": 4},
    "wrong-types": {"nbformat": "4", "cells": {"a": 1}},
    "long-number": {"nbformat": 4, "metadata": 10**400, "cells": [CELL]},
    "a-list": [1, 2, 3],
}
BROKEN_NOTEBOOKS = {
    "mark": b"\xef\xbb\xbf" + json.dumps(NOTEBOOKS["plain"]).encode(),
    "utf-16": json.dumps(NOTEBOOKS["plain"]).encode("utf-16"),
    "twice": b'{"nbformat": 4, "nbformat": 5, "cells": [], "cells": [{"cell_type": "code", "source": "x"}]}',
    "deep": b'{"nbformat": 4, "metadata": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    "cut": json.dumps(NOTEBOOKS["plain"]).encode()[:100],
    "empty": b"",
}
SCRIPTS = {
    "plain": b'"""A module."""\nimport numpy as np\n\n\ndef f(x):\n    return np.sum(x)\n',
    "cells": b"# %% [markdown]\n# # A title\n# %%\nx = 1\n#%%\ny = 2\n# %% tags=[1]\n",
    "windows": b"\xef\xbb\xbfx = 1\r\ny = 2\r# %%\r\nz = 3\r\n",
    "latin": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "second-line": b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x93'\n",
    "japanese": "# coding: shift_jis\nx = '\u65e5\u672c'\n".encode("shift_jis"),
    "utf-7": b"# coding: utf-7\nx = '+2AA-'\n",
    "utf-16": "# coding: utf-16\nx = 1\n".encode("utf-16"),
    "no-such": b"# coding: klingon\nx = 1\n",
    "no-text": b"# coding: hex\n00\n",
    "escapes": b"# coding: unicode_escape\n\\x41\n",
    "not-utf-8": b"x = '\xff'\n",
    "zero": b"x = 1\x00\n",
    "blank": b" \n\t\n",
}


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, data, compress_type=method)
    return buffer.getvalue()


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _archives() -> Iterator[tuple[str, bytes]]:
    source, cells = SCRIPTS["cells"], json.dumps(NOTEBOOKS["plain"]).encode()
    yield "stored", _zip(("attention.py", source), ("student-002/diffusion.ipynb", cells))
    yield "deflated", _zip(("attention.py", source * 20), method=zipfile.ZIP_DEFLATED)
    yield "bzip2", _zip(("attention.py", source * 20), method=zipfile.ZIP_BZIP2)
    yield "lzma", _zip(("attention.py", source * 20), method=zipfile.ZIP_LZMA)
    yield (
        "names",
        _zip(("../attention.py", source), ("/a/diffusion.py", source), ("c:\\attention.py", source)),
    )
    yield "other-names", _zip(("\u00e9/attention.py", source), ("a/b/c/.py", source), ("x.zip", b"PK"))
    yield "link", _zip((_link("attention.py"), b"/etc/passwd"), ("folder/", b""))
    yield "same-name", _zip(("attention.py", source), ("Attention.PY", source))
    yield "bomb", _zip(("attention.py", bytes(4 << 20)), method=zipfile.ZIP_DEFLATED)
    yield "empty", _zip()
    yield "comment", b"#!/bin/sh\n" + _zip(("attention.py", source)) + b"trailing"
    cut = _zip(("attention.py", source))
    yield "cut", cut[: len(cut) - 30]
    for at, name in (
        (6, "flags"),
        (8, "method"),
        (14, "checksum"),
        (18, "packed-size"),
        (28, "extra-length"),
    ):
        for place, offset in (("local", 0), ("central", cut.index(b"PK\x01\x02") + 2)):
            broken = bytearray(cut)
            broken[at + offset] ^= 0x21
            yield f"{place}-{name}", bytes(broken)


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Each input with its target and its name."""
    for name, value in VALUES.items():
        yield "wire", name, wire.encode(value)
    for name, data in EXTENSIONS.items():
        yield "wire", name, data
    bodies = {name: msgspec.msgpack.encode(message) for name, message in MESSAGES.items()}
    for name, body in bodies.items():
        yield "frame", name, struct.pack("<I", len(body)) + body
        yield "frame", f"{name}-body", body
    yield "frame", "all", b"".join(struct.pack("<I", len(body)) + body for body in bodies.values())
    yield "frame", "too-long", struct.pack("<I", protocol.MAX_FRAME_BYTES + 1) + b"\x92"
    yield "frame", "half", struct.pack("<I", 100) + b"\x92"
    for name, messages in CONVERSATIONS.items():
        yield "answers", name, BETWEEN.join(msgspec.msgpack.encode(message) for message in messages)
    for name, content in NOTEBOOKS.items():
        yield "notebook", name, json.dumps(content).encode()
    for name, data in BROKEN_NOTEBOOKS.items():
        yield "notebook", name, data
    for name, data in SCRIPTS.items():
        yield "script", name, data
    for name, data in _archives():
        yield "archive", name, data


def main() -> None:
    for target, name, data in corpus():
        path = CORPUS / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
