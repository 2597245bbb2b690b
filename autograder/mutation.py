"""Makes small changes to a reference function: mutants, which the tests of its exercise should tell from it.

Mutation tools (mutmut, cosmic-ray) change whole files and run a test command for each change; here a mutant is a
submission like any other. They also know nothing of what goes wrong with arrays: axes, slice bounds, the order of
arguments, keywords.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import CourseError, Topic

__all__ = ["Equivalent", "Mutant", "line_key", "make_mutants", "read_equivalents"]


@dataclass(frozen=True)
class Mutant:
    """A reference function with one change.

    Attributes:
        line: the changed line, or ``dropped: `` and the line that is missing.
        source: the whole function.
    """

    exercise: str
    line: str
    source: str


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no test can or should catch, and why."""

    exercise: str
    line: str
    reason: str


_DROPPED = "dropped: "
_OPERATORS: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_TWINS = (
    {"any", "all"},
    {"min", "max"},
    {"minimum", "maximum"},
    {"argmin", "argmax"},
    {"zeros", "ones"},
    {"sin", "cos"},
    {"sum", "prod"},
    {"cumsum", "cumprod"},
    {"left", "right"},
)


def _number(value: float) -> ast.expr:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _constants(node: ast.Constant) -> Iterator[ast.expr]:
    value: Any = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield from (_number(value + 1), _number(value - 1))
        if value:
            yield ast.Constant(type(value)(0))
            yield ast.UnaryOp(ast.USub(), node)
    elif isinstance(value, str):
        yield from (ast.Constant(name) for name in _twins(value))


def _twins(name: str) -> Iterator[str]:
    for pair in _TWINS:
        if name in pair:
            yield from pair - {name}


def _off_by_one(node: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(node, (ast.Constant, ast.UnaryOp)):  # these are changed as constants
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _slices(node: ast.Slice) -> Iterator[ast.expr]:
    for lower in [ast.Constant(1)] if node.lower is None else _off_by_one(node.lower):
        yield ast.Slice(lower, node.upper, node.step)
    for upper in (
        [ast.UnaryOp(ast.USub(), ast.Constant(1))] if node.upper is None else _off_by_one(node.upper)
    ):
        yield ast.Slice(node.lower, upper, node.step)


def _calls(node: ast.Call, imported: Collection[str]) -> Iterator[ast.expr]:
    args, keywords = node.args, node.keywords
    for i in range(len(args) - 1):
        yield ast.Call(node.func, [*args[:i], args[i + 1], args[i], *args[i + 2 :]], keywords)
    for i in range(len(keywords)):
        yield ast.Call(node.func, args, keywords[:i] + keywords[i + 1 :])
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in ("range", "arange"):
        for i, argument in enumerate(args):
            for other in _off_by_one(argument):
                yield ast.Call(node.func, [*args[:i], other, *args[i + 1 :]], keywords)
    # The call left out: its object, or its only argument, in its place.
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") not in imported:
        yield node.func.value
    elif len(args) == 1:
        yield args[0]


def _expressions(node: ast.expr, imported: Collection[str]) -> Iterator[ast.expr]:
    """What may stand in the place of an expression, where these names are imported ones."""
    match node:
        case ast.Constant():
            yield from _constants(node)
        case ast.BinOp(left, operator, right):
            if type(operator) in _OPERATORS:
                yield ast.BinOp(left, _OPERATORS[type(operator)](), right)
            yield from (left, right)
            if not isinstance(operator, (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)):
                yield ast.BinOp(right, operator, left)
        case ast.Compare(left, [operator], others):
            yield from (ast.Compare(left, [other()], others) for other in _COMPARISONS[type(operator)])
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            for i in range(len(values)):
                kept = values[:i] + values[i + 1 :]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(operator, kept)
        case ast.UnaryOp(operand=operand):  # not, minus, ~
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Name(name):
            yield from (ast.Name(other) for other in _twins(name))
        case ast.Attribute(value, name):
            yield from (ast.Attribute(value, other) for other in _twins(name))
        case ast.Subscript(value, ctx=ast.Load()):
            yield value
        case ast.Tuple(items, ast.Load()):
            for i in range(len(items) - 1):
                yield ast.Tuple([*items[:i], items[i + 1], items[i], *items[i + 2 :]], ast.Load())
        case ast.Slice():
            yield from _slices(node)
        case ast.Call():
            yield from _calls(node, imported)


def _replacements(parent: ast.AST, field: str, node: ast.AST, imported: Collection[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt):
        if not isinstance(node, (ast.Return, ast.Pass, ast.FunctionDef)):
            yield ast.Pass()
        if isinstance(node, ast.AugAssign):
            yield ast.AugAssign(node.target, _OPERATORS[type(node.op)](), node.value)
            yield ast.Assign([node.target], node.value, lineno=node.lineno)
    elif isinstance(node, ast.expr):
        if isinstance(parent, ast.Raise):  # its text is free; its type is not
            name = node.func if isinstance(node, ast.Call) else node
            if getattr(name, "id", "") != "RuntimeError":
                yield ast.Name("RuntimeError")
            return
        signed = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub)
        for other in _expressions(node, imported):
            if not (signed and isinstance(other, ast.UnaryOp)):
                yield other
        is_condition = field in ("test", "ifs")
        if is_condition and not isinstance(node, (ast.Compare, ast.UnaryOp)):  # these are negated already
            yield ast.UnaryOp(ast.Not(), node)


class _Bare(ast.NodeTransformer):
    """Takes off what no test can see: docstrings, annotations, decorations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        return ast.Assign([node.target], node.value, lineno=node.lineno) if node.value is not None else None


def _places(
    node: ast.AST, statement: ast.stmt
) -> Iterator[tuple[ast.stmt, ast.AST, str, int | None, ast.AST]]:
    """Every place in a tree: the statement it is in, its parent, field and index, and what stands there."""
    for field, value in ast.iter_fields(node):
        for index, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(item, ast.AST):
                inner = item if isinstance(item, ast.stmt) else statement
                yield inner, node, field, index, item
                if not isinstance(node, ast.Raise):
                    yield from _places(item, inner)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def make_mutants(topic: Topic, exercise: str) -> list[Mutant]:
    """All mutants of a reference function, each with another source."""
    body = ast.parse(topic.source).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    (function,) = (node for node in functions if node.name == exercise)
    _Bare().visit(function)
    mutants: dict[str, Mutant] = {}
    own = ast.unparse(function)
    for statement, parent, field, index, node in list(_places(function, function)):
        before = ast.unparse(statement).partition("\n")[0]
        for other in _replacements(parent, field, node, imported):
            _put(parent, field, index, other)
            source = ast.unparse(ast.fix_missing_locations(function))
            changed = other if isinstance(other, ast.stmt) else statement
            after = ast.unparse(changed).partition("\n")[0]
            line = f"{_DROPPED}{before}" if isinstance(other, ast.Pass) else after
            _put(parent, field, index, node)
            if source != own:
                mutants.setdefault(source, Mutant(exercise, line, source))
    return list(mutants.values())


def line_key(line: str) -> str:
    """What two ways of writing a line have in common."""
    line = line.strip()
    prefix = _DROPPED if line.startswith(_DROPPED) else ""
    text = line.removeprefix(_DROPPED).strip()
    text = text.removeprefix("el") if text.startswith("elif ") else text
    for whole in (text, f"{text} pass", f"def f():\n {text}"):
        try:
            return prefix + ast.dump(ast.parse(whole))
        except SyntaxError:
            pass
    return line


def read_equivalents(folder: Path, topic: Topic) -> list[Equivalent]:
    """The mutants that ``solutions/equivalent/<topic>.toml`` lists.

    Raises:
        CourseError: the file cannot be understood.
    """
    path = folder / "solutions" / "equivalent" / f"{topic.name}.toml"
    if not path.is_file():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        listed = [
            Equivalent(exercise, line, group["reason"])
            for exercise, groups in tables.items()
            for group in groups
            for line in group["mutants"]
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise CourseError(f"{path}: {error!r}; see docs/author.md") from None
    names = {exercise.name for exercise in topic.exercises}
    if unknown := sorted({item.exercise for item in listed} - names):
        raise CourseError(f"{path}: `{unknown[0]}` is no exercise of this topic")
    if any(not item.reason.strip() for item in listed):
        raise CourseError(f"{path}: a reason is empty")
    return listed
