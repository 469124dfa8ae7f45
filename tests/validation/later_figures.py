"""Files of later figures for tests. Every number here is invented."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sim.evidence.facts import COLUMNS

PLAIN: dict[str, Any] = {
    "place": "guanxian", "industry": "bearing-forging", "variable": "output_value", "period_start": "2024-01",
    "period_end": "2024-12", "value": "8.1", "unit": "billion yuan", "bound": "exact", "basis": "output value",
    "kind": "level", "source": "invented", "note": "invented for a test",
}  # fmt: skip


def row(identifier: str, **changes: Any) -> dict[str, Any]:
    """One invented figure about Guanxian."""
    growth = str(changes.get("variable", "")).endswith("_yoy")
    kinds = {"kind": "growth", "unit": "percent"} if growth else {}
    return {"id": identifier, **PLAIN, **kinds, **changes}


def write(path: Path, *rows: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> Path:
    """Write rows to a file; return the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path
