"""Ask a judge that runs in this process: `python ask_here.py SPEC`, requests as JSON on standard input, replies out.

The last line of the output is a JSON list: for each request its reply, with what the labels hold where that was asked
for, or its fault.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from judgebench.judges.base import Reply, Request, Sampling, Subject
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.tokens import label_probabilities, verdict_place


def request(number: int, asked: dict[str, Any]) -> Request:
    messages = tuple(Message(role, content) for role, content in asked["messages"])
    contract = OutputContract.of(asked["contract"])
    sampling = Sampling(
        asked.get("temperature", 0.0), asked["max_tokens"], reasoning_effort=asked.get("effort")
    )
    key = request_key({"provider": "test"}, messages, {}, contract, number)
    return Request(key, messages, sampling, contract, number, Subject("i", "a", "ab"))


def told(asked: Request, found: Reply | BaseException) -> dict[str, Any]:
    if isinstance(found, BaseException):
        return {"fault": getattr(found, "kind", type(found).__name__), "message": str(found)}
    place = verdict_place(found.logprobs, asked.contract) if found.logprobs else None
    held = None if place is None else label_probabilities(found.logprobs[place], asked.contract.labels)
    return {
        "text": found.text,
        "finish": found.finish,
        "usage": asdict(found.usage),
        "served_model": found.served_model,
        "labels": None if held is None else [held.first, held.second, held.tie, held.mass],
    }


async def main(spec: str) -> None:
    requests = [request(number, asked) for number, asked in enumerate(json.load(sys.stdin))]
    async with open_judge(spec) as judge:
        replies = await asyncio.gather(*map(judge.ask, requests), return_exceptions=True)
    sys.stdout.write(json.dumps([told(*pair) for pair in zip(requests, replies, strict=True)]) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
