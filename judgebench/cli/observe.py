"""`judgebench observe`: what a judge's verdicts go with when nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judgebench.cli.options import BaseUrls, Prices, RunDir, addresses, complete_judge

if TYPE_CHECKING:
    import pandas as pd

    from judgebench.analysis.observational import Brought, Observed
    from judgebench.audit import Run
    from judgebench.items import Item
    from judgebench.run.session import SessionOptions
    from judgebench.run.votes import Voted

WRITTEN = "observational.csv"
RESAMPLES = 500
_BESIDE = ("log_odds", "property_log_odds", "kappa", "cohen_kappa")
"""In the file alone: the terminal shows effects on the probability, and strengths."""

_WARNING = "Nothing was changed, so nothing here is a bias: what goes with wins may only go with quality."


Items = Annotated[
    Path | None,
    typer.Option("--items", metavar="FILE", help="The items with their texts. Default: DIR/items.jsonl."),
]
Features = Annotated[
    Path | None,
    typer.Option("--features", metavar="FILE", help="Properties as a minus b: item_id and a column each."),
]
Principles = Annotated[
    Path | None,
    typer.Option(
        "--principles",
        metavar="FILE",
        help="Votes: item_id, principle, vote. With --vote-by the principles, a line each.",
    ),
]
VoteBy = Annotated[
    str | None,
    typer.Option(
        "--vote-by",
        metavar="SPEC",
        help="Ask this judge which response each principle favours; the same command continues.",
        autocompletion=complete_judge,
    ),
]
Budget = Annotated[
    float | None,
    typer.Option("--budget", metavar="USD", help="Stop voting before more than this is spent."),
]
MaxConcurrency = Annotated[
    int, typer.Option("--max-concurrency", min=1, metavar="N", help="Votes in flight at most.")
]
Difficulty = Annotated[
    Path | None,
    typer.Option(
        "--difficulty", metavar="FILE", help="item_id, difficulty: for the length-controlled win rate."
    ),
]
Resamples = Annotated[
    int, typer.Option("--resamples", min=100, metavar="N", help="Bootstrap draws for judge minus gold.")
]


def observe(
    directory: RunDir,
    *,
    items: Items = None,
    features: Features = None,
    principles: Principles = None,
    vote_by: VoteBy = None,
    base_url: BaseUrls = None,
    budget: Budget = None,
    prices: Prices = None,
    max_concurrency: MaxConcurrency = 64,
    difficulty: Difficulty = None,
    resamples: Resamples = RESAMPLES,
) -> None:
    """Describe which lengths, formats, properties and principles the verdicts go with."""
    from judgebench.analysis.observational import (
        Brought,
        read_difficulty,
        read_properties,
        read_votes,
    )
    from judgebench.audit import load

    run = load(directory)
    texts = items_of(run, items)
    voted = None
    if vote_by is not None:
        options = _options(budget, prices, max_concurrency)
        voted = _vote(run, texts, principles, vote_by, addresses(base_url), options)
        principles = voted.path
    brought = Brought(
        None if features is None else read_properties(features),
        None if principles is None else read_votes(principles),
        None if difficulty is None else read_difficulty(difficulty),
    )
    describe(run, texts, brought, resamples)
    if voted is not None:
        _say_votes(voted)


def describe(run: Run, items: list[Item], brought: Brought, n_resamples: int) -> None:
    """Write what the verdicts of a run go with beside its effects, and print the main rows.

    Raises:
        InputError: There is nothing to look at, or no judgment is about any of it.
    """
    from judgebench.analysis.observational import observe as observe_judgments
    from judgebench.audit import settings_of
    from judgebench.report.csv import render_csv
    from judgebench.report.model import Audit
    from judgebench.run.manifest import write_text

    settings = settings_of(run.manifest)
    found = observe_judgments(run.judgments(), items, settings, brought, n_resamples=n_resamples)
    write_text(run.path / WRITTEN, render_csv([Audit(found.table, run.manifest)]))
    _show(found)
    typer.echo(f"every row: {run.path / WRITTEN}")


def _options(budget: float | None, prices: Path | None, max_concurrency: int) -> SessionOptions:
    from judgebench.run.session import SessionOptions

    return SessionOptions(max_concurrency=max_concurrency, budget_usd=budget, prices=prices)


def _vote(
    run: Run,
    items: Sequence[Item],
    principles: Path | None,
    judge: str,
    base_url: str | None,
    options: SessionOptions,
) -> Voted:
    """Have the judge vote on what has no vote yet.

    Raises:
        InputError: There are no principles or no texts to vote on, or no vote came of it.
    """
    from judgebench.audit import vote_on_principles
    from judgebench.errors import InputError

    if principles is None:
        raise InputError("--vote-by has nothing to vote on", expected="--principles FILE, a principle a line")
    if not items:
        raise InputError("the items' texts are not on record", expected="--items FILE")
    return vote_on_principles(run, items, principles, judge, base_url=base_url, options=options)


def _say_votes(voted: Voted) -> None:
    """Tell how the vote went, and leave with another status where it is not over."""
    from judgebench.cli.run import INCOMPLETE

    cost = "" if voted.cost_usd is None else f", ${voted.cost_usd:.2f} in all"
    typer.echo(
        f"votes: {voted.path}: of {voted.votes}, each asked in both orders, {voted.chosen} choose a response, "
        f"{voted.divided} go by the place, {voted.absent} are absent{cost}"
    )
    if voted.absent:
        why = f" ({voted.stopped})" if voted.stopped else ""
        typer.echo(
            f"{voted.absent} votes are absent{why}; the same command asks what was not answered", err=True
        )
    if voted.unanswered:
        raise typer.Exit(INCOMPLETE)


def items_of(run: Run, path: Path | None) -> list[Item]:
    """The items of a file, or those of the run where their texts are on record."""
    from judgebench.items.files import read_item_file
    from judgebench.run.imports.write import ITEMS

    recorded = run.path / ITEMS
    if path is None and not recorded.is_file():
        return []
    return read_item_file(path or recorded)


def _show(found: Observed) -> None:
    """Print a table for each estimand of each part, and what was left out."""
    from judgebench.report.text import clean

    typer.echo(f"{_WARNING}\n")
    main = found.table[~found.table["estimand"].isin(_BESIDE)]
    groups = main.groupby(["judge", "bias", "stratum", "estimand"], sort=False)
    for (judge, bias, stratum, estimand), rows in groups:
        typer.echo(clean(f"{judge}: {bias}, {estimand} ({stratum})"))
        for line in _lines(rows):
            typer.echo(clean(line))
        typer.echo("")
    if found.notes:
        typer.echo("Notes")
        for note in found.notes:
            typer.echo(f"- {clean(note)}")


def _lines(rows: pd.DataFrame) -> Iterator[str]:
    from judgebench.report.formats import ABSENT, p_value, quantity

    for _, row in rows.iterrows():
        value, low, high = (
            quantity(row[name], signed=True, decimals=3) for name in ("estimate", "conf_low", "conf_high")
        )
        tested = row["p_adjusted"] == row["p_adjusted"]
        p = p_value(row["p_adjusted"]) if tested else ABSENT
        yield f"  {row['contrast']:34} {value:>7} [{low}, {high}]  p {p}  {row['unit']}"
