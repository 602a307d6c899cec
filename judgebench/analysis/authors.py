"""Preference for one's own responses in a run directory: from `authored.parquet` to rows and `self_preference.json`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from judgebench.analysis.effects import groups_of
from judgebench.analysis.estimates import estimated
from judgebench.analysis.own_scores import POINTWISE, own_score_rows
from judgebench.analysis.panels import Change
from judgebench.analysis.recognition import known_by_pair, recognition_comparisons, recognition_rows
from judgebench.analysis.schema import PROMPT
from judgebench.analysis.scores import is_scored
from judgebench.analysis.self_preference import BIASES, self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.errors import InputError
from judgebench.run.manifest import write_text
from judgebench.run.pairs import AUTHORED
from judgebench.run.panel import PANEL_TABLE
from judgebench.run.recognition import RECOGNITION_TABLE
from judgebench.stats import proportion

SELF_PREFERENCE: Final = "self_preference.json"


def authored_rows(
    out: Path,
    judgments: pd.DataFrame,
    authored: pd.DataFrame,
    settings: Settings,
    told: Mapping[str, Any],
    failed: Collection[Change] | None = None,
) -> list[dict[str, Any]]:
    """The rows on authors of a run, with `self_preference.json` beside them.

    Args:
        out: The run directory.
        judgments: What the judge said.
        authored: The pairs with their authors.
        settings: Level of the intervals, clusters.
        told: What the manifest says as `self_preference`.
        failed: The changes whose manipulation check failed; None where that is not known.

    Raises:
        InputError: `panel.parquet` or `recognition.parquet` is broken.
    """
    rows: list[dict[str, Any]] = []
    behind: list[dict[str, Any]] = []
    recognised, known = _recognised(out, authored, settings)
    for names, group in groups_of(judgments):
        if is_scored(group) and names["protocol"].partition("@")[0] == POINTWISE:
            found = own_score_rows(group, authored, settings, BIASES, names["protocol"])
            rows += [{**names, **row} for row in found]
        if is_scored(group) or not group["order"].isin(["ab", "ba"]).all():
            continue
        split = told.get("split", "half")
        of_pairs, under = self_preference_rows(
            group, authored, settings, split=split, failed=failed, known=known
        )
        rows += [{**names, **row} for row in of_pairs]
        behind += [{**names, **row} for row in under]
    if rows:
        first = {**{name: rows[0][name] for name in ("suite", "judge")}, "mitigation": "none"}
        rows += [{**first, "protocol": "self_recognition", **row} for row in recognised]
        if (out / PANEL_TABLE).is_file():
            agreed = panel_agreement(_read(out / PANEL_TABLE), authored, settings)
            rows += [{**first, "protocol": "pairwise", **row} for row in agreed]
    write_text(out / SELF_PREFERENCE, json.dumps(behind, indent=1, ensure_ascii=False) + "\n")
    return rows


def _recognised(
    out: Path, authored: pd.DataFrame, settings: Settings
) -> tuple[list[dict[str, Any]], pd.Series[float] | None]:
    """The rows on recognition, and how often the judge names its own response by pair; None where it was not asked."""
    if not (out / RECOGNITION_TABLE).is_file():
        return [], None
    compared = list(recognition_comparisons(_read(out / RECOGNITION_TABLE), authored, settings))
    return [row for one in compared for row in recognition_rows(one)], known_by_pair(compared[0])


def read_authored(out: Path) -> pd.DataFrame | None:
    """The pairs of a run with their authors; None where it has none.

    Raises:
        InputError: `authored.parquet` is broken.
    """
    return _read(out / AUTHORED) if (out / AUTHORED).is_file() else None


def by_prompt(
    judgments: pd.DataFrame, authored: pd.DataFrame | None, settings: Settings
) -> tuple[pd.DataFrame, Settings]:
    """Judgments and settings for which pairs that share a prompt are one cluster, unless whole sources are.

    Args:
        judgments: Rows as in `judgments.parquet`.
        authored: The pairs with their authors; None where nothing is known of them.
        settings: As declared.
    """
    if authored is None or settings.cluster != "item" or authored["prompt_id"].is_unique:
        return judgments, settings
    prompts = dict(zip(authored["item_id"], authored["prompt_id"], strict=True))
    items, names = pd.factorize(judgments["item_id"])
    codes = pd.factorize(np.array([prompts.get(name, f"\0{name}") for name in names], dtype=object))[0]
    return judgments.assign(**{PROMPT: codes[items]}), replace(settings, cluster="prompt")


def panel_agreement(panel: pd.DataFrame, authored: pd.DataFrame, settings: Settings) -> list[dict[str, Any]]:
    """How often two members of a panel have one verdict on a pair in an order, over all of them and for each two.

    Pairs that share a prompt are one cluster.
    Where a member gave no verdict, nothing is compared; `n_missing` counts those.
    """
    panel = panel[panel["order"].isin(["ab", "ba"])]
    wide = panel.pivot_table(index=["item_id", "order"], columns="judge", values="verdict", aggfunc="first")
    prompts = authored.set_index("item_id")["prompt_id"]
    known = wide.where(wide.isin(["a", "b", "tie"]))
    members = list(known.columns)
    rows, parts = [], []
    for place, one in enumerate(members):
        for two in members[place + 1 :]:
            both = known[[one, two]]
            seen = both.notna().all(axis=1)
            same = (both[one] == both[two])[seen].to_numpy(dtype=np.float64)
            item = np.asarray(both.index.get_level_values("item_id")[seen])
            parts.append((same, item, int((~seen).sum())))
            if len(members) > 2:
                rows.append(_agreement(f"{one} = {two}", *parts[-1], prompts, settings))
    if not parts:
        return []
    all_same, items = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    missing = sum(part[2] for part in parts)
    return [_agreement("member = member", all_same, items, missing, prompts, settings), *rows]


def _agreement(
    contrast: str,
    same: np.ndarray,
    item: np.ndarray,
    missing: int,
    prompts: pd.Series[str],
    settings: Settings,
) -> dict[str, Any]:
    found = None
    if same.size:
        clusters = pd.factorize(prompts.reindex(item))[0]
        found = proportion(same, pd.factorize(item)[0], clusters, level=settings.level)
    low, high = (found.conf_low, found.conf_high) if found else (np.nan, np.nan)
    return {
        "bias": "panel", "perturbation": "none", "estimand": "agreement", "contrast": contrast, "stratum": "all",
        "unit": "proportion", **estimated(found, settings), "n_missing": missing,
        "bound_low": low if not missing else np.nan, "bound_high": high if not missing else np.nan,
    }  # fmt: skip


def _read(path: Path) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"the file is broken: {str(error).splitlines()[0]}", file=path) from error
    return table
