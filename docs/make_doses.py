"""Draw what every policy type does at several sizes: ``python docs/make_doses.py [--only TYPE]``.

For each type it runs a shipped scenario with its policy at five doses (about half a minute a type on two cores, all
types in seven or eight minutes) and writes ``docs/institutions/pictures/<type>-dose.svg`` and the numbers drawn beside
it, ``<type>-dose.csv``; then it refreshes the pages. Runs are kept in a temporary folder and thrown away. The same
program gives the same bytes. ``--scale``, ``--replicates`` and ``--end`` are for trying things out.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "institutions" / "pictures"
SCALE = 100
REPLICATES = 6
END = "2028-12"
LARGEST_BYTES = 120_000


@dataclass(frozen=True)
class Example:
    """What is run for the page of a policy type."""

    scenario: str
    policy: str
    overrides: tuple[str, ...] = ()
    on: str = "output_value"


FROM_2026 = 'policy.park.phases=[{ opens = "2026-01", plots = 150 }, { opens = "2027-01", plots = 250 }]'
EXAMPLES = {
    "fund": Example("yongnian-fair2x-fund200m:fund200m", "upgrade-fund"),
    "park": Example("yongnian-2023", "park", ("policy.park.start=2026-01", FROM_2026)),
    "fair": Example("yongnian-2023", "fair", ("policy.fair.start=2026-01",)),
    "exhibition": Example("yongnian-2023", "going-out", ("policy.going-out.start=2026-01",), "exports"),
    "training": Example("yongnian-academy", "academy"),
    "research_partnership": Example("yongnian-research", "institutes"),
    "upgrade_drive": Example("yongnian-upgrade-drive", "drive"),
    "brand_design": Example("yongnian-design:service", "design-service"),
    "designation": Example("yongnian-little-giants", "little-giants"),
    "project": Example("yongnian-investment", "projects"),
    "digital_platform": Example("yongnian-platform", "platform"),
    "cloud_drive": Example("yongnian-cloud", "cloud"),
    "dealer_network": Example("yongnian-dealers", "dealers-abroad", (), "exports"),
    "trade_park": Example("yongnian-trade-parks:e-commerce-only", "e-commerce-park", (), "exports"),
}
"""Policies that begin in 2026, so that dose zero is a county without the policy and the same past."""


def draw(policy_type: str, scale: int, replicates: int, end: str, jobs: int) -> tuple[str, bytes]:
    """Run the doses of a type; return its picture as SVG and its data as CSV."""
    from sim.compare.dose import dose_response, plan, run_doses
    from sim.experiments import Request
    from sim.report.figures import csv_text, dose_curve, svg_text

    example = EXAMPLES[policy_type]
    given = (*example.overrides, f"time.end={end}")
    todo = plan(example.scenario, example.policy, None, None, given)
    with tempfile.TemporaryDirectory() as folder:
        runs = run_doses(todo, Request(replicates=replicates, jobs=jobs, firms_per_agent=scale, out=Path(folder)))
        failed = [failure["error"] for run in runs for failure in run.failures]
        if failed:
            raise RuntimeError(f"{policy_type}: {len(failed)} replicates failed: {failed[0]}")
        drawn = dose_curve(dose_response(runs, todo.times, example.policy, todo.fields, example.on), "en")
        return svg_text(drawn), csv_text(drawn.data).encode("utf-8")


# --- what the pages show -------------------------------------------------------------------------------------


def command(policy_type: str, drawn: Mapping[str, str]) -> str:
    """Return the command that makes the same curve as a row of data drawn."""
    example = EXAMPLES[policy_type]
    words = ["countysim dose", example.scenario, example.policy]
    words += [f"--on {example.on}"] if example.on != "output_value" else []
    for override in (*example.overrides, f"time.end={_whole(drawn['year'])}-12"):
        words.append(f"--set '{override}'" if " " in override else f"--set {override}")
    return " ".join([*words, f"-n {_whole(drawn['n_pairs'])} --scale {_whole(drawn['firms_per_agent'])}"])


def dose_block(policy_type: str) -> str:
    """Return picture, table and caption of a type; a line that says how to make them while there are none."""
    from sim.observables import observable

    data = PICTURES / f"{policy_type}-dose.csv"
    if not data.is_file():
        return "The picture is made by `python docs/make_doses.py`."
    with data.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    doses = [row for row in rows if row["series"] == "dose"]
    first, fields = doses[0], doses[0]["fields"].split()
    item, reach = observable(first["variable"]), observable(first["reach"])
    when = first["window"].split("-")[1] if reach.aggregate == "last" else first["window"]
    heads = ["dose", f"`{fields[0]}`", f"public money {first['window']}", f"{reach.label} {when}"]
    heads += [f"{item.label} {first['year']}", "lowest and highest run"]
    table = [f"| {' | '.join(heads)} |", f"|{'--:|' * len(heads)}"]
    for dose in doses:
        runs = [float(row["diff_p50"]) for row in rows if row["series"] == "run" and row["times"] == dose["times"]]
        table.append(f"| {' | '.join(_cells(policy_type, dose, runs))} |")
    multiplied = ", ".join(f"`{field}`" for field in fields)
    caption = (
        f"Medians of {_whole(first['n_pairs'])} pairs of runs, each dose against dose zero; one simulated small firm "
        f"stands for {_whole(first['firms_per_agent'])}. So few and coarse runs show the shape, not the size; in the "
        f"picture thin lines are single runs. Multiplied: {multiplied}."
    )
    picture = f"![{item.label.capitalize()} at several doses of the policy](pictures/{policy_type}-dose.svg)"
    shown = f"```console\n$ {command(policy_type, first)}\n```"
    return "\n".join([picture, "", *table, "", caption, "", shown])


def _whole(text: str) -> int:
    """Return a whole number that may be written with a decimal point, as a column with gaps is."""
    return int(float(text))


def _cells(policy_type: str, dose: Mapping[str, str], runs: Sequence[float]) -> list[str]:
    """Return the cells of one dose; ``runs`` are the differences of its pairs where they are drawn."""
    ends = [_amount(end, dose["unit"]) for end in (min(runs), max(runs))] if runs else []
    return [
        f"{float(dose['times']):g}",
        _level(policy_type, dose),
        _amount(float(dose["money_p50"]), "yuan"),
        _amount(float(dose["reach_p50"]), dose["reach_unit"]),
        _amount(float(dose["diff_p50"]), dose["unit"]),
        " … ".join(ends),
    ]


def _level(policy_type: str, dose: Mapping[str, str]) -> str:
    """Return the value of the first field with its unit; the number of items of a list."""
    from sim.policies.registry import policy_types
    from sim.scenario.dosing import quantity_at
    from sim.units import format_value

    try:
        value = float(dose["level"])
        kind = quantity_at(policy_types()[policy_type].terms, dose["fields"].split()[0]).kind
    except (TypeError, ValueError):
        return dose["level"]
    return format_value(value, kind, "en")


def _amount(value: float, unit: str) -> str:
    """Return an amount with its sign and unit."""
    from sim.units import format_value

    text = format_value(abs(value), unit, "en", 2)
    if text.split(" ")[0] in ("0", "0%"):
        return text
    return ("+" if value > 0.0 else "\u2212") + text


def main(arguments: list[str]) -> None:
    """Draw the types asked for and refresh their pages."""
    from docs.make_pages import between_marks
    from sim.experiments.engine import available_cores

    reader = argparse.ArgumentParser(description="Draw what every policy type does at several sizes.")
    reader.add_argument("--only", choices=sorted(EXAMPLES), action="append", help="one type; may be repeated")
    reader.add_argument("--scale", type=int, default=SCALE)
    reader.add_argument("--replicates", type=int, default=REPLICATES)
    reader.add_argument("--end", default=END)
    reader.add_argument("--jobs", type=int, default=available_cores())
    asked: Any = reader.parse_args(arguments)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for policy_type in asked.only or EXAMPLES:
        started = time.monotonic()
        picture, data = draw(policy_type, asked.scale, asked.replicates, asked.end, asked.jobs)
        size = len(picture.encode("utf-8"))
        if size > LARGEST_BYTES:
            raise RuntimeError(f"{policy_type}: the picture has {size} bytes, {LARGEST_BYTES} at most")
        path = PICTURES / f"{policy_type}-dose.svg"
        path.write_text(picture, encoding="utf-8")
        path.with_suffix(".csv").write_bytes(data)
        page = ROOT / "docs" / "institutions" / f"{policy_type}.md"
        text = between_marks(page.read_text(encoding="utf-8"), f"dose {policy_type}", dose_block(policy_type))
        page.write_text(text, encoding="utf-8")
        print(f"{policy_type:22} {time.monotonic() - started:5.0f} s  {path.relative_to(ROOT)}  {size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])
