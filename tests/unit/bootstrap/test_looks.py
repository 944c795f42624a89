"""What is said of the machine that this runs on."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from collector.bootstrap.looks import Health, disk_looks, is_clock_kept, name_looks


@pytest.mark.parametrize(
    ("free", "health"),
    [(3 * 10**9, Health.OK), (10**9, Health.NOTICE), (10**8, Health.PROBLEM), (0, Health.PROBLEM)],
)
def test_the_less_room_the_worse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, health: Health
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

    (looked,) = disk_looks(tmp_path / "ledger.sqlite3")

    assert looked.health is health
    assert (looked.line is None) == (health is Health.OK)


def test_a_folder_that_is_not_there_yet_lies_on_a_disk_already(tmp_path: Path) -> None:
    (looked,) = disk_looks(tmp_path / "not" / "made" / "ledger.sqlite3")

    assert str(tmp_path) in str(looked.text.facts["folder"])


def test_whether_the_clock_is_kept_is_asked_of_the_system() -> None:
    assert is_clock_kept() in {True, False, None}


async def test_an_office_without_names_has_none_to_lose() -> None:
    (looked,) = await name_looks([])

    assert looked.health is Health.OK
