"""Which family a model belongs to, by its name.

A model that was distilled from another into a third belongs to both of their families. A name that is not in the table
is a family of its own; a suite can say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from judgebench.judges.spec import parse_spec

FAMILIES: Final[Mapping[str, str]] = {
    "gpt": r"\b(chat)?gpt(-|\d|\b)|\bo[134](-|\b)|\bdavinci|\bcodex",
    "claude": r"\bclaude",
    "gemini": r"\bgemini|\bbard\b|\bpalm\b",
    "gemma": r"\bgemma",
    "llama": r"llama|\bvicuna|\balpaca\b|\btulu",
    "qwen": r"qwen|\bqwq|\bqvq",
    "mistral": r"mi[sx]tral|\bzephyr|\bcodestral|\bmagistral",
    "deepseek": r"deepseek|\br1\b",
    "phi": r"\bphi(-|\d)",
    "command": r"\bcommand(-|\b)|\baya(-|\b)|\bcohere",
    "grok": r"\bgrok",
    "glm": r"\bglm|chatglm",
    "yi": r"\byi-",
    "internlm": r"internlm",
    "falcon": r"\bfalcon",
    "olmo": r"\bolmo",
    "nova": r"\bnova-",
    "kimi": r"\bkimi|moonshot",
    "minimax": r"minimax",
    "granite": r"\bgranite",
    "skywork": r"skywork",
}
"""From a family to a pattern that is looked for in lower-case names, after `_` and `/` became blanks."""
_PATTERNS: Final = {family: re.compile(pattern) for family, pattern in FAMILIES.items()}


def families_of(name: str, stated: str | None = None) -> frozenset[str]:
    """The families of a model, or the one that was stated.

    Args:
        name: A judge spec, or a model's name as an item file has it.
        stated: What a suite says, in place of what the name tells.
    """
    if stated is not None:
        return frozenset({stated.strip().casefold()})
    plain = re.sub(r"[_/\s]+", " ", model_of(name).casefold())
    found = {family for family, pattern in _PATTERNS.items() if pattern.search(plain)}
    return frozenset(found or {plain.strip()})


def model_of(name: str) -> str:
    """The model in a judge spec; any other name as it is."""
    head, slash, _ = name.partition("?")[0].partition("/")
    return parse_spec(name).model if slash and head.isidentifier() and " " not in name else name
