"""`judgebench list`: the names that a suite or a command line may use."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judgebench.cli.options import Plugins, load_plugins

if TYPE_CHECKING:
    from judgebench.registry import Registry


class Kind(StrEnum):
    """What can be listed."""

    perturbations = "perturbations"
    judges = "judges"
    protocols = "protocols"
    mitigations = "mitigations"
    sources = "sources"
    formats = "formats"


def list_(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=", ".join(Kind), show_default=False)],
    plugin: Plugins = None,
) -> None:
    """List perturbations, judges, protocols, mitigations, sources or import formats."""
    load_plugins(plugin)
    if kind is Kind.perturbations:
        _perturbations()
        return
    registry = _registry(kind)
    for name in registry.names():
        found = registry.get(name)
        summary = getattr(found, "summary", None) or (found.__doc__ or "").strip().split("\n")[0]
        typer.echo(f"{name:16} {summary}")


def _registry(kind: Kind) -> Registry[Any]:
    from judgebench.items import sources
    from judgebench.judges.factory import JUDGES
    from judgebench.protocols import mitigations, protocols
    from judgebench.run.imports import importers

    registries: dict[Kind, Registry[Any]] = {
        Kind.judges: JUDGES,
        Kind.protocols: protocols,
        Kind.mitigations: mitigations,
        Kind.sources: sources,
        Kind.formats: importers,
    }
    return registries[kind]


def _perturbations() -> None:
    from judgebench.perturb.catalogue import entries

    for entry in entries():
        target = f" ({entry.targets})" if entry.targets else ""
        papers = f"  [{', '.join(entry.papers)}]" if entry.papers else ""
        typer.echo(f"{entry.id:24} {entry.family:15} {entry.changes}{target}")
        typer.echo(f"{'':24} {entry.summary}{papers}")
        for option in filter(None, (entry.levels, *entry.options)):
            typer.echo(f"{'':24}   {option}")
