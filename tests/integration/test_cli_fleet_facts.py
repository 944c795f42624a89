"""A fleet file that is edited does not rewrite the past; `fleet apply` does, when it is told to."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.stories import books
from tests.stories.months_gone import Past, Stood, fill
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import Ended, command, daemon

pytestmark = pytest.mark.integration

STAYS, RETURNED = Spot("1f-mado", 1), Spot("3f-kaigi", 2, department="zeimu")
WHO = ("--by", "高橋", "--why", "年度途中の移管")


def run(config: Path, *args: str | Path) -> Ended:
    return command(*args, "--config", config)


def start_once(config: Path) -> str:
    """Start the service and stop it again; return its log."""
    with daemon(config) as running:
        assert running.terminate() == 0, running.text
        return running.text


def months(config: Path, *names: str) -> dict[tuple[str, str], int]:
    """Return (month, department) -> pages, as `month` states them."""
    found: dict[tuple[str, str], int] = {}
    for name in names:
        shown = run(config, "month", name, "--format", "json")
        assert shown.code == 0, shown.err
        found |= {(name, one["department"]): one["pages"] for one in shown.json}
    return found


def waiting(config: Path) -> list[str]:
    """Return the places of which findings about the fleet file wait for a person."""
    found = command("findings", "--config", config, "--open", "--json").json
    codes = {"fleet_differs", "place_vanished"}
    return [one["subject"] for one in found if one["code"] in codes]


def close(config: Path, *names: str) -> None:
    for name in names:
        plan = run(config, "close", name, "--estimate-now", "--json")
        done = run(config, "close", name, "--estimate-now", "--apply", plan.json["checksum"])
        assert done.code == 0, done.err


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, Past]:
    """Return an office with two months gone, whose fleet file was loaded once."""
    config = write_office(tmp_path / "office", [STAYS, RETURNED])
    past = fill(
        config.with_name("ledger.sqlite3"),
        Stood(STAYS.place, "STAYS111", 40_000),
        Stood(RETURNED.place, "RETURNED1", 90_000, silent_days=5),
    )
    start_once(config)
    return config, past


def answer_from(spot: Spot, spans: Mapping[str, str], more: str = "") -> str:
    """Return the lines of one place with these departments by the day from which they answer."""
    text = f'\n[[place]]\nid = "{spot.place}"\nname = "窓口"\naddress = "127.0.0.1"\n'
    text += f"port = {spot.port}\n{more}"
    for start, department in spans.items():
        text += f'[[place.department]]\nid = "{department}"\nfrom = {start}\n'
    return text


def append(config: Path, *texts: str) -> None:
    """Leave a fleet file without places but those of `texts`."""
    write_fleet(config.parent, [])
    fleet = config.with_name("fleet.toml")
    fleet.write_text(fleet.read_text(encoding="utf-8") + "".join(texts), encoding="utf-8")


def test_a_copier_that_was_returned_keeps_its_months(office: tuple[Path, Past]) -> None:
    config, past = office
    older, newer = past.older.name, past.newer.name
    close(config, older)
    before = months(config, older, newer)
    write_fleet(config.parent, [STAYS])
    for _ in range(2):  # as a command sees it, and once the service has recorded it
        assert months(config, older, newer) == before
        plan = run(config, "close", older)
        assert (plan.code, plan.out) == (0, ""), "the closed month has no revision"
        shown = run(config, "fleet", "apply")
        assert shown.code == 0, shown.out
        log = start_once(config)
    ledger = config.with_name("ledger.sqlite3")
    told = [one for one in books.findings(ledger) if one[0] == "place_vanished"]
    assert [one[1] for one in told] == [RETURNED.place], "told once"
    heard = books.ask(
        ledger,
        "SELECT date(max(at) + 9 * 3600, 'unixepoch') FROM reading_list WHERE place = ?",
        RETURNED.place,
    )[0][0]
    assert f"until = {heard}" in told[0][2]
    assert "would change days gone by" not in log
    asked = run(config, "status", "--json").json
    assert [one["place"] for one in asked["places"]] == [STAYS.place]
    close(config, newer)
    sealed = run(config, "statement", "show", newer, "--json").json
    assert sealed["completeness"]["estimated"] == [], "it is silent because it is gone"
    assert sealed["total"] == sum(before[newer, one] for one in ("soumu", "zeimu"))


def test_a_sealed_guess_stays_until_somebody_says_when_the_copier_left(
    office: tuple[Path, Past],
) -> None:
    config, past = office
    newer = past.newer.name
    close(config, past.older.name, newer)
    sealed = run(config, "statement", "show", newer, "--json").json
    write_fleet(config.parent, [STAYS])
    for _ in range(2):
        plan = run(config, "close", newer)
        assert (plan.code, plan.out) == (0, ""), plan.err
        start_once(config)
    end = (past.newer.end - timedelta(days=5)).isoformat()
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu"}),
        answer_from(RETURNED, {"2020-01-01": "zeimu"}, f"until = {end}\n"),
    )
    close(config, newer)
    revised = run(config, "statement", "show", newer, "--json").json
    assert revised["completeness"]["estimated"] == []
    assert revised["total"] < sealed["total"]


def test_a_renamed_id_ends_and_another_begins(office: tuple[Path, Past]) -> None:
    config, past = office
    before = months(config, past.older.name, past.newer.name)
    new = Spot("3f-shokudo", RETURNED.port)
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu"}),
        answer_from(new, {"2020-01-01": "zeimu"}, f'was = "{RETURNED.place}"\n'),
    )
    start_once(config)
    assert months(config, past.older.name, past.newer.name) == before
    codes = [one[0] for one in books.findings(config.with_name("ledger.sqlite3"))]
    assert "place_vanished" not in codes
    assert "fleet_differs" not in codes


def move(config: Path, past: Past) -> str:
    """Let the file give the pages of 1f away in the middle of the older month; return the day."""
    moved = (past.older.start + timedelta(days=10)).isoformat()
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu", moved: "zeimu"}),
        answer_from(RETURNED, {"2020-01-01": "zeimu"}),
    )
    return moved


def test_another_past_is_shown_and_waits(office: tuple[Path, Past]) -> None:
    config, past = office
    newer = past.newer.name
    close(config, past.older.name)
    before = months(config, newer)
    moved = move(config, past)
    log = start_once(config)
    assert "copier-fleet fleet apply" in log
    stated = run(config, "month", newer, "--format", "json")
    assert {(newer, one["department"]): one["pages"] for one in stated.json} == before
    assert "fleet apply" in stated.err
    assert waiting(config) == [STAYS.place]
    shown = run(config, "fleet", "apply", "--json")
    assert shown.code == 1, shown.err
    (difference,) = shown.json["differences"]
    assert (difference["place"], difference["from"]) == (STAYS.place, moved)
    assert (difference["now"], difference["then"]) == ({"soumu": 100}, {"zeimu": 100})
    by_key = {(one["month"], one["department"]): one for one in shown.json["months"]}
    assert by_key[newer, "soumu"]["pages_then"] == 0
    assert by_key[past.older.name, "zeimu"]["closed"]
    assert months(config, newer) == before, "only looked at"


def test_another_past_is_applied_and_a_closed_month_adjusted(office: tuple[Path, Past]) -> None:
    config, past = office
    older, newer = past.older.name, past.newer.name
    close(config, older)
    before = months(config, older, newer)
    move(config, past)
    done = run(config, "fleet", "apply", "--apply", *WHO)
    assert done.code == 0, done.err
    assert f"copier-fleet close {older}" in done.err
    after = months(config, older, newer)
    assert after[newer, "soumu"] == 0
    assert after[newer, "zeimu"] == before[newer, "soumu"] + before[newer, "zeimu"]
    assert after[older, "soumu"] == before[older, "soumu"], "it is closed"
    close(config, older)
    revised = run(config, "statement", "show", older, "--json").json
    assert {one["cause"] for one in revised["adjustments"]} == {"moved"}
    assert run(config, "fleet", "apply", "--apply", *WHO).code == 2, "nothing is left"
    assert waiting(config) == []
    sql = "SELECT DISTINCT recorded_by, why FROM fleet_facts ORDER BY recorded_by"
    assert ("高橋", "年度途中の移管") in books.ask(config.with_name("ledger.sqlite3"), sql)


def test_an_end_that_lies_before_counted_pages_waits(office: tuple[Path, Past]) -> None:
    config, past = office
    newer = past.newer.name
    before = months(config, newer)
    end = (past.newer.start + timedelta(days=3)).isoformat()
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu"}, f"until = {end}\n"),
        answer_from(RETURNED, {"2020-01-01": "zeimu"}),
    )
    start_once(config)
    shown = run(config, "fleet", "apply", "--json")
    assert shown.code == 1
    assert [(one["place"], one["until"]) for one in shown.json["differences"]] == [
        (STAYS.place, end)
    ]
    assert months(config, newer) == before
    assert run(config, "fleet", "apply", "--apply", *WHO).code == 0
    assert months(config, newer) == before, "counted pages stay with who answered last"
    assert run(config, "fleet", "apply").code == 0


def test_a_guess_ends_with_the_place(office: tuple[Path, Past]) -> None:
    """It was carried away five days before the month's end: sealed with a guess, then told."""
    config, past = office
    close(config, past.older.name, past.newer.name)
    sealed = run(config, "statement", "show", past.newer.name, "--json").json
    assert sealed["completeness"]["estimated"] == [RETURNED.place]
    end = (past.newer.end - timedelta(days=5)).isoformat()
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu"}),
        answer_from(RETURNED, {"2020-01-01": "zeimu"}, f"until = {end}\n"),
    )
    assert run(config, "fleet", "apply").code == 0, "no counted day is concerned"
    start_once(config)
    close(config, past.newer.name)
    revised = run(config, "statement", "show", past.newer.name, "--json").json
    assert revised["completeness"]["estimated"] == []
    guessed = sealed["total"] - revised["total"]
    assert guessed > 0
    assert {one["cause"] for one in revised["adjustments"]} == {"guess"}


def test_closing_day_takes_effect_with_the_next_month(tmp_path: Path) -> None:
    config = write_office(tmp_path / "office", [STAYS])
    past = fill(config.with_name("ledger.sqlite3"), Stood(STAYS.place, "STAYS111", 40_000))
    start_once(config)
    today = datetime.now(UTC) + timedelta(hours=9)  # noqa: TID251 - the program has no other
    running = f"{today:%Y-%m}"
    before = months(config, past.older.name, past.newer.name, running)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('country = ""', 'country = ""\nclosing_day = 12'))
    for _ in range(2):
        assert months(config, past.older.name, past.newer.name, running) == before
        start_once(config)
    terms = books.ask(
        config.with_name("ledger.sqlite3"),
        "SELECT facts ->> 'since', facts ->> 'closing_day' FROM fleet_facts WHERE kind = 'office'"
        " ORDER BY seq",
    )
    following = (date(today.year, today.month, 1) + timedelta(days=32)).strftime("%Y-%m")
    assert terms == [("", "last"), (following, 12)]


@pytest.mark.parametrize(
    ("edit", "args", "code", "told"),
    [
        ("until = 2019-12-31\n", ("month",), 78, "最初の日 2020-01-01 より前です"),
        ('until = "soon"\n', ("month",), 78, "日付ではありません"),
        (f'was = "{STAYS.place}"\n', ("check",), 78, "はまだこのファイルにあります"),
        ('was = "3f-kaigo"\n', ("fleet", "apply"), 78, "3f-kaigi のことですか"),
        ("", ("fleet", "apply", "--apply"), 2, "--why"),
        ("", ("fleet", "apply", "--apply", *WHO), 2, ""),
        ("", ("fleet", "apply", "--file", "nope.toml"), 2, "nope.toml"),
    ],
)
def test_what_cannot_be_meant_is_told(
    office: tuple[Path, Past], edit: str, args: tuple[str, ...], code: int, told: str
) -> None:
    config, _ = office
    append(
        config,
        answer_from(STAYS, {"2020-01-01": "soumu"}),
        answer_from(RETURNED, {"2020-01-01": "zeimu"}, edit),
    )
    refused = run(config, *args)
    assert refused.code == code, refused.err
    assert told in " ".join(refused.err.split())
    assert "Traceback" not in refused.err
