"""Industry academy and training (培训、产业学院): workers of the cluster learn, and stay for a time."""

from __future__ import annotations

import math

import numpy as np

from sim.policies.acting import Institution
from sim.policies.programmes import MONTHS, kept_a_month, misjudgement, own_money, stock_at_the_start
from sim.policies.training.terms import TrainingTerms
from sim.rules.chance import uniforms
from sim.rules.elementary import power
from sim.state.columns import F8, I8
from sim.state.ledger import HOUSEHOLDS
from sim.state.state import State

WEEKS = 52.0


class Training(Institution[TrainingTerms]):
    """Firms send people when the gain they see pays for it; trained people work better, and some move on every year.

    Attributes
    ----------
    technical, commercial
        People trained here and still in the cluster: in processes, quality or development, and in trade.
    arrived
        People who finish this month, technical and commercial.
    """

    channels = frozenset({"information", "skills", "contacts"})

    def start(self) -> None:
        """Begin with the people an academy older than the run has trained."""
        self.technical = self.commercial = 0.0
        self.arrived = (0.0, 0.0)
        if self.in_force:
            first, loss = self.state.first_month, self.state.parameters.training.attrition

            def taught(trade: bool) -> float:
                return stock_at_the_start(self.policy, first, lambda terms: terms.seats * _part(terms, trade), loss)

            self.technical, self.commercial = taught(False), taught(True)
            self.state.places.skilled[self.place] += self.technical + self.commercial

    def act(self) -> None:
        """Fill a month's seats."""
        terms = self.terms
        if terms.seats > 0.0:
            people = self._teach(terms)
            self.arrived = (people * _part(terms, False), people * _part(terms, True))
            self.count("trained", people)

    def wind_up(self) -> None:
        """Let people come and go, and let those who are here work better."""
        before = self.technical + self.commercial
        # During the burn-in the number stands still: it is that of the first month already.
        if not self.state.settling and before + math.fsum(self.arrived) > 0.0:
            kept = kept_a_month(self.state.parameters.training.attrition)
            self.technical = (self.technical + self.arrived[0]) * kept
            self.commercial = (self.commercial + self.arrived[1]) * kept
            self.state.places.skilled[self.place] += self.technical + self.commercial - before
        self.arrived = (0.0, 0.0)
        if self.technical + self.commercial > 0.0:
            self._lend_skills()

    def _teach(self, terms: TrainingTerms) -> float:
        """Fill seats by lot among firms that want them; return the people trained this month."""
        state = self.state
        share = self._share(float(state.places.skilled[self.place]))
        rows, wanted = senders(state, self.place, terms, share, self.policy_key)
        room = min(terms.seats / MONTHS, float(wanted.sum()))
        rows, sent = self.take_part(rows, wanted, room, terms.cost, terms.tuition_subsidy, HOUSEHOLDS, "training")
        # Others are paid to do the work of trainees while they are away.
        each = state.parameters.training.weeks_away / WEEKS * float(state.places.wage[self.place])
        self.charge(rows, each * sent / state.firms.weight[rows], HOUSEHOLDS, "overtime for trainees")
        return float(sent.sum())

    def _share(self, people: float) -> float:
        """Return ``people`` as a share of those employed in the cluster, at most 1."""
        rows = self.state.rows_of(self.place)
        employed = self.state.total(self.state.firms.workers[rows], rows)
        return min(people / employed, 1.0) if employed > 0.0 else 0.0

    def _lend_skills(self) -> None:
        """Raise productivity, wages, the success of upgrades and how well the place answers buyers."""
        places, here, training = self.state.places, self.place, self.state.parameters.training
        gain = training.trained_gain * self._share(self.technical + self.commercial)
        places.skill[here] *= 1.0 + gain
        places.skill_premium[here] *= 1.0 + training.wage_pass_through * gain
        reached = firms_with_trained_people(self.state, here, self._share(self.technical))
        self.help_upgrades(training.failures_cut * reached)
        places.renown[here] *= 1.0 + training.trade_renown * self._share(self.commercial)


def _part(terms: TrainingTerms, trade: bool) -> float:
    """Return the share of seats for trade, or for everything else."""
    for_trade = terms.skills.count("trade") / len(terms.skills)
    return for_trade if trade else 1.0 - for_trade


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


def firms_with_trained_people(state: State, place: int, share: float) -> float:
    """Return the share of makers that have at least one trained person, when ``share`` of all people are trained."""
    rows = state.makers_of(place)
    makers = state.firms_in(rows)
    if makers <= 0.0:
        return 0.0
    usual = max(state.total(state.firms.workers[rows], rows) / makers, 1.0)
    return float(1.0 - power(1.0 - share, usual))
