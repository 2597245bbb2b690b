# rows: 1, 25
# what: breaks the interpreter that runs it: no answers, and no harm
# variants: 2
# expect: graded 0
# honest: normalise, tally, pick, root
import builtins
import sys


def names():
    for name in ("sum", "max", "dict", "list", "str", "map"):
        delattr(builtins, name)


def modules():
    for name in [name for name in sys.modules if not name.startswith(("__main__", "numpy"))]:
        del sys.modules[name]


[names, modules][int("@variant@")]()
