"""A file that is far too large is refused by its size by every command, in little time."""

import resource
import zipfile
from pathlib import Path

import pytest

from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, process
from tests.unit.adapters.test_sheets import as_xlsx

pytestmark = pytest.mark.integration

MEGABYTE = 2**20
CPU_S = 15
"""Far more than it takes to start the program, on the slowest machine."""

ROW = "2025-04-01T09:00:00+09:00,hall,123456,123456,0,備考\n"


def bounded(*args: str | Path) -> Ended:
    """Run a command and say what it came to; it has used little time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = process(*args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < CPU_S
    return ended


def fill(path: Path, megabytes: int, line: str = ROW) -> Path:
    octets = line.encode()
    with path.open("wb") as file:
        for _ in range(megabytes * MEGABYTE // len(octets)):
            file.write(octets)
    return path


def bomb(path: Path, part: str) -> Path:
    """Leave a workbook with 60 MB in one part of it."""
    path.write_bytes(as_xlsx({"台帳": [["場所", "4月"], ["hall", 12]]}))
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    cell = b'<row r="9"><c t="inlineStr"><is><t>x</t></is></c></row>'
    parts[part] = parts.get(part, b"") + cell * (60 * MEGABYTE // len(cell))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, octets in parts.items():
            made.writestr(name, octets)
    return path


@pytest.mark.parametrize(
    ("command", "suffix"),
    [
        ("history import {file}", ".csv"),
        ("history import {file}", ".xlsx"),
        ("count {file}", ".csv"),
        ("count {file}", ".jsonl"),
        ("fleet import {file}", ".csv"),
        ("decode {file}", ".snmprec"),
        ("profiles check {file}", ".toml"),
    ],
)
def test_a_file_of_sixty_megabytes(tmp_path: Path, command: str, suffix: str) -> None:
    config = write_office(tmp_path, [Spot("hall", 9)])
    file = tmp_path / f"large{suffix}"
    if suffix == ".xlsx":
        bomb(file, "xl/worksheets/sheet1.xml")
    else:
        fill(file, 68)
    words = command.format(file=file).split()
    if words[0] == "history":
        words += ["--config", str(config)]

    ended = bounded(*words)

    assert ended.code in {1, 2, 78}, ended.err
    assert "Traceback" not in ended.err
    told = ended.err + ended.out
    assert any(one in told for one in ("超えて", "大きすぎ", "too large", "larger")), told


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_large_part_of_a_small_workbook(tmp_path: Path, part: str) -> None:
    config = write_office(tmp_path, [Spot("hall", 9)])
    ended = bounded("history", "import", bomb(tmp_path / "x.xlsx", part), "--config", config)
    assert ended.code in {2, 78}, ended.err


@pytest.mark.parametrize("name", ["collector.toml", "fleet.toml"])
@pytest.mark.parametrize("content", ["large", "deep"])
def test_a_configuration_that_is_none(tmp_path: Path, name: str, content: str) -> None:
    config = write_office(tmp_path, [Spot("hall", 9)])
    if content == "large":
        fill(tmp_path / name, 20, "x = 1\n")
    else:
        (tmp_path / name).write_text("x = " + "[" * 100_000)
    ended = bounded("check", "--config", config)
    assert ended.code == 78
    assert "Traceback" not in ended.err
    assert name in ended.err
