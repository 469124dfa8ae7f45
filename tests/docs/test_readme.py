"""Every command of the README works, every link leads somewhere, and what it shows is no older than the program."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from docs import make_pages
from sim.cli import main as program
from sim.cli.demo import BASELINE, FIRMS_PER_AGENT, REPLICATES, SCENARIO
from tests.docs.names import ROOT, broken_links, cited, exists

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, CHINESE = README.split("\n# 中文说明\n")
REFRESH = "run: python docs/make_pages.py"
USERS_OWN = {"scenarios/my-fair.toml", "-e", "my-idea"}
INSTALLING = {
    "python -m venv .venv", "pip install -r requirements.lock", "pip install --no-deps -e .", ".venv",
    ".venv/bin/countysim", ".venv\\Scripts\\countysim", "python docs/make_pages.py", "--help", "plot all",
    "check", "diff",
}  # fmt: skip

SMALL_FIT = "--first 64 --second 0 --checks 0 --full 0 --cases 0 --scale 100 --steps 600 --jobs 1 --replace"


def blocks(text: str, language: str) -> list[str]:
    """Blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Commands after a prompt, then those of the table of commands."""
    typed = [line[2:] for block in blocks(text, "console") for line in block.splitlines() if line.startswith("$ ")]
    return typed + re.findall(r"^\| `(countysim [^`]+)` \|", text, flags=re.MULTILINE)


def reduced(command: str) -> list[str]:
    """Words of a ``countysim`` command, at a size fit for a test."""
    words = command.split()[1:]
    if words[0] == "calibrate":
        return words + SMALL_FIT.split()
    if words[0] == "sensitivity":
        return [*words, "-n", "32", "--scale", "400", "--jobs", "1", "--set", "time.end=2026-12"]
    if words[0] == "response":
        return [*words, "-n", "2", "--scale", "400", "--jobs", "1", "--only", "steel-50"]
    if words[0] not in {"run", "demo", "dose", "why"}:
        return words
    if words[0] == "dose":
        words += ["--times", "1"]
    for option in ("-n", "--scale"):
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
    return [*words, "-n", "2", "--scale", "400", "--jobs", "1"]


def test_the_sections_stand_in_their_order() -> None:
    assert README.startswith("[中文说明](#中文说明)\n\n# countysim\n")
    places = [
        ENGLISH.index(part)
        for part in (
            "What would change", "](results/published/output-fan.png)", "$ make run", "$ make test",
            "## What the demo prints", "## Your own scenario", "## Read the result: five sentences",
            "## What it cannot tell you",
            "## Commands", "## Where the reported numbers come from",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_both_halves_show_the_same_commands() -> None:
    def plain(text: str) -> list[str]:
        return [re.sub(r" --(?:lang zh|unit \S+)", "", command) for command in commands(text)]

    assert plain(ENGLISH) == plain(CHINESE)


def test_every_command_of_the_program_is_in_the_table() -> None:
    import typer

    shown = {command.split()[1] for command in commands(ENGLISH) if command.startswith("countysim ")}
    there = typer.main.get_command(program.app).commands  # type: ignore[attr-defined]
    assert {name for name, command in there.items() if not command.hidden} == shown


def test_links_and_names() -> None:
    assert broken_links(ROOT / "README.md") == []
    unknown = {name for name in cited(README) if not exists(name)}
    assert unknown - USERS_OWN - INSTALLING == set()


def test_make_knows_its_two_commands() -> None:
    targets = [command.removeprefix("make ") for command in commands(README) if command.startswith("make ")]
    assert targets == ["run", "test", "run", "test"]
    done = subprocess.run(["make", "--dry-run", "run", "test"], cwd=ROOT, capture_output=True, check=True, text=True)
    assert "countysim demo" in done.stdout
    assert "pytest" in done.stdout


def test_the_scenario_is_ten_lines_long() -> None:
    (example,) = blocks(README, "toml")
    assert len(example.splitlines()) == 10
    assert tomllib.loads(example)["extends"] == BASELINE


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_and_example_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "my-fair.toml").write_text(blocks(README, "toml")[0], encoding="utf-8")
    tried: list[list[str]] = []
    for command in commands(README):
        if command.startswith("make "):
            continue
        words = reduced(command)
        if words in tried:
            continue
        if words[:2] == ["scenario", "new"]:  # never overwrites, and both halves make the same file
            (tmp_path / "scenarios" / "my-idea.toml").unlink(missing_ok=True)
        with pytest.raises(SystemExit) as ended:
            program.main(words)
        told = capsys.readouterr()
        assert (ended.value.code or 0) == 0, f"{command}\n{told.out}\n{told.err}"
        assert told.out.strip(), command
        tried.append(words)
    assert len(tried) > 15
    (example,) = blocks(README, "python")
    found: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), found)
    assert found["output"].shape == (2, 8)  # type: ignore[attr-defined]
    assert "place" in found["data"].dims  # type: ignore[attr-defined]


# --- nothing is stale ----------------------------------------------------------------------------------------


def test_the_picture_and_the_demo_were_made_by_this_model() -> None:
    from sim.experiments.plan import Request, plan
    from sim.experiments.toolbox import standard_toolbox

    request = Request((BASELINE, SCENARIO), replicates=REPLICATES, firms_per_agent=FIRMS_PER_AGENT)
    now = {
        target.scenario.id: {part: getattr(target.identity, part) for part in make_pages.MADE_BY}
        for target in plan(request, standard_toolbox())[0]
    }
    made = json.loads((make_pages.PUBLISHED / "made-by.json").read_text(encoding="utf-8"))
    assert made == now, REFRESH


def test_what_the_readme_shows_is_what_was_published() -> None:
    assert make_pages.refreshed("README.md") == README, REFRESH


def test_pictures_are_small() -> None:
    for name in ("output-fan.png", "output-fan.zh.png"):
        assert (make_pages.PUBLISHED / name).read_bytes().startswith(b"\x89PNG")
        assert (make_pages.PUBLISHED / name).stat().st_size < 150_000


def published_output() -> dict[tuple[str, int, int], float]:
    with (make_pages.PUBLISHED / "demo-replicates.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["scenario"], int(row["replicate"]), int(row["year"])): float(row["output_value_yuan"])
            for row in csv.DictReader(file)
        }


def test_the_picture_shows_the_published_numbers() -> None:
    from statistics import median

    output = published_output()
    with (make_pages.PUBLISHED / "output-fan.csv").open(encoding="utf-8", newline="") as file:
        medians = {
            (row["series"], int(row["year"])): float(row["p50"])
            for row in csv.DictReader(file)
            if row["p50"] and row["series"] in {"baseline", "scenario"}
        }
    assert len(medians) > 10
    for (series, year), value in medians.items():
        name = {"baseline": BASELINE, "scenario": SCENARIO}[series]
        runs = [output[name, replicate, year] for replicate in range(REPLICATES)]
        assert value == pytest.approx(median(runs), rel=1e-9)


@pytest.mark.slow
def test_a_fresh_run_gives_the_published_numbers(tmp_path: Path) -> None:
    from sim.experiments import run_ensemble

    output = published_output()
    fresh = run_ensemble(
        [BASELINE, SCENARIO], replicates=2, jobs=1, firms_per_agent=FIRMS_PER_AGENT, out=tmp_path, progress=None
    )
    for run in fresh:
        for replicate, values in zip(run.replicates.tolist(), run.annual("output_value").tolist(), strict=True):
            for year, value in zip(run.years.tolist(), values, strict=True):
                # Another machine may round otherwise and one link be another; a change of the model is larger.
                assert value == pytest.approx(output[run.scenario_id, replicate, year], rel=2e-3), REFRESH
