"""The short form of every attack: no finding. The long forms: ``python -m tests.attack``."""

from __future__ import annotations

import pytest

pytest.importorskip("resource", reason="limits of processes")

from tests.attack.attacks import ATTACKS
from tests.attack.common import Tally


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.short])
def test_no_finding(name: str) -> None:
    tally: Tally = Tally()
    assert list(ATTACKS[name].make(1, ATTACKS[name].short, tally)) == []
    assert tally
