"""Files that people typed are read whatever their editor did, or refused with the way out."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.inputs.files import LARGEST_FILE, InputFile, read_rows, read_text
from sim.inputs.problems import InputErrors, Spot


def write(folder: Path, data: bytes) -> Path:
    path = folder / "input.toml"
    path.write_bytes(data)
    return path


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    assert InputFile(write(tmp_path, b'\xef\xbb\xbfname = "x"\n')).data == {"name": "x"}


def test_gbk_is_explained(tmp_path: Path) -> None:
    path = write(tmp_path, 'id = "a"\nname = "采购会"\n'.encode("gbk"))
    with pytest.raises(UserError, match=r"E11 .*:2  the file is not UTF-8 \(it looks like GBK") as caught:
        read_text(path)
    assert "save it as UTF-8" in str(caught.value)


def test_other_encodings_are_not_called_gbk(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not text") as caught:
        read_text(write(tmp_path, b'x = "\xff\xff\xff"'))
    assert "GBK" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04\x00\x00", "not text"),
        (b"x" * (LARGEST_FILE + 1), "larger than 5 MB"),
    ],
)
def test_files_that_hold_nothing_usable_are_refused(tmp_path: Path, data: bytes, word: str) -> None:
    with pytest.raises(UserError, match=word):
        read_text(write(tmp_path, data))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"E22  .*none\.toml  there is no such file"):
        read_text(tmp_path / "none.toml")
    with pytest.raises(UserError, match="cannot be read"):
        read_text(tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = 20%\n", 2), ("a = 1\na = 2\n", 2), ('x = "open\n', 1), ("[[", 1), ("x = " + "[" * 5000, 1)],
)
def test_broken_toml_names_the_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UserError, match=rf"E19  .*input\.toml:{line}  (the line cannot|a key or table)"):
        InputFile(write(tmp_path, text.encode()))


def test_rows_are_read_with_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path, b'a,b\n1,"two\nlines"\n\n 3 ,4\n')
    assert read_rows(path, ("a", "b")) == [
        (Spot.at(path, 3), {"a": "1", "b": "two\nlines"}),
        (Spot.at(path, 5), {"a": "3", "b": "4"}),
    ]


def test_rows_with_wrong_columns_or_cells_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a, b"):
        read_rows(write(tmp_path, b"a,c\n1,2\n"), ("a", "b"))
    with pytest.raises(UserError) as caught:
        read_rows(write(tmp_path, b"a,b\n1,2,3\n4\n5,6\n"), ("a", "b"))
    assert "input.toml:2  3 cells" in str(caught.value)
    assert "input.toml:3  1 cells" in str(caught.value)


def test_unclosed_quotes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not valid CSV"):
        read_rows(write(tmp_path, b'a,b\n1,"2\n'), ("a", "b"))


def test_problems_reach_the_main_process_whole(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        read_rows(write(tmp_path, b"a,b\n1,2,3\n4\n"), ("a", "b"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)
