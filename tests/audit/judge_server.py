"""An OpenAI-compatible judge on a local socket with planted biases: `python judge_server.py PORT_FILE [LATENCY_S]`.

It reads the prompt like any model would: the two responses stand in it, first the first. Its verdict favours the
response shown first, and the longer one, with known strength; it ignores everything else. A draw depends on the prompt
and on how often it was asked, so that a run gives the same numbers in whatever order the requests come. `GET /stats`
tells how many requests were asked and answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import sys
from collections import Counter
from pathlib import Path

from aiohttp import web

# a process of its own, which pytest's path does not reach
sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))
from batch_provider import completion
from sdk_schemas import check_reply, check_request

POSITION = 0.6
LENGTH = 1.5
SEED = 2

_RESPONSES = re.compile(
    r"\[Response A\]\n(.*)\n\[End of response A\].*\[Response B\]\n(.*)\n\[End of response B\]", re.DOTALL
)


def first_wins(prompt: str) -> float:
    """The probability that the judge prefers the response shown first."""
    found = _RESPONSES.search(prompt)
    assert found is not None, "the prompt shows both responses"
    ratio = len(found.group(1)) / len(found.group(2))
    return 1 / (1 + math.exp(-(POSITION + LENGTH * math.log(ratio))))


class JudgeServer:
    """Answers chat completions; counts what it was asked."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.post("/v1/chat/completions", self.complete), web.get("/stats", self.stats)])
        return app

    async def complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_request("vllm", body)
        prompt = "\n".join(message["content"] for message in body["messages"])
        self.asked[prompt] += 1
        draw = hashlib.sha256(f"{SEED}{self.asked[prompt]}{prompt}".encode()).digest()
        label = "A" if int.from_bytes(draw[:7], "big") / 2**56 < first_wins(prompt) else "B"
        await asyncio.sleep(self.latency_s)
        self.answered[prompt] += 1
        reply = completion(f"It is better.\n\n[[{label}]]")
        used = {
            "prompt_tokens": len(prompt) // 4,
            "completion_tokens": 8,
            "total_tokens": len(prompt) // 4 + 8,
        }
        return web.json_response(check_reply("openai", {**reply, "model": "planted-1", "usage": used}))

    async def stats(self, _: web.Request) -> web.Response:
        return web.json_response({"asked": self.asked.total(), "answered": self.answered.total()})


async def serve(port_file: Path, latency_s: float) -> None:
    runner = web.AppRunner(JudgeServer(latency_s).application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port_file.write_text(  # noqa: ASYNC240  # once, before anything is served
        str(runner.addresses[0][1])
    )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
