import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from judgebench.analysis.planning import Wanted
from judgebench.audit import make_forecast, make_plan
from judgebench.errors import InputError
from judgebench.report.figures import (
    FIGURES,
    INK,
    dose_figure,
    forest_figure,
    heat_figure,
    mitigation_cost_figure,
    mitigation_figure,
    position_figure,
    power_figure,
    reliability_figure,
    self_preference_figure,
    svg_of,
    write_figure,
)
from judgebench.report.figures.heat import _broken
from judgebench.report.model import Audit
from judgebench.report.write import write_figures
from judgebench.stats.calibration import reliability_curve
from judgebench.suite import load_suite


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314  # our own file


def svg(audits: list[Audit]) -> str:
    figure = forest_figure(audits)
    assert figure is not None
    return svg_of(figure, "a forest", "f-")


def test_the_forest_names_every_line_family_and_figure(simulated: Audit) -> None:
    shown = texts(svg([simulated]))
    for text in ("Authority", "Invariance", "Discrimination", "sim/mild", "truth", "+6.2 [+3.1, +9.3]"):
        assert text in shown
    assert {"biased", "detectable, negligible", "equivalent", "inconclusive"} <= set(shown)


def test_judges_have_a_column_each_and_families_a_scale_each(three: list[Audit]) -> None:
    figure = forest_figure(three)
    assert figure is not None
    panels = figure.get_axes()
    assert len(panels) == 6
    assert panels[0].get_xlim() == panels[2].get_xlim()
    assert panels[3].get_xlim()[0] < -50 < panels[0].get_xlim()[0]


def test_the_interval_is_drawn_where_the_numbers_are(audit: Audit) -> None:
    figure = forest_figure([audit])
    assert figure is not None
    drawn = [list(map(float, line.get_xdata())) for line in figure.get_axes()[0].get_lines()]
    assert pytest.approx([5.11, 11.33]) in drawn
    assert [pytest.approx(8.215)] in drawn


def test_decisions_differ_by_shape_and_not_by_colour_alone(audit: Audit) -> None:
    figure = forest_figure([audit])
    assert figure is not None
    handles = [h for h in figure.legends[0].legend_handles if h is not None]
    marks = [
        h.get_marker() + str(h.get_markerfacecolor() == "white") for h in handles if hasattr(h, "get_marker")
    ]
    assert len(set(marks[:4])) == 4


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
def test_the_same_audit_gives_the_same_bytes_without_a_date(
    audit: Audit, suffix: str, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        figure = forest_figure([audit])
        assert figure is not None
        write_figure(figure, tmp_path / f"{name}.{suffix}")
    content = (tmp_path / f"a.{suffix}").read_bytes()
    assert content == (tmp_path / f"b.{suffix}").read_bytes()
    assert len(content) > 5000
    assert not re.search(rb"CreationDate|dc:date|20[2-9]\d-\d\d-\d\d", content)
    assert b"judgebench" in content


def test_hostile_names_are_text_and_draw_without_a_warning(hostile: Audit) -> None:
    image = svg([hostile])
    assert any("<script>" in text for text in texts(image))
    assert not [e for e in ET.fromstring(image).iter() if e.tag.endswith("script")]  # noqa: S314  # as above


def test_dollars_are_no_mathematics_and_missing_glyphs_no_warning(make_audit: Callable[..., Audit]) -> None:
    judge = "sim/$\\frac{$ \U0001f9ff"
    assert any(
        judge[:11] in text and "\N{REPLACEMENT CHARACTER}" in text for text in texts(svg([make_audit(judge)]))
    )
    assert dose_figure([make_audit(judge), make_audit("sim/$x$")]) is not None


def test_svg_takes_the_pages_ink_and_has_its_own_ids(audit: Audit) -> None:
    image = svg([audit])
    assert image.startswith('<svg role="img" aria-label="a forest"')
    assert INK not in image
    assert "currentColor" in image
    ids = set(re.findall(r'\bid="([^"]+)"', image))
    assert ids
    assert all(name.startswith("f-") for name in ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', image)) <= ids


def test_doses_have_a_panel_and_their_order(audit: Audit, simulated: Audit) -> None:
    figure = dose_figure([audit, simulated])
    assert figure is not None
    (panel,) = figure.get_axes()
    assert list(panel.get_xticks()) == [1.5, 2.0]
    line = next(line for line in panel.get_lines() if line.get_label() == "openai/gpt-5-mini")
    assert list(map(float, line.get_ydata())) == pytest.approx([3.92, 8.77])
    assert [text.get_text() for text in figure.legends[0].get_texts()].count("truth") == 1


def test_a_judge_without_doses_is_not_in_their_legend(three: list[Audit]) -> None:
    figure = dose_figure(three)
    assert figure is not None
    assert "anthropic/haiku" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_without_doses_or_effects_there_is_no_figure(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    one = make_audit(rows=[build.row("position", "first_preference", 0.1, 0.0, 0.2)])
    assert dose_figure([one]) is None
    assert forest_figure([make_audit(rows=[build.row("halo", "shift", 2.0, 1.0, 3.0, unit="marks")])]) is None


def test_the_callers_settings_stay_and_do_not_matter(audit: Audit) -> None:
    plain = svg([audit])
    with mpl.rc_context({"font.size": 30, "axes.grid": True}):
        assert svg([audit]) == plain
        assert mpl.rcParams["font.size"] == 30


def drawn(figure: Figure | None) -> list[str]:
    """All text of a figure that is there."""
    assert figure is not None
    return texts(svg_of(figure, "a figure", "x-"))


def test_the_heat_map_has_a_figure_an_interval_and_a_mark_in_each_cell(three: list[Audit]) -> None:
    shown = drawn(heat_figure(three))
    assert shown.count("+8.2 ●") == 3
    assert shown.count("[+5.1, +11.3]") == 3
    assert "biased" in shown
    assert heat_figure(three[:1]) is None


def test_long_names_break_after_separators_and_lose_nothing() -> None:
    broken = _broken("vllm/Qwen/Qwen2.5-7B-Instruct")
    assert broken.split("\n") == ["vllm/Qwen/", "Qwen2.5-7B-", "Instruct"]
    assert _broken("x" * 40).replace("\n", "") == "x" * 40
    assert max(map(len, _broken("a" * 14 + "/b/" + "c" * 33).split("\n"))) <= 15


def test_consistency_is_drawn_with_its_interval_and_the_noise_floor(audit: Audit) -> None:
    figure = position_figure([audit])
    assert figure is not None
    left, right = figure.get_axes()
    steady = [list(map(float, line.get_xdata())) for line in left.get_lines()]
    assert [pytest.approx(78.57)] in steady  # 100 - 21.43
    assert pytest.approx([75.0, 82.0]) in steady
    assert [pytest.approx(95.91)] in steady  # asked again in the same order
    assert [pytest.approx(8.215)] in [list(map(float, line.get_xdata())) for line in right.get_lines()]


def test_mitigations_that_no_other_beats_are_joined(rich: Audit) -> None:
    figure = mitigation_figure([rich])
    assert figure is not None
    (panel,) = figure.get_axes()
    (front,) = (line for line in panel.get_lines() if line.get_linestyle() == "--")
    assert list(map(float, front.get_xdata())) == pytest.approx([80.37, 81.37])
    assert list(map(float, front.get_ydata())) == pytest.approx([2.17, 6.17])


def test_mitigations_are_drawn_against_what_they_cost_from_the_judge_as_it_is_at_nothing(rich: Audit) -> None:
    figure = mitigation_cost_figure([rich], cost="usd")
    assert figure is not None
    (panel,) = figure.get_axes()
    assert panel.get_xlabel() == "extra USD per 1000 verdicts"
    (front,) = (line for line in panel.get_lines() if line.get_linestyle() == "--")
    assert list(map(float, front.get_xdata())) == pytest.approx([0, 0.3125])
    assert list(map(float, front.get_ydata())) == pytest.approx([6.17, 2.17])
    assert [pytest.approx(0.28125), pytest.approx(0.34375)] in [
        list(map(float, line.get_xdata())) for line in panel.get_lines()
    ]


def test_a_cost_that_is_not_known_has_no_figure(rich: Audit, audit: Audit) -> None:
    assert mitigation_cost_figure([rich], cost="seconds") is None
    assert mitigation_cost_figure([audit]) is None
    first = mitigation_cost_figure([rich])
    assert first is not None
    assert "USD" in first.get_axes()[0].get_xlabel()


def test_dbg_stands_at_its_quality_gap_beside_the_adjusted_estimate(rich: Audit) -> None:
    figure = self_preference_figure([rich])
    assert figure is not None
    points = {
        (round(float(line.get_xdata()[0]), 2), round(float(line.get_ydata()[0]), 2))
        for line in figure.get_axes()[0].get_lines()
        if len(line.get_xdata()) == 1
    }
    assert {(4.0, 9.4), (-5.0, -2.3)} <= points
    assert 3.1 in {y for _, y in points}


def test_of_a_judge_alone_every_opponent_has_a_mark_of_its_own(rich: Audit) -> None:
    figure = self_preference_figure([rich])
    assert figure is not None
    (legend,) = figure.legends
    named = {
        text.get_text(): handle
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    assert {"openai/gpt-4o_mini", "anthropic/haiku"} <= set(named)
    marks = {named[name].get_marker() for name in ("openai/gpt-4o_mini", "anthropic/haiku")}  # type: ignore[union-attr]
    assert len(marks) == 2


def test_the_reliability_curve_is_drawn_where_there_are_probabilities(audit: Audit) -> None:
    assert reliability_figure([audit]) is None
    stated = np.tile([0.1, 0.4, 0.6, 0.9], 25)
    curve = reliability_curve(stated, (stated > 0.5).astype(float), bins=4)
    figure = reliability_figure([replace(audit, reliability=curve)])
    assert figure is not None
    line = figure.get_axes()[0].get_lines()[1]
    assert list(map(float, line.get_xdata())) == pytest.approx([10, 40, 60, 90])
    assert list(map(float, line.get_ydata())) == pytest.approx([0, 0, 100, 100])


def test_power_reaches_the_plans_chance_at_the_plans_effect() -> None:
    suite = load_suite(Path(__file__).parents[2] / "suites" / "quickstart.yaml")
    forecast = make_forecast(suite, make_plan(suite, "sim/null"), Wanted())
    figure = power_figure(forecast)
    assert figure is not None
    line = next(line for line in figure.get_axes()[0].get_lines() if "this suite" in str(line.get_label()))
    worst = max((o for o in forecast.outlooks if o.comparison.confirmatory), key=lambda o: o.sd)
    assert worst.effect is not None
    at = np.interp(100 * worst.effect, np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
    assert at == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_draws_hostile_names_as_text(hostile_rich: Audit, rich: Audit, name: str) -> None:
    figure = FIGURES[name]([hostile_rich, rich], None)
    if name in {"reliability", "mitigations_by_seconds"}:
        assert figure is None
        return
    assert any("script" in text for text in drawn(figure))


def test_a_users_style_sheet_lies_over_the_house_style(audit: Audit, tmp_path: Path) -> None:
    sheet = tmp_path / "mine.mplstyle"
    sheet.write_text("axes.prop_cycle: cycler(color=['112233'])\nfigure.facecolor: fafafa\n")
    figure = dose_figure([audit], sheet)
    assert figure is not None
    assert figure.get_axes()[0].get_lines()[1].get_color() == "#112233"
    (path,) = [
        p for p in write_figures(tmp_path, [audit], suffixes=[".svg"], style=sheet) if p.stem == "doses"
    ]
    assert "#112233" in path.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("font.size: 8\nfont.sise: 9\n", r"mine.mplstyle:2: .*'font.sise'"),
        ("figure.figsize: large\n", "style sheet is broken"),
        ("\xff\xfe", "style sheet is broken"),
    ],
)
def test_a_broken_style_sheet_is_the_users_error(audit: Audit, text: str, said: str, tmp_path: Path) -> None:
    sheet = tmp_path / "mine.mplstyle"
    sheet.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as error:
        write_figures(tmp_path, [audit], style=sheet)
    assert re.search(said, str(error.value))


def test_a_missing_style_sheet_is_the_users_error(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such style sheet"):
        write_figures(tmp_path, [audit], style=tmp_path / "absent")
