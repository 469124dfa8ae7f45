"""Run a command of the program and print the seconds of processor time that it and all its processes took."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys

COMMAND = "import sys; from sim.cli.main import main; sys.exit(main())"
ADOPT = 36
"""``PR_SET_CHILD_SUBREAPER`` of Linux: what a process leaves behind becomes ours, so that it is counted."""


def main() -> int:
    """Run it, wait for all it has started, and print."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    done = subprocess.run([sys.executable, "-c", COMMAND, *sys.argv[1:]], stdout=subprocess.DEVNULL)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
