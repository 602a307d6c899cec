"""The protocols of a suite as arms: one for each name that the column `protocol` will hold."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError
from judgebench.perturb import Note, Stimulus
from judgebench.perturb.stimulus import TARGET
from judgebench.protocols import Protocol, protocols
from judgebench.suite import Suite
from judgebench.suite.options import options_model
from judgebench.suite.strict_yaml import KeyPath
from judgebench.suite.validate import check_model

_PROBE: Final = Stimulus(
    "P", "A", "B", reference="R", note=Note("after_responses", TARGET, "a"), further=("C",)
)
LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ProtocolArm:
    """A protocol with all its options settled.

    Attributes:
        name: The value of the column `protocol`: the protocol's name; `@` and what sets it apart from others of its
            kind; `~` and the paraphrase of its template; `/` and the criterion.
        protocol: The protocol.
        effort: The reasoning effort that is asked for, where the suite varies it.
        place: Where the suite names it.
        but_reasoning: Its kind and options, but for where the reasons stand.
    """

    name: str
    protocol: Protocol
    effort: str | None
    place: KeyPath
    but_reasoning: str = ""

    def described(self) -> dict[str, Any]:
        """What the manifest says of it: its scale, its reasons, and a digest of its words and of the form of the reply.

        The digest is that of what it makes of a stimulus whose texts are known, so that it changes with whatever the
        judge would see.
        """
        order = {"single": "a", "list": "abc"}.get(self.protocol.layout.shows, "ab")
        protocol = self.protocol.sized(len(order))
        said = [[m.role, m.content] for m in protocol.render(_PROBE, order)]
        text = json.dumps([said, protocol.contract.document()], ensure_ascii=False)
        scale = self.protocol.scale
        return {
            "scale": scale and list(scale),
            "reasoning": getattr(self.protocol, "reasoning", None),
            "confidence": bool(getattr(self.protocol, "confidence", False)),
            "but_reasoning": self.but_reasoning,
            "digest": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        }


def protocol_arms(suite: Suite) -> tuple[ProtocolArm, ...]:
    """The arms of a suite's protocols.

    Raises:
        InputError: A name or an option is unknown or wrong, two arms have one name, or no item can be shown.
    """
    found: dict[str, ProtocolArm] = {}
    for index, entry in enumerate(suite.spec.protocols):
        name, options = next(iter(entry.items()))
        path = _place(suite, ("protocols", index), name)
        if name not in protocols:
            error = protocols.unknown(name)
            raise suite.document.error(
                path,
                f"unknown name {name!r} among the protocols",
                expected=error.expected,
                suggestion=error.suggestion,
            )
        for arm in _arms(suite, protocols.get(name), options, path):
            if arm.name in found:
                raise suite.document.error(
                    path,
                    f"the protocol {arm.name!r} comes twice",
                    expected="each once, or `name:` to tell them apart",
                )
            found[arm.name] = arm
        _check_shown(suite, protocols.get(name), [a for a in found.values() if a.place == path], path)
    return tuple(found.values())


def _place(suite: Suite, path: KeyPath, name: str) -> KeyPath:
    """The place of an entry that is written as `name` or as `{name: options}`."""
    return (*path, name) if (*path, name) in suite.document.places else path


def _arms(
    suite: Suite, kind: type[Protocol], given: Mapping[str, Any], path: KeyPath
) -> Iterator[ProtocolArm]:
    efforts = suite.spec.sampling.reasoning_effort
    several = efforts if isinstance(efforts, list) else [efforts]
    checked = _checked(suite, kind, given, path)
    label = checked.pop("name", None)
    try:
        for ending, options in kind.arms(checked):
            made = kind(**options)
            for effort in several:
                parts = [part for part in (label, f"effort-{effort}" if len(several) > 1 else None) if part]
                rest = {key: value for key, value in options.items() if key != "reasoning"}
                rest_said = json.dumps([kind.name, effort, rest], sort_keys=True, default=str)
                yield ProtocolArm(_named(kind.title(options), parts, ending), made, effort, path, rest_said)
    except InputError as error:
        if error.line is not None:
            raise
        place = (*path, "paraphrases")
        raise suite.document.error(
            place, error.message, expected=error.expected, suggestion=error.suggestion
        ) from error
    except (TypeError, ValueError) as error:
        raise suite.document.error(path, f"{kind.name!r} does not take these options: {error}") from error


def _named(title: str, parts: list[str], ending: str) -> str:
    """The name of an arm; what the suite adds goes before what the protocol's own ending says."""
    own, rest = re.match(r"(@[^~/]*)?(.*)", ending).groups() if ending else ("", "")  # type: ignore[union-attr]
    said = "+".join([*parts, *([own[1:]] if own else [])])
    return f"{title}{'@' if said else ''}{said}{rest}"


def _checked(suite: Suite, kind: type[Protocol], given: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """The options that the suite gives, checked against those that the protocol takes.

    Raises:
        InputError: One is unknown or of the wrong type.
    """
    parameters = {name: _several(kind, p) for name, p in kind.options().items() if name not in kind.settled}
    more: dict[str, Any] = {"name": (str | None, None)}
    if "paraphrase" in kind.options():
        more["paraphrases"] = (str | list[str] | None, None)
    model = check_model(suite.document, options_model(kind.name, parameters, more), dict(given), path)
    folder = Path(suite.document.file).parent
    options = {name: getattr(model, name) for name in given}
    label = options.get("name")
    if label is not None and not LABEL.fullmatch(label):
        raise suite.document.error(
            (*path, "name"), f"'name' is {label!r}", expected="letters, digits, '.', '_' and '-' only"
        )
    for name in kind.paths:
        if options.get(name) is not None:
            options[name] = str(folder / options[name])
            if not Path(options[name]).is_file():
                raise suite.document.error((*path, name), f"no such file: {options[name]}")
    return options


def _several(kind: type[Protocol], parameter: inspect.Parameter) -> inspect.Parameter:
    """The option as the suite may give it: several values at once, each of them an arm, where the protocol says so."""
    if parameter.name not in kind.several:
        return parameter
    return parameter.replace(annotation=parameter.annotation | list[parameter.annotation])  # type: ignore[name-defined]


def _check_shown(suite: Suite, kind: type[Protocol], arms: list[ProtocolArm], path: KeyPath) -> None:
    """Check that there is an item that the protocol can show.

    Raises:
        InputError: There is none.
    """
    if arms and not any(arm.protocol.layout.fits(item) for arm in arms for item in suite.items):
        layout = arms[0].protocol.layout
        needed = (
            f"{layout.at_least} responses or more" if layout.shows in {"list", "pairs"} else "two responses"
        )
        with_reference = " and a reference answer" if layout.reference else ""
        raise suite.document.error(
            path if ("protocols",) in suite.document.places else ("items",),
            f"the protocol {kind.name!r} can show none of the items",
            expected=f"items with {needed}{with_reference}",
        )
