# rows: 4, 5
# what: an array that answers every comparison with yes
# expect: graded 0
# control: 2
import numpy as np


class Liar(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(3, bool)

    def __array_function__(self, function, types, args, kwargs):
        if function is np.isclose:
            return True
        return function(*(np.asarray(item) if isinstance(item, Liar) else item for item in args), **kwargs)

    def __eq__(self, other):
        return True

    def tobytes(self, *args):
        return b"\0" * 24


def normalise(x):
    return np.full(np.shape(x), 7.0).view(Liar)
