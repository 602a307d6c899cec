"""Items: a prompt, two or more responses and, where it is known, which of them is the best."""

from judgebench.items.model import Gold, Item, Letter, Side
from judgebench.items.sources import ItemSource, distinct, sample, sources

__all__ = ["Gold", "Item", "ItemSource", "Letter", "Side", "distinct", "sample", "sources"]
