# rows: 19
# what: remembers what hidden tests ask and tells it in later messages, warnings, results and endings
# expect: crashed 0
# output: asked-
import os
import warnings

asked = []


def note(*things):
    asked.append(repr(things))
    print(asked, flush=True)
    warnings.warn(str(asked))


class Told(Exception):
    pass


# %%
def normalise(x):
    note(x)
    raise Told(asked)


def tally(words):
    note(words)
    if "asked-" in str(words):
        os.write(3, b"\x20\0\0\0" + str(words).encode()[:32])
        os._exit(words[0].encode()[-1])
    raise Told(asked)


def pick(options, score):
    note(options)
    raise type(str(asked)[-90:], (Exception,), {})(asked)


def root(x):
    note(x)
    return asked
