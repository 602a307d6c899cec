"""Loading a suite: the file, its items and its perturbations, all checked before anything is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, Field, create_model

from judgebench.errors import InputError, PluginError, nearest
from judgebench.items import Item, ItemSource, distinct, sample, sources
from judgebench.items.cache import resolved
from judgebench.perturb import perturbations
from judgebench.perturb.apply import rewrite_job
from judgebench.perturb.rewriting import RewriteJob, Rewritten
from judgebench.suite.attributes import with_attributes
from judgebench.suite.authors import with_authors
from judgebench.suite.factorial import check_factorial
from judgebench.suite.options import Variant, title_of, variants_of
from judgebench.suite.schema import ItemsSpec, KnownItemsSpec, SuiteSpec
from judgebench.suite.strict_yaml import Document, KeyPath, parse, read_text
from judgebench.suite.targets import targets_of
from judgebench.suite.validate import check_model


@dataclass(frozen=True)
class Suite:
    """A suite ready to be asked.

    Attributes:
        spec: What the file says, defaults filled in.
        items: The items, after limits.
        variants: The perturbations with their options.
        document: The file as it was parsed, for messages with a place.
        rewritten: What a model made of the texts that it has to rewrite; a run fills it before it asks the judge.
    """

    spec: SuiteSpec
    items: tuple[Item, ...]
    variants: tuple[Variant, ...]
    document: Document
    rewritten: dict[RewriteJob, Rewritten] = field(default_factory=dict, compare=False)

    @cached_property
    def hash(self) -> str:
        """sha256 over all that decides which trials there are and how they are analysed.

        Not over names of files: of the sources it matters only which items share one.
        """
        first_of: dict[str | None, int] = {}
        for index, item in enumerate(self.items):
            first_of.setdefault(item.source, index)
        names = ("rewrites", "factorial", "self_preference", "attributes")
        absent = {key for key in names if getattr(self.spec, key) is None}
        content = {
            "spec": self.spec.model_dump(exclude={"description", "judge", "items", "perturbations"} | absent),
            "items": [{**item.to_dict(), "source": first_of[item.source]} for item in self.items],
            "perturbations": [
                [v.name, v.plugin.version, dict(v.options), v.targets, v.placebo] for v in self.variants
            ],
        }
        canonical = json.dumps(
            content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


def load_suite(path: Path | str, *, seed: int | None = None, limit: int | None = None) -> Suite:
    """Load a suite file.

    Args:
        path: The YAML file.
        seed: In place of the file's seed.
        limit: At most so many items in all, drawn by the seed.

    Raises:
        InputError: Anything in it, or in the item files it names, is wrong.
    """
    path = Path(path)
    if limit is not None and limit < 1:
        raise InputError(f"the limit is {limit}", expected="at least one item")
    document = parse(read_text(path), str(path))
    if not isinstance(document.data, dict):
        raise document.error((), "the file holds no keys", expected="a mapping with the keys of a suite")
    spec = check_model(document, SuiteSpec, document.data)
    spec = spec if seed is None else spec.model_copy(update={"seed": seed})
    variants = tuple(_variants(spec, document))
    items = sample(_items(spec, document, path.parent), limit, spec.seed)
    items = with_attributes(with_authors(items, spec, document), spec, document)
    suite = Suite(spec, tuple(items), variants, document)
    _check_sense(suite)
    return suite


def _variants(spec: SuiteSpec, document: Document) -> list[Variant]:
    found: dict[str, Variant] = {}
    for index, entry in enumerate(spec.perturbations):
        (name, options) = next(iter(entry.items()))
        path = _entry_path(document, ("perturbations", index), name)
        if name not in perturbations:
            error = perturbations.unknown(name)
            raise document.error(
                path, f"unknown perturbation {name!r}", expected=error.expected, suggestion=error.suggestion
            )
        for variant in variants_of(perturbations.get(name), options, document, path):
            if variant.name in found:
                raise document.error(
                    path, f"the perturbation {variant.name!r} comes twice", expected="each once"
                )
            found[variant.name] = variant
    return list(found.values())


def _entry_path(document: Document, path: KeyPath, name: str) -> KeyPath:
    """The place of an entry that is written as `name` or as `{name: options}`."""
    return (*path, name) if (*path, name) in document.places else path


def _items(spec: SuiteSpec, document: Document, folder: Path) -> list[Item]:
    items: list[Item] = []
    for index, entry in enumerate(spec.items):
        found = [*items, *_source_items(entry, spec, document, index, folder)]
        try:
            items = distinct(found)
        except InputError as error:
            raise document.error(("items", index), error.message, expected=error.expected) from error
    return items


def _source_items(
    entry: ItemsSpec, spec: SuiteSpec, document: Document, index: int, folder: Path
) -> list[Item]:
    path: KeyPath = ("items", index)
    if entry.source not in sources:
        error = sources.unknown(entry.source)
        raise document.error(
            (*path, "source"),
            f"unknown item source {entry.source!r}",
            expected=error.expected,
            suggestion=error.suggestion,
        )
    kind = sources.get(entry.source)
    try:
        source = _make_source(kind, entry.model_extra or {}, document, path, folder)
        items = source.load()
    except InputError as error:
        if error.line is not None:
            raise
        named = f"{error.message}: {error.file}" if error.file else error.message
        place = (*path, "path") if error.file else path
        raise document.error(place, named, expected=error.expected, suggestion=error.suggestion) from error
    return sample(items, entry.limit, spec.seed)


def _make_source(
    kind: type[ItemSource], given: Mapping[str, Any], document: Document, path: KeyPath, folder: Path
) -> ItemSource:
    """The source with its options, checked against its fields; paths are relative to the suite file."""
    model = _source_model(kind)
    data = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    checked = check_model(document, model, {"source": "", **data}, path)
    values = {key: getattr(checked, key) for key in given}
    return kind(**{key: resolved(v, folder) if key in kind.path_options else v for key, v in values.items()})


def _source_model(kind: type[ItemSource]) -> type[BaseModel]:
    """A pydantic model of what an entry of `items:` may say of this kind of source."""
    try:
        hints = get_type_hints(kind, include_extras=True)
    except NameError as error:
        raise PluginError(f"the item source {kind.__name__} has a type that is unknown: {error}") from error
    options: dict[str, Any] = {
        f.name: (
            str if f.name in kind.path_options else hints[f.name],
            Field(default_factory=f.default_factory)
            if f.default_factory is not MISSING
            else ...
            if f.default is MISSING
            else f.default,
        )
        for f in fields(kind)
    }
    return create_model(kind.__name__, __base__=KnownItemsSpec, **options)


def _check_sense(suite: Suite) -> None:
    """What the schema cannot say: combinations that would measure nothing."""
    spec, document = suite.spec, suite.document
    for key, wanted in (("protocols", "each once"), ("mitigations", "each once, or with names: {name: ...}")):
        entries = getattr(spec, key)
        for index, entry in enumerate(entries):
            # protocols of one kind are told apart by their options where they are asked
            same = key == "mitigations" and title_of(entry) in map(title_of, entries[:index])
            if same or entry in entries[:index]:
                name = next(iter(entry))
                raise document.error((key, index), f"{name!r} comes twice among the {key}", expected=wanted)
    for variant in spec.perturbations:
        if "position" in variant and spec.orders != "both":
            raise document.error(
                ("orders",),
                f"'orders' is {spec.orders!r}, but position bias needs both orders",
                expected="both",
            )
    if spec.analysis.cluster == "source" and len({item.source for item in suite.items}) < 2:
        raise document.error(
            ("analysis", "cluster"),
            "'cluster' is 'source', but all items have one source",
            expected="items from at least two sources, or cluster: item",
        )
    told = spec.self_preference
    if told is not None and told.equalised is not None and spec.rewrites is None:
        raise document.error(
            ("self_preference", "equalised"),
            "one style for both responses is a rewrite by a model, and the suite names none",
            expected="rewrites: {judge: SPEC, check: SPEC}",
        )
    _check_targets(suite)
    _check_confirmatory(suite)
    check_factorial(suite.spec, suite.variants, suite.items, document)


def _check_targets(suite: Suite) -> None:
    """Each perturbation has something to change, and a model to do it where it needs one."""
    entries = [next(iter(entry)) for entry in suite.spec.perturbations]
    for variant in (v for v in suite.variants if v.plugin.apply is not None):
        place: KeyPath = ("perturbations", entries.index(variant.plugin.id))
        unknown = suite.spec.self_preference
        if unknown is not None and (unknown.writers or unknown.panel or unknown.check):
            continue  # texts or gold come with the run
        needs_gold = variant.targets in {"better", "worse"}
        if needs_gold and not any(item.gold in {"a", "b"} for item in suite.items):
            raise suite.document.error(
                place,
                f"'targets' is {variant.targets!r} for {variant.plugin.id}, but no item has gold",
                expected="items with gold, or another choice of targets",
            )
        if not any(targets_of(variant, item, suite.spec.seed) for item in suite.items):
            raise suite.document.error(
                place, f"no item has what {variant.name!r} would change", expected=variant.plugin.summary
            )
        if suite.spec.rewrites is None and _is_by_model(suite, variant):
            raise suite.document.error(
                place,
                f"{variant.name!r} is a rewrite by a model, and the suite names none",
                expected="rewrites: {judge: SPEC, check: SPEC}",
            )


def _is_by_model(suite: Suite, variant: Variant) -> bool:
    options, item = variant.options, suite.items[0]
    job = rewrite_job(variant.plugin, item, "a", seed=suite.spec.seed, replicate=0, options=options)
    return job is not None


def _check_confirmatory(suite: Suite) -> None:
    """Each name is that of a variant, or of the bias of some, for which the right effect is 0; and comes once."""
    listed = suite.spec.analysis.confirmatory
    families = {name: v.plugin.family for v in suite.variants for name in (v.name, v.plugin.id)}
    valid = [name for name, family in families.items() if family == "invariance"]
    for index, name in enumerate([] if listed == "all" else listed):
        if name in valid and name not in listed[:index]:
            continue
        fault = f"unknown perturbation {name!r}"
        if name in families:
            fault = f"{name!r} is of the family {families[name]!r}, which is not held to a margin"
        if name in listed[:index]:
            fault = f"{name!r} comes twice among the confirmatory"
        raise suite.document.error(
            ("analysis", "confirmatory", index),
            fault,
            expected=f"each once of {', '.join(valid)}",
            suggestion=None if name in families else nearest(name, valid),
        )
