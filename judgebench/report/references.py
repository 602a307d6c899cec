"""The works that a methods paragraph may cite, and their BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["REFERENCES", "SOURCES", "Reference", "bibliography"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A work.

    Attributes:
        short: As it is cited in running text: authors and year.
        kind: The type of its BibTeX entry.
        fields: The fields of that entry, in BibTeX's own notation.
    """

    short: str
    kind: str
    fields: Mapping[str, str]


def _article(short: str, author: str, title: str, journal: str, year: int, where: str) -> Reference:
    volume, number, pages = where.split("/")
    fields = {"author": author, "title": title, "journal": journal, "year": str(year)}
    return Reference(
        short, "article", {**fields, "volume": volume, "number": number, "pages": pages.replace("-", "--")}
    )


def _arxiv(short: str, author: str, title: str, year: int, number: str) -> Reference:
    fields = {"author": author, "title": title, "year": str(year), "eprint": number}
    return Reference(short, "misc", {**fields, "archiveprefix": "arXiv"})


REFERENCES: Final[Mapping[str, Reference]] = {
    "tango1998": _article(
        "Tango 1998",
        "Tango, Toshiro",
        "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
        "Statistics in Medicine",
        1998,
        "17/8/891-908",
    ),
    "bell2002": _article(
        "Bell and McCaffrey 2002",
        "Bell, Robert M. and McCaffrey, Daniel F.",
        "Bias reduction in standard errors for linear regression with multi-stage samples",
        "Survey Methodology",
        2002,
        "28/2/169-181",
    ),
    "pustejovsky2018": _article(
        "Pustejovsky and Tipton 2018",
        "Pustejovsky, James E. and Tipton, Elizabeth",
        "Small-sample methods for cluster-robust variance estimation and hypothesis testing in fixed effects models",
        "Journal of Business {\\&} Economic Statistics",
        2018,
        "36/4/672-683",
    ),
    "wilson1927": _article(
        "Wilson 1927",
        "Wilson, Edwin B.",
        "Probable inference, the law of succession, and statistical inference",
        "Journal of the American Statistical Association",
        1927,
        "22/158/209-212",
    ),
    "mcnemar1947": _article(
        "McNemar 1947",
        "McNemar, Quinn",
        "Note on the sampling error of the difference between correlated proportions or percentages",
        "Psychometrika",
        1947,
        "12/2/153-157",
    ),
    "holm1979": _article(
        "Holm 1979",
        "Holm, Sture",
        "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics",
        1979,
        "6/2/65-70",
    ),
    "benjamini1995": _article(
        "Benjamini and Hochberg 1995",
        "Benjamini, Yoav and Hochberg, Yosef",
        "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
        "Journal of the Royal Statistical Society: Series B",
        1995,
        "57/1/289-300",
    ),
    "hothorn2008": _article(
        "Hothorn, Bretz and Westfall 2008",
        "Hothorn, Torsten and Bretz, Frank and Westfall, Peter",
        "Simultaneous inference in general parametric models",
        "Biometrical Journal",
        2008,
        "50/3/346-363",
    ),
    "imbens2004": _article(
        "Imbens and Manski 2004",
        "Imbens, Guido W. and Manski, Charles F.",
        "Confidence intervals for partially identified parameters",
        "Econometrica",
        2004,
        "72/6/1845-1857",
    ),
    "chen2025": _arxiv(
        "Chen et al. 2025",
        "Chen, Zhi-Yuan and others",
        "Beyond the surface: measuring self-preference in {LLM} judgments",
        2025,
        "2506.02592",
    ),
    "wataoka2024": _arxiv(
        "Wataoka et al. 2024",
        "Wataoka, Koki and Takahashi, Tsubasa and Ri, Ryokan",
        "Self-preference bias in {LLM}-as-a-judge",
        2024,
        "2410.21819",
    ),
    "zheng2023": _arxiv(
        "Zheng et al. 2023",
        "Zheng, Lianmin and others",
        "Judging {LLM}-as-a-judge with {MT-Bench} and {Chatbot Arena}",
        2023,
        "2306.05685",
    ),
    "zeng2024": _arxiv(
        "Zeng et al. 2024",
        "Zeng, Zhiyuan and others",
        "Evaluating large language models at evaluating instruction following",
        2024,
        "2310.07641",
    ),
    "tan2024": _arxiv(
        "Tan et al. 2024",
        "Tan, Sijun and others",
        "{JudgeBench}: a benchmark for evaluating {LLM}-based judges",
        2024,
        "2410.12784",
    ),
    "park2024": _arxiv(
        "Park et al. 2024",
        "Park, Junsoo and others",
        "{OffsetBias}: leveraging debiased data for tuning evaluators",
        2024,
        "2407.06551",
    ),
    "wang2023": _arxiv(
        "Wang et al. 2023",
        "Wang, Yidong and others",
        "{PandaLM}: an automatic evaluation benchmark for {LLM} instruction tuning optimization",
        2023,
        "2306.05087",
    ),
    "lambert2024": _arxiv(
        "Lambert et al. 2024",
        "Lambert, Nathan and others",
        "{RewardBench}: evaluating reward models for language modeling",
        2024,
        "2403.13787",
    ),
    "liu2024": _arxiv(
        "Liu et al. 2024",
        "Liu, Yantao and others",
        "{RM-Bench}: benchmarking reward models of language models with subtlety and style",
        2024,
        "2410.16184",
    ),
    "dubois2024": _arxiv(
        "Dubois et al. 2024",
        "Dubois, Yann and others",
        "Length-controlled {AlpacaEval}: a simple way to debias automatic evaluators",
        2024,
        "2404.04475",
    ),
    "chen2024": _arxiv(
        "Chen et al. 2024",
        "Chen, Guiming Hardy and others",
        "Humans or {LLMs} as the judge? {A} study on judgement bias",
        2024,
        "2402.10669",
    ),
}

SOURCES: Final[Mapping[str, str]] = {
    "alpaca_eval": "dubois2024",
    "evalbiasbench": "park2024",
    "humans_llms": "chen2024",
    "judgebench": "tan2024",
    "llmbar": "zeng2024",
    "mt_bench": "zheng2023",
    "pandalm": "wang2023",
    "rewardbench": "lambert2024",
    "rm_bench": "liu2024",
}
"""What to cite for items of a source, or for verdicts imported from a format, of that name."""


def bibliography(keys: Iterable[str]) -> str:
    """The BibTeX entries of those works, in the order of their keys."""
    return "\n".join(_entry(key, REFERENCES[key]) for key in sorted(set(keys)))


def _entry(key: str, reference: Reference) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in reference.fields.items())
    return f"@{reference.kind}{{{key},\n{fields}}}\n"
