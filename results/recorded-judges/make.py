"""Position bias of every recorded judge at hand that was asked in both orders, in one table.

python results/recorded-judges/make.py --llmbar LLMBar --judgebench FILE.jsonl --position-bias verdicts.jsonl

See README.md for what the three are.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.audit import import_recordings
from judgebench.report.figures import position_figure, write_figure
from judgebench.report.formats import ABSENT, p_value, quantity
from judgebench.report.latex import table_latex
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.stats import decide, holm

HERE: Final = Path(__file__).parent
LLMBAR_JUDGES: Final = ("GPT-4", "ChatGPT")
LLMBAR_SUBSETS: Final = (
    "Natural",
    "Adversarial/Neighbor",
    "Adversarial/GPTInst",
    "Adversarial/GPTOut",
    "Adversarial/Manual",
)
LLMBAR_PROMPTS: Final = ("Vanilla_NoRules", "Vanilla", "CoT", "Reference", "Metrics_Reference")
MARGIN: Final = 0.05
ALPHA: Final = 0.05
HEADER: Final = (
    "set", "judge", "items", "clusters", "first place, points", "p (Holm)", "decision",
    "verdict changes with the order, %", "accuracy, %", "no verdict",
)  # fmt: skip
NOTES: Final = (
    "Intervals at 95 %. First place: how often the response shown first wins, above one half. Holm over all rows; "
    "decision against a margin of 5 points, on new items like these or, where pairs share a question, new questions."
)

Recorded = tuple[str, str, str, pd.DataFrame]
"""The set, the judge, what is clustered on, and the judgments."""


def llmbar(folder: Path, scratch: Path) -> Iterator[Recorded]:
    """Each judge and prompt over the five subsets, which become sources."""
    for judge in LLMBAR_JUDGES:
        for prompt in LLMBAR_PROMPTS:
            parts = []
            for subset in LLMBAR_SUBSETS:
                path = folder / subset / "evaluators" / judge / prompt
                (run,) = import_recordings(path, "llmbar", scratch / judge / prompt / subset)
                parts.append(run.judgments())
            yield "LLMBar", f"{judge}, {prompt}", "items", pd.concat(parts).assign(suite="llmbar")


def judgebench(path: Path, scratch: Path) -> Iterator[Recorded]:
    """The judge in a file of JudgeBench's outputs."""
    for run in import_recordings(path, "judgebench", scratch / "judgebench"):
        name = run.manifest["judge"].rpartition("/")[2]
        yield "JudgeBench", name, "items", run.judgments()


def position_bias(path: Path, scratch: Path) -> Iterator[Recorded]:
    """Each judge on each benchmark; pairs of answers to one question share a cluster, the question as a source."""
    runs = import_recordings(path, "tidy", scratch / "position_bias")
    for bench, title in (("devbench", "DevBench"), ("mtbench", "MT-Bench")):
        for run in runs:
            judgments = run.judgments()
            part = judgments[judgments["item_id"].str.startswith(f"{bench}/")]
            if part.empty:
                continue
            question = part["item_id"].str.rpartition("/")[0]
            yield title, run.manifest["judge"].rpartition("/")[2], "questions", part.assign(source=question)


def analysed(recorded: Recorded) -> pd.DataFrame:
    """The effects of one recorded judge; by question where items share one, else by item."""
    cluster = "source" if recorded[2] == "questions" else "item"
    return effects(recorded[3], Settings(margin=MARGIN, alpha=ALPHA, cluster=cluster))


def row(recorded: Recorded, table: pd.DataFrame) -> dict[str, Any]:
    """The figures of one recorded judge, as shares, from its effects."""
    bench, judge, _, judgments = recorded
    found = table[table["stratum"] == "all"].set_index("estimand")
    first = found.loc["first_preference"]
    line = {
        "set": bench,
        "judge": judge,
        "items": judgments["item_id"].nunique(),
        "clusters": int(first["n_clusters"]),
        "p_value": first["p_value"],
        "no_verdict": int(judgments["verdict"].isin(["invalid", "refused", "error"]).sum()),
    }
    for estimand in ("first_preference", "swap_inconsistency", "accuracy"):
        known = estimand in found.index
        for name, column in (("", "estimate"), ("_low", "conf_low"), ("_high", "conf_high")):
            line[estimand + name] = float(found.loc[estimand, column]) if known else float("nan")
    return line


def main_rows(recorded: list[Recorded], tables: list[pd.DataFrame]) -> pd.DataFrame:
    """A row a judge, one family of tests; clustered by item, or by question where items share one."""
    rows = [row(one, table) | {"clustered_on": one[2]} for one, table in zip(recorded, tables, strict=True)]
    table = pd.DataFrame(rows)
    table["p_adjusted"] = holm(table["p_value"])
    limits = zip(
        table["first_preference_low"], table["first_preference_high"], table["p_adjusted"], strict=True
    )
    table["decision"] = [decide(low, high, p, ALPHA, MARGIN) for low, high, p in limits]
    return table


def source_rows(recorded: list[Recorded]) -> pd.DataFrame:
    """LLMBar again, the claim being about subsets in general: five clusters, so intervals alone."""
    settings = Settings(margin=MARGIN, alpha=ALPHA, cluster="source")
    rows = [
        row(one, effects(one[3], settings)) | {"clustered_on": "sources"}
        for one in recorded
        if one[0] == "LLMBar"
    ]
    return pd.DataFrame(rows)


def cells(line: pd.Series[Any]) -> tuple[str, ...]:
    """A row as text."""
    return (
        line["set"],
        line["judge"],
        str(line["items"]),
        f"{line['clusters']} {line['clustered_on']}",
        with_interval(line, "first_preference", signed=True),
        p_value(line.get("p_adjusted")),
        line.get("decision") or ABSENT,
        with_interval(line, "swap_inconsistency", signed=False),
        with_interval(line, "accuracy", signed=False),
        str(line["no_verdict"]),
    )


def with_interval(line: pd.Series[Any], name: str, *, signed: bool) -> str:
    """The estimate with its interval, in points; a dash where it is not known."""
    if pd.isna(line[name]):
        return ABSENT
    value, low, high = (quantity(100 * line[name + end], signed=signed) for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def write(name: str, table: pd.DataFrame) -> None:
    """Write a table as Markdown and CSV beside this script."""
    lines = [HEADER, ("---",) * len(HEADER), *(cells(line) for _, line in table.iterrows())]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    (HERE / f"{name}.md").write_text(text, encoding="utf-8")
    table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.6f", lineterminator="\n")


def latex(table: pd.DataFrame) -> str:
    """The table for a paper; the set of items is the group of its rows."""
    rows = tuple(Row(line[1:], line[0]) for line in (cells(line) for _, line in table.iterrows()))
    caption = "Position bias of recorded judges"
    return table_latex(Table("recorded", caption, HEADER[1:], rows, left=(0, 2, 5)), (NOTES,))


def picture(tables: list[pd.DataFrame], lines: pd.DataFrame) -> None:
    """The figure of all judges, its decisions those of the table: by Holm over all rows."""
    audits = []
    for table, (_, line) in zip(tables, lines.iterrows(), strict=True):
        own = table.assign(judge=f"{line['judge']} ({line['set']})")
        first = (own["estimand"] == "first_preference") & (own["stratum"] == "all")
        own.loc[first, ["p_adjusted", "decision"]] = [line["p_adjusted"], line["decision"]]
        audits.append(Audit(own))
    figure = position_figure(audits)
    if figure is not None:
        for suffix in (".svg", ".pdf"):
            write_figure(figure, HERE / f"position{suffix}")


def main() -> None:
    """Write the tables beside this script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("--llmbar", "--judgebench", "--position-bias"):
        parser.add_argument(option, type=Path, required=True, metavar="PATH")
    paths = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        recorded = [
            *llmbar(paths.llmbar, Path(scratch)),
            *judgebench(paths.judgebench, Path(scratch)),
            *position_bias(paths.position_bias, Path(scratch)),
        ]
    tables = [analysed(one) for one in recorded]
    table = main_rows(recorded, tables)
    picture(tables, table)
    write("table", table)
    write("llmbar-over-subsets", source_rows(recorded))
    (HERE / "table.tex").write_text(latex(table), encoding="utf-8")


if __name__ == "__main__":
    main()
