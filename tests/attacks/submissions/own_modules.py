# rows: 11, 25
# what: puts modules in the way of those that graders import
# expect: graded 0
import importlib
import os
import sys
import types

SOURCE = "import os; os.write(1, b'shadowed ')\ndef __getattr__(name): return lambda *a, **k: True\n"
for name in ("numpy", "otter", "solutions", "conftest", "sitecustomize", "random", "pickle", "math"):
    with open(f"{name}.py", "w") as file:
        file.write(SOURCE)
with open("evil.pth", "w") as file:
    file.write("import evil\n")
with open("pytest.ini", "w") as file:
    file.write("[pytest]\naddopts = -p evil\n")
sys.path.insert(0, os.getcwd())
for name in ("numpy", "otter", "random", "pickle", "math", "autograder.grading", "solutions.quiz"):
    sys.modules[name] = types.SimpleNamespace(allclose=lambda *a: True, __path__=[os.getcwd()])
importlib.invalidate_caches()


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name)
        return None


sys.meta_path.insert(0, Finder())
sys.path_hooks.clear()


# %%
def normalise(x):
    return None


tally = root = normalise


def pick(options, score):
    return None
