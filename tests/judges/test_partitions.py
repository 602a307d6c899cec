from __future__ import annotations

import numpy as np
import pytest

from judgebench.judges import partitions
from judgebench.judges.partitions import Partitions


def test_rows_of_one_first_number_meet_in_one_part_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_HELD", 7)
    found = Partitions(2)
    rng = np.random.default_rng(3)
    rows = [(int(first), place) for place, first in enumerate(rng.integers(-(2**62), 2**62, 60).repeat(3))]
    rng.shuffle(rows)
    for row in rows:
        found.extend(row)
    parts = [part.tolist() for part in found.parts()]
    assert sorted(map(tuple, sum(parts, []))) == sorted(rows)  # noqa: RUF017  # a few lists
    assert len({first for part in parts for first in {first for first, _ in part}}) == 60
    homes = [first for part in parts for first in {first for first, _ in part}]
    assert len(homes) == 60
    for part in parts:
        places = {first: [p for f, p in part if f == first] for first, _ in part}
        assert all(found == [p for f, p in rows if f == first] for first, found in places.items())


def test_parts_can_be_asked_for_again_and_added_to() -> None:
    found = Partitions(1)
    found.extend([1, 2, 1])
    assert sum(part.size for part in found.parts()) == 3
    found.extend([1])
    assert sum(part.size for part in found.parts()) == 4
    assert list(Partitions(1).parts()) == []
