"""Attacks on whole commands with the real model: hostile names, no network, what is very large, memory over time."""

from __future__ import annotations

import csv
import io
import random
import re
import resource
import unicodedata
import zipfile
from pathlib import Path

from tests.attack.common import DATA, ROOT, SMALL, Findings, Tally, command, countysim, process, project, settings_of
from tests.policies.as_files import BODIES

# --- hostile names ---

MARK = "zqz"
"""Every hostile name holds it, so that each place it comes out at is found."""
HOSTILE = (
    f"=cmd|' /C calc'!{MARK}", f"{MARK}<script>alert(1)</script>", f"{MARK}<img src=x onerror=alert(1)>",
    f"{MARK}\u001b[2J\u001b]0;title\u0007", f"{MARK}\u202eabc\u2066", f"+1+{MARK}", f"@SUM(1){MARK}", f"-2+3+{MARK}",
    f"\t={MARK}", f"\r\n=1+{MARK}",
    f"</title><svg onload=alert(2)>{MARK}", f"$\\frac{{{MARK}}}$", f"{{{MARK}}} %s {{0}}",
    f"[red]{MARK}[/red]", f"|{MARK}|`x`|", f'"{MARK}\'', f"\u009b31m{MARK}", f"{MARK}\u0000x",
)  # fmt: skip
STEERING = {"Cc", "Cf", "Cs", "Co"}
MARKUP = re.compile(rf"<(script|img|svg)[^>]*(alert|onerror|onload)|{MARK}<|<script>alert", re.IGNORECASE)
FORMULA = re.compile(r"^[\t\r\n]*[=+@-]")


def _written(text: str) -> str:
    return (
        '"' + "".join(f"\\u{ord(sign):04x}" if ord(sign) < 160 and not sign.isalnum() else sign for sign in text) + '"'
    )


def _name_all(root: Path, draw: random.Random) -> None:
    """Give the county, its industry, its scenarios, their policy and its source hostile names."""
    for path in (root / "scenarios").rglob("*.toml"):
        text = path.read_text("utf-8")
        path.write_text(
            re.sub(
                r'^(\s*(?:name|name_zh|industry_zh|question|note)\s*=) *"[^"\n]*"',
                lambda found: f"{found[1]} {_written(draw.choice([one for one in HOSTILE if chr(0) not in one]))}",
                text, flags=re.MULTILINE,
            ),
            "utf-8",
        )  # fmt: skip


def told_badly(text: str) -> str:
    """Return the first sign that would steer a terminal; nothing when there is none."""
    found = [sign for sign in text if unicodedata.category(sign) in STEERING and sign not in "\n\t\ufeff\r"]
    return f"raw {found[0]!r} in {_around(text, found[0])!r}" if found else ""


def _around(text: str, sign: str) -> str:
    at = text.index(sign)
    return text[max(0, at - 30) : at + 10]


def written_badly(path: Path) -> str:
    """Return how a file would act on who opens it; nothing when it would not."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            inside = {
                name: book.read(name).decode("utf-8", "replace") for name in book.namelist() if name.endswith("xml")
            }
        formulas = [name for name, text in inside.items() if re.search(rf"<f>[^<]*{MARK}", text)]
        return f"a formula in {formulas[0]}" if formulas else ""
    if path.suffix not in (".html", ".svg", ".md", ".csv", ".json", ".txt", ".toml"):
        return ""
    text = path.read_text("utf-8", "replace")
    if path.suffix in (".html", ".svg", ".md") and (found := MARKUP.search(text)):
        return f"markup {text[max(0, found.start() - 40) : found.end() + 20]!r}"
    if path.suffix == ".csv":
        return formula_in(text)
    return told_badly(text) if path.suffix in (".html", ".svg", ".md") else ""


def formula_in(text: str) -> str:
    """Return the first cell of a CSV table that a spreadsheet would take for a formula; nothing when there is none."""
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            if MARK in cell and FORMULA.match(cell):
                return f"a cell {cell!r}"
    return ""


SHOWN = (
    ("list",), ("place", "list"), ("place", "show", "tiny"), ("place", "check", "tiny"),
    ("scenario", "check", "tiny-fund"),
    ("scenario", "show", "tiny-fund"), ("scenario", "diff", "tiny-baseline", "tiny-fund"), ("facts", "tiny"),
    ("facts", "tiny", "--json"),
)  # fmt: skip
COMPARED = (
    ("compare", "tiny-fund", "tiny-baseline"), ("compare", "tiny-fund", "tiny-baseline", "--md"),
    ("explain", "tiny-fund", "tiny-baseline", "--replicate", "0"), ("plot", "all", "tiny-fund", "tiny-baseline"),
    ("export", "tiny-fund"), ("fit", "tiny-baseline"),
)  # fmt: skip
TABLES = (("facts", "tiny", "--csv"), ("compare", "tiny-fund", "tiny-baseline", "--csv"))


def _hostile_facts(root: Path, draw: random.Random) -> Path:
    """Write the figures of the county for another, with hostile notes; they are good otherwise."""
    path = root / "given.csv"
    with (root / "calibration/evidence/tiny_facts.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows):
        row |= {"id": f"x{number}{MARK}", "place": "evil"}
        row |= {name: draw.choice(HOSTILE).replace("\0", "") for name in ("basis", "note")}
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


def hostile_names(seed: int, count: int, tally: Tally) -> Findings:
    """Names with escape sequences, turned text, markup and formulas: harmless in every output."""
    for number in range(seed, seed + count):
        with project() as root:
            _name_all(root, random.Random(number))
            first = countysim("run", "tiny-baseline", "tiny-fund", *SMALL, "--set", "time.end=2027-12", inside=root)
            if fault := first.fault(0):
                yield f"run: {fault}"
            for words in (*SHOWN, *COMPARED, *TABLES):
                done = countysim(
                    *words, *(("--lang", "zh") if number % 2 and "export" not in words else ()), inside=root
                )
                tally["outputs"] += 1
                fault = done.fault() or told_badly(done.out + done.errors)
                if not fault and "--csv" in words:
                    fault = formula_in(done.out)
                if fault:
                    yield f"(--seed {number} --count 1) {' '.join(words)}: {fault}"
            for path in sorted((root / "results").rglob("*")):
                tally["files"] += path.is_file()
                if path.is_file() and (fault := written_badly(path)):
                    yield f"(--seed {number} --count 1) {path.relative_to(root)}: {fault}"
        with project() as root:
            there = {*root.rglob("*")}
            given = _hostile_facts(root, random.Random(number))
            asked = (
                ("place", "new", "evil", "--from-facts", DATA / "hostile-facts.csv"),
                ("place", "new", "evil", "--from-facts", given),
                ("place", "show", "evil"), ("facts", "evil"), ("facts", "evil", "--csv"),
                ("facts", "evil", "--json"),
            )  # fmt: skip
            for words in asked:
                done = countysim(*words, inside=root)
                tally["outputs"] += 1
                fault = done.fault(2 if words == asked[0] else 0) or told_badly(done.out + done.errors)
                if fault or (fault := formula_in(done.out) if "--csv" in words else ""):
                    yield f"(--seed {number} --count 1) {' '.join(map(str, words[:4]))}: {fault}"
            for path in {*root.rglob("*")} - there - {given}:
                tally["files"] += path.is_file()
                if path.is_file() and (fault := written_badly(path)):
                    yield f"(--seed {number} --count 1) {path.relative_to(root)}: {fault}"


# --- no network ---


def no_network(seed: int, count: int, tally: Tally) -> Findings:
    """Refuse every socket but those between the processes of one machine: all works, and nobody asks for another."""
    with project() as root:
        log = root / "network.log"
        refuse = {"PYTHONPATH": str(Path(__file__).with_name("no_network")), "ATTACK_NETWORK_LOG": str(log)}
        asked = (
            ("run", "tiny-baseline", "tiny-fund", *SMALL, "--jobs", "2", "--set", "time.end=2027-12"),
            ("compare", "tiny-fund", "tiny-baseline"), ("plot", "all", "tiny-fund", "tiny-baseline"),
            ("facts", "tiny"), ("doctor",),
        )  # fmt: skip
        for words in asked[:count]:
            done = process(command(*words), root, refuse)
            tally["commands"] += 1
            if fault := done.fault():
                yield f"{' '.join(words[:2])}: {fault}"
        if log.exists():
            yield f"the network was asked for: {log.read_text('utf-8').splitlines()[0]}"


# --- very large ---


def large(seed: int, count: int, tally: Tally) -> Findings:
    """500 policies, 300 places, 60 years (the seed says which comes first): runs, or says what is too much."""
    for make in (_many_policies, _many_places, _many_years)[seed - 1 :][:count]:
        with project() as root:
            scenario, settings = make(root)
            check = countysim("scenario", "check", scenario, *settings_of(settings), inside=root, limit=600)
            done = countysim("run", scenario, *settings, inside=root, limit=3600)
            tally[f"{make.__name__.strip('_').replace('_', ' ')} {'ran' if done.code == 0 else 'refused'}"] += 1
            if fault := check.fault() or done.fault(check.code):
                yield f"{make.__name__.strip('_')}: {fault}"


def _many_policies(root: Path) -> tuple[str, tuple[str, ...]]:
    head = 'schema = 1\nid = "many"\nextends = "tiny-baseline"\nkind = "what-if"\nname = "Many"\n'
    types = ("fund", "fair", "exhibition", "training", "digital_platform")
    policies = [
        f'[[policy]]\nid = "p{number}"\ntype = "{types[number % 5]}"\nname = "P{number}"\nstart = "2025-10"\n'
        f'source = "hypothetical"\npayer = "county"\n{BODIES[types[number % 5]]}'
        for number in range(500)
    ]
    (root / "scenarios/many.toml").write_text(head + "\n".join(policies), "utf-8")
    return "many", SMALL


def _many_places(root: Path) -> tuple[str, tuple[str, ...]]:
    ids = [f"tiny-{number}" for number in range(300)]
    text = (root / "scenarios/places/tiny.toml").read_text("utf-8")
    share = re.compile(r"^((?:national|global)_market_share = ).*$", re.MULTILINE)
    text = share.sub(r'\1{ value = 0.001, low = 0.0005, high = 0.002, assumed = true, note = "one of many" }', text)
    for one in ids:
        (root / f"scenarios/places/{one}.toml").write_text(text.replace('"tiny"', f'"{one}"', 1), "utf-8")
    baseline = (root / "scenarios/tiny-baseline.toml").read_text("utf-8")
    places = ", ".join(f'"{one}"' for one in ids)
    baseline = re.sub(r"^\[\[goal\]\].*", "", baseline, flags=re.MULTILINE | re.DOTALL)
    baseline = re.sub(r"^place +=.*$", f"places = [{places}]", baseline, flags=re.MULTILINE)
    (root / "scenarios/many.toml").write_text(baseline.replace('"tiny-baseline"', '"many"', 1), "utf-8")
    return "many", SMALL


def _many_years(root: Path) -> tuple[str, tuple[str, ...]]:
    worlds = root / "scenarios/worlds"
    worlds.mkdir()
    text = (ROOT / "scenarios/worlds/constant.toml").read_text("utf-8")
    text = text.replace('"constant"', '"long"', 1).replace("2035", "2090")
    (worlds / "long.toml").write_text(text, "utf-8")
    baseline = (root / "scenarios/tiny-baseline.toml").read_text("utf-8").replace('"central"', '"long"', 1)
    (root / "scenarios/long.toml").write_text(baseline.replace('"tiny-baseline"', '"long"', 1), "utf-8")
    words = tuple("time.end=2083-12" if word.startswith("time.end") else word for word in SMALL)
    return "long", words


# --- memory ---

GROWTH = 24
"""Megabytes that a process may grow by after its first fifth of replicates."""


def memory(seed: int, count: int, tally: Tally) -> Findings:
    """Run many replicates in one process: its memory stays flat."""
    with project() as root:
        words = [word if word != "1" or SMALL[at - 1] != "-n" else None for at, word in enumerate(SMALL)]
        words = [word for word in words if word not in (None, "-n")]
        sizes = []
        for part in (max(1, count // 5), count):
            done = countysim("run", "tiny-baseline", *words, "-n", part, inside=root, limit=36_000)
            if fault := done.fault(0):
                yield fault
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        tally["replicates"] = count
        tally["megabytes more"] = round(sizes[1] - sizes[0])
        if sizes[1] - sizes[0] > GROWTH:
            yield f"grew from {sizes[0]:.0f} to {sizes[1]:.0f} MB"
