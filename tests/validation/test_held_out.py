"""Figures left out of a fit: scored from their quantiles, the others listed, and which fit speaks for a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.calibrate.scores import crps_of_normal, crps_of_quantiles
from sim.errors import UserError
from sim.validation.held_out import score_left_out
from sim.validation.rivals import Forecast
from sim.validation.skill import Opponent, Scored
from tests.calibrate.made_fits import figure, fitted, look_in, unused

EXPORTS = "yn-exports-growth-2024-8m"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A calibration folder without fits."""
    look_in(tmp_path, monkeypatch)
    return tmp_path


def by_id(items: tuple[Scored, ...]) -> dict[str, Scored]:
    return {item.fact.id: item for item in items}


def test_growth_is_scored_and_the_others_are_listed(root: Path) -> None:
    fitted(
        root,
        "yongnian-r1",
        "yongnian-2023",
        figure(EXPORTS, 0.08, 0.05),
        figure("yn-output-2023", 24.4, 0.1, bound="at_least", logs=True),
        figure("yn-fair-exhibitors-2024", 5.0, 0.1, logs=True),
        unused("yn-categories", "not measured"),
    )
    card = score_left_out(["yongnian"])
    (item,) = card.scored
    assert item.fact.id == EXPORTS
    assert item.crps == pytest.approx(crps_of_normal(0.08, 0.05, 0.11), rel=0.03)
    assert item.band.p50 == pytest.approx(0.08)
    assert item.inside_most
    assert item.pit == pytest.approx(0.7257, abs=1e-3)
    national = item.rivals["national"]
    assert isinstance(national, Opponent)
    expected = Forecast(0.071, national.forecast.deviation, "", "")
    assert national.score == pytest.approx(crps_of_quantiles(expected.quantiles(), 0.11))
    assert item.skill("national") == pytest.approx(1.0 - item.crps / national.score)
    listed = by_id(card.listed)
    assert set(listed) == {"yn-output-2023", "yn-fair-exhibitors-2024"}
    assert listed["yn-output-2023"].inside_most
    assert not listed["yn-fair-exhibitors-2024"].inside_most
    assert all(not item.rivals for item in card.listed)
    assert [(origin.id, origin.scenario, origin.replicates) for origin in card.origins] == [
        ("yongnian-r1", "yongnian-2023", 512)
    ]


def test_growth_that_was_not_left_out_has_its_reason(root: Path) -> None:
    fitted(root, "bazhou-own", "bazhou-2020", figure("bz-revenue-2019", 22.0, 0.1, logs=True),
           unused("bz-revenue-growth-2019", "the same in every trial"))  # fmt: skip
    card = score_left_out(["bazhou"])
    assert card.scored == ()
    assert [(item.id, item.why) for item in card.unscored] == [("bz-revenue-growth-2019", "the same in every trial")]


def test_nobody_looks_at_what_was_printed_later(root: Path) -> None:
    fitted(root, "bazhou-own", "bazhou-2020", figure("bz-revenue-growth-2019", 0.1, 0.05))
    (item,) = score_left_out([]).scored
    assert not isinstance(item.rivals["elsewhere"], Opponent)
    assert not isinstance(item.rivals["last"], Opponent)


def test_the_fit_of_a_place_alone_comes_before_a_pooled_one(root: Path) -> None:
    fitted(root, "all-r1", "yongnian-2023", figure(EXPORTS, 0.0, 0.05), kind="pooled")
    fitted(root, "yongnian-own", "yongnian-2023", figure(EXPORTS, 0.2, 0.05))
    card = score_left_out(["yongnian"])
    assert [item.id for item in card.origins] == ["yongnian-own"]
    assert card.scored[0].band.p50 == pytest.approx(0.2)


def test_places_without_a_fit_are_named(root: Path) -> None:
    with pytest.raises(UserError, match="no fit of yongnian yet\n     make one: countysim calibrate yongnian"):
        score_left_out(["yongnian"])
    with pytest.raises(UserError, match="countysim calibrate shanxi-towns"):
        score_left_out(["taigu"])
    with pytest.raises(UserError, match=r"no fit yet of anping, .*yongnian\n     make them: countysim calibrate all"):
        score_left_out([])
    fitted(root, "yongnian-r1", "yongnian-2023", figure(EXPORTS, 0.08, 0.05))
    card = score_left_out(["all"])
    assert any("countysim calibrate anping" in note for note, _ in card.notes)


def test_a_fit_made_with_other_inputs_is_refused(root: Path) -> None:
    fitted(root, "yongnian-r1", "yongnian-2023", figure(EXPORTS, 0.08, 0.05), stale=True)
    with pytest.raises(UserError, match="fit yongnian-r1 was made with other inputs than there are now: the priors"):
        score_left_out(["yongnian"])


def test_unknown_places_and_places_nothing_is_reported_of(root: Path) -> None:
    with pytest.raises(UserError, match='no place "yongnain"; did you mean "yongnian"'):
        score_left_out(["yongnain"])
    with pytest.raises(UserError, match="nothing is reported for anguo"):
        score_left_out(["anguo"])
