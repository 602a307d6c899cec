"""The reference: `python direct.py FOLDER`, chats as JSON on standard input, numbers computed with transformers alone.

For the folder `judge`: what the labels A, B and C hold of the first token's probability, over the whole vocabulary,
each with its variants; for `reward`: the score of each chat.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer


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
