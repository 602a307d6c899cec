"""All outputs print the same figures."""

import csv
import html
import io
import re

from judgebench.report.choose import Wanted, render_tables
from judgebench.report.csv import render_csv
from judgebench.report.effects import lines_of
from judgebench.report.formats import MINUS, line_name
from judgebench.report.html import render_html
from judgebench.report.markdown import render_markdown
from judgebench.report.model import Audit
from judgebench.report.terminal import render_terminal

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
