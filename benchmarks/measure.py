"""What is measured: one long run at one to one, and the firm phases against the peer."""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.objects import Peer, terms_of
from sim.agents import governments
from sim.model import ClusterModel
from sim.month import market, plans
from sim.parameters import load_parameters
from sim.policies import acting
from sim.rules.labour import want_workers
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.state import draws
from sim.state.state import State

REFERENCE, END, CLUSTERS = "yongnian-2023", "2032-12", "hebei-clusters-2019"
TOLERANCE = 1e-9


@dataclass(frozen=True)
class LongRun:
    """Ten years of Yongnian, one agent for each firm. Seconds are processor time of one core."""

    firms: int
    buyers: int
    months: int
    settling_seconds: float
    loop_seconds: float
    peak_mebibytes: float


@dataclass(frozen=True)
class Against:
    """Firm phases of a month: milliseconds of processor time here and at the peer, one pair for each repetition."""

    firms: int
    columns: list[float]
    objects: list[float]

    @property
    def ratio(self) -> float:
        """Median over repetitions of the peer's time over ours, each pair measured back to back."""
        return statistics.median(there / here for here, there in zip(self.columns, self.objects, strict=True))


def new_model(replicate: int = 0) -> ClusterModel:
    """Return Yongnian at one to one, settled."""
    scenario = realise(load(REFERENCE, overrides=[f"time.end={END}"]).scenario, replicate)
    return ClusterModel(scenario, load_parameters(), draws.replicate_seed(scenario.seed, replicate))


def timed(work_to_do: Callable[[], object]) -> float:
    """Return seconds of processor time of this process."""
    started = time.process_time()
    work_to_do()
    return time.process_time() - started


def long_run(replicate: int) -> LongRun:
    """Simulate ten years once; the process should do nothing else, so that the peak of memory is the run's."""
    made: list[ClusterModel] = []
    settling = timed(lambda: made.append(new_model(replicate)))
    model = made[0]
    firms, months = model.state.live.size, 120
    gc.collect()

    def steps() -> None:
        for _ in range(months):
            model.step()

    loop = timed(steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024.0 * 1024.0 if sys.platform == "darwin" else 1024.0
    )
    return LongRun(firms, model.state.buyers.slot.size, months, settling, loop, peak)


def governing_share(months: int = 12) -> float:
    """Return the part of a month of the 269 clusters at 1:100 in which governments and institutions act."""
    scenario = realise(load(CLUSTERS).scenario, 0)
    model = ClusterModel(scenario, load_parameters(scenario.parameters), draws.replicate_seed(scenario.seed, 0))
    while not model.institutions[0].in_force:
        model.step()
    spent: list[float] = []

    def watched(module: Any, name: str) -> Any:
        act = getattr(module, name)
        return mock.patch.object(module, name, lambda model: spent.append(timed(lambda: act(model))))

    with watched(governments, "take_in"), watched(acting, "act"):
        whole = timed(lambda: [model.step() for _ in range(months)])
    return sum(spent) / whole


def firm_phases(state: State) -> None:
    """Do a month of the firms alone: the phases that the peer has too."""
    plans.form_expectations(state)
    plans.invest(state)
    market.price(state)
    p, places = state.parameters, state.places
    want_workers(state.live, state.firms, places, state.costs, p.production, p.labour, state.world.progress)
    market.make_goods(state)
    market.settle(state)


def agree(state: State) -> None:
    """Raise unless columns and objects work out the same prices, output and profits from the same start."""
    peer = Peer(state)
    plans.form_expectations(state)
    state.scratch.spending[:] = state.scratch.borrowing[:] = 0.0
    peer.agents.do("expect")
    market.price(state)
    peer.agents.do("set_price")
    same("price", state, peer)
    backlog = state.firms.backlog[state.live].copy()
    market.order(state)
    traders = np.isin(state.live, state.traders)
    market.make_goods(state)
    for name in ("orders", "orders_foreign", "orders_local"):
        peer.put(name, getattr(state.firms, name)[state.live])
    peer.put("backlog", backlog)
    peer.agents.do("produce")
    same("delivered", state, peer)
    assert traders.any()
    peer.terms = terms_of(state)
    peer.trade()
    market.settle(state)
    peer.agents.do("settle")
    same("cash", state, peer)
    same("revenue_year", state, peer)


def same(name: str, state: State, peer: Peer) -> None:
    """Raise unless a column agrees."""
    here, there = getattr(state.firms, name)[state.live], peer.column(name)
    worst = float(np.max(np.abs(here - there) / np.maximum(np.abs(here), 1.0)))
    if not worst < TOLERANCE:
        raise RuntimeError(f"{name}: columns and objects differ by {worst:.3g}, so their times mean nothing")


def against_objects(repetitions: int, months: int = 2) -> Against:
    """Measure both ways in turn, after checking that they agree."""
    agree(new_model().state)
    model = new_model()
    peer = Peer(model.state)
    firm_phases(model.state)
    peer.step()
    columns, objects = [], []
    for _ in range(repetitions):
        gc.collect()
        columns.append(timed(lambda: [firm_phases(model.state) for _ in range(10 * months)]) / (10 * months) * 1000.0)
        objects.append(timed(lambda: [peer.step() for _ in range(months)]) / months * 1000.0)
    return Against(model.state.live.size, columns, objects)
