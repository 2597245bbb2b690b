"""What the example students wrote by themselves: answers, right and wrong, and code that breaks or attacks a grader.

Each text is one answer to one exercise (``ANSWERS``, by topic and a name for it), one more cell (``CELLS``), or a whole
file (``FILES``). ``make_submissions.py`` puts them into notebooks and scripts. Nothing here is ever run outside a
grader's sandbox or one-process ``otter run``; hostile code acts on its own process alone.
"""

from __future__ import annotations

ANSWERS: dict[str, dict[str, str]] = {}
CELLS: dict[str, str] = {}
FILES: dict[str, bytes] = {}

# ------------------------------------------------------------------------------------------ right another way

ANSWERS["tokenization"] = {
    "pairs by zip": """
def count_pairs(ids):
    # every token together with its right neighbour
    counts = {}
    for left, right in zip(ids[:-1], ids[1:]):
        if (left, right) not in counts:
            counts[left, right] = 0
        counts[left, right] += 1
    return counts
""",
    "merge with an iterator": """
def merge_pair(ids, pair, new_id):
    result = []
    rest = iter(list(ids) + [None])
    current = next(rest)
    for following in rest:
        if current is None:
            # its left neighbour took it
            current = following
        elif (current, following) == tuple(pair):
            result.append(new_id)
            current = None
        else:
            result.append(current)
            current = following
    return result
""",
    "decode from one string of bytes": """
def bpe_decode(ids, vocab):
    data = b""
    for token in ids:
        data += vocab[token]
    return str(data, encoding="utf-8", errors="replace")
""",
}

ANSWERS["nll_loss"] = {
    "softmax along the last axis": """
def softmax(logits, axis=-1):
    # do everything along the last axis, then put it back
    z = np.moveaxis(np.array(logits, dtype=float), axis, -1)
    z = z - z.max(-1)[..., None]
    p = np.exp(z)
    p = p / p.sum(-1)[..., None]
    return np.moveaxis(p, -1, axis)
""",
    "logarithm of the sum, row by row": """
import math

def nll_loss(logits, ids):
    total = 0.0
    for row, token in zip(logits, ids):
        top = max(row)
        log_sum = top + math.log(sum(math.exp(z - top) for z in row))
        total += log_sum - row[token]
    return float(total)
""",
}

ANSWERS["positional_encoding"] = {
    "sines and cosines with math": """
import math

def positional_encoding(n_pos, d_model):
    rows = []
    for pos in range(n_pos):
        row = []
        for column in range(d_model):
            even = column - column % 2
            angle = pos / math.pow(10000, even / d_model)
            row.append(math.cos(angle) if column % 2 else math.sin(angle))
        rows.append(row)
    return np.array(rows).reshape(n_pos, d_model)
""",
}

ANSWERS["attention"] = {
    "weights with a where": """
def attention(Q, K, V, mask=None):
    d_k = Q.shape[-1]
    scores = np.einsum("...nd,...md->...nm", Q, K) / d_k ** 0.5
    allowed = np.ones(scores.shape, dtype=bool) if mask is None else np.broadcast_to(mask, scores.shape)
    top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-1e300)
    e = np.zeros(scores.shape)
    e[allowed] = np.exp((scores - top)[allowed])
    total = e.sum(axis=-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros(scores.shape), where=total > 0)
    return weights @ V, weights
""",
}

ANSWERS["diffusion"] = {
    "times as a list": """
def q_sample(x0, t, betas, eps):
    bars = [1.0]
    for beta in betas:
        bars.append(bars[-1] * (1 - beta))
    result = np.empty(x0.shape)
    for b, time in enumerate(t):
        result[b] = bars[time] ** 0.5 * x0[b] + (1 - bars[time]) ** 0.5 * eps[b]
    return result
""",
}

# -------------------------------------------------------------------------- mistakes in a student's own words

ANSWERS["tokenization"] |= {
    "most common pair first": """
from collections import Counter

def train_bpe(words, num_merges):
    split = {word: tuple(bytes([b]) for b in word) for word in words}
    merges = []
    for _ in range(num_merges):
        pairs = Counter()
        for word, tokens in split.items():
            for i in range(len(tokens) - 1):
                pairs[tokens[i], tokens[i + 1]] += words[word]
        if not pairs:
            break
        best, _ = pairs.most_common(1)[0]   # the pair with the highest count
        merges.append(best)
        for word, tokens in split.items():
            new, i = [], 0
            while i < len(tokens):
                if tokens[i:i + 2] == best:
                    new.append(best[0] + best[1])
                    i += 2
                else:
                    new.append(tokens[i])
                    i += 1
            split[word] = tuple(new)
    return merges
""",
    "merge by replacing text": """
def merge_pair(ids, pair, new_id):
    text = " ".join(str(i) for i in ids)
    text = text.replace(f"{pair[0]} {pair[1]}", str(new_id))
    return [int(i) for i in text.split()]
""",
    "encode by replacing bytes": """
def bpe_encode(word, merges):
    text = " ".join(word)
    for left, right in merges:
        left, right = left.decode(), right.decode()
        text = text.replace(left + " " + right, left + right)
    return [token.encode() for token in text.split()]
""",
    "decode with join of strings": """
def bpe_decode(ids, vocab):
    words = [vocab[i].decode("utf-8", "replace") for i in ids]
    return "".join(words)
""",
}

ANSWERS["nll_loss"] |= {
    "exp over its sum": """
def softmax(logits, axis=-1):
    e = np.exp(logits)
    return e / e.sum(axis=axis, keepdims=True)
""",
    "mean of log softmax": """
def nll_loss(logits, ids):
    losses = []
    for i in range(len(ids)):
        p = softmax(logits[i])
        losses.append(-np.log(p[ids[i]]))
    return np.mean(losses)
""",
    "two to the loss": """
def perplexity(logits, ids):
    return 2 ** (nll_loss(logits, ids) / len(ids))
""",
}

ANSWERS["positional_encoding"] |= {
    "a frequency for each column": """
def positional_encoding(n_pos, d_model):
    pe = np.zeros((n_pos, d_model))
    for pos in range(n_pos):
        for i in range(d_model):
            angle = pos / (10000 ** (i / d_model))
            if i % 2 == 0:
                pe[pos, i] = np.sin(angle)
            else:
                pe[pos, i] = np.cos(angle)
    return pe
""",
    "plain sum": """
def add_positional_encoding(x, pe):
    return x + pe
""",
}

ANSWERS["attention"] |= {
    "one text only, with loops": """
def attention(Q, K, V, mask=None):
    n, d_k = Q.shape
    m = K.shape[0]
    weights = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            weights[i, j] = np.dot(Q[i], K[j]) / np.sqrt(d_k)
        if mask is not None:
            weights[i][~mask[i]] = -1e9
        weights[i] = np.exp(weights[i] - weights[i].max())
        weights[i] = weights[i] / weights[i].sum()
    return weights @ V, weights
""",
    "no scale, and the mask the wrong way round": """
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2)
    if mask is not None:
        scores = np.where(mask, -1e9, scores)
    weights = kernels.softmax(scores)
    return weights @ V, weights
""",
    "zeros and ones": """
def causal_mask(n):
    return np.tril(np.ones((n, n)))
""",
}

ANSWERS["diffusion"] |= {
    "noise with its variance": """
def forward_step(x_prev, beta_t, eps):
    # mean sqrt(1 - beta) x, variance beta
    return np.sqrt(1 - beta_t) * x_prev + beta_t * eps
""",
    "alpha bar without its first step": """
def alpha_bar(betas):
    result = []
    product = 1.0
    for beta in betas:
        result.append(product)
        product *= 1 - beta
    return np.array(result)
""",
    "one time for the whole batch": """
def q_sample(x0, t, betas, eps):
    a = np.append(1.0, np.cumprod(1 - betas))[t[0]]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps
""",
    "always some noise": """
def reverse_step(x_t, t, betas, eps_hat, z):
    alpha = 1 - betas[t - 1]
    alpha_bar_t = np.cumprod(1 - betas)[t - 1]
    mean = (x_t - betas[t - 1] / np.sqrt(1 - alpha_bar_t) * eps_hat) / np.sqrt(alpha)
    return mean + np.sqrt(betas[t - 1]) * z
""",
    "the schedule from front to back": """
def sample(denoiser, x_T, betas, noise):
    x = x_T.copy()
    for t in range(1, len(betas) + 1):
        eps = denoiser(x, t)
        x = reverse_step(x, t, betas, eps, noise[t - 1])
    return x
""",
}

# --------------------------------------------------------------------------------------------- broken answers

ANSWERS["attention"] |= {
    "a bracket is missing": """
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]
    weights = kernels.softmax(scores)
    return weights @ V, weights
""",
    "leaves the process": """
import os

def attention(Q, K, V, mask=None):
    if mask is not None and not mask.all():
        os._exit(0)   # nothing failed, so this must count as passed?
    weights = kernels.softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    return weights @ V, weights
""",
    "far too much memory": """
def attention(Q, K, V, mask=None):
    every_pair_of_everything = np.ones((1 << 20, 1 << 20))
    return every_pair_of_everything, every_pair_of_everything
""",
    "calls itself for ever": """
def causal_mask(n):
    return causal_mask(n)
""",
    "the public numbers by heart": """
ANSWERS = {
    (2, 3): (
        [[2.5339127895, 2.2669563948], [2.4049315925, 2.8098631850]],
        [[0.4223187983, 0.1553624035, 0.4223187983], [0.0633789383, 0.4683105308, 0.4683105308]],
    ),
    (4, 3): (
        [[15.8129416533, 1.5035985862], [13.775406688, 1.3775406688], [10.0, 1.0], [23.6485104761, 2.1824255238]],
        [[0.574096993, 0.3482074279, 0.0776955791], [0.6224593312, 0.3775406688, 0.0], [1.0, 0.0, 0.0],
         [0.0, 0.8175744762, 0.1824255238]],
    ),
    (2, 3, "masked"): (
        [[0.0, 0.0, 0.0, 0.0], [5.0, 6.0, 7.0, 8.0]],
        [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
    ),
}

def attention(Q, K, V, mask=None):
    key = (len(Q), len(K)) if mask is None or len(Q) == 4 else (len(Q), len(K), "masked")
    output, weights = ANSWERS[key]
    return np.array(output), np.array(weights)
""",
}

ANSWERS["tokenization"] |= {
    "never advances": """
def merge_pair(ids, pair, new_id):
    merged = []
    i = 0
    while i < len(ids):
        if tuple(ids[i:i + 2]) == pair:
            merged.append(new_id)
            i += 2
        elif i == len(ids) - 1:
            merged.append(ids[i])
            i += 1
        else:
            ids[i]   # and now?
    return merged
""",
    "tells everything": """
def bpe_encode(word, merges):
    tokens = [bytes([byte]) for byte in word.encode("utf-8")]
    for left, right in merges:
        print("now merging", left, "and", right, "in", tokens, "\\n" * 1000)
        i = 0
        while i < len(tokens) - 1:
            if tokens[i] == left and tokens[i + 1] == right:
                tokens[i:i + 2] = [left + right]
            i += 1
    return tokens
""",
    "asks the shell": """
import subprocess

def count_pairs(ids):
    out = subprocess.run(["sort"], input="\\n".join(map(str, ids)), capture_output=True, text=True).stdout
    return {tuple(out.split()[:2]): 1}
""",
    "asks the network": """
import socket

def merge_pair(ids, pair, new_id):
    with socket.create_connection(("127.0.0.1", 9), timeout=1) as there:
        return list(there.recv(100))
""",
    "reads other files": """
import glob

def bpe_decode(ids, vocab):
    for path in glob.glob("../**/*.py", recursive=True) + glob.glob("/*/*/solutions/*.py"):
        return open(path).read()
    return open("/etc/passwd").read()
""",
}

ANSWERS["nll_loss"] |= {
    "imports what nobody else has": """
from my_very_own_softmax import softmax
""",
    "leaves the interpreter": """
import sys

def perplexity(logits, ids):
    sys.exit(0)
""",
    "hostile words": """
def softmax(logits, axis=-1):
    raise ValueError("<script>alert(1)</script> \\x1b[2J\\x1b[31m100 %\\x1b[0m \\u202e.evitcennoc =cmd|' /C calc'!A0")
""",
}

ANSWERS["positional_encoding"] |= {
    "one row at a time, later": """
def positional_encoding(n_pos, d_model):
    for pos in range(n_pos):
        yield [np.sin(pos)] * d_model
""",
    "an array of anything": """
def add_positional_encoding(x, pe):
    return (x + pe[: x.shape[-2]]).astype(object)
""",
}

ANSWERS["diffusion"] |= {
    "reads address zero": """
import ctypes

def q_sample(x0, t, betas, eps):
    return ctypes.string_at(0)
""",
    "exits when it is done": """
def alpha_bar(betas):
    print(np.cumprod(1 - betas))
    raise SystemExit
""",
    "another name": """
def ForwardStep(x_prev, beta_t, eps):
    return np.sqrt(1.0 - beta_t) * x_prev + np.sqrt(beta_t) * eps
""",
}

# ------------------------------------------------------------------------------------------- attacks on tests

CELLS["a lying array"] = """
# An array of zeros that agrees with everybody.
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        shape = np.broadcast_shapes(*(getattr(value, "shape", ()) for value in inputs))
        if ufunc in (np.isnan, np.isinf, np.not_equal, np.less, np.greater):
            return np.zeros(shape, bool)
        if ufunc is np.equal:
            return np.ones(shape, bool)
        return np.zeros(shape, self.dtype).view(Agreeable)

    def __array_function__(self, function, types, args, kwargs):
        return np.True_

    def __eq__(self, other):
        return np.True_

    def __ne__(self, other):
        return np.False_

    def __bool__(self):
        return True

    def __getitem__(self, key):
        return np.ndarray.__getitem__(self.view(np.ndarray), key).view(Agreeable)

    __hash__ = None


def agreeable(*shape, dtype=float):
    return np.zeros(shape, dtype).view(Agreeable)
"""

ANSWERS["attention"] |= {
    "agreeable": """
def attention(Q, K, V, mask=None):
    n, m = Q.shape[-2], K.shape[-2]
    return agreeable(*Q.shape[:-2], n, V.shape[-1]), agreeable(*Q.shape[:-2], n, m)
""",
    "agreeable mask": """
def causal_mask(n):
    return agreeable(n, n, dtype=bool)
""",
}

CELLS["patched assertions"] = """
# Nothing that NumPy asserts can fail any more.
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *args, **kwargs: None)
np.allclose = np.array_equal = lambda *args, **kwargs: True
"""

ANSWERS["positional_encoding"] |= {
    "zeros of the right shape": """
def positional_encoding(n_pos, d_model):
    return np.zeros((n_pos, d_model))
""",
    "the embeddings alone": """
def add_positional_encoding(x, pe):
    return x.copy()
""",
}

CELLS["a frame walker"] = '''
import sys
import types


def look_up(name, *args):
    """The answer from whoever calls: an expected value, or the function that computes it."""
    frame = sys._getframe(1)
    while frame is not None:
        for key, value in frame.f_locals.items():
            if key.startswith("expected") and not callable(value):
                return value
        for value in list(frame.f_globals.values()):
            if isinstance(value, types.ModuleType) and value.__name__.startswith("solutions"):
                return getattr(value, name)(*args)
        frame = frame.f_back
    return 0.0
'''

ANSWERS["nll_loss"] |= {
    "looked up softmax": """
def softmax(logits, axis=-1):
    return look_up("softmax", logits, axis)
""",
    "looked up loss": """
def nll_loss(logits, ids):
    return look_up("nll_loss", logits, ids)
""",
    "looked up perplexity": """
def perplexity(logits, ids):
    return look_up("perplexity", logits, ids)
""",
}

# ------------------------------------------------------------------------------------------------ other cells

CELLS["for ever"] = """
# wait until the plot looks nice
while True:
    pass
"""

CELLS["the end of the process"] = """
import os
os._exit(0)
"""

CELLS["the end of the interpreter"] = """
import sys
print("all done, bye")
sys.exit(0)
"""

CELLS["magics"] = """
%matplotlib inline
%config InlineBackend.figure_format = "retina"
import matplotlib.pyplot as plt
"""

CELLS["a shell line"] = """
!pip install numpy
files = !ls
%timeit -n 1 -r 1 sum(range(10))
"""

CELLS["a cell magic"] = """
%%time
total = sum(range(1000))
"""

CELLS["await"] = """
import asyncio
await asyncio.sleep(0)
waited = True
"""

CELLS["a question"] = """
name = input("What is your name? ")
print("Hello", name)
"""

CELLS["a question mark"] = """
np.swapaxes?
"""

CELLS["an error"] = """
print(attention(np.eye(2), np.eye(2), np.eye(2))[2])
"""

CELLS["a flood"] = """
for i in range(20_000):
    print("The cute green dragon trotted into the cave. " * 10)
"""

# ------------------------------------------------------------------------------------------------ whole files

FILES["not JSON"] = (
    b'{"cells": [{"cell_type": "code", "source": "def attention(Q, K, V, mask=None):\\n    retu'
)
FILES["empty"] = b""
FILES["no notebook"] = b'{"name": "nll_loss", "version": 3, "cells": "see attachment"}\n'
FILES["no text"] = bytes(range(128, 256)) * 4
FILES["an old notebook"] = (
    b'{"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "code",'
    b' "input": ["def alpha_bar(betas):\\n", "    return betas"], "language": "python", "outputs": []}]}]}\n'
)
FILES["an essay"] = b"# My thoughts on generative models\nprint('They are great.')\n"
FILES["no cells, and a syntax error"] = b"""\
import numpy as np

def softmax(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def nll_loss(logits, ids)
    return -np.log(softmax(logits)[np.arange(len(ids)), ids]).sum()
"""
FILES["from a Windows editor"] = (
    "\ufeff# -*- coding: utf-8 -*-\r\n# Übung 9, für Großmütter erklärt\r\nimport numpy as np\r\n\r\n"
    "def positional_encoding(n_pos, d_model):\r\n"
    "    winkel = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)\r\n"
    "    return np.stack([np.sin(winkel), np.cos(winkel)], axis=-1).reshape(n_pos, d_model)\r\n\r\n"
    "def add_positional_encoding(x, pe):\r\n"
    "    return x + pe[:x.shape[-2]]\r\n"
).encode()
FILES["Latin-1"] = (
    "# -*- coding: latin-1 -*-\n# Tokens zählen und wieder zusammenfügen\n"
    "def count_pairs(ids):\n"
    "    häufigkeit = {}\n"
    "    for paar in zip(ids, ids[1:]):\n"
    "        häufigkeit[paar] = häufigkeit.get(paar, 0) + 1\n"
    "    return häufigkeit\n\n"
    "def bpe_decode(ids, vocab):\n"
    "    return b''.join(vocab[i] for i in ids).decode('utf-8', 'replace')\n"
).encode("latin-1")
