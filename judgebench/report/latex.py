r"""The tables as LaTeX with booktabs: to be put into a paper with `\input`, or compiled alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from judgebench.report import formats
from judgebench.report.table import Row, Table
from judgebench.report.text import clean, shorten

__all__ = ["escape", "standalone_document", "table_latex"]

_LONG: Final = 40  # rows from which on a table does not fit on a page
_NARROW: Final = 13  # characters of a head on one line
_ROOMY: Final = 8  # columns from which on the room between them is cut
_SIZES: Final = ((6, ""), (9, r"\small"), (12, r"\footnotesize"), (1000, r"\scriptsize"))

_ESCAPES: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",  # after a row's end these would be read as its options
    "\N{MINUS SIGN}": "$-$",
    "\0": "{}",  # parts hyphens, which would join into a dash
    "\N{EN DASH}": "--",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "±": r"$\pm$",
    "·": r"$\cdot$",
    "…": r"\dots{}",
    "\N{THIN SPACE}": r"\,",
    "\N{NO-BREAK SPACE}": "~",
    "\N{CHECK MARK}": r"$\surd$",
    "\N{BALLOT X}": r"$\times$",
    "“": "``",
    "”": "''",
    "●": r"$\bullet$",
    "◆": r"$\diamond$",
    "○": r"$\circ$",
    "▽": r"$\bigtriangledown$",
}
_IN_MATHS: Final = str.maketrans({formats.MINUS: "-", "\N{THIN SPACE}": r"\,"})
_LATIN: Final = 0x17F  # the end of Latin Extended-A: what T1 fonts hold


def escape(text: str) -> str:
    """Text that LaTeX prints as it is; what no Latin font holds stands as its code point."""
    together = clean(text).replace("--", "-\0-").replace(" %", "\N{NO-BREAK SPACE}%")
    return "".join(map(_escaped, together))


def table_latex(table: Table, notes: Sequence[str] = ()) -> str:
    r"""A table as a floating one with its caption, label and notes; a long one as a `longtable`.

    The comment above it names the packages that it needs beside `booktabs`' own.
    """
    sides = "".join("l" if i in table.left else "r" for i in range(len(table.columns)))
    head = [*_spans(table), " & ".join(map(_head, table.columns, sides)) + r" \\"]
    whole = _Parts(table, sides, head, _body(table.rows, len(table.columns)), escape(" ".join(notes)))
    return _long(whole) if len(table.rows) > _LONG else _float(whole)


def standalone_document(*tables: str) -> str:
    """A document that holds the tables and nothing else, to see that they compile."""
    return "\n".join(
        (
            r"\documentclass{article}",
            r"\usepackage[T1]{fontenc}",
            r"\usepackage[utf8]{inputenc}",
            r"\usepackage{textcomp}",
            r"\usepackage[margin=1.5cm,landscape]{geometry}",
            r"\usepackage{lmodern}",
            r"\usepackage{booktabs,longtable}",
            r"\begin{document}",
            *tables,
            r"\end{document}",
            "",
        )
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a table is put together from: the heads and the body are lines of LaTeX."""

    table: Table
    sides: str
    head: Sequence[str]
    body: Sequence[str]
    notes: str

    @property
    def size(self) -> str:
        """The type size at which the columns fit on a page, with the room between them."""
        width = len(self.sides)
        size = next(size for most, size in _SIZES if width <= most)
        return size + (r"\setlength{\tabcolsep}{3pt}" if width > _ROOMY else "")


def _float(parts: _Parts) -> str:
    lines = [
        r"% needs \usepackage{booktabs} and, outside LuaLaTeX and XeLaTeX, \usepackage[T1]{fontenc}",
        r"\begin{table}[tbp]",
        r"\centering" + parts.size,
        rf"\caption{{{escape(parts.table.caption)}}}",
        rf"\label{{tab:{parts.table.name}}}",
        rf"\begin{{tabular}}{{{parts.sides}}}",
        r"\toprule",
        *parts.head,
        r"\midrule",
        *parts.body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if parts.notes:
        note = rf"\begin{{minipage}}{{\linewidth}}\footnotesize\raggedright {parts.notes}\end{{minipage}}"
        lines += ["", r"\medskip", note]
    return "\n".join((*lines, r"\end{table}", ""))


def _long(parts: _Parts) -> str:
    """A table of several pages: the heads come again on each, the notes stand after the last."""
    heads = [r"\toprule", *parts.head, r"\midrule"]
    return "\n".join(
        (
            r"% needs \usepackage{booktabs,longtable} and, outside LuaLaTeX and XeLaTeX, \usepackage[T1]{fontenc}",
            r"\begingroup" + parts.size,
            rf"\begin{{longtable}}{{{parts.sides}}}",
            rf"\caption{{{escape(parts.table.caption)}}}\label{{tab:{parts.table.name}}} \\",
            *heads,
            r"\endfirsthead",
            *heads,
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *parts.body,
            r"\end{longtable}",
            rf"\noindent\footnotesize\raggedright {parts.notes}\par",
            r"\endgroup",
            "",
        )
    )


def _spans(table: Table) -> list[str]:
    """The line of heads above the heads, with a rule under each."""
    if not table.spans:
        return []
    ends = list(accumulate((width for _, width in table.spans), initial=1))
    cells = "".join(
        rf" & \multicolumn{{{width}}}{{c}}{{{escape(shorten(name, 24))}}}" for name, width in table.spans
    )
    rules = (rf"\cmidrule(lr){{{start + 1}-{end}}}" for start, end in pairwise(ends))
    return [cells + r" \\", "".join(rules)]


def _body(rows: Sequence[Row], width: int) -> list[str]:
    """The rows, with the name of each group above its first row."""
    lines: list[str] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines += [
                *([r"\addlinespace"] if lines else []),
                rf"\multicolumn{{{width}}}{{l}}{{\emph{{{escape(group)}}}}} \\",
            ]
        lines.append(" & ".join(map(_cell, row.cells)) + r" \\")
    return lines


def _head(text: str, side: str) -> str:
    """A head, on two lines where it would make its column wide."""
    if len(text) <= _NARROW or " " not in text:
        return _cell(text)
    spaces = [i for i, character in enumerate(text) if character == " "]
    middle = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return rf"\shortstack[{side}]{{{escape(text[:middle])} \\ {escape(text[middle + 1 :])}}}"


def _cell(text: str) -> str:
    bare = text.rstrip("*")
    if not formats.is_number(bare):
        return escape(text)
    stars = f"^{{{text[len(bare) :]}}}" if bare != text else ""
    return f"${bare.translate(_IN_MATHS)}{stars}$"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if ord(character) <= _LATIN else f"{{[}}U+{ord(character):04X}{{]}}"
