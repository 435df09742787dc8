"""The index of what was accepted finds every box that meets another, however the boxes came."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geocommons.usecases.imports.neighbours import MovingIndex


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**31),
    st.lists(st.integers(0, 12), min_size=1, max_size=12),
    st.sampled_from(["anywhere", "in strips", "one spot"]),
)
def test_every_box_that_meets_one_is_found_once(seed: int, sizes: list[int], order: str) -> None:
    chance, index, total = np.random.default_rng(seed), MovingIndex(), sum(sizes)
    low = chance.integers(0, 20, (total, 2)).astype(float)
    if order == "in strips":
        low[:, 1] = np.repeat(np.arange(len(sizes)) * 3.0, sizes)
    elif order == "one spot":
        low[:] = 5.0
    boxes = np.column_stack([low, low + chance.integers(0, 4, (total, 2))])
    start = 0
    for size in sizes:
        batch = boxes[start : start + size]
        meets = (batch[:, None, :2] <= boxes[None, :start, 2:]).all(2) & (
            batch[:, None, 2:] >= boxes[None, :start, :2]
        ).all(2)
        positions, ids = index.query(batch)
        found = sorted(zip(positions.tolist(), ids.tolist(), strict=True))
        assert found == list(map(tuple, np.argwhere(meets).tolist()))
        index.add(np.arange(start, start + size), batch)
        start += size
