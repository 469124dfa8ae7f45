"""A fit as its readers see it: figures with their bands, misses on top, what they inform and do not, and the proofs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.calibrate.fits import Fit, known_fits, read_fit
from sim.errors import UserError
from sim.evidence import BOUNDS, Fact, load_facts
from sim.parameters import parameter_name
from sim.report.fit_table import figure_name, period_text
from sim.report.rounding import MISSING, finite, range_text
from sim.report.table import Column, layout, one_line, paragraphs, record, table
from sim.report.words import say
from sim.reporting import firm_statistics
from sim.reporting.firm_statistics import BY_AGE, BY_QUARTER, read_facts
from sim.reporting.standing import ORDER, WORDS
from sim.scenario.place_start import start_name
from sim.units import Language, format_value, pick
from sim.validation.firm_facts import WANTED, kept

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
    """A fit read for showing: reported figures used, misses first, and known ratios of the industry used.

    ``unused`` are records of figures not used, those of the fit's own places first, ``parameters`` records of all
    numbers, best known first.
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


def number_name(item: Mapping[str, Any], lang: str) -> str:
    """Return what a reader calls an uncertain number."""
    name = str(item["name"])
    if item["kind"] == "start":
        return start_name(name.split(".")[-1], lang)
    if item["kind"] == "range":
        return name.removeprefix("policy.")
    return parameter_name(name, lang, str(item["about"]))


def number_text(value: float, unit: str, lang: Language) -> str:
    """Return an uncertain number with its unit, to three digits."""
    rounded = float(f"{value:.3g}")
    if unit in ("yuan", "persons", "count", "yuan/year") and abs(rounded) >= 1000.0:
        return format_value(rounded, unit, lang)
    ending = "" if unit in ("1", "share", "count", "log", "index") or "position" in unit else f" {unit}"
    return f"{rounded:g}{ending}"


def posterior_text(found: Posterior, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole fit for a terminal of some width.

    ``every`` names every number that no figure informs, and every figure not used, with the reason.
    """
    parts = [_heading(found, language)]
    if found.figures:
        parts.append(layout(_figure_columns(found.figures, language), width))
    if found.ratios:
        head = say(language, "posterior_table.known_ratios_industry_used")
        parts.append([head, *layout(_figure_columns(found.ratios, language), width)])
    parts += [_legend(found, language), _informed(found, language, width), _idle(found, language, every=every)]
    if found.pairs:
        pairs = [f"  {pair['a']}  {pair['b']}  {pair['correlation']:+.2f}" for pair in found.pairs[:MOST_PAIRS]]
        parts.append([say(language, "posterior_table.pairs_that_trade_off"), *pairs])
    parts += [_proofs(found, language), facts_lines(found.fit, language, width)]
    return paragraphs([*parts, _unused(found, language, every=every)])


def _heading(found: Posterior, language: Language) -> list[str]:
    about = found.about
    lines = [say(language, "posterior_table.fit_what_reported_figures", about=about)]
    others = about.get("together_with", [])
    if others:
        lines.append(say(language, "posterior_table.fitted_together_with", others=list(others)))
    lines.append(say(language, "posterior_table.trials_failed_draws_chains", about=about))
    if found.fit.refusal is not None:
        lines.append(found.fit.refusal.text(language))
    return lines


def _figure_columns(figures: Sequence[Figure], language: Language) -> list[Column]:
    rows = []
    for item in figures:
        about, unit = item.record, str(item.record["unit"])
        after, before = (
            " … ".join(_short(band[name], unit, language) for name in ("p05", "p95"))
            for band in (item.best, item.prior)
        )
        period = period_text(item.fact, language) if item.fact else ""
        reported = f"{BOUNDS[about['bound']]} {format_value(about['value'], unit, language, 14)}"
        how = pick(language, *WORDS[about["standing"]]) + ("" if not item.starts else "°" if item.binds else "°°")
        middle, of_place = _short(item.best["p50"], unit, language), MISSING
        if own := about.get("of_place"):  # growth of the place itself, beside growth as an office prints it
            of_place = "{1} ({0} … {2})".format(*(_short(own[name], unit, language) for name in ("p05", "p50", "p95")))
        name = str(about.get("about_zh" if language == "zh" else "about", item.id))
        if item.fact is not None:
            name = f"{one_line(item.fact.place)} {figure_name(item.fact.variable, language)}"
        gained = f"{about['taught']:.2f}"
        rows.append((name, period, reported, middle, after, of_place, before, gained, how))
    columns = table(language, "figures_of_fit", rows)
    if not any(item.record.get("of_place") for item in figures):
        del columns[OF_PLACE]
    return columns


def _short(value: float, unit: str, language: Language) -> str:
    return format_value(float(f"{value:.3g}"), unit, language, 14)


def _legend(found: Posterior, language: Language) -> list[str]:
    total, missed = len(found.fitted), sum(item.missed for item in found.fitted)
    lines = [say(language, "shared.no_reported_figure_entered")]
    if total:
        lines = [say(language, "posterior_table.figures_inside_band_or", inside=total - missed, total=total)]
        kept = total - sum(item.wider for item in found.fitted)
        lines.append(say(language, "posterior_table.bands_no_wider_than", kept=kept, total=total))
        outcomes = [item.record for item in found.fitted if not item.starts]
        values = {"outcomes": len(outcomes), "effective_number": effective_number(outcomes)}
        lines.append(say(language, "posterior_table.these_are_outcomes_worth", **values))
        lines += shift_lines(found.fit, language)
    lines += _served(found, language)
    lines.append(say(language, "posterior_table.exact_at_least_at"))
    if total < len(found.figures):
        lines.append(say(language, "posterior_table.range_starting_value_was"))
    return [*lines, say(language, "posterior_table.bands_hold_chance_calibration")]


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
    served = found.fit.diagnostics.get("service")
    if not served or not served["checked"]:
        return []
    gone, many, least = served["discarded"], served["checked"], served["least"]
    return [say(language, "posterior_table.draws_checked_are_left", gone=gone, many=many, least=least)]


def shift_lines(fit: Fit, language: Language) -> list[str]:
    """Say what printed growth of totals exceeds growth of the places by, where other places say something of it."""
    shift = fit.diagnostics.get("shift")
    if shift is None:
        return []
    low, middle, high = (f"{100.0 * shift['posterior'][name]:+.0f}" for name in ("p05", "p50", "p95"))
    return [say(language, "posterior_table.offices_print_growth_totals", middle=middle, low=low, high=high)]


def _informed(found: Posterior, language: Language, width: int | None) -> list[str]:
    shown = found.informed[:MOST_INFORMED]
    if not shown:
        return [say(language, "posterior_table.figures_inform_no_parameter")]
    rows = []
    for item in shown:
        before, after = (
            " … ".join(number_text(item[which][key], item["unit"], language) for key in ("p05", "p95"))
            for which in ("prior", "posterior")
        )
        teacher = str(item["taught_by"] or say(language, "posterior_table.other_places"))
        gone = f"{max(item['contraction'], 0):.0%}"
        rows.append((number_name(item, language), str(item["name"]), before, after, gone, teacher))
    informed, total = len(found.informed), len(found.parameters)
    head = say(language, "posterior_table.posterior_contraction_parameters_90", informed=informed, total=total)
    lines, more = [head, *layout(table(language, "informed", rows), width)], informed - len(shown)
    if more > 0:
        lines.append(say(language, "posterior_table.and_more_in_data", more=more))
    return lines


def _idle(found: Posterior, language: Language, *, every: bool) -> list[str]:
    groups: dict[str, list[str]] = {}
    for item in found.idle:
        groups.setdefault(item["name"].split(".")[0], []).append(str(item["name"]))
    head = say(language, "posterior_table.informed_by_no_reported", idle=len(found.idle))
    ordered = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    if not every:
        counted = ", ".join(f"{name} {len(items)}" for name, items in ordered)
        return [head, f"  {counted}", say(language, "posterior_table.all_names_each")]
    return [head, *(f"  {', '.join(items)}" for _, items in ordered)]


def _proofs(found: Posterior, language: Language) -> list[str]:
    lines = []
    for which in ("left_out", "from_others"):
        counts = [_predicted(found.figures, which, language, starts=starts) for starts in (False, True)]
        if any(counts):
            lines.append(say(language, f"proofs.{which}") + ", ".join(filter(None, counts)))
    ranks = found.fit.diagnostics.get("ranks")
    if not ranks:
        return lines
    tested = [item for item in found.parameters if item["identified"] and item["rank_p"] is not None]
    lines.append(say(language, "posterior_table.known_numbers_found_again", ranks=ranks, tested=len(tested)))
    if ranks.get("ecdf"):  # a fit of an earlier version has none
        total, outside = len(ranks["ecdf"]), len(ranks["outside"])
        differ = sum(item["p"] <= 0.01 for item in ranks["averaged"].values())
        values = {"outside": outside, "total": total, "differ": differ}
        lines.append(say(language, "posterior_table.rank_distributions_numbers_leave", **values))
    for which in ("unproven", "untested"):
        names = [str(item["name"]) for item in found.parameters if item[which]]
        if names:
            lines.append(f"  {say(language, f'proofs.{which}')}: {', '.join(names)}")
    return lines


def _predicted(figures: Sequence[Figure], which: str, language: Language, *, starts: bool) -> str:
    """Return how many predictions hold their figure, of outcomes or of what a run starts from; "" without any."""
    records = [item.record[which] for item in figures if item.record.get(which) and item.starts is starts]
    if not records:
        return ""
    inside, total = sum(item["inside"] for item in records), len(records)
    if starts:
        return say(language, "posterior_table.figures_inside_that_run", inside=inside, total=total)
    return say(language, "posterior_table.outcomes_inside", inside=inside, total=total)


def _unused(found: Posterior, language: Language, *, every: bool) -> list[str]:
    own = set(found.about["places"]) | {item.record["place"] for item in found.figures}
    shown = [item for item in found.unused if every or item["place"] in own]
    if not shown:
        return []
    lines = [say(language, "posterior_table.figures_not_used_and")]
    lines += [f"  {item['id']}  {pick(language, item['why'], item['why_zh'])}" for item in shown]
    return lines


MINUS = "\u2212"


def facts_lines(fit: Fit, language: Language, width: int | None = None) -> list[str]:
    """Return the facts of firms kept beside a fit, published and in its draws, or how to measure them."""
    found, current = kept(fit)
    command = f"countysim fit {fit.id.rsplit('-', 1)[0]} --firms 12"
    if found is None:
        return [say(language, "firm_facts_table.facts_firms_not_measured", command=command)]
    rows = []
    for fact in read_facts():
        some = found.of(fact)[np.isfinite(found.of(fact))]
        told = [_number(float(of(some)), fact) if some.size else "" for of in (np.min, np.median, np.max)]
        published = pick(language, fact.published, fact.published_zh or fact.published)
        missed = "" if found.holds(fact) else say(language, "firm_facts_table.missed")
        inside, ends = f"{found.inside(fact)}/{found.draws}", " … ".join(filter(None, told[::2]))
        about = (one_line(fact.label(language)), published, known_within(fact, language))
        rows.append((*about, told[1], ends, inside, missed))
    growth = []
    for names in (BY_QUARTER, BY_AGE):
        some_of = [one[np.isfinite(one)] for one in map(found.described, names)]
        medians = [f"{100.0 * np.median(one):+.1f}%".replace("-", MINUS) if one.size else "–" for one in some_of]
        growth.append(" / ".join(medians))
    held, facts = sum(map(found.holds, read_facts())), len(read_facts())
    lines = [
        say(language, "firm_facts_table.facts_firms_draws_years", found=found),
        *layout(table(language, "facts_of_firms", rows), width),
        say(language, "firm_facts_table.mean_growth_less_median", sizes=growth[0], ages=growth[1]),
        say(language, "firm_facts_table.facts_in_their_range", held=held, facts=facts, wanted=WANTED),
    ]
    return lines if current else [*lines, say(language, "firm_facts_table.measured_on_other_draws", command=command)]


def known_within(fact: firm_statistics.Fact, language: Language) -> str:
    """Return the range of a fact of firms."""
    return range_text(_number(fact.low, fact), _number(fact.high, fact), language)


def _number(value: float, fact: firm_statistics.Fact) -> str:
    """Return a value of a fact of firms: shares and rates in percent."""
    if not math.isfinite(value):
        return ""
    text = f"{100.0 * value:.1f}%" if fact.unit in ("share", "1/year") else f"{value:.2f}"
    return text.replace("-", MINUS)


def facts_record(fit: Fit) -> dict[str, Any] | None:
    """Return the facts of firms kept beside a fit for other programs, None without any."""
    found, current = kept(fit)
    if found is None:
        return None
    about = {"draws": found.draws, "years": found.years, "scale": found.scale, "of_the_fit_as_it_is": current}
    facts = []
    for fact in read_facts():
        values = [finite(value) for value in found.of(fact).tolist()]
        told = {"inside": found.inside(fact), "holds": found.holds(fact)}
        facts.append(record("fact_of_firms", fact=fact, values=values, **told))
    return about | {"facts": facts}
