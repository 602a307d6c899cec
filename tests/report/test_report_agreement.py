"""All outputs print the same figures."""

import csv
import html
import io
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import pytest

from judgebench.analysis.files import EFFECTS, _write
from judgebench.analysis.schema import EFFECT_COLUMNS
from judgebench.report.choose import TABLES, Wanted, render_tables
from judgebench.report.csv import render_csv
from judgebench.report.effects import lines_of
from judgebench.report.facts import instrument_lines
from judgebench.report.formats import MINUS, line_name
from judgebench.report.html import render_html
from judgebench.report.markdown import render_markdown
from judgebench.report.model import Audit
from judgebench.report.terminal import render_terminal

WITH_INTERVALS = {
    "main",
    "category",
    "dose",
    "mitigation",
    "mitigation_cost",
    "accuracy",
    "self_preference",
    "self_recognition",
    "full",
}
ALL = {
    "self_preference": ("raw", "dbg", "adjusted", "own_quality_gap")
}  # by itself it prints the chief ones alone
KEYS = ("bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation")
NUMBERS = ("estimate", "conf_low", "conf_high", "p_value")
COSTS = ("tokens per ", "USD per ", "seconds per ")
FAMILY = "Invariance|Discrimination"
FIGURES = re.compile(
    r"([-+]?[\d.]+)\s*[|&]?\s*\[([-+]?[\d.]+), ([-+]?[\d.]+)\]\s*[|&]?[^|&\d]*?([<>]?\.\d{3})"
)


def plain(text: str) -> str:
    """The text of an output without its markup."""
    text = re.sub(r"<(?:small|/small|/?td[^>]*|/?th[^>]*|/?tr)>", " ", text)
    return re.sub(r"\\(?=[|\[\]*_])|\$", "", html.unescape(text)).replace(MINUS, "-")


def printed(text: str, name: str) -> tuple[str, ...]:
    """Estimate, interval and p-value in the first line that begins with the name."""
    rows = re.findall(
        rf"^[\s|]*(?:{FAMILY})?\s*{re.escape(name)}[\s|&]+(?:{FAMILY})?\s*([-+\d].*)$", text, re.MULTILINE
    )
    found = FIGURES.search(rows[0])
    assert found, rows
    return found.groups()


def shared(row: dict[str, str]) -> tuple[str, ...]:
    """The same from the CSV's full precision."""
    points = [f"{100 * float(row[key]):+.1f}" for key in ("estimate", "conf_low", "conf_high")]
    p = float(row["p_adjusted"])
    shown = "<.001" if p < 0.0005 else ">.999" if p > 0.9995 else f"{p:.3f}"[1:]
    return (*points, shown)


def bare(text: str) -> str:
    """Without the terminal's forest, whose characters stand between interval and p-value."""
    return re.sub(r"[┊│─┼●◆○▽◂▸]", " ", text)


def test_every_output_prints_the_same_effects(audit: Audit) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv([audit]))))
    outputs = {
        "terminal": render_terminal([audit], width=80),
        "wide": render_terminal([audit], width=120),
        "markdown": render_markdown([audit]),
        "latex": render_tables("latex", [audit], Wanted()).replace(r"$\times$", "\N{MULTIPLICATION SIGN}"),
        "html": render_html([audit]),
        "table": render_tables("html", [audit], Wanted()),
    }
    outputs["table"] = re.sub(r"</td>\s*<td", "</td><td", outputs["table"])
    outputs = {key: bare(plain(text)) for key, text in outputs.items()}
    lines = lines_of(audit)
    assert len(lines) == 8
    for line in lines:
        expected = shared(
            next(r for r in rows if r["perturbation"] == line.primary.perturbation and r["decision"])
        )
        shown = {key: printed(text, line_name(line)) for key, text in outputs.items()}
        assert shown == dict.fromkeys(outputs, expected)


@pytest.fixture(scope="module")
def written(rich: Audit, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The rows of `effects.json`, as the analysis writes them."""
    path = tmp_path_factory.mktemp("agreement") / EFFECTS
    _write(path, rich.effects, EFFECT_COLUMNS)
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def figures(row: Mapping[str, Any]) -> tuple[str, str]:
    """Estimate and interval as they must be printed, from the CSV's full precision; without plus signs."""
    values = [float(row[key]) for key in ("estimate", "conf_low", "conf_high")]
    if row["unit"].startswith(COSTS):
        decimals = max(0, 2 - math.floor(math.log10(max(map(abs, values)) or 1)))
        shown = [f"{value:,.{decimals}f}".replace(",", "") for value in values]
    elif row["unit"] in {"log odds", "correlation"}:
        shown = [f"{value:.3f}" for value in values]
    else:
        shown = [f"{100 * value:.1f}" for value in values]
    shown = [re.sub(r"^-(0\.0+)$", r"\1", text) for text in shown]
    return shown[0], f"[{shown[1]}, {shown[2]}]"


def unsigned(text: str) -> str:
    """An output without markup, plus signs and the spaces between thousands."""
    return (
        re.sub(r"\+(?=\d)", "", plain(text).replace("\u2009", "").replace("\\,", ""))
        .replace("{", "")
        .replace("}", "")
    )


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_prints_the_figures_of_the_json_file_in_every_format(
    rich: Audit, written: list[dict[str, Any]], name: str
) -> None:
    wanted = Wanted(name)
    if not any(table.rows for table in TABLES[name]([rich], wanted)):
        pytest.skip("the audit has no such effects")
    rows = list(csv.DictReader(io.StringIO(render_tables("csv", [rich], wanted))))
    known = {tuple(map(row.get, KEYS)): row for row in written}
    for row in rows:
        same = known[tuple(row[key].removeprefix("'") for key in KEYS)]
        assert [float(row[key]) for key in NUMBERS] == [same[key] for key in NUMBERS]
    for form in ("markdown", "latex", "html"):
        text = unsigned(render_tables(form, [rich], Wanted(name, ALL.get(name))))
        for row in rows:
            estimate, interval = figures(row)
            assert re.search(rf"(?<![\d.]){re.escape(estimate)}(?![\d.]*\d)", text), (form, row)
            assert name not in WITH_INTERVALS or interval in text, (form, row)


def test_the_instrument_and_the_mitigations_have_the_same_figures_on_the_page_and_in_the_terminal(
    rich: Audit, written: list[dict[str, Any]]
) -> None:
    page = unsigned(re.sub(r"<[^>]*>", " ", render_html([rich])))
    outputs = {
        "page": page,
        "markdown": unsigned(render_markdown([rich])),
        "terminal": unsigned(render_terminal([rich])),
    }
    by_key = {tuple(map(row.get, KEYS)): row for row in written}
    lines = instrument_lines(rich)
    assert len(lines) > 4
    for _, effect in lines:
        estimate, interval = figures(by_key[tuple(getattr(effect, key) for key in KEYS)])
        for output, text in outputs.items():
            assert re.search(rf"{re.escape(estimate)} \S+[\s|]+{re.escape(interval)}", text), (output, effect)
    told = (
        "bias_removed",
        "accuracy_change",
        "extra_tokens",
        "tokens_per_point",
        "extra_usd",
        "usd_per_point",
    )
    for row in (row for row in written if row["estimand"] in told):
        assert re.search(r"\s+".join(map(re.escape, figures(row))), page), row
