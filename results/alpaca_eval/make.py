"""One model, three lengths: GPT-4-turbo judges gpt-3.5-turbo-1106 as it is, asked to be concise, and to be verbose.

python results/alpaca_eval/make.py PATH/TO/results

PATH/TO/results is the folder `results` of a clone of tatsu-lab/alpaca_eval.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from judgebench.analysis.observational import LengthControlled, length_controlled
from judgebench.audit import Run, import_recordings
from judgebench.items.files import read_item_file
from judgebench.report.figures import write_figure
from judgebench.report.figures.look import below, house_style, ink, judge_look, points_axis, spread
from judgebench.report.formats import p_value, quantity
from judgebench.report.latex import table_latex
from judgebench.report.table import Row, Table
from judgebench.run.imports.write import ITEMS
from judgebench.stats import Estimate, holm, paired_effect

HERE: Final = Path(__file__).parent
ANNOTATIONS: Final = Path("weighted_alpaca_eval_gpt4_turbo", "annotations.json")
MODELS: Final = {
    "as it is": "gpt-3.5-turbo-1106",
    "concise": "gpt-3.5-turbo-1106_concise",
    "verbose": "gpt-3.5-turbo-1106_verbose",
}
PUBLISHED: Final = {"as it is": (9.178, 19.301), "concise": (7.416, 15.770), "verbose": (12.763, 22.001)}
"""AlpacaEval 2's leaderboard: win rate and length-controlled win rate, in percent."""
RUN_HEADER: Final = (
    "responses", "mean characters", "longer than the baseline, %", "win rate, %", "published",
    "published length-controlled", "ours, length alone", "ours, length and makeshift difficulty",
)  # fmt: skip
CONTRAST_HEADER: Final = (
    "contrast", "instructions", "change in characters", "longer, %", "win probability, points", "p (Holm)",
    "published win rates, points", "published length-controlled, points",
)  # fmt: skip
CAPTIONS: Final = {
    "runs": "One model at three lengths before one judge",
    "contrasts": "What asking for another length does to the win probability, the same instructions paired",
}
NOTES: Final = "Intervals at 95 %, over instructions. No experiment on length: verbose responses say more."
CONTRAST_MARKS: Final = {
    "effect": "win probability, paired",
    "published_win_rate": "published win rate",
    "published_length_controlled": "published, length-controlled",
}
RUN_MARKS: Final = {
    "length_controlled": "ours, length alone",
    "published_win_rate": "published win rate",
    "published_length_controlled": "published, length-controlled",
    "length_controlled_difficulty": "ours, with makeshift difficulty",
}
CERTAIN: Final = 0.001
"""Preferences are kept this far from 0 and 1 before they become log odds."""


def table_of(run: Run) -> pd.DataFrame:
    """The model's win probability and both lengths, a row an instruction, indexed by its text."""
    judgments = run.judgments().set_index("item_id")
    items = read_item_file(run.path / ITEMS)
    # upstream notes a tie, without asking, where both responses are the same
    won = judgments["p_b"].where(judgments["verdict"] != "tie", 0.5)
    return pd.DataFrame(
        {
            "win": won.loc[[item.id for item in items]].to_numpy(),
            "length": [len(item.response_b) for item in items],
            "baseline": [len(item.response_a) for item in items],
        },
        index=[item.prompt for item in items],
    )


def controlled(table: pd.DataFrame, difficulty: pd.Series[float] | None = None) -> LengthControlled:
    """Our length-controlled win rate of a run."""
    return length_controlled(
        table["win"], table["length"] - table["baseline"], np.arange(len(table)), difficulty=difficulty
    )


def difficulty_of(tables: dict[str, pd.DataFrame], name: str) -> pd.Series[float]:
    """The mean log odds of the wins on the same instruction in the other two runs."""
    wins = [np.clip(table["win"], CERTAIN, 1 - CERTAIN) for key, table in tables.items() if key != name]
    odds = [np.log(win / (1 - win)) for win in wins]
    return (odds[0] + odds[1].loc[odds[0].index]).loc[tables[name].index] / 2


def run_row(name: str, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """The figures of one run, in percent."""
    table = tables[name]
    win_rate, stated = PUBLISHED[name]
    plain, harder = controlled(table), controlled(table, difficulty_of(tables, name))
    return {
        "responses": name,
        "instructions": len(table),
        "mean_length": table["length"].mean(),
        "longer_than_baseline": 100 * (table["length"] > table["baseline"]).mean(),
        "win_rate": 100 * table["win"].mean(),
        "published_win_rate": win_rate,
        "published_length_controlled": stated,
        **_percent("length_controlled", plain),
        **_percent("length_controlled_difficulty", harder),
    }


def _percent(name: str, found: LengthControlled | Estimate) -> dict[str, float]:
    return {
        name: 100 * found.estimate,
        f"{name}_low": 100 * found.conf_low,
        f"{name}_high": 100 * found.conf_high,
    }


def contrast_row(name: str, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """The paired change from the responses as they are, in points."""
    base, changed = tables["as it is"], tables[name].loc[tables["as it is"].index]
    effect = paired_effect(changed["win"] - base["win"], np.arange(len(base)))
    return {
        "contrast": f"{name} - as it is",
        "instructions": len(base),
        "change_in_length": (changed["length"] - base["length"]).mean(),
        "longer": 100 * (changed["length"] > base["length"]).mean(),
        **_percent("effect", effect),
        "p_value": effect.p_value,
        "published_win_rate": PUBLISHED[name][0] - PUBLISHED["as it is"][0],
        "published_length_controlled": PUBLISHED[name][1] - PUBLISHED["as it is"][1],
    }


def with_interval(line: pd.Series[Any], name: str, *, signed: bool) -> str:
    """The estimate with its interval."""
    value, low, high = (quantity(line[name + end], signed=signed) for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def runs_cells(table: pd.DataFrame) -> list[list[str]]:
    """The runs as text, the heads first."""
    lines = [list(RUN_HEADER)]
    lines += [
        [
            line["responses"],
            quantity(line["mean_length"], signed=False, decimals=0),
            quantity(line["longer_than_baseline"], signed=False),
            quantity(line["win_rate"], signed=False, decimals=3),
            quantity(line["published_win_rate"], signed=False, decimals=3),
            quantity(line["published_length_controlled"], signed=False, decimals=3),
            with_interval(line, "length_controlled", signed=False),
            with_interval(line, "length_controlled_difficulty", signed=False),
        ]
        for _, line in table.iterrows()
    ]
    return lines


def contrasts_cells(table: pd.DataFrame) -> list[list[str]]:
    """The contrasts as text, the heads first."""
    lines = [list(CONTRAST_HEADER)]
    lines += [
        [
            line["contrast"].replace("-", "minus"),
            str(line["instructions"]),
            quantity(line["change_in_length"], signed=True, decimals=0),
            quantity(line["longer"], signed=False),
            with_interval(line, "effect", signed=True),
            p_value(line["p_adjusted"]),
            quantity(line["published_win_rate"], signed=True),
            quantity(line["published_length_controlled"], signed=True),
        ]
        for _, line in table.iterrows()
    ]
    return lines


def _markdown(lines: list[list[str]]) -> str:
    rows = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def write(name: str, table: pd.DataFrame, lines: list[list[str]]) -> None:
    """Write a table as Markdown, LaTeX and CSV beside this script."""
    rows = tuple(Row(tuple(cells)) for cells in lines[1:])
    latex = table_latex(Table(f"lengths-{name}", CAPTIONS[name], tuple(lines[0]), rows), (NOTES,))
    (HERE / f"{name}.md").write_text(_markdown(lines), encoding="utf-8")
    (HERE / f"{name}.tex").write_text(latex, encoding="utf-8")
    table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.6f", lineterminator="\n")


def picture(runs: pd.DataFrame, contrasts: pd.DataFrame) -> None:
    """The contrasts beside the win rates, each with what is published and what intervals there are."""
    with house_style():
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        marks = list(dict.fromkeys([*CONTRAST_MARKS, *RUN_MARKS]))
        left.axvline(0, color=ink(), linewidth=0.8)
        panel(
            left,
            contrasts,
            contrasts["contrast"].str.replace(" - ", " minus\n"),
            CONTRAST_MARKS,
            marks,
        )
        left.set_xlabel("change in win probability, points")
        points_axis(left.xaxis)
        panel(right, runs, runs["responses"], RUN_MARKS, marks)
        right.set_xlabel("win rate, %")
        right.set_xlim(left=0)
        points_axis(right.xaxis, signed=False)
        names = {**RUN_MARKS, **CONTRAST_MARKS}
        handles = [
            Line2D([], [], label=names[mark], **{**judge_look(i), "linestyle": "none"})
            for i, mark in enumerate(marks)
        ]
        below(figure, handles, 3)
    for suffix in (".svg", ".pdf"):
        write_figure(figure, HERE / f"lengths{suffix}")


def panel(axis: Axes, table: pd.DataFrame, names: pd.Series, shown: dict[str, str], marks: list[str]) -> None:
    """A row a line of the table, in it a mark for each figure that is shown, with its interval where there is one."""
    for y, (_, line) in enumerate(table.iterrows()):
        for place, mark in enumerate(shown):
            look = {**judge_look(marks.index(mark)), "linestyle": "none"}
            at = y + spread(place, len(shown), 0.17)
            if f"{mark}_low" in line:
                ends = [line[f"{mark}_low"], line[f"{mark}_high"]]
                axis.plot(ends, [at, at], color=look["color"], linestyle="-", marker="")
            axis.plot(line[mark], at, **look)
    axis.set_yticks(range(len(table)), list(names))
    axis.set_ylim(len(table) - 0.45, -0.55)


def main() -> None:
    """Write the runs and the contrasts, and the figure of both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, metavar="PATH/TO/results")
    folder = parser.parse_args().results
    tables = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, model in MODELS.items():
            (run,) = import_recordings(folder / model / ANNOTATIONS, "alpaca_eval", Path(scratch) / model)
            tables[name] = table_of(run)
    runs = pd.DataFrame([run_row(name, tables) for name in MODELS])
    contrasts = pd.DataFrame([contrast_row(name, tables) for name in ("concise", "verbose")])
    contrasts["p_adjusted"] = holm(contrasts["p_value"])
    write("runs", runs, runs_cells(runs))
    write("contrasts", contrasts, contrasts_cells(contrasts))
    picture(runs, contrasts)


if __name__ == "__main__":
    main()
