"""Tables of LLMBar's recorded judges: accuracy, agreement between the orders, and preference for the first place.

python results/llmbar/make.py PATH/TO/LLMBar

PATH/TO/LLMBar is the folder `Dataset/LLMBar` of a clone of princeton-nlp/LLMBar.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any, Final

import pandas as pd

from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.audit import Run, import_recordings
from judgebench.report.figures import position_figure, write_figure
from judgebench.report.formats import p_value, quantity
from judgebench.report.latex import table_latex
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.stats import decide, holm

HERE: Final = Path(__file__).parent
JUDGES: Final = ("GPT-4", "ChatGPT")
SUBSETS: Final = (
    "Natural",
    "Adversarial/Neighbor",
    "Adversarial/GPTInst",
    "Adversarial/GPTOut",
    "Adversarial/Manual",
)
PROMPTS: Final = ("Vanilla_NoRules", "Vanilla", "CoT", "Reference", "Metrics_Reference")
SETTINGS: Final = Settings(margin=0.05, alpha=0.05, level=0.95)
HEADER: Final = (
    "subset", "prompt", "items", "accuracy, %", "agreement of the orders, %", "first place, points", "p (Holm)",
    "decision", "unreadable", "published accuracy", "published agreement", "reproduced",
)  # fmt: skip

NOTES: Final = (
    "Intervals at 95 %. First place: how often the response shown first wins, above one half. Holm over the rows; "
    "decision against a margin of 5 points, on new items like these. Published figures count unreadable verdicts as "
    "wrong and as no agreement."
)


def row(run: Run, table: pd.DataFrame) -> dict[str, Any]:
    """The figures of one recorded judge, as shares, from its effects."""
    found = table[table["stratum"] == "all"].set_index("estimand")
    accuracy, swap, first = (
        found.loc[name] for name in ("accuracy", "swap_inconsistency", "first_preference")
    )
    published = run.manifest["published"]
    same, items = published["equal"]["stated"].split(" / ")
    return {
        "items": run.manifest["counts"]["items"],
        "accuracy": accuracy["estimate"],
        "accuracy_low": accuracy["conf_low"],
        "accuracy_high": accuracy["conf_high"],
        "agreement": 1 - swap["estimate"],
        "agreement_low": 1 - swap["conf_high"],
        "agreement_high": 1 - swap["conf_low"],
        "first_preference": first["estimate"],
        "first_preference_low": first["conf_low"],
        "first_preference_high": first["conf_high"],
        "p_value": first["p_value"],
        "unreadable": run.manifest["counts"]["no_verdict"],
        "published_accuracy": float(published["correct_average"]["stated"]) / 100,
        "published_agreement": int(same) / int(items),
        "reproduced": all(figure["stated"] == figure["found"] for figure in published.values()),
    }


def table_of(judge: str, llmbar: Path, scratch: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The 25 rows of a judge, one family of tests, and the effects behind each."""
    rows, found = [], []
    for subset in SUBSETS:
        for prompt in PROMPTS:
            folder = llmbar / subset / "evaluators" / judge / prompt
            (run,) = import_recordings(folder, "llmbar", scratch / judge / subset / prompt)
            found.append(effects(run.judgments(), SETTINGS))
            rows.append({"subset": subset.rpartition("/")[2], "prompt": prompt, **row(run, found[-1])})
    table = pd.DataFrame(rows)
    table["p_adjusted"] = holm(table["p_value"])
    limits = zip(
        table["first_preference_low"], table["first_preference_high"], table["p_adjusted"], strict=True
    )
    table["decision"] = [decide(low, high, p, SETTINGS.alpha, SETTINGS.margin) for low, high, p in limits]
    return table, found


def with_interval(line: pd.Series, name: str, *, signed: bool) -> str:
    """The estimate with its interval, in points."""
    value, low, high = (quantity(100 * line[name + end], signed=signed) for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def body(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows as text."""
    return [
        (
            line["subset"],
            line["prompt"],
            str(line["items"]),
            with_interval(line, "accuracy", signed=False),
            with_interval(line, "agreement", signed=False),
            with_interval(line, "first_preference", signed=True),
            p_value(line["p_adjusted"]),
            line["decision"],
            str(line["unreadable"]),
            quantity(100 * line["published_accuracy"], signed=False),
            quantity(100 * line["published_agreement"], signed=False),
            "yes" if line["reproduced"] else "NO",
        )
        for _, line in table.iterrows()
    ]  # fmt: skip


def markdown(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    lines = [HEADER, ("---",) * len(HEADER), *body(table)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def latex(judge: str, table: pd.DataFrame) -> str:
    """The table for a paper; a subset is the group of its rows."""
    rows = tuple(Row(cells[1:], cells[0]) for cells in body(table))
    caption = f"{judge} on the subsets of LLMBar, by prompt"
    return table_latex(Table(judge.lower(), caption, HEADER[1:], rows, left=(0, 6, 10)), (NOTES,))


def picture(judge: str, found: list[pd.DataFrame], lines: pd.DataFrame) -> None:
    """Consistency and first place of all rows; the decisions are those of the table."""
    audits = []
    for one, (_, line) in zip(found, lines.iterrows(), strict=True):
        own = one.assign(judge=f"{line['subset']}, {line['prompt']}")
        first = (own["estimand"] == "first_preference") & (own["stratum"] == "all")
        own.loc[first, ["p_adjusted", "decision"]] = [line["p_adjusted"], line["decision"]]
        audits.append(Audit(own))
    figure = position_figure(audits)
    if figure is not None:
        for suffix in (".svg", ".pdf"):
            write_figure(figure, HERE / f"{judge.lower()}{suffix}")


def main() -> None:
    """Write the table of each judge in Markdown, LaTeX and CSV, and its figure, beside this script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("llmbar", type=Path, metavar="PATH/TO/LLMBar")
    llmbar = parser.parse_args().llmbar
    with tempfile.TemporaryDirectory() as scratch:
        for judge in JUDGES:
            table, found = table_of(judge, llmbar, Path(scratch))
            (HERE / f"{judge.lower()}.tex").write_text(latex(judge, table), encoding="utf-8")
            picture(judge, found, table)
            (HERE / f"{judge.lower()}.md").write_text(markdown(table), encoding="utf-8")
            table.to_csv(HERE / f"{judge.lower()}.csv", index=False, float_format="%.6f", lineterminator="\n")


if __name__ == "__main__":
    main()
