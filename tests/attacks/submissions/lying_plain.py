# rows: 4, 5
# what: subclasses of plain types that lie
# expect: graded 0
# control: 5
class Dict(dict):
    def __eq__(self, other):
        return True

    def __len__(self):
        return 2

    def items(self):
        return [("a", 2), ("b", 1)]


class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Float(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __hash__ = float.__hash__


class Int(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


# %%
def tally(words):
    return Dict(wrong=7)


def pick(options, score):
    return Text("wrong") if options[0] == "a" else Int(77)


def root(x):
    if x < 0:
        raise ValueError
    return Float(-1.0 if x != 9 else 3.5)
