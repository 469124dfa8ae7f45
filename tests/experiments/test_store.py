"""Parts: what goes in comes out, equal records give equal bytes, damage is noticed."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from sim.experiments.store import (
    ANCHOR,
    CorruptPartError,
    PartReader,
    RunFolder,
    arrays_of,
    checksum,
    write_part,
    write_replicate,
)
from sim.whole import whole_file
from tests.experiments.toys import toy_record, toy_scenario


@pytest.fixture
def part(tmp_path):
    sources = {}
    for replicate in (0, 3):
        record = toy_record(toy_scenario(), 0.78, replicate + 50, 33, panel=replicate == 3)
        sources[replicate] = tmp_path / f"rep-{replicate:04d}.npz"
        write_replicate(sources[replicate], replicate, arrays_of(record, replicate, 2**63 - 1 - replicate))
    write_part(tmp_path / "part-0000-0009.npz", sources)
    return tmp_path / "part-0000-0009.npz"


def test_a_record_comes_back_bit_for_bit(part):
    for replicate in (0, 3):
        expected = toy_record(toy_scenario(), 0.78, replicate + 50, 33, panel=replicate == 3)
        with PartReader(part) as reader:
            found = {name: reader.array(replicate, name) for name in reader.names(replicate)}
            assert reader.text(replicate, "seed") == str(2**63 - 1 - replicate)
            assert reader.number(replicate, "draw") == replicate
        assert (found["first_month"], found["first_year"], found["digest"]) == (
            expected.first_month,
            expected.first_year,
            expected.digest,
        )
        for name in ("monthly", "size_classes", "money", "take_up", "elsewhere", "purchases", "awards", "tracked"):
            assert found[name].tobytes() == getattr(expected, name).tobytes()
            assert found[name].dtype == getattr(expected, name).dtype
        assert {name for name in found if name.startswith(ANCHOR)} == {ANCHOR + name for name in expected.anchors}
        assert ("panel" not in found) == (expected.panel is None)


def test_numpy_alone_can_read_a_part(part):
    with np.load(part, allow_pickle=False) as archive:
        assert archive["0003/monthly"].shape == (33, 2, 111)


def test_rewriting_a_part_gives_the_same_bytes(part):
    before = part.read_bytes()
    write_part(part, dict.fromkeys((0, 3), part))
    assert part.read_bytes() == before


def test_a_part_carries_no_time_of_day(part):
    with zipfile.ZipFile(part) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "entry", "missing", "lost", "encrypted", "pickle"])
def test_damage_is_noticed(part, damage):
    content = bytearray(part.read_bytes())
    if damage == "cut":
        part.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        content[len(content) // 3] ^= 0xFF
        part.write_bytes(content)
    elif damage == "empty":
        part.write_bytes(b"")
    elif damage == "text":
        part.write_text("not a part")
    elif damage == "entry":
        with zipfile.ZipFile(part, "a") as archive:
            archive.writestr("../outside.npy", b"x")
    elif damage == "missing":
        with zipfile.ZipFile(part, "a") as archive:
            archive.writestr("0005/monthly.npy", b"x")
            archive.comment = checksum(archive)
    elif damage == "lost":
        with zipfile.ZipFile(part) as archive:
            kept = {
                entry.filename: archive.read(entry) for entry in archive.infolist() if "anchor." not in entry.filename
            }
            comment = archive.comment
        with zipfile.ZipFile(part, "w") as archive:
            for name, entry in kept.items():
                archive.writestr(name, entry)
            archive.comment = comment
    elif damage == "encrypted":
        at = content.rindex(b"PK\x01\x02") + 8
        content[at] |= 1
        part.write_bytes(content)
    elif damage == "pickle":
        with zipfile.ZipFile(part, "w") as archive:
            for name in (
                "first_month",
                "first_year",
                "draw",
                "seed",
                "digest",
                "size_classes",
                "money",
                "take_up",
                "elsewhere",
                "purchases",
                "awards",
                "tracked",
                "monthly",
            ):
                with archive.open(f"0000/{name}.npy", "w") as stream:
                    np.lib.format.write_array(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
            archive.comment = checksum(archive)
    with pytest.raises(CorruptPartError, match=r"part-0000-0009\.npz is damaged .*\n.*run the same command again"):
        read_everything(part)


def read_everything(part):
    with PartReader(part) as reader:
        for replicate in reader.replicates:
            for name in reader.names(replicate):
                reader.array(replicate, name)


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "part-0000-0009.npz"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with whole_file(path) as part:
            part.write_bytes(b"half of the new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_part_in_the_way_of_a_run(part):
    with zipfile.ZipFile(part, "a") as archive:
        archive.writestr("surprise.txt", b"x")
    with pytest.raises(CorruptPartError, match="surprise"):
        RunFolder(part.parent).finished()
