"""Another surface of the same program: it compiles, and it does the same when it runs."""

from __future__ import annotations

import ast
import random
from typing import Any

import pytest

from judgebench.items import Item
from judgebench.items.bank import read_bank
from judgebench.perturb import perturb, perturbations
from judgebench.perturb.apply import applies
from judgebench.perturb.python_code import alike, body_start, parsed, renamed

PLUGIN = perturbations.get("code_surface")
CODE = '''\
import math

LIMIT = 3

def area(points, scale=1):
    """The area."""
    total = 0
    rest = [p for p in points]
    for index, point in enumerate(rest):
        after = rest[(index + 1) % len(rest)]
        total += point[0] * after[1] - after[0] * point[1]
    note = f"{total}"
    def inner(x):
        kept = x + total
        return kept
    try:
        inner(1)
    except ValueError as error:
        print(error)
    return abs(total) / 2 * scale + len(note) * 0 + math.floor(0.5) + LIMIT
'''
SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2)]


def wrapped(code: str) -> str:
    return f"Here it is:\n```python\n{code}```\nThat is all."


def changed(code: str, kind: str, arm: Any = "treatment", seed: int = 0) -> Any:
    item = Item("i", "p", wrapped(code), "b", gold="a")
    return perturb(PLUGIN, item, "a", arm, seed=seed, replicate=0, options={"kind": kind})


def code_of(done: Any) -> str:
    text: str = done.stimulus.response_a
    return text.partition("```python\n")[2].partition("```")[0]


def run(code: str) -> Any:
    space: dict[str, Any] = {}
    exec(compile(code, "answer", "exec"), space)  # noqa: S102  # the code stands above
    return space["area"](SQUARE, scale=2)


@pytest.mark.parametrize("kind", ["comment", "rename", "dead_code", "any"])
@pytest.mark.parametrize("seed", range(6))
def test_the_program_gives_the_same_result(kind: str, seed: int) -> None:
    done = changed(CODE, kind, seed=seed)
    assert done.check.passed
    assert code_of(done) != CODE
    assert run(code_of(done)) == run(CODE) == 11


def test_renaming_spares_what_is_seen_from_outside() -> None:
    code = renamed(CODE, "value_{n}")
    assert code is not None
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    # `total` stands in an f-string; parameters, imports, globals, functions and a caught error keep their names too
    assert {"points", "scale", "total", "math", "LIMIT", "inner", "x", "error"} <= names
    assert not names & {"rest", "index", "point", "after", "note", "kept"}


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    a = 1\n    return locals()\n",
        "a = 1\nprint(a)\n",
        "def f(a):\n    return a\n",
        "def f():\n    global a\n    a = 1\n",
        "a = 1\ndef f():\n    a = 2\n    return a\n",
        "not python at all",
        "",
    ],
)
def test_what_cannot_be_renamed_safely_is_left_alone(code: str) -> None:
    assert renamed(code, "value_{n}") is None


def test_a_new_name_is_none_that_is_taken() -> None:
    assert renamed("def f():\n    a = 1\n    return a + value_1\n", "value_{n}") == (
        "def f():\n    value_2 = 1\n    return value_2 + value_1\n"
    )


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("x = 1\n", (0, "")),
        ('def f():\n    """Doc."""\n    return 1\n', (24, "    ")),
        ("def f(): return 1\n", (0, "")),
        ("class A:\n  def f(self):\n    pass\n", (24, "    ")),
        ("x = ", None),
        ("", None),
    ],
)
def test_lines_are_put_before_the_first_statement(code: str, start: Any) -> None:
    assert body_start(code) == start


def test_a_comment_stands_against_a_neutral_one_in_the_same_line() -> None:
    cue, placebo = (code_of(changed(CODE, "comment", arm)).splitlines() for arm in ("treatment", "placebo"))
    (at,) = (n for n, line in enumerate(cue) if line not in CODE.splitlines())
    assert cue[at].startswith("    # ")
    assert placebo[at].startswith("    # ")
    assert cue[:at] + cue[at + 1 :] == placebo[:at] + placebo[at + 1 :] == CODE.splitlines()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a = 1\nb = a", "x = 1\ny = x", True),
        ("a = 1\nb = a", "x = 1\nx = x", False),
        ("a = b", "b = a", True),
        ("a = 1", "a = 2", False),
        ("f(a)", "f(a, a)", False),
    ],
)
def test_programs_are_alike_up_to_one_to_one_names(one: str, other: str, same: bool) -> None:
    assert alike(ast.parse(one), ast.parse(other)) is same


def test_items_without_python_are_left_out() -> None:
    item = Item("i", "p", "```\nSELECT * FROM t\n```", "No code.")
    for side in ("a", "b"):
        assert not applies(PLUGIN, item, side, seed=0, options={})  # type: ignore[arg-type]  # sides
    assert parsed("x" * 50_000) is None


def test_every_changed_program_of_the_bank_still_compiles() -> None:
    seen = 0
    for item in (item for item in read_bank() if item.category == "code"):
        for kind in ("comment", "rename", "dead_code"):
            options = {"kind": kind}
            if applies(PLUGIN, item, "a", seed=0, options=options):
                done = perturb(PLUGIN, item, "a", "treatment", seed=0, replicate=0, options=options)
                compile(done.stimulus.response_a.split("```")[1].removeprefix("python"), "answer", "exec")
                seen += 1
    assert seen > 20


def test_a_program_that_does_something_else_fails_the_check() -> None:
    assert PLUGIN.check_of is not None
    for code in (CODE.replace("/ 2", "/ 3"), CODE.replace("rest =", "total ="), "x = "):
        assert not PLUGIN.check_of(wrapped(CODE), wrapped(code), kind="rename").passed
    assert not PLUGIN.check_of(wrapped(CODE), wrapped(CODE) + "More.", kind="rename").passed


def test_random_names_do_not_depend_on_global_random_numbers() -> None:
    random.seed(1)
    one = changed(CODE, "rename")
    random.seed(2)
    assert changed(CODE, "rename") == one
