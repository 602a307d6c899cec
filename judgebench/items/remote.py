"""Public sets that can be fetched: pinned addresses and, where the content could be seen, its sha256.

Every address names a commit or revision, so what it gives does not change. A file without a sha256 here is trusted when
it is first fetched; its hash goes into the lock file beside it, and later fetches are held to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a set.

    Attributes:
        path: Where it lies in the set's folder, as in the publisher's.
        url: Its pinned address.
        sha256: What it must hash to; None where nobody could see it when this was written.
    """

    path: str
    url: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteSet:
    """A public set.

    Attributes:
        name: The name of its item source.
        licence: What its publisher says.
        home: Its page, for people.
        files: What is fetched; empty where no address is known.
    """

    name: str
    licence: str
    home: str
    files: tuple[RemoteFile, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether the hash of every file is known beforehand."""
        return all(file.sha256 for file in self.files)


def _github(
    repository: str, commit: str, hashes: dict[str, str | None], prefix: str = ""
) -> tuple[RemoteFile, ...]:
    """Files of a repository at a commit, from their paths below `prefix`."""
    root = f"https://raw.githubusercontent.com/{repository}/{commit}/{prefix}"
    return tuple(RemoteFile(path, root + path, digest) for path, digest in hashes.items())


def _hugging_face(dataset: str, revision: str, *paths: str) -> tuple[RemoteFile, ...]:
    root = f"https://huggingface.co/datasets/{dataset}/resolve/{revision}/"
    return tuple(RemoteFile(path, root + path) for path in paths)


_ALPACA: Final = (
    "https://raw.githubusercontent.com/tatsu-lab/alpaca_eval/ca5c2dc979207f8db833b9175f393e825a54e5ef/results"
)

_ALL: Final = (
    RemoteSet(
        "llmbar",
        "MIT",
        "https://github.com/princeton-nlp/LLMBar",
        _github(
            "princeton-nlp/LLMBar",
            "caa7bee794bfed74baed038b99229fa3f0c4c511",
            {
                "Natural/dataset.json": "f7127b7aa78104cb8e03a2b1b3ac0077e95b125714dd441a8ee63666145a3375",
                "Adversarial/Neighbor/dataset.json": "6712c7eda6342602e0bc7c06c282fa95e2110d4e741a284026a62d937f9780a0",
                "Adversarial/GPTInst/dataset.json": "1002425f73c2cf54b6e6de99bce3f6c60fa2a17d13194772e37d7481c1351d42",
                "Adversarial/GPTOut/dataset.json": "1ff56e520d7607750a9866a3be0f5b850392ca4477a1f69d80f32bd3e310f561",
                "Adversarial/Manual/dataset.json": "0d9598769a39cdbbd265778c37e49939d41d5f76dcfb17bd75dcfa07516d3837",
            },
            "Dataset/LLMBar/",
        ),
    ),
    RemoteSet(
        "evalbiasbench",
        "BSD-3-Clause",
        "https://github.com/ncsoft/offsetbias",
        _github(
            "ncsoft/offsetbias",
            "0bd16e4ac935315999ed23480c69673b675884b0",
            {"biasbench.json": "766684b9fedbd38ae3b5595a8ab0a7ea1abc51683d6e3a0cf8583688eaa09544"},
            "data/evalbiasbench/",
        ),
    ),
    RemoteSet(
        "judgebench",
        "MIT by its data card; the texts are outputs of GPT-4o and Claude",
        "https://github.com/ScalerLab/JudgeBench",
        _github(
            "ScalerLab/JudgeBench",
            "12a499c5c29f06940d259b49250fca627d2a0ee5",
            {
                "dataset=judgebench,response_model=claude-3-5-sonnet-20240620.jsonl": (
                    "3b70504588e400613bf5744a20a345da8701b7150be9a30c9db0e6f3d7b70a62"
                ),
                "dataset=judgebench,response_model=gpt-4o-2024-05-13.jsonl": (
                    "d5106306b38dead1b2e964ecf5534a3e7b2fc4b8d3b8da327599edfcebd76042"
                ),
            },
            "data/",
        ),
    ),
    RemoteSet(
        "pandalm",
        "Apache-2.0",
        "https://github.com/WeOpenML/PandaLM",
        _github(
            "WeOpenML/PandaLM",
            "3871806",
            {"testset-v1.json": "cc154f9067c7382d7ea86f8f246511a5e1ac87e1fddd845c5938d789505b07a4"},
            "data/",
        ),
    ),
    RemoteSet(
        "rewardbench",
        "ODC-BY",
        "https://huggingface.co/datasets/allenai/reward-bench",
        _hugging_face(
            "allenai/reward-bench",
            "01272f0c04adcbe7de26ea6250e03d5a90a6925b",
            "data/filtered-00000-of-00001.parquet",
        ),
    ),
    RemoteSet(
        "rm_bench",
        "see its page",
        "https://github.com/THU-KEG/RM-Bench",
        _github(
            "THU-KEG/RM-Bench", "2119ec5664d042fd9f863233a9e8e3ab08f61ad1", {"data/total_dataset.json": None}
        ),
    ),
    RemoteSet(
        "mt_bench",
        "CC BY 4.0",
        "https://huggingface.co/datasets/lmsys/mt_bench_human_judgments",
        _hugging_face(
            "lmsys/mt_bench_human_judgments",
            "ee34b9d273a7a35e4415c87678526c56c471098c",
            "data/human-00000-of-00001-25f4910818759289.parquet",
            "data/gpt4_pair-00000-of-00001-c0b431264a82ddc0.parquet",
        ),
    ),
    RemoteSet(
        "alpaca_eval",
        "CC BY-NC 4.0",
        "https://github.com/tatsu-lab/alpaca_eval",
        (
            RemoteFile("model_outputs.json", f"{_ALPACA}/gpt-3.5-turbo-1106/model_outputs.json"),
            RemoteFile("reference/model_outputs.json", f"{_ALPACA}/gpt4_1106_preview/model_outputs.json"),
        ),
    ),
    RemoteSet(
        "humans_llms",
        "Apache-2.0",
        "https://github.com/FreedomIntelligence/Humans_LLMs_Judgement_Bias",
    ),
)

SETS: Final = {remote.name: remote for remote in _ALL}
