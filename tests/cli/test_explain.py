"""``countysim explain``: what happened in one replicate, from the command line; mistakes end with exit code 2."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from sim.compare.explain import explain
from sim.errors import UserError
from sim.experiments.parameter_draws import ParameterDraws
from tests.compare.fake_run import FakeRun, make_pair, month

ODD = 5
"""The replicate in which something happened."""


def story() -> tuple[FakeRun, FakeRun]:
    """Replicate 5 makes most of the mean: one firm grows in B, and its draw has dear loans."""
    b, a = make_pair(24, gain=0.001)
    output = b.values["output_value"].copy()
    output[ODD, b.months >= month(2028, 1)] += 5e8
    b.values["output_value"] = output
    b.values["employment"] = a.values["employment"].copy()
    for number in range(24):
        b.followed[number] = [(7, 0, 2030, 90.0, 2e8, 0), (8, 0, 2030, 50.0, 6e7, 0), (9, 0, 2030, 10.0, 3e7, 1)]
        a.followed[number] = [(7, 0, 2030, 90.0, 2e8, 0), (8, 0, 2030, 50.0, 6e7, 0), (9, 0, 2030, 10.0, 3e7, 0)]
    b.followed[ODD] = [(7, 0, 2030, 950.0, 4e9, 1), (9, 0, 2030, 10.0, 3e7, 0)]
    b.awarded[ODD] = [(7, 0, month(2027, 3), 0, 1.0, 1e8, 90.0, 2e7, 4e6)]
    b.bought[ODD] = [(7, 0, month(2027, 3), 2e7), (7, 0, month(2025, 3), 9e9)]
    a.bought[ODD] = [(7, 0, month(2028, 3), 5e6), (7, 0, month(2025, 3), 9e9)]
    rows = tuple(
        {"investment.loan_rate": 0.05 + 0.0001 * k, "cloud.cloud_awareness": 0.01 if k == ODD else 0.001}
        for k in range(24)
    )
    rows[ODD]["investment.loan_rate"] = 0.09  # type: ignore[index]
    draws = ParameterDraws("fit", "draws.csv", "d", rows)
    return replace(b, parameter_draws=draws), replace(a, parameter_draws=draws)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch):
    """Call the command; runs a and b can be found."""
    b, a = story()
    found = {"a": a, "b": b}

    def find_run(reference, out=None, *, firms_per_agent=None, seed=None, draws=None):
        if reference not in found:
            raise UserError(f"no run of {reference} yet: countysim run {reference}")
        return found[reference]

    monkeypatch.setattr(sim.experiments, "find_run", find_run)
    return lambda *words: CliRunner().invoke(app, ["explain", *words])


def test_the_story_of_a_replicate(call):
    result = call("b", "a", "--replicate", str(ODD), "--lang", "en")
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert text.startswith("Replicate 5 of 24 pairs (draw 5): B b against A a\n")
    assert "The scenarios differ from 2026-01 on paper; the results of this pair from 2026-01." in text
    assert "of the mean difference of output in 2030 (4.2% would be its part if all were alike)" in text
    lines = text.splitlines()
    output = next(k for k, line in enumerate(lines) if line.startswith("output value"))
    assert lines[output].split()[-7] == "B"
    assert lines[output + 2].split()[0] == "B−A"
    assert lines[output + 2].rstrip().endswith("1/24")
    assert "median B−A" in lines[output + 3]
    firms = [line for line in lines if line.startswith("yongnian ")]
    assert [line.split()[1] for line in firms] == ["7", "8"]
    assert "4,000.0 | 200.0" in firms[0]
    assert "20.0 | 5.0" in firms[0]
    assert "4.0 | 0.0  in both" in firms[0]
    assert "0.0 | 60.0" in firms[1]
    assert "not followed in B" in firms[1]
    assert "orders delivered" in text
    assert "investment.loan_rate = 0.09" in text
    assert "cloud.cloud_awareness" not in text


def test_the_same_in_chinese(call):
    text = call("b", "a", "--replicate", str(ODD), "--lang", "zh").stdout
    assert text.startswith("第5次推演（共24对，参数样本第5行）：B b 对 A a\n")
    for words in ("B−A中位数", "2030年排位", "两者都有", "订单交付率", "处于样本两端的参数"):
        assert words in text


def test_another_year_and_fewer_firms(call):
    text = call("b", "a", "--replicate", str(ODD), "--at", "2028", "--lang", "en").stdout
    assert "rank 2028" in text
    assert "2029" not in text
    text = call("b", "a", "--replicate", str(ODD), "--firms", "1", "--lang", "en").stdout
    assert len([line for line in text.splitlines() if line.startswith("yongnian ")]) == 1


def test_a_usual_replicate_has_no_story(call):
    text = call("b", "a", "--replicate", "10", "--lang", "en").stdout
    assert "Followed firms" not in text
    assert "No parameter of this draw is unusual" in text


def test_equal_runs_are_said_to_be(monkeypatch):
    _, a = story()
    found = explain(replace(a, hash="b"), a, 3)
    assert (found.parted, found.firms) == (None, ())
    assert np.isnan(found.share_of_mean)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("b", "a", "--replicate", "24"), "replicate 24 is not finished in both runs\n     they share 0, 1, 2"),
        (("b", "a", "--replicate", "1", "--at", "2040"), "the year 2040 is not simulated in both runs"),
        (("b", "a", "--replicate", "1", "--firms", "0"), "--firms 0: at least 1"),
        (("b", "nowhere", "--replicate", "1"), "no run of nowhere yet: countysim run nowhere"),
    ],
)
def test_bad_input_gets_one_message_and_exit_code_2(call, words, message):
    result = call(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_the_help_teaches(call):
    text = " ".join(call("--help").stdout.split())
    for words in ("makes a mean difference alone", "rank is in the middle", "Runs nothing", "countysim run A B"):
        assert words in text
