"""Attacks on countysim kept as tools: ``python -m tests.attack --list``.

Each attack takes a seed and a count, and tells its findings, a line each, and a tally. The short form of each runs with
the tests (``tests/attack/test_attack.py``).
"""

from __future__ import annotations
