"""Refresh what the pages show of the program: ``python docs/make_pages.py``.

Runs the demo (about a minute) and writes ``results/published/``: what it printed in both languages, its picture with
the numbers behind it, output by replicate, and which model, parameters and scenarios made them. Then puts what the
program prints between the marks of the pages named in ``BLOCKS``. With ``--quick`` nothing is run: the
marks are filled from ``results/published/``, the pictures of ``docs/make_doses.py``, what ``docs/make_responses.py``
keeps beside the fits and the registry of policy types as they are.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs import calibration_pages, make_responses, world_pages

if TYPE_CHECKING:
    from sim.experiments import Run

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT / "results" / "published"
COLUMNS = 118
"""Width of the terminal the demo is printed for."""
PICTURE_WIDTH = 1200
COLOURS = 48
MADE_BY = (
    "scenario_id", "scenario_hash", "seed", "firms_per_agent", "parameters_hash", "draws_hash", "model_version",
)  # fmt: skip
"""Parts of a run's identity that a published number depends on."""
HOMES = {
    "park": ("yongnian-2023", "park"),
    "fair": ("yongnian-2023", "fair"),
    "exhibition": ("yongnian-2023", "going-out"),
    "fund": ("yongnian-fair2x-fund200m", "upgrade-fund"),
    "training": ("yongnian-academy", "academy"),
    "research_partnership": ("yongnian-research", "institutes"),
    "upgrade_drive": ("yongnian-upgrade-drive", "drive"),
    "brand_design": ("yongnian-design", "design-service"),
    "designation": ("yongnian-little-giants", "little-giants"),
    "project": ("yongnian-investment", "projects"),
    "digital_platform": ("yongnian-platform", "platform"),
    "cloud_drive": ("yongnian-cloud", "cloud"),
    "dealer_network": ("yongnian-dealers", "dealers-abroad"),
    "trade_park": ("yongnian-trade-parks", "e-commerce-park"),
}
"""Scenario and policy whose terms the table of a policy type shows."""


class Terminal(io.StringIO):
    """Text that takes itself for a terminal, so that the demo prints as it does on one."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def between_marks(text: str, name: str, content: str) -> str:
    """Return ``text`` with ``content`` between ``<!-- begin name -->`` and ``<!-- end name -->``.

    Raises
    ------
    ValueError
        If the marks are not there exactly once.
    """
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", flags=re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"the marks of {name} must be there once")
    return pattern.sub(lambda match: f"{match[1]}{content.rstrip()}\n{match[2]}", text)


# --- the demo ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Work in an empty folder, with the width of a usual terminal."""
    before, columns = Path.cwd(), os.environ.get("COLUMNS")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["COLUMNS"] = str(COLUMNS)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
            os.environ.pop("COLUMNS")
            if columns is not None:
                os.environ["COLUMNS"] = columns


def printed_demo(language: str) -> str:
    """Return what ``countysim demo`` prints in the current folder."""
    from sim.cli.demo import demo

    terminal = Terminal()
    with contextlib.redirect_stdout(terminal):
        demo(lang=language, no_open=True)
    return terminal.getvalue()


def publish() -> None:
    """Run the demo and write ``results/published``."""
    from sim.cli.demo import BASELINE, SCENARIO
    from sim.experiments import find_run
    from sim.report.figures import csv_text, fan

    PUBLISHED.mkdir(parents=True, exist_ok=True)
    with scratch():
        for language, ending in (("en", ""), ("zh", ".zh")):
            (PUBLISHED / f"demo{ending}.txt").write_text(printed_demo(language), encoding="utf-8")
        a, b = find_run(BASELINE), find_run(SCENARIO)
        for language, ending in (("en", ""), ("zh", ".zh")):
            write_picture((b, a), language, PUBLISHED / f"output-fan{ending}.png")
        data = csv_text(fan((b, a), "output_value", "en").data)
        (PUBLISHED / "output-fan.csv").write_text(data, encoding="utf-8")
        write_replicates(a, b)
        made = {run.scenario_id: {part: run.manifest["identity"][part] for part in MADE_BY} for run in (a, b)}
    (PUBLISHED / "made-by.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


def write_picture(runs: tuple[Run, Run], language: Any, path: Path) -> None:
    """Write the fan of output as a small PNG."""
    from PIL import Image

    from sim.report.figures import fan, png_bytes
    from sim.report.figures.style import picture_language

    drawn = Image.open(io.BytesIO(png_bytes(fan(runs, "output_value", picture_language(language))))).convert("RGB")
    height = round(drawn.height * PICTURE_WIDTH / drawn.width)
    small = drawn.resize((PICTURE_WIDTH, height), Image.Resampling.LANCZOS).quantize(COLOURS)
    small.save(path, optimize=True)


def write_replicates(a: Run, b: Run) -> None:
    """Write yearly output of every replicate, so that a few of them can be simulated again and compared."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["scenario", "replicate", "year", "output_value_yuan"])
    for run in (a, b):
        for replicate, values in zip(run.replicates.tolist(), run.annual("output_value"), strict=True):
            rows.writerows(
                [run.scenario_id, replicate, year, f"{value:.0f}"]
                for year, value in zip(run.years.tolist(), values.tolist(), strict=True)
            )
    (PUBLISHED / "demo-replicates.csv").write_text(text.getvalue(), encoding="utf-8")


def demo_block(ending: str) -> str:
    """Return the demo's command and what it printed, as a block of Markdown."""
    printed = (PUBLISHED / f"demo{ending}.txt").read_text(encoding="utf-8").rstrip()
    option = " --lang zh" if ending else ""
    return f"```console\n$ countysim demo{option}\n{printed}\n```"


# --- the terms of institutions -------------------------------------------------------------------------------


def written_terms(scenario: str, policy: str) -> dict[str, Any]:
    """Return a policy as its scenario file has it."""
    data = tomllib.loads((ROOT / "scenarios" / f"{scenario}.toml").read_text(encoding="utf-8"))
    (found,) = (item for item in data["policy"] if item["id"] == policy)
    return dict(found)


def value_at(terms: Mapping[str, Any], key: str) -> Any:
    """Return the value at a dotted key; of a list of tables, the values of all of them; None when left out."""
    value: Any = terms
    for part in key.split("."):
        if isinstance(value, list):
            value = [item.get(part) for item in value]
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            return None
    return value


def shown(value: Any) -> str:
    """Return a value of a file as a cell."""
    if value is None:
        return "left out"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).lower().strip()


def terms_table(policy_type: str) -> str:
    """Return the fields of a policy type with what they mean and what the shipped scenario says."""
    from sim.policies.registry import policy_types
    from sim.scenario.reference import entries

    scenario, policy = HOMES[policy_type]
    terms = written_terms(scenario, policy)
    assumed = set(terms.get("assumed", ()))
    hypothetical = str(terms["source"]).startswith("hypothetical")
    lines = [f"| field | what it means | in `scenarios/{scenario}.toml` | assumed? |", "|---|---|---|---|"]
    for entry in entries(policy_types()[policy_type].terms):
        value = value_at(terms, entry.key)
        if entry.written in {"table", "list of tables"} and value is not None:
            continue
        status = "hypothetical" if hypothetical else "assumed" if entry.key.partition(".")[0] in assumed else ""
        status = "" if value is None else status
        lines.append(f"| `{entry.key}` {entry.label_zh} | {entry.description} | {shown(value)} | {status} |")
    return "\n".join(lines)


def floors() -> str:
    """Return the layers of the import contract as a list, highest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (item for item in project["tool"]["importlinter"]["contracts"] if item["id"] == "floors")
    lines = []
    for number, layer in zip(range(len(contract["layers"]) - 1, -1, -1), contract["layers"], strict=True):
        rooms = [room.strip("() ") for room in re.split(r"[|:]", layer)]
        present = [room for room in rooms if (ROOT / "sim" / room).is_dir() or (ROOT / "sim" / f"{room}.py").is_file()]
        lines += [f"{number:>2}  {' · '.join(present)}"] if present else []
    return "\n".join(["```text", *lines, "```"])


def uses_table() -> str:
    """Return what every reported figure is asked as, or why it is not."""
    from sim.evidence import load_facts
    from sim.reporting import Refusal, recipe_for
    from sim.reporting.recipes import WHY_WORDS

    lines = ["| figure | asked as, or why not | assumed |", "|---|---|---|"]
    for fact in load_facts():
        found = recipe_for(fact)
        if isinstance(found, Refusal):
            lines.append(f"| {fact.id} | *{WHY_WORDS[found.why][0]}*: {found.en} | |")
            continue
        text = found.en + (", growth over the same months a year earlier" if found.growth == "nominal" else "")
        lines.append(f"| {fact.id} | {text} | {found.assumed} |")
    return "\n".join(lines)


# --- the pages -----------------------------------------------------------------------------------------------


def type_blocks(policy_type: str) -> dict[str, Callable[[], str]]:
    """Return what stands between the marks of the page of a policy type."""

    def doses() -> str:
        from docs.make_doses import dose_block

        return dose_block(policy_type)

    return {f"dose {policy_type}": doses, f"terms {policy_type}": lambda: terms_table(policy_type)}


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"demo": lambda: demo_block(""), "demo.zh": lambda: demo_block(".zh")},
    "docs/architecture.md": {"floors": floors},
    "docs/reporting.md": {"uses": uses_table},
    "docs/calibration.md": calibration_pages.BLOCKS,
    "docs/worlds.md": world_pages.BLOCKS,
    **make_responses.BLOCKS,
    **{f"docs/institutions/{name}.md": type_blocks(name) for name in HOMES},
}
"""What stands between the marks of each page."""


def refreshed(page: str) -> str:
    """Return a page with everything between its marks as it is now."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, content in BLOCKS[page].items():
        text = between_marks(text, name, content())
    return text


def main(arguments: list[str]) -> None:
    """Publish the demo unless ``--quick`` is given, and refresh the pages."""
    if "--quick" not in arguments:
        publish()
    calibration_pages.draw_pictures()
    world_pages.draw_picture()
    for page in BLOCKS:
        (ROOT / page).write_text(refreshed(page), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
