"""``countysim doctor``: what this machine has, and whether the model runs on it as it should."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import typer

from sim import versions

PACKAGES = ("mesa", "numpy", "numba", "scipy", "pandas", "xarray", "pydantic", "matplotlib", "rich")
"""Imported by name: a package that is installed and cannot be loaded is found here."""

SELF_TEST_SCENARIO = "yongnian-2023"
SELF_TEST_MONTHS = 12
SELF_TEST_FIRMS_PER_AGENT = 100


@dataclass(frozen=True)
class Check:
    """One line of the report; ``ok`` is False only when countysim cannot be used as it is."""

    name: str
    state: str
    detail: str
    ok: bool = True


def doctor(as_json: bool = False, quiet: bool = False) -> None:
    """Check the installation: packages, a short run, fonts, console."""
    checks = [perform() for perform in CHECKS]
    healthy = all(check.ok for check in checks)
    if as_json:
        print(json.dumps({**machine(), "ok": healthy, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        shown = [check for check in checks if not (quiet and check.ok)]
        if not quiet:
            print(_headline())
        width = max((len(check.name) for check in shown), default=0)
        for check in shown:
            print(f"  {check.name:<{width}}  {check.state:<7} {check.detail}".rstrip())
    if not healthy:
        raise typer.Exit(1)


def machine() -> dict[str, str | int | float | None]:
    """Return versions, cores this process may use, and memory in bytes (None where the system does not tell)."""
    return {
        "countysim": versions.__version__,
        "model": versions.MODEL_VERSION,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": usable_cores(),
        "memory_bytes": memory_bytes(),
    }


def usable_cores() -> int:
    """Return the number of cores this process may use, asked here as the engine needs packages that may be missing."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int | None:
    """Return the machine's memory, None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def check_packages() -> Check:
    """Import every package the model needs."""
    broken = []
    for package in PACKAGES:
        try:
            importlib.import_module(package)
        except Exception as error:  # whatever a broken installation raises is worth a line, not a traceback
            broken.append(f"{package} ({type(error).__name__}: {' '.join(str(error).split())})")
    if broken:
        return Check("packages", "failed", f"cannot load {', '.join(broken)}; make install puts this right", ok=False)
    return Check("packages", "ok", "  ".join(f"{package} {_short_version(package)}" for package in PACKAGES))


def check_self_test() -> Check:
    """Simulate a year twice at reduced scale: it must run, and the same seed must give the same result."""
    began = time.perf_counter()
    try:
        first, second = self_test_digest(), self_test_digest()
    except Exception as error:  # reported as a line of the report; COUNTYSIM_DEBUG shows it whole
        if os.environ.get("COUNTYSIM_DEBUG") == "1":
            raise
        return Check("self-test", "failed", f"{type(error).__name__}: {' '.join(str(error).split())}", ok=False)
    seconds = time.perf_counter() - began
    what = f"{SELF_TEST_MONTHS} months of {SELF_TEST_SCENARIO}, run twice"
    if first != second:
        return Check("self-test", "failed", f"{what}: digests {first[:8]} and {second[:8]} differ", ok=False)
    return Check("self-test", "ok", f"{what}: digest {first[:8]} both times ({seconds:.1f} s)")


def self_test_digest() -> str:
    """Run the first months of the self-test's scenario and return the digest of the final state."""
    from dataclasses import replace

    from sim.model import simulate
    from sim.parameters import load_parameters
    from sim.scenario.loader import load
    from sim.scenario.realise import realise
    from sim.state.draws import replicate_seed

    loaded = load(SELF_TEST_SCENARIO).scenario
    scenario = realise(replace(loaded, firms_per_agent=SELF_TEST_FIRMS_PER_AGENT), 0)
    last_month = scenario.time.start + SELF_TEST_MONTHS - 1
    record = simulate(
        scenario, load_parameters(scenario.parameters), replicate_seed(scenario.seed, 0), until=last_month
    )
    return record.digest


def check_console() -> Check:
    """Say which characters the console can show."""
    encoding = (getattr(sys.stdout, "encoding", None) or "unknown").upper()
    try:
        "永年²–█".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return Check("console", encoding, "cannot show every character; a question mark stands for the others")
    return Check("console", encoding, "")


def check_chinese_font() -> Check:
    """Look for a font that lets pictures show Chinese."""
    from sim.report.figures.style import INSTALL, chinese_family

    family = chinese_family()
    if family is None:
        return Check("Chinese font", "absent", f"PNG and PDF figures will be in English (apt install {INSTALL})")
    return Check("Chinese font", "found", f"{family} (PNG and PDF figures will show 中文)")


def check_parquet() -> Check:
    """Say whether tables can be written as Parquet."""
    if importlib.util.find_spec("pyarrow") is None:
        return Check("parquet", "absent", "CSV will be written instead (pip install 'countysim[parquet]')")
    return Check("parquet", "found", f"pyarrow {_short_version('pyarrow')}")


CHECKS: tuple[Callable[[], Check], ...] = (
    check_packages,
    check_self_test,
    check_console,
    check_chinese_font,
    check_parquet,
)


def _short_version(package: str) -> str:
    return ".".join(importlib.metadata.version(package).split(".")[:2])


def _headline() -> str:
    memory = memory_bytes()
    size = "" if memory is None else f", {memory / 2**30:.0f} GB"
    cores = usable_cores()
    return (
        f"countysim {versions.__version__}   Python {platform.python_version()}   "
        f"{cores} {'core' if cores == 1 else 'cores'}{size}   model {versions.MODEL_VERSION}"
    )
