"""``python -m tests.attack``: attacks on countysim; a line a finding, a tally an attack, exit code 1 with findings."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time

from tests.attack.attacks import ATTACKS
from tests.attack.common import Tally


class EnoughError(BaseException):
    """The attack at work is to end with its tally (SIGTERM): no handler of ordinary errors may take it for one."""


def _enough(number: int, frame: object) -> None:
    raise EnoughError


def main() -> int:
    """Make the attacks asked for; return the exit code."""
    words = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__.split(":")[1].strip())
    words.add_argument("--list", action="store_true", help="the attacks, what each does, and its usual count")
    words.add_argument("--only", metavar="NAME", action="append", choices=list(ATTACKS), help="may be repeated")
    words.add_argument("--count", type=int, metavar="N", help="how many times; default: the long form of each")
    words.add_argument("--seed", type=int, default=1, metavar="N")
    asked = words.parse_args()
    if asked.list:
        for name, attack in ATTACKS.items():
            print(f"{name:10} {attack.long:6}  {attack.make.__doc__.splitlines()[0]}")
        return 0
    signal.signal(signal.SIGTERM, _enough)
    found = 0
    for name in asked.only or ATTACKS:
        attack, tally, began = ATTACKS[name], Tally(), time.monotonic()
        findings = 0
        with contextlib.suppress(EnoughError):
            for finding in attack.make(asked.seed, asked.count or attack.long, tally):
                findings += 1
                print(f"{name}: {finding}", flush=True)
        counted = ", ".join(f"{number} {what}" for what, number in tally.items())
        print(f"{name}: {counted}; findings {findings} ({time.monotonic() - began:.0f} s)", flush=True)
        found += findings
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
