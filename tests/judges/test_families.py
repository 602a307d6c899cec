"""A model's family is told by its name, or by the suite."""

from __future__ import annotations

import pytest

from judgebench.judges.families import families_of


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("openai/gpt-5-mini", {"gpt"}),
        ("openai/o3-mini", {"gpt"}),
        ("vllm/Qwen/Qwen2.5-7B-Instruct", {"qwen"}),
        ("meta-llama/Llama-3.1-8B", {"llama"}),
        ("anthropic/claude-sonnet-4", {"claude"}),
        ("DeepSeek-R1-Distill-Qwen-32B", {"qwen", "deepseek"}),
        ("my own model", {"my own model"}),
        ("sim/mild?position=0.3", {"mild"}),
    ],
)
def test_names_tell_families(name: str, families: set[str]) -> None:
    assert families_of(name) == families


def test_what_is_stated_goes_before_the_name() -> None:
    assert families_of("openai/gpt-5", "House") == {"house"}
