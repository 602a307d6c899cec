from __future__ import annotations

from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import Usage
from judgebench.run.prices import PRICES_VARIABLE, Price, load_prices


@pytest.fixture(autouse=True)
def no_prices_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PRICES_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")


def test_cost_counts_cached_tokens_at_their_own_price() -> None:
    price = Price(input=2.0, cached=0.5, output=8.0)
    usage = Usage(prompt=1000, completion=100, cached=400, reasoning=60)
    assert price.cost(usage) == pytest.approx((600 * 2.0 + 400 * 0.5 + 100 * 8.0) / 1e6)


def test_cached_tokens_cost_as_much_as_others_unless_told() -> None:
    assert Price(input=2.0, output=8.0).cost(Usage(prompt=1000, cached=400)) == pytest.approx(0.002)


def test_the_packaged_table_is_dated_and_complete() -> None:
    table = load_prices()
    assert table.date >= "2026-01-01"
    for provider in ("openai", "anthropic"):
        for price in table.prices[provider].values():
            assert price.cached is not None
            assert 0 < price.cached < price.input < price.output


@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-5-mini-2025-08-07", "gpt-5-mini-latest"])
def test_a_dated_model_has_the_price_of_its_family(model: str) -> None:
    assert load_prices().find("openai", model) == Price(input=0.25, cached=0.025, output=2.0)


def test_an_unknown_model_has_no_price_and_a_simulated_one_costs_nothing() -> None:
    assert load_prices().find("openai", "gpt-5-mini-turbo") is None
    assert load_prices().find("vllm", "x") is None
    assert load_prices().find("sim", "mild") == Price(input=0.0, output=0.0)


def test_the_users_file_goes_over_the_packaged_prices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "date: 2027-01-01\nprices:\n"
        "  vllm: {'*': {input: 0.1, output: 0.2}}\n"
        "  openai: {gpt-4o: {input: 1, output: 2}}\n"
    )
    monkeypatch.setenv(PRICES_VARIABLE, str(path))
    table = load_prices()
    assert table.date == "2027-01-01"
    assert table.find("vllm", "any") == Price(input=0.1, output=0.2)
    assert table.find("openai", "gpt-4o") == Price(input=1.0, output=2.0)
    assert table.find("openai", "gpt-5-mini") is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prices: {}", "1:1: the key 'date' is missing"),
        ("date: soon\nprices: {}", "1:1: 'date' is 'soon'\n  expected: YYYY-MM-DD"),
        ("[1]", "1:1: not a table of prices"),
        ("date: 2027-01-01\nprices: {openai: {x: {input: 1}}}", "2:19: the key 'output' is missing"),
        (
            "date: 2027-01-01\nprices: {openai: {x: {input: -1, output: 1}}}",
            "2:23: 'input' is the number '-1'\n  expected: greater than or equal to 0",
        ),
        (
            "date: 2027-01-01\nprices: {openai: {x: {input: yes, output: 1}}}",
            "2:23: 'input' is text 'yes'\n  expected: a number",
        ),
        (
            "date: 2027-01-01\nprices: {openai: {x: {input: 1, output: 1, cache: 1}}}",
            (
                "2:44: unknown key 'cache'\n"
                "  expected: one of input, output, cached, written, batch\n  did you mean 'cached'?"
            ),
        ),
        ("date: 2027-01-01\nprices:\n  openai: {}\n  openai: {}\n", "4:3: the key 'openai' comes twice"),
        ("date: [\n", "not YAML"),
    ],
)
def test_a_fault_in_the_users_file_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_prices(path)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


def test_a_price_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "price.yaml").touch()
    with pytest.raises(InputError, match=r"no such price file\n  did you mean .*price\.yaml"):
        load_prices(tmp_path / "prices.yaml")


def test_the_users_file_is_looked_for_by_option_then_variable_then_in_the_settings_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, price in (("option", 1), ("variable", 2), ("judgebench/prices", 3)):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"date: 2027-01-01\nprices: {{vllm: {{m: {{input: {price}, output: {price}}}}}}}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_prices().find("vllm", "m") == Price(input=3, output=3)
    monkeypatch.setenv(PRICES_VARIABLE, str(tmp_path / "variable.yaml"))
    assert load_prices().find("vllm", "m") == Price(input=2, output=2)
    assert load_prices(tmp_path / "option.yaml").find("vllm", "m") == Price(input=1, output=1)
    assert load_prices().file == tmp_path / "variable.yaml"


def test_a_batch_costs_half_unless_the_table_says_otherwise() -> None:
    usage = Usage(prompt=1000, completion=100, cached=400)
    price = Price(input=2.0, cached=0.5, output=8.0)
    assert price.batched().cost(usage) == pytest.approx(price.cost(usage) / 2)
    assert price.model_copy(update={"batch": 0.8}).batched().cost(usage) == pytest.approx(
        price.cost(usage) * 0.8
    )
    assert Price(input=2.0, output=8.0).batched().cost(usage) == pytest.approx((1000 * 2 + 100 * 8) / 2e6)


def test_tokens_written_to_a_cache_have_their_own_price_also_in_a_batch() -> None:
    price = Price(input=2.0, output=0.0, cached=0.2, written=2.5)
    usage = Usage(prompt=1_000_000, cached=200_000, written=500_000)
    assert price.cost(usage) == pytest.approx(0.3 * 2 + 0.2 * 0.2 + 0.5 * 2.5)
    assert price.batched().cost(usage) == pytest.approx(price.cost(usage) / 2)
    assert Price(input=2.0, output=0.0).cost(usage) == pytest.approx(2.0)
