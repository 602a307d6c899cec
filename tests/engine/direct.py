"""The reference: `python direct.py FOLDER`, chats as JSON on standard input, numbers computed with transformers alone.

For the folder `judge`: what the labels A, B and C hold of the first token's probability, over the whole vocabulary,
each with its variants, or of a chat that ends in a reply how likely that is, in nats, and its tokens; for `reward`: the
score of each chat.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer


def likelihood(tokenizer: Any, model: Any, messages: list[dict[str, str]]) -> list[float]:
    """Minus the log likelihood of the last message, token after token, and how many they are."""
    opened = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    before = tokenizer(opened, add_special_tokens=False)["input_ids"]
    said = tokenizer(messages[-1]["content"], add_special_tokens=False)["input_ids"]
    nats = 0.0
    for place, token in enumerate(said):
        with torch.inference_mode():
            logits = model(torch.tensor([before + said[:place]])).logits[0, -1].double()
        nats -= float(logits.log_softmax(-1)[token])
    return [nats, len(said)]


def main(folder: Path) -> None:
    reward = folder.name == "reward"
    kind = AutoModelForSequenceClassification if reward else AutoModelForCausalLM
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = kind.from_pretrained(folder, dtype=torch.float32).eval()
    words = [
        tokenizer.decode([number]).strip("\n\t []().,:*_\"'`{}").lower() for number in range(len(tokenizer))
    ]
    found = []
    for chat in json.load(sys.stdin):
        messages = [{"role": role, "content": content} for role, content in chat]
        if messages[-1]["role"] == "assistant" and not reward:
            found.append(likelihood(tokenizer, model, messages))
            continue
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=not reward)
        ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            logits = model(**ids).logits
        if reward:
            found.append(float(logits[0, 0]))
            continue
        shares = logits[0, -1].double().softmax(-1)
        held = [sum(float(shares[n]) for n, word in enumerate(words) if word == label) for label in "abc"]
        found.append([*(share / sum(held) for share in held), sum(held)])
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
