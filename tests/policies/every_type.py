"""One usual policy of every type in the small county, and runs of it with several seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.model import ClusterModel
from sim.parameters import Parameters
from sim.policies.registry import policy_types
from sim.scenario.resolved import Policy
from sim.state import draws
from tests.policies import playing, programmes, trading
from tests.policies.playing import FIRST, Played, county, parameters

TERMS: Mapping[str, Mapping[str, Any]] = {
    **playing.USUAL, **programmes.TERMS, **trading.USUAL,
    "designation": {"level": "province", "count": 1, "select": "listed"},
    "project": {"projects": 6, "value": 120e6, "realised": 0.8, "start_share": 0.9, "build_months": 4},
}  # fmt: skip
"""Terms of each type: the little county's share of what Yongnian does, or more."""
RICH = {"county_balance": 1e9}


def usual(
    kind: str,
    *,
    start: int = FIRST,
    end: int | None = None,
    payer: Mapping[str, float] | None = None,
    base: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Policy:
    """Return a policy with the usual terms of its type (or those of ``base``) but for ``changes``.

    A change to ``None`` leaves the field out.
    """
    values = {**(TERMS[kind] if base is None else base), **changes}
    terms = policy_types()[kind].terms.plain(**{key: value for key, value in values.items() if value is not None})
    return Policy(
        id=f"the-{kind}", type=kind, name=kind, name_zh=kind, source="hypothetical", where=("yongnian",), start=start,
        end=end, payer={"county": 1.0} if payer is None else payer, versions=((start, terms),),
    )  # fmt: skip


def run(
    policies: Iterable[Policy], *, number: int = 0, months: int = 12, scale: int = 5, settings: Parameters | None = None
) -> Played:
    """Return a watched run of a rich county with the random draws of replicate ``number``."""
    policies = tuple(policies)
    what = county(policies, months=months, scale=scale, **RICH)
    model = ClusterModel(what, settings or parameters(), draws.replicate_seed(20250108, number))
    played = Played(model, given=tuple(policy.id for policy in policies))
    played.watch()
    return played.finish()


def dosed(kind: str, times: float) -> Policy:
    """Return the usual policy of a type with the fields that make its dose multiplied; a list of words stays."""
    values = dict(TERMS[kind])
    for path in policy_types()[kind].terms.dose:
        head, _, inner = path.partition(".")
        if head in values:
            values[head] = _multiplied(values[head], inner, times)
    return usual(kind, base=values)


def _multiplied(value: Any, inner: str, times: float) -> Any:
    if isinstance(value, tuple):
        return tuple(_multiplied(item, inner, times) for item in value)
    if isinstance(value, Mapping):
        return {**value, inner: _multiplied(value[inner], "", times)}
    if isinstance(value, str) or value is None:
        return value
    return type(value)(value * times)
