# rows: 1, 6, 13
# what: takes over the code that runs it: what it sends is then its own answer, and no more
# variants: 9
# expect: graded 0
import threading

from autograder.sandbox import notebook_shims, protocol, runner, wire

encode = wire.encode
Returned, Raised = protocol.Returned, protocol.Raised



def always_right(value, register=None):
    return encode({"passed": True, "a": 2, "b": 1, "score": 10})


def never_raises(self, call):
    return Returned(call.number, encode("right"), {}, [])


def all_warnings(self, call):
    return Returned(call.number, encode(None), {}, [("UserWarning", "passed")] * 900)


def others(self, call):
    return Returned(call.number, encode(None), {str(index): encode([1]) for index in range(900)}, [])


def raises_everything(self, call):
    failure = protocol.Failure("KeyError", "passed", "the grader")
    return Raised(call.number, failure, {}, [("NoWarning", "x")])


def evil_names(self, call):
    return Raised(call.number, protocol.Failure("\x1b[31m", "\u202e", "\x00"), {}, [])


PATCHES = [
    (wire, "encode", always_right),
    (wire, "_encode_other", lambda value, register: 0.0),
    (runner.Server, "answer", never_raises),
    (runner.Server, "answer", all_warnings),
    (runner.Server, "answer", others),
    (runner.Server, "answer", raises_everything),
    (runner.Server, "answer", evil_names),
    (runner, "_failure", lambda error: protocol.Failure("NotImplementedError", "passed")),
    (notebook_shims, "as_plain_python", lambda source: "passed = True"),
]
setattr(*PATCHES[int("@variant@")])


# %%
def normalise(x):
    return wire.Remote(0, print)


def tally(words):
    return {"a": wire.Remote}


def pick(options, score):
    return threading.current_thread().name


def root(x):
    raise AssertionError("passed")
