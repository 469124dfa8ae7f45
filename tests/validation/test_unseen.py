"""Later figures scored with the model itself: coverage of figures a run made, and every reason for no score."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import workspace
from sim.calibrate.answering import answering_baselines
from sim.calibrate.measurement import measurement
from sim.errors import UserError
from sim.evidence import find_fact, load_facts
from sim.experiments import Request, Run, run_ensemble
from sim.inputs.problems import Findings
from sim.reporting import Answer, answer, truth_of
from sim.scenario.loader import load
from sim.validation.held_out import score_left_out
from sim.validation.skill import Opponent, Scorecard, all_versus, coverage, versus
from sim.validation.unseen import of_the_year, score_file
from tests.reporting.truths import made, month
from tests.validation.later_figures import row, write

MODEL, OTHERS = 19, 12
"""Replicates that predict, and later ones that figures are made of."""
RUNS = Request(replicates=MODEL, jobs=1, firms_per_agent=20)
ASKED = [
    row("output", unit="yuan"),
    row("output-2025", period_start="2025-01", period_end="2025-12", unit="yuan"),
    row("growth", variable="output_value_yoy"),
    row("growth-2025", variable="output_value_yoy", period_start="2025-01", period_end="2025-12"),
    row("jobs", variable="employment", period_start="2024-12", unit="persons", basis=""),
    row("jobs-2025", variable="employment", period_start="2025-12", period_end="2025-12", unit="persons", basis=""),
    row("firms", variable="businesses", period_start="2025-12", period_end="2025-12", unit="firms", basis=""),
    row("makers", variable="makers", period_start="2024-06", period_end="2024-06", unit="firms", bound="about"),
    row("tax", variable="tax_paid", unit="yuan", basis=""),
    row("exports", variable="exports", period_end="2024-08", unit="yuan", basis=""),
    row("exports-growth", variable="exports_yoy", basis=""),
    row("share", variable="national_market_share", unit="percent", basis="", kind="share"),
]  # fmt: skip
"""Figures asked of a run; their values are put in below."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with Guanxian's baseline, cut after 2025."""
    folder = tmp_path_factory.mktemp("county")
    (folder / "scenarios").mkdir()
    source = workspace.library_root() / "scenarios" / "guanxian-2023.toml"
    text = source.read_text(encoding="utf-8").replace('end            = "2030-12"', 'end            = "2025-12"')
    (folder / "scenarios" / "guanxian-2023.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(county: Path) -> Run:
    """A run of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(county)
        (found,) = run_ensemble(["guanxian-2023"], MODEL + OTHERS, 1, 20)
        assert not found.failures
        return found


@pytest.fixture
def here(county: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(county)
    return county


def made_of(run: Run, replicate: int, random: np.random.Generator) -> list[dict[str, object]]:
    """The figures an article would print of one replicate, with the error of print."""
    from sim.evidence import read_facts

    truth, rows = truth_of(run), []
    path = write(run.folder / "asked.csv", *ASKED)
    for fact in read_facts(path, {"invented"}, Findings()).values():
        found = answer(fact, truth)
        assert isinstance(found, Answer), fact.id
        measure = measurement(fact, found.bound, start_year=2023)
        printed = float(measure.counted(found.values[replicate], random.standard_normal()))
        given = next(item for item in ASKED if item["id"] == fact.id)
        value = 100.0 * printed if given["unit"] == "percent" else printed
        rows.append(given | {"id": f"{fact.id}-{replicate}", "value": f"{value:.6g}"})
    return rows


@pytest.fixture(scope="module")
def cards(county: Path, run: Run) -> list[Scorecard]:
    """Scorecards of files made of replicates that predict nothing."""
    random = np.random.default_rng(11)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(county)
        paths = [
            write(county / f"later-{replicate}.csv", *made_of(run, replicate, random))
            for replicate in range(MODEL, MODEL + OTHERS)
        ]
        return [score_file(path, [], RUNS) for path in paths]


def test_figures_of_the_model_itself_are_covered_as_they_should_be(cards: list[Scorecard]) -> None:
    everything = [item for card in cards for item in card.scored]
    assert len(everything) == OTHERS * len(ASKED)
    ninety, half = coverage(everything, 0.9), coverage(everything, 0.5)
    assert ninety.expected[0] - 2 <= ninety.inside <= ninety.expected[1] + 2
    assert half.expected[0] - 3 <= half.inside <= half.expected[1] + 3
    places = [item.pit for item in everything]
    # Figures of one replicate go together, so the mean has no more freedom than there are replicates.
    assert 0.35 < np.mean(places) < 0.65
    assert np.std(places) == pytest.approx(np.sqrt(1.0 / 12.0), abs=0.06)


def test_a_right_model_beats_no_growth_and_growth_elsewhere(cards: list[Scorecard]) -> None:
    growth = [item for card in cards for item in card.scored if not item.in_logs]
    found = {item.rival: item for item in all_versus(growth)}
    assert found["elsewhere"].skill > 0.0
    for item in found.values():
        assert item.skill == pytest.approx(1.0 - item.model / item.score)
        assert item.skills[0.08] == item.skill
    assert versus(growth, "last") is None


def test_a_model_far_off_loses(here: Path, cards: list[Scorecard]) -> None:
    path = write(here / "off.csv", row("off", value="80"), row("off-growth", variable="output_value_yoy", value="60"))
    card = score_file(path, [], RUNS)
    assert coverage(card.scored, 0.9).inside == 0
    assert [item.pit for item in card.scored] == [1.0, 1.0]
    assert card.scored[0].crps > 1.5


def test_only_the_replicates_asked_for_predict(here: Path, cards: list[Scorecard]) -> None:
    assert [(item.replicates, item.failed, item.fit) for item in cards[0].origins] == [(MODEL, 0, "guanxian-r1")]
    assert not any("not calibrated" in note for note, _ in cards[0].notes)
    assert any("sources not in sources.csv" in note for note, _ in cards[0].notes)
    assert any("fewer than 20 runs" in note for note, _ in cards[0].notes)
    fewer = score_file(here / f"later-{MODEL}.csv", [], Request(replicates=4, jobs=1, firms_per_agent=20))
    assert fewer.origins[0].replicates == 4
    assert fewer.digest != cards[0].digest
    again = score_file(here / f"later-{MODEL}.csv", ["guanxian"], RUNS)
    assert again.digest == cards[0].digest


def test_bounds_are_met_from_their_side(here: Path) -> None:
    path = write(
        here / "bounds.csv",
        row("low-floor", value="4", bound="at_least"),
        row("high-floor", value="30", bound="at_least", period_start="2025-01", period_end="2025-12"),
        row("high-ceiling", value="30", bound="at_most", variable="exports", basis=""),
    )
    items = {item.fact.id: item for item in score_file(path, [], RUNS).scored}
    assert [items[name].inside_most for name in ("low-floor", "high-floor", "high-ceiling")] == [True, False, True]
    assert items["low-floor"].crps < 0.001 < 0.5 < items["high-floor"].crps
    rival = items["low-floor"].rivals["last"]
    assert isinstance(rival, Opponent)
    assert rival.forecast.en == "gx-output"
    assert np.isnan(items["low-floor"].skill("last"))
    found = coverage(items.values(), 0.9)
    assert (found.figures, found.bounds, found.right) == (0, 3, 2)


def test_every_row_without_a_score_has_its_reason(here: Path) -> None:
    reported = find_fact("gx-output", load_facts())
    path = write(
        here / "reasons.csv",
        row("gx-output", period_start="2023-01", period_end="2023-12", basis="words of another"),
        row("same", variable=reported.variable, period_start="2023-01", period_end="2023-12", basis=reported.basis),
        row("worded", period_start="2023-01", period_end="2023-12", basis="gross output"),
        row("late", period_start="2026-01", period_end="2026-12"),
        row("early", period_start="2015-01", period_end="2015-12"),
        row("aim", kind="goal"),
        row("budget", variable="fund_annual_budget", unit="million yuan/year"),
        row("signed", variable="projects_signed", unit="projects", kind="count", basis=""),
        row("launched", variable="projects_value", basis=""),
        row("furniture", industry="furniture"),
        row("floor", variable="imports_and_exports", bound="at_least", basis=""),
        row("above", variable="operating_revenue", basis="规模以上企业"),
        row("unstated", period_start="2024-12", basis="annual output value"),
        row("machines", variable="machine_tools", unit="machines", kind="count", basis=""),
        row("nought", value="0"),
        row("collapse", variable="output_value_yoy", value="-100"),
        row("unit", unit="persons"),
        row("dollars", unit="million dollars"),
        row("nowhere", place="guanxain"),
        row("none", variable="little_giants", unit="firms", kind="count", value="3", basis=""),
        row("fine"),
    )
    card = score_file(path, [], RUNS)
    reasons = {item.id: item.why for item in card.unscored}
    assert [item.fact.id for item in card.scored] == ["fine"]
    for identifier, piece in {
        "gx-output": "its id is in the evidence",
        "same": "the evidence has it as gx-output",
        "worded": "the evidence has it as gx-output",
        "late": "lies after guanxian-2023 ends, 2025-12",
        "early": "needs 2015-01",
        "aim": "announced aim",
        "budget": "budget",
        "signed": "term of the scenario",
        "launched": "term of the scenario",
        "furniture": 'the baseline of guanxian is of bearing forging; this figure is of "furniture"',
        "floor": "a floor of imports and exports together",
        "above": "of above-scale firms alone",
        "unstated": "the year is not stated",
        "machines": "machines",
        "nought": "not above 0",
        "collapse": "-100 %",
        "unit": "printed in persons",
        "dollars": "million dollars",
        "nowhere": 'did you mean "guanxian"?',
        "none": f"{MODEL} of {MODEL} runs hold none of it",
    }.items():
        assert piece in reasons[identifier], identifier
    assert len(reasons) == 20
    assert all(item.why_zh for item in card.unscored)


def test_a_figure_that_others_follow_is_marked(here: Path) -> None:
    early = {"period_start": "2022-01", "period_end": "2022-12"}
    path = write(here / "earlier.csv", row("tax-2022", variable="tax_paid", basis="", **early))
    card = score_file(path, [], RUNS)
    assert [item.later for item in card.scored] == [False]
    assert any("tax-2022" in note for note, _ in card.notes)


def test_years_before_the_first_month_are_asked_of_an_earlier_start(here: Path) -> None:
    of_2020 = {"period_start": "2020-01", "period_end": "2020-12"}
    of_2017 = {"period_start": "2017-01", "period_end": "2017-12"}
    path = write(
        here / "long-ago.csv",
        row("tax-2020", variable="tax_paid", basis="", **of_2020),
        row("growth-2020", variable="output_value_yoy", **of_2020),
        row("tax-2017", variable="tax_paid", basis="", **of_2017),
        row("tax-2024", variable="tax_paid", basis=""),
    )
    card = score_file(path, [], Request(replicates=3, jobs=1, firms_per_agent=50))
    assert [item.fact.id for item in card.scored] == ["tax-2020", "growth-2020", "tax-2024"]
    assert ["earlier than its file" in item.note for item in card.scored] == [True, True, False]
    assert "run from 2019-01" in card.scored[0].note
    assert "run from 2018-01" in card.scored[1].note
    assert len({origin.id for origin in card.origins}) == 3
    (left,) = card.unscored
    assert "needs 2017-01" in left.why
    assert card.scored[0].band.p50 < card.scored[2].band.p50 * 1.5


def test_a_part_of_a_count_is_set_against_no_rival(here: Path) -> None:
    trade = {"variable": "imports_and_exports", "value": "0.9", "basis": ""}
    path = write(here / "part.csv", row("trade", **trade), row("ceiling", **trade, bound="at_most"), row("fine"))
    card = score_file(path, [], RUNS)
    assert [item.fact.id for item in card.scored] == ["fine"]
    assert [(item.fact.id, item.bound, item.rivals) for item in card.listed] == [
        ("trade", "at_most", {}),
        ("ceiling", "at_most", {}),
    ]


def test_an_id_of_the_evidence_may_be_used_again_for_a_later_year(here: Path) -> None:
    undated = {"variable": "businesses", "unit": "businesses", "value": "500", "basis": "processing enterprises"}
    path = write(
        here / "again.csv",
        row("gx-businesses", period_start="2025-11", period_end="2025-11", **undated),
        row("gx-output", period_start="2025-01", period_end="2025-12"),
        row("other-words", period_start="2023-11", period_end="2023-11", **undated),
        row("a-whole-year", period_start="2023-01", period_end="2023-11", **undated),
    )
    card = score_file(path, [], RUNS)
    assert [item.fact.id for item in card.scored] == ["gx-businesses", "gx-output"]
    rival = card.scored[0].rivals["last"]
    assert isinstance(rival, Opponent)
    assert rival.forecast.en == "gx-businesses"
    assert all("the evidence has it as gx-businesses" in item.why for item in card.unscored)
    assert len(card.unscored) == 2


def test_what_signed_projects_come_to_is_scored(here: Path) -> None:
    names = ("projects_realised", "projects_started", "projects_operating", "projects_lapsed")
    units = {"projects_realised": "million yuan"}
    rows = [
        row(
            name, variable=name, unit=units.get(name, "projects"), kind="count", value="5", basis="",
            period_start="2023-11", period_end="2025-12",
        )
        for name in names
    ]  # fmt: skip
    card = score_file(write(here / "projects.csv", *rows), [], RUNS)
    assert not any("term of the scenario" in item.why for item in card.unscored)
    shown = {item.fact.id for item in (*card.scored, *card.listed)}
    assert {"projects_realised", "projects_started"} <= shown


def test_a_year_of_one_month_is_summed_from_january(here: Path) -> None:
    once = {"variable": "exports", "value": "0.5", "unit": "billion yuan", "period_end": "2024-08"}
    path = write(
        here / "cumulative.csv",
        row("months", **once, basis=""),
        row("month", **once | {"period_start": "2024-08"}, basis="cumulative"),
        row("rate", value="8", unit="billion yuan/year"),
        row("sum", value="8"),
    )
    items = {item.fact.id: item for item in score_file(path, [], RUNS).scored}
    assert items["months"].band == items["month"].band
    assert items["rate"].band == items["sum"].band
    assert "sum of 2024-01 to 2024-08" in items["month"].note


def test_nothing_is_simulated_to_say_that_there_is_no_such_policy(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_run(*_: object, **__: object) -> list[Run]:
        raise AssertionError("simulated")

    monkeypatch.setattr("sim.validation.unseen.run_request", no_run)
    fair = {"variable": "fair_exhibitors", "unit": "firms", "kind": "count", "basis": "", "value": "90"}
    places = ("hebei-clusters", "shanxi-towns", "anguo")
    path = write(here / "fairs.csv", *(row(place, place=place, industry="all", **fair) for place in places))
    card = score_file(path, [], RUNS)
    assert [item.why for item in card.unscored] == ["the scenario has no policy of this type there: fair"] * 3


@pytest.mark.parametrize("identifier", ["yongnian-2023", "anping-2023"])
def test_a_fair_in_another_month_is_asked_of_its_year(identifier: str) -> None:
    scenario = load(identifier).scenario
    fair = {"place": scenario.places[0].id, "period_start": month("2025-05"), "period_end": month("2025-05")}
    moved = made("fair_exhibitors", 90.0, "count", **fair)
    found = of_the_year(moved, scenario)
    assert (found.period_start, found.period_end) == (month("2025-01"), month("2025-12"))
    held = replace(moved, period_start=month("2025-10"), period_end=month("2025-10"))
    assert of_the_year(held, scenario) is held
    for other in (replace(moved, variable="fair_exhibitors_yoy"), replace(moved, variable="exports")):
        assert of_the_year(other, scenario) is other
    short = replace(scenario, time=replace(scenario.time, end=month("2025-06")))
    assert of_the_year(moved, short).period_end == month("2025-06")


def test_the_evidence_is_asked_of_the_months_it_prints() -> None:
    for baseline in answering_baselines()[0]:
        for fact in load_facts():
            if fact.place in baseline.places and len(baseline.scenario.places) == 1:
                assert of_the_year(fact, baseline.scenario) is fact, fact.id


def test_a_fair_held_in_another_month_is_scored(here: Path) -> None:
    """Guanxian's conference was in November 2023; the file has it in October."""
    fair = {"variable": "fair_exhibitors", "unit": "firms", "kind": "count", "basis": "", "value": "60"}
    path = write(
        here / "fair.csv",
        row("october", **fair, period_start="2023-10", period_end="2023-10"),
        row("november", **fair, period_start="2023-11", period_end="2023-11"),
        row("next", **fair, period_start="2024-11", period_end="2024-11"),
    )
    card = score_file(path, [], RUNS)
    items = {item.fact.id: item for item in (*card.scored, *card.listed)}
    assert items["october"].band == items["november"].band
    assert items["october"].fact.period_end == month("2023-10")
    assert [item.id for item in card.unscored] == ["next"]


def test_places_are_chosen_and_checked(here: Path) -> None:
    path = write(here / "two.csv", row("a"), row("b", place="anping", industry="wire-mesh"))
    assert [item.fact.id for item in score_file(path, ["guanxian"], RUNS).scored] == ["a"]
    with pytest.raises(UserError, match='no place "guanxain"; did you mean "guanxian"'):
        score_file(path, ["guanxain"], RUNS)
    with pytest.raises(UserError, match="no figure of bazhou"):
        score_file(path, ["bazhou"], RUNS)
    unknown = write(here / "unknown.csv", row("a", place="nowhere"))
    with pytest.raises(UserError, match='no place "nowhere"'):
        score_file(unknown, [], RUNS)


def test_a_baseline_that_cannot_be_read_is_named(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(here, copied)
    (copied / "scenarios" / "broken-2024.toml").write_text('schema = 1\nid = "broken-2024"\nkind = "baseline"\n')
    monkeypatch.chdir(copied)
    card = score_file(write(copied / "later.csv", row("a")), [], RUNS)
    assert any("broken-2024" in note for note, _ in card.notes)
    assert len(card.scored) == 1


def test_no_province_answers_for_a_place_whose_own_baseline_cannot_be_read(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(here, copied)
    (copied / "scenarios" / "yongnian-2023.toml").write_text('kind = "baseline"\nplace = "yongnian"\nworld = 3\n')
    monkeypatch.chdir(copied)
    path = write(copied / "later.csv", row("a", place="yongnian", industry="fasteners"))
    with pytest.raises(UserError, match=r"yongnian-2023\.toml"):
        score_file(path, [], RUNS)
    with pytest.raises(UserError, match=r"yongnian-2023\.toml"):
        score_left_out(["yongnian"])
