"""``countysim sensitivity`` and ``plot tornado``: what is printed and written, going on, mistakes with exit code 2."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.toys import Apart
from tests.sensitivity.toy_study import BASELINE, SCENARIO, SEEN, simulate

SMALL = ("-n", "64", "--jobs", "1", "--lang", "en")


@pytest.fixture
def call(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs a command with the toy model."""
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()
    return call


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".npz"
    }


def test_table_words_picture_and_data(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, err = call("sensitivity", SCENARIO, BASELINE, *SMALL)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith(f"B  {SCENARIO}  ")
    assert lines[1].startswith(f"A  {BASELINE}  ")
    assert "64 pairs, 284 inputs varied at once" in lines[2]
    assert "B − A in output value in 2030" in lines[3]
    assert "investment.loan_rate" in out
    assert "calibrated parameter" in out
    assert "The sign of the difference turns with interest on bank loans" in out
    assert "64 trials: 0 reused, 64 to do" in err
    (folder,) = (tmp_path / "results" / "sensitivity").iterdir()
    assert lines[-1] == f"files  {folder}/output_value-2030/"
    names = sorted(path.name for path in (folder / "output_value-2030").iterdir())
    assert names == [
        "11-sensitivity.csv", "11-sensitivity.png", "11-sensitivity.svg", "sensitivity.json", "summary.txt",
        "summary.zh.txt",
    ]  # fmt: skip
    with (folder / "output_value-2030" / "11-sensitivity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["row"] == "all"
    assert [row["end"] for row in rows if row["input"] == "investment.loan_rate"] == ["low", "high"]
    assert rows[-1]["row"] == "chance"
    shares = {row["input"] or row["row"]: float(row["share"]) for row in rows if row["row"] != "all"}
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.02)


def test_another_variable_and_year_need_no_new_pairs(call: Callable[..., Any], tmp_path: Path) -> None:
    assert call("sensitivity", SCENARIO, BASELINE, *SMALL)[0] == 0
    SEEN.clear()
    code, out, _ = call("sensitivity", SCENARIO, BASELINE, *SMALL[:4], "--on", "从业人员", "--at", 2027, "--lang", "zh")
    assert code == 0
    assert SEEN == []
    assert "2027年从业人员差值（B−A）" in out
    assert "银行贷款利率" in out
    assert "校准参数" in out
    assert "差值的正负取决于：银行贷款利率" in out
    (picture,) = tmp_path.rglob("employment-2027/11-sensitivity.zh.svg")
    assert "银行贷款利率" in picture.read_text(encoding="utf-8")
    code, out, _ = call("plot", "tornado", "employment", SCENARIO, BASELINE, "--at", 2028, "--lang", "en")
    assert code == 0
    assert SEEN == []
    assert [Path(line).name for line in out.splitlines()] == [
        "11-sensitivity.svg", "11-sensitivity.png", "11-sensitivity.csv",
    ]  # fmt: skip
    code, out, _ = call("plot", "tornado", "employment", SCENARIO, BASELINE, "-o", "here.svg", "--lang", "zh")
    assert (code, out.strip()) == (0, "here.svg")


def test_the_same_bytes_again_however_the_pairs_were_made(call: Callable[..., Any], tmp_path: Path) -> None:
    assert call("sensitivity", SCENARIO, BASELINE, *SMALL)[0] == 0
    first = files(tmp_path / "results")
    assert call("sensitivity", SCENARIO, BASELINE, *SMALL)[0] == 0
    assert files(tmp_path / "results") == first
    # In two steps, as after Ctrl-C, the rows lie in other files.
    for trials in (40, 64):
        words = ("-n", trials, *SMALL[2:], "--out", "steps")
        assert call("sensitivity", SCENARIO, BASELINE, *words)[0] == 0
    steps = files(tmp_path / "steps")
    assert steps.keys() == first.keys()
    assert {name: content for name, content in steps.items() if not name.endswith("settings.json")} == {
        name: content for name, content in first.items() if not name.endswith("settings.json")
    }


def test_json(call: Callable[..., Any]) -> None:
    code, out, _ = call("sensitivity", SCENARIO, BASELINE, *SMALL, "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["scenario"], told["baseline"], told["variable"], told["year"]) == (
        SCENARIO, BASELINE, "output_value", 2030,
    )  # fmt: skip
    assert told["drivers"][0]["input"] == "investment.loan_rate"
    assert told["drivers"][0]["share"]["low"] < told["drivers"][0]["share"]["value"]
    assert told["difference"]["p05"] < told["difference"]["mean"] < told["difference"]["p95"]
    assert told["chance"]["value"] >= 0.0


def test_stopping_says_how_to_go_on(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*arguments: Any, **more: Any) -> Any:
        if len(SEEN) == 9:
            raise KeyboardInterrupt
        return simulate(*arguments, **more)

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(stopped))
    code, _, err = call("sensitivity", SCENARIO, BASELINE, *SMALL)
    assert code == 130
    assert "run the same command to continue" in err
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()
    assert call("sensitivity", SCENARIO, BASELINE, *SMALL)[0] == 0
    assert len(SEEN) == 2 * (64 - 4)


def test_a_failed_pair_is_told_and_left_out(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def once(*arguments: Any, **more: Any) -> Any:
        record = simulate(*arguments, **more)
        if len(SEEN) == 5:
            raise ArithmeticError("negative stock of orders")
        return record

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(once))
    code, out, err = call("sensitivity", SCENARIO, BASELINE, *SMALL)
    assert code == 0
    assert "1 of 64 pairs failed and are left out; the first:" in err
    assert "negative stock of orders" in err
    assert "63 pairs, 284 inputs" in out
    assert "1 pairs failed or have no value of the variable" in out


def test_nothing_differs_and_nothing_is_drawn_but_said(call: Callable[..., Any]) -> None:
    code, out, _ = call("sensitivity", SCENARIO, BASELINE, *SMALL, "--on", "exports")
    assert code == 0
    assert "The difference in exports in 2030 is the same in every pair: nothing drives it." in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((BASELINE, BASELINE), "is the scenario and the baseline: name two that differ"),
        (("anping-fair2x", BASELINE), "they are about different places\n     anping  and  yongnian"),
        ((SCENARIO, BASELINE, "--on", "ouput_value"), "did you mean output_value"),
        ((SCENARIO, BASELINE, "--at", "2031"), "the year 2031 is not simulated in both scenarios"),
        ((SCENARIO, BASELINE, "--at", "2024"), "are the same until 2025-12: nothing differs in 2024"),
        ((SCENARIO, BASELINE, "-n", "31"), "-n 31: 32 pairs or more"),
        ((SCENARIO, BASELINE, "--scale", "0"), "--scale 0"),
        ((SCENARIO, BASELINE, "--jobs", "0"), "--jobs 0"),
        ((SCENARIO, BASELINE, "--lang", "fr"), "fr"),
        ((SCENARIO, BASELINE, "--set", "policy.fair.booths=many"), "booths"),
        (("yongnian-nowhere", BASELINE), "yongnian-nowhere"),
    ],
)
def test_mistakes_end_with_two_before_anything_is_run(
    call: Callable[..., Any], words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    code, _, err = call("sensitivity", *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert SEEN == []
    assert not (tmp_path / "results").exists()


def test_a_picture_needs_pairs_first(call: Callable[..., Any]) -> None:
    code, _, err = call("plot", "tornado", "employment", SCENARIO, BASELINE, "--at", 2030)
    assert code == 2
    assert f"make it: countysim sensitivity {SCENARIO} {BASELINE}" in err
    assert call("plot", "tornado", "employement", SCENARIO, BASELINE)[0] == 2
