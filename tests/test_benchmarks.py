"""The plain forms of the month do the same as the model, phase by phase; how fast anything is, no test asks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import measure, pictures, plain
from benchmarks.__main__ import PARTS, RESULTS
from benchmarks.docking import FORMS, NOT_PLAIN, dock, dock_phases
from benchmarks.measure import ROOT, SMALLEST, Process, Table, median_ratio
from benchmarks.nation import nation
from benchmarks.objects import PHASES
from sim.model import ClusterModel
from sim.parameters import load_parameters
from sim.policies import acting
from tests.policies.playing import FIRST, SEED, begun, county, parameters, policy

every_form = pytest.mark.parametrize("kind", FORMS)


def settled(scale: int = 1, **start: float) -> ClusterModel:
    return ClusterModel(county(months=36, scale=scale, **start), parameters(), SEED)


@every_form
def test_each_phase_of_a_month_does_the_same_from_the_same_state(kind: Any) -> None:
    done = dock_phases(settled(), kind)
    assert done == [phase for phase in PHASES if phase not in NOT_PLAIN]


@every_form
def test_so_it_does_with_tenants_of_a_park(kind: Any) -> None:
    park = policy("park", start=FIRST - 60, phases=({"opens": FIRST - 60, "plots": 40},))
    model = begun([park], county_balance=1e9).model
    assert (model.state.firms.park[model.state.live] >= 0).any()
    dock_phases(model, kind, without=("enter_market",))  # free plots make founding cheaper


@every_form
def test_so_it_does_with_what_institutions_lend_and_take(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lend(model: ClusterModel) -> None:
        firms, rows = model.state.firms, model.state.live
        firms.purchase_saving[rows], firms.overhead_saving[rows], firms.credit_line[rows] = 0.05, 0.2, 0.1
        firms.fees[rows] = 1000.0

    model = settled(scale=5)
    monkeypatch.setattr(acting, "act", lend)
    dock_phases(model, kind)
    assert not model.state.firms.fees[model.state.live].any()


@every_form
def test_so_it_does_where_places_share_their_markets(kind: Any) -> None:
    scenario = nation(1200, 3)
    places = tuple(replace(place, industry=scenario.places[0].industry) for place in scenario.places[:2])
    scenario = replace(scenario, places=(*places, scenario.places[2]))
    dock_phases(ClusterModel(scenario, load_parameters(scenario.parameters), SEED), kind)


def test_two_years_of_months_are_the_same() -> None:
    dock(settled(scale=10), 24)


def test_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "price_of", lambda cost, market, markup, share: 1.001 * cost)
    with pytest.raises(RuntimeError, match="price: firm price: the model and the plain form differ"):
        dock_phases(settled(scale=10), FORMS[0])


def test_a_nation_has_the_firms_and_counties_asked_for() -> None:
    scenario = nation(300_000, 600)
    assert len({place.id for place in scenario.places}) == 600
    assert sum(place.start.businesses for place in scenario.places) == pytest.approx(300_000)
    assert not scenario.policies


@pytest.mark.parametrize("part", ["peers", "phases", "curve", "machine"])
def test_every_part_runs_at_its_smallest(part: str) -> None:
    for table in getattr(measure, part)(SMALLEST):
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert all(np.isfinite(cell) for row in table.rows for cell in row[1:])


def test_versions_are_measured_in_processes_of_their_own() -> None:
    (table,) = measure.versions(SMALLEST, ROOT)
    assert [row[0].partition(": ")[2].split(",")[0] for row in table.rows] == [
        "month", "start with burn-in", "bytes a firm in business",
    ]  # fmt: skip
    assert all(row[1] > 0.0 and row[2] > 0.0 for row in table.rows)


def test_a_process_that_fails_says_so() -> None:
    with Process() as process, pytest.raises(RuntimeError, match="has ended"):
        process.ask("start", name="nowhere-2023", scale=1)


def test_what_a_user_waits_for_is_commands_from_shell_to_table(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[tuple[str, ...]] = []

    def note(root: Any, *arguments: str) -> float:
        lines.append(arguments)
        return 40.0 if "3" in arguments else 30.0

    monkeypatch.setattr(measure, "shell", note)
    (table,) = measure.waiting(SMALLEST, None)
    assert {line[0] for line in lines} == {"run", "demo", "compare"}
    assert dict(table.rows)["a pair one to one"] == 10.0
    assert dict(table.rows)["100 pairs one to one, on two cores"] == (40.0 + 30.0 + 97 * 10.0) / 2.0


def test_a_command_is_measured_and_one_that_fails_stops_the_measuring() -> None:
    assert measure.shell(ROOT, "--version") > 0.0
    with pytest.raises(RuntimeError, match="nowhere"):
        measure.shell(ROOT, "run", "nowhere-2023")


def test_the_ratio_is_of_pairs() -> None:
    assert median_ratio([10.0, 40.0, 120.0], [1.0, 2.0, 4.0]) == 20.0


def test_tables_are_kept_and_drawn(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PICTURES", tmp_path)
    peers = Table("A month of 100 firms", ("form", "ms", "times this model"), [("this model", 1.23456, 1.0)])
    phases = Table("A month by phase", ("phase", "one, ms"), [("order", 1.0), ("whole month", 1.0)])
    nations = Table("Nations", tuple("abcdefg"), [(3_000, 2, 1.0, 2.0, 700.0, 600.0, 0.2)])
    assert "| this model | 1.23 | 1 |" in peers.markdown()
    pictures.draw({"peers": [peers.plain()], "phases": [phases.plain()], "curve": [nations.plain()]})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"performance-{part}.svg" for part in ("curve", "peers", "phases")
    ]


def test_the_page_shows_the_figures_that_are_kept() -> None:
    page, kept = pictures.PAGE.read_text(encoding="utf-8"), json.loads(RESULTS.read_text(encoding="utf-8"))
    assert set(kept) == set(PARTS)
    assert pictures.filled(page, kept) == page
