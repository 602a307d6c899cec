"""Write a report's files: one HTML page, the tables of a paper, and the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from judgebench.errors import InputError
from judgebench.report.choose import TABLES, Wanted, render_tables
from judgebench.report.csv import render_csv
from judgebench.report.facts import table_notes
from judgebench.report.figures import FIGURES, check_style, write_figure
from judgebench.report.html import render_html
from judgebench.report.latex import table_latex
from judgebench.report.markdown import render_markdown
from judgebench.report.methods import methods_files
from judgebench.report.model import Audit

__all__ = ["render", "write_figures", "write_reports"]

_RENDERERS: Final[Mapping[str, Callable[[Sequence[Audit]], str]]] = {
    "html": render_html,
    "latex": lambda audits: render_tables("latex", audits, Wanted()),
    "markdown": render_markdown,
    "csv": render_csv,
}


def render(form: str, audits: Sequence[Audit], wanted: Wanted | None = None) -> str:
    """The report of one or more judges as one text: `html`, `latex`, `markdown` or `csv`.

    Args:
        form: Which.
        audits: One a judge.
        wanted: One table in place of the whole report; LaTeX is the main table where None.

    Raises:
        InputError: There is no such table or column, or the audits have nothing to put into it.
    """
    return _RENDERERS[form](audits) if wanted is None else render_tables(form, audits, wanted)


def write_reports(out_dir: Path, audits: Sequence[Audit]) -> tuple[Path, ...]:
    """Write `report.html`, `effects.csv`, `tables/` and `figures/` under `out_dir`.

    `tables/` holds every table that has rows as LaTeX, and the methods paragraph with its references. A figure without
    data is not written; what an earlier call wrote is replaced.

    Args:
        out_dir: The folder, made where it is missing.
        audits: One a judge.

    Returns:
        The files written, in the order of writing.

    Raises:
        InputError: There is no audit.
    """
    if not audits:
        raise InputError("there is nothing to report", expected="at least one audit")
    texts = {"report.html": render_html(audits), "effects.csv": _plain_csv(audits), **_tables(audits)}
    texts |= {f"tables/{name}": text for name, text in methods_files(audits).items()}
    written = [_write(out_dir / name, text) for name, text in texts.items()]
    return (*written, *write_figures(out_dir / "figures", audits))


def write_figures(
    out_dir: Path,
    audits: Sequence[Audit],
    *,
    suffixes: Sequence[str] = (".pdf", ".png"),
    style: Path | None = None,
) -> tuple[Path, ...]:
    """Write every figure for which the audits have data.

    Args:
        out_dir: The folder, made where it is missing.
        audits: One a judge.
        suffixes: `.pdf`, `.svg` or `.png`.
        style: A style sheet of matplotlib's, laid over the house's own.

    Returns:
        The files written.

    Raises:
        InputError: The style sheet is missing or broken.
    """
    if style is not None:
        check_style(style)
    written = []
    for name, make in FIGURES.items():
        figure = make(audits, style)
        if figure is None:
            continue
        out_dir.mkdir(parents=True, exist_ok=True)
        for suffix in suffixes:
            write_figure(figure, path := out_dir / f"{name}{suffix}", style)
            written.append(path)
    return tuple(written)


def _plain_csv(audits: Sequence[Audit]) -> str:
    """The effects without the truth of simulated judges: the columns that other programs rely on."""
    return render_csv([replace(audit, truth=None) for audit in audits])


def _tables(audits: Sequence[Audit]) -> dict[str, str]:
    """Every table that has rows, as LaTeX; the one of all effects is too long for a paper."""
    found = [table for name, make in TABLES.items() if name != "full" for table in make(audits, Wanted(name))]
    return {f"tables/{t.name}.tex": table_latex(t, table_notes(t, audits)) for t in found if t.rows}


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
