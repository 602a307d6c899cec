"""`judgebench template`: the words of a protocol, to copy and edit."""

from __future__ import annotations

from typing import Annotated

import typer


def template(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A template; all names without one.")
    ] = None,
) -> None:
    """Print a protocol's template, to be redirected into a file, edited, and named with `template:` in a suite."""
    from judgebench.errors import InputError, nearest
    from judgebench.protocols.template import template_names, template_text

    names = template_names()
    if name is None:
        typer.echo("\n".join(names))
        return
    if name not in names:
        raise InputError(
            f"unknown template {name!r}",
            expected=f"one of {', '.join(names)}",
            suggestion=nearest(name, names),
        )
    typer.echo(template_text(name), nl=False)
