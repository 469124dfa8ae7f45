"""Baselines in a constant world, one run for each posterior draw: what facts of firms and responses are measured on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from sim.calibrate.answering import answering_baselines, baseline_for, known_places, meant
from sim.calibrate.fits import known_fits
from sim.errors import UserError
from sim.experiments.identity import code_hash, digest_of, layout_hash
from sim.experiments.parameter_draws import ParameterDraws, current_identity, fitted_draws
from sim.experiments.tasks import split_draw
from sim.experiments.toolbox import standard_toolbox
from sim.scenario.content_hash import scenario_hash
from sim.scenario.loader import load_to_run
from sim.scenario.steady import steady

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.calibrate.answering import Answering
    from sim.model import ClusterModel
    from sim.scenario.resolved import Scenario

MONTHS: Final = 12
Which = Literal["posterior", "assumed"]


@dataclass(frozen=True)
class StillBaseline:
    """A baseline in a constant world and the draws it is run with.

    Attributes
    ----------
    place
        As it was asked for.
    reference
        Baseline it is made of.
    scenario
        Steady, at the scale it is run at; its ranges are not drawn yet.
    draws
        Of its fit; without rows every run uses assumed values.
    years
        It lasts.
    """

    place: str
    reference: str
    scenario: Scenario
    draws: ParameterDraws
    years: int

    def draw(self, number: int) -> Mapping[str, float]:
        """Return the values of a draw, by dotted name."""
        return self.draws.values(number)

    def identity(self, **more: object) -> str:
        """Return a hash of everything that can change a number of a run."""
        now = current_identity()
        parts = {
            "scenario": scenario_hash(self.scenario),
            "draws": self.draws.digest,
            "priors": now.priors,
            "law": now.model_law,
            "layout": layout_hash(),
            "code": code_hash("calibrate", "sensitivity", "validation"),
            **more,
        }
        return digest_of(parts, 8)


def still_baseline(place: str, years: int, scale: int | None = None, which: Which = "posterior") -> StillBaseline:
    """Return the baseline of a place (or of this name) in a constant world.

    Parameters
    ----------
    years
        It lasts from its first month on.
    scale
        Firms that one simulated firm stands for; that of its file when None.
    which
        ``posterior``: draws of the baseline's fit, refused when there is none; ``assumed``: values of
        ``priors.toml``, ranges drawn.

    Raises
    ------
    UserError
        If nothing of this name has a baseline, or its fit cannot be used.
    """
    found = _answering(place)
    loaded = load_to_run(found.id)
    draws = fitted_draws(loaded) if which == "posterior" else ParameterDraws()
    if which == "posterior" and not draws.rows:
        raise UserError(
            f"{found.id} has no fit; make one: countysim calibrate {place}\n     with assumed values: --draws assumed"
        )
    scenario = replace(loaded.scenario, firms_per_agent=scale or loaded.scenario.firms_per_agent)
    return StillBaseline(place, found.id, steady(scenario, MONTHS * years), draws, years)


def fit_of_place(place: str) -> str | None:
    """Return the name of the fit that the baseline of a place (or of this name) asks for, None when it is not there."""
    fit = _answering(place).fit
    return fit if fit in known_fits() else None


def _answering(place: str) -> Answering:
    """Return the baseline of a place, or of this name."""
    known, broken = answering_baselines()
    found = next((item for item in known if item.id == place), None) or baseline_for(place, known)
    if found is None:
        places = known_places(known, broken)
        raise UserError(f'no baseline answers for "{place}"{meant(place, places)}\n     known: {", ".join(places)}')
    return found


def begun(scenario: Scenario, number: int, draw: Mapping[str, float]) -> ClusterModel:
    """Return the model of a steady scenario after its burn-in, with one draw and the random draws of a replicate."""
    from sim.model import ClusterModel

    tools = standard_toolbox()
    drawn, given = split_draw(draw)
    realised = tools.realise(scenario, number, given=given)
    parameters = tools.load_parameters({**drawn, **scenario.parameters})
    return ClusterModel(realised, parameters, tools.replicate_seed(scenario.seed, number))
