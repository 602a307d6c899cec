"""`judgebench check-plugin`: a perturbation tried before anybody relies on it, with a verdict for each check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judgebench.cli.options import Plugins, load_plugins
from judgebench.errors import InputError

if TYPE_CHECKING:
    from judgebench.perturb import Perturbation

WRONG = 2


def check_plugin(
    plugin: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="A plugin file, or a perturbation's name.")
    ],
    more: Plugins = None,
) -> None:
    """Check a perturbation: determinism, record, wordings, manipulation, placebo, awkward texts."""
    from judgebench.perturb.examine import examine

    load_plugins(more)
    failed = 0
    for found in _plugins(plugin):
        typer.echo(found.id)
        for finding in examine(found):
            failed += finding.verdict == "FAIL"
            typer.echo(f"  {finding.verdict:5} {finding.check:18} {finding.detail}".rstrip())
    if failed:
        typer.echo(f"{failed} check{'s' * (failed > 1)} failed", err=True)
        raise typer.Exit(WRONG)


def _plugins(named: str) -> list[Perturbation]:
    """The perturbations that a file enters, or the one of that name."""
    from judgebench.perturb import perturbations
    from judgebench.registry import load_plugin_file

    path = Path(named)
    if path.suffix != ".py" and not path.is_file():
        return [perturbations.get(named)]
    load_plugin_file(path)
    own = [p for p in map(perturbations.get, perturbations.names()) if _file_of(p) == path.resolve()]
    if not own:
        raise InputError(
            "the file enters no perturbation", file=path, expected="a function under @perturbation"
        )
    return own


def _file_of(plugin: Perturbation) -> Path | None:
    code = getattr(plugin.apply, "__code__", None)
    return None if code is None else Path(code.co_filename).resolve()
