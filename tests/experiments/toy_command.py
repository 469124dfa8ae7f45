"""``countysim`` with the toy model, for tests that need a process of its own.

Run as ``python tests/experiments/toy_command.py SECONDS_PER_REPLICATE run ...``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sim.cli.main import main
from sim.experiments import runner
from tests.experiments.toys import Behaviour, toybox

if __name__ == "__main__":
    box = toybox(Behaviour(seconds=float(sys.argv[1])))
    runner.standard_toolbox = lambda: box
    main(sys.argv[2:])
