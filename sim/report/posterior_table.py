"""A fit as its readers see it: figures with their bands, misses on top, what they inform and do not, and the proofs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.calibrate.fits import known_fits, read_fit
from sim.errors import UserError
from sim.evidence import BOUNDS, load_facts
from sim.parameters import parameter_name
from sim.report.firm_facts_table import facts_lines
from sim.report.fit_table import figure_name, period_text
from sim.report.rounding import MISSING
from sim.report.table import Column, filled, layout, one_line, paragraphs
from sim.reporting.standing import ORDER, WORDS
from sim.scenario.place_start import start_name
from sim.units import format_value, pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.calibrate.fits import Fit
    from sim.evidence import Fact
    from sim.units import Language

MOST_INFORMED = 15
MOST_PAIRS = 5
OF_PLACE = 5
"""Column of growth of the place itself; left out where no growth was printed."""
Band = dict[str, float]
LUCK_OF_WIDTH: Final = 0.01
"""Bands before and after a fit are samples: this share of their width is Monte Carlo noise."""


@dataclass(frozen=True)
class Figure:
    """A figure (or a known ratio) that a fit used."""

    record: Mapping[str, Any]
    fact: Fact | None

    @property
    def id(self) -> str:
        """Id of the figure or ratio."""
        return str(self.record["id"])

    @property
    def best(self) -> Band:
        """Band after the fit: of the model with draws of the fit, else of the emulator."""
        found = self.record["checked"] or self.record["posterior"]
        return dict(found)

    @property
    def prior(self) -> Band:
        """Band before the fit."""
        return dict(self.record["prior"])

    @property
    def missed(self) -> bool:
        """Whether the figure lies outside the band after the fit."""
        return bool(self.record["standing"] == "missed")

    @property
    def wider(self) -> bool:
        """Whether the band after the fit is wider than before it, in the unit that figures are compared in.

        Both bands are the emulator's: those of some hundred runs of the model would differ by chance alone.
        """
        return self.wider_than_before("posterior")

    def wider_than_before(self, which: str) -> bool:
        """Return whether a band (``posterior``, ``checked`` or ``checked_full``) is wider than before the fit."""
        before, after = (self._width(self.record[name]) for name in ("prior", which))
        return after > (1.0 + LUCK_OF_WIDTH) * before

    def _width(self, band: Band) -> float:
        if self.record["in_logs"] and band["p05"] > 0.0:
            return math.log(band["p95"] / band["p05"])
        return band["p95"] - band["p05"]

    @property
    def starts(self) -> bool:
        """Whether the place starts from it."""
        return self.record["used"] in ("start", "range")

    @property
    def binds(self) -> bool:
        """Whether it is in the likelihood; else a starting value has its range from it, and it is shown beside."""
        return bool(self.record["used"] != "range")


@dataclass(frozen=True)
class Posterior:
    """A fit read for showing.

    Attributes
    ----------
    figures
        Reported figures used, misses first.
    ratios
        Known ratios of the industry used.
    unused
        Records of figures not used, those of the fit's own places first.
    parameters
        Records of all numbers, best known first.
    """

    fit: Fit
    figures: tuple[Figure, ...]
    ratios: tuple[Figure, ...]
    unused: tuple[Mapping[str, Any], ...]
    parameters: tuple[Mapping[str, Any], ...]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the fit says of itself."""
        found: Mapping[str, Any] = self.fit.diagnostics["fit"]
        return found

    @property
    def fitted(self) -> tuple[Figure, ...]:
        """The figures in the likelihood: those that agreement is counted over."""
        return tuple(figure for figure in self.figures if figure.binds)

    @property
    def pairs(self) -> Sequence[Mapping[str, Any]]:
        """Pairs that trade off, strongest first."""
        found: Sequence[Mapping[str, Any]] = self.fit.diagnostics["pairs"]
        return found

    @property
    def informed(self) -> tuple[Mapping[str, Any], ...]:
        """Numbers that some figure informs."""
        return tuple(item for item in self.parameters if item["informed"])

    @property
    def idle(self) -> tuple[Mapping[str, Any], ...]:
        """Numbers that no figure informs."""
        return tuple(item for item in self.parameters if not item["informed"])


def posterior_of(reference: str) -> Posterior | None:
    """Return the fit of a place, a set, or of this name; None when there is none.

    A place may have several: the one its baseline uses (``PLACE-r1``) comes first.
    """
    known = known_fits()
    name = next((item for item in (f"{reference}-r1", reference, f"{reference}-own") if item in known), None)
    return None if name is None else _read(read_fit(name))


def _read(fit: Fit) -> Posterior:
    facts = {fact.id: fact for fact in load_facts()}
    found = fit.diagnostics
    try:
        used = [Figure(item, facts.get(item["id"])) for item in found["facts"] if item["used"] != "no"]
        ratios = tuple(Figure(item, None) for item in found["moments"])
        unused = [item for item in found["facts"] if item["used"] == "no"]
        places = {figure.record["place"] for figure in used} | set(found["fit"]["places"])
        return Posterior(
            fit,
            tuple(sorted(used, key=lambda figure: (ORDER.index(figure.record["standing"]), figure.starts))),
            ratios,
            tuple(sorted(unused, key=lambda item: item["place"] not in places)),
            tuple(sorted(found["parameters"], key=lambda item: -item["contraction"])),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise UserError(f"{fit.folder}: not the diagnostics of a fit ({problem}); fit again") from None


def number_name(record: Mapping[str, Any], lang: str) -> str:
    """Return what a reader calls an uncertain number."""
    name = str(record["name"])
    if record["kind"] == "start":
        return start_name(name.split(".")[-1], lang)
    if record["kind"] == "range":
        return name.removeprefix("policy.")
    return parameter_name(name, lang, str(record["about"]))


def number_text(value: float, unit: str, lang: Language) -> str:
    """Return an uncertain number with its unit, to three digits."""
    rounded = float(f"{value:.3g}")
    if unit in ("yuan", "persons", "count", "yuan/year") and abs(rounded) >= 1000.0:
        return format_value(rounded, unit, lang)
    ending = "" if unit in ("1", "share", "count", "log", "index") or "position" in unit else f" {unit}"
    return f"{rounded:g}{ending}"


def posterior_text(found: Posterior, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole fit for the terminal.

    Parameters
    ----------
    every
        Also every number no figure informs, by name, and every figure not used, with the reason.
    width
        Terminal columns; a wider table loses its less important columns. None: never.
    """
    parts = [_heading(found, language)]
    if found.figures:
        parts.append(layout(_figure_columns(found.figures, language), width))
    if found.ratios:
        en = "known ratios of the industry, used beside the figures"
        head = pick(language, en, "行业已知比率（与公布数一并使用）")
        parts.append([head, *layout(_figure_columns(found.ratios, language), width)])
    parts.append(_legend(found, language))
    parts.append(_informed(found, language, width))
    parts.append(_idle(found, language, every=every))
    if found.pairs:
        parts.append(_pairs(found, language))
    parts.append(_proofs(found, language))
    parts.append(facts_lines(found.fit, language, width))
    parts.append(_unused(found, language, every=every))
    return paragraphs(parts)


def _heading(found: Posterior, language: Language) -> list[str]:
    about = found.about
    en = f"Fit {about['id']}: what the reported figures say of {about['scenario']}"
    lines = [pick(language, en, f"校准{about['id']}：公布数对方案{about['scenario']}说明了什么")]
    others = about.get("together_with", [])
    if others:
        lines.append(pick(language, f"fitted together with {', '.join(others)}", f"与{'、'.join(others)}一同校准"))
    en = (
        f"{about['trials']} trials, {about['failed_trials']} failed; {about['draws']} draws; "
        f"{about['chains']} chains: R-hat up to {about['r_hat']:.3f}, effective size from {about['effective']:.0f}"
    )
    zh = (
        f"{about['trials']}次试算，{about['failed_trials']}次失败；{about['chains']}条链，{about['draws']}组参数；"
        f"最大R-hat {about['r_hat']:.3f}，最小有效样本{about['effective']:.0f}"
    )
    lines.append(pick(language, en, zh))
    if found.fit.refusal is not None:
        lines.append(found.fit.refusal.text(language))
    return lines


def _figure_columns(figures: Sequence[Figure], language: Language) -> list[Column]:
    columns = [
        Column(pick(language, "figure", "指标"), left=True),
        Column(pick(language, "period", "时期"), left=True, goes=2),
        Column(pick(language, "reported", "公布数"), left=True),
        Column(pick(language, "simulated", "推演中位数"), left=True),
        Column(pick(language, "90% after the fit", "校准后90%区间"), left=True),
        Column(pick(language, "growth of the place", "地区自身增速"), left=True, goes=4),
        Column(pick(language, "90% before", "校准前90%区间"), left=True, goes=1),
        Column(pick(language, "information", "信息量"), goes=3),
        Column("", left=True),
    ]
    rows = []
    for item in figures:
        record, unit = item.record, str(item.record["unit"])
        after, before = (
            " … ".join(_short(band[end], unit, language) for end in ("p05", "p95")) for band in (item.best, item.prior)
        )
        mark = "" if not item.starts else "°" if item.binds else "°°"
        rows.append(
            (
                _name(item, language),
                period_text(item.fact, language) if item.fact else "",
                f"{BOUNDS[record['bound']]} {format_value(record['value'], unit, language, 14)}",
                _short(item.best["p50"], unit, language),
                after,
                _of_place(item, language),
                before,
                f"{record['taught']:.2f}",
                pick(language, *WORDS[record["standing"]]) + mark,
            )
        )
    if not any(item.record.get("of_place") for item in figures):
        return [column for number, column in enumerate(filled(columns, rows)) if number != OF_PLACE]
    return filled(columns, rows)


def _of_place(item: Figure, language: Language) -> str:
    """Return growth of the place itself, beside growth as an office prints it: median and 90 % band."""
    found, unit = item.record.get("of_place"), str(item.record["unit"])
    if not found:
        return MISSING
    low, middle, high = (_short(found[name], unit, language) for name in ("p05", "p50", "p95"))
    return f"{middle} ({low} … {high})"


def _name(item: Figure, language: Language) -> str:
    if item.fact is None:
        return str(item.record.get("about_zh" if language == "zh" else "about", item.id))
    return f"{one_line(item.fact.place)} {figure_name(item.fact.variable, language)}"


def _short(value: float, unit: str, language: Language) -> str:
    return format_value(float(f"{value:.3g}"), unit, language, 14)


def _legend(found: Posterior, language: Language) -> list[str]:
    total, missed = len(found.fitted), sum(item.missed for item in found.fitted)
    lines = [pick(language, "No reported figure entered this fit.", "没有公布数参与本次校准。")]
    if total:
        en = f"{total - missed} of {total} figures inside the band or on the right side"
        lines = [pick(language, en, f"{total}项公布数中{total - missed}项在区间内或方向一致")]
        kept = total - sum(item.wider for item in found.fitted)
        en = f"{kept} of {total} bands no wider than before the fit (emulators before and after)"
        lines.append(pick(language, en, f"{total}项区间中{kept}项不宽于校准前（均按代理模型计）"))
        outcomes = [item.record for item in found.fitted if not item.starts]
        en = (
            f"{len(outcomes)} of these are outcomes, worth {effective_number(outcomes):.1f} figures that were known "
            "exactly (degrees of freedom for signal)"
        )
        zh = f"其中{len(outcomes)}项是结果，信息量相当于{effective_number(outcomes):.1f}个完全确定的数（信号自由度）"
        lines.append(pick(language, en, zh))
        lines += shift_lines(found.fit, language)
    lines += _served(found, language)
    en = (
        "= exact   ≥ at least   ≤ at most   ≈ about   ° a run starts from this figure   information: nats a figure adds"
    )
    lines.append(pick(language, en, "= 确数   ≥ 至少   ≤ 至多   ≈ 约   ° 推演由此数起步   信息量单位：奈特"))
    if total < len(found.figures):
        en = "°° the range of a starting value was made from this figure: it is in the prior, and not counted above"
        lines.append(pick(language, en, "°° 起始值的区间由该数得出：已在先验中，不计入以上统计"))
    en = "Bands hold chance, calibration and the noise of counting. A figure outside may count other firms."
    zh = "区间含随机因素、校准不确定性和统计误差。落在区间外的公布数统计范围可能不同。"
    return [*lines, pick(language, en, zh)]


def effective_number(records: Iterable[Mapping[str, Any]]) -> float:
    """Return how many figures really inform a fit: degrees of freedom for signal.

    A figure that adds ``t`` nats takes the share ``1 - exp(-2 t)`` of the variance of what it measures (normal,
    linear): 0 for one that says nothing, 1 for one that settles it.

    References
    ----------
    Rodgers (2000), Inverse methods for atmospheric sounding, chapter 2.
    """
    return math.fsum(1.0 - math.exp(-2.0 * float(record["taught"])) for record in records)


def _served(found: Posterior, language: Language) -> list[str]:
    """Say how many draws were discarded because makers could not deliver what was ordered."""
    record = found.fit.diagnostics.get("service")
    if not record or not record["checked"]:
        return []
    gone, many, least = record["discarded"], record["checked"], record["least"]
    en = f"{gone} of {many} draws checked are left out: makers deliver less than {least:.0%} of orders in year one"
    return [pick(language, en, f"已检验的{many}组参数中剔除{gone}组：首年订单交付率低于{least:.0%}")]


def shift_lines(fit: Fit, language: Language) -> list[str]:
    """Say what printed growth of totals exceeds growth of the places by, where other places say something of it."""
    record = fit.diagnostics.get("shift")
    if record is None:
        return []
    low, middle, high = (f"{100.0 * record['posterior'][name]:+.0f}" for name in ("p05", "p50", "p95"))
    en = f"offices print growth of totals {middle} points ({low} to {high}) off growth of the place (all places say so)"
    zh = f"公布的总量增速与地区自身增速相差{middle}个百分点（{low}至{high}），由各地公布数共同得出"
    return [pick(language, en, zh)]


def _informed(found: Posterior, language: Language, width: int | None) -> list[str]:
    shown = found.informed[:MOST_INFORMED]
    if not shown:
        return [pick(language, "The figures inform no parameter.", "没有数值得到说明。")]
    columns = [
        Column(pick(language, "number", "数值"), left=True),
        Column(pick(language, "name", "名称"), left=True, goes=2),
        Column(pick(language, "before", "校准前"), left=True),
        Column(pick(language, "after", "校准后"), left=True),
        Column(pick(language, "variance gone", "方差缩减")),
        Column(pick(language, "informed by", "主要依据"), left=True, goes=1),
    ]
    rows = []
    for item in shown:
        before, after = (
            " … ".join(number_text(item[which][key], item["unit"], language) for key in ("p05", "p95"))
            for which in ("prior", "posterior")
        )
        teacher = str(item["taught_by"] or pick(language, "other places", "其他地区"))
        gone = f"{max(item['contraction'], 0):.0%}"
        rows.append((number_name(item, language), str(item["name"]), before, after, gone, teacher))
    informed, total = len(found.informed), len(found.parameters)
    en = f"posterior contraction: {informed} of {total} parameters (90% before and after)"
    head = pick(language, en, f"得到说明的数值：{total}项中的{informed}项（校准前后90%区间）")
    lines, more = [head, *layout(filled(columns, rows), width)], informed - len(shown)
    if more > 0:
        lines.append(pick(language, f"and {more} more, in the data of the figure", f"另有{more}项，见图的数据文件"))
    return lines


def _idle(found: Posterior, language: Language, *, every: bool) -> list[str]:
    groups: dict[str, list[str]] = {}
    for item in found.idle:
        groups.setdefault(item["name"].split(".")[0], []).append(str(item["name"]))
    en = f"informed by no reported figure: {len(found.idle)} numbers stay as wide as their priors"
    head = pick(language, en, f"没有公布数可以说明：{len(found.idle)}项数值仍与先验一样宽")
    ordered = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    if not every:
        counted = ", ".join(f"{name} {len(items)}" for name, items in ordered)
        return [head, f"  {counted}", pick(language, "  --all names each", "  --all 逐项列出")]
    return [head, *(f"  {', '.join(items)}" for _, items in ordered)]


def _pairs(found: Posterior, language: Language) -> list[str]:
    lines = [pick(language, "pairs that trade off", "此消彼长的数值")]
    for pair in found.pairs[:MOST_PAIRS]:
        lines.append(f"  {pair['a']}  {pair['b']}  {pair['correlation']:+.2f}")
    return lines


def _proofs(found: Posterior, language: Language) -> list[str]:
    lines = []
    for which, english, chinese in (
        ("left_out", "left out and predicted by a fit that did not see them", "逐项剔除后由未使用该数的校准预测"),
        ("from_others", "predicted from the other places", "由其他地区预测"),
    ):
        counts = [_predicted(found.figures, which, language, starts=starts) for starts in (False, True)]
        if any(counts):
            lines.append(pick(language, f"{english}: ", f"{chinese}：") + ", ".join(filter(None, counts)))
    ranks = found.fit.diagnostics.get("ranks")
    if ranks:
        tested = [item for item in found.parameters if item["identified"] and item["rank_p"] is not None]
        bad = [str(item["name"]) for item in found.parameters if item["unproven"]]
        untested = [str(item["name"]) for item in found.parameters if item["untested"]]
        en = (
            f"known numbers found again: 90% intervals hold {ranks['coverage']:.0%} over {ranks['cases']} cases; "
            f"ranks are even and intervals hold (p > 0.01) for all {len(tested)} numbers called identified"
        )
        zh = (
            f"已知参数的复原：{ranks['cases']}个案例中90%区间覆盖{ranks['coverage']:.0%}；"
            f"{len(tested)}项称为已识别的数值，秩检验与覆盖检验均通过（p>0.01）"
        )
        lines.append(pick(language, en, zh))
        lines += _consistency(ranks, language)
        if bad:
            told = pick(language, "not called identified, not found again often enough", "复原检验未通过，不称为已识别")
            lines.append(f"  {told}: {', '.join(bad)}")
        if untested:
            told = pick(language, "not called identified, moved by no synthetic case", "无合成案例可检验，不称为已识别")
            lines.append(f"  {told}: {', '.join(untested)}")
    return lines


def _consistency(ranks: Mapping[str, Any], language: Language) -> list[str]:
    """Say whether ranks are even everywhere, and whether the posterior averaged over cases is the prior."""
    if "ecdf" not in ranks:
        return []  # a fit of an earlier version
    total, outside = len(ranks["ecdf"]), len(ranks["outside"])
    averaged = ranks["averaged"].values()
    differ = sum(item["p"] <= 0.01 for item in averaged)
    en = (
        f"  rank distributions of {outside} of {total} numbers leave their simultaneous 95% bands; the posterior "
        f"averaged over cases differs from the prior (p up to 0.01) for {differ} of {total}"
    )
    zh = f"  {total}项数值中{outside}项的秩分布超出联合95%带；案例平均后验与先验不一致（p不大于0.01）的有{differ}项"
    return [pick(language, en, zh)] if total else []


def _predicted(figures: Sequence[Figure], which: str, language: Language, *, starts: bool) -> str:
    """Return how many predictions hold their figure, of outcomes or of what a run starts from; "" without any."""
    records = [item.record[which] for item in figures if item.record.get(which) and item.starts is starts]
    if not records:
        return ""
    inside, total = sum(item["inside"] for item in records), len(records)
    if starts:
        en = f"{inside} of {total} figures inside that a run starts from"
        return pick(language, en, f"起始数{total}项中{inside}项在区间内")
    return pick(language, f"{inside} of {total} outcomes inside", f"结果数{total}项中{inside}项在区间内")


def _unused(found: Posterior, language: Language, *, every: bool) -> list[str]:
    own = set(found.about["places"]) | {item.record["place"] for item in found.figures}
    shown = [item for item in found.unused if every or item["place"] in own]
    if not shown:
        return []
    lines = [pick(language, "figures not used, and why", "未使用的公布数及原因")]
    lines += [f"  {item['id']}  {pick(language, item['why'], item['why_zh'])}" for item in shown]
    return lines
