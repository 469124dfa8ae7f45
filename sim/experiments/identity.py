"""What makes two runs the same run: the hash that names its folder.

The number of replicates, the number of processes and the firm panel are left out, because they change no number:
a run can be continued, extended, and its replicates computed in any order.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim import versions
from sim.errors import UserError

READERS = ("calibrate", "cli", "compare", "experiments", "report", "reporting", "scaffold", "sensitivity", "validation")
"""Rooms of the package that read results and make none: the model imports nothing of them."""
SAFE_ID = re.compile(r"[a-z0-9][a-z0-9-]*(:[a-z0-9][a-z0-9-]*)?")


@dataclass(frozen=True)
class Identity:
    """Everything that can change a result, each part as a hash or a number.

    Published figures and series are in it as far as a run reads them: as the starting values of its places and the
    months of its world. Both are part of ``scenario_hash`` too; here they tell what two runs differ in.
    """

    scenario_id: str
    scenario_hash: str
    seed: int
    firms_per_agent: int
    parameters_hash: str
    draws: str
    draws_hash: str
    places_hash: str
    world_hash: str
    model_version: int
    layout_hash: str

    @property
    def digest(self) -> str:
        """Full hex hash over all parts."""
        return digest_of(asdict(self))

    @property
    def short(self) -> str:
        """First eight hex digits of ``digest``: the name of the run's folder."""
        return self.digest[:8]

    @property
    def run_id(self) -> str:
        """``<scenario folder>/<short hash>``, as used in tables and on the command line."""
        return f"{folder_name(self.scenario_id)}/{self.short}"


def digest_of(parts: Any, length: int | None = None) -> str:
    """Return a hex hash of JSON data, whole or its first digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:length]


def folder_name(scenario_id: str) -> str:
    """Return the folder name of a scenario: ``id`` or ``id--variant``.

    Raises
    ------
    UserError
        If the id could be anything but a plain folder name.
    """
    if not SAFE_ID.fullmatch(scenario_id):
        raise UserError(f'scenario id "{scenario_id}": use small letters, digits and hyphens only')
    return scenario_id.replace(":", "--")


def layout_hash() -> str:
    """Return a hash of what every replicate records: variables, size classes and table columns.

    What a policy type of a workspace records besides belongs to the scenario (``scenario_hash``).
    """
    from sim.observables import ROWS
    from sim.state import record

    parts = [
        [(item.name, item.unit, item.aggregate) for item in ROWS],
        [list(record.SIZE_CLASS_BOUNDS_YUAN), list(record.SIZE_CLASS_MEASURES)],
        [list(record.MONEY_STAGES), list(record.PAYERS)],
        [list(record.TAKE_UP), list(record.TAKE_UP_MEASURES), list(record.MARKET_SIDES)],
        [str(kind.descr) for kind in (record.PURCHASE, record.AWARD, record.TRACKED, record.PANEL)],
    ]
    return digest_of(parts, 12)


def code_hash(*readers: str) -> str:
    """Return a hash of the program text that makes numbers, and of the named rooms that read them.

    It is no part of a run's identity (``model_version`` is), but a run continued by other code says so.
    """
    package = Path(versions.__file__).parent
    left_out = {*READERS, "_library"}.difference(readers)
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if name.parts[0] not in left_out:
            whole.update(f"{name.as_posix()}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return whole.hexdigest()[:12]
