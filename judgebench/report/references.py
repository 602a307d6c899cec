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


def _presented(
    short: str, author: str, title: str, booktitle: str, year: int, number: str, pages: str = ""
) -> Reference:
    """A paper of a conference that is also on arXiv under that number."""
    fields = {"author": author, "title": title, "booktitle": booktitle, "year": str(year)}
    if pages:
        fields["pages"] = pages.replace("-", "--")
    return Reference(short, "inproceedings", {**fields, "eprint": number, "archiveprefix": "arXiv"})


_EMNLP: Final = "Proceedings of the {} Conference on Empirical Methods in Natural Language Processing"
_FINDINGS: Final = "Findings of the Association for Computational Linguistics: {}"
_ICLR: Final = "The {} International Conference on Learning Representations"

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
    "devlin1975": _article(
        "Devlin, Gnanadesikan and Kettenring 1975",
        "Devlin, Susan J. and Gnanadesikan, Ramanathan and Kettenring, Jon R.",
        "Robust estimation and outlier detection with correlation coefficients",
        "Biometrika",
        1975,
        "62/3/531-545",
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
    "chen2025": _presented(
        "Chen et al. 2025",
        "Chen, Zhi-Yuan and Wang, Hao and Zhang, Xinyu and Hu, Enrui and Lin, Yankai",
        "Beyond the surface: measuring self-preference in {LLM} judgments",
        _EMNLP.format(2025),
        2025,
        "2506.02592",
        "1653-1672",
    ),
    "wataoka2024": _arxiv(
        "Wataoka et al. 2024",
        "Wataoka, Koki and Takahashi, Tsubasa and Ri, Ryokan",
        "Self-preference bias in {LLM}-as-a-judge",
        2024,
        "2410.21819",
    ),
    "panickssery2024": _presented(
        "Panickssery, Bowman and Feng 2024",
        "Panickssery, Arjun and Bowman, Samuel R. and Feng, Shi",
        "{LLM} evaluators recognize and favor their own generations",
        "Advances in Neural Information Processing Systems 37",
        2024,
        "2404.13076",
    ),
    "zheng2023": _presented(
        "Zheng et al. 2023",
        "Zheng, Lianmin and Chiang, Wei-Lin and Sheng, Ying and Zhuang, Siyuan and Wu, Zhanghao and Zhuang, Yonghao "
        "and Lin, Zi and Li, Zhuohan and Li, Dacheng and Xing, Eric P. and Zhang, Hao and Gonzalez, Joseph E. and "
        "Stoica, Ion",
        "Judging {LLM}-as-a-judge with {MT-Bench} and {Chatbot Arena}",
        "Advances in Neural Information Processing Systems 36, Datasets and Benchmarks Track",
        2023,
        "2306.05685",
    ),
    "zeng2024": _presented(
        "Zeng et al. 2024",
        "Zeng, Zhiyuan and Yu, Jiatong and Gao, Tianyu and Meng, Yu and Goyal, Tanya and Chen, Danqi",
        "Evaluating large language models at evaluating instruction following",
        _ICLR.format("Twelfth"),
        2024,
        "2310.07641",
    ),
    "tan2025": _presented(
        "Tan et al. 2025",
        "Tan, Sijun and Zhuang, Siyuan and Montgomery, Kyle and Tang, William Y. and Cuadron, Alejandro and Wang, "
        "Chenguang and Popa, Raluca Ada and Stoica, Ion",
        "{JudgeBench}: a benchmark for evaluating {LLM}-based judges",
        _ICLR.format("Thirteenth"),
        2025,
        "2410.12784",
    ),
    "park2024": _presented(
        "Park et al. 2024",
        "Park, Junsoo and Jwa, Seungyeon and Ren, Meiying and Kim, Daeyoung and Choi, Sanghyuk",
        "{OffsetBias}: leveraging debiased data for tuning evaluators",
        _FINDINGS.format("EMNLP 2024"),
        2024,
        "2407.06551",
        "1043-1067",
    ),
    "wang2024": _presented(
        "Wang et al. 2024",
        "Wang, Yidong and Yu, Zhuohao and Yao, Wenjin and Zeng, Zhengran and Yang, Linyi and Wang, Cunxiang and "
        "Chen, Hao and Jiang, Chaoya and Xie, Rui and Wang, Jindong and Xie, Xing and Ye, Wei and Zhang, Shikun and "
        "Zhang, Yue",
        "{PandaLM}: an automatic evaluation benchmark for {LLM} instruction tuning optimization",
        _ICLR.format("Twelfth"),
        2024,
        "2306.05087",
    ),
    "lambert2025": _presented(
        "Lambert et al. 2025",
        "Lambert, Nathan and Pyatkin, Valentina and Morrison, Jacob and Miranda, LJ and Lin, Bill Yuchen and Chandu, "
        "Khyathi and Dziri, Nouha and Kumar, Sachin and Zick, Tom and Choi, Yejin and Smith, Noah A. and Hajishirzi, "
        "Hannaneh",
        "{RewardBench}: evaluating reward models for language modeling",
        _FINDINGS.format("NAACL 2025"),
        2025,
        "2403.13787",
        "1755-1797",
    ),
    "liu2025": _presented(
        "Liu et al. 2025",
        "Liu, Yantao and Yao, Zijun and Min, Rui and Cao, Yixin and Hou, Lei and Li, Juanzi",
        "{RM-Bench}: benchmarking reward models of language models with subtlety and style",
        _ICLR.format("Thirteenth"),
        2025,
        "2410.16184",
    ),
    "dubois2024": _arxiv(
        "Dubois et al. 2024",
        "Dubois, Yann and Galambosi, Bal{\\'a}zs and Liang, Percy and Hashimoto, Tatsunori B.",
        "Length-controlled {AlpacaEval}: a simple way to debias automatic evaluators",
        2024,
        "2404.04475",
    ),
    "chen2024": _presented(
        "Chen et al. 2024",
        "Chen, Guiming Hardy and Chen, Shunian and Liu, Ziche and Jiang, Feng and Wang, Benyou",
        "Humans or {LLMs} as the judge? {A} study on judgement bias",
        _EMNLP.format(2024),
        2024,
        "2402.10669",
        "8301-8327",
    ),
}

SOURCES: Final[Mapping[str, str]] = {
    "alpaca_eval": "dubois2024",
    "evalbiasbench": "park2024",
    "humans_llms": "chen2024",
    "judgebench": "tan2025",
    "llmbar": "zeng2024",
    "mt_bench": "zheng2023",
    "pandalm": "wang2024",
    "rewardbench": "lambert2025",
    "rm_bench": "liu2025",
}
"""What to cite for items of a source, or for verdicts imported from a format, of that name."""


def bibliography(keys: Iterable[str]) -> str:
    """The BibTeX entries of those works, in the order of their keys."""
    return "\n".join(_entry(key, REFERENCES[key]) for key in sorted(set(keys)))


def _entry(key: str, reference: Reference) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in reference.fields.items())
    return f"@{reference.kind}{{{key},\n{fields}}}\n"
