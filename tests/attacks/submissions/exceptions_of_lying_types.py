# rows: 13
# what: an exception whose type refuses to tell its name and its bases: the runner has nothing to say of it
# expect: crashed 6
# honest: tally, pick, root
class Lying(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__mro__"):
            raise KeyError(name)
        return type.__getattribute__(cls, name)


def normalise(x):
    raise Lying("Liar", (Exception,), {})("lies")
