"""Parts of a list: where they begin, and sums with the bits of each part's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.chance import uniforms
from sim.state.parts import parts_of, sums_of_parts
from tests.model_fixtures import key


@given(st.lists(st.integers(1, 300), max_size=8), st.integers(0, 1000))
def test_the_sum_of_a_part_has_the_bits_of_its_own_sum(lengths: list[int], seed: int) -> None:
    values = uniforms(key(seed), np.arange(sum(lengths))) ** 3
    parts = parts_of(np.repeat(np.arange(len(lengths), dtype=np.int16), lengths))
    assert parts.tolist() == [0, *np.cumsum(lengths)[:-1].tolist()][: len(lengths)]
    own = [part.sum() for part in np.split(values, parts[1:])] if lengths else []
    assert sums_of_parts(values, parts).tolist() == own


def test_a_key_that_comes_back_begins_a_new_part() -> None:
    assert parts_of(np.array([3, 3, 1, 3])).tolist() == [0, 2, 3]
