"""`judgebench data`: public sets, fetched into the user's cache."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Fetch public sets of items, and list them.", no_args_is_help=True)


def complete_set(incomplete: str) -> list[str]:
    """Sets that begin so, for tab completion."""
    from judgebench.items.remote import SETS

    return [name for name, remote in SETS.items() if remote.files and name.startswith(incomplete)]


@app.command("fetch")
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="See `judgebench data list`.",
            show_default=False,
            autocompletion=complete_set,
        ),
    ],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="The folder. Default: in the cache.")
    ] = None,
) -> None:
    """Fetch a set from its pinned address; what was interrupted goes on where it stopped."""
    from judgebench.items.cache import cache_folder
    from judgebench.items.fetch import fetch as fetch_set
    from judgebench.items.fetch import set_named

    remote = set_named(name)
    folder = to if to is not None else cache_folder() / name
    fetch_set(remote, folder, typer.echo)
    typer.echo(f"{name} is in {folder} (licence: {remote.licence})")
    if not remote.pinned:
        typer.echo("Its hashes were not known beforehand; they are in lock.json now, and hold from here on.")
    given = f"source: {name}" if to is None else f"source: {name}, path: {folder}"
    typer.echo(f"in a suite: items: [{{{given}}}]")


@app.command("list")
def list_() -> None:
    """List the public sets that have a source of their own."""
    from judgebench.items.cache import cache_folder, is_fetched
    from judgebench.items.remote import SETS

    for name, remote in SETS.items():
        if is_fetched(name):
            state = f"in {cache_folder() / name}"
        elif not remote.files:
            state = "no pinned address"
        else:
            state = "sha256 known" if remote.pinned else "sha256 kept on first fetch"
        typer.echo(f"{name:14} {state:28} {remote.home:68} {remote.licence}")
