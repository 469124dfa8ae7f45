"""A model that costs nothing: numbers from keyed draws, in the shape of a real record."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from sim import parameters
from sim.errors import UserError
from sim.experiments.parameter_draws import ParameterDraws
from sim.experiments.toolbox import Toolbox
from sim.observables import OBSERVABLES
from sim.scenario.resolved import Place, Policy, Scenario, TimeSpan, World
from sim.state import draws
from sim.state.record import AWARD, PANEL, PURCHASE, TAKE_UP, TRACKED, ReplicateRecord

START = 2020 * 12 + 3
MONTHS = 33  # 2020-04 to 2022-12: two complete calendar years


@dataclass(frozen=True)
class Behaviour:
    """What goes wrong, at which replicate. ``once`` is a folder for marks, so that it goes wrong only once."""

    fail: tuple[int, ...] = ()
    fail_month: int = START + 5
    interrupt: int | None = None
    die: tuple[int, ...] = ()
    hang: tuple[int, ...] = ()
    once: str = ""
    seconds: float = 0.0

    def first_time(self, replicate: int) -> bool:
        if not self.once:
            return True
        mark = Path(self.once) / f"{replicate}"
        if mark.exists():
            return False
        mark.touch()
        return True


class ToyError(Exception):
    def __init__(self, month: int) -> None:
        super().__init__("negative stock of orders")
        self.month = month


def toy_scenario(reference: str = "toy", places: tuple[str, ...] = ("east", "west")) -> Scenario:
    if not reference.startswith("toy"):
        raise UserError(f'E07  "{reference}": no such scenario')
    ones = np.ones(MONTHS)
    return Scenario(
        id=reference,
        name="Toy",
        name_zh="玩具",
        kind="baseline",
        question="",
        baseline=None,
        places=tuple(Place(name, name.title(), "某县", "0", "toys", "玩具", None) for name in places),
        world=World("flat", "flat", "平", START, ones, ones, ones, ones, ones, ones),
        time=TimeSpan(START, START + 10, START + MONTHS - 1),
        replicates=12,
        seed=7,
        firms_per_agent=20,
        policies=(
            Policy("gift", "toy", "Gift", "礼", "invented", places, START, None, {"county": 1.0}, ((START, None),)),
        ),
        parameters={},
    )


def toy_load(reference: str, overrides: tuple[str, ...] = (), *, calibration: str = "") -> SimpleNamespace:
    if reference.endswith("scenario.toml"):
        reference = Path(reference).read_text(encoding="utf-8").split('"')[1]
    scenario = toy_scenario(reference)
    for text in overrides:
        key, _, value = text.partition("=")
        if not key.startswith("parameters."):
            raise UserError(f'--set {text}: no value is called "{key}"')
        changed = {**scenario.parameters, key.removeprefix("parameters."): float(value)}
        scenario = replace(scenario, parameters=changed)
    return SimpleNamespace(scenario=scenario, warnings=[], origins={}, assumed=[], calibration=calibration)


def toy_realise(scenario: Scenario, replicate: int) -> Scenario:
    return scenario


def toy_hash(scenario: Scenario) -> str:
    text = repr((scenario.id, scenario.time, scenario.seed, sorted(scenario.parameters.items())))
    return hashlib.sha256(text.encode()).hexdigest()


def toy_places_hash(scenario: Scenario) -> str:
    return hashlib.sha256(repr([place.id for place in scenario.places]).encode()).hexdigest()


def toy_world_hash(scenario: Scenario) -> str:
    return hashlib.sha256(scenario.world.id.encode()).hexdigest()


def toy_write(loaded: SimpleNamespace) -> str:
    return f'id = "{loaded.scenario.id}"\n'


def toy_record(scenario: Scenario, level: float, seed: int, months: int, panel: bool) -> ReplicateRecord:
    places = len(scenario.places)
    size = months * places * len(OBSERVABLES)
    base = np.array([draws.uniform_named(seed, "toy", number) for number in range(997)])
    monthly = np.resize(base, size).reshape(months, places, len(OBSERVABLES)) * level + scenario.firms_per_agent
    monthly[:3, :, 4] = np.nan
    touched = (START + months - 1) // 12 - START // 12 + 1
    sizes = np.resize(base, touched * places * 25).reshape(touched, places, 5, 5)
    purchases = np.zeros(seed % 5, PURCHASE)
    purchases["spending"] = base[: seed % 5]
    rows = np.zeros(4, PANEL)
    rows["year"], rows["capital"], rows["place"] = 2021, base[:4], [0, 1, 0, 1]
    return ReplicateRecord(
        first_month=START,
        first_year=START // 12,
        monthly=monthly,
        size_classes=sizes,
        purchases=purchases,
        awards=np.zeros(seed % 3, AWARD),
        take_up=np.resize(base, touched * len(TAKE_UP) * 2).reshape(touched, 1, len(TAKE_UP), 2),
        elsewhere=np.resize(base, months * 2).reshape(months, 1, 2),
        tracked=np.zeros(2, TRACKED),
        money=np.resize(base, months * 12).reshape(months, 1, 2, 6),
        anchors={"market_scale": base[:places]},
        panel=rows if panel else None,
        digest=hashlib.sha256(monthly.tobytes()).hexdigest()[:16],
    )


def toy_simulate(
    scenario: Scenario,
    values: parameters.Parameters,
    seed: int,
    *,
    behaviour: Behaviour,
    panel: bool = False,
    until: int | None = None,
    on_month=None,
) -> ReplicateRecord:
    replicate = next(number for number in range(2000) if draws.replicate_seed(scenario.seed, number) == seed)
    last = scenario.time.end if until is None else until
    for month in range(START, last + 1):
        if on_month is not None:
            on_month(month)
        if month == behaviour.fail_month:
            if replicate in behaviour.fail and behaviour.first_time(replicate):
                raise ToyError(month)
            if replicate in behaviour.hang:
                time.sleep(600)
            if replicate == behaviour.interrupt and behaviour.first_time(replicate):
                raise KeyboardInterrupt
            if replicate in behaviour.die and behaviour.first_time(replicate):
                os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(behaviour.seconds)
    return toy_record(scenario, values.production.normal_use, seed, last - START + 1, panel)


@dataclass(frozen=True)
class Apart:
    """Runs scenarios one after another, as a model that has nothing to share."""

    simulate: Callable[..., ReplicateRecord]

    def __call__(self, runs, seed, *, panels, until=None, on_month=None):
        for number, (scenario, values) in enumerate(runs):
            try:
                panel = panels[number]
                yield number, self.simulate(scenario, values, seed, panel=panel, until=until, on_month=on_month)
            except Exception as error:
                yield number, error


def share_past(a: Scenario, b: Scenario) -> bool:
    return True


def no_draws(loaded: SimpleNamespace, seed: int, wanted: str | None) -> ParameterDraws:
    return ParameterDraws()


def fixed_hash() -> str:
    return "0123456789ab"


def toybox(behaviour: Behaviour | None = None, **changed) -> Toolbox:
    box = Toolbox(
        load=toy_load,
        realise=toy_realise,
        scenario_hash=toy_hash,
        places_hash=toy_places_hash,
        world_hash=toy_world_hash,
        write_resolved=toy_write,
        share_past=share_past,
        simulate=Apart(partial(toy_simulate, behaviour=behaviour or Behaviour())),
        load_parameters=parameters.load_parameters,
        parameters_hash=fixed_hash,
        replicate_seed=draws.replicate_seed,
        draws=no_draws,
    )
    if "simulate" in changed:
        changed["simulate"] = Apart(changed["simulate"])
    return replace(box, **changed)


def results(folder: Path) -> dict[str, bytes]:
    """Return every file of a run that must not depend on when, where or how it was made."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }
