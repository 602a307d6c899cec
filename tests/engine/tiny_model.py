"""A model of half a million random parameters that any engine serves: `python tiny_model.py FOLDER`.

Nothing is downloaded: the tokenizer is a byte-level BPE trained on the standard library's sources, the chat template is
ChatML, the weights are random. Its head is tilted so that most of the probability of a reply's first token falls on the
labels A, B and C, in shares that depend on the prompt; it tests plumbing, never judgement.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2ForSequenceClassification,
)

VOCABULARY = 1200
POSITIONS = 2048
TILT = 45.0
"""So that the labels hold nearly all of the probability of the first token: few variants are beyond the top 20."""
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    sources = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:60]
    tokenizer.train([str(path) for path in sources], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=None,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=CHATML,
    )


def config(**more: object) -> Qwen2Config:
    return Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=POSITIONS, initializer_range=0.2, tie_word_embeddings=False,
        pad_token_id=0, eos_token_id=2, bos_token_id=None, **more,
    )  # fmt: skip


def make_judge(tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen2ForCausalLM:
    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(config()).eval()
    with torch.no_grad():
        # a dimension in which every token is alike, and which the layers leave alone, tilts the head
        model.model.embed_tokens.weight.mul_(5)
        model.model.embed_tokens.weight[:, 0] = 4.0
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight[0] = 0.0
            layer.mlp.down_proj.weight[0] = 0.0
        head = model.lm_head.weight
        head.mul_(0.1)
        head[:, 0] = 0.0
        for label in ("A", "B", "C"):
            row = tokenizer.convert_tokens_to_ids(label)
            head[row] *= 4
            head[row, 0] = TILT
    return model


def main(folder: Path) -> None:
    tokenizer = make_tokenizer()
    torch.manual_seed(11)
    reward = Qwen2ForSequenceClassification(config(num_labels=1)).eval()
    judge, other = (make_judge(tokenizer, seed) for seed in (7, 8))
    for name, model in (("judge", judge), ("other", other), ("reward", reward)):
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
