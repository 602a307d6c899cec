"""From a judge spec to a judge."""

from __future__ import annotations

from typing import Final

from judgebench.judges.base import Judge
from judgebench.judges.spec import parse_spec
from judgebench.registry import Registry

JUDGES: Final[Registry[type[Judge]]] = Registry(
    "judges",
    Judge,
    {
        "openai": "judgebench.judges.openai:OpenAIJudge",
        "anthropic": "judgebench.judges.anthropic:AnthropicJudge",
        "vllm": "judgebench.judges.vllm:VLLMJudge",
        "transformers": "judgebench.judges.transformers:TransformersJudge",
        "reward": "judgebench.judges.reward:RewardJudge",
        "sim": "judgebench.judges.sim:SimJudge",
        "recorded": "judgebench.judges.recorded:RecordedJudge",
        "python": "judgebench.judges.python:PythonJudge",
    },
)


def open_judge(spec: str, *, base_url: str | None = None, registry: Registry[type[Judge]] = JUDGES) -> Judge:
    """The judge that a spec names; it is connected by `async with`.

    Args:
        spec: `provider/model[?key=value&...]`.
        base_url: The address of the user's own server, for providers that ask one.
        registry: Where providers are looked up.

    Raises:
        InputError: The spec, one of its options or the address is wrong.
        PluginError: The provider is unknown (with the nearest name) or does not load.
    """
    parsed = parse_spec(spec)
    return registry.get(parsed.provider).from_spec(parsed, base_url)
