"""Lists the public signatures, so that none of them changes by accident.

    python tools/public_api.py            prints them
    python tools/public_api.py --write    agrees on them as they are: tests/public_api.txt

Public is what docs/reference lists: some modules, and the verbs and options of the command. The modules are read, not
imported: what a compiled one holds is in the `.pyi` file beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
AGREED = ROOT / "tests" / "public_api.txt"
MODULES = [
    "autograder.author",
    "autograder.course",
    "autograder.formats",
    "autograder.notebook",
    "autograder.results",
    "genai_course",
    "genai_course.data",
    "genai_course.kernels",
    "genai_course.plots",
]


def _annotated(name: str, annotation: object, default: object = None) -> str:
    text = f"{name}: {annotation}" if annotation is not None else name
    return text if default is None else f"{text} = {default}"


def _signature(function: griffe.Function) -> str:
    pieces: list[str] = []
    kinds = [parameter.kind for parameter in function.parameters]
    for place, parameter in enumerate(function.parameters):
        kind = parameter.kind
        if kind is griffe.ParameterKind.keyword_only and (
            place == 0 or kinds[place - 1] is griffe.ParameterKind.positional_or_keyword
        ):
            pieces.append("*")
        stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(
            kind, ""
        )
        default = None if stars else parameter.default
        pieces.append(_annotated(f"{stars}{parameter.name}", parameter.annotation, default))
        if kind is griffe.ParameterKind.positional_only and kinds[place + 1 : place + 2] != [kind]:
            pieces.append("/")
    returns = f" -> {function.returns}" if function.returns is not None else ""
    return f"({', '.join(pieces)}){returns}"


def _described(path: str, item: griffe.Object | griffe.Alias) -> Iterator[str]:
    found = item.final_target if isinstance(item, griffe.Alias) else item
    if isinstance(found, griffe.Function):
        for form in found.overloads or [found]:
            yield f"{path}{_signature(form)}"
    elif isinstance(found, griffe.Class):
        bases = ", ".join(map(str, found.bases))
        yield f"class {path}({bases})" if bases else f"class {path}"
        for name, member in found.members.items():
            if not name.startswith("_") or name == "__call__":
                yield from _described(f"{path}.{name}", member)
    elif isinstance(found, griffe.Attribute):
        yield _annotated(path, found.annotation)


def _exports(module: griffe.Module) -> list[str]:
    if module.exports is None:
        raise SystemExit(f"{module.path}: a public module says in __all__ what is public")
    return sorted(map(str, module.exports))


def signatures() -> list[str]:
    """One line for each public name of the modules, in the order of the modules and names."""
    loader = griffe.GriffeLoader(search_paths=[str(ROOT)], allow_inspection=False)
    for package in sorted({name.partition(".")[0] for name in MODULES}):
        loader.load(package)
    loader.resolve_aliases(implicit=True, external=False)
    lines = []
    for name in MODULES:
        module = loader.modules_collection[name]
        for exported in _exports(module):
            item = module.members[exported]
            where, _, short = item.target_path.rpartition(".") if item.is_alias else ("", "", "")
            forms = loader.modules_collection[where].overloads.get(short, []) if where else []
            for form in forms:  # of a stub that has nothing but overloads, griffe makes no function
                lines.append(f"{name}.{exported}{_signature(form)}")
            if not forms:
                lines += _described(f"{name}.{exported}", item)
    return lines


def options() -> list[str]:
    """One line for each verb of the command: its arguments and options, as its help names them."""
    from autograder.cli import app

    lines = []
    for command in app.registered_commands:
        assert command.callback is not None
        verb = command.name or command.callback.__name__
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            app([verb, "--help"], prog_name="autograder", standalone_mode=False)
        shown = out.getvalue()
        arguments = re.findall(r"^Usage:.*?\[OPTIONS\] ?(.*?)$", shown, re.MULTILINE)
        named = re.findall(r"^  (?:-\w, )?(--[\w-]+)", shown, re.MULTILINE)
        lines.append(
            " ".join(["autograder", verb, *(item for item in arguments if item), *sorted(set(named))])
        )
    return sorted(lines)


def public_api() -> str:
    return "\n".join([*signatures(), *options(), ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"write {AGREED.relative_to(ROOT)}")
    text = public_api()
    if parser.parse_args().write:
        AGREED.write_text(text, encoding="utf-8")
        print(f"{AGREED.relative_to(ROOT)}: {text.count(chr(10))} signatures")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
