"""Whether verdicts hold at another scale, and what is said where that is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.compare import compare, notes
from sim.report.sentences import sentences
from tests.compare.fake_run import make_pair


@pytest.fixture
def others(monkeypatch):
    """Runs at other scales, by the id of the scenario."""
    known: dict[str, dict] = {}
    monkeypatch.setattr(notes, "at_other_scales", lambda run: known.get(run.scenario_id, {}))
    return known


def at_scale(runs, scale):
    return [replace(run, scenario=replace(run.scenario, firms_per_agent=scale)) for run in runs]


def test_grouped_firms_that_were_not_checked_name_the_command(others):
    b, a = make_pair(30)
    note = compare(b, a).note("scale_unchecked")
    assert "countysim compare b a --check-scale 10" in note.en
    assert "countysim compare b a --check-scale 10" in note.zh
    assert compare(*at_scale((b, a), 1)).note("scale_unchecked") is None
    assert compare(*make_pair(12)).note("scale_unchecked") is None  # no verdicts to check


def test_the_same_words_at_another_scale(others):
    b, a = make_pair(30)
    others |= {run.scenario_id: {10: run} for run in at_scale(make_pair(24), 10)}
    found = compare(b, a)
    assert (
        found.note("scale_same").en == "At scale 1:10 (24 pairs) the verdicts on all headline variables are the same."
    )
    assert "比例1:10" in found.note("scale_same").zh
    assert found.note("scale") is None
    assert found.note("scale_unchecked") is None


def test_a_verdict_that_changes_is_told_in_note_and_sentences(others):
    b, a = make_pair(30)
    finer = at_scale(make_pair(24), 10)
    values = finer[0].values["output_value"]
    lower = np.arange(24) % 2 == 0
    values[lower] = finer[1].values["output_value"][lower] * 0.99
    others |= {run.scenario_id: {10: run} for run in finer}
    found = compare(b, a)
    note = found.note("scale")
    assert note.en.startswith(
        "At scale 1:10 (24 pairs) the verdict is another: output value no clear difference (here clear"
    )
    assert "产值尚不明确（此处明确更高）" in note.zh
    assert note.en.rstrip(".") in sentences(found, "en")[4]
    assert note.zh.rstrip("。") in sentences(found, "zh")[4]


def test_too_few_pairs_there_check_nothing(others):
    b, a = make_pair(30)
    others |= {run.scenario_id: {10: run} for run in at_scale(make_pair(12), 10)}
    assert compare(b, a).note("scale_unchecked") is not None
