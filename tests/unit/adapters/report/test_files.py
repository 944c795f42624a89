"""Several files at once: all or none, and no trace of a failed try."""

from pathlib import Path

import pytest

from collector.adapters.report.text_files import write_all
from collector.errors import ConfigError

BOTH = {"a.csv": b"1", "b.csv": b"2"}


def test_all_are_there_in_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "x" / "y"
    assert write_all(folder, BOTH) == [folder / "a.csv", folder / "b.csv"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == BOTH


def test_every_file_that_is_in_the_way_is_named_and_nothing_written(tmp_path: Path) -> None:
    for name in ("b.csv", "c.csv"):
        (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(ConfigError) as refused:
        write_all(tmp_path, BOTH | {"c.csv": b"3"})
    assert [one.path for one in refused.value.problems] == [
        str(tmp_path / "b.csv"),
        str(tmp_path / "c.csv"),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.csv", "c.csv"]
    assert (tmp_path / "b.csv").read_bytes() == b"mine"


def test_force_overwrites(tmp_path: Path) -> None:
    write_all(tmp_path, {"a.csv": b"old"})
    write_all(tmp_path, {"a.csv": b"new"}, overwrite=True)
    assert (tmp_path / "a.csv").read_bytes() == b"new"


def test_where_one_cannot_be_written_none_is_left(tmp_path: Path) -> None:
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(ConfigError, match=r"b\.csv: exists already"):
        write_all(tmp_path, BOTH, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_all(tmp_path / "file", BOTH)
