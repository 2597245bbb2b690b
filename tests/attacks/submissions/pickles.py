# rows: 9, 48
# what: gives data that would run code if anything unpickled it
# tiers: A
# variants: 8
# expect: graded 0
import io
import os
import pickle

import msgpack
import numpy as np

from autograder.sandbox import wire


class Trap:
    def __reduce__(self):
        return os.open, ("@folder@/open/owned", os.O_CREAT | os.O_WRONLY)

    def __reduce_ex__(self, version):
        return self.__reduce__()

    def __deepcopy__(self, memo):
        return self.__reduce__()


def saved():
    file = io.BytesIO()
    np.save(file, np.array([Trap()], dtype=object), allow_pickle=True)
    return file.getvalue()


GIFTS = [
    Trap(),
    [Trap()],
    {"a": Trap()},
    np.array([Trap()], dtype=object),
    np.array([(1, Trap())], dtype=[("a", int), ("b", object)]),
    pickle.dumps(Trap()),
    saved(),
    msgpack.packb(msgpack.ExtType(99, pickle.dumps(Trap()))),
]
gift = GIFTS[int("@variant@")]


# %%
def normalise(x):
    return gift


def tally(words):
    return gift


def pick(options, score):
    return score(gift)


def root(x):
    return gift
