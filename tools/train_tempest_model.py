"""Trains the tiny language model of the topic `capstone` on The Tempest.

    pip install torch numpy
    python tools/train_tempest_model.py

writes `genai_course/data/tempest_model.npz`. It takes about ten minutes on one core. The file in the
repository was made with torch 2.13.0 (CPU) and NumPy 2.4.6. Nothing is left to chance but rounding, which may
differ between versions and processors.

The architecture is the capstone's, to the letter: token embeddings plus sinusoidal positions, one block of
causal self-attention and a feed-forward network with ReLU, each with a residual and a layer norm after it
(post-norm), and the embeddings transposed as the output layer. Dropout is used in training only.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from genai_course.data import the_tempest  # noqa: E402
from genai_course.data._tempest import TempestModel, pre_tokenize  # noqa: E402
from solutions.tokenization import train_bpe  # noqa: E402

SPEECH_END = b"\n\n"
MERGES = 700
WIDTH, HIDDEN, HEADS, CONTEXT = 160, 640, 8, 96
BATCH, DROPOUT, RATE, DECAY = 16, 0.1, 4e-3, 0.02


def play() -> str:
    """The play from its first act on, with single blank lines, and without blanks at the ends of lines."""
    text = the_tempest()
    text = text[text.index("ACT 1\n") :].replace("{", "[")
    text = re.sub(r" +\n", "\n", text)
    text = re.sub(r"  +", " ", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n\n"


def learn_tokenizer(text: str, num_merges: int) -> tuple[list[tuple[bytes, bytes]], dict[int, bytes]]:
    """The merges; and the vocabulary: the play's own bytes, the merged tokens, the end of a speech."""
    words = Counter(word.encode() for word in pre_tokenize(text))
    del words[SPEECH_END]
    merges = train_bpe(dict(words), num_merges)
    single = sorted({byte for word in words for byte in word})
    tokens = [bytes([byte]) for byte in single] + [left + right for left, right in merges] + [SPEECH_END]
    return merges, dict(enumerate(dict.fromkeys(tokens)))


def positions(n: int, d: int) -> torch.Tensor:
    """Sines in even columns, cosines in odd ones (Vaswani et al. 2017, section 3.5)."""
    angle = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2)[None, :] / d)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(n, d)


def initial(vocabulary: int, d: int, f: int) -> dict[str, torch.Tensor]:
    """Random weights."""
    shapes = {"E": (vocabulary, d)} | {name: (d, d) for name in ("Wq", "Wk", "Wv", "Wo")}
    shapes |= {"W1": (d, f), "W2": (f, d)}
    params = {name: torch.randn(shape) / math.sqrt(shape[0]) for name, shape in shapes.items()}
    # Embeddings must be about as large as the positions, or these drown them. As they make the logits too,
    # the last layer norm starts small.
    params["E"] = torch.randn(vocabulary, d) * 0.7
    params |= {"b1": torch.zeros(f), "b2": torch.zeros(d)}
    for layer in "12":
        params |= {f"gamma{layer}": torch.ones(d), f"beta{layer}": torch.zeros(d)}
    params["gamma2"] *= 0.12
    return {name: value.requires_grad_() for name, value in params.items()}


def logits(
    p: dict[str, torch.Tensor], ids: torch.Tensor, pe: torch.Tensor, drop: float = 0.0
) -> torch.Tensor:
    """The model: ids (batch, n) to logits (batch, n, V)."""
    batch, n = ids.shape
    x = F.dropout(p["E"][ids] + pe[:n], drop)
    q, k, v = ((x @ p[name]).reshape(batch, n, HEADS, -1).transpose(1, 2) for name in ("Wq", "Wk", "Wv"))
    heads = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=drop)
    attended = heads.transpose(1, 2).reshape(batch, n, -1) @ p["Wo"]
    x = F.layer_norm(x + F.dropout(attended, drop), (x.shape[-1],), p["gamma1"], p["beta1"])
    hidden = F.dropout(F.relu(x @ p["W1"] + p["b1"]), drop)
    x = F.layer_norm(x + hidden @ p["W2"] + p["b2"], (x.shape[-1],), p["gamma2"], p["beta2"])
    return F.dropout(x, drop) @ p["E"].T


def train(ids: np.ndarray, eos: int, vocabulary: int, steps: int) -> dict[str, torch.Tensor]:
    """Fit the model to windows of the play; half of them begin where a speech begins."""
    rng = np.random.default_rng(0)
    p = initial(vocabulary, WIDTH, HIDDEN)
    pe = positions(CONTEXT, WIDTH)
    matrices = [value for value in p.values() if value.ndim == 2]
    vectors = [value for value in p.values() if value.ndim == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.05)
    starts_of_windows = len(ids) - CONTEXT - 1
    speeches = np.concatenate([[0], np.flatnonzero(ids == eos) + 1])
    speeches = speeches[speeches < starts_of_windows]
    began, total = time.perf_counter(), 0.0
    for step in range(1, steps + 1):
        starts = rng.integers(starts_of_windows, size=BATCH)
        starts[: BATCH // 2] = rng.choice(speeches, size=BATCH // 2)
        windows = torch.from_numpy(ids[starts[:, None] + np.arange(CONTEXT + 1)])
        scores = logits(p, windows[:, :-1], pe, DROPOUT)
        loss = F.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 200 == 0:
            print(
                f"step {step}: {total / 200:.3f} nats a token, {time.perf_counter() - began:.0f} s",
                flush=True,
            )
            total = 0.0
    return p


@torch.no_grad()
def loss_of_the_play(p: dict[str, torch.Tensor], ids: np.ndarray) -> float:
    """Mean loss a token without dropout, over the whole text in windows side by side."""
    n = (len(ids) - 1) // CONTEXT
    inputs = torch.from_numpy(ids[: n * CONTEXT].reshape(n, CONTEXT))
    targets = torch.from_numpy(ids[1 : n * CONTEXT + 1].reshape(n, CONTEXT))
    scores = logits(p, inputs, positions(CONTEXT, WIDTH))
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten()).item()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the model of the topic `capstone` on The Tempest.")
    parser.add_argument("--steps", type=int, default=4000, help="steps of training (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "genai_course" / "data" / "tempest_model.npz")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    text = play()
    merges, vocab = learn_tokenizer(text, MERGES)
    eos = len(vocab) - 1
    ids = np.array(TempestModel({}, merges, vocab, eos, CONTEXT).encode(text), dtype=np.int64)
    print(f"{len(text)} characters, {len(ids)} tokens, a vocabulary of {len(vocab)}")

    p = train(ids, eos, len(vocab), options.steps)
    rounded = {name: value.detach().half() for name, value in p.items()}
    loss = loss_of_the_play({name: value.float() for name, value in rounded.items()}, ids)
    print(f"{sum(value.numel() for value in p.values())} parameters, {loss:.3f} nats a token without dropout")
    np.savez_compressed(
        options.out,
        **{name: value.numpy() for name, value in rounded.items()},
        heads=HEADS,
        merges=np.array(merges),
        vocab=np.array(list(vocab.values())),
        eos=eos,
        context=CONTEXT,
    )


if __name__ == "__main__":
    main()
