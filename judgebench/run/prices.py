"""What tokens cost: a dated table in the package, which the user's own file overrides model by model.

The user's file is the one that `--prices` names, else the one that the environment variable `JUDGEBENCH_PRICES` names,
else `~/.config/judgebench/prices.yaml` if it exists.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from judgebench.items.rows import decode, read_bytes
from judgebench.judges.base import Usage
from judgebench.suite.strict_yaml import parse
from judgebench.suite.validate import check_model

PRICES_VARIABLE: Final = "JUDGEBENCH_PRICES"

_FORM: Final = "date, and prices: provider: model: {input, cached, written, output} in USD per million tokens"
_SNAPSHOT: Final = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


class Price(BaseModel):
    """USD per million tokens.

    Attributes:
        input: Of the prompt.
        output: Of the completion, the reasoning in it included.
        cached: Of the part of the prompt that the provider had cached; as much as `input` unless said otherwise.
        written: Of the part that it wrote to its cache; as much as `input` unless said otherwise.
        batch: What a batch costs, as a share of these prices.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    written: float | None = Field(default=None, ge=0)
    batch: float = Field(default=0.5, gt=0, le=1)

    def cost(self, usage: Usage) -> float:
        """USD for the tokens of one exchange; reasoning tokens are part of the completion."""
        cached, written = (self.input if price is None else price for price in (self.cached, self.written))
        fresh = max(0, usage.prompt - usage.cached - usage.written)
        prompt = fresh * self.input + usage.cached * cached + usage.written * written
        return (prompt + usage.completion * self.output) / 1e6

    def batched(self) -> Price:
        """The price in a batch."""
        prices = self.model_dump(exclude={"batch"}, exclude_none=True)
        return Price(**{name: price * self.batch for name, price in prices.items()}, batch=1.0)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    date: str
    prices: dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by provider and model.

    Attributes:
        date: When they were taken down (the user's file, where there is one).
        prices: Provider to model to price; the model `*` stands for all that are not named.
        file: The user's file, where there is one.
    """

    date: str
    prices: Mapping[str, Mapping[str, Price]]
    file: Path | None = None

    def find(self, provider: str, model: str) -> Price | None:
        """The price of a model by its name, with and then without a snapshot's date; None if unknown."""
        models = self.prices.get(provider, {})
        for name in (model, _SNAPSHOT.sub("", model), "*"):
            if name in models:
                return models[name]
        return None


def load_prices(path: Path | None = None) -> PriceTable:
    """The packaged prices with those of a user's file over them.

    Args:
        path: The user's file, if it is not to be looked for where the module's text says.

    Raises:
        InputError: The file does not exist, or is not a table of prices.
    """
    packaged = _read(
        files("judgebench.run").joinpath("prices.yaml").read_text(encoding="utf-8"), "prices.yaml"
    )
    path = path or _users_file()
    if path is None:
        return packaged
    own = _read(decode(path, read_bytes(path, kind="price file")), str(path))
    providers = {*packaged.prices, *own.prices}
    merged = {name: {**packaged.prices.get(name, {}), **own.prices.get(name, {})} for name in providers}
    return PriceTable(own.date, merged, path)


def _users_file() -> Path | None:
    if named := os.environ.get(PRICES_VARIABLE):
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME")
    path = (Path(home) if home else Path.home() / ".config") / "judgebench" / "prices.yaml"
    return path if path.is_file() else None


def _read(text: str, file: str) -> PriceTable:
    """A table of prices, checked to the last model, so that a fault is told with its place."""
    document = parse(text, file)
    if not isinstance(document.data, dict):
        raise document.error((), "not a table of prices", expected=_FORM)
    found = check_model(document, _File, document.data)
    try:
        date.fromisoformat(found.date)
    except ValueError:
        raise document.error(("date",), f"'date' is {found.date!r}", expected="YYYY-MM-DD") from None
    prices = {
        provider: {
            model: check_model(document, Price, price, ("prices", provider, model))
            for model, price in models.items()
        }
        for provider, models in found.prices.items()
    }
    return PriceTable(found.date, prices)
