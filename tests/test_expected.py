"""Every scenario leads to the outcome written beside it; ``python -m tests.update_expected`` writes them anew."""

from __future__ import annotations

import numpy as np
import pytest

from tests import expected
from tests.expected import Expected

REFERENCES = expected.references()
AGAIN = "if the change is meant, run  python -m tests.update_expected  and say why outcomes move"


def test_every_scenario_has_its_outcome_and_every_outcome_its_scenario() -> None:
    wanted = {expected.path_of(reference).name for reference in REFERENCES}
    assert len(wanted) == len(REFERENCES) >= 4
    assert {path.name for path in expected.folder().glob("*")} == wanted


@pytest.mark.slow
@pytest.mark.timeout(1200)  # 269 places, or dozens of scenarios
@pytest.mark.parametrize("family", expected.families(), ids=lambda family: family[0])
def test_outcomes_are_as_written(family: tuple[str, ...]) -> None:
    """The figures and the final states, to the bit, on every machine, though a past in common was simulated once."""
    for reference, now in expected.outcomes(family).items():
        written = expected.read(reference)
        assert now.years == written.years, reference
        assert list(written.figures) == list(expected.SHOWN), reference
        for name, values in written.figures.items():
            np.testing.assert_array_equal(now.figures[name], values, err_msg=f"{reference}, {name}: {AGAIN}")
        assert now.digests == written.digests, f"{reference}: {AGAIN}"
        assert len(set(written.digests)) == len(now.digests), reference


def test_scenarios_share_their_past_and_differ_after() -> None:
    base, both = expected.read("yongnian-2023"), expected.read("yongnian-fair2x-fund200m")
    for name in ("output_value", "employment", "exports"):
        assert base.figures[name][:3] == both.figures[name][:3]
        assert base.figures[name][3:] != both.figures[name][3:]


def test_a_written_outcome_is_read_back_as_it_was() -> None:
    import tomllib

    written = expected.read("yongnian-2023")
    text = expected.text("yongnian-2023", written)
    assert Expected(**tomllib.loads(text)) == written
    assert text == expected.path_of("yongnian-2023").read_text(encoding="utf-8")
