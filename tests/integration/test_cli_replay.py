"""Counting the past again by the real program: nothing differs without a correction."""

import json
from pathlib import Path

import pytest

from tests.integration.test_cli_entering import RESET, SILENT, WHO, at, lay, run
from tests.stories import books
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.past import Poll

pytestmark = pytest.mark.integration


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return write_office(tmp_path / "office", [Spot("1f", 1), Spot("2f", 2)])


def test_the_past_without_a_change_differs_in_nothing(office: Path) -> None:
    ledger = lay(office, *SILENT, *RESET)
    before = books.days(ledger)
    for since in ("2026-01-01", "2026-10-20", "2026-11-01"):
        shown = run(office, "replay", "--since", since, "--json")
        assert (shown.code, shown.json) == (0, [])
    applied = run(office, "replay", "--since", "2026-01-01", "--apply", *WHO)
    assert applied.code == 0, applied.err
    assert books.days(ledger) == before
    assert books.ask(ledger, "SELECT count(*) FROM entries") == [(0,)]


def test_a_calendar_that_was_wrong_is_put_right(office: Path) -> None:
    """The office was set up in the wrong zone: pages of the evening lay on the next day."""
    night = [Poll(at(10, 30, 22, minute), "1f", 5000 + minute) for minute in range(0, 50, 5)]
    office.write_text(office.read_text().replace("[office]", '[office]\nzone = "Pacific/Auckland"'))
    ledger = lay(office, *night)
    assert set(books.days(ledger)) == {("2026-10-30", "1f")}
    shown = run(office, "replay", "--since", "2026-10-01", "--json")
    assert shown.code == 1 or "2026-10" in shown.out
    looked = books.days(ledger)
    assert looked == books.days(ledger)
    applied = run(office, "replay", "--since", "2026-10-01", "--apply", *WHO)
    assert applied.code == 0, applied.err
    assert books.days(ledger) == {("2026-10-31", "1f"): 45}
    assert run(office, "replay", "--since", "2026-10-01", "--json").code == 0
    assert books.ask(ledger, "SELECT kind, why FROM entries") == [("rereading", "点検で確認")]


def test_a_corrected_profile_reads_the_past_again(office: Path, tmp_path: Path) -> None:
    """A side was taken for a sheet all along: the corrected profile takes the other counter."""
    polls = [Poll(at(10, day), "1f", 1000 + 10 * day) for day in (1, 5, 9)]
    ledger = lay(office, *polls)
    profile = tmp_path / "ours.toml"
    profile.write_text(
        'format = 1\nid = "ours"\nsource = "the panel"\n'
        '[[match]]\nobject_id = "1.3.6.1.4.1.99999"\n'
        '[scalars.twice]\noid = "1.3.6.1.4.1.99999.1.0"\n'
        '[scalars.scans]\noid = "1.3.6.1.4.1.99999.2.0"\n'
        '[meters]\ntotal = "twice"\nscan = "scans"\n'
    )
    shown = run(office, "replay", "--since", "2026-10-01", "--profile", profile, "--json")
    assert (shown.code, [one["difference"] for one in shown.json]) == (1, [80]), shown.err
    assert books.printed(ledger, "1f") == 80
    told = run(office, "replay", "--since", "2026-10-01", "--profile", profile)
    assert "3 件の検針を読み直しました" in told.err
    assert "カウンターの記録がないため、そのままのもの: scan" in told.err
    broken = tmp_path / "broken.toml"
    broken.write_text(profile.read_text().replace("total =", "totl ="))
    refused = run(office, "replay", "--since", "2026-10-01", "--profile", broken)
    assert refused.code == 78
    assert "broken.toml" in refused.err
    assert books.printed(ledger, "1f") == 80
    applied = run(office, "replay", "--since", "2026-10-01", "--profile", profile, "--apply", *WHO)
    assert applied.code == 0, applied.err
    assert books.printed(ledger, "1f") == 160
    assert sum(books.days(ledger).values()) == 160
    assert [one["total"] for one in books.readings(ledger, "1f")] == [1010, 1050, 1090]
    assert run(office, "replay", "--since", "2026-10-01", "--json").json == []


def test_another_fleet_file_shows_the_months_it_would_state(office: Path, tmp_path: Path) -> None:
    ledger = lay(office, *SILENT)
    other = tmp_path / "other"
    other.mkdir()
    write_fleet(other, [Spot("1f", 1), Spot("2f", 2, department="zeimu")])
    file = other / "fleet.toml"
    shown = run(office, "replay", "--since", "2026-10-01", "--fleet", file)
    assert shown.code == 1, shown.err
    row = next(line for line in shown.out.splitlines() if "zeimu" in line)
    assert "800" in row
    assert "総務課" in (office.parent / "fleet.toml").read_text()
    applied = run(office, "replay", "--since", "2026-10-01", "--fleet", file, "--apply", *WHO)
    assert applied.code == 0, applied.err
    assert (office.parent / "fleet.toml").read_bytes() == file.read_bytes()
    assert len(list(office.parent.glob("fleet.toml.*"))) == 1
    assert books.printed(ledger, "2f") == 800


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (
            ["--since", "2026-10-01", "--place", "9f"],
            "設置場所 '9f' はありません。あるもの: 1f、2f",
        ),
        (["--since", "2026-10-01", "--profile", "nope"], "プロファイルではありません"),
        (["--since", "2026-10-01", "--apply"], "--why"),
        (["--since", "October"], "October"),
    ],
)
def test_what_cannot_be_replayed_is_told(office: Path, args: list[str], told: str) -> None:
    lay(office, *SILENT)
    refused = run(office, "replay", *args)
    assert refused.code in {2, 78}
    assert told in " ".join(refused.err.split())
    assert json.dumps(refused.out) == '""'
