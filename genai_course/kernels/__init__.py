"""Matrix products, softmax, attention and the negative log-likelihood in C++, for NumPy arrays.

Every function takes float32 and float64 arrays of any strides without copying them, converts bool, integers
and float16 as NumPy would, releases the GIL, and uses several threads for large input (``set_num_threads``, or
``GENAI_NUM_THREADS`` in the environment). The best instruction set of the processor is chosen on import;
``GENAI_ISA=avx2``, say, forces another. ``csrc/README.md`` explains how the kernels work.

>>> import numpy as np
>>> from genai_course import kernels
>>> kernels.matmul(np.eye(2), [[1, 2], [3, 4]])
array([[1., 2.],
       [3., 4.]])
>>> kernels.softmax(np.array([0.0, 0.0]))
array([0.5, 0.5])
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # as in genai_course: _core lies where the course was installed

from ._core import (
    attention,
    cpu_features,
    get_num_threads,
    instruction_set,
    log_softmax,
    matmul,
    nll_loss,
    set_num_threads,
    softmax,
)

__all__ = [
    "attention",
    "cpu_features",
    "get_num_threads",
    "instruction_set",
    "log_softmax",
    "matmul",
    "nll_loss",
    "set_num_threads",
    "softmax",
]
