"""Lets tests import `solutions` and `tests` from here, without hiding an installed `genai_course` behind it.

The compiled kernels are in the installed package only, so this folder comes last on the path, not first.
"""

import sys
from pathlib import Path

_here = Path(__file__).resolve().parent
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != _here] + [str(_here)]
