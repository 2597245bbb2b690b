"""Writes ``examples/submissions/``: a class to grade, right, wrong, broken and hostile.

Run ``python examples/make_submissions.py`` again whenever exercises, references or known mistakes change, and compare
what ``autograder grade`` then says with ``expected.json``, which is kept by hand. The same course gives the same bytes.

Each submission starts from the exercise as students get it. An exercise is answered with "right" (the reference),
"untouched", the id of a known mistake or of an alternative solution, or one of the texts in ``pieces.py``.
"""

from __future__ import annotations

import ast
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pieces import ANSWERS, CELLS, FILES

from autograder.course import Course, Topic, load_course
from autograder.overrides import override_source

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent
TOPICS = ("tokenization", "nll_loss", "positional_encoding", "attention", "diffusion")


@dataclass(frozen=True)
class Handed:
    """One file that a student hands in: an exercise with answers, and perhaps some more cells.

    ``whole`` keeps all of the exercise's text; otherwise a notebook keeps its headings only, as many students' do.
    ``cells`` go before the first exercise, ``more`` behind everything; both are names of ``CELLS``.
    """

    path: str
    answers: Mapping[str, str] = field(default_factory=dict)
    default: str = "right"
    whole: bool = False
    cells: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        return next(topic for topic in TOPICS if Path(self.path).stem.endswith(topic))


# The honest part of the class: ten students who hand in every topic. What is not named here is "right".
RIGHT_ANOTHER_WAY = {  # student-003
    "tokenization": {
        "count_pairs": "counter_of_zip",
        "merge_pair": "output_as_stack",
        "train_bpe": "ids_and_a_vocabulary",
        "bpe_encode": "lowest_rank_again_and_again",
        "bpe_decode": "one_byte_array",
    },
    "nll_loss": {
        "softmax": "one_over_sum_of_differences",
        "nll_loss": "one_hot_product",
        "perplexity": "geometric_mean_in_logs",
    },
    "positional_encoding": {
        "positional_encoding": "frequencies_by_exp_and_log",
        "add_positional_encoding": "token_by_token",
    },
    "attention": {"attention": "query_by_query", "causal_mask": "lower_triangle"},
    "diffusion": {
        "forward_step": "value_by_value",
        "alpha_bar": "exp_of_summed_logs",
        "q_sample": "sample_by_sample",
        "predict_x0": "as_two_divisions",
        "reverse_step": "posterior_of_the_guess",
        "sample": "while_time_is_left",
    },
}
RIGHT_IN_OWN_WORDS = {  # student-004
    "tokenization": {
        "count_pairs": "pairs by zip",
        "merge_pair": "merge with an iterator",
        "train_bpe": "counts_kept_up_to_date",
        "bpe_encode": "cuts_between_bytes",
        "bpe_decode": "decode from one string of bytes",
    },
    "nll_loss": {
        "softmax": "softmax along the last axis",
        "nll_loss": "logarithm of the sum, row by row",
        "perplexity": "in_bits_throughout",
    },
    "positional_encoding": {
        "positional_encoding": "sines and cosines with math",
        "add_positional_encoding": "copy_then_add",
    },
    "attention": {"attention": "weights with a where", "causal_mask": "nested_comprehension"},
    "diffusion": {
        "alpha_bar": "in_a_loop",
        "q_sample": "times as a list",
        "reverse_step": "in_logarithms",
        "sample": "by_recursion",
    },
}
MISTAKES_EVERYWHERE = {  # student-005
    "tokenization": {
        "count_pairs": "overlap_not_counted",
        "merge_pair": "right_token_kept",
        "train_bpe": "ties_to_the_first",
        "bpe_encode": "leftmost_pair_first",
        "bpe_decode": "token_by_token",
    },
    "nll_loss": {
        "softmax": "exponential_overflows",
        "nll_loss": "mean_over_positions",
        "perplexity": "mean_forgotten",
    },
    "positional_encoding": {
        "positional_encoding": "column_number_doubled",
        "add_positional_encoding": "changes_x_in_place",
    },
    "attention": {"attention": "missing_scale", "causal_mask": "without_diagonal"},
    "diffusion": {
        "forward_step": "variance_for_sigma",
        "alpha_bar": "product_of_betas",
        "q_sample": "time_zero_wraps_around",
        "predict_x0": "noise_left_in",
        "reverse_step": "sigma_without_root",
        "sample": "from_one_to_T",
    },
}
OTHER_MISTAKES = {  # student-006
    "tokenization": {
        "count_pairs": "wraps_around",
        "merge_pair": "run_swallowed",
        "train_bpe": "word_counts_ignored",
        "bpe_encode": "letters_not_bytes",
        "bpe_decode": "error_on_bad_bytes",
    },
    "nll_loss": {
        "softmax": "axis_ignored",
        "nll_loss": "softmax_over_positions",
        "perplexity": "divided_by_vocabulary",
    },
    "positional_encoding": {
        "positional_encoding": "halves_not_interleaved",
        "add_positional_encoding": "whole_table",
    },
    "attention": {"attention": "softmax_over_queries", "causal_mask": "future_not_past"},
    "diffusion": {
        "forward_step": "signal_without_root",
        "alpha_bar": "one_step_late",
        "q_sample": "one_time_for_all",
        "predict_x0": "division_without_root",
        "reverse_step": "noise_in_the_last_step",
        "sample": "last_step_left_out",
    },
}
SUBTLE_MISTAKES = {  # student-007
    "tokenization": {
        "count_pairs": "last_pair_missing",
        "merge_pair": "merges_in_place",
        "train_bpe": "ties_by_joined_bytes",
        "bpe_encode": "each_merge_once",
        "bpe_decode": "ends_stripped",
    },
    "nll_loss": {
        "softmax": "logits_overwritten",
        "nll_loss": "log_of_rounded_probability",
        "perplexity": "tiny_probability_rounded",
    },
    "positional_encoding": {
        "positional_encoding": "single_precision",
        "add_positional_encoding": "length_from_axis_one",
    },
    "attention": {"attention": "mask_after_softmax", "causal_mask": "additive_mask"},
    "diffusion": {
        "forward_step": "changes_x_prev",
        "alpha_bar": "fails_without_steps",
        "q_sample": "shaped_for_rows_only",
        "predict_x0": "clean_sample_wraps_around",
        "reverse_step": "posterior_variance",
        "sample": "denoiser_told_the_index",
    },
}
HALF_DONE = {  # student-008
    "tokenization": {
        "train_bpe": "untouched",
        "bpe_encode": "untouched",
        "bpe_decode": "bytes_returned",
    },
    "nll_loss": {"softmax": "not_normalised", "perplexity": "untouched"},
    "positional_encoding": {"add_positional_encoding": "untouched"},
    "attention": {"attention": "untouched"},
    "diffusion": {"predict_x0": "untouched", "reverse_step": "untouched", "sample": "untouched"},
}
WRONG_IN_OWN_WORDS = {  # student-009
    "tokenization": {
        "merge_pair": "merge by replacing text",
        "train_bpe": "most common pair first",
        "bpe_encode": "encode by replacing bytes",
        "bpe_decode": "decode with join of strings",
    },
    "nll_loss": {
        "softmax": "exp over its sum",
        "nll_loss": "mean of log softmax",
        "perplexity": "two to the loss",
    },
    "positional_encoding": {
        "positional_encoding": "a frequency for each column",
        "add_positional_encoding": "plain sum",
    },
    "attention": {"attention": "one text only, with loops", "causal_mask": "zeros and ones"},
    "diffusion": {
        "forward_step": "noise with its variance",
        "alpha_bar": "alpha bar without its first step",
        "q_sample": "one time for the whole batch",
        "reverse_step": "always some noise",
        "sample": "the schedule from front to back",
    },
}
ONE_MISTAKE = {  # student-010; in two topics another function builds on the wrong one
    "tokenization": {"train_bpe": "across_words"},
    "nll_loss": {"nll_loss": "softmax_twice"},
    "positional_encoding": {"positional_encoding": "positions_from_one"},
    "attention": {"attention": "unstable_softmax"},
    "diffusion": {"reverse_step": "guessed_noise_added"},
}

HONEST = [
    handed
    for topic in TOPICS
    for handed in (
        Handed(f"student-001/{topic}.ipynb", whole=True),
        Handed(f"student-002/{topic}.ipynb", default="untouched", whole=True),
        Handed(f"student-003/{topic}.py", RIGHT_ANOTHER_WAY[topic]),
        Handed(f"student-004/{topic}.py", RIGHT_IN_OWN_WORDS[topic]),
        Handed(f"student-005/{topic}.ipynb", MISTAKES_EVERYWHERE[topic]),
        Handed(f"student-006/{topic}.py", OTHER_MISTAKES[topic]),
        Handed(f"student-007/{topic}.py", SUBTLE_MISTAKES[topic]),
        Handed(f"student-008/{topic}.ipynb", HALF_DONE[topic]),
        Handed(f"student-009/{topic}.py", WRONG_IN_OWN_WORDS[topic]),
        Handed(f"student-010_{topic}.ipynb", ONE_MISTAKE[topic]),
    )
]

# The other part: what goes wrong before a grade can be given, and what tries to get a better one.
TROUBLE = [
    Handed("student-011/attention.ipynb", {"attention": "a bracket is missing"}),
    Handed("student-013/tokenization.py", {"merge_pair": "never advances"}),
    Handed("student-014/positional_encoding.ipynb", more=("for ever",)),
    Handed("student-015/attention.py", {"attention": "leaves the process"}),
    Handed("student-016/nll_loss.ipynb", cells=("the end of the process",)),
    Handed(
        "student-017/diffusion.ipynb",
        {"alpha_bar": "exits when it is done"},
        cells=("the end of the interpreter",),
    ),
    Handed("student-018/diffusion.py", {"q_sample": "reads address zero", "forward_step": "another name"}),
    Handed(
        "student-024/attention.ipynb",
        cells=("magics", "a shell line", "a cell magic", "await", "a question mark"),
        more=("a question", "an error"),
    ),
    Handed("student-025/tokenization.py", {"bpe_encode": "tells everything"}, more=("a flood",)),
    Handed("student-026/attention.py", {"attention": "missing_scale"}, default="appended"),
    Handed(
        "student-027/tokenization.py",
        {
            "count_pairs": "asks the shell",
            "merge_pair": "asks the network",
            "bpe_decode": "reads other files",
        },
    ),
    Handed(
        "student-028/attention.py",
        {"attention": "far too much memory", "causal_mask": "calls itself for ever"},
    ),
    Handed(
        "student-029/positional_encoding.py",
        {
            "positional_encoding": "one row at a time, later",
            "add_positional_encoding": "an array of anything",
        },
    ),
    Handed(
        "student-030/nll_loss.py",
        {"softmax": "imports what nobody else has", "perplexity": "leaves the interpreter"},
    ),
    Handed("student-031/attention.ipynb", {"attention": "the public numbers by heart"}),
    Handed(
        "student-034/attention.py",
        {"attention": "agreeable", "causal_mask": "agreeable mask"},
        cells=("a lying array",),
    ),
    Handed(
        "student-035/positional_encoding.py",
        {
            "positional_encoding": "zeros of the right shape",
            "add_positional_encoding": "the embeddings alone",
        },
        cells=("patched assertions",),
    ),
    Handed(
        "student-036/nll_loss.py",
        {"softmax": "looked up softmax", "nll_loss": "looked up loss", "perplexity": "looked up perplexity"},
        cells=("a frame walker",),
    ),
    Handed("student-038/attention.py", {"attention": "no scale, and the mask the wrong way round"}),
    Handed("=1+1_nll_loss.py", {"softmax": "hostile words"}),
]

PLAIN_FILES = {
    "student-012/nll_loss.py": "no cells, and a syntax error",
    "student-019/attention.ipynb": "not JSON",
    "student-020/tokenization.ipynb": "empty",
    "student-021/nll_loss.ipynb": "no notebook",
    "student-022/positional_encoding.py": "no text",
    "student-023/diffusion.ipynb": "an old notebook",
    "student-032/week 9/positional_encoding.py": "from a Windows editor",
    "student-033/tokenization.py": "Latin-1",
    "student-037/essay.py": "an essay",
}


# --------------------------------------------------------------------------------------- answers to exercises


def reference_answer(topic: Topic, exercise: str) -> str:
    """The reference's function, without the markers around its solution."""
    (function,) = (
        node
        for node in ast.parse(topic.source).body
        if isinstance(node, ast.FunctionDef) and node.name == exercise
    )
    lines = topic.source.splitlines()[function.lineno - 1 : function.end_lineno]
    return "\n".join(line for line in lines if not line.strip().startswith("### "))


def names_in(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    return {
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }


def known_answer(topic: Topic, exercise: str, choice: str) -> str:
    """A known mistake or alternative under the exercise's name, with the helpers and imports that it needs."""
    (entry,) = (
        entry
        for entry in (*topic.mistakes, *topic.alternatives)
        if (entry.exercise, entry.id) == (exercise, choice)
    )
    source = override_source(topic, entry)
    *helpers, function = ast.parse(source).body
    kept, needed = [function], names_in(function)
    while more := [node for node in helpers if node not in kept and names_of(node) & needed]:
        kept += more
        needed = needed.union(*map(names_in, more))
    lines = source.splitlines()
    ordered = [node for node in (*helpers, function) if node in kept]
    pieces = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in ordered]
    imports = [piece for piece in pieces if piece.startswith(("import ", "from "))]
    return "\n\n\n".join(
        [*(["\n".join(imports)] if imports else []), *(p for p in pieces if p not in imports)]
    )


def answer(topic: Topic, exercise: str, choice: str) -> str | None:
    """The source of a student's answer, or None when the exercise stays as it is."""
    if choice == "untouched":
        return None
    if choice == "right":
        return reference_answer(topic, exercise)
    if choice in ANSWERS[topic.name]:
        return ANSWERS[topic.name][choice].strip("\n")
    return known_answer(topic, exercise, choice)


# ------------------------------------------------------------------------------------- cells, and their files

Cell = dict[str, Any]

# Without it Python would take a title like "encoding: ..." for the declaration of the file's encoding.
HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""


def exercise_cells(topic: Topic) -> list[Cell]:
    """The cells of the exercise's notebook."""
    cells = json.loads((COURSE / "exercises" / f"{topic.name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [
        {
            "cell_type": cell["cell_type"],
            "source": "".join(cell["source"]),
            "tags": cell["metadata"].get("tags", []),
        }
        for cell in cells
    ]


def code(source: str) -> Cell:
    return {"cell_type": "code", "source": source.strip("\n"), "tags": []}


def appended(topic: Topic, answers: Mapping[str, str]) -> bytes:
    """A whole master, as its author wrote it, with some functions defined anew at its end."""
    overrides = "".join(
        f"\n\n# %%\n{known_answer(topic, exercise, choice)}\n" for exercise, choice in answers.items()
    )
    return (topic.source + overrides).encode()


def answered_cells(topic: Topic, handed: Handed) -> list[Cell]:
    """The exercise's cells with the student's answers and own cells among them."""
    cells = exercise_cells(topic)
    exercises = {exercise.name for exercise in topic.exercises}
    if unknown := handed.answers.keys() - exercises:
        raise SystemExit(f"{handed.path}: {topic.name} has no exercise {', '.join(sorted(unknown))}")
    for cell in cells:
        for exercise in exercises:
            if cell["cell_type"] == "code" and cell["source"].startswith(f"def {exercise}("):
                source = answer(topic, exercise, handed.answers.get(exercise, handed.default))
                cell["source"] = source if source is not None else cell["source"]
        if cell["cell_type"] == "markdown" and not handed.whole:
            cell["source"] = cell["source"].partition("\n")[0]
    cells = [
        cell
        for cell in cells
        if handed.whole or cell["cell_type"] == "code" or cell["source"].startswith("#")
    ]
    set_up = 1 + max(index for index, cell in enumerate(cells[:4]) if cell["cell_type"] == "code")
    own = [code(CELLS[name]) for name in handed.cells]
    return cells[:set_up] + own + cells[set_up:] + [code(CELLS[name]) for name in handed.more]


def notebook(name: str, cells: Iterable[Cell]) -> bytes:
    """The bytes that Jupyter would save."""
    saved = []
    for index, cell in enumerate(cells):
        entry: Cell = {
            "cell_type": cell["cell_type"],
            "id": f"{name.replace('_', '-')}-{index:03d}",
            "metadata": {"tags": cell["tags"]} if cell["tags"] else {},
            "source": cell["source"].splitlines(keepends=True),
        }
        if cell["cell_type"] == "code":
            entry |= {"execution_count": None, "outputs": []}
        saved.append(entry)
    whole = {
        "cells": saved,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def script(cells: Iterable[Cell]) -> bytes:
    """The same as a .py file; what is for the notebook only is a comment there, as in the exercise's own .py file."""
    parts = [HEADER]
    for cell in cells:
        comment = "\n".join(f"# {line}".rstrip() for line in cell["source"].splitlines())
        if cell["cell_type"] == "markdown":
            parts.append(f"# %% [markdown]\n{comment}\n")
        elif "active-ipynb" in cell["tags"]:
            parts.append(f'# %% tags=["active-ipynb"]\n{comment}\n')
        else:
            parts.append(f"# %%\n{cell['source']}\n")
    return "\n".join(parts).encode()


def forged(data: bytes) -> bytes:
    """A notebook whose saved outputs and metadata claim that everything is right."""
    whole = json.loads(data)
    whole["metadata"] = {
        "kernelspec": {"display_name": "Full marks", "language": "bash", "name": "../../bin/sh"},
        "otter": {"assignment_name": "attention", "tests": {"attention": {"score": 100}}},
        "language_info": {"name": "python"},
    }
    claim = "attention results: All test cases passed! \N{GRINNING FACE} Score: 14/14"
    for number, cell in enumerate(whole["cells"]):
        if cell["cell_type"] == "code":
            html = f"<strong>{claim}</strong><script>document.title = 'A+'</script>"
            cell["execution_count"] = number
            cell["outputs"] = [
                {"name": "stdout", "output_type": "stream", "text": [claim]},
                {"data": {"text/html": [html]}, "metadata": {}, "output_type": "display_data"},
            ]
    return (json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


# -------------------------------------------------------------------------------------------- the whole class


def submissions(course: Course) -> dict[str, bytes]:
    """Every file of the class: paths below ``submissions/``, and contents."""
    files = {path: FILES[name] for path, name in PLAIN_FILES.items()}
    for handed in (*HONEST, *TROUBLE):
        topic = course.topics[handed.topic]
        if handed.default == "appended":
            files[handed.path] = appended(topic, handed.answers)
            continue
        cells = answered_cells(topic, handed)
        files[handed.path] = notebook(topic.name, cells) if handed.path.endswith(".ipynb") else script(cells)
    files["student-031/attention.ipynb"] = forged(files["student-031/attention.ipynb"])
    return files


def main(out: Path = HERE / "submissions") -> None:
    """Make ``out`` hold the class and nothing else."""
    files = submissions(load_course(COURSE))
    if out.exists():
        shutil.rmtree(out)
    for name, data in sorted(files.items()):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"{out}: {len(files)} submissions, {sum(map(len, files.values())) / 1024:.0f} kB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
