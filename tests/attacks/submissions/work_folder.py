# rows: 24, 25, 42
# what: leaves its folder in a state: nested deep, closed to all, linked, renamed, removed
# variants: 7
# expect: graded 10
# honest: normalise, tally, pick, root
import os

here = os.getcwd()
kept = open("kept", "w")


def nested():
    for _ in range(150):
        os.mkdir("d")
        os.chdir("d")
    open("file", "w").close()


def closed():
    for name in ("a", "b"):
        os.makedirs(f"{name}/c/d")
        open(f"{name}/c/file", "w").close()
    os.umask(0o777)
    os.mkdir("e")
    os.mkdir("f")
    for name in ("a/c", "b", here):
        try:
            os.chmod(name, 0)
        except OSError:
            pass


def names():
    for name in ("\n", "-rf", "*", "\udcff", "x" * 255, "..." + "\u202e", "$HOME", "a b", "'; rm -r ."):
        open(name, "w").close()


def links():
    for make in (
        lambda: os.symlink("@folder@", "link"),
        lambda: os.link("@folder@/secret", "hard"),
        lambda: os.symlink("/", "root"),
        lambda: os.mkfifo("pipe"),
        lambda: os.mknod("device", 0o20666, os.makedev(1, 1)),
    ):
        try:
            make()
            print("LEAK", os.listdir("."))
        except OSError:
            pass


def removed():
    os.remove("kept")
    try:
        os.rmdir(here)
    except OSError:
        pass
    os.mkdir("sub")
    os.chdir("sub")
    os.rmdir("../sub")


def renamed():
    for new in ("../elsewhere", "/tmp/attacks-elsewhere", "@folder@/open/elsewhere"):
        try:
            os.rename(here, new)
            print("LEAK", new)
        except OSError:
            pass


def away():
    for place in ("/", "/usr/lib"):
        try:
            os.chdir(place)
        except OSError:
            pass
    os.environ.clear()
    os.environ["PATH"] = "@folder@"


# %%
[nested, closed, names, links, removed, renamed, away][int("@variant@")]()
