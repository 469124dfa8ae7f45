"""What a reader must know before using the figures, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim import workspace
from sim.compare.comparison import Note
from sim.compare.statistics import (
    MINIMUM_RUNS_FOR_BAND,
    MINIMUM_RUNS_FOR_FIRM_BAND,
    NOISE_CUT_WARNING,
    is_rough,
)
from sim.evidence import load_facts
from sim.inputs.files import InputFile
from sim.reporting import truth_of
from sim.state.record import MONEY_STAGES
from sim.units import format_money, format_value, month_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sim.compare.comparison import Equality, GoalRow, Row, Setting
    from sim.compare.runs import Pairing
    from sim.experiments import Run
    from sim.experiments.parameter_draws import DrawnFrom

FIRST_MONTHS: Final = 12
"""Months of the first year, over which service is judged."""
MONEY_WORTH_SAYING = 0.05
"""Money outside the window over that inside from which on it is told."""
SCOPE_WORTH_SAYING = 0.05
"""Distance of a scope factor from 1 from which on it is told."""


def build_notes(
    pairing: Pairing,
    setting: Setting,
    equality: Equality,
    rows: Sequence[Row],
    goals: Sequence[GoalRow],
    window: tuple[int, int],
) -> tuple[Note, ...]:
    """Return the notes in the order in which they are printed; ``rows`` are the headline rows."""
    return (
        *_identical(pairing, equality),
        *_runs(pairing),
        *_early(equality, pairing),
        *_noise(rows),
        *carried_notes(pairing, rows),
        *_money_elsewhere(pairing, window),
        *_head_count(pairing, rows),
        *_goals(pairing, goals),
        *_starved(pairing, setting),
        bands_note(setting.drawn_from, setting.worlds),
        _assumed(setting),
    )


def covered(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> tuple[str, str]:
    """Return what the spread over replicates comes from, in English and Chinese.

    Parameters
    ----------
    worlds
        Ids of the worlds that replicates meet in turn.
    """
    parts = [("chance", "随机因素")]
    if drawn_from == "fit":
        parts.append(("calibration", "参数校准的不确定性"))
    elif drawn_from == "priors":
        parts.append(("what is not known of the parameters (their priors)", "参数的不确定性（先验区间）"))
    if worlds:
        listed, listed_zh = ", ".join(worlds), "、".join(worlds)
        parts.append((f"the world ({listed} in turn)", f"外部环境（{listed_zh}轮流）"))
    if len(parts) == 1:
        return "chance only", "随机因素"
    (*first, last), (*first_zh, last_zh) = zip(*parts, strict=True)
    return f"{', '.join(first)} and {last}", f"{'、'.join(first_zh)}和{last_zh}"


def only_zh(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> str:
    """Return the word that stands in Chinese before a verb where the spread is chance alone."""
    return "" if worlds or drawn_from != "assumed" else "只"


def bands_note(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> Note:
    """Say what the bands cover; ``worlds`` as in ``covered``."""
    inside, inside_zh = covered(drawn_from, worlds)
    more = {
        "fit": (".", "，"),
        "priors": (
            "; parameters are not yet calibrated and drawn anew for each pair.",
            "；参数尚未校准，每对推演重新抽取。",
        ),
        "assumed": (
            "; parameters are not yet calibrated and stand at assumed values within their ranges.",
            "；参数尚未校准，取各自区间内的设定值。",
        ),
    }
    return Note(
        "bands",
        f"Bands: {inside}{more[drawn_from][0]} "
        "Not included: anything outside the model (tariffs, a steel crisis, new rules).",
        f"区间{only_zh(drawn_from, worlds)}包括{inside_zh}{more[drawn_from][1]}"
        "不包括模型以外的事件（关税、钢材市场剧变、新规定等）。",
    )


def _starved(pairing: Pairing, setting: Setting) -> Iterator[Note]:
    """Say how many draws of priors leave makers unable to deliver what is ordered; a calibration discards them."""
    if setting.drawn_from != "priors":
        return
    least = least_service()
    served = (
        pairing.monthly("orders_delivered", place)[1][:, :FIRST_MONTHS].mean(axis=1) for place in pairing.a.places
    )
    below = np.any([each < least for each in served], axis=0)
    if low := int(below.sum()):
        yield Note(
            "starved",
            f"In {low} of {below.size} pairs makers of A deliver less than {100 * least:.0f}% of the orders in the "
            "first year: draws a calibration would discard, and in which whoever pays for equipment moves too much.",
            f"{below.size}对推演中有{low}对，A的生产企业第一年交付的订单不足{100 * least:.0f}%："
            "校准会舍弃这样的参数样本，其中资助设备的作用偏大。",
        )


def least_service() -> float:
    """Return the share of orders below which a start cannot serve its customers (``calibration/likelihood.toml``)."""
    path = workspace.needed("likelihood.toml", "which starts cannot serve their customers")
    return float(InputFile(path).data["service"]["least"]["value"])


def _identical(pairing: Pairing, equality: Equality) -> Iterator[Note]:
    if equality.identical:
        b, a = pairing.b.scenario_id, pairing.a.scenario_id
        both, both_zh = (" both hold", "（两者都有的月份）") if pairing.spans_differ else ("", "")
        yield Note(
            "N01",
            f"N01  {b} and {a} give identical results in every month{both}\n     {equality.why}",
            f"N01  {b} 与 {a} 在每个月的结果都完全相同{both_zh}\n     {equality.why_zh}",
        )


def span_note(pairing: Pairing) -> Note | None:
    """Say which years both runs hold, when one begins or ends at another month than the other."""
    if not pairing.spans_differ:
        return None
    spans = [(month_text(int(run.months[0])), month_text(int(run.months[-1]))) for run in (pairing.a, pairing.b)]
    (a, a_end), (b, b_end) = spans
    years = f"{pairing.years[0]}-{pairing.years[-1]}"
    return Note(
        "span",
        f"The baseline is simulated from {a} to {a_end}, the scenario from {b} to {b_end}: "
        f"compared are the years both hold in full, {years}.",
        f"基准推演{a}至{a_end}，情形推演{b}至{b_end}：只比较两者都完整推演的年份（{years}年）。",
    )


def _runs(pairing: Pairing) -> Iterator[Note]:
    """Say what the runs do not allow: other years, no pairs, missing partners, failed replicates, too few for bands."""
    span, n = span_note(pairing), pairing.n
    if span is not None:
        yield span
    if not pairing.paired:
        count_b, count_a = len(pairing.rows_b), len(pairing.rows_a)
        yield Note(
            "unpaired",
            f"Unpaired: {count_b} runs of B against {count_a} of A as independent draws; intervals are wider, and "
            "additional investment and displacement cannot be told.",
            f"非配对比较：B的{count_b}次推演与A的{count_a}次推演按独立抽样比较；区间更宽，无法计算新增投资和挤出。",
        )
    if pairing.dropped:
        tried = n + pairing.dropped
        yield Note(
            "dropped",
            f"{n} pairs: {pairing.dropped} of {tried} replicates are missing in A or B and are left out of both.",
            f"{n}对推演：{tried}次中有{pairing.dropped}次在A或B中缺失，两边都不计入。",
        )
    failed = [(side, len(run.failures)) for side, run in (("A", pairing.a), ("B", pairing.b)) if run.failures]
    if failed:
        english = ", ".join(f"{count} of {side}" for side, count in failed)
        chinese = "，".join(f"{side}有{count}次" for side, count in failed)
        yield Note("failed", f"Failed replicates: {english}.", f"推演失败：{chinese}。")
    if n < MINIMUM_RUNS_FOR_BAND:
        yield Note(
            "few",
            f"Only {n} runs: no bands and no verdicts with fewer than {MINIMUM_RUNS_FOR_BAND}, only medians.",
            f"只有{n}次推演：少于{MINIMUM_RUNS_FOR_BAND}次时不给区间和判断，只给中位数。",
        )
    elif is_rough(n):
        yield Note(
            "rough",
            f"{n} runs: 90% bands are rough with fewer than {MINIMUM_RUNS_FOR_FIRM_BAND}.",
            f"{n}次推演：少于{MINIMUM_RUNS_FOR_FIRM_BAND}次时，90%区间是粗略的。",
        )


def _early(equality: Equality, pairing: Pairing) -> Iterator[Note]:
    """Results that part before the scenarios do."""
    if not pairing.paired or equality.as_expected:
        return
    differs = month_text(equality.first_difference or 0)
    if equality.first_change is None:
        change, change_zh = "the scenarios prescribe the same", "两个情形的政策内容完全相同"
    else:
        first = month_text(equality.first_change)
        change, change_zh = f"the first change is in {first}", f"最早的变动在{first}"
    yield Note(
        "early",
        f"A and B differ from {differs} although {change}: do not use this comparison before the reason is known.",
        f"A与B从{differs}起就不同，而{change_zh}：查明原因之前请勿使用这一比较。",
    )


def _noise(rows: Sequence[Row]) -> Iterator[Note]:
    """Variables for which pairing hardly helped."""
    weak = [row for row in rows if row.variance_reduction < NOISE_CUT_WARNING]
    if weak:
        yield Note(
            "noise",
            f"Pairing hardly cut the noise (less than twofold) of: {', '.join(row.label for row in weak)}. "
            "The random streams may not be aligned; more runs are needed.",
            f"配对推演对以下指标几乎没有降低噪声（不到一半）：{'、'.join(row.label_zh for row in weak)}。"
            "需要更多次推演。",
        )


def carried_notes(pairing: Pairing, rows: Sequence[Row]) -> Iterator[Note]:
    """Yield a note on each difference that one or few replicates make alone, with the command that says what happened.

    ``rows`` are of the pairs of ``pairing``.
    """
    b, a = pairing.b.scenario_id, pairing.a.scenario_id
    for row in rows:
        few = [pairing.replicates[position] for position in row.carriers] if row.n == pairing.n else []
        if not few:
            continue
        sizes = [format_value(value, row.unit, language) for language in ("en", "zh")
                 for value in (row.difference.mean, row.difference.p50)]  # fmt: skip
        numbers, which = ", ".join(map(str, few)), "replicate" if len(few) == 1 else "replicates"
        alone = "alone makes" if len(few) == 1 else "alone make"
        ask = f"countysim explain {b} {a} --replicate {few[0]}"
        yield Note(
            f"carried-{row.variable}",
            f"{which.capitalize()} {numbers} of {row.n} {alone} the mean difference of {row.label}: mean {sizes[0]}, "
            f"median {sizes[1]} ({ask} says what happened there).",
            f"{row.label_zh}差值的均值由{row.n}次推演中的第{numbers}次单独造成：均值{sizes[2]}，中位数{sizes[3]}"
            f"（原因可查：{ask}）。",
        )


def _money_elsewhere(pairing: Pairing, window: tuple[int, int]) -> Iterator[Note]:
    """Public money that the scenarios differ by in months both hold outside the window: nothing printed counts it."""
    extra = _paid_by_year(pairing.b, pairing.rows_b, pairing.months)
    for year, yuan in _paid_by_year(pairing.a, pairing.rows_a, pairing.months).items():
        extra[year] -= yuan
    outside = {year: yuan for year, yuan in extra.items() if not window[0] <= year <= window[1] and abs(yuan) >= 1.0}
    total, inside = sum(outside.values()), sum(yuan for year, yuan in extra.items() if window[0] <= year <= window[1])
    if not outside or abs(total) < MONEY_WORTH_SAYING * abs(inside):
        return
    first, last = min(outside), max(outside)
    span = f"{first}-{last}" if last > first else f"{first}"
    until = month_text(pairing.months[-1])
    part, part_zh = (f" (to {until})", f"，至{until}") if last > pairing.years[-1] else ("", "")
    # Only complete years can be asked for.
    widest = (max(min(first, window[0]), pairing.years[0]), min(max(last, window[1]), pairing.years[-1]))
    advice = "" if widest == window else f" (--window {widest[0]}-{widest[1]} does)"
    more, more_zh = ("more", "多") if total > 0.0 else ("less", "少")
    amount, amount_zh = (format_money(abs(total), language) for language in ("en", "zh"))
    yield Note(
        "money-elsewhere",
        f"Outside {window[0]}-{window[1]}, in {span}{part}, B pays {amount} {more} public money than A; "
        f"nothing above counts it{advice}.",
        f"在{window[0]}-{window[1]}年以外（{span}年{part_zh}），B的财政支出比A{more_zh}{amount_zh}，未计入以上各项。",
    )


def _paid_by_year(run: Run, rows: NDArray[np.intp], months: Sequence[int]) -> dict[int, float]:
    """Return the public money a run pays in some months by calendar year, a mean over the replicates used."""
    paid = run.money()[rows][..., MONEY_STAGES.index("paid")].sum(axis=(2, 3)).mean(axis=0)
    inside, years = np.isin(run.months, months), np.asarray(run.months) // 12
    return {int(year): float(paid[inside & (years == year)].sum()) for year in np.unique(years[inside])}


def _head_count(pairing: Pairing, rows: Sequence[Row]) -> Iterator[Note]:
    """Say how the employment printed lies to the published head count of the place."""
    if len(pairing.b.places) != 1 or not any(row.variable == "employment" for row in rows):
        return
    (place,) = pairing.b.places
    factor = _scope(pairing, "employment", place)
    published = any(fact.variable == "employment" for fact in load_facts() if fact.place == place)
    if published and abs(factor - 1.0) >= SCOPE_WORTH_SAYING:
        yield Note(
            "head-count",
            f"Employment is of the model's firms; the published head count of the place is {factor:.2f} times as "
            "large.",
            f"从业人员为模型内企业口径；当地公布的从业人数为其{factor:.2f}倍。",
        )


def _goals(pairing: Pairing, goals: Sequence[GoalRow]) -> Iterator[Note]:
    """Aims past the end of the runs, and the factor between a reported count and the model's where an aim is in it."""
    late = [goal.id for goal in goals if goal.ends_before]
    if late:
        yield Note(
            "goal-late",
            f"The runs end before the date of: {', '.join(late)}.",
            f"推演在以下目标的期限之前结束：{'、'.join(late)}。",
        )
    for goal in goals:
        factor = _scope(pairing, goal.variable, goal.place)
        if factor != 1.0:
            yield Note(
                f"scope-{goal.variable}",
                f"Scope of {goal.label}: the reported figure counts {factor:.2f} times what the model does; "
                f"for the aim {goal.id} the model's count is multiplied by that.",
                f"{goal.label_zh}口径：公布数为模型口径的{factor:.2f}倍；判断目标“{goal.id}”时，模型数乘以该倍数。",
            )


def _scope(pairing: Pairing, variable: str, place: str) -> float:
    """How many times what the model counts a reported figure counts: median over runs and places, 1 if the same."""
    truth = truth_of(pairing.b)
    positions = [truth.places.index(place)] if place in truth.places else range(len(truth.places))
    factors = truth.scope(variable, positions)
    return 1.0 if factors is None else float(np.median(factors))


def _assumed(setting: Setting) -> Note:
    """How much of the input nobody published."""
    english = f"{setting.assumed_values} values of policies are assumptions nobody published"
    chinese = f"政策中{setting.assumed_values}项数值没有公开数据，为假设值（见“假设与来源”表）"
    more = f"{setting.assumed_parameters} of the model's parameters and " if setting.assumed_parameters else ""
    more_zh = f"{setting.assumed_parameters}个模型参数和" if setting.assumed_parameters else ""
    english += f"; so are {more}part of the places' starting values."
    chinese += f"；另有{more_zh}各地部分起始值为假设。"
    return Note("assumed", english, chinese)
