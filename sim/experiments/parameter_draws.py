"""Parameter draws: replicate i uses row i of the calibration's ``draws.csv`` in every scenario.

``calibration/fits/<calibration>/draws.csv`` has one column per fitted parameter, named by its dotted name, and one
row per draw; a column called ``draw`` is only a counter. Columns may also name starting values of places
(``place.yongnian.start.exports``) and positions in ranges of policies (``policy.projects.realised``). With more
replicates than rows the rows are used again. A fit made with other inputs than there are now is refused.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim import workspace
from sim.errors import UserError
from sim.experiments.fit_identity import refusal_in
from sim.scenario.problems import ScenarioErrors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class ParameterDraws:
    """Fitted parameter values by dotted name, one mapping per draw.

    Attributes
    ----------
    name
        Name of the calibration; empty when the scenario names none.
    path, digest
        The file and a hash of its content; ``"none"`` without a file.
    rows
        Values by dotted parameter name. Without rows every replicate uses the assumed values of the file.
    """

    name: str = ""
    path: str = "none"
    digest: str = "none"
    rows: tuple[Mapping[str, float], ...] = ()

    def index(self, replicate: int) -> int:
        """Return the draw a replicate uses; without draws its own number."""
        return replicate % len(self.rows) if self.rows else replicate

    def values(self, replicate: int) -> dict[str, float]:
        """Return the parameter values of a replicate's draw, by dotted name."""
        return dict(self.rows[self.index(replicate)]) if self.rows else {}

    @property
    def label(self) -> str:
        """Name to print: the calibration, or what is used in its place."""
        return self.name if self.rows else "none (parameters at assumed values)"


def fitted_draws(loaded: Any) -> ParameterDraws:
    """Return the draws of the calibration a loaded scenario names.

    Raises
    ------
    UserError
        If the name could lead out of the calibration folder, the file is not a table of finite numbers, or the fit was
        made with another model, other priors or other figures.
    """
    name = getattr(loaded, "calibration", None) or getattr(loaded.scenario, "calibration", None) or ""
    if not name:
        return ParameterDraws()
    if not SAFE_NAME.fullmatch(name):
        raise UserError(f'calibration = "{name}": use small letters, digits and hyphens only')
    path = workspace.calibration_file("fits", name, "draws.csv")
    if path is None:
        return ParameterDraws(name=name)
    settings = path.with_name("settings.toml")
    problem = refusal_in(settings) if settings.is_file() else None  # draws made by hand say nothing
    if problem is not None:
        spot = getattr(loaded, "origins", {}).get("calibration", problem.spot)
        raise ScenarioErrors([replace(problem, spot=spot)])
    return read_draws(name, path)


def read_draws(name: str, path: Path) -> ParameterDraws:
    """Read a file of draws; raise ``UserError`` naming file and line when a cell is not a finite number."""
    text = path.read_text(encoding="utf-8-sig")
    rows = []
    reader = csv.DictReader(io.StringIO(text))
    columns = [column for column in reader.fieldnames or [] if column != "draw"]
    for line, row in enumerate(reader, start=2):
        try:
            values = {column: float(row[column]) for column in columns}
        except (TypeError, ValueError):
            values = {"": math.nan}
        if None in row or not all(math.isfinite(value) for value in values.values()):
            raise UserError(f"{path}:{line}  every column of a draw must be a finite number")
        rows.append(values)
    if not rows or not columns:
        raise UserError(f"{path}: no draws in it; fit again or remove the file")
    digest = hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:12]
    return ParameterDraws(name=name, path=f"calibration/fits/{name}/draws.csv", digest=digest, rows=tuple(rows))
