"""Firms and courses: who sends people to an academy, and what that costs besides the fee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.policies.payments import charge
from sim.policies.programmes import MONTHS, misjudgement, own_money
from sim.rules.chance import uniforms
from sim.rules.elementary import power
from sim.state.columns import F8, I8
from sim.state.ledger import HOUSEHOLDS
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.training.terms import TrainingTerms

WEEKS = 52.0


def senders(state: State, place: int, terms: TrainingTerms, trained: float, policy_key: int) -> tuple[I8, F8]:
    """Return the rows that send people this month, in the order in which seats are filled, and how many they send.

    A firm compares what a trained worker saves it, less the part it passes on in wages, over the years it expects the
    worker to stay, with the fee and the overtime of those who do the work meanwhile. It spares a share of its
    untrained people (``trained`` is the share of trained ones in the place), as whole persons, and pays from its own
    money: a workshop short of cash cannot send anybody. Counts are of all firms of a row.
    """
    firms, training = state.firms, state.parameters.training
    wage = float(state.places.wage[place])
    gain = training.trained_gain * (1.0 - training.wage_pass_through) * wage * training.stay_years
    each = (1.0 - terms.tuition_subsidy) * terms.cost + training.weeks_away / WEEKS * wage
    rows = state.rows_of(place)
    spared = training.send_share / MONTHS * (1.0 - trained) * firms.workers[rows]
    persons = np.floor(spared + uniforms(state.key("training.send", policy_key), firms.slot[rows]))
    rows, persons = rows[persons > 0.0], persons[persons > 0.0]
    if each > 0.0:
        persons = np.minimum(persons, np.floor(own_money(state, rows) / each))
    pays = gain * misjudgement(state, rows, "training.perception", policy_key) >= each
    rows, persons = rows[pays & (persons > 0.0)], persons[pays & (persons > 0.0)]
    order = np.argsort(uniforms(state.key("training.seat", policy_key), firms.slot[rows]), kind="stable")
    return rows[order], persons[order] * firms.weight[rows[order]]


def pay_overtime(state: State, place: int, rows: I8, sent: F8) -> None:
    """Pay those who do the work of trainees while they are away."""
    each = state.parameters.training.weeks_away / WEEKS * float(state.places.wage[place])
    charge(state, rows, each * sent / state.firms.weight[rows], HOUSEHOLDS, "overtime for trainees")


def firms_with_trained_people(state: State, place: int, share: float) -> float:
    """Return the share of makers that have at least one trained person, when ``share`` of all people are trained."""
    rows = state.makers_of(place)
    makers = float(state.firms.weight[rows].sum())
    if makers <= 0.0:
        return 0.0
    usual = max(state.total(state.firms.workers[rows], rows) / makers, 1.0)
    return float(1.0 - power(1.0 - share, usual))
