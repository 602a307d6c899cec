from __future__ import annotations

import subprocess
import sys

import pytest

from judgebench.errors import PluginError
from judgebench.judges.factory import JUDGES, open_judge


def test_the_providers_are_those_that_are_documented() -> None:
    assert JUDGES.names() == [
        "anthropic",
        "openai",
        "python",
        "recorded",
        "reward",
        "sim",
        "transformers",
        "vllm",
    ]


def test_an_unknown_provider_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PluginError, match="did you mean 'openai'"):
        open_judge("opnai/gpt-4o")


@pytest.mark.parametrize(
    "spec", ["openai/gpt-5-mini?reasoning_effort=low&timeout=30", "anthropic/claude-haiku-4-5"]
)
def test_a_judge_gives_its_spec_back(spec: str) -> None:
    assert open_judge(spec).spec == spec


def test_making_a_judge_imports_no_sdk() -> None:
    code = (
        "import sys; from judgebench.judges.factory import open_judge;"
        "open_judge('openai/gpt-4o'); open_judge('anthropic/x'); open_judge('vllm/x', base_url='http://h/v1');"
        "print([m for m in ('openai', 'anthropic', 'vllm', 'pandas') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
