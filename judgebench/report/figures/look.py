"""The look that all figures share: the style sheet, colours and marks, and how a figure is written.

Colours are Okabe and Ito's (2008), which colour-blind readers can tell apart; the marker's shape says the
same, so that a grey print loses nothing. Nothing here touches matplotlib's global state.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context, rc_params_from_file, rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.legend import Legend
from matplotlib.ticker import MaxNLocator

from judgebench.errors import InputError, nearest
from judgebench.report import formats
from judgebench.report.effects import Effect

__all__ = [
    "GREY",
    "INK",
    "LOOKS",
    "SHADE",
    "Look",
    "below",
    "check_style",
    "glyphs",
    "house_style",
    "ink",
    "judge_look",
    "margin_band",
    "plain",
    "points_axis",
    "spread",
    "svg_of",
    "truth_mark",
    "whisker",
    "write_figure",
]

INK: Final = "#1a1a1a"  # the colour of all text and axes; the HTML page replaces it by the reader's own
GREY: Final = "#767676"
SHADE: Final = 0.18
_STYLE: Final = Path(__file__).with_name("judgebench.mplstyle")


@dataclass(frozen=True, slots=True)
class Look:
    """A marker: its shape, its colour, and whether it is filled."""

    marker: str
    colour: str
    filled: bool

    @property
    def marks(self) -> dict[str, Any]:
        """Its settings for `plot`."""
        face = self.colour if self.filled else "white"
        return {"marker": self.marker, "color": self.colour, "markerfacecolor": face}


LOOKS: Final = {
    "biased": Look("o", "#D55E00", filled=True),
    "negligible": Look("D", "#0072B2", filled=True),
    "equivalent": Look("o", "#009E73", filled=False),
    "inconclusive": Look("v", "#CC79A7", filled=False),
    "": Look("|", GREY, filled=True),
}
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_LINES: Final = ("-", "--", "-.", ":")


def check_style(path: Path) -> None:
    """Check that a file is a style sheet of matplotlib's.

    Raises:
        InputError: There is no such file, or it is no style sheet.
    """
    if not path.is_file():
        raise InputError("there is no such style sheet", file=path, expected="a file in matplotlib's format")
    try:
        _check_names(path)
        rc_params_from_file(path, fail_on_error=True, use_default_template=False)
    except ValueError as error:  # the second also where it is not UTF-8
        raise InputError(
            f"the style sheet is broken: {str(error).splitlines()[0]}",
            file=path,
            expected="settings of matplotlib, `name: value` on a line",
        ) from error


def _check_names(path: Path) -> None:
    """Matplotlib only logs a name that it does not know."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name = line.partition("#")[0].partition(":")[0].strip()
        if name and name not in rcParams:
            raise InputError(
                f"matplotlib has no setting {name!r}",
                file=path,
                line=number,
                expected="settings of a style sheet, `name: value`",
                suggestion=nearest(name, list(rcParams)),
            )


@contextmanager
def house_style(style: Path | None = None) -> Iterator[None]:
    """Draw with the house style and what the user's sheet lays over it, whatever the caller's settings are."""
    with rc_context(fname=_STYLE), rc_context(fname=style) if style else nullcontext():
        yield


def ink() -> str:
    """The colour of text in the style in force."""
    return str(rcParams["text.color"])


def judge_look(index: int) -> dict[str, Any]:
    """Colour, marker and line of the judge of that number, from the style's cycle; it begins again after the last."""
    cycle = list(rcParams["axes.prop_cycle"])
    own = cycle[index % len(cycle)]
    usual = {"marker": _MARKERS[index % len(_MARKERS)], "linestyle": _LINES[index % len(_LINES)]}
    return {**usual, **own}


def truth_mark(marker: str = "|") -> dict[str, Any]:
    """How a planted truth is drawn."""
    return {"marker": marker, "color": ink(), "linestyle": "none", "markersize": 15, "markeredgewidth": 1.6}


def margin_band(axis: Axes, margin: float | None, *, along: str) -> None:
    """Zero, and the margin about it, for effects `along` x or y, in points."""
    band, line = (axis.axvspan, axis.axvline) if along == "x" else (axis.axhspan, axis.axhline)
    if margin:
        band(-100 * margin, 100 * margin, color=GREY, alpha=SHADE, linewidth=0)
    line(0, color=ink(), linewidth=0.8)


def whisker(
    axis: Axes, effect: Effect | None, at: float, *, along: str, colour: str, scale: float = 100
) -> None:
    """The interval of an effect `along` x or y: in points, or on another scale."""
    if effect is None or effect.conf_low is None or effect.conf_high is None:
        return
    ends, level = [scale * effect.conf_low, scale * effect.conf_high], [at, at]
    axis.plot(
        *((ends, level) if along == "x" else (level, ends)), color=colour, linestyle="-", zorder=2, marker=""
    )


def points_axis(axis: Axis, *, signed: bool = True) -> None:
    """Whole points on an axis, with signs for effects."""
    axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axis.set_major_formatter(lambda value, _: formats.quantity(value, signed=signed, decimals=0))


def spread(index: int, count: int, width: float) -> float:
    """How far aside the mark of number `index` of `count` is drawn, so that they do not hide each other."""
    return (index - (count - 1) / 2) * width


def plain(legend: Legend) -> None:
    """Names in a legend are text, not mathematics."""
    for text in legend.get_texts():
        text.set_parse_math(False)


def below(figure: Figure, handles: Sequence[Artist], columns: int) -> None:
    """A legend under the figure."""
    plain(figure.legend(handles=list(handles), loc="outside lower center", ncols=columns))


def glyphs(text: str) -> str:
    """Text with only the characters that the font holds; another stands as the replacement character."""
    held = get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap()
    return "".join(c if ord(c) in held else "\N{REPLACEMENT CHARACTER}" for c in text)


def write_figure(figure: Figure, path: Path, style: Path | None = None) -> None:
    """Write the figure as PDF, SVG or PNG, by the path's suffix; the same figure gives the same bytes."""
    dateless = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {"Software": None}}
    metadata: dict[str, Any] = {"Title": "judgebench", **dateless[path.suffix]}
    FigureCanvasAgg(figure)
    with house_style(style):
        figure.savefig(path, metadata=metadata)


def svg_of(figure: Figure, label: str, prefix: str) -> str:
    """The figure as an SVG element for a page: no fixed size, no metadata, ink in the page's own colour.

    Args:
        figure: The figure.
        label: What it shows, for readers who do not see it; must be plain text without markup characters.
        prefix: Put before every id, so that two figures on a page do not share one.
    """
    buffer = io.StringIO()
    with house_style():
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r'(?<=\bid=")|(?<=href="#)|(?<=url\(#)', prefix, text)
    text = re.sub(r'style="[^"<>]*"', lambda m: m[0].replace(INK, "currentColor"), text)
    text = re.sub(r' (?:width|height)="[^"]*pt"', "", text, count=2)
    room = f"max-width: {figure.get_figwidth() * 7.5:.0f}rem"
    return text.replace("<svg", f'<svg role="img" aria-label="{label}" style="{room}"', 1)
