import io
import re
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from rich.cells import cell_len

from judgebench.report import formats
from judgebench.report.effects import lines_of
from judgebench.report.forest_bar import Scale, axis, bar, scale_for
from judgebench.report.model import Audit
from judgebench.report.tables import side_by_side
from judgebench.report.terminal import render_table, render_terminal, wants_colour

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("which", ["audit", "simulated", "hostile"])
def test_no_line_is_wider_than_the_terminal(width: int, which: str, request: pytest.FixtureRequest) -> None:
    text = render_terminal([request.getfixturevalue(which)], width=width)
    assert max(map(cell_len, text.splitlines())) <= width


def test_the_table_shows_effect_interval_decision_placebo_flips_and_floor(audit: Audit) -> None:
    lines = render_terminal([audit], width=120).splitlines()
    effect, beside = [line for line in lines if line.startswith("Authority")]
    assert re.search(r"\+6\.2 +\[\+3\.1, \+9\.3\] .*─●─.* \.002 +● biased", effect)
    assert beside.split()[1:] == [
        "+0.4",
        f"[{formats.MINUS}2.7,",
        "+3.5]",
        "+5.8",
        "15.3",
        "4.1",
        "+11.2",
        "12.1",
        "3.2",
        "+7.3",
        "+5.0",
    ]
    assert "◆ detectable, negligible" in next(line for line in lines if line.startswith("Bandwagon"))


@pytest.mark.parametrize("width", [60, 72, 80, 90, 100, 110, 140])
@pytest.mark.parametrize("scale", [1.0, 1.8])
def test_no_number_is_ever_cut(
    make_audit: Callable[..., Audit], build: SimpleNamespace, width: int, scale: float
) -> None:
    rows = [
        {**r, **{key: -scale * r[key] for key in ("estimate", "conf_low", "conf_high") if r[key] is not None}}
        for r in build.effect_rows()
    ]
    text = render_terminal([make_audit(rows=rows), make_audit("sim/x", rows)], width=width)
    assert not re.search(r"[\d.,+\u2212\[]…", text)
    assert max(map(cell_len, text.splitlines())) <= width
    shown = set(re.findall(r"[+\u2212]?\d+\.\d\b", text))
    for line in lines_of(make_audit(rows=rows)):
        assert formats.estimate(line.primary) in shown


def test_a_wide_table_goes_on_below_with_whole_numbers(three: list[Audit]) -> None:
    table = side_by_side(three)
    text = render_table(table, width=60)
    assert max(map(cell_len, text.splitlines())) <= 60
    assert text.count("Authority") > 1
    for row in table.rows:
        assert all(cell in text for cell in row.cells[1:])


def test_eighty_columns_hold_the_forest_and_the_marks(audit: Audit) -> None:
    text = render_terminal([audit], width=80)
    assert re.search(r"^Position .*┊.*│.*─●─.*<\.001 ●$", text, re.MULTILINE)
    assert "● biased  ◆ detectable, negligible  ○ equivalent" in text


def test_a_simulated_judge_shows_whether_the_interval_covers_its_truth(simulated: Audit) -> None:
    text = render_terminal([simulated], width=80)
    assert "Simulated judge" in text
    assert re.search(r"^Authority .* \+6\.5 ✓$", text, re.MULTILINE)
    assert re.search(r"^Distraction .*▴.* \+4\.6 ✗$", text, re.MULTILINE)


def test_several_judges_stand_side_by_side(three: list[Audit]) -> None:
    text = render_terminal(three, width=80).partition("Effects by judge")[2]
    for audit in three:
        assert audit.judge in text
    assert "[+5.1, +11.3] ●  [+5.1, +11.3] ●" in text


def test_many_judges_are_shown_in_blocks(make_audit: Callable[..., Audit]) -> None:
    text = render_terminal([make_audit(f"sim/judge-{i}") for i in range(7)], width=80)
    assert text.count("Effects by judge") == 3
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_text_reaches_no_terminal_control(hostile: Audit, colour: object) -> None:
    text = COLOUR.sub("", render_terminal([hostile, hostile], width=100, colour=bool(colour)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def against(bias: str, protocols: str, build: SimpleNamespace, **more: str) -> dict[str, object]:
    return build.row(bias, more.pop("estimand", "flip_rate"), 0.127, 0.084, 0.19, protocol=protocols, **more)


def test_names_that_have_no_room_stand_whole_under_the_name_of_their_bias(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    rows = [
        against("chain_of_thought", "pairwise | pairwise@verdict-first", build),
        against("chain_of_thought", "pairwise@verdict-first | pairwise@no-reasons", build),
        against(
            "criteria_order",
            "rubric@reversed/clarity | rubric@together/clarity",
            build,
            estimand="score_shift",
        ),
    ]
    text = render_terminal([make_audit(rows=rows)], width=80)
    assert "Chain of thought, flip rate\n  pairwise | verdict-first " in text
    assert "\n  verdict-first | no-reasons " in text
    assert "clarity: reversed | together" in text


def test_what_has_nothing_beside_it_has_no_row_of_dashes(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    rows = [
        *build.effect_rows(),
        against("halo", "rubric", build, estimand="criteria_spread", contrast="together - apart"),
    ]
    text = render_terminal([make_audit(rows=rows)], width=120)
    assert text.count("Halo") == 1
    only = [against("halo", "rubric", build, estimand="criteria_spread")]
    assert "Net: treatment" not in render_terminal([make_audit(rows=only)], width=120)


def test_of_a_halo_it_is_the_difference_that_is_told_and_of_circles_those_beyond_noise(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    rows = [
        against("halo", "rubric", build, estimand="criteria_spread", contrast=contrast)
        for contrast in ("together", "apart", "together - apart")
    ]
    rows += [
        against("transitivity", "round_robin", build, estimand=estimand, contrast="control")
        for estimand in ("cyclic_share", "excess_cyclic_share")
    ]
    told = {line.primary.bias: line.primary for line in lines_of(make_audit(rows=rows))}
    assert told["halo"].contrast == "together - apart"
    assert told["transitivity"].estimand == "excess_cyclic_share"


def test_designs_have_tables_of_their_own_and_mitigations_say_what_they_remove(rich: Audit) -> None:
    text = render_terminal([rich], width=100)
    assert re.search(r"Changes shown together, in points\n.*\n.*\nMain effect\n  Authority +\+7\.2", text)
    assert "  Length \N{MULTIPLICATION SIGN}2 \N{MULTIPLICATION SIGN} Authority" in text
    assert re.search(r"  Authority, bears the change +\+2\.182", text)
    assert re.search(r"What mitigations remove, in points\n.*\n.*\nAuthority\n  system_prompt +\+4\.0", text)


def test_colour_comes_only_when_asked_for(audit: Audit) -> None:
    plain, coloured = (render_terminal([audit], width=80, colour=wanted) for wanted in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in coloured
    assert COLOUR.sub("", coloured).split() == plain.split()


def test_markup_in_names_is_text(make_audit: Callable[..., Audit]) -> None:
    assert "sim/[bold]x[/]" in render_terminal([make_audit("sim/[bold]x[/]")], width=80)


def test_an_ascii_terminal_gets_ascii(simulated: Audit, hostile: Audit) -> None:
    text = render_terminal([simulated, hostile], width=80, ascii_only=True)
    assert text.isascii()
    assert re.search(r"^Authority .*#.* \+6\.5 y$", text, re.MULTILINE)


def test_warnings_are_printed(make_audit: Callable[..., Audit]) -> None:
    assert "! The run is incomplete" in render_terminal([make_audit(state="incomplete")], width=80)


def test_an_audit_without_effects_says_so(audit: Audit) -> None:
    text = render_terminal([Audit(audit.effects.iloc[:0])], width=80)
    assert "unknown · unknown" in text
    assert "The audit holds no effects." in text


def test_colour_is_wanted_by_a_terminal_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_the_bar_places_zero_margin_interval_and_estimate(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    one = build.row("position", "first_preference", 0.1, 0.05, 0.15, margin=0.05, decision="biased")
    (line,) = lines_of(make_audit(rows=[one]))
    scale = Scale(reach=0.2, width=41)
    assert bar(line.primary, scale) == " " * 15 + "┊    │    ─────●─────" + " " * 5
    assert axis(scale) == f"{formats.MINUS}20" + " " * 17 + "0" + " " * 17 + "+20"


def test_a_far_effect_is_cut_and_marked_as_cut(audit: Audit) -> None:
    lines = lines_of(audit)
    scale = scale_for(lines, 41)
    assert scale.reach == pytest.approx(0.2)
    assert bar(lines[-1].primary, scale).startswith("◂ ")
    assert "◂" not in "".join(bar(line.primary, scale) for line in lines[:-1])


@pytest.mark.slow
def test_the_terminal_report_loads_no_plotting() -> None:
    code = "import sys, judgebench.report.terminal; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
