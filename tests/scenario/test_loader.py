"""Loading: the library's scenarios, inheritance, changes, stops, variants, overrides, origins."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from sim.inputs.problems import InputErrors, Spot
from sim.scenario.chain import merge_tables
from sim.scenario.content_hash import plain
from sim.scenario.loader import load, places_named
from sim.scenario.scenario_files import find_file, known_files
from sim.units import Uncertain, month_number
from tests.scenario.written import CHANGE, FUND, head, line_of, policy_of, replaced, write

JANUARY_2026 = month_number(2026, 1)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)


def terms(reference: str, policy: str, month: int, **options: Any) -> Any:
    """Return the terms of a policy in force in a month."""
    found = {item.id: item for item in load(reference, **options).scenario.policies}
    return found[policy].terms_at(month)


# --- the library ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", sorted(known_files()))
def test_every_scenario_of_the_library_loads_without_warning(reference: str) -> None:
    loaded = load(reference)
    assert loaded.warnings == ()
    for variant in loaded.variants:
        assert load(f"{reference}:{variant}").warnings == ()


def test_yongnian_baseline() -> None:
    loaded = load("yongnian-2023")
    scenario = loaded.scenario
    assert (scenario.id, scenario.kind, scenario.baseline) == ("yongnian-2023", "baseline", None)
    assert scenario.time.start == month_number(2023, 1)
    assert scenario.time.reported_until == month_number(2024, 10)
    assert scenario.time.end == month_number(2030, 12)
    assert scenario.time.months == 96
    assert (scenario.replicates, scenario.seed, scenario.firms_per_agent) == (100, 20250108, 1)
    assert (scenario.world.id, [place.id for place in scenario.places]) == ("central", ["yongnian"])
    assert loaded.calibration == "yongnian-r1"
    starts = {policy.id: policy.start for policy in scenario.policies}
    assert starts == {
        "park": month_number(2017, 6),
        "fair": month_number(2021, 10),
        "going-out": month_number(2022, 1),
    }
    assert len(loaded.assumed) == 20
    park: Any = policy_of(scenario, "park").versions[0][1]
    assert park.plot_area == pytest.approx(10 * 2000 / 3)
    assert [(phase.opens, phase.plots) for phase in park.phases] == [
        (month_number(2017, 6), 150),
        (month_number(2019, 3), 250),
    ]
    assert (park.treatment.capacity, park.treatment.removes, park.treatment.fee) == (9000.0, 0.9, 18.0)
    assert park.admission.weights == {"output_per_mu": 0.5, "tax_per_mu": 0.3, "emissions": 0.2}


def test_yongnian_what_if_and_its_variants() -> None:
    loaded = load("yongnian-fair2x-fund200m")
    scenario = loaded.scenario
    assert scenario.baseline == "yongnian-2023"
    assert scenario.question.startswith("Do 200 million yuan a year")
    policies = {policy.id: policy for policy in scenario.policies}
    before, after = policies["fair"].terms_at(JANUARY_2026 - 1), policies["fair"].terms_at(JANUARY_2026)
    ours: Any = after
    assert before == policy_of(load("yongnian-2023").scenario, "fair").versions[0][1]
    assert (ours.booths, ours.domestic_buyers_invited, ours.foreign_buyers_invited, ours.countries) == (
        760,
        3000,
        240,
        40,
    )
    assert ours.organising_cost == 16e6
    assert isinstance(ours.booths, int)
    fund = policies["upgrade-fund"]
    assert fund.payer == {"county": 0.6, "province": 0.4}
    assert (fund.start, fund.end, fund.where) == (JANUARY_2026, month_number(2028, 12), ("yongnian",))
    assert fund.versions[0][1].annual_budget == 2e8  # type: ignore[attr-defined]
    assert list(loaded.variants) == ["fair2x", "fund200m"]
    fair2x = load("yongnian-fair2x-fund200m:fair2x").scenario
    fund200m = load("yongnian-fair2x-fund200m:fund200m").scenario
    assert (fair2x.id, fair2x.name) == ("yongnian-fair2x-fund200m:fair2x", "Double the fair only")
    assert [policy.id for policy in fair2x.policies] == ["going-out", "fair", "park"]
    assert policy_of(fair2x, "fair") == policies["fair"]
    assert policy_of(fund200m, "fair") == policy_of(load("yongnian-2023").scenario, "fair")
    assert policy_of(fund200m, fund.id) == fund


# --- inheritance ---------------------------------------------------------------------------------------------


def test_tables_merge_key_by_key_and_single_values_are_replaced() -> None:
    write(Path(), "my", head() + 'world = "low"\n[time]\nend = "2028-12"\n[run]\nseed = 0\n')
    scenario = load("my").scenario
    baseline = load("yongnian-2023").scenario
    assert scenario.world.id == "low"
    assert (scenario.time.start, scenario.time.end) == (baseline.time.start, month_number(2028, 12))
    assert (scenario.seed, scenario.replicates) == (0, 100)  # seed 0 is a seed
    assert scenario.policies == baseline.policies


def test_grandchildren_and_the_baseline() -> None:
    write(Path(), "child", head("child") + FUND)
    text = replaced(head(), "yongnian-2023", "child")
    write(
        Path(), "my", text + '[[change]]\nid = "c"\npolicy = "fund"\nfrom = "2027-01"\nset = { grant_share = "30%" }\n'
    )
    loaded = load("my")
    assert loaded.scenario.baseline == "yongnian-2023"
    assert [path.stem for path in loaded.files] == ["yongnian-2023", "child", "my"]
    fund = policy_of(loaded.scenario, "fund")
    assert [month for month, _ in fund.versions] == [JANUARY_2026, month_number(2027, 1)]


def test_merge_laws() -> None:
    base = {"a": 1, "t": {"x": 1, "y": [1, 2]}}
    assert merge_tables(base, {}) == base
    assert merge_tables({}, base) == base
    assert merge_tables(base, base) == base
    assert merge_tables(base, {"t": {"y": [3]}}) == {"a": 1, "t": {"x": 1, "y": [3]}}
    assert base == {"a": 1, "t": {"x": 1, "y": [1, 2]}}


# --- changes and stops ---------------------------------------------------------------------------------------


def test_arithmetic_applies_to_the_value_in_force() -> None:
    text = (
        head()
        + CHANGE
        + 'booths = { times = 2 }\nbooth_fee = { plus = "-1000 yuan" }\nbooth_subsidy = { plus = "-10%" }\n'
    )
    text += '[[change]]\nid = "again"\npolicy = "fair"\nfrom = "2027-01"\n[change.set]\n'
    text += "booths = { plus = 40 }\norganising_cost = { times = 1.1 }\n"
    write(Path(), "my", text)
    first, second = terms("my", "fair", JANUARY_2026), terms("my", "fair", month_number(2027, 1))
    assert (first.booths, first.booth_fee, first.booth_subsidy) == (760, 5000.0, pytest.approx(0.4))
    assert (second.booths, second.organising_cost) == (800, pytest.approx(8.8e6))


def test_changes_apply_in_order_of_month_not_of_the_file() -> None:
    later = replaced(replaced(CHANGE, "2026-01", "2028-01"), '"more"', '"later"') + "booths = { plus = 1 }\n"
    write(Path(), "my", head() + later + CHANGE + "booths = { times = 2 }\n")
    assert terms("my", "fair", month_number(2028, 1)).booths == 761


def test_two_changes_in_one_month_both_hold() -> None:
    second = replaced(CHANGE, '"more"', '"second"') + "booths = { plus = 1 }\n"
    write(Path(), "my", head() + CHANGE + "booths = { times = 2 }\n" + second)
    fair = policy_of(load("my").scenario, "fair")
    assert fair.terms_at(JANUARY_2026).booths == 761  # type: ignore[attr-defined]
    assert len(fair.versions) == 2


def test_arithmetic_on_a_range_moves_both_ends() -> None:
    write(Path(), "child", head("child") + CHANGE + "booths = { low = 100, high = 200 }\n")
    text = replaced(head(), "yongnian-2023", "child") + replaced(
        replaced(CHANGE, "2026-01", "2027-01"), "more", "twice"
    )
    write(Path(), "my", text + "booths = { times = 2 }\n")
    assert terms("my", "fair", month_number(2027, 1)).booths == Uncertain(200, 400)


def test_a_change_merges_sub_tables_and_replaces_weights() -> None:
    change = '[[change]]\nid = "p"\npolicy = "park"\nfrom = "2026-01"\n[change.set.treatment]\nfee = { times = 0.5 }\n'
    change += "[change.set.admission]\nweights = { emissions = 1.0 }\n"
    write(Path(), "my", head() + change)
    park = terms("my", "park", JANUARY_2026)
    assert (park.treatment.fee, park.treatment.capacity) == (9.0, 9000.0)
    assert park.admission.weights == {"emissions": 1.0}


def test_stop_ends_a_policy_the_month_before() -> None:
    write(Path(), "my", head() + '[[stop]]\npolicy = "going-out"\nfrom = "2026-01"\n')
    policies = {policy.id: policy for policy in load("my").scenario.policies}
    assert policies["going-out"].end == JANUARY_2026 - 1
    assert policies["fair"].end is None


def test_counterfactual_may_alter_the_past() -> None:
    stop = '[[stop]]\npolicy = "park"\nfrom = "2017-06"\n'
    change = replaced(CHANGE, "2026-01", "2022-01") + "booths = 100\n"
    write(Path(), "my", head(kind="counterfactual") + '[time]\nstart = "2017-01"\n' + stop + change)
    scenario = load("my").scenario
    assert scenario.time.start == month_number(2017, 1)
    assert [policy.id for policy in scenario.policies] == ["going-out", "fair"]
    assert policy_of(scenario, "fair").terms_at(month_number(2022, 1)).booths == 100  # type: ignore[attr-defined]


def test_a_file_may_tell_the_history_of_its_own_policy() -> None:
    text = head() + FUND + '[[change]]\nid = "c"\npolicy = "fund"\nfrom = "2027-01"\nset = { grant_share = "30%" }\n'
    write(Path(), "my", text)
    assert terms("my", "fund", month_number(2027, 1)).grant_share == 0.3


# --- variants and overrides ----------------------------------------------------------------------------------


def test_variant_sets_values_by_path() -> None:
    text = head() + FUND + CHANGE + "booths = 500\n" + '[[variant]]\nid = "v"\nname = "V"\n'
    settings = [
        '"policy.fund.annual_budget" = { times = 0.5 }',
        '"policy.fund.eligible.revenue_at_least" = "40 million yuan"',
        '"policy.fund.end" = "2027-12"',
        '"change.more.set.booths" = 600',
        '"time.end" = "2029-12"',
    ]
    write(Path(), "my", text + f"set = {{ {', '.join(settings)} }}\n")
    scenario = load("my:v").scenario
    fund: Any = policy_of(scenario, "fund").versions[0][1]
    assert (fund.annual_budget, fund.eligible.revenue_at_least) == (1e8, 4e7)
    assert policy_of(scenario, "fund").end == month_number(2027, 12)
    assert policy_of(scenario, "fair").terms_at(JANUARY_2026).booths == 600  # type: ignore[attr-defined]
    assert scenario.time.end == month_number(2029, 12)
    assert load("my").scenario.time.end == month_number(2030, 12)


def test_dropping_a_policy_drops_its_changes() -> None:
    text = head() + FUND + '[[change]]\nid = "c"\npolicy = "fund"\nfrom = "2027-01"\nset = { grant_share = "30%" }\n'
    write(Path(), "my", text + '[[variant]]\nid = "v"\nname = "V"\ndrop = ["policy.fund"]\n')
    assert [policy.id for policy in load("my:v").scenario.policies] == ["going-out", "fair", "park"]


def test_overrides() -> None:
    words = (
        "policy.fair.booths=500",
        "world=low",
        "time.end=2028-12",
        "run.seed=3",
        "parameters.investment.user_cost_elasticity=1.2",
        "policy.fair.booth_fee=7000 yuan",
        "policy.park.payer=province",
        "policy.going-out.end=2029-12",
        "policy.fair.organising_cost={ times = 2 }",
    )
    scenario = load("yongnian-2023", overrides=words).scenario
    policies = {policy.id: policy for policy in scenario.policies}
    fair: Any = policies["fair"].versions[0][1]
    assert (fair.booths, fair.booth_fee, fair.organising_cost) == (500, 7000.0, 16e6)
    assert (scenario.world.id, scenario.seed, scenario.time.end) == ("low", 3, month_number(2028, 12))
    assert scenario.parameters == {"investment.user_cost_elasticity": 1.2}
    assert policies["park"].payer == {"province": 1.0}
    assert policies["going-out"].end == month_number(2029, 12)


def test_an_override_of_the_baselines_terms_reaches_the_changes_on_it() -> None:
    fair = terms("yongnian-fair2x-fund200m", "fair", JANUARY_2026, overrides=["policy.fair.booths=500"])
    assert fair.booths == 1000


# --- origins, texts, files -----------------------------------------------------------------------------------


def test_origins_name_file_and_line() -> None:
    text = head() + FUND + CHANGE + "booths = 500\n"
    write(Path(), "my", text)
    origins = load("my", overrides=["run.seed=4"]).origins
    assert origins["policy.fund.grant_share"] == Spot("scenarios/my.toml", line_of(text, "grant_share"))
    assert origins["policy.fair.booths@2026-01"] == Spot("scenarios/my.toml", line_of(text, "booths ="))
    assert origins["run.seed"] == Spot("--set run.seed=4")
    library = known_files()["yongnian-2023"].read_text(encoding="utf-8")
    assert origins["policy.fair.booths"] == Spot("scenarios/yongnian-2023.toml", line_of(library, "booths  = 380"))


def test_assumed_values() -> None:
    found = {(item.policy, item.field): item.value for item in load("yongnian-2023").assumed}
    assert found["park", "plots"] == "400"
    assert found["fair", "booth_subsidy"] == '"50%"'


def test_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    text = head() + FUND
    write(Path(), "my", text)
    before = plain(load("my").scenario)
    write(Path(), "my", b"\xef\xbb\xbf" + text.encode())
    assert plain(load("my").scenario) == before
    write(Path(), "my", text.replace("\n", "\r\n").encode())
    assert plain(load("my").scenario) == before
    write(Path(), "my", text.replace("\n", "\r\n") + "  wrong = 1\r\n")
    with pytest.raises(InputErrors) as caught:
        load("my")
    assert caught.value.problems[0].spot.line == text.count("\n") + 1


def test_a_path_loads_and_its_neighbours_are_found() -> None:
    folder = Path("else where 其他")
    folder.mkdir()
    (folder / "base.toml").write_text(head("base") + FUND, encoding="utf-8")
    (folder / "my.toml").write_text(replaced(head(), "yongnian-2023", "base"), encoding="utf-8")
    assert policy_of(load(folder / "my.toml").scenario, "fund")


def test_the_projects_scenario_comes_before_the_librarys() -> None:
    library = known_files()["yongnian-2023"].read_text(encoding="utf-8")
    write(Path(), "yongnian-2023", replaced(library, "20250108", "7"))
    assert load("yongnian-2023").scenario.seed == 7


def test_dates_of_toml_are_months() -> None:
    write(Path(), "my", head() + replaced(replaced(FUND, '"2026-01"', "2026-01-09"), '"2028-12"', '"2028-12-31"'))
    fund = policy_of(load("my").scenario, "fund")
    assert (fund.start, fund.end) == (JANUARY_2026, month_number(2028, 12))


def test_goals() -> None:
    goal = '[[goal]]\nid = "g{}"\nvariable = "{}"\nat_least = {}\nby = "2028-11"\nsource = "s"\n'
    cases = [("output_value", '"100亿元"', 1e10), ("makers", "30", 30.0), ("national_share", '"60%"', 0.6)]
    cases += [("wage", '"60000 yuan/year"', 6e4), ("price_index", "1.05", 1.05)]
    text = "".join(goal.format(number, name, aim) for number, (name, aim, _) in enumerate(cases))
    write(Path(), "my", head() + text)
    assert [item.at_least for item in load("my").scenario.goals] == [value for _, _, value in cases]


def test_goals_in_the_words_of_articles() -> None:
    goal = '[[goal]]\nid = "g{}"\nvariable = "{}"\nat_least = {}\nby = "2028-11"\nsource = "s"\n'
    cases = [("provincial_towns", "30", "designated_towns"), ("national_market_share", '"60%"', "national_share")]
    cases += [("operating_revenue", '"1000亿元"', "operating_revenue")]
    text = "".join(goal.format(number, name, aim) for number, (name, aim, _) in enumerate(cases))
    write(Path(), "my", head() + text)
    assert [item.variable for item in load("my").scenario.goals] == [name for _, _, name in cases]


def test_places_named_are_those_of_the_chain_and_the_members_of_sets() -> None:
    assert places_named("yongnian-fair2x-fund200m") == {"yongnian"}
    members = tomllib.loads(find_file("places", "shanxi-towns").read_text("utf-8"))["members"]
    assert places_named("shanxi-towns-2023") == {"shanxi-towns", *members}
