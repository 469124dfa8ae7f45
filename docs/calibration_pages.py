"""What ``docs/calibration.md`` shows of the committed fits: tables between its marks, and its two pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SHOWN = "yongnian-r1"
"""The fit whose pictures the page shows."""
MOST_INFORMED = 20


@cache
def fits() -> dict[str, dict[str, Any]]:
    """Return the diagnostics of every committed fit that a baseline uses, by place."""
    from sim.calibrate.fits import known_fits, read_fit

    found = {}
    for name in known_fits():
        diagnostics = dict(read_fit(name).diagnostics)
        if name.endswith("-r1"):
            found[diagnostics["fit"]["places"][0]] = diagnostics
    return found


def draw_pictures() -> None:
    """Write figures 6 and 10 of the fit the page shows."""
    from sim.report.figures import svg_text
    from sim.report.figures.fits import fit_forest, identify
    from sim.report.posterior_table import posterior_of

    found = posterior_of(SHOWN)
    assert found is not None
    PICTURES.mkdir(exist_ok=True)
    for name, make in (("yongnian-fit", fit_forest), ("yongnian-identify", identify)):
        (PICTURES / f"{name}.svg").write_text(svg_text(make(found, "en")), encoding="utf-8", newline="\n")


def used(diagnostics: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the figures a fit used."""
    return [item for item in diagnostics["facts"] if item["used"] != "no"]


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [f"| {' | '.join(heads)} |"]
    lines.append("|" + "---|" * (lines[0].count("|") - 1))
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _met(item: dict[str, Any]) -> bool:
    return item["standing"] in ("inside", "right side")


def fits_table() -> str:
    """Return a row for each fit, and the sum."""
    from sim.report.posterior_table import Figure

    rows, total = [], [0, 0, 0, 0, 0]
    for place, found in fits().items():
        items = [item for item in used(found) if item["used"] != "range"]
        counts = [
            len(items),
            sum(item["used"] == "start" for item in items),
            sum(_met(item) for item in items),
            sum(not Figure(item, None).wider for item in items),
            sum(item["identified"] for item in found["parameters"]),
        ]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        name = f"`{found['fit']['id']}`"
        missed = ", ".join(f"`{item['id']}`" for item in items if not _met(item)) or ("none" if items else "no figure")
        trials = f"{found['fit']['trials']} ({found['fit']['failed_trials']})"
        rows.append([place, name, trials, counts[0], counts[1], counts[2], counts[3], counts[4], missed])
    rows.append(["**all**", "", "", *total[:4], "", ""])
    heads = ["place", "fit", "trials (failed)", "figures", "of these starting values"]
    heads += ["figures inside", "bands no wider", "numbers identified", "missed"]
    share = (
        f"{total[2]} of {total[0]} figures lie inside the 90 % band or on the right side: {total[2] / total[0]:.0%}."
    )
    return f"{_table(heads, rows)}\n\n{share} {_caution()}"


def _caution() -> str:
    """Return what the count of figures inside does not show."""
    from sim.report.posterior_table import Figure, effective_number

    items = [item for found in fits().values() for item in used(found) if item["used"] != "range"]
    outcomes = [item for item in items if item["used"] == "fitted"]
    before = sum(_before(item) in ("inside", "right side") for item in items)
    run = [item for item in items if item["checked"]]
    no_wider = sum(not Figure(item, None).wider_than_before("checked") for item in run)
    rates = [item for item in items if not item["in_logs"]]
    gaps = [item["value"] - item["of_place"]["p50"] for item in rates]
    return (
        f"Of the {len(outcomes)} that are outcomes {sum(map(_met, outcomes))} are inside. They inform the fits as "
        f"{effective_number(outcomes):.1f} figures would that were known exactly (degrees of freedom for signal). "
        "Before the fit "
        f"{before} of the {len(items)} were inside already, so the count shows wide bands more than a good fit. By "
        f"the model's own runs and not the emulators {no_wider} of {len(run)} bands are no wider than before the "
        f"fit. Of the {len(rates)} growth rates {sum(gap > 0.0 for gap in gaps)} lie above growth of their place, by "
        f"{100.0 * sum(gaps) / len(gaps):.0f} points on average."
    )


def _before(item: dict[str, Any]) -> str:
    from sim.reporting.standing import standing

    bound = "exact" if item["bound"] == "about" else item["bound"]
    return standing(item["value"], bound, item["prior"]["p05"], item["prior"]["p95"])


def _learnt(found: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted((item for item in found["parameters"] if item["identified"]), key=lambda item: -item["contraction"])


def _known_best(item: dict[str, Any]) -> tuple[bool, float]:
    return bool(item["taught_by"]), item["contraction"]


def learnt_table() -> str:
    """Return the numbers that the figures of any place identified, best known first; a shared one once."""
    seen: dict[str, tuple[str, dict[str, Any]]] = {}
    for place, found in fits().items():
        for item in _learnt(found):
            key = item["name"] if item["varies"] == "shared" else f"{place}|{item['name']}"
            # Of a shared number every place holds the same posterior; the one whose figures teach it is named.
            if key not in seen or _known_best(item) > _known_best(seen[key][1]):
                seen[key] = (place, item)
    ordered = sorted(seen.values(), key=lambda pair: -pair[1]["contraction"])
    rows = []
    for place, item in ordered[:MOST_INFORMED]:
        whose = "all places" if item["varies"] == "shared" else place
        prior, after = item["prior"], item["posterior"]
        rows.append(
            [
                f"`{item['name']}`",
                whose,
                f"{prior['p05']:.3g} … {prior['p95']:.3g}",
                f"{after['p05']:.3g} … **{after['p50']:.3g}** … {after['p95']:.3g}",
                f"{item['contraction']:.0%}",
                f"`{item['taught_by']}`" if item["taught_by"] else "other places",
            ]
        )
    heads = ["number", "of", "prior", "posterior", "variance gone", "informed by"]
    more = len(ordered) - len(rows)
    return _table(heads, rows) + (f"\n\n{more} more are listed by `countysim fit`." if more > 0 else "")


def unknown_text() -> str:
    """Return how many numbers no figure informs, by subject."""
    from sim.parameters import parameter_table

    status = {row.name: row.status for row in parameter_table()}
    found = fits()["yongnian"]
    parameters = [item for item in found["parameters"] if item["kind"] == "parameter"]
    idle = [item for item in parameters if not item["informed"]]
    groups: dict[str, int] = {}
    for item in idle:
        groups[item["name"].split(".")[0]] = groups.get(item["name"].split(".")[0], 0) + 1
    listed = ", ".join(f"`{name}` {count}" for name, count in sorted(groups.items(), key=lambda pair: -pair[1]))
    known = len(parameters) - len(idle)
    assumed = sum(status[item["name"]] == "assumed" for item in idle)
    return (
        f"Of {len(parameters)} uncertain parameters, the figures of all places together inform {known} for Yongnian; "
        f"{len(idle)} stay as their priors: {listed}. `countysim fit yongnian --all` names each. Of these priors "
        f"{assumed} are assumptions of ours; {len(idle) - assumed} rest on studies or statistics."
    )


def _inside(items: Iterable[dict[str, Any]], which: str) -> tuple[str, str]:
    """Return how many predictions hold their figure, of outcomes and of figures a run starts from."""
    counts = []
    for start in (False, True):
        found = [item[which] for item in items if item.get(which) and (item["used"] == "start") is start]
        counts.append(f"{sum(item['inside'] for item in found)} of {len(found)}")
    return counts[0], counts[1]


def proof_table() -> str:
    """Return leave-one-out, place-left-out, recovery and ranks for each fit with figures."""
    rows = []
    for place, found in fits().items():
        items = used(found)
        if not items:
            continue
        left = _inside(items, "left_out")
        others = _inside(items, "from_others")
        ranks = found["ranks"]
        tested = [item for item in found["parameters"] if item["rank_p"] is not None]
        least = min((min(item["rank_p"], item["recovered_p"]) for item in tested), default=None)
        averaged = list(ranks["averaged"].values()) if ranks else []
        rows.append(
            [
                place,
                *left,
                *others,
                ranks["cases"] if ranks else "none",
                f"{ranks['coverage']:.2f}" if ranks else "",
                "" if least is None else f"{least:.2g} ({len(tested)})",
                f"{len(ranks['outside'])} of {len(averaged)}" if ranks else "",
                f"{sum(item['p'] <= 0.01 for item in averaged)} of {len(averaged)}" if ranks else "",
                f"{found['fit']['r_hat']:.3f}",
                f"{found['fit']['effective']:.0f}",
            ]
        )
    heads = ["place", "left out: outcomes inside", "starting values", "from the others: outcomes inside"]
    heads += ["starting values", "synthetic cases", "90 % intervals hold"]
    heads += [
        "smallest p (numbers tested)",
        "ranks outside their band",
        "averaged posterior off the prior",
    ]
    heads += ["largest R-hat", "smallest effective size"]
    return f"{_table(heads, rows)}\n\n{_unproven()}"


def growth_text() -> str:
    """Return what printed growth has in common, the joint test, and each rate as printed beside growth of its place."""
    rows, found = [], next(iter(fits().values()))
    for diagnostics in fits().values():
        for item in used(diagnostics):
            if item["of_place"]:
                left = item["left_out"]
                rows.append(
                    [
                        f"`{item['id']}`",
                        f"{100.0 * item['value']:.1f}",
                        f"{_points(item['of_place'])}",
                        f"{_points(item['checked'] or item['posterior'])}",
                        f"{_points(left)}",
                        f"{item['taught']:.2f}",
                    ]
                )
    heads = ["figure", "printed", "growth of the place", "as printed, after the fit", "as printed, left out", "nats"]
    return f"{_table(heads, rows)}\n\nPercent: median, and 90 % between the ends. {_together(found)}"


def _together(found: dict[str, Any]) -> str:
    """Return what printed growth of all places has in common, and how it is met together."""
    told, joint = [], found["joint_growth"]
    if found["shift"]:
        low, middle, high = (f"{100.0 * found['shift']['posterior'][name]:.0f}" for name in ("p05", "p50", "p95"))
        told.append(f"Printed growth of totals exceeds growth of the place by {middle} points ({low} to {high}).")
    if joint:
        pits = ", ".join(f"{pit:.2f}" for pit in joint["pits"])
        told.append(
            f"All {len(joint['figures'])} rates together, predicted by a fit that saw none: p = {joint['p']:.2f} "
            f"(Mahalanobis distance by simulation), mean {joint['z']:+.1f} standard deviations off, joint PITs {pits}."
        )
    return " ".join(told)


def _points(band: dict[str, float]) -> str:
    return f"{100.0 * band['p05']:.0f} … **{100.0 * band['p50']:.0f}** … {100.0 * band['p95']:.0f}"


def served_table() -> str:
    """Return what share of orders makers deliver at posterior draws, and how many draws were left out for it."""
    rows = []
    for place, found in fits().items():
        item = found["service"]
        if item["checked"]:
            band = item["band"]
            middle = f"{band['p05']:.2f} … **{band['p50']:.2f}** … {band['p95']:.2f}"
            rows.append([place, middle, f"{item['discarded']} of {item['checked']}", f"{item['trials_below']:.0%}"])
    heads = ["place", "share of orders delivered in the first year", "draws left out", "trials below"]
    return _table(heads, rows)


def _unproven() -> str:
    """Return the numbers that lost much of their variance and are not called identified, with the reason."""
    failed, untested = set(), set()
    for place, found in fits().items():
        for item in found["parameters"]:
            if item["unproven"]:
                failed.add(f"`{item['name']}` ({place})")
            elif item["untested"]:
                untested.add(f"`{item['name']}` ({place})")
    titles = {
        "Not called identified because a test failed (p of 0.01 or less)": failed,
        "Not called identified because no synthetic case moves them": untested,
    }
    return "\n\n".join(f"{title}: {', '.join(sorted(names)) or 'none'}." for title, names in titles.items())


def figures_table() -> str:
    """Return every reported figure: the fit that uses it and how it binds, or why none does."""
    from sim.evidence import load_facts

    rows = []
    for fact in load_facts():
        entries = {
            place: next(item for item in found["facts"] if item["id"] == fact.id) for place, found in fits().items()
        }
        asked = {place: item for place, item in entries.items() if item["used"] != "no"}
        if asked:
            place, item = next(iter(asked.items()))
            kind = {"start": "starting value", "range": "range of a starting value"}.get(item["used"], "outcome")
            noise = (item["width"] ** 2 + item["coverage"] ** 2 + item["common_deviation"] ** 2) ** 0.5
            binds = f"{kind}, {item['bound'].replace('_', ' ')}, ± {noise:.0%}" + ("" if item["in_logs"] else " points")
            rows.append(
                [
                    f"`{fact.id}`",
                    f"{fact.value:g} {fact.unit}",
                    f"`{fits()[place]['fit']['id']}`",
                    binds,
                    *_bands(item, fact.value / fact.value_plain),
                    item["standing"],
                ]
            )
        else:
            own = entries.get(fact.place)
            reason = own["why"] if own else min((item["why"] for item in entries.values()), key=_general, default="")
            rows.append([f"`{fact.id}`", f"{fact.value:g} {fact.unit}", "", f"not used: {reason}", "", "", ""])
    return _table(["figure", "printed", "fit", "how it binds", "before the fit", "after", "result"], rows)


def _bands(item: dict[str, Any], factor: float) -> tuple[str, str]:
    """Return the 90 % bands before the fit and after it (of the model's runs where there are), times ``factor``."""
    after = item["checked"] or item["posterior"]
    return _span(item["prior"], factor), _span(after, factor)


def _span(band: dict[str, float], factor: float) -> str:
    return f"{band['p05'] * factor:.3g} … {band['p95'] * factor:.3g}"


def ratios_table() -> str:
    """Return the ratios of the industry that each fit uses, with their bands."""
    rows = [
        [
            place,
            f"`{item['id'].removeprefix('moment.')}`",
            item["about"],
            f"{item['value']:.3g}",
            *_bands(item, 1.0),
            item["standing"],
        ]
        for place, found in fits().items()
        for item in found["moments"]
    ]
    table = _table(["place", "ratio", "of", "published", "before the fit", "after", "result"], rows)
    middles = [
        (item["checked"] or item["posterior"])["p50"]
        for found in fits().values()
        for item in found["moments"]
        if item["id"] == "moment.exits"
    ]
    closings = f"The middle of the bands of closings lies at {min(middles):.3f} to {max(middles):.3f} after the fit."
    return f"{table}\n\n{closings}"


def _general(reason: str) -> bool:
    """Sort reasons of the figure itself before those of the fit's places."""
    return "this fit does not simulate" in reason


BLOCKS: dict[str, Callable[[], str]] = {
    "fits": fits_table,
    "posterior contraction": learnt_table,
    "unknown": unknown_text,
    "proof": proof_table,
    "figures": figures_table,
    "ratios": ratios_table,
    "growth": growth_text,
    "served": served_table,
}
"""What stands between the marks of the page."""
