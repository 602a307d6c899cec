"""The options of a judge spec: each provider names those it takes; anything else is an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from judgebench.errors import InputError, nearest
from judgebench.judges.spec import JudgeSpec

DEFAULT_TIMEOUT_S: Final = 120.0

Parser = Callable[[str], Any]


def seconds(text: str) -> float:
    """A positive, finite number of seconds.

    Raises:
        ValueError: It is not one.
    """
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError("a positive number of seconds")
    return value


def count(text: str) -> int:
    """A whole number above 0.

    Raises:
        ValueError: It is not one.
    """
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("a whole number above 0")
    return int(text)


def fraction(text: str) -> float:
    """A number above 0 and at most 1.

    Raises:
        ValueError: It is not one.
    """
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError("a number above 0 and at most 1")
    return value


def not_negative(text: str) -> float:
    """A finite number of at least 0.

    Raises:
        ValueError: It is not one.
    """
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError("a number of at least 0")
    return value


def flag(text: str) -> bool:
    """`true` or `false`.

    Raises:
        ValueError: It is neither.
    """
    if text not in {"true", "false"}:
        raise ValueError("true or false")
    return text == "true"


def read_options(spec: JudgeSpec, parsers: Mapping[str, Parser]) -> dict[str, Any]:
    """The options that a spec gives, read by the parser of their name.

    Raises:
        InputError: A name is not among the parsers, or its parser refuses the value.
    """
    found = {}
    for name, text in spec.options.items():
        if name not in parsers:
            raise InputError(
                f"judge {spec.provider!r} takes no option {name!r}",
                expected=f"one of {', '.join(sorted(parsers))}" if parsers else "no options",
                suggestion=nearest(name, parsers),
            )
        try:
            found[name] = parsers[name](text)
        except ValueError as error:
            raise InputError(
                f"judge {spec}: option {name}={text!r} cannot be used", expected=str(error)
            ) from error
    return found


def refuse_address(spec: JudgeSpec, base_url: str | None) -> None:
    """Refuse an address for a judge that asks no server.

    Raises:
        InputError: There is one.
    """
    if base_url is not None:
        raise InputError(f"judge {spec.provider!r} asks no server, so --base-url has no place here")
