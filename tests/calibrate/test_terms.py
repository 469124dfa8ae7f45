"""Figures that a term of a scenario was set from, or that a starting value has its range from, are used once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.calibrate import questions as module
from sim.calibrate.answering import all_baselines
from sim.calibrate.questions import load_terms, range_facts, starting_facts
from sim.errors import UserError
from sim.evidence import load_facts


def test_every_term_is_one_of_a_baseline_that_answers_for_the_figure() -> None:
    places = {fact.id: fact.place for fact in load_facts()}
    scenarios = all_baselines().values()
    for identifier, term in load_terms().items():
        kind, field = term.split(".")
        policies = [
            policy
            for scenario in scenarios
            for policy in scenario.policies
            if policy.type == kind and places[identifier] in module.own_places(scenario)
        ]
        assert policies, identifier
        assert any(getattr(policy.versions[0][1], field) is not None for policy in policies), identifier


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('hb-cloud-frims = "cloud_drive.firms"', "hb-cloud-frims: no reported figure of this id"),
        ('hb-cloud-firms = ""', "hb-cloud-firms: write the term"),
        ("hb-cloud-firms = 30", "hb-cloud-firms: write the term"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    (tmp_path / "terms.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(module.workspace, "folders", lambda kind: (tmp_path,))
    with pytest.raises(UserError, match=words):
        load_terms()


def test_ranges_made_from_figures() -> None:
    known = all_baselines()
    assert range_facts(known["guanxian"]) == {"gx-output"}
    assert "yn-output-2023" in range_facts(known["yongnian"])
    assert "yn-employment" not in range_facts(known["yongnian"])  # a reported head count moves nothing
    assert range_facts(known["hebei-clusters"]) == frozenset()  # places of a province start as their files say
    for scenario in known.values():
        assert range_facts(scenario) <= starting_facts(scenario)
