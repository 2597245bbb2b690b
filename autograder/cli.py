"""The ``autograder`` command."""

from __future__ import annotations

import errno
import os
import sys
from typing import NoReturn

__all__ = ["app", "main"]


def _lacks(error: ModuleNotFoundError) -> NoReturn:
    """End with what to install, when a part of it is missing: the package alone brings the kernels and no more."""
    missing = (error.name or "").partition(".")[0]
    if missing in ("", "autograder") or missing in sys.stdlib_module_names:
        raise error
    print(
        f'autograder: {missing} is not installed here; in the folder of the course, `pip install ".[student]"` adds '
        'what check, progress and submit-check need, `pip install ".[instructor]"` what all the others need',
        file=sys.stderr,
    )
    raise SystemExit(2)


try:
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
except ModuleNotFoundError as error:
    _lacks(error)


def main() -> None:
    """Entry point of the command."""
    try:
        app(standalone_mode=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except ModuleNotFoundError as error:
        _lacks(error)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:  # the others are told where they arise
            raise
        print(f"autograder: {str(error.filename)[:60]}…: {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None
