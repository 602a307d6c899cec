"""The options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SuiteFile = Annotated[
    Path, typer.Argument(metavar="SUITE", help="The suite file (YAML).", show_default=False)
]
RunDirs = Annotated[list[Path], typer.Argument(metavar="DIR...", help="Run directories.", show_default=False)]
RunDir = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.", show_default=False)]
OutDir = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The run directory. Default: results/<suite>/<judge>/."),
]
BaseUrls = Annotated[
    list[str] | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="The address of an OpenAI-compatible server; for several vLLM servers given again, or with commas.",
    ),
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="At most N items, drawn by the seed.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="In place of the suite's seed.")]
Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin", metavar="FILE.py", help="A file that enters plugins; may be given more than once."
    ),
]


class Engine(StrEnum):
    """Who asks."""

    local = "local"
    batch = "batch"
    ray = "ray"


Engines = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="Who asks: this process, the provider's batch service (half price), or a Ray cluster.",
    ),
]
Prices = Annotated[
    Path | None, typer.Option("--prices", metavar="FILE", help="Prices of your own; see docs/money.md.")
]
ProtocolName = Annotated[
    str | None,
    typer.Option("--protocol", metavar="NAME", help="Of several, which. Default: the run's first."),
]
MitigationName = Annotated[
    str | None,
    typer.Option("--mitigation", metavar="NAME", help="Of several, which. Default: the run's first."),
]


def addresses(base_url: list[str] | None) -> str | None:
    """The addresses of `--base-url` as one text, with commas between them."""
    return ",".join(base_url) if base_url else None


def complete_judge(incomplete: str) -> list[str]:
    """Judge specs that begin so, for tab completion."""
    from judgebench.judges.sim_model import PRESETS

    specs = [f"sim/{name}" for name in PRESETS] + [
        "openai/",
        "anthropic/",
        "vllm/",
        "transformers/",
        "reward/",
        "recorded/",
        "python/",
    ]
    return [spec for spec in specs if spec.startswith(incomplete)]


Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        metavar="SPEC",
        help="provider/model[?key=value&...]; may be given more than once. Default: the suite's own.",
        autocompletion=complete_judge,
    ),
]


def load_plugins(files: list[Path] | None) -> None:
    """Load the `--plugin` files before anything is looked up."""
    from judgebench.registry import load_plugin_file

    for file in files or []:
        load_plugin_file(file)
