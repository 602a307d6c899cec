from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import judgebench
from judgebench.audit import make_plan
from judgebench.errors import InputError
from judgebench.judges.factory import open_judge
from judgebench.run.pace import REPLY_TOKENS
from judgebench.run.plan import plan as plan_suite
from judgebench.run.prices import Price
from judgebench.run.questions import ways_of
from judgebench.suite import load_suite

ROOT = Path(__file__).parent.parent.parent


def test_the_plan_counts_what_a_run_asks(small_suite: Path, tmp_path: Path) -> None:
    plan = make_plan(load_suite(small_suite), "sim/mild")
    # 8 items in both orders: 2 controls, length, authority and its placebo
    assert (plan.items, plan.trials) == (8, 80)
    # length and authority would each ask a control of their own
    assert plan.naive_requests == 80 + 8 * 2 * 2
    assert plan.saved == plan.naive_requests - plan.requests
    counts = judgebench.run(small_suite, out=tmp_path / "out").manifest["counts"]
    assert (counts["trials"], counts["requests"]) == (plan.trials, plan.requests)
    assert plan.completion_tokens == plan.requests * REPLY_TOKENS


def test_identical_requests_are_counted_once(small_suite: Path) -> None:
    before = make_plan(load_suite(small_suite), "sim/mild")
    path = small_suite.with_name("items.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[2] |= {key: rows[0][key] for key in ("prompt", "response_a", "response_b")}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    after = make_plan(load_suite(small_suite), "sim/mild")
    assert after.trials == before.trials
    # at least the two controls in both orders are shared
    assert after.requests <= before.requests - 4
    assert after.prompt_tokens < before.prompt_tokens


def test_the_price_is_of_the_tokens_or_unknown(small_suite: Path) -> None:
    suite = load_suite(small_suite)
    known = plan_suite(suite, ways_of(suite), open_judge("sim/mild"), Price(input=2.0, output=10.0))
    expected = (known.prompt_tokens * 2 + known.completion_tokens * 10) / 1e6
    assert known.cost_usd == pytest.approx(expected)
    assert plan_suite(suite, ways_of(suite), open_judge("sim/mild"), None).cost_usd is None


@pytest.mark.parametrize("width", ["60", "120"])
def test_the_command_prints_a_row_a_perturbation(
    cli, small_suite: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    done = cli("plan", small_suite, "--mde", "0.1")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= int(width)
    for told in ("8 items, 80 trials, ", "position", "authority", "For 10", "Within 5", "this suite"):
        assert told in done.stdout
    assert "prices of 20" in " ".join(done.stdout.split())
    assert not list(small_suite.parent.glob("results"))


def test_json_is_for_programs(cli, small_suite: Path) -> None:
    done = cli("plan", small_suite, "--json", "--judge", "sim/mild", "--judge", "sim/null", "--sd", "0.4")
    first, second = json.loads(done.stdout)
    assert (first["judge"], second["judge"]) == ("sim/mild", "sim/null")
    assert first["trials"] == 80
    assert first["saved_requests"] == first["naive_requests"] - first["requests"]
    position = first["outlooks"][0]
    assert position["comparison"]["perturbation"] == "position"
    assert position["sd"] == pytest.approx(0.4)
    assert 0 < position["effect"] < position["effect_holm"] < 1


def test_a_run_is_a_pilot(cli, small_suite: Path) -> None:
    judgebench.run(small_suite, out=small_suite.parent / "pilot")
    done = cli("plan", small_suite, "--pilot", "pilot", "--json")
    (plan,) = json.loads(done.stdout)
    assert "pilot pilot (8 items, judge sim/mild)" in plan["basis"]
    assert {o["spread"]["source"] for o in plan["outlooks"]} == {"pilot"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--pilot", "."], "run.json"),
        (["--pilot", "nowhere"], "run.json"),
        (["--sd", "0"], "--sd is 0"),
        (["--mde", "2"], "--mde is 2"),
        (["--margin", "nan"], "--margin is nan"),
        (["--power", "1"], "--power is 1"),
        (["--sd", "0.3", "--pilot", "p"], "one of them"),
    ],
)
def test_wrong_wishes_exit_with_2(cli, small_suite: Path, arguments: list[str], told: str) -> None:
    done = cli("plan", small_suite, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_run_says_beforehand_loads_no_pandas(small_suite: Path) -> None:
    program = (
        "import sys\n"
        "from judgebench.audit import make_plan, watch\n"
        "from judgebench.cli.run import describe\n"
        "from judgebench.suite import load_suite\n"
        f"suite = load_suite({str(small_suite)!r})\n"
        "print(describe('sim/mild', make_plan(suite, 'sim/mild'), suite))\n"
        "assert watch(suite, 'decided') is not None\n"
        "print([name for name in ('pandas', 'scipy.stats', 'scipy.optimize') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told, effect, loaded = done.stdout.splitlines()
    assert told.startswith("sim/mild: 8 items, 80 trials, ")
    assert effect.endswith("points with 80 % power")
    assert loaded == "[]"


def test_a_question_with_four_options_is_refused_by_a_protocol_for_pairs(tmp_path: Path) -> None:
    item = {"id": "q", "prompt": "?", "gold": "d"} | {f"response_{letter}": letter for letter in "abcd"}
    (tmp_path / "items.jsonl").write_text(json.dumps(item))
    path = tmp_path / "s.yaml"
    path.write_text(
        "suite: s\nitems: [{source: file, path: items.jsonl}]\nprotocols:\n  - pairwise\nperturbations: [position]\n"
    )
    with pytest.raises(InputError, match="the protocol 'pairwise' can show none of the items") as caught:
        ways_of(load_suite(path))
    assert (caught.value.line, caught.value.column) == (4, 5)
