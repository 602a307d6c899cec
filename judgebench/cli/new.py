"""`judgebench new perturbation NAME`: a working plugin file and its test, to be changed into one's own."""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from judgebench.errors import InputError


class Kind(StrEnum):
    """What can be started from a template."""

    perturbation = "perturbation"


def new(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=", ".join(Kind), show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits and underscores.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")] = Path(),
) -> None:
    """Write a working plugin file and its test."""
    from judgebench.perturb import perturbations

    if not name.isidentifier():
        raise InputError(f"{name!r} cannot name a {kind}", expected="letters, digits and underscores")
    if name in perturbations:
        raise InputError(f"the name {name!r} is taken among the perturbations", expected="a name of its own")
    written = {out / f"{name}.py": f"{kind}.py.txt", out / f"test_{name}.py": f"test_{kind}.py.txt"}
    taken = next((path for path in written if path.exists()), None)
    if taken is not None:
        raise InputError("the file is there already", file=taken, expected="another name, or another --out")
    out.mkdir(parents=True, exist_ok=True)
    for path, template in written.items():
        text = (files("judgebench.cli") / "templates" / template).read_text("utf-8")
        path.write_text(text.replace("NAME", name), "utf-8")
        typer.echo(f"wrote {path}")
    plugin = out / f"{name}.py"
    typer.echo(f"try it: judgebench check-plugin {plugin}")
    typer.echo(
        f"use it: judgebench run SUITE --plugin {plugin}, with `- {name}` among the suite's perturbations"
    )
