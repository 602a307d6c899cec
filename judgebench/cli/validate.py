"""`judgebench validate`: check a suite and everything it names, without asking anything."""

from __future__ import annotations

import typer

from judgebench.cli.options import Plugins, SuiteFile, load_plugins


def validate(suite: SuiteFile, plugin: Plugins = None) -> None:
    """Check a suite file and everything it names."""
    from judgebench.judges.factory import open_judge
    from judgebench.run.questions import ways_of
    from judgebench.suite import load_suite
    from judgebench.suite.trials import count_trials

    load_plugins(plugin)
    loaded = load_suite(suite)
    ways = ways_of(loaded)
    if loaded.spec.judge is not None:
        open_judge(loaded.spec.judge)
    typer.echo(
        f"{suite}: {len(loaded.items)} items, {count_trials(loaded, ways.layouts)} trials; the suite is valid"
    )
