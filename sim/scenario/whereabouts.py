"""Where policies act: in places named by id, or in places as they are designated.

A designation is named by the id of its policy (``where = "batch-1"``) or by its level (``where =
"designated:province"``: places designated at that level or above). Which places that is only a run can say, so a
policy is given every place that could be meant, and acts in each from the month of its designation on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.inputs.problems import Findings, Spot, words
from sim.inputs.tables import listed, near
from sim.policies.terms import Terms
from sim.scenario.drafts import Draft
from sim.scenario.resolved import Place
from sim.units import shown

BY_LEVEL = "designated:"
LEVELS = ("city", "province", "nation")
"""Levels at which a place can be designated, in rising order."""

MANY = 12
"""Places a message lists at most."""


class Whereabouts:
    """Looks up where the policies of a scenario, by id, act, and notes what cannot be found."""

    def __init__(self, drafts: Mapping[str, Draft], places: Sequence[Place], findings: Findings) -> None:
        self.drafts = drafts
        self.places = places
        self.ids = tuple(place.id for place in places)
        self.findings = findings
        # A place whose id is also a policy's is meant as the place.
        self.designations = {
            name: draft for name, draft in drafts.items() if draft.head.type == "designation" and name not in self.ids
        }

    def settle(self) -> None:
        """Give every draft its places, and check the other keys that name places."""
        for draft in self.drafts.values():
            draft.where, draft.where_designated = self._resolved(draft, ())
            if draft.terms.one_place and len(draft.where) > 1:
                count = str(len(draft.where))
                self.findings.add("one_place", draft.item.spot(("where",)), type=draft.head.type, count=count)
        for draft in self.drafts.values():
            for terms in (draft.terms, *(terms for _, terms in draft.versions)):
                self._check_across(draft, terms)
                self._check_places(draft, "listed", getattr(terms, "listed", ()))

    def is_designation(self, name: str) -> bool:
        """Return whether a name refers to a designation and not to a place."""
        return name.startswith(BY_LEVEL) or (name in self.drafts and name not in self.ids)

    def _resolved(self, draft: Draft, asked: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
        """Return the places a policy may act in, and the designation it waits for; notes are taken the first time."""
        names = draft.head.where
        referring = [name for name in names if self.is_designation(name)]
        if not referring:
            if not asked:
                self._check_places(draft, "where", names)
            return tuple(name for name in names if name in self.ids) or self.ids, None
        name, spot = referring[0], draft.item.spot(("where",))
        if len(names) > 1:
            self._note("where_mixed", spot, asked, key="where", value=shown(names), name=shown(name))
            return self.ids, None
        if not self._check_designation(draft, "where", name, spot, asked):
            return self.ids, None
        if name in self.designations:
            return self._resolved(self.designations[name], (*asked, draft.head.id))[0], name
        return self.ids, name

    def _check_designation(self, draft: Draft, key: str, name: str, spot: Spot, asked: tuple[str, ...]) -> bool:
        """Return whether a name refers to a designation of places that the scenario has."""
        of_places = [
            other for other, found in self.designations.items() if getattr(found.terms, "scope", "") == "places"
        ]
        if name.startswith(BY_LEVEL):
            level = name.removeprefix(BY_LEVEL)
            if level not in LEVELS:
                known = [BY_LEVEL + each for each in LEVELS]
                values = {"key": key, "value": shown(name), "what": words("level"), "near": near(name, known)}
                self._note("unknown_thing", spot, asked, **values, known=listed(known))
                return False
            enough = LEVELS[LEVELS.index(level) :]
            if not any(getattr(self.designations[other].terms, "level", "") in enough for other in of_places):
                self._note("nobody_designates", spot, asked, key=key, value=shown(name), level=level)
                return False
            return True
        if name in of_places and name != draft.head.id and name not in asked:
            return True
        values = {"key": key, "value": shown(name), "type": self.drafts[name].head.type}
        self._note("not_a_designation", spot, asked, **values, known=listed(of_places) or "-")
        return False

    def _note(self, message: str, spot: Spot, asked: tuple[str, ...], **values: Any) -> None:
        """Note a problem, unless it is found on the way to answer for another policy."""
        if not asked:
            self.findings.add(message, spot, **values)

    def _check_places(self, draft: Draft, key: str, names: Sequence[str], at: Spot | None = None) -> None:
        for number, name in enumerate(names):
            spot = at or draft.item.spot((key, number))
            if self.places and name not in self.ids:
                no_place(key, name, self.places, spot, self.findings, tuple(self.designations))
            elif key != "where" and name not in draft.where:
                where = listed(draft.where) if len(draft.where) <= MANY else f"{listed(draft.where[:MANY])}, ..."
                values = {"key": key, "value": shown(name), "where": where}
                self.findings.add("outside_where", spot, **values)

    def _check_across(self, draft: Draft, terms: Terms) -> None:
        """Refuse a fund's sharing among places that the scenario does not have or the policy does not act in."""
        across = getattr(terms, "across", None)
        if across is None or across.places == "all":
            return
        names, spot = tuple(name.strip() for name in across.places.split(",")), draft.item.spot(("across", "places"))
        referring = [name for name in names if self.is_designation(name)]
        if referring and len(names) > 1:
            values = {"value": shown(across.places), "name": shown(referring[0])}
            self._note("where_mixed", spot, (), key="across.places", **values)
        elif referring:
            self._check_designation(draft, "across.places", names[0], spot, ())
        else:
            self._check_places(draft, "across.places", names, spot)


def no_place(
    key: str, place: str, places: Sequence[Place], spot: Any, findings: Findings, others: Sequence[str] = ()
) -> None:
    """Note a place the scenario does not have; ``others`` may stand in its stead."""
    ids = [*(known.id for known in places), *others]
    named = [known.id for known in places if not known.synthetic]
    synthetic = sorted({f"{known.id.rpartition('-')[0]}-..." for known in places if known.synthetic})
    values = {"key": key, "value": shown(place), "what": words("place_here"), "near": near(place, ids)}
    findings.add("unknown_thing", spot, **values, known=listed([*named, *synthetic, *others]))
