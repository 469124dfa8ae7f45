"""Designation (认定): characteristic towns and honoured firms. It opens doors; by itself it does next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.errors import UserError
from sim.policies.acting import Institution
from sim.policies.fair import Every, held_in
from sim.policies.terms import (
    ADD_UP,
    Honour,
    Share,
    Table,
    Terms,
    Weight,
    WholeNumber,
    Years,
    Yuan,
    acts_for,
    policy_type,
    term,
)

if TYPE_CHECKING:
    from sim.state.columns import F8, I8

Criterion = Literal["output", "growth", "firms", "upgrades"]
OF_PLACES = ("output_at_least", "growth_at_least", "lead_industry_at_least")
OF_FIRMS = (
    "revenue_at_least", "revenue_growth_at_least", "years_at_least", "technology_gap_at_most", "leverage_at_most",
)  # fmt: skip


class Criteria(Table):
    """What applicants must show. A criterion that is left out is not asked for."""

    output_at_least: Yuan | None = term(
        "产值下限", "Places: makers' sales over the last twelve months; left out: any", default=None
    )
    growth_at_least: Share | None = term(
        "产值增速下限", "Places: growth of makers' sales over the last calendar year; left out: any", default=None
    )
    lead_industry_at_least: Share | None = term(
        "主导产业占比下限",
        "Places: part of the core product in the sales of local producers; left out: any",
        default=None,
    )
    revenue_at_least: Yuan | None = term(
        "营业收入下限", "Firms: revenue of the last twelve months; left out: any", default=None
    )
    revenue_growth_at_least: Share | None = term(
        "营业收入增速下限", "Firms: growth of that revenue over the year before; left out: any", default=None
    )
    years_at_least: Years | None = term("从业年限下限", "Firms: years in business; left out: any", default=None)
    technology_gap_at_most: Weight | None = term(
        "技术差距上限", "Firms: rungs below the frontier of techniques; left out: any", default=None
    )
    leverage_at_most: Share | None = term(
        "资产负债率上限", "Firms: loans over equipment and cash; left out: any", default=None
    )
    environmental_clean: bool = term(
        "环保合规",
        "Firms: only those not closed by an inspection in the last twelve months; left out: not asked",
        default=False,
    )


@policy_type("designation", name_zh="认定")
class DesignationTerms(Terms):
    """Terms of a designation of places or firms."""

    needs_payer: ClassVar[bool] = False
    dose: ClassVar[tuple[str, ...]] = ("count", "count_total")
    reach: ClassVar[str] = "designations"

    level: Literal["city", "province", "nation"] = term("级别", "Level of government that designates")
    scope: Literal["places", "firms"] = term("对象", "What is designated; left out: places", default="places")
    count: WholeNumber | None = term(
        "本批数量", "Newly designated at a batch; one of count and count_total; left out: up to the total", default=None
    )
    count_total: WholeNumber | None = term(
        "累计数量",
        "Number designated at that level to be reached; one of count and count_total; left out: counted by batch",
        default=None,
    )
    select: Literal["listed", "score", "lottery"] = term(
        "遴选方式", "Those listed, without application; or applicants by score or by lot"
    )
    listed: tuple[str, ...] = term(
        "名单", "Places designated when listed, in order; left out: the policy's places in the scenario's order",
        default=(),
    )  # fmt: skip
    weights: Annotated[dict[Criterion, Weight], ADD_UP] = term(
        "评分权重",
        "Weights of the score; firms may be scored by output, growth and upgrades (nearness to the frontier); they add "
        "up to 1; left out: each of them counts the same",
        default={},
    )
    honour: Honour | None = term("称号", "Honour that firms receive; left out for places", default=None)
    award: Yuan = term(
        "奖励", "Public money for each place (to its county) or firm designated; left out: none", default=0.0
    )
    every: Every | None = term(
        "批次", "When further batches are chosen; left out: one batch in the first month", default=None
    )
    criteria: Criteria = term("认定条件", "What applicants must show; left out: nothing", default=Criteria())

    @property
    def spends(self) -> bool:
        """Whether an award is paid."""
        return float(getattr(self.award, "high", self.award)) > 0.0

    @property
    def receiver(self) -> str:
        """The county, which receives the award of its place."""
        return "county" if self.spends and self.scope == "places" else ""

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Self:
        if (self.count is None) == (self.count_total is None):
            context = {"key": "count_total", "keys": '"count", "count_total"', "example": "count = 10"}
            raise PydanticCustomError("one_of", "count", context)
        for key, other in self._clashes():
            raise PydanticCustomError("not_together", "keys", {"key": key, "other": other})
        if self.scope == "firms" and self.honour is None:
            context = {"key": "honour", "keys": '"honour" ("little_giant", "srdi")', "example": 'honour = "srdi"'}
            raise PydanticCustomError("one_of", "honour", context)
        return self

    def _clashes(self) -> list[tuple[str, str]]:
        """Return keys that do not go with another: the key, and the other with its value."""
        of_firms = self.scope == "firms"
        here = f'scope = "{self.scope}"'
        found = [("select", here)] if of_firms and self.select == "listed" else []
        found += [("listed", f'select = "{self.select}"')] if self.listed and self.select != "listed" else []
        found += [("weights", f'select = "{self.select}"')] if self.weights and self.select != "score" else []
        found += [("weights.firms", here)] if of_firms and "firms" in self.weights else []
        found += [("honour", here)] if self.honour is not None and not of_firms else []
        foreign = OF_PLACES if of_firms else OF_FIRMS
        found += [(f"criteria.{key}", here) for key in foreign if getattr(self.criteria, key) is not None]
        if self.criteria.environmental_clean and not of_firms:
            found.append(("criteria.environmental_clean", here))
        return found

    def weights_in_use(self) -> dict[str, float]:
        """Return the weights of the score by criterion; equal when none are written, none without a score."""
        if self.select != "score":
            return {}
        names = ("output", "growth", "upgrades") if self.scope == "firms" else ("output", "growth", "firms", "upgrades")
        equal = dict.fromkeys(names, 1.0 / len(names))
        return {str(name): weight for name, weight in self.weights.items()} or equal


@acts_for("designation")
class Designation(Institution):
    """Lets places or firms apply at each batch, designates those chosen, and keeps the rest waiting for the next."""

    for_all_places = True
    turn = 0

    def validate(self) -> None:
        """Open the list of those designated; refuse counties that would reward themselves."""
        self.model.designations[self.policy.id] = set()
        for _, terms in self.policy.versions:
            if self.policy.payer.get(terms.receiver, 0.0) > 0.0:
                raise UserError(
                    f'policy "{self.policy.id}": an award for places goes to their counties, which cannot pay it '
                    'themselves: write payer = "province"'
                )

    def start(self) -> None:
        """Designate what was designated before the run: batches up to its first month, without awards."""
        import numpy as np

        self.waiting: set[int] = set()
        self.holders: I8 = np.empty(0, dtype=np.int64)
        self.revenue_before: F8 = np.empty(0)
        self.held_before = sum(self._is_batch(month) for month in range(self.policy.start, self.model.first_month))
        for _ in range(self.held_before):
            self._hold_batch(before_the_run=True)

    def act(self) -> None:
        """Hold a batch in its month; while the start settles, replace honoured firms that closed."""
        if self.state.month >= self.model.first_month:
            if self._is_batch(self.state.month):
                self._hold_batch()
        elif self.held_before > 0 and self.terms.scope == "firms":  # type: ignore[attr-defined]
            terms: DesignationTerms = self.terms  # type: ignore[assignment]
            usual = terms.count_total if terms.count is None else self.held_before * terms.count
            self._choose_firms(terms, max((usual or 0) - self._holding(), 0.0), before_the_run=True)

    def wind_up(self) -> None:
        """Let the name work, count holders and those who wait, and note revenues for the growth of the next year."""
        state, settings = self.state, self.state.parameters.designation
        for place in sorted(self.model.designations[self.policy.id]):
            state.places.pull[place] *= 1.0 + settings.name_pull
            state.places.renown[place] *= 1.0 + settings.name_renown
        if self._is_batch(state.month + 12):
            self.revenue_before = state.firms.revenue_year[: state.count].copy()
        self._count("honoured_firms", self.holders)
        self._count_waiting()

    def _is_batch(self, month: int) -> bool:
        """Return whether a batch is chosen in a month."""
        every = self.policy.terms_at(month).every  # type: ignore[attr-defined]
        if month < self.policy.start or (self.policy.end is not None and month > self.policy.end):
            return False
        return month == self.policy.start if every is None else held_in(every, month, self.policy.start)

    def _hold_batch(self, before_the_run: bool = False) -> None:
        terms: DesignationTerms = self.terms  # type: ignore[assignment]
        if terms.scope == "places":
            self._choose_places(terms, before_the_run)
        else:
            number = terms.count if terms.count is not None else (terms.count_total or 0) - self._holding()
            self._choose_firms(terms, max(number, 0.0), before_the_run)

    # --- places -------------------------------------------------------------------------------------------------------

    def _choose_places(self, terms: DesignationTerms, before_the_run: bool) -> None:
        """Designate the places of a batch."""
        from sim.policies import selection

        state, members = self.state, self.places_in_force
        open_to = [place for place in members if not selection.holds_level(state, place, terms.level)]
        number = terms.count
        if number is None:
            number = max((terms.count_total or 0) - (len(members) - len(open_to)), 0)
        if number == 0 or not open_to:
            return
        if terms.select == "listed":
            listed = [state.place_ids.index(name) for name in terms.listed] or open_to
            chosen = [place for place in listed if place in open_to][:number]
        else:
            chosen = self._best_places(terms, open_to, number, before_the_run)
        for place in chosen:
            selection.give_level(state, place, terms.level)
            self.model.designations[self.policy.id].add(place)
            if not before_the_run:
                state.add("designations", place, 1.0)
                self._pay(terms.award, place, self.model.government("county", place).account)

    def _best_places(self, terms: DesignationTerms, open_to: list[int], number: int, before_the_run: bool) -> list[int]:
        """Take applications from places that meet the criteria; return the best of them, in order."""
        import numpy as np

        from sim.policies import selection
        from sim.rules.chance import uniforms

        state = self.state
        qualify = selection.places_qualify(selection.place_figures(state, open_to), terms.criteria)
        applying = [
            place
            for place, meets in zip(open_to, qualify.tolist(), strict=True)
            if meets and (before_the_run or self._applies(place, terms))
        ]
        slots = np.array([self.model.policy_number(state.place_ids[place]) for place in applying], dtype=np.int64)
        luck = uniforms(state.key("designation.order", self.policy_key), slots)
        order = selection.in_order(selection.place_figures(state, applying), terms.weights_in_use(), luck)
        chosen = [applying[k] for k in order[:number].tolist()]
        if not before_the_run:
            for place in applying:
                state.add("designation_applications", place, 1.0)
            self._let_wait(set(applying), set(chosen))
        return chosen

    def _applies(self, place: int, terms: DesignationTerms) -> bool:
        """Return whether a place applies; one that was not chosen last time does so again, its papers are ready."""
        from sim.policies import selection
        from sim.rules.chance import uniform

        if place in self._waiting_anywhere():
            return True
        state = self.state
        cost = state.parameters.designation.application_cost
        around = selection.designated_around(state, self.model.government("province", place).places, terms.level)
        key = state.key("designation.apply", self.policy_key)
        luck = float(uniform(key, self.model.policy_number(state.place_ids[place])))
        if not self.model.government("county", place).applies(cost, around, luck):
            return False
        self._spend({"county": 1.0}, place, cost)
        return True

    # --- firms --------------------------------------------------------------------------------------------------------

    def _choose_firms(self, terms: DesignationTerms, number: float, before_the_run: bool) -> None:
        """Honour the firms of a batch."""
        import numpy as np

        from sim.policies import selection
        from sim.policies.eligibility import HONOURS, holds
        from sim.rules.chance import uniforms

        state, firms = self.state, self.state.firms
        if number <= 0.0:
            return
        rows = np.sort(np.concatenate([state.makers_of(place) for place in self.places_in_force]))
        rows = rows[~holds(state, rows, str(terms.honour))]
        figures = selection.firm_figures(state, rows, self.revenue_before)
        keep = selection.firms_qualify(state, rows, figures, terms.criteria)
        if not before_the_run:
            luck = uniforms(state.key("designation.apply", self.policy_key), firms.slot[rows])
            again = np.isin(firms.slot[rows], sorted(self._waiting_anywhere()))
            keep &= again | (luck < state.parameters.designation.application_chance)
        rows, figures = rows[keep], {name: values[keep] for name, values in figures.items()}
        luck = uniforms(state.key("designation.order", self.policy_key), firms.slot[rows])
        order = selection.in_order(figures, terms.weights_in_use(), luck)
        chosen = rows[order][selection.first_fitting(firms.weight[rows[order]], number)]
        firms.honours[chosen] |= HONOURS[str(terms.honour)]
        self.holders = np.concatenate([self.holders, chosen])
        if not before_the_run:
            self._let_wait(set(firms.slot[rows].tolist()), set(firms.slot[chosen].tolist()))
            self._count("designation_applications", rows)
            self._count("designations", chosen)
            self._reward(terms.award, chosen)

    def _reward(self, award: float, rows: I8) -> None:
        """Pay the award of each firm out of its county's and province's accounts."""
        import numpy as np

        from sim.agents.governments import pay
        from sim.state.ledger import FIRMS

        for place in self.places:
            here = rows[self.state.firms.county[rows] == place]
            amounts = np.full(here.size, award)
            pay(self.model, self.position, self.policy.payer, place, amounts, FIRMS, "awards", here)

    def _holding(self) -> float:
        """Return how many firms in business this policy has honoured."""
        rows = self.holders[self.state.firms.alive[self.holders] == 1]
        return float(self.state.firms.weight[rows].sum())

    # --- those who wait ---------------------------------------------------------------------------------------------

    def _peers(self) -> list[Designation]:
        """Return the designations that give the same name: this one and those of other policies."""
        mine: DesignationTerms = self.terms  # type: ignore[assignment]
        name = (mine.scope, mine.honour or mine.level)
        others = [other for other in self.model.institutions if isinstance(other, Designation)]
        return [
            other
            for other in others
            if (other.terms.scope, other.terms.honour or other.terms.level) == name  # type: ignore[attr-defined]
        ]

    def _waiting_anywhere(self) -> set[int]:
        """Return who applied for this name before, here or under another policy, and was not chosen."""
        return set().union(*(peer.waiting for peer in self._peers()))

    def _let_wait(self, applied: set[int], chosen: set[int]) -> None:
        """Keep those who applied and were not chosen for the next batch, on this list alone."""
        for peer in self._peers():
            peer.waiting -= applied
        self.waiting |= applied - chosen

    def _count_waiting(self) -> None:
        """Count those who wait for this name, places by position, firms by slot, once all its policies have acted."""
        import numpy as np

        from sim.policies import selection

        state, terms = self.state, self.terms
        waiting = sorted(self._waiting_anywhere())
        if not waiting or self is not self._peers()[-1]:
            return
        if terms.scope == "firms":  # type: ignore[attr-defined]
            self._count("designation_queue", state.makers[np.isin(state.firms.slot[state.makers], waiting)])
            return
        for place in waiting:
            if not selection.holds_level(state, place, terms.level):  # type: ignore[attr-defined]
                state.add("designation_queue", place, 1.0)

    # --- money and counts ---------------------------------------------------------------------------------------------

    def _spend(self, payer: dict[str, float], place: int, cost: float) -> None:
        """Pay for an application."""
        from sim.agents.governments import pay
        from sim.state.ledger import REST_OF_WORLD

        pay(self.model, self.position, payer, place, cost, REST_OF_WORLD, "designation")

    def _pay(self, award: float, place: int, account: str) -> None:
        """Pay a place's award to its county."""
        from sim.agents.governments import pay

        pay(self.model, self.position, self.policy.payer, place, award, account, "awards")

    def _count(self, name: str, rows: Any) -> None:
        """Add the firms of some rows in business to an observable, by place."""
        import numpy as np

        state = self.state
        rows = rows[state.firms.alive[rows] == 1]
        for place, number in enumerate(state.by_place(np.ones(rows.size), rows).tolist()):
            if number > 0.0:
                state.add(name, place, number)
