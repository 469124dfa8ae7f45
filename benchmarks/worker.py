"""Simulate on request: a process of its own for each version of the program.

Started as a script with ``PYTHONPATH`` naming the checkout to measure, of this version or an older one. It reads
requests as lines of JSON and answers each with a line. Times are processor time of the process; memory is what it
holds, in bytes, beyond what it held with libraries and compiled rules loaded.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.model import ClusterModel
from sim.parameters import load_parameters

try:
    from sim.scenario.loader import load
    from sim.scenario.realise import realise
    from sim.state import draws
except ImportError:  # where they were before the rooms of the house were sorted
    from sim import draws
    from sim.scenario import load, realise


def model_of(name: str, scale: int) -> ClusterModel:
    """Return a settled model of a scenario, or of ``nation:FIRMS:COUNTIES``."""
    if name.startswith("nation:"):
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        from benchmarks.nation import nation

        firms, counties = name.split(":")[1:]
        scenario = nation(int(firms), int(counties))
    else:
        scenario = realise(load(name).scenario, 0)
    scenario = replace(scenario, firms_per_agent=scale)
    return ClusterModel(scenario, load_parameters(scenario.parameters), draws.replicate_seed(scenario.seed, 0))


def held() -> float:
    """Return the bytes of memory that the process holds now (the most it ever held, where that cannot be read)."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * float(resource.getpagesize())
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


class Worker:
    """One model at a time, and what is asked of it."""

    def __init__(self) -> None:
        self.model: Any = model_of("yongnian-2023", 100)  # loads or compiles the rules
        self.model.step()
        self.model = None
        self.base = held()

    def start(self, name: str, scale: int) -> dict[str, float]:
        """Build and settle a model; return the seconds and what is in it."""
        self.model = None
        gc.collect()
        begun = time.process_time()
        self.model = model_of(name, scale)
        seconds, state = time.process_time() - begun, self.model.state
        live = state.live
        return {
            "seconds": seconds, "firms": float(state.firms.weight[live].sum()), "rows": float(live.size),
            "buyers": float(state.buyers.slot.size), "links": float((state.buyers.supplier >= 0).sum()),
        }  # fmt: skip

    def months(self, number: int) -> dict[str, float]:
        """Simulate some months; return seconds a month and the memory held then."""
        begun = time.process_time()
        for _ in range(number):
            self.model.step()
        seconds = (time.process_time() - begun) / number
        return {"seconds": seconds, "held": held() - self.base, "rows": float(self.model.state.live.size),
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0}  # fmt: skip

    def columns(self) -> dict[str, float]:
        """Return bytes of a firm in its columns, and bytes of a link."""
        state = self.model.state
        firms, buyers = state.firms, state.buyers
        row = sum(column.itemsize * (column.size // firms.slot.size) for column in firms)
        links = (buyers.supplier, buyers.link_age, buyers.link_match)
        return {"firm": float(row), "link": float(sum(column.itemsize for column in links))}


def main() -> None:
    """Answer until there is nothing more to read."""
    worker = Worker()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(worker, request.pop("do"))(**request)), flush=True)


if __name__ == "__main__":
    main()
