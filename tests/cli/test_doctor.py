from __future__ import annotations

import json
import sys

import pytest

import sim
from sim.cli import doctor
from sim.cli import main as program
from sim.cli.doctor import Check

FINE = Check("self-test", "ok", "ran")
BROKEN = Check("self-test", "failed", "digests differ", ok=False)


def run_doctor(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        program.main(["doctor", *arguments])
    return int(ended.value.code or 0)


def replace_checks(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr(doctor, "CHECKS", tuple(lambda check=check: check for check in checks))


def test_this_installation_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor() == 0
    text = capsys.readouterr().out
    assert text.startswith(f"countysim {sim.__version__}   Python {sys.version_info[0]}.{sys.version_info[1]}")
    assert "both times" in text


def test_the_self_test_runs_the_model_and_tells_seeds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.state.draws

    digest = doctor.self_test_digest()
    assert digest == doctor.self_test_digest()
    seed = sim.state.draws.replicate_seed
    monkeypatch.setattr(sim.state.draws, "replicate_seed", lambda number, replicate: seed(number, replicate + 1))
    assert doctor.self_test_digest() != digest


def test_two_different_results_of_one_seed_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = iter(["aaaa", "bbbb"])
    monkeypatch.setattr(doctor, "self_test_digest", lambda: next(digests))
    check = doctor.check_self_test()
    assert not check.ok
    assert "differ" in check.detail


def test_an_error_in_the_self_test_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ValueError("first\nsecond")

    monkeypatch.setattr(doctor, "self_test_digest", fail)
    assert doctor.check_self_test() == Check("self-test", "failed", "ValueError: first second", ok=False)


def test_quiet_prints_only_what_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    replace_checks(monkeypatch, FINE)
    assert run_doctor("--quiet") == 0
    assert capsys.readouterr().out == ""
    replace_checks(monkeypatch, Check("console", "GBK", ""), BROKEN)
    assert run_doctor("--quiet") == 1
    assert capsys.readouterr().out == "  self-test  failed  digests differ\n"


def test_json_holds_the_machine_and_every_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_checks(monkeypatch, FINE, BROKEN)
    assert run_doctor("--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [check["ok"] for check in told["checks"]] == [True, False]
    assert told["cores"] >= 1
    assert told["countysim"] == sim.__version__


def test_a_package_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no_such_package"))
    check = doctor.check_packages()
    assert not check.ok
    assert "no_such_package (ModuleNotFoundError" in check.detail


@pytest.mark.parametrize(("family", "state"), [("WenQuanYi Micro Hei", "found"), (None, "absent")])
def test_the_font_line_says_what_to_install(family: str | None, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.report.figures import style

    monkeypatch.setattr(style, "chinese_family", lambda: family)
    check = doctor.check_chinese_font()
    assert check.state == state
    assert (family or style.INSTALL) in check.detail


def test_memory_is_left_out_where_the_system_does_not_tell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "memory_bytes", lambda: None)
    replace_checks(monkeypatch, FINE)
    assert run_doctor() == 0
    assert "GB" not in capsys.readouterr().out
