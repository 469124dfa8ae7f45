"""The scorecard in words and numbers of a language: cells for the terminal, the page and the table of totals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.calibrate.rivals import OTHER_SPREADS, RIVALS, YEAR_TO_YEAR, NoForecast
from sim.calibrate.validation import FEW, Coverage, Opponent, all_versus, coverage
from sim.evidence import BOUNDS, load_sources
from sim.evidence.loose_words import counted_thing
from sim.evidence.variables import basis_label
from sim.report.fit import figure_name, period_text
from sim.report.numbers import MISSING, plain, scale_for, significant, span
from sim.report.table import display_width, one_line
from sim.report.words import pick
from sim.units import format_count, format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.rivals import Name
    from sim.calibrate.validation import Scorecard, Scored, Versus
    from sim.evidence import Fact
    from sim.report.numbers import Language

GROUPS: Final[dict[str, tuple[str, str]]] = {
    "levels": (
        "Levels, counts and shares: the score is in logarithms, 0.10 is about 10 %",
        "水平值、数量和占比：得分按对数计，0.10约为10%",
    ),
    "growth": (
        "Growth: the score is in the rate, 0.010 is one percentage point",
        "增速：得分按增速计，0.010为1个百分点",
    ),
}
READ: Final[tuple[tuple[str, str], ...]] = (
    (
        (
            "Score: the continuous ranked probability score (CRPS) of the whole prediction, smaller is better. For a "
            'floor or ceiling ("over 30,000") it counts what lies on the wrong side alone.'
        ),
        "得分：对整个预测分布计算的连续分级概率评分（CRPS），越小越好。对“超过3万”一类界限，只计错误一侧。",
    ),
    (
        (
            "Skill: 1 - score of the model / score of the rival. Above 0 the model was closer, 0 as close, below 0 the "
            "rival was."
        ),
        "技巧分：1－模型得分/对手得分。大于0为模型更准，0为相当，小于0为对手更准。",
    ),
    (
        (
            "Bands hold chance, calibration and the error of print. PIT: the share of the prediction below the figure; "
            "of many exact figures it should be spread evenly from 0 to 1."
        ),
        "区间包含随机性、校准不确定性和公布误差。PIT：预测分布低于公布数的比例，多个确数的PIT应在0到1之间均匀分布。",
    ),
    (
        (
            "A rival is given the same error of print and a year-to-year standard deviation of "
            f"{YEAR_TO_YEAR:.0%} (assumed); the last column of the totals has half and double of it."
        ),
        f"对手含同样的公布误差和{YEAR_TO_YEAR:.0%}的年际标准差（假设值）；合计表末列为减半和加倍时的技巧分。",
    ),
)
"""What the numbers mean, (English, Chinese)."""


@dataclass(frozen=True)
class Line:
    """One figure, ready to be shown.

    Attributes
    ----------
    skills
        By rival: a number, or why there is none.
    note
        How the figure was asked of the model.
    went_by
        What each rival went by.
    """

    id: str
    place: str
    figure: str
    period: str
    basis: str
    reported: str
    middle: str
    reach: str
    result: str
    score: str
    pit: str
    skills: dict[Name, str]
    source: str
    note: str
    went_by: str


def lines_of(card: Scorecard, items: Sequence[Scored], language: Language) -> list[Line]:
    """Return figures ready to be shown, in order."""
    sources = load_sources()
    found = []
    for item in items:
        fact = item.fact
        middle, reach = numbers_of(item, language)
        source = str(sources.get(fact.source, fact.source))
        found.append(
            Line(
                id=one_line(fact.id),
                place=one_line(place_of(card, fact.place, language)),
                figure=one_line(figure_name(fact.variable, language)),
                period=period_text(fact, language),
                basis=one_line(basis_label(fact.basis, language)) or MISSING,
                reported=reported_text(fact, item.bound, language),
                middle=middle,
                reach=reach,
                result=result_text(item, language),
                score=plain(item.crps, 3),
                pit=plain(item.pit, 2),
                skills={name: skill_text(item, name, language) for name in RIVALS},
                source=one_line(source),
                note=one_line(pick(language, item.note, item.note_zh)),
                went_by=one_line(went_by(item, language)),
            )
        )
    return found


def went_by(item: Scored, language: Language) -> str:
    """Return what each rival went by: earlier figures, conversions, national series."""
    told = []
    for name, found in item.rivals.items():
        if isinstance(found, Opponent) and name != "standstill":
            text = pick(language, found.forecast.en, found.forecast.zh)
            told.append(f"{rival_name(name, language)}{pick(language, ': ', '：')}{text}")
    return pick(language, " | ", "｜").join(told)


def place_of(card: Scorecard, place: str, language: Language) -> str:
    """Return what a place is called."""
    english, chinese = card.names.get(place, (place, place))
    return pick(language, english, chinese)


def reported_text(fact: Fact, bound: str, language: Language) -> str:
    """Return a figure with the sign of its bound: ``≥ 42 billion yuan``."""
    if fact.unit_plain == "count":
        number = format_count(fact.value_plain, language)
        return f"{BOUNDS[bound]} {number}" + ("" if language == "zh" else f" {one_line(counted_thing(fact.unit))}")
    return f"{BOUNDS[bound]} {format_value(fact.value_plain, fact.unit_plain, language, 6)}"


def numbers_of(item: Scored, language: Language) -> tuple[str, str]:
    """Return the median with its unit, and the 90 % band in the same unit."""
    band, unit = item.band, item.fact.unit_plain
    scale = scale_for(unit, max(abs(item.fact.value_plain), abs(band.p50)), language)
    largest = max(abs(item.fact.value_plain), abs(band.p50), abs(band.p95)) / scale.divisor
    decimals = 0 if unit in ("count", "persons") else min(max(significant(largest, 3), 0), 4 if item.in_logs else 1)
    label = scale.label if scale.label == "%" or language == "zh" else f" {scale.label}" if scale.label else ""
    middle = plain(band.p50 / scale.divisor, decimals) + ("" if unit == "count" else label)
    return middle, span(band.p05 / scale.divisor, band.p95 / scale.divisor, decimals)


def result_text(item: Scored, language: Language) -> str:
    """Say how the bands lie to the figure."""
    if not item.inside_most:
        below = item.band.p95 < item.fact.value_plain
        return pick(language, "missed: model below", "未覆盖：模型偏低") if below else pick(
            language, "missed: model above", "未覆盖：模型偏高"
        )  # fmt: skip
    if item.one_sided and not item.band.p05 <= item.fact.value_plain <= item.band.p95:
        return pick(language, "on the right side", "方向一致")
    half = item.band.p25 <= item.fact.value_plain <= item.band.p75
    return pick(language, "inside 50%", "50%区间内") if half else pick(language, "inside 90%", "90%区间内")


def skill_text(item: Scored, rival: Name, language: Language) -> str:
    """Return the skill against a rival, or why there is none."""
    found = item.rivals.get(rival)
    if isinstance(found, NoForecast):
        return pick(language, found.en, found.zh)
    value = item.skill(rival)
    if isinstance(found, Opponent) and math.isnan(value):
        return pick(language, "both met", "均满足")
    return skill_number(value)


def skill_number(value: float) -> str:
    """Return a skill with two decimals and its sign."""
    return plain(value, 2, signed=True)


def rivals_shown(items: Sequence[Scored]) -> list[Name]:
    """Return the rivals that say something of at least one figure."""
    return [name for name in RIVALS if any(isinstance(item.rivals.get(name), Opponent) for item in items)]


def rival_name(name: Name, language: Language) -> str:
    """Return what a rival is called."""
    return pick(language, RIVALS[name].en, RIVALS[name].zh)


def coverage_text(found: Coverage, language: Language) -> str:
    """Say how many figures a band holds, and how many it should."""
    parts = []
    if found.figures:
        low, high = found.expected
        expected = str(low) if low == high else pick(language, f"{low} to {high}", f"{low}至{high}")
        parts.append(
            pick(
                language,
                f"{found.inside} of {found.figures} figures inside (a right band holds {expected})",
                f"{found.figures}个公布数中{found.inside}个在区间内（区间正确时应为{expected}个）",
            )
        )
    if found.bounds:
        parts.append(
            pick(
                language,
                f"{found.right} of {found.bounds} floors and ceilings met",
                f"{found.bounds}个界限中{found.right}个满足",
            )
        )
    share = f"{found.share:.0%}"
    return pick(language, f"{share} band: {'; '.join(parts)}", f"{share}区间：{'；'.join(parts)}")


def totals_of(items: Sequence[Scored], language: Language) -> tuple[list[str], list[list[str]]]:
    """Return the table of totals against rivals: headings, and a row of cells a rival."""
    headings = [
        pick(language, "against", "对手"),
        pick(language, "figures", "指标数"),
        pick(language, "model's score", "模型得分"),
        pick(language, "rival's score", "对手得分"),
        pick(language, "skill", "技巧分"),
        pick(language, "model closer", "模型更准"),
        pick(
            language,
            f"skill, rival's spread {OTHER_SPREADS[0]:.0%} … {OTHER_SPREADS[1]:.0%}",
            f"技巧分（对手离散度{OTHER_SPREADS[0]:.0%} … {OTHER_SPREADS[1]:.0%}）",
        ),
    ]
    return headings, [_total_row(found, language) for found in all_versus(items)]


def _total_row(found: Versus, language: Language) -> list[str]:
    closer = pick(language, f"{found.better} of {found.figures}", f"{found.figures}个中{found.better}个")
    narrow, wide = (skill_number(found.skills[spread]) for spread in OTHER_SPREADS)
    return [
        rival_name(found.rival, language),
        str(found.figures),
        plain(found.model, 3),
        plain(found.score, 3),
        skill_number(found.skill),
        closer,
        f"{narrow} … {wide}",
    ]


def group_notes(items: Sequence[Scored], language: Language) -> list[str]:
    """Return coverage, and a warning where there are few figures."""
    notes = [coverage_text(coverage(items, share), language) for share in (0.9, 0.5)]
    places = [item.pit for item in items if not item.one_sided]
    if len(places) >= FEW:
        counts = [sum(min(int(5.0 * place), 4) == fifth for place in places) for fifth in range(5)]
        told = ", ".join(str(count) for count in counts)
        notes.append(
            pick(language, f"PIT by fifths (even when right): {told}", f"PIT五等分个数（正确时应相近）：{told}")
        )
    if len(items) < FEW:
        many = pick(language, "One figure" if len(items) == 1 else f"{len(items)} figures", f"{len(items)}个公布数")
        notes.append(
            pick(
                language,
                f"{many}: a skill of any size can be luck, and coverage says little.",
                f"仅{many}：技巧分可能出自偶然，覆盖率说明不了多少。",
            )
        )
    return notes


def title_of(card: Scorecard, language: Language) -> str:
    """Return what the scorecard is of."""
    count = len(card.scored)
    if card.kind == "unseen":
        return pick(
            language,
            f"Scorecard: {count} later figure{'s' * (count != 1)} that no fit has seen",
            f"成绩单：{count}个拟合未使用的后续公布数",
        )
    return pick(
        language,
        f"Scorecard: {count} growth figure{'s' * (count != 1)}, each left out of the fit that predicts it",
        f"成绩单：{count}个增速公布数，逐一剔除后由拟合预测",
    )


def listed_title(card: Scorecard, language: Language) -> str:
    """Return the heading of the figures that are set against no rival."""
    if card.kind == "unseen":
        return pick(
            language,
            "Set against no rival: the model measures a part of the count",
            "模型只计量其中一部分，不与对手比较",
        )
    return pick(language, "Left out too, and set against no rival", "其他逐一剔除的公布数（不与对手比较）")


def origin_lines(card: Scorecard, language: Language) -> list[str]:
    """Return where predictions come from, a line a run or fit; the place first where there is only one."""
    found = [place_of(card, place, language) for place in card.places] if len(card.places) == 1 else []
    for item in card.origins:
        if card.kind == "unseen":
            fit = f"fit {item.fit}" if item.fit else "not calibrated"
            fit_zh = f"拟合{item.fit}" if item.fit else "未校准"
            told = f"{item.id}, {item.replicates} runs, {fit}"
            found.append(pick(language, told, f"{item.id}，{item.replicates}次推演，{fit_zh}"))
        else:
            told = f"{item.id}, {item.scenario}, {item.replicates} draws"
            found.append(pick(language, told, f"{item.id}，{item.scenario}，{item.replicates}组参数"))
    return [one_line(text) for text in found]


def shortened(text: str, most: int) -> str:
    """Return text cut to a width in terminal columns, with an ellipsis where something is missing."""
    if display_width(text) <= most:
        return text
    kept = text[:most]
    while display_width(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"
