import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from judgebench.errors import InputError
from judgebench.report.choose import TABLES, Wanted, render_tables, style_table, tables_of
from judgebench.report.columns import COLUMNS
from judgebench.report.facts import table_notes
from judgebench.report.figures import FIGURES
from judgebench.report.model import Audit
from judgebench.report.table import Table

DASH, MINUS, TIMES = "\N{EN DASH}", "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
FORMATS = ("latex", "markdown", "csv", "html")


def table(
    audits: list[Audit], name: str, columns: tuple[str, ...] | None = None, *, stars: bool = False
) -> Table:
    return tables_of(audits, Wanted(name, columns, stars))[0]


def test_the_usual_columns_are_effect_interval_adjusted_p_and_decision(audit: Audit) -> None:
    found = table([audit], "main")
    assert found.columns == ("Bias", "Effect", "95 % interval", "p (adj.)", "Decision")
    assert found.rows[1].cells == ("Authority", "+6.2", "[+3.1, +9.3]", ".002", "biased")


def test_columns_are_chosen_by_name_and_an_effect_never_stands_without_its_interval(audit: Audit) -> None:
    found = table([audit], "main", ("items", "effect", "flips"))
    assert found.keys == ("bias", "items", "effect", "interval", "flips", "noise")
    assert found.rows[1].cells == ("Authority", "400", "+6.2", "[+3.1, +9.3]", "15.3", "4.1")
    assert table([audit], "position", ("first", "judge")).keys == ("first", "first_interval", "judge")


def test_calm_s_two_rates_are_the_shares_that_stay_and_the_first_never_stands_without_the_second(
    audit: Audit,
) -> None:
    found = table([audit], "main", ("robustness",))
    assert found.columns == (
        "Bias", "Robustness, %", "Robustness interval", "Consistency, %", "Consistency interval",
    )  # fmt: skip
    flips, noise = (table([audit], "main", (name,)).rows[1] for name in ("flips", "noise"))
    cells = found.rows[1].cells
    assert (cells[1], cells[3]) == ("84.7", "95.9")
    assert (flips.cells[1], noise.cells[1]) == ("15.3", "4.1")
    low, high = (float(end) for end in cells[2].strip("[]").split(", "))
    assert low < 84.7 < high
    assert table([audit], "main", ("consistency",)).keys == ("bias", "consistency", "consistency_interval")


@pytest.mark.parametrize(
    ("wanted", "message", "meant"),
    [
        (Wanted("mian"), "no table 'mian'", "main"),
        (Wanted("main", ("efect",)), "no column 'efect'", "effect"),
        (Wanted("position", ("frist",)), "no column 'frist'", "first"),
        (Wanted("self_preference", ("dgb",)), "no column 'dgb'", "dbg"),
        (Wanted("accuracy", stars=True), "has no stars", None),
        (Wanted("mitigation"), "nothing for the table", None),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest_name(
    audit: Audit, wanted: Wanted, message: str, meant: str | None
) -> None:
    with pytest.raises(InputError, match=message) as error:
        tables_of([audit], wanted)
    assert error.value.suggestion == meant


def test_several_judges_have_columns_of_their_own_under_their_names(three: list[Audit]) -> None:
    found = table(three, "main")
    assert found.spans == (("openai/gpt-5-mini", 3), ("sim/mild", 3), ("anthropic/haiku", 3))
    distraction = next(row for row in found.rows if row.cells[0] == "Distraction")
    one = (f"{MINUS}0.4", "○", f"[{MINUS}2.5, +1.7]")
    assert distraction.cells == ("Distraction", *one, *one, DASH, DASH, DASH)
    assert found.flat_columns[1:4] == (
        "openai/gpt-5-mini: Effect",
        "openai/gpt-5-mini",
        "openai/gpt-5-mini: Interval",
    )


def test_categories_stand_under_their_bias_with_their_own_n(rich: Audit) -> None:
    rows = table([rich], "category").rows
    assert [(row.group, row.cells[0], row.cells[1], row.cells[3]) for row in rows] == [
        ("Authority", "category: code", "+5.0", "40"),
        ("Authority", "category: safety & law", "+6.0", "40"),
        ("Authority", "source: bank_1", "+7.0", "40"),
        ("Self-preference: openai/gpt-4o_mini", "category: code", "+1.2", "400"),
    ]


def test_doses_are_in_order_with_their_trend_last(rich: Audit) -> None:
    rows = table([rich], "dose").rows
    assert [(row.group, *row.cells[:2]) for row in rows] == [
        ("Length", f"{TIMES}1.5", "+3.9"),
        ("Length", f"{TIMES}2", "+8.8"),
        ("Length", "per step of dose", "+4.9"),
    ]


def test_a_mitigation_stands_under_what_it_is_compared_with(rich: Audit) -> None:
    found = table([rich], "mitigation")
    absent = (DASH,) * 2
    assert [row.cells for row in found.rows] == [
        ("none", "+6.2", "[+3.1, +9.3]", "●", DASH, DASH, "81.4", "[78.0, 85.0]", *absent),
        (
            *(
                "system_prompt",
                "+2.2",
                f"[{MINUS}0.9, +5.3]",
                "▽",
                "+4.0",
                "[+1.1, +7.0]",
                "80.4",
                "[77.0, 84.0]",
            ),
            *(f"{MINUS}1.0", f"[{MINUS}3.0, +1.0]"),
        ),
    ]
    assert {row.group for row in found.rows} == {"Authority"}


def test_a_point_of_bias_removed_has_its_price_in_each_unit_that_is_known_and_not_nothing(
    rich: Audit,
) -> None:
    found = table([rich], "mitigation_cost")
    removed = ("+4.0", "[+1.1, +7.0]")
    assert [row.cells for row in found.rows] == [
        ("system_prompt", "USD", "+0.000313", "[+0.000281, +0.000344]", *removed,
         "+0.000078", "[+0.000045, +0.000313]"),
        ("system_prompt", "tokens", "+31.2", "[+28.1, +34.4]", *removed, "+7.8", "[+4.5, +31.2]"),
    ]  # fmt: skip
    assert {row.group for row in found.rows} == {"Authority"}
    chosen = table([rich], "mitigation_cost", columns=("point",))
    assert chosen.keys == ("point", "point_interval")


def test_a_simulated_judge_has_no_time_worth_telling(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    plain = build.row("authority", "target_preference", 0.1, 0.0, 0.2)
    costs = [
        build.row("cost", f"extra_{cost}", 2.0, 1.0, 3.0, unit=f"{cost} per verdict", mitigation="blinding")
        for cost in ("seconds", "tokens")
    ]
    rows = [plain, {**plain, "mitigation": "blinding"}, *costs]
    asked = table([make_audit(rows=rows)], "mitigation_cost")
    simulated = table([make_audit(rows=rows, simulated=True)], "mitigation_cost")
    assert [row.cells[1] for row in asked.rows] == ["tokens", "seconds"]
    assert [row.cells[1] for row in simulated.rows] == ["tokens"]


def test_what_no_mitigation_has_is_no_column(
    make_audit: Callable[..., Audit], build: SimpleNamespace
) -> None:
    plain = build.row("authority", "target_preference", 0.1, 0.0, 0.2)
    found = table([make_audit(rows=[plain, {**plain, "mitigation": "blinding"}])], "mitigation")
    assert found.keys == ("mitigation", "effect", "interval", "mark")


def test_self_preference_has_judges_as_rows_and_opponents_and_tasks_as_columns(
    rich: Audit, audit: Audit
) -> None:
    found = table([rich, audit], "self_preference")
    assert found.spans == (
        ("openai/gpt-4o_mini", 4),
        ("openai/gpt-4o_mini · code", 4),
        ("anthropic/haiku", 4),
    )
    row, _ = found.rows  # the other judge was not asked about its own responses
    assert row.cells[:5] == (rich.judge + " #1", "+9.4", "[+6.4, +12.4]", "+3.1", "[+0.1, +6.1]")
    assert row.cells[-4:] == (f"{MINUS}2.3", f"[{MINUS}5.3, +0.7]", DASH, DASH)
    assert any("not identified" in note for note in found.notes)
    chosen = table([rich], "self_preference", ("raw", "own_quality_gap"))
    assert chosen.columns[1:5] == ("Own share", "Interval", "Quality gap", "Interval")
    assert not any("not identified" in note for note in chosen.notes)


def test_what_is_left_of_self_preference_in_one_style_stands_in_a_row_below(rich: Audit) -> None:
    plain, equal = table([rich], "self_preference").rows
    assert equal.cells[:5] == (f"{plain.cells[0]} · one style", "+2.1", f"[{MINUS}0.9, +5.1]", "+0.4",
                               f"[{MINUS}2.6, +3.4]")  # fmt: skip
    assert set(equal.cells[5:]) == {DASH}


def test_recognition_has_accuracy_beside_its_correlation_with_preference(rich: Audit, audit: Audit) -> None:
    found = table([rich, audit], "self_recognition")
    (row,) = found.rows
    assert row.cells[1:] == ("all opponents", "400", "63.1", "[53.1, 73.1]", "+0.210", "[+0.110, +0.310]", "+0.150",
                             "[+0.050, +0.250]")  # fmt: skip


def test_notes_say_n_interval_margin_and_multiplicity_of_what_is_shown(rich: Audit) -> None:
    said = " ".join(table_notes(table([rich], "category"), [rich]))
    assert "n = 40 to 400 items" in said
    assert "Intervals at 95 %, by CT" in said
    assert "±5 points" in said
    assert "Holm" not in said  # no p-value is shown
    assert "Holm over" in " ".join(table_notes(table([rich], "main"), [rich]))


def test_stars_are_off_unless_asked_for(audit: Audit) -> None:
    assert "*" not in "".join(cell for row in table([audit], "main").rows for cell in row.cells)
    assert table([audit], "main", stars=True).rows[1].cells[1] == "+6.2**"


@pytest.mark.parametrize("name", list(TABLES))
def test_the_csv_of_a_table_holds_the_rows_behind_it_at_full_precision(rich: Audit, name: str) -> None:
    shown = {e.estimate for t in tables_of([rich], Wanted(name)) for row in t.rows for e in row.effects}
    rows = list(csv.DictReader(io.StringIO(render_tables("csv", [rich], Wanted(name)))))
    assert {float(row["estimate"]) for row in rows} == shown
    few = render_tables("csv", [rich], Wanted(name, ("judge", "estimate"))).splitlines()
    assert few[0] == "judge,estimate"
    assert len(few) == len(rows) + 1


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_stay_text_in_every_table_and_format(
    hostile_rich: Audit, rich: Audit, name: str, form: str, build: SimpleNamespace
) -> None:
    text = render_tables(form, [hostile_rich, rich], Wanted(name))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", text.replace("\n", "")) or form == "csv"
    if form in ("html", "markdown"):
        assert build.script not in text
    if form == "latex":
        assert r"\input" not in text
        assert not re.search(r"(?<!\\)[#&%_$](?=x)", text)
    if form == "csv":
        widths = {len(row) for row in csv.reader(io.StringIO(text))}
        assert len(widths) == 1
        assert all(
            "script" in row["judge"] or "gpt-5" in row["judge"] for row in csv.DictReader(io.StringIO(text))
        )
    else:
        assert "script" in text


def test_the_page_on_reports_names_every_table_column_and_figure() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()
    for name in (*TABLES, *FIGURES, *(key for key in COLUMNS if key not in ("bias", "bias_name"))):
        assert f"`{name}`" in page, name


def test_a_styler_shows_the_cells_of_the_table_and_escapes_them(rich: Audit, hostile_rich: Audit) -> None:
    frame = style_table([rich], Wanted()).data
    effects = dict(zip(frame["Bias"], frame["Effect"], strict=True))
    assert (effects["Position"], effects["Authority"]) == ("+8.2", "+6.2")
    page = style_table([hostile_rich, rich], Wanted("self_preference")).to_html()
    assert "<script" not in page
    assert "&lt;script" in page


def test_a_judge_that_comes_twice_can_be_styled(make_audit: Callable[..., Audit]) -> None:
    page = style_table([make_audit("sim/x"), make_audit("sim/x")], Wanted()).to_html()
    assert "sim/x #2" in page
