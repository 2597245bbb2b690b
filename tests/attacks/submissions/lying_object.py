# rows: 4
# what: returns objects that call themselves equal to everything
# expect: graded 0
# control: 4
# message: not plain data
class Liar:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __float__(self):
        return 3.0

    def __len__(self):
        return 2

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("do not look at me")

    def __array_ufunc__(self, *args, **kwargs):
        return True

    def __getattr__(self, name):
        return lambda *args, **kwargs: True

    __hash__ = None


def normalise(x):
    return Liar()


def tally(words):
    return Liar()


def pick(options, score):
    return Liar()


def root(x):
    return Liar()
