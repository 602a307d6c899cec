"""The methods paragraph: what was run and how it was analysed, from the manifest and the effects and nothing else.

A fact that the manifest does not hold is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.errors import InputError
from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of
from judgebench.report.latex import escape
from judgebench.report.methods_analysis import analysis_sentences
from judgebench.report.model import Audit
from judgebench.report.references import REFERENCES, SOURCES, bibliography
from judgebench.report.sentence import Sentence, cited
from judgebench.report.text import clean, shorten
from judgebench.suite.strict_yaml import parse

__all__ = ["Methods", "methods_files", "methods_of"]


@dataclass(frozen=True, slots=True)
class Methods:
    """A methods paragraph."""

    sentences: tuple[Sentence, ...]

    @property
    def plain(self) -> str:
        """The paragraph as text, works cited by author and year."""
        return " ".join(s.text + _in_brackets(s) + "." for s in self.sentences)

    @property
    def latex(self) -> str:
        r"""The paragraph for a paper, with `\cite` of the entries in `bibtex`."""
        parts = (
            escape(s.text) + (rf"~\cite{{{','.join(s.keys)}}}" if s.keys else "") + "."
            for s in self.sentences
        )
        return "\n".join(parts) + "\n"

    @property
    def bibtex(self) -> str:
        """The works that the paragraph cites."""
        return bibliography(key for sentence in self.sentences for key in sentence.keys)


def methods_of(audit: Audit) -> Methods:
    """The methods paragraph of an audit."""
    effects = effects_of(audit)
    origin = _recorded if isinstance(audit.manifest.get("imported"), Mapping) else _asked
    return Methods((
        *origin(audit, effects),
        *_outcome(audit.manifest),
        *analysis_sentences(audit, effects),
    ))  # fmt: skip


def _in_brackets(sentence: Sentence) -> str:
    return f" ({'; '.join(REFERENCES[key].short for key in sentence.keys)})" if sentence.keys else ""


def _recorded(audit: Audit, _: Sequence[Effect]) -> Iterator[Sentence]:
    """Verdicts of somebody else's: who judged what, and that nothing was asked."""
    imported, counts = audit.manifest["imported"], _section(audit.manifest, "counts")
    form = str(imported.get("format", "unknown"))
    yield cited(
        f"The verdicts of {_name(audit.judge)} on {_name(audit.suite)} were recorded by others and imported from the "
        f"format {_name(form)} by judgebench {_name(audit.manifest.get('judgebench', 'of an unknown version'))}; "
        "nothing was asked anew",
        *_keys([form]),
    )
    if "items" in counts and "trials" in counts:
        yield cited(f"There are {_count(counts['trials'])} verdicts on {_count(counts['items'])} items")
    if frame := imported.get("frame"):
        yield cited(f"The verdicts were brought into the item's frame: {clean(str(frame)).rstrip('.')}")


def _asked(audit: Audit, effects: Sequence[Effect]) -> Iterator[Sentence]:
    """A run: design, items, changes, ways of asking, judge."""
    manifest = audit.manifest
    suite = _suite(manifest)
    items = _section(manifest, "counts").get("items")
    number = f"{_count(items)} items" if items is not None else "items"
    seed = f" and seed {manifest['seed']}" if manifest.get("seed") is not None else ""
    version = manifest.get("judgebench")
    yield cited(
        f"The suite {_name(audit.suite)}{f' ({number}{seed})' if items is not None else ''} was run with judgebench"
        f"{f' {_name(version)}' if version else ''} as a paired experiment: each item was judged as it is and with one "
        "thing changed, all else being the same"
    )
    if suite:
        yield from _items(suite)
    yield from _changes(manifest)
    yield from _authors(manifest)
    if suite:
        yield from _ways(suite, effects)
    yield from _judge(audit)


def _items(suite: Mapping[str, Any]) -> Iterator[Sentence]:
    entries = [entry for entry in suite.get("items") or () if isinstance(entry, Mapping)]
    names = [str(entry.get("source")) for entry in entries]
    said = [
        ("the built-in bank" if name == "bank" else _name(name))
        + (f" (at most {entry['limit']})" if entry.get("limit") else "")
        for name, entry in zip(names, entries, strict=True)
    ]
    if said:
        yield cited(f"Items came from {_listed(said)}", *_keys(names))


def _changes(manifest: Mapping[str, Any]) -> Iterator[Sentence]:
    """The perturbations with their versions, and which had a placebo or were put on either response."""
    entries = [e for e in manifest.get("perturbations") or () if isinstance(e, Mapping) and "name" in e]
    if not entries:
        return
    named = [f"{_name(e['name'])} (version {e.get('version', 'unknown')})" for e in entries]
    yield cited(f"Perturbations: {_listed(named)}")
    for words, wanted in (
        ("A placebo of the same length and place accompanied", [e for e in entries if e.get("placebo")]),
        ("Each response in turn was the target of", [e for e in entries if e.get("targets") == "both"]),
    ):
        if wanted:
            yield cited(f"{words} {_listed([_name(e['name']) for e in wanted])}")


def _authors(manifest: Mapping[str, Any]) -> Iterator[Sentence]:
    """Who wrote the responses, who said which is better, and what else was asked about them."""
    told = _section(manifest, "self_preference")
    authors = [a for a in told.get("authors") or () if isinstance(a, Mapping) and "name" in a]
    if authors:
        named = [_name(a["name"]) + (f" ({_name(a['judge'])})" if a.get("judge") else "") for a in authors]
        yield cited(f"Responses were by {_listed(named)}")
    members = [m for m in _section(told, "panel").get("members") or () if isinstance(m, Mapping)]
    if members:
        yield cited(
            "Where items had no gold, it was the majority of a panel that saw each pair in both orders: "
            f"{_listed([_name(member.get('judge')) for member in members])}"
        )
    if "recognition" in told:
        pairs = _count(_section(told, "recognition").get("pairs", "its"))
        yield cited(
            f"The judge was asked which of two responses it wrote, for {pairs} pairs in both orders",
            "panickssery2024",
        )
    if style := _section(_suite(manifest), "self_preference").get("equalised"):
        yield cited(
            f"Each pair of authors was shown once more with both responses in one style, {_name(style)}"
        )
    rewrites = _section(manifest, "rewrites")
    if rewrites:
        by = (
            f"; {_name(rewrites['check'])} checked that the content was kept" if rewrites.get("check") else ""
        )
        yield cited(
            f"{_count(rewrites.get('texts', 'Some'))} texts were rewritten by {_name(rewrites.get('judge'))}{by}"
        )


def _ways(suite: Mapping[str, Any], effects: Sequence[Effect]) -> Iterator[Sentence]:
    orders = {"both": "in both orders", "ab": "in one order (ab)", "ba": "in one order (ba)"}
    order = orders.get(str(suite.get("orders", "both")), "in the declared orders")
    repeats = suite.get("repeats", 1)
    times = "once" if repeats == 1 else f"{repeats} times"
    yield cited(f"Responses were shown {order}, each question asked {times}")
    if floor := next((e for e in effects if (e.bias, e.stratum) == ("repeat_stability", "all")), None):
        yield cited(
            f"Unchanged questions were asked again to learn the judge's own noise (on {_count(floor.n_items)} items)"
        )
    protocols = _listed([_name(_first(p)) for p in suite.get("protocols") or ["pairwise"]])
    mitigations = [_name(_first(m)) for m in suite.get("mitigations") or () if _first(m) != "none"]
    tried = f"; mitigations tried: {_listed(mitigations)}" if mitigations else ""
    yield cited(f"The protocol was {protocols}{tried}")


def _judge(audit: Audit) -> Iterator[Sentence]:
    manifest = audit.manifest
    served = manifest.get("served_model")
    started, finished = manifest.get("started_at"), manifest.get("finished_at")
    when = f" between {clean(str(started))} and {clean(str(finished))}" if started and finished else ""
    as_served = f", served as {_name(served)}," if served and served != audit.judge else ""
    kind = "simulated judge" if audit.simulated else "judge"
    yield cited(f"The {kind} {_name(audit.judge)}{as_served} was asked{when}")
    if audit.simulated:
        yield cited("Its verdicts were drawn from planted biases, so that the true effects are known")
    sampling = _section(manifest, "sampling")
    for words, name in (("Sampling parameters asked for", "asked"), ("In effect, as reported", "effective")):
        values = _section(sampling, name)
        if told := [f"{_name(key)} {_name(value)}" for key, value in values.items() if value is not None]:
            yield cited(f"{words}: {', '.join(told)}")


def _outcome(manifest: Mapping[str, Any]) -> Iterator[Sentence]:
    """What came back, what did not, and what it cost."""
    counts = _section(manifest, "counts")
    trials, missing, unread = (counts.get(name) for name in ("trials", "missing", "no_verdict"))
    if trials is not None and missing is not None:
        without = f" and {_count(unread)} replies held no verdict" if unread is not None else ""
        yield cited(
            f"Of {_count(trials)} trials {_count(missing)} have no reply{without}; neither counts as a tie or as wrong"
        )
    if failed := counts.get("checks_failed"):
        yield cited(f"{_count(failed)} changes failed their manipulation check")
    if manifest.get("cost_usd"):
        yield cited(f"The cost was {formats.money(float(manifest['cost_usd']))}")


def _suite(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The suite as its file has it; empty where the manifest has no text that can be read."""
    text = manifest.get("suite_text")
    if not isinstance(text, str):
        return {}
    try:
        value = parse(text, "suite_text").data
    except InputError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _keys(names: Sequence[str]) -> list[str]:
    return [SOURCES[name] for name in dict.fromkeys(names) if name in SOURCES]


def _first(named: Any) -> str:
    """The name in `name` or `{name: options}`."""
    return str(next(iter(named), "")) if isinstance(named, Mapping) else str(named)


def _section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = mapping.get(name)
    return section if isinstance(section, Mapping) else {}


def _name(value: Any) -> str:
    return shorten(str(value), 80)


def _count(value: Any) -> str:
    return formats.count(value) if isinstance(value, int | float) else _name(value)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def methods_files(audits: Sequence[Audit]) -> dict[str, str]:
    """The paragraphs of all audits as files: `methods.txt`, `methods.tex` and the `references.bib` of both."""
    found = [methods_of(audit) for audit in audits]
    keys = (key for each in found for sentence in each.sentences for key in sentence.keys)
    return {
        "methods.txt": "\n\n".join(each.plain for each in found) + "\n",
        "methods.tex": "\n".join(each.latex for each in found),
        "references.bib": bibliography(keys),
    }
