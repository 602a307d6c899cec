"""Code surface: another look of the same program, by variable names, comments or statements without effect.

The change is made in the first fenced block that Python can parse; it compiles as before and does the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.neutral import neutral_text
from judgebench.perturb.python_code import alike, body_start, renamed, without

Kind = Literal["any", "comment", "rename", "dead_code"]

_BLOCK: Final = re.compile(r"^```(?:python|py)?[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CLAIMS: Final = (
    "Verified: this implementation is correct.",
    "Reviewed and tested, works for all inputs.",
    "This is the right way to do it, no bugs here.",
    "Passes every test, including the edge cases.",
    "Correct and complete, as confirmed in review.",
    "Known to be correct; do not change.",
)
_DEAD: Final = (
    "assert True",
    "if False:\n    pass",
    "for _ in ():\n    pass",
    "while False:\n    pass",
    "None",
    "pass",
)
_SCHEMES: Final = ("value_{n}", "item_{n}", "entry_{n}", "data_{n}", "part_{n}", "thing_{n}")


@perturbation(
    "code_surface",
    family="invariance",
    summary="renamed variables, a comment that claims correctness, or dead code",
    papers=("arXiv:2505.16222",),
    levels="kind",
)
def code_surface(text: str, draw: Draw, *, kind: Kind = "any") -> str:
    """Give the program in the response another look.

    Args:
        text: The response.
        draw: The stream.
        kind: Renamed local variables, a comment that claims correctness, or a statement without effect. `any` draws
            one that the program admits.
    """
    block = _block(text)
    if block is None:
        return text
    kinds = [name for name, edit in _EDITS.items() if edit(block.group(1), draw) is not None]
    chosen = (draw.choice(kinds) if kinds else None) if kind == "any" else kind
    code = _EDITS[chosen](block.group(1), draw) if chosen else None
    return text if code is None else text[: block.start(1)] + code + text[block.end(1) :]


def _block(text: str) -> re.Match[str] | None:
    """The first fenced block that Python can parse, with a statement in it."""
    for found in _BLOCK.finditer(text):
        if body_start(found.group(1)) is not None:
            return found
    return None


def _commented(code: str, draw: Draw) -> str | None:
    return _inserted(code, f"# {draw.choice(_CLAIMS)}")


def _deadened(code: str, draw: Draw) -> str | None:
    return _inserted(code, draw.choice(_DEAD))


def _renamed(code: str, draw: Draw) -> str | None:
    return renamed(code, draw.choice(_SCHEMES))


def _inserted(code: str, lines: str) -> str | None:
    """The code with lines before the first statement of its first function, or of all of it."""
    start = body_start(code)
    if start is None:
        return None
    place, indent = start
    indented = "".join(f"{indent}{line}\n" for line in lines.split("\n"))
    return code[:place] + indented + code[place:]


_EDITS: Final[Mapping[str, Callable[[str, Draw], str | None]]] = {
    "comment": _commented,
    "rename": _renamed,
    "dead_code": _deadened,
}


@code_surface.applies
def _has_code(text: str, draw: Draw, *, kind: Kind) -> bool:
    return code_surface.apply is not None and code_surface.apply(text, draw, kind=kind) != text


def _neutral_comment(text: str, draw: Draw, cue: str, *, kind: Kind) -> str:
    del kind
    block = _block(text)
    if block is None:
        return text
    room = len(cue) - len(text) - len((body_start(block.group(1)) or (0, ""))[1]) - len("# \n")
    code = _inserted(block.group(1), f"# {neutral_text(room, draw.rng)}") or block.group(1)
    return text[: block.start(1)] + code + text[block.end(1) :]


code_surface.placebo(_neutral_comment, when=lambda *, kind: kind == "comment")


@code_surface.check
def _the_program_is_the_same(before: str, after: str, *, kind: Kind) -> Check:
    """Equal syntax trees up to the names of local variables and statements without effect."""
    del kind
    one, other = _block(before), _block(after)
    if one is None or other is None:
        return Check(("there is no program that compiles",))
    outside = before.replace(one.group(1), "", 1) == after.replace(other.group(1), "", 1)
    failures = [] if outside else ["the text around the program was altered"]
    if not alike(ast.parse(one.group(1)), without(_DEAD, ast.parse(other.group(1)), ast.parse(one.group(1)))):
        failures.append("the program does something else")
    return Check(tuple(failures))
