"""Figures show what they claim: data as drawn, marks in the right direction, labels apart and inside."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.text import Text

from sim.compare import compare
from sim.errors import UserError
from sim.evidence import Fact, load_facts
from sim.observables import observable
from sim.policies.terms import Terms
from sim.report import figures
from sim.report.figures import style
from sim.report.figures.picture_files import drawing
from sim.state.record import MONEY_STAGES
from tests.report import figures_fakes as fakes

if TYPE_CHECKING:
    from matplotlib.transforms import Bbox


def reported(variable: str, value: float, bound: Any, start: str = "2023-01", end: str = "2023-12") -> Any:
    """A lookup that knows one figure."""
    unit = observable(variable).unit
    one = Fact(
        id=f"yn-{variable}", place="yongnian", industry="fasteners", variable=variable, period_start=fakes.month(start),
        period_end=fakes.month(end), value=value, unit=unit, bound=bound, basis="current prices", kind="level",
        source="xinhua", note="", value_plain=value, unit_plain=unit,
    )  # fmt: skip
    return lambda place, name: (one,) if name == variable else ()


@pytest.fixture
def no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been reported."""
    monkeypatch.setattr("sim.report.figures.reported.facts_of", lambda place, variable: ())


def set_facts(monkeypatch: pytest.MonkeyPatch, lookup: Any) -> None:
    monkeypatch.setattr("sim.report.figures.reported.facts_of", lookup)


def words(drawn: figures.Drawing) -> list[tuple[str, Bbox]]:
    """Every visible text with its box in pixels."""
    with drawing(drawn.lang):
        drawn.figure.canvas.draw()
        renderer = drawn.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        found = [text for text in drawn.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in found]


def problems(drawn: figures.Drawing) -> list[str]:
    """Texts that overlap or stick out."""
    found = words(drawn)
    page = drawn.figure.bbox
    result = [
        f"outside: {text}"
        for text, box in found
        if box.x0 < page.x0 + 8 or box.x1 > page.x1 - 8 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    for (first, one), (second, two) in itertools.combinations(found, 2):
        across = min(one.x1, two.x1) - max(one.x0, two.x0)
        up = min(one.y1, two.y1) - max(one.y0, two.y0)
        # Boxes hold room for descenders; a pixel or two of it may be shared between lines.
        if across > 2.0 and up > 3.0:
            result.append(f"overlap: {first!r} and {second!r}")
    return result


def all_drawings(runs: tuple[Any, Any], lang: Any) -> list[figures.Drawing]:
    return [make(lang) for make in figures.makers(*runs)]


CASES: dict[str, dict[str, Any]] = {
    "plain": {"count": 24},
    "many": {"count": 100, "calibration": "yongnian-r1"},
    "few": {"count": 12},
    "nothing": {"count": 24, "effects": {}},
    "tiny": {"count": 24, "effects": dict.fromkeys(fakes.EFFECTS, 2e-6)},
    "large": {"count": 24, "effects": dict.fromkeys(fakes.EFFECTS, 2.5)},
    "falls": {"count": 24, "effects": dict.fromkeys(fakes.EFFECTS, -0.4)},
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_no_label_covers_another_or_leaves_the_page(case: str, lang: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if lang == "zh" and style.chinese_family() is None:
        pytest.skip("no Chinese font here: boxes stand for letters, and the program draws English pictures")
    set_facts(monkeypatch, reported("output_value", 4.2e10, "at_least"))
    for drawn in all_drawings(fakes.pair(**CASES[case]), lang):
        assert problems(drawn) == [], drawn.stem


@pytest.mark.parametrize("variable", ["output_value", "employment"])
def test_end_labels_keep_their_distance(variable: str, no_facts: None) -> None:
    for case in CASES.values():
        drawn = figures.fan(fakes.pair(**case), variable)
        right = [(box.y0 + box.y1) / 2 for text, box in words(drawn) if text.startswith(("scenario ", "baseline "))]
        # 12 px of a page at 96 px an inch.
        assert abs(right[0] - right[1]) >= 12.0 / 96.0 * drawn.figure.dpi


def test_fan_data_equal_the_runs_and_the_lines_drawn(no_facts: None) -> None:
    b, a = fakes.pair(30)
    drawn = figures.fan((b, a), "exports")
    table = drawn.data
    baseline = table[table["series"] == "baseline"].set_index("year")
    expected = np.quantile(a.annual("exports"), 0.95, axis=0)
    np.testing.assert_allclose(baseline["p95"].to_numpy(dtype=float), expected, rtol=1e-12)
    difference = table[table["series"] == "difference"].set_index("year").loc[2030]
    values = (b.annual("exports") - a.annual("exports"))[:, -1]
    np.testing.assert_allclose(
        [difference[q] for q in ("p05", "p25", "p50", "p75", "p95")], np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
    )
    upper, lower = drawn.axes
    lines = {len(line.get_ydata()): np.asarray(line.get_ydata()) for line in upper.lines}
    np.testing.assert_array_equal(lines[14], baseline["p50"].to_numpy(dtype=float))
    scenario = table[table["series"] == "scenario"]["p50"].to_numpy(dtype=float)
    np.testing.assert_array_equal(lines[len(scenario)], scenario)
    drawn_medians = [np.asarray(line.get_ydata()) for line in lower.lines if len(line.get_ydata()) == len(scenario)]
    medians = table[table["series"] == "difference"]["p50"].to_numpy(dtype=float)
    np.testing.assert_array_equal(drawn_medians[0], medians)


def test_scenario_line_leaves_the_baseline_where_they_part(no_facts: None) -> None:
    table = figures.fan(fakes.pair(24), "output_value").data
    assert table[table["series"] == "scenario"]["year"].min() == 2025
    assert table[table["series"] == "baseline"]["year"].min() == 2017


def test_fewer_than_twenty_pairs_show_no_band(no_facts: None) -> None:
    for drawn in all_drawings(fakes.pair(19), "en"):
        for name in [column for column in drawn.data.columns if column.endswith(("p05", "p25", "p75", "p95"))]:
            assert drawn.data[name].isna().all(), (drawn.stem, name)
        assert not [c for axes in drawn.axes for c in axes.collections], drawn.stem
    shown = figures.fan(fakes.pair(20), "output_value")
    assert [c for axes in shown.axes for c in axes.collections]
    few = figures.fan(fakes.pair(19), "output_value")
    assert "too few to judge" in few.title
    assert set(few.data["series"]) == {"baseline", "scenario", "difference", "baseline run", "difference run"}


def test_ninety_percent_bands_of_few_runs_are_called_rough(no_facts: None) -> None:
    def notes(count: int) -> str:
        return " ".join(text for text, _ in words(figures.fan(fakes.pair(count), "exports")))

    assert "rough" in notes(49)
    assert "rough" not in notes(50)


@pytest.mark.parametrize(("bound", "direction"), [("at_least", 1), ("at_most", -1)])
def test_one_sided_figures_point_the_right_way(bound: str, direction: int, monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("output_value", 4.2e10, bound))
    drawn = figures.fan(fakes.pair(24), "output_value")
    role = "lower-bound" if direction > 0 else "upper-bound"
    arrow = next(a for a in drawn.axes[0].texts if a.get_gid() == f"{role}-yn-output_value")
    assert np.sign(arrow.xy[1] - arrow.xyann[1]) == direction  # type: ignore[attr-defined]
    assert arrow.xyann[1] == 4.2e10  # type: ignore[attr-defined]
    low, high = drawn.axes[0].get_ylim()
    assert low < arrow.xy[1] < high  # type: ignore[attr-defined]
    row = drawn.data[drawn.data["series"] == "reported"].iloc[0]
    assert (row["bound"], row["year"], row["p50"]) == (bound, 2023, 4.2e10)
    assert f'id="01-output-fan-{role}-yn-output_value"' in figures.svg_text(drawn)


def test_about_is_a_box_of_ten_percent_and_exact_a_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("output_value", 4.0e10, "about"))
    drawn = figures.fan(fakes.pair(24), "output_value")
    box = next(p for p in drawn.axes[0].patches if p.get_gid() == "about-yn-output_value")
    ys = box.get_xy()[:, 1]  # type: ignore[attr-defined]
    np.testing.assert_allclose((ys.min(), ys.max()), (3.6e10, 4.4e10))
    set_facts(monkeypatch, reported("output_value", 4.0e10, "exact"))
    dots = [line for line in figures.fan(fakes.pair(24), "output_value").axes[0].lines if line.get_gid()]
    assert [float(dot.get_ydata()[0]) for dot in dots] == [4.0e10]  # type: ignore[index]


def test_a_wider_scope_is_divided_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("employment", 340_000.0, "at_least", "2024-12", "2024-12"))
    drawn = figures.fan(fakes.pair(24, scope={"employment": 4.25}), "employment")
    row = drawn.data[drawn.data["series"] == "reported"].iloc[0]
    assert row["p50"] == pytest.approx(80_000.0)
    assert row["reported"] == 340_000.0
    assert row["reported_per_drawn"] == pytest.approx(4.25)
    note = " ".join(text for text, _ in words(drawn))
    assert "340,000" in note
    assert "its scope is 4.2 times the model's" in note


def test_a_part_of_the_year_is_scaled_by_the_simulated_months(monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("exports", 1.1e9, "at_least", "2024-01", "2024-08"))
    b, a = fakes.pair(24)
    row = figures.fan((b, a), "exports").data.query("series == 'reported'").iloc[0]
    year = a.monthly("exports")[:, 7 * 12 : 8 * 12]
    share = np.median(year[:, :8].sum(axis=1) / year.sum(axis=1))
    assert row["p50"] == pytest.approx(1.1e9 / share)
    assert (row["period"], row["bound"]) == ("2024-01..2024-08", "at_least")


def test_figures_of_other_years_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("output_value", 4.2e10, "exact", "2009-01", "2009-12"))
    assert "reported" not in set(figures.fan(fakes.pair(24), "output_value").data["series"])


def test_goals_growth_rates_and_budgets_are_no_marks() -> None:
    from sim.observables import INDEX
    from sim.report.figures.reported import facts_of

    published = load_facts()
    left_out = {f.id for f in published if f.kind in ("goal", "growth") or not f.for_calibration}
    left_out |= {"xh-fenjiu-countries", "qx-duofu-output-2019"}
    assert len(left_out) > 10
    places = sorted({f.place for f in published})
    marks = [(name, fact) for place in places for name in INDEX for fact in facts_of(place, name)]
    assert "yn-output-2023" in {fact.id for name, fact in marks if name == "output_value"}
    assert not {fact.id for _, fact in marks} & left_out
    assert len({fact.id for _, fact in marks}) == len(marks)
    assert all(fact.unit_plain == observable(name).unit for name, fact in marks)


def test_imports_and_exports_together_are_a_ceiling_of_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    (trade,) = (f for f in load_facts() if f.id == "ap-trade-2023-7m")
    moved = replace(trade, place="yongnian")
    set_facts(monkeypatch, lambda place, name: (moved,) if name == "exports" else ())
    drawn = figures.fan(fakes.pair(24), "exports")
    row = drawn.data.query("series == 'reported'").iloc[0]
    assert (row["bound"], row["fact"]) == ("at_most", "ap-trade-2023-7m")


def test_differences_equal_the_comparison(no_facts: None) -> None:
    runs = fakes.pair(30)
    comparison = compare(*runs)
    drawn = figures.differences(runs, comparison=comparison)
    for row in comparison.headline_rows():
        found = drawn.data[drawn.data["variable"] == row.variable].iloc[0]
        assert found["diff_pct_p50"] == row.difference_pct.p50
        assert found["diff_p05"] == row.difference.p05
        assert found["prob_higher"] == row.prob_higher
    medians = drawn.data["diff_pct_p50"].to_list()
    assert medians == sorted(medians, reverse=True)
    dots = {line.get_gid(): line for line in drawn.axes[0].lines if line.get_gid()}
    for record in drawn.data.to_dict("records"):
        assert float(dots[f"row-{record['variable']}"].get_xdata()[0]) == record["diff_pct_p50"]  # type: ignore[index]


def test_swapping_scenario_and_baseline_turns_the_sign(no_facts: None) -> None:
    b, a = fakes.pair(30)
    there = figures.differences((b, a)).data.set_index("variable")
    back = figures.differences((a, b)).data.set_index("variable")
    np.testing.assert_allclose(back["diff_p50"][there.index], -there["diff_p50"], rtol=1e-9)
    np.testing.assert_allclose(back["prob_higher"][there.index], 1.0 - there["prob_higher"])


def test_no_difference_is_said_and_never_called_higher(no_facts: None) -> None:
    for drawn in all_drawings(fakes.pair(24, effects={}), "en"):
        if drawn.stem.startswith(("01", "02")):
            assert "changes n" in drawn.title
            assert "higher" not in drawn.title + drawn.alt.split(".")[0]
    table = figures.fan(fakes.pair(24, effects={}), "output_value").data
    assert (table[table["series"] == "difference"]["p50"] == 0.0).all()


def test_a_share_is_compared_in_percentage_points(no_facts: None) -> None:
    drawn = figures.fan(fakes.pair(30, effects={"profit_rate": 0.2}, noise=0.1), "profit_rate")
    assert "percentage points" in drawn.title
    assert "%" not in drawn.title


def test_untreated_waste_is_lowered(no_facts: None) -> None:
    title = figures.fan(fakes.pair(30), "discharge_untreated").title
    assert title.startswith("The scenario lowers untreated discharge in 2030 by ")


def test_value_splits_the_money_completely() -> None:
    comparison = compare(*fakes.pair(24))
    data = figures.value_for_money([comparison]).data.set_index("measure")["p50"]
    grants = [row for row in comparison.money.rows if row.policy == "upgrade-fund" and row.period == "2026-2030"]
    paid, promised = (sum(getattr(row, stage) for row in grants) for stage in ("paid", "promised"))
    assert data["money_grants"] == pytest.approx(paid)
    assert data["money_budget"] == pytest.approx(promised + 4.5e7)
    # The doubled fair costs 9 million yuan a year more, five years long.
    assert data["money_other"] == pytest.approx(4.5e7)
    jobs = comparison.value_of("jobs_per_million")
    assert data["jobs_per_million"] == jobs.band.p50


def test_value_ranks_a_fund_and_a_park_by_what_they_paid() -> None:
    """A fund with the larger budget pays less than a park: its bar is the shorter one, its outline the longer."""
    _, a = fakes.pair(24)
    start = fakes.month("2026-01")
    fund = fakes.whatif_policies()[3]
    park = replace(fakes.baseline_policies()[0], id="new-park", versions=((start, Terms()),))
    both = [fakes.FakeRun(fakes.scenario(name, (*a.scenario.policies, policy)), 24, fakes.EFFECTS)
            for name, policy in (("with-fund", fund), ("with-park", park))]  # fmt: skip
    for run, planned, paid in zip(both, (600e6, 300e6), (100e6, 280e6), strict=True):
        amounts = run.money()
        k = next(
            position for position, policy in enumerate(run.scenario.policies) if policy.id in (fund.id, "new-park")
        )
        amounts[:, :, k] = 0.0
        at = fakes.month("2027-03") - run.first_month
        unmet = planned - paid if run.scenario_id == "with-park" else 0.0
        for stage, yuan in (("promised", planned), ("granted", planned), ("paid", paid), ("unmet", unmet)):
            amounts[:, at, k, 0, MONEY_STAGES.index(stage)] = yuan
        run.money = lambda amounts=amounts: amounts  # type: ignore[method-assign]
    drawn = figures.value_for_money([(run, a) for run in both])
    wide = {patch.get_gid(): patch.get_width() for patch in drawn.axes[-1].patches}  # type: ignore[attr-defined]
    bars = [sum(wide.get(f"money-{part}-{row}", 0.0) for part in ("grants", "other")) for row in (0, 1)]
    assert bars == pytest.approx([100e6, 280e6])
    assert [wide[f"money-budget-{row}"] for row in (0, 1)] == pytest.approx([600e6, 300e6])
    outline = next(patch for patch in drawn.axes[-1].patches if patch.get_gid() == "money-budget-0")
    assert outline.get_facecolor()[3] == 0.0
    written = [text for text, _ in words(drawn)]
    assert {"100 of 600", "280 of 300"} <= set(written)
    assert problems(drawn) == []


def test_value_of_a_scenario_that_saves_money_reaches_left_of_zero() -> None:
    b, a = fakes.pair(24)
    drawn = figures.value_for_money([(a, b)])
    assert drawn.axes[-1].get_xlim()[0] < 0.0
    assert problems(drawn) == []


def test_value_without_extra_money_says_so() -> None:
    same = fakes.FakeRun(fakes.scenario("same", fakes.baseline_policies()), 24, fakes.EFFECTS)
    drawn = figures.value_for_money([(same, fakes.pair(24)[1])])
    assert "cannot be calculated" in drawn.title
    assert not drawn.data[~drawn.data["measure"].str.startswith("money")]["defined"].any()
    assert problems(drawn) == []


def test_value_refuses_two_baselines() -> None:
    b, a = fakes.pair(24)
    other = fakes.FakeRun(fakes.scenario("other", fakes.baseline_policies()), 24)
    with pytest.raises(UserError, match="one baseline"):
        figures.value_for_money([(b, a), (b, other)])
    with pytest.raises(UserError, match="at least one scenario"):
        figures.value_for_money([])


def test_timeline_shows_what_is_added_and_amended() -> None:
    drawn = figures.timeline(fakes.pair(24))
    table = drawn.data
    fair = table[(table["side"] == "B") & (table["policy"] == "fair")]
    assert fair["amended"].to_list() == [False, True]
    assert fair["from"].to_list() == ["2021-10", "2026-01"]
    assert fair["in_baseline"].to_list() == [True, False]
    amounts = fair["public_money_yuan_a_year"].to_list()
    assert amounts == pytest.approx([9e6, 1.8e7])
    patches = {patch.get_gid(): patch for patch in drawn.axes[0].patches}
    assert patches["bar-B-fair-" + str(fakes.month("2026-01"))].get_hatch()
    assert not patches["bar-B-fair-" + str(fakes.month("2021-10"))].get_hatch()
    fund = patches["bar-B-upgrade-fund-" + str(fakes.month("2026-01"))]
    assert fund.get_x() == 2026.0  # type: ignore[attr-defined]
    assert fund.get_x() + fund.get_width() == 2029.0  # type: ignore[attr-defined]
    thick = {key: patch.get_height() for key, patch in patches.items()}  # type: ignore[attr-defined]
    assert max(thick, key=lambda key: thick[key]) == fund.get_gid()
    assert drawn.title == "The scenario adds 1 policy and changes 1 policy"


def test_timeline_of_thirty_policies_and_of_none() -> None:
    many = tuple(
        fakes.policy(f"p{k}", "fund", f"Fund number {k} with a rather long and winding name", "", f"20{18 + k % 10}-03")
        for k in range(30)
    )
    crowd = (fakes.FakeRun(fakes.scenario("crowd", many), 24, fakes.EFFECTS), fakes.pair(24)[1])
    assert problems(figures.timeline(crowd)) == []
    assert problems(figures.fan(crowd, "exports")) == []
    empty = fakes.FakeRun(fakes.scenario("empty", ()), 24)
    drawn = figures.timeline((empty, empty))
    assert problems(drawn) == []
    assert drawn.title == "Scenario and baseline have the same policies"
    assert len(drawn.data) == 0


def test_funnel_counts_twelve_months_from_the_fair(monkeypatch: pytest.MonkeyPatch) -> None:
    set_facts(monkeypatch, reported("fair_intended_orders", 1.9e8, "about", "2024-10", "2024-10"))
    b, a = fakes.pair(30)
    drawn = figures.funnel((b, a), year=2028)
    table = drawn.data.set_index(["stage", "series"])["p50"]
    start = fakes.month("2028-10") - fakes.month("2017-01")
    delivered = np.median(a.monthly("fair_delivered")[:, start : start + 12].sum(axis=1))
    assert table["fair_delivered", "baseline"] == pytest.approx(delivered)
    assert table["fair_intended_orders", "reported"] == 1.9e8
    marked = [
        (patch.get_gid(), patch.get_y()) for axes in drawn.axes for patch in axes.patches
        if str(patch.get_gid()).startswith("reported-")
    ]  # fmt: skip
    # The first row of the right half, intended orders, and no other.
    assert marked == [("reported-yn-fair_intended_orders", -0.42)]
    assert not drawn.axes[0].findobj(lambda artist: str(artist.get_gid()).startswith("reported-"))
    assert figures.funnel((b, a)).data["year"].unique().tolist() == [2029]


def test_funnel_errors_name_the_way_out(no_facts: None) -> None:
    runs = fakes.pair(24)
    with pytest.raises(UserError, match="choose --year between 2017 and 2029"):
        figures.funnel(runs, year=2030)
    with pytest.raises(UserError, match="did you mean fair"):
        figures.funnel(runs, fair="fiar")
    bare = fakes.FakeRun(fakes.scenario("bare", ()), 24)
    with pytest.raises(UserError, match="no funnel"):
        figures.funnel((bare, bare))
    stems = [make("en").stem for make in figures.makers(bare, bare)]
    assert "05-fair-funnel" not in stems


def test_errors_of_the_fan_name_the_way_out(no_facts: None) -> None:
    runs = fakes.pair(24)
    with pytest.raises(UserError, match="did you mean output_value"):
        figures.fan(runs, "output_valu")
    with pytest.raises(UserError, match="2017 to 2030"):
        figures.fan(runs, "exports", at=2044)
    with pytest.raises(UserError, match=r"units that do: .*亿元"):
        figures.fan(runs, "exports", unit="furlongs")
    with pytest.raises(UserError, match="plain number"):
        figures.fan(runs, "businesses", unit="亿元")
    with pytest.raises(UserError, match="they have yongnian"):
        figures.fan(runs, "exports", place="anping")


def test_the_unit_asked_for_is_the_unit_shown(no_facts: None) -> None:
    drawn = figures.fan(fakes.pair(24), "exports", unit="亿元")
    assert "亿元" in drawn.title
    assert any("亿元" in text for text, _ in words(drawn))
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    # A tick of 20 stands at 2 billion yuan.
    for text, place in zip(labels, drawn.axes[0].get_yticks(), strict=True):
        assert float(text) * 1e8 == pytest.approx(place)
    assert len(labels) > 2


def test_money_is_in_billion_yuan_or_yi_yuan(no_facts: None) -> None:
    english, chinese = (figures.fan(fakes.pair(24), "output_value", lang) for lang in ("en", "zh"))
    assert any("billion yuan" in text for text, _ in words(english))
    assert any("亿元" in text for text, _ in words(chinese))
    np.testing.assert_array_equal(english.data["p50"], chinese.data["p50"])


def test_captions_say_occasions_pairs_runs_and_that_it_is_no_forecast(no_facts: None) -> None:
    text = " ".join(text for text, _ in words(figures.fan(fakes.pair(100, calibration="r1"), "exports")))
    assert "In 90 of 100 simulated futures" in text
    assert "chance and calibration, not events outside the model" in text
    assert "100 pairs" in text
    assert "Simulation, not a forecast" in text
    assert "yongnian-2023/3f9a2c1d" in text
    assert "not calibrated" not in text
    plain = " ".join(text for text, _ in words(figures.fan(fakes.pair(24), "exports")))
    assert "In about 22 of 24 simulated futures" in plain
    assert "not calibrated and stand at assumed values within their ranges" in plain
    assert "chance only" in plain


def test_lost_replicates_are_said(no_facts: None) -> None:
    b, a = fakes.pair(30)
    b.skip = (3, 4, 5)
    drawn = figures.fan((b, a), "exports")
    assert any("27 pairs (3 dropped)" in text for text, _ in words(drawn))
    assert "27 runs" in drawn.title


def test_unpaired_runs_are_said(no_facts: None) -> None:
    a = fakes.pair(24)[1]
    other = fakes.FakeRun(fakes.scenario("other", fakes.whatif_policies(), seed=1), 24, fakes.EFFECTS)
    with pytest.raises(UserError, match="unpaired"):
        figures.fan((other, a), "exports")
    for drawn in (figures.fan((other, a), "exports", unpaired=True), figures.differences((other, a), unpaired=True)):
        assert any("unpaired" in text for text, _ in words(drawn)), drawn.stem
        assert problems(drawn) == []


def test_settings_of_the_caller_are_left_alone(no_facts: None) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.svg_text(figures.fan(fakes.pair(24), "exports", "zh"))
    assert dict(mpl.rcParams) == before


def test_baseline_and_scenario_differ_without_colour(no_facts: None) -> None:
    upper = figures.fan(fakes.pair(24), "exports").axes[0]
    styles = {line.get_color(): line.is_dashed() for line in upper.lines if line.get_linewidth() > 1.5}
    assert styles[style.BASELINE] is True
    assert styles[style.SCENARIO] is False


def test_too_few_pairs_are_said_in_every_title_that_judges(no_facts: None) -> None:
    for drawn in all_drawings(fakes.pair(12), "en"):
        assert "too few" in drawn.title or drawn.stem == "04-timeline"
