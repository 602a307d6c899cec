"""`judgebench audit-log`: from somebody's log to everything that can be said about it, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from judgebench.cli.mapping import Log, reads_log

if TYPE_CHECKING:
    from judgebench.audit import Run
    from judgebench.report.model import Audit


@reads_log
def audit_log(log: Log) -> None:
    """Import, analyse and report a log of verdicts, and list what it can say of the judge and what it cannot.

    Where the texts are on record, what the verdicts go with is described too, as `judgebench observe` does.
    """
    from judgebench.audit import analyze, audit_of, import_recordings
    from judgebench.cli.show import show
    from judgebench.report.write import write_reports

    runs = [analyze(done.path) for done in import_recordings(log.path, log.form, log.out, log.columns)]
    audits = [audit_of(done) for done in runs]
    for done, audit in zip(runs, audits, strict=True):
        write_reports(done.path, [audit])
    show(audits)
    for done, audit in zip(runs, audits, strict=True):
        _describe(done)
        _say(done, audit, log.form)


def _describe(done: Run) -> None:
    """What the verdicts go with, where the items have texts and are not too many to hold."""
    from judgebench.analysis.files import LONG
    from judgebench.analysis.observational import Brought
    from judgebench.cli.observe import RESAMPLES, describe, items_of

    if done.manifest["counts"]["trials"] > LONG:
        if done.manifest["imported"]["holds"]["texts"]:
            typer.echo(f"too many texts to hold unasked; to describe them: judgebench observe {done.path}")
    elif items := items_of(done, None):
        describe(done, items, Brought(), RESAMPLES)


def _say(done: Run, audit: Audit, form: str) -> None:
    """Print what the log of one judge can say and what it cannot, and write it beside the tables."""
    from judgebench.report.said import SAID, render_said, said_of
    from judgebench.run.manifest import write_text

    text = render_said(said_of(audit))
    write_text(done.path / SAID, text)
    typer.echo(f"{audit.judge}, read as {form}")
    typer.echo(text)
    typer.echo(f"everything behind it: {done.path}   page: {done.path / 'report.html'}")
