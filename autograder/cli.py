"""The ``autograder`` command."""

from __future__ import annotations

import os
import sys

from autograder.commands import (  # noqa: F401 - each adds itself to the app
    check,
    diff,
    doctor,
    export,
    grade,
    import_,
    new,
    progress,
    release,
    report,
    submit_check,
    verify,
)
from autograder.commands.common import app

__all__ = ["app", "main"]


def main() -> None:
    """Entry point of the command."""
    try:
        app(standalone_mode=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
