"""A fit as its readers see it: figures with their bands, numbers that learnt something, and the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.calibrate.fits import known_fits, read_fit
from sim.errors import UserError
from sim.evidence import load_facts
from sim.parameters import parameter_name
from sim.reporting.standing import ORDER
from sim.scenario.place_start import start_name
from sim.units import Language, format_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.calibrate.fits import Fit
    from sim.evidence import Fact

Band = dict[str, float]
LUCK_OF_WIDTH: Final = 0.01
"""Bands before and after a fit are samples: this share of their width is luck of the draws."""


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

        Both bands are the emulator's: those of some hundred runs of the model would differ by luck alone.
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
    def learnt(self) -> tuple[Mapping[str, Any], ...]:
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
