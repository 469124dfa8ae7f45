"""Runs as netCDF: scenario x replicate x month x place, one variable per observable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.experiments import dataset
from sim.report.export.tidy import require, shared_months

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sim.experiments import Run

COMPRESSION = 1
"""More costs time and saves next to nothing."""


def write_netcdf(runs: Sequence[Run], path: Path) -> None:
    """Write the Dataset that ``sim.experiments.load`` gives, in the months that all the runs hold.

    Raises
    ------
    UserError
        When netCDF4 is not installed; the text names the extra.
    """
    require("netCDF4", "netcdf")
    whole = dataset(runs)
    months = (shared_months(runs) - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")
    whole = whole.sel(month=months)
    encoding = {str(name): {"zlib": True, "complevel": COMPRESSION} for name in whole.data_vars}
    whole.to_netcdf(path, engine="netcdf4", encoding=encoding)
