"""Write `docs/catalogue.md` from the registry of perturbations.

python docs/make_catalogue.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from judgebench.perturb import perturbations
from judgebench.perturb.catalogue import Entry, entries

PAGE = Path(__file__).with_name("catalogue.md")
PROSE = Path(__file__).with_name("catalogue.in.md")
BUILTIN = "judgebench.perturb."
ARGUMENT = re.compile(r"^    (\w+): ", re.MULTILINE)


def main_table() -> Iterator[str]:
    """The perturbations, a line each."""
    yield "| id | family | changes | target | placebo | by a model | papers |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for e in builtin():
        cells = (
            f"[{e.id}](#{e.id})",
            e.family,
            e.changes,
            e.targets or "-",
            e.placebo,
            e.by_model,
            ", ".join(e.papers),
        )
        yield f"| {' | '.join(cells)} |"


def section(entry: Entry) -> Iterator[str]:
    """What one perturbation does and takes."""
    yield f"### {entry.id}\n"
    yield f"{entry.summary[:1].upper()}{entry.summary[1:]}.\n"
    said = arguments(entry.id)
    for option in filter(None, (entry.levels, *entry.options)):
        name = option.partition(":")[0]
        several = ", or a list of them" if option == entry.levels else ""
        yield f"- `{option}`{several}. {said.get(name, '')}".rstrip()
    if entry.levels or entry.options:
        yield ""


def arguments(name: str) -> dict[str, str]:
    """What the docstring of the function says of its options."""
    plugin = perturbations.get(name)
    _, _, told = (inspect.getdoc(plugin.apply) or "").partition("Args:\n")
    parts = ARGUMENT.split(told)[1:]
    return {option: " ".join(text.split()) for option, text in zip(parts[::2], parts[1::2], strict=True)}


def builtin() -> list[Entry]:
    """The entries that come with the package."""
    return [e for e in entries() if _module(e.id).startswith(BUILTIN)]


def _module(name: str) -> str:
    plugin = perturbations.get(name)
    return BUILTIN if plugin.apply is None else plugin.apply.__module__


def page() -> str:
    """The whole page."""
    details = "\n".join(line for e in builtin() for line in section(e))
    prose = PROSE.read_text(encoding="utf-8")
    return prose.replace("{{table}}", "\n".join(main_table())).replace("{{details}}", details.rstrip())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
