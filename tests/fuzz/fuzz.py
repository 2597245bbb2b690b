"""Fuzzes one reader with atheris, guided by coverage, from the committed corpus.

    python tests/fuzz/fuzz.py wire --seconds 600

Needs `pip install --group fuzz`. Stops at the first finding with an exit code other than 0: an exception that the
reader does not document, a broken promise, more processor time than ``MAX_SECONDS``, more memory than
``MAX_MEGABYTES``. The input lies then in --findings, and `--input FILE` runs it again. What is new to the corpus goes
into a folder of its own (--kept), never into the committed one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

import atheris

with atheris.instrument_imports(include=["autograder", "zipfile", "json", "tokenize", "struct"]):
    import json.decoder
    import tokenize
    import zipfile

    from autograder import archives, submissions
    from autograder.sandbox import client, protocol, wire
    from tests.fuzz import targets

HERE = Path(__file__).resolve().parent

__all__ = ["archives", "client", "json", "protocol", "submissions", "tokenize", "wire", "zipfile"]


def peak_megabytes() -> float:
    """The most memory that this process has held."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bounded(name: str) -> atheris.TestOneInput:
    """The target, with its bounds enforced."""
    target, room = targets.TARGETS[name], targets.MAX_MEGABYTES[name]

    def run(data: bytes) -> None:
        held, start = peak_megabytes(), time.process_time()
        target(data)
        seconds, grown = time.process_time() - start, peak_megabytes() - held
        assert seconds <= targets.MAX_SECONDS, f"{seconds:.1f} s of processor time"
        assert grown <= room, f"{grown:.0f} MB of memory"

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", type=Path, help="run this one input only")
    parser.add_argument("--kept", type=Path, help="where new inputs are kept between runs")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()))
    chosen = parser.parse_args()
    if chosen.input is not None:
        bounded(chosen.target)(chosen.input.read_bytes())
        return
    if Path("/dev/shm").is_dir():  # the readers of files are given files
        tempfile.tempdir = "/dev/shm"
    with tempfile.TemporaryDirectory(prefix="fuzz-kept-") as folder:
        kept = chosen.kept or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        bounded(chosen.target)((HERE / "corpus" / chosen.target).iterdir().__next__().read_bytes())
        options = [
            f"-max_total_time={chosen.seconds}",
            f"-max_len={targets.MAX_INPUT_BYTES}",
            f"-rss_limit_mb={round(peak_megabytes()) + targets.MAX_MEGABYTES[chosen.target] + 512}",
            f"-timeout={10 * round(targets.MAX_SECONDS)}",  # of the clock, and the machine may be busy
            f"-artifact_prefix={chosen.findings}/{chosen.target}-",
            f"-seed={chosen.seed}",
            "-print_final_stats=1",
        ]
        corpus = [str(kept), str(HERE / "corpus" / chosen.target)]
        atheris.Setup([sys.argv[0], *options, *corpus], bounded(chosen.target))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
