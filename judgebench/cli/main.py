"""The entry point: the commands, and how errors become messages and exit statuses.

Exit statuses: 0 complete; 1 unexpected fault; 2 the user's input is wrong; 3 incomplete; 4 gate failed;
130 interrupted.
Command modules import what they need inside their functions, so that `judgebench --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from judgebench._version import __version__
from judgebench.cli import (
    analyze,
    audit_log,
    check_plugin,
    compare,
    correct,
    data,
    doctor,
    gate,
    import_,
    list_,
    new,
    observe,
    plan,
    report,
    route,
    run,
    template,
    validate,
)
from judgebench.errors import JudgebenchError

INTERRUPTED = 130

app = typer.Typer(
    name="judgebench",
    help="Audit a language model that serves as a judge: each bias as an effect with a confidence interval.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("analyze")(analyze.analyze)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("gate")(gate.gate)
app.command("correct")(correct.correct)
app.command("route")(route.route)
app.command("observe")(observe.observe)
app.command("import")(import_.import_)
app.command("audit-log")(audit_log.audit_log)
app.add_typer(data.app, name="data")
app.command("validate")(validate.validate)
app.command("list")(list_.list_)
app.command("template")(template.template)
app.command("doctor")(doctor.doctor)
app.command("new")(new.new)
app.command("check-plugin")(check_plugin.check_plugin)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it so
    if wanted:
        typer.echo(f"judgebench {__version__}")
        raise typer.Exit


@app.callback()
def _judgebench(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command line and exit with its status; an error of the user's is one message, never a traceback."""
    try:
        app()
    except JudgebenchError as error:
        typer.echo(f"judgebench: {_printable(str(error))}", err=True)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        typer.echo("judgebench: interrupted; the same command continues", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # the reader of a pipe has left; there is nobody to tell
        sys.stderr.close()
        sys.exit(0)


def _printable(text: str) -> str:
    """The text without characters that could drive a terminal: names and messages may come from anywhere."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)
