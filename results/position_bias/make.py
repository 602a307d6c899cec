"""Position bias of recorded judges on MT-Bench and DevBench: the first place, and agreement of the orders.

python results/position_bias/make.py PATH/TO/position_bias

The folder holds `verdicts.jsonl` (a row a verdict: item_id, judge, order, verdict, in the item's frame) and
`published.json` (for each judge and benchmark, the consistent rows and all rows that upstream states).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import pandas as pd

from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.audit import import_recordings
from judgebench.report.figures import position_figure, write_figure
from judgebench.report.formats import p_value, quantity
from judgebench.report.latex import table_latex
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.stats import decide, holm

HERE: Final = Path(__file__).parent
SETTINGS: Final = Settings(margin=0.05, alpha=0.05, level=0.95, cluster="source")
"""The thirty (or ten) pairs of one question share it, so that questions are what is sampled."""
HEADER: Final = (
    "benchmark", "judge", "pairs", "questions", "first place, points", "p (Holm)", "decision", "swap inconsistency, %",
    "consistent pairs", "consistent rows, published", "reproduced", "unreadable",
)  # fmt: skip

NOTES: Final = (
    "Intervals at 95 %, on new questions. First place: how often the response shown first wins, above one half. Holm "
    "over the rows; margin 5 points. Consistent pairs: those of which both orders could be read."
)


def judgments_of(path: Path, scratch: Path) -> pd.DataFrame:
    """All recorded verdicts, with their benchmark and, as the source, their question."""
    runs = import_recordings(path, "tidy", scratch)
    rows = pd.concat([run.judgments() for run in runs], ignore_index=True)
    names = rows["item_id"].str.split("/", n=2, expand=True)
    return rows.assign(benchmark=names[0], source=names[1], judge=rows["judge"].str.removeprefix("recorded/"))


def row(rows: pd.DataFrame, table: pd.DataFrame, published: dict[str, Any]) -> dict[str, Any]:
    """The figures of one judge on one benchmark, as shares and counts, from its verdicts and its effects."""
    found = table[table["stratum"] == "all"].set_index("estimand")
    first, swap = found.loc["first_preference"], found.loc["swap_inconsistency"]
    verdicts = rows.pivot_table(index="item_id", columns="order", values="verdict", aggfunc="first")
    readable = verdicts != "invalid"
    same = (verdicts["ab"] == verdicts["ba"]) & readable.all(axis=1)
    by_upstream = 2 * same.sum() + (readable.sum(axis=1) == 1).sum(), readable.sum(axis=None)
    stated = published["published_consistent"], published["published_total"]
    return {
        "benchmark": published["bench"],
        "judge": published["judge"],
        "pairs": len(verdicts),
        "questions": rows["source"].nunique(),
        **limits(first, "first_preference"),
        "p_value": first["p_value"],
        **limits(swap, "swap_inconsistency"),
        "consistent_pairs": int(same.sum()),
        "readable_pairs": int(readable.all(axis=1).sum()),
        "published_consistent": stated[0],
        "published_total": stated[1],
        "reproduced": by_upstream == stated,
        "unreadable": int((~readable).sum(axis=None)),
    }


def limits(effect: pd.Series, name: str) -> dict[str, float]:
    """An estimate and its interval."""
    return {name: effect["estimate"], f"{name}_low": effect["conf_low"], f"{name}_high": effect["conf_high"]}


def table_of(folder: Path, scratch: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The rows that upstream publishes, one family of tests, and the effects behind each."""
    judgments = judgments_of(folder / "verdicts.jsonl", scratch)
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    groups = dict(list(judgments.groupby(["benchmark", "judge"])))
    rows = [groups[each["bench"].lower(), each["judge"]] for each in published]
    found = [effects(own, SETTINGS) for own in rows]
    table = pd.DataFrame(list(map(row, rows, found, published)))
    table["p_adjusted"] = holm(table["p_value"])
    columns = ["first_preference_low", "first_preference_high", "p_adjusted"]
    table["decision"] = [
        decide(low, high, p, SETTINGS.alpha, SETTINGS.margin)
        for low, high, p in table[columns].itertuples(index=False)
    ]
    return table, found


def points(line: pd.Series, name: str, *, signed: bool) -> str:
    """The estimate with its interval, in points."""
    value, low, high = (quantity(100 * line[name + end], signed=signed) for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def share(part: int, whole: int) -> str:
    """`3 of 4 (75.0 %)`."""
    return f"{part} of {whole} ({part / whole:.1%})".replace("%", " %")


def body(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows as text."""
    return [
        (
            line["benchmark"],
            line["judge"],
            str(line["pairs"]),
            str(line["questions"]),
            points(line, "first_preference", signed=True),
            p_value(line["p_adjusted"]),
            line["decision"],
            points(line, "swap_inconsistency", signed=False),
            share(line["consistent_pairs"], line["readable_pairs"]),
            share(line["published_consistent"], line["published_total"]),
            "yes" if line["reproduced"] else "NO",
            str(line["unreadable"]),
        )
        for _, line in table.iterrows()
    ]  # fmt: skip


def markdown(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    lines = [HEADER, ("---",) * len(HEADER), *body(table)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def latex(table: pd.DataFrame) -> str:
    """The table for a paper; a benchmark is the group of its rows."""
    rows = tuple(Row(cells[1:], cells[0]) for cells in body(table))
    caption = "Position bias on MT-Bench and DevBench"
    return table_latex(Table("position-bias", caption, HEADER[1:], rows, left=(0, 5, 9)), (NOTES,))


def picture(found: list[pd.DataFrame], lines: pd.DataFrame) -> None:
    """Consistency and first place of all rows; the decisions are those of the table."""
    audits = []
    for one, (_, line) in zip(found, lines.iterrows(), strict=True):
        own = one.assign(judge=f"{line['judge']} ({line['benchmark']})")
        first = (own["estimand"] == "first_preference") & (own["stratum"] == "all")
        own.loc[first, ["p_adjusted", "decision"]] = [line["p_adjusted"], line["decision"]]
        audits.append(Audit(own))
    figure = position_figure(audits)
    if figure is not None:
        for suffix in (".svg", ".pdf"):
            write_figure(figure, HERE / f"position_bias{suffix}")


def main() -> None:
    """Write the table in Markdown, LaTeX and CSV, and the figure, beside this script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="PATH/TO/position_bias")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        table, found = table_of(folder, Path(scratch))
    picture(found, table)
    (HERE / "position_bias.md").write_text(markdown(table), encoding="utf-8")
    (HERE / "position_bias.tex").write_text(latex(table), encoding="utf-8")
    table.to_csv(HERE / "position_bias.csv", index=False, float_format="%.6f", lineterminator="\n")


if __name__ == "__main__":
    main()
