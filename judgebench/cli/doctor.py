"""`judgebench doctor`: does the judge answer, as which model, in the form asked, twice the same, at what cost."""

from __future__ import annotations

from typing import Annotated

import typer

from judgebench.cli.options import BaseUrls, Plugins, Prices, addresses, complete_judge, load_plugins

FAILED = 3


def doctor(
    judge: Annotated[
        str,
        typer.Option("--judge", metavar="SPEC", help="The judge to examine.", autocompletion=complete_judge),
    ],
    base_url: BaseUrls = None,
    plugin: Plugins = None,
    prices: Prices = None,
) -> None:
    """Ask a judge one question twice, and tell what works and what does not."""
    from judgebench.audit import examine

    load_plugins(plugin)
    findings = examine(judge, base_url=addresses(base_url), prices=prices)
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.passed else 'FAIL'} {finding.check:22} {finding.found}")
        if finding.mend:
            typer.echo(f"     {'':22} {finding.mend}")
    if not all(finding.passed for finding in findings):
        raise typer.Exit(FAILED)
