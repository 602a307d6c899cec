import re
import shutil
import subprocess
from pathlib import Path

import pytest

from judgebench.report.choose import TABLES, Wanted, render_tables
from judgebench.report.judge_tables import accuracy_table, position_table
from judgebench.report.latex import escape, standalone_document, table_latex
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table


def latex(audits: list[Audit], table: str = "main", *, stars: bool = False) -> str:
    return render_tables("latex", audits, Wanted(table, stars=stars))


def cells(line: str) -> int:
    """How many columns a row fills."""
    spans = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", line))
    return len(re.findall(r"(?<!\\)&", line)) + 1 + spans


@pytest.mark.parametrize("which", ["audit", "simulated", "hostile"])
def test_braces_balance_and_rows_fill_the_columns(which: str, request: pytest.FixtureRequest) -> None:
    audit = request.getfixturevalue(which)
    beside = (
        [] if which == "hostile" else [latex([audit], "beside")]
    )  # nothing is known beside hostile effects
    for text in (latex([audit]), latex([audit, audit]), *beside):
        bare = re.sub(r"\\[{}]", "", text)
        assert bare.count("{") == bare.count("}")
        sides = re.search(r"\\begin\{tabular\}\{([lr]+)\}", text)
        assert sides
        rows = [line for line in text.splitlines() if line.endswith(r"\\")]
        assert {cells(line) for line in rows} == {len(sides[1])}


def test_it_is_a_booktabs_table_with_notes(audit: Audit) -> None:
    text = latex([audit])
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"\caption{", r"\label{tab:effects}"):
        assert text.count(part) == 1
    assert r"Authority & $+6.2$ & $[+3.1, +9.3]$ & $.002$ & biased \\" in text
    for note in ("n = 400 items", r"95~\%, by CT", r"$\pm$5 points", "Holm over 8 confirmatory effects"):
        assert note in text


def test_judges_stand_side_by_side(three: list[Audit]) -> None:
    text = latex(three)
    assert text.count(r"\multicolumn{3}{c}") == 3
    assert r"\cmidrule(lr){8-10}" in text
    one = r"$-0.4$ & $\circ$ & $[-2.5, +1.7]$"
    assert rf"Distraction & {one} & {one} & -- & -- & -- \\" in text
    assert r"$\bullet$ biased; $\diamond$ detectable, negligible" in text


def test_stars_come_when_they_are_asked_for_and_are_explained(audit: Audit) -> None:
    assert "^{*" not in latex([audit])
    starred = latex([audit], stars=True)
    assert r"Authority & $+6.2^{**}$ & $[+3.1, +9.3]$" in starred
    assert r"p \textless{} .05" in starred


def test_position_and_accuracy_have_a_row_a_judge(three: list[Audit]) -> None:
    assert [row.cells[:2] for row in accuracy_table(three).rows] == [(a.judge, "400") for a in three]
    first = position_table(three).rows[0].cells
    assert first == (
        "openai/gpt-5-mini",
        "+8.2",
        "[+5.1, +11.3]",
        "21.4",
        "[18.0, 25.0]",
        "4.1",
        "+17.3",
        "biased",
    )


def test_thousands_in_a_cell_are_parted_as_latex_parts_them() -> None:
    text = table_latex(Table("t", "c", ("Items", "n"), (Row(("a", "12\u2009345")),)))
    assert r"a & $12\,345$ \\" in text


def test_no_character_is_left_that_latex_reads(hostile: Audit) -> None:
    shown = escape("a_b%c&d#e$f{g}h~i^j\\k<l>[m]*--\u202e\U0001f600é")
    assert shown == (
        r"a\_b\%c\&d\#e\$f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k\textless{}l\textgreater{}"
        r"{[}m{]}{*}-{}-\textbackslash{}u202e{[}U+1F600{]}é"
    )
    assert "\\input" not in latex([hostile])


def test_a_long_table_goes_over_pages_with_its_heads(audit: Audit) -> None:
    text = latex([audit], "full")
    assert text.count(r"\begin{longtable}") == text.count(r"\endhead") == 1
    assert r"\begin{table}" not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("how", ["one", "several", "hostile"])
def test_every_table_compiles_in_a_document_of_its_own(
    name: str, how: str, rich: Audit, hostile_rich: Audit, tmp_path: Path
) -> None:
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("pdflatex is not installed")
    audits = {"one": [rich], "several": [rich, rich], "hostile": [hostile_rich, rich]}[how]
    document = standalone_document(latex(audits, name))
    (tmp_path / "a.tex").write_text(document, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, errors="replace"
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "a.pdf").stat().st_size > 5000
