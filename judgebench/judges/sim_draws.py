"""The simulated judge's chance: draws that depend on their names alone, so that no order of asking matters."""

from __future__ import annotations

import hashlib
from statistics import NormalDist


def item_normal(seed: int, item_id: str) -> float:
    """A standard normal draw of the item's own."""
    return NormalDist().inv_cdf((uniform(f"item\x1f{seed}\x1f{item_id}") * (1 - 2e-12)) + 1e-12)


def uniform(name: str) -> float:
    """A uniform draw in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:7], "big") / 2**56
