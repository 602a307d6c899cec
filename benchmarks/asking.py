"""What benchmarks/runner.py starts and measures: a process that asks a server, and prints what that took as JSON.

Usage: python benchmarks/asking.py (ours | bare | inspect) PROVIDER BASE_URL COUNT IN_FLIGHT FOLDER
       python benchmarks/asking.py sim - - TRIALS - FOLDER

`ours` is `judgebench run` without its report; `bare` is a loop over the same prompts with the client library and
nothing else; `inspect` is inspect_ai with the same prompts, in an environment that has it.
"""

import asyncio
import json
import os
import random
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

TEXT = (
    "the model answer gives a short clear reason for each step and then states the result value with the correct unit "
    "while the user asked about history science code math law"
)
WORDS = TEXT.split()
INSTRUCTION = (
    "Say which of the two responses is better, briefly, and end with [[A]], [[B]] or [[C]] for a tie."
)
PER_ITEM = 4  # both orders of a control that is asked twice

for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
    os.environ.setdefault(name, "benchmark")


def text(seed: str, words: int) -> str:
    """Some words."""
    rng = random.Random(seed)  # noqa: S311  # filler, no secret
    return " ".join(rng.choices(WORDS, k=words))


def item(number: int) -> dict[str, str]:
    """A pair of about 650 characters."""
    return {
        "id": f"q{number}",
        "prompt": f"{number}: {text(f'{number}p', 30)}?",
        "response_a": f"{text(f'{number}a', 50)}.",
        "response_b": f"{text(f'{number}b', 50)}.",
        "gold": "a",
    }


def prompts(count: int) -> Iterator[str]:
    """As many prompts of the same length as ours, for those who ask without judgebench."""
    for number in range(count):
        it = item(number)
        yield (
            f"{INSTRUCTION * 5}\n\n[Request]\n{it['prompt']}\n[Response A]\n{it['response_a']}\n[Response B]\n"
            f"{it['response_b']}"
        )


def suite(folder: Path, items: int, repeats: int = 1) -> Path:
    """Write a suite that asks each item in both orders, `repeats` times and at least twice."""
    path = folder / f"load-{items}-{repeats}.yaml"
    (folder / f"{path.stem}.jsonl").write_text("".join(json.dumps(item(n)) + "\n" for n in range(items)))
    path.write_text(
        f"suite: load\nseed: 1\nitems:\n  - {{source: file, path: {path.stem}.jsonl}}\nperturbations: [position]\n"
        f"repeats: {repeats}\n"
    )
    return path


class Meter:
    """CPU and wall time from its making on, and the most memory of the process."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def report(self, count: int, **more: Any) -> None:
        """Print the figures for so many requests."""
        cpu_ms = 1000 * (self._used() - self._cpu) / count
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall = time.perf_counter() - self._wall
        print(
            json.dumps({"cpu_ms": cpu_ms, "wall_s": wall, "rss_mb": rss, "count": count, **more}), flush=True
        )


def ours(provider: str, url: str, count: int, in_flight: int, folder: Path, *, repeats: int = 1) -> None:
    """Ask a suite of `count` requests and write everything but effects and reports."""
    from judgebench.judges.factory import open_judge
    from judgebench.run.session import SessionOptions, ask_suite
    from judgebench.suite import load_suite

    items = count // PER_ITEM if repeats == 1 else count // (2 * repeats)
    loaded = load_suite(suite(folder, items, repeats))
    judge = open_judge(f"{provider}/mild" if provider == "sim" else f"{provider}/m", base_url=url or None)
    out = folder / "out"
    if provider in CLIENTS:
        # both sides have their libraries loaded before the clock starts
        asyncio.run(loaded_client(provider, url))
    meter = Meter()
    manifest = asyncio.run(ask_suite(loaded, judge, out, SessionOptions(max_concurrency=in_flight)))
    asked = manifest["counts"]["requests"]
    files = sum(path.stat().st_size for path in out.iterdir())
    counted = {"kb": files / 1024 / asked, "state": manifest["state"], "tokens": manifest["tokens"]}
    meter.report(asked, **counted)


async def bare(provider: str, url: str, count: int, in_flight: int) -> None:
    """A loop over the client and nothing else: prompts are there before it starts, verdicts are thrown away."""
    chats = iter([[{"role": "user", "content": prompt}] for prompt in prompts(count)])
    one, close = await CLIENTS[provider](url, in_flight)

    async def worker() -> None:
        for chat in chats:
            verdict = await one(chat)
            if "[[" not in verdict:
                raise ValueError(verdict)

    meter = Meter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    meter.report(count)
    await close()


Ask = Callable[[list[dict[str, str]]], Awaitable[str]]
Client = tuple[Ask, Callable[[], Awaitable[None]]]


async def aiohttp_client(url: str, in_flight: int) -> Client:
    """The loop that the vllm provider is held against."""
    import aiohttp

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight))

    async def one(chat: list[dict[str, str]]) -> str:
        payload = {"model": "m", "messages": chat, "temperature": 0.0, "max_tokens": 512}
        async with session.post(f"{url}/chat/completions", json=payload) as response:
            found = await response.json()
        return str(found["choices"][0]["message"]["content"])

    return one, session.close


async def openai_client(url: str, _in_flight: int) -> Client:
    """The SDK on the same transport as ours."""
    import openai

    client = openai.AsyncOpenAI(base_url=url, max_retries=0, http_client=openai.DefaultAioHttpClient())

    async def one(chat: list[dict[str, str]]) -> str:
        messages: Any = chat
        found = await client.chat.completions.create(
            model="m", messages=messages, temperature=0.0, max_tokens=512
        )
        return found.choices[0].message.content or ""

    return one, client.close


async def anthropic_client(url: str, _in_flight: int) -> Client:
    """The SDK on the same transport as ours."""
    import anthropic

    client = anthropic.AsyncAnthropic(
        base_url=url, max_retries=0, http_client=anthropic.DefaultAioHttpClient()
    )

    async def one(chat: list[dict[str, str]]) -> str:
        messages: Any = chat
        found: Any = await client.messages.create(model="m", messages=messages, max_tokens=512)
        return str(found.content[0].text)

    return one, client.close


CLIENTS: dict[str, Callable[[str, int], Awaitable[Client]]] = {
    "vllm": aiohttp_client,
    "openai": openai_client,
    "anthropic": anthropic_client,
}


async def loaded_client(provider: str, url: str) -> None:
    """Load what the provider's client needs."""
    _, close = await CLIENTS[provider](url, 1)
    await close()


def inspect(url: str, count: int, in_flight: int, folder: Path) -> None:
    """The same prompts through inspect_ai, with a scorer that looks for the verdict."""
    from inspect_ai import Task, eval  # noqa: A004  # its own name
    from inspect_ai.dataset import Sample
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.scorer import includes
    from inspect_ai.solver import generate

    model = get_model(
        "openai/m",
        base_url=url,
        api_key="benchmark",
        config=GenerateConfig(max_connections=in_flight),
        responses_api=False,
    )
    samples = [Sample(input=prompt, target="[[A]]") for prompt in prompts(count)]
    task = Task(dataset=samples, solver=generate(), scorer=includes())
    meter = Meter()
    (log,) = eval(task, model=model, display="none", log_dir=str(folder), max_samples=in_flight)
    meter.report(count, state=log.status)


def main() -> None:
    """Do what the arguments say."""
    kind, provider, url, count, in_flight, folder = sys.argv[1:]
    if kind == "ours":
        ours(provider, url, int(count), int(in_flight), Path(folder))
    elif kind == "bare":
        asyncio.run(bare(provider, url, int(count), int(in_flight)))
    elif kind == "inspect":
        inspect(url, int(count), int(in_flight), Path(folder))
    else:
        # the items are the same 500 however many trials there are
        ours("sim", "", int(count), 64, Path(folder), repeats=int(count) // 1000)


if __name__ == "__main__":
    main()
