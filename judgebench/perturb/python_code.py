"""Python code as text and as a syntax tree: where a body starts, which names can change, whether two do the same."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from typing import Final

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_SEES_NAMES: Final = frozenset({"locals", "globals", "vars", "eval", "exec", "dir"})
_SHORT_CODE: Final = 20_000


def parsed(code: str) -> ast.Module | None:
    """The syntax tree; None where it is no Python, or too long to be an answer's code."""
    if len(code) > _SHORT_CODE:
        return None
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def body_start(code: str) -> tuple[int, str] | None:
    """Where lines can be put in, before the first statement of the first function or else of the module.

    Returns:
        The offset in characters of the beginning of that line, and its indentation; None where there is no statement
        on a line of its own.
    """
    tree = parsed(code)
    if tree is None:
        return None
    function = next((node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)), None)
    for body in [function.body, tree.body] if function else [tree.body]:
        first = _first_statement(body)
        if first is None:
            continue
        lines = code.splitlines(keepends=True)
        line = lines[first.lineno - 1] if first.lineno <= len(lines) else ""
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if len(indent.encode()) == first.col_offset and "\f" not in code:
            return sum(map(len, lines[: first.lineno - 1])), indent
    return None


def _first_statement(body: Sequence[ast.stmt]) -> ast.stmt | None:
    """The first that is no docstring, no import from the future and bears no decorator above it."""
    for statement in body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future or getattr(statement, "decorator_list", None)):
            return statement
    return None


def renamed(code: str, scheme: str) -> str | None:
    """The code with the local variables of its functions renamed; None where there are none.

    Args:
        code: The code.
        scheme: The new names, with `{n}` for a number that makes each its own.
    """
    tree = parsed(code)
    if tree is None or not code.isascii():
        return None
    taken = set(re.findall(r"\w+", code)) | set(dir(builtins)) | set(keyword.kwlist)
    new: dict[str, str] = {}
    for name in _local_names(tree):
        number = 1
        while (made := scheme.replace("{n}", str(number))) in taken:
            number += 1
        taken.add(made)
        new[name] = made
    if not new:
        return None
    lines = code.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in new]
    for node in sorted(names, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        at = starts[node.lineno - 1] + node.col_offset
        code = code[:at] + new[node.id] + code[at + len(node.id) :]
    return code


def _local_names(tree: ast.Module) -> list[str]:
    """Names that are assigned in functions and mean nothing outside: safe to rename all over the module.

    Whatever else has the name, as a parameter, a function, an import, a global or a word in an f-string, keeps it.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    stored = {
        node.id: None
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    barred = set(_barred(tree))
    if barred & _SEES_NAMES:
        return []
    inside = {id(node) for function in functions for node in ast.walk(function)}
    outside = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in inside}
    return [name for name in stored if name not in barred | outside and not name.startswith("_")]


def _barred(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.alias(name=name) | ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name.partition(".")[0]
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.JoinedStr():
                yield from (n.id for n in ast.walk(node) if isinstance(n, ast.Name))
            case ast.ClassDef(body=body):
                yield from (n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name))
            case ast.Name(id=name, ctx=ast.Load()) if name in _SEES_NAMES:
                yield name
            case _:
                continue


def without(dead: Sequence[str], tree: ast.Module, original: ast.Module) -> ast.Module:
    """The tree without the first statement of these forms that the original has not in its place."""
    forms = {ast.dump(ast.parse(form).body[0]) for form in dead}
    for node, twin in zip(ast.walk(tree), ast.walk(original), strict=False):
        body, theirs = getattr(node, "body", None), getattr(twin, "body", None)
        if not (isinstance(body, list) and isinstance(theirs, list)) or len(body) != len(theirs) + 1:
            continue
        for place, statement in enumerate(body):
            if ast.dump(statement) in forms:
                del body[place]
                return tree
    return tree


def alike(one: ast.AST, other: ast.AST) -> bool:
    """Whether two trees are equal up to a one-to-one renaming of variables."""
    names: dict[str, str] = {}
    back: dict[str, str] = {}
    first, second = list(ast.walk(one)), list(ast.walk(other))
    for left, right in zip(first, second, strict=False):
        if isinstance(left, ast.Name) and isinstance(right, ast.Name):
            if (
                names.setdefault(left.id, right.id) != right.id
                or back.setdefault(right.id, left.id) != left.id
            ):
                return False
            right.id = left.id
    return len(first) == len(second) and ast.dump(one) == ast.dump(other)
