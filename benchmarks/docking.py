"""Whether the plain forms of the month do the same as the model, phase by phase and month by month."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

import sim.model
from benchmarks.arrays import ArrayMonth
from benchmarks.objects import FIRM, NOTES, PLACE, SUMS, Buyer, MesaMonth
from sim.rules import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.model import ClusterModel

Form = MesaMonth | ArrayMonth
FORMS: tuple[type[Form], ...] = (MesaMonth, ArrayMonth)
Picture = dict[str, np.ndarray]
"""Columns of firms in order of slot, links in order of buyer and firm, places, sums and accounts by name."""
TOLERANCE = 1e-9
PHASE_MODULES = ("calendar", "governments", "demography", "plans", "acting", "market", "accounts", "search")
"""Names under which ``sim.model`` knows the modules whose functions are the phases."""
NOT_PLAIN = frozenset({"act", "forget", "measure"})
"""Phases without a plain form: institutions do nothing without policies, and observables repeat the sums."""

CANCEL = tuple(
    f"firm {name}" for name in (
        "cash", "loan", "backlog", "passed_on", "revenue_year", "profit_year", "revenue_ring", "profit_ring",
    )
)  # fmt: skip
SINGLE = (
    "firm revenue_year", "firm profit_year", "firm revenue_ring", "firm profit_ring", "sum revenue_year",
    "sum profit_year", "place profit_rate", "place mean_revenue", "link match",
)  # fmt: skip
"""Kept in single precision, or added up from twelve months that are: a last digit of a flow may become one of these."""
KNOWN_AFTER = {"elsewhere": "order", "orders here": "order", "at risk": "renew", "lost": "renew"}
"""Phase in which these are counted anew."""


def of_model(model: ClusterModel) -> Picture:
    """Return the picture of a model."""
    state, places = model.state, model.state.places
    firms, buyers = state.firms, state.buyers
    rows = state.live[np.argsort(firms.slot[state.live])]
    held = np.nonzero((buyers.supplier >= 0) & (firms.alive[buyers.supplier] == 1))
    links = (
        buyers.slot[held[0]], firms.slot[buyers.supplier[held]], buyers.link_age[held], buyers.link_match[held],
    )  # fmt: skip
    sums = {name: np.stack([table[:, getattr(totals, name.upper())] for table in state.sums], axis=1) for name in SUMS}
    ties = [field.ties_elsewhere for field in state.search]
    return {
        **{f"firm {name}": getattr(firms, name)[rows] for name in FIRM},
        **{f"note {name}": getattr(state.scratch, name)[..., rows].T for name in NOTES},
        **_links(*links),
        **{f"place {name}": getattr(places, name) for name in PLACE},
        **{f"sum {name}": values for name, values in sums.items()},
        "tax due": state.tax_due, "upgrades": state.upgrades_by_month, "elsewhere": state.spent_outside,
        "orders here": state.orders, "ties": np.array(ties),
        "at risk": state.link_counts[:, 0], "lost": state.link_counts[:, 1],
        "accounts": np.array([balance for _, balance in sorted(state.ledger.balances.items())]),
    }  # fmt: skip


def of_form(form: Form) -> Picture:
    """Return the picture of a plain form."""
    accounts = np.array([balance for _, balance in sorted(form.accounts.items())])
    if isinstance(form, ArrayMonth):
        f, b = form.firms, form.buyers
        order, held = np.argsort(f.slot), np.nonzero(b.supplier >= 0)
        links = (b.slot[held[0]], f.slot[b.supplier[held]], b.link_age[held], b.match[held])
        return {
            **{f"firm {name}": getattr(f, name)[order] for name in FIRM},
            **{f"note {name}": getattr(f, name)[order] for name in NOTES},
            **_links(*links),
            **{f"place {name}": getattr(form.places, name) for name in PLACE},
            **{f"sum {name}": values for name, values in getattr(form, "sums", {}).items()},
            "tax due": form.tax_due, "upgrades": form.upgrades_by_month, "orders here": form.orders_here,
            "ties": np.array([field.ties_elsewhere for field in form.search]),
            **{name: getattr(form, attribute) for name, attribute in
               (("elsewhere", "spent_outside"), ("at risk", "links_at_risk"), ("lost", "links_lost"))
               if hasattr(form, attribute)},
            "accounts": accounts,
        }  # fmt: skip
    firms, counties = sorted(form.each(), key=lambda firm: firm.slot), form.counties
    links = [
        (buyer.slot, link.firm.slot, link.age, link.match)
        for buyer in form.agents_by_type[Buyer] for link in buyer.links if link.firm.alive
    ]  # fmt: skip

    def of_counties(name: str) -> np.ndarray:
        return np.array([getattr(county, name) for county in counties])

    sums = {name: np.array([[getattr(each, name) for each in county.sums] for county in counties]) for name in SUMS}
    return {
        **{f"firm {name}": np.array([getattr(firm, name) for firm in firms]) for name in FIRM},
        **{f"note {name}": np.array([getattr(firm, name) for firm in firms]) for name in NOTES},
        **_links(*(np.array(column) for column in zip(*links, strict=True))),
        **{f"place {name}": of_counties(name) for name in PLACE},
        **{f"sum {name}": values for name, values in sums.items()},
        "tax due": of_counties("tax_due"), "upgrades": of_counties("upgrades_by_month"),
        "elsewhere": np.array([market.spent_outside for market in form.markets]),
        "orders here": of_counties("orders_here"), "ties": np.array([each.ties_elsewhere for each in form.markets]),
        "at risk": of_counties("links_at_risk"), "lost": of_counties("links_lost"), "accounts": accounts,
    }  # fmt: skip


def _links(buyer: np.ndarray, firm: np.ndarray, age: np.ndarray, match: np.ndarray) -> Picture:
    order = np.lexsort((firm, buyer))
    return {"link buyer": buyer[order], "link firm": firm[order], "link age": age[order], "link match": match[order]}


def compare(model: Picture, form: Picture, what: str, tolerance: float, leave: tuple[str, ...] = ()) -> None:
    """Raise unless all that both pictures show agrees, each number relative to the largest of its kind or itself."""
    for name, here in model.items():
        if name not in form or name.startswith(leave):
            continue
        there = form[name]
        if here.shape != there.shape:
            raise RuntimeError(f"{what}: {name}: {here.shape[0]:,} of the model and {there.shape[0]:,}")
        # Sums of amounts that cancel are judged by the largest: accounts among themselves, a firm's by its equipment.
        scale = (
            np.abs(here) if name.startswith(("firm", "note", "link", "place")) else np.max(np.abs(here), initial=0.0)
        )
        if name in CANCEL:
            scale = np.maximum(scale, model["firm capital"].reshape(-1, *(1 for _ in here.shape[1:])))
        worst = float(np.max(np.abs(here - there) / np.maximum(scale, 1.0), initial=0.0))
        if not worst <= (max(tolerance, 12.0 * 2.0**-24) if name in SINGLE else tolerance):
            raise RuntimeError(f"{what}: {name}: the model and the plain form differ by {worst:.3g}")


@contextmanager
def watched(call: Callable[[str, Callable[[], Any]], Any]) -> Iterator[None]:
    """Let ``call(name, phase)`` do every phase that ``ClusterModel.step`` calls."""

    class Watched:
        def __init__(self, module: Any) -> None:
            self.module = module

        def __getattr__(self, name: str) -> Any:
            phase = getattr(self.module, name)
            return lambda argument: call(name, lambda: phase(argument))

    with mock.patch.multiple(
        sim.model, **{name: Watched(getattr(sim.model, name)) for name in PHASE_MODULES if hasattr(sim.model, name)}
    ):
        yield


def dock_phases(
    model: ClusterModel, kind: type[Form], tolerance: float = 1e-12, without: tuple[str, ...] = ()
) -> list[str]:
    """Simulate a month; each phase is done by a plain form too, from the same state. Return the phases compared."""
    done: list[str] = []

    def both(name: str, phase: Callable[[], Any]) -> Any:
        if name in NOT_PLAIN or name in without:
            return phase()
        form = kind(model)
        getattr(form, name)()
        result = phase()
        leave = tuple(kind for kind, phase_name in KNOWN_AFTER.items() if phase_name != name)
        if name == "enter_market":
            leave += ("note",)  # forgotten where the table grows, as all are written anew later in the month
        compare(of_model(model), of_form(form), f"{kind.__name__}.{name}", tolerance, leave)
        done.append(name)
        return result

    with watched(both):
        model.step()
    return done


def dock(model: ClusterModel, months: int, kinds: tuple[type[Form], ...] = FORMS) -> None:
    """Raise unless the plain forms run beside a copy of the model for some months."""
    model = copy.deepcopy(model)
    forms = [kind(model) for kind in kinds]
    for month in range(months):
        model.step()
        for form in forms:
            form.step()
            compare(of_model(model), of_form(form), f"{type(form).__name__}, month {month + 1}", TOLERANCE)
