"""The plan in a terminal: what a run asks and costs, what it finds perturbation by perturbation, and better splits."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from judgebench.report.text import shorten

if TYPE_CHECKING:
    from judgebench.analysis.planning import Forecast, Outlook, Splits
    from judgebench.run.plan import Plan
    from judgebench.stats.power import Allocation

_LEAST: Final = 60  # under this, lines wrap rather than lose columns
_WIDE: Final = 100  # from here there is room for the variances
_GAP: Final = 2
_NAME: Final = 10
_NONE: Final = "-"
_CENT: Final = 0.005


def render_plan(title: str, plan: Plan, forecast: Forecast, *, prices: str, width: int) -> str:
    """The plan as text of so many columns."""
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=max(width, _LEAST), height=100, no_color=True, color_system=None, markup=False,
        emoji=False, highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    console.print(Text(title))
    console.print(Text(_asked(plan, prices)))
    if plan.shared_tokens:
        console.print(Text(_shared(plan)))
    console.print()
    console.print(_grid(_heads(forecast), [_cells(o, forecast) for o in forecast.outlooks], console.width))
    for line in _legend(forecast):
        console.print(Text(line))
    if forecast.splits is not None:
        console.print()
        _print_splits(console, forecast.splits)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _asked(plan: Plan, prices: str) -> str:
    cost = f"{told_cost(plan)}" + ("" if plan.cost_usd is None else f" (prices of {prices})")
    saved = (
        f" ({_count(plan.saved)} fewer than with controls of its own for every change)" if plan.saved else ""
    )
    more = f" and {_count(plan.rewrites)} for rewrites and their checks" if plan.rewrites else ""
    more += f" and {_count(plan.prepared)} to authors and panel" if plan.prepared else ""
    asked = f"{_count(plan.trials)} trials, {_count(plan.requests)} requests{saved}{more}"
    return (
        f"{_count(plan.items)} items, {asked}; about "
        f"{_thousands(plan.prompt_tokens)} + {_thousands(plan.completion_tokens)} tokens, {cost}."
    )


def _shared(plan: Plan) -> str:
    share = plan.shared_tokens / plan.prompt_tokens
    return f"{share:.0%} of the prompts' tokens are beginnings that a prompt before has: prefix caching saves them."


def told_cost(plan: Plan) -> str:
    """What a plan costs, in words; what is too little to show is left out."""
    if plan.cost_usd is None:
        return "price unknown"
    most = f", ${plan.most_usd:.2f} at most" if plan.most_usd and plan.most_usd >= _CENT else ""
    return f"about ${plan.cost_usd:.2f}{most}"


def _heads(forecast: Forecast) -> tuple[str, ...]:
    needed = (f"For {_points(forecast.effect)}", "Holm") if forecast.effect is not None else ()
    variances = ("item", "order", "repeat")
    return ("", "Items", "sd", "Finds", "Holm", *needed, f"Within {_points(forecast.margin)}", *variances)


def _cells(outlook: Outlook, forecast: Forecast) -> tuple[str, ...]:
    needed = (outlook.items_for_effect, outlook.items_for_effect_holm) if forecast.effect is not None else ()
    spread = outlook.spread
    declared = spread.source == "declared"
    variances = [_NONE if declared else f"{v:.3f}" for v in (spread.item, spread.order, spread.repeat)]
    return (
        outlook.comparison.perturbation,
        _count(outlook.comparison.items),
        f"{outlook.sd:.2f}",
        _points(outlook.effect, decimals=1),
        _points(outlook.effect_holm, decimals=1),
        *map(_count, needed),
        _count(outlook.items_for_equivalence),
        *variances,
    )


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    """A table; a narrow terminal shows no variances, and where there is no room it is the names that give way."""
    shown = len(heads) if width >= _WIDE else len(heads) - 3
    numbers = [row[1:shown] for row in (heads, *rows)]
    taken = sum(max(map(len, column)) + _GAP for column in zip(*numbers, strict=True))
    named = [(shorten(row[0], max(width - taken - _GAP, _NAME)), *row[1:shown]) for row in rows]
    return _columns([heads[:shown], *named])


def _columns(rows: Sequence[Sequence[str]]) -> Table:
    """Rows under a row of heads."""
    grid = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    for index, head in enumerate(rows[0]):
        grid.add_column(head, justify="right" if index else "left", no_wrap=True)
    for row in rows[1:]:
        grid.add_row(*map(Text, row))
    return grid


def _legend(forecast: Forecast) -> Iterator[str]:
    power = f"{100 * forecast.power:.4g} % power"
    yield (
        f"Finds: the smallest effect, in points, found with {power} at alpha {forecast.alpha:g}. Holm: at alpha / "
        f"{forecast.confirmatory}, the most that {forecast.confirmatory} confirmatory effects can ask for."
        if forecast.confirmatory
        else f"Finds: the smallest effect, in points, found with {power} at alpha {forecast.alpha:g}."
    )
    margin = _points(forecast.margin)
    if forecast.effect is not None:
        wanted = _points(forecast.effect)
        yield f"For {wanted}: the items that find an effect of {wanted} points with {power}, at either alpha."
    yield f"Within {margin}: the items that show with {power} that there is nothing beyond {margin} points."
    yield f"Rests on {forecast.basis}."
    for note in forecast.notes:
        yield f"Note: {note}."


def _print_splits(console: Console, splits: Splits) -> None:
    """The best splits, with the suite's own among or above them."""
    console.print(Text(f"{_count(splits.own.requests)} requests split otherwise, for {splits.perturbation}:"))
    own = _split(splits.own)
    rows = [("this suite" if _split(best) == own else "", *_split(best)) for best in splits.best]
    if all(row[1:] != own for row in rows):
        rows.insert(0, ("this suite", *own))
    console.print(_columns([("", "Items", "Orders", "Repeats", "Finds"), *rows]))


def _split(split: Allocation) -> tuple[str, ...]:
    return _count(split.items), str(split.orders), str(split.repeats), _points(split.detectable, decimals=1)


def _points(value: float | None, decimals: int | None = None) -> str:
    """A probability in points."""
    if value is None:
        return _NONE
    return f"{100 * value:.3g}" if decimals is None else f"{100 * value:.{decimals}f}"


def _count(value: int | None) -> str:
    return _NONE if value is None else f"{value:,}".replace(",", " ")


def _thousands(tokens: int) -> str:
    return f"{tokens / 1000:.0f}k"
