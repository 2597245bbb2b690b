"""The ONNX standard's examples for its operators, computed by ours.

An operator has options that our functions lack. What can be put into arguments we have (a window as a mask, a scale
into the queries, groups of heads by broadcasting, more axes by reshaping) is put there; a case that would need
arithmetic of another kind is skipped with the reason.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from genai_course import kernels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    onnx = pytest.importorskip("onnx")
    from onnx.backend.test.case.node import collect_testcases

OPERATORS = (
    "MatMul",
    "Softmax",
    "LogSoftmax",
    "NegativeLogLikelihoodLoss",
    "SoftmaxCrossEntropyLoss",
    "Attention",
)


def node_cases() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = collect_testcases()
    # "expanded" cases spell an operator as a graph of smaller ones, with the same numbers.
    return [c for c in found if len(c.model.graph.node) == 1 and c.model.graph.node[0].op_type in OPERATORS]


def losses(x: Any, ids: Any, normalised: bool) -> Any:
    """-log p[id] for each position of (N, C, d1, ...) logits; 0 where the id is none of the classes."""
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    flat = ids.ravel()
    real = (flat >= 0) & (flat < x.shape[1])
    each = np.array(
        [kernels.nll_loss(rows[i : i + 1], flat[i : i + 1]) if real[i] else 0.0 for i in range(len(flat))]
    )
    assert math.isclose(kernels.nll_loss(rows[real], flat[real]), each.sum(), rel_tol=1e-6)
    if (
        normalised
    ):  # x are logarithms of probabilities that need not add up to 1: take back what ours divides by
        each -= np.where(real, (rows - kernels.log_softmax(rows))[:, 0], 0)
    return each.reshape(ids.shape)


def reduced(each: Any, ids: Any, weight: Any, reduction: str, ignored: int | None) -> Any:
    counts = np.ones(ids.shape, bool) if ignored is None else ids != ignored
    weights = np.where(counts, 1.0 if weight is None else weight[np.where(counts, ids, 0)], 0.0)
    if reduction == "none":
        return each * weights
    return (each * weights).sum() / (weights.sum() if reduction == "mean" else 1)


def attention(inputs: dict[str, Any], options: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    q, k, v = inputs["Q"], inputs["K"], inputs["V"]
    mode = options.get("qk_matmul_output_mode", 0)
    if q.dtype not in (np.float16, np.float32, np.float64):
        pytest.skip("bfloat16, whose example rounds every intermediate result to 8 bits")
    if options.get("softcap", 0):
        pytest.skip("softcap: a hyperbolic tangent between scores and softmax")
    if "qk_matmul_output" in wanted and mode in (1, 2):
        pytest.skip("asks for scores after an addition")
    mask = inputs.get("attn_mask")
    if mask is not None and mask.dtype != bool:
        if np.logical_or(mask == 0, np.isneginf(mask)).all():
            mask = mask == 0
        else:
            pytest.skip("a mask of numbers to be added to the scores")
    flat = q.ndim == 3
    if flat:
        heads = options["q_num_heads"], options["kv_num_heads"], options["kv_num_heads"]
        q, k, v = (
            x.reshape(*x.shape[:2], h, -1).swapaxes(1, 2) for x, h in zip((q, k, v), heads, strict=True)
        )
    dtype = q.dtype
    if "past_key" in inputs:
        k = np.concatenate([inputs["past_key"], k], axis=2)
        v = np.concatenate([inputs["past_value"], v], axis=2)
    n, m = q.shape[2], k.shape[2]
    seen = inputs.get("nonpad_kv_seqlen")
    offset: Any = m - n if seen is not None else inputs["past_key"].shape[2] if "past_key" in inputs else 0
    if seen is not None:
        offset = seen[:, None, None, None] - n
    i, j = np.arange(n)[:, None] + offset, np.arange(m)
    left, right = options.get("left_window_size", -1), options.get("right_window_size", -1)
    causal = bool(options.get("is_causal", 0))
    allowed = np.ones((n, m), bool) if mask is None else mask
    if allowed.shape[-1] < m:
        allowed = np.concatenate([allowed, np.zeros((*allowed.shape[:-1], m - allowed.shape[-1]), bool)], -1)
    if seen is not None:
        allowed = allowed & (j < seen[:, None, None, None])
    if left >= 0:
        allowed = allowed & (j >= i - left)
    if right >= 0:
        allowed = allowed & (j <= i + right)
    if causal and np.any(offset != 0):
        allowed, causal = allowed & (j <= i), False
    # Groups of query heads share a head of keys and values: an axis more, and broadcasting.
    groups = q.shape[1] // k.shape[1]
    b, h = q.shape[:2]
    grouped = q.reshape(b, h // groups, groups, n, -1)
    if allowed.ndim == 3:
        allowed = allowed[None]
    allowed = np.broadcast_to(allowed, (b, h, n, m)).reshape(b, h // groups, groups, n, m)
    scale = options.get("scale", 0) or 1 / math.sqrt(q.shape[3])
    scaled = grouped.astype(np.float32) * np.float32(scale * math.sqrt(q.shape[3]))
    keys, values = k[:, :, None].astype(np.float32), v[:, :, None].astype(np.float32)
    out, weights = kernels.attention(scaled, keys, values, allowed, causal, return_weights=True)
    y = out.reshape(b, h, n, -1)
    results = {"Y": y.swapaxes(1, 2).reshape(b, n, -1) if flat else y, "present_key": k, "present_value": v}
    if "qk_matmul_output" in wanted:
        scores = kernels.matmul(grouped.astype(np.float32) * np.float32(scale), keys.swapaxes(-1, -2))
        results["qk_matmul_output"] = (weights if mode == 3 else scores).reshape(b, h, n, m)
    return {name: value.astype(dtype) for name, value in results.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in node_cases()])
def test_node(case: Any) -> None:
    node = case.model.graph.node[0]
    options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    for given, expected in case.data_sets:
        inputs = dict(zip([name for name in node.input if name], given, strict=True))
        first, *rest = inputs.values()
        wanted = [name for name in node.output if name]
        if node.op_type == "Attention":
            results = attention(inputs, options, wanted)
        elif node.op_type == "MatMul":
            results = {"c": kernels.matmul(first, rest[0])}
        elif node.op_type in ("Softmax", "LogSoftmax"):
            function = kernels.softmax if node.op_type == "Softmax" else kernels.log_softmax
            results = {"y": function(first, options.get("axis", -1))}
        else:
            ids, weight = rest[0], rest[1] if len(rest) > 1 else None
            each = losses(first, ids, node.op_type == "NegativeLogLikelihoodLoss")
            reduction = options.get("reduction", b"mean").decode()
            value = reduced(each, ids, weight, reduction, options.get("ignore_index"))
            results = {"z": value, "loss": value, "log_prob": kernels.log_softmax(first, 1)}
        for name, want in zip(wanted, expected, strict=True):
            got = np.asarray(results[name])
            assert got.shape == want.shape
            np.testing.assert_allclose(
                got.astype(np.float64), np.asarray(want).astype(np.float64), rtol=case.rtol, atol=case.atol
            )
