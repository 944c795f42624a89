"""Debian's own snmpd over SNMPv3: signed, encrypted, and no printer at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.snmp import COMMUNITY, USERS, SnmpServer, snmpd
from tests.stories import books
from tests.stories.office import Spot, credentials, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

SETTINGS_NAMES = {"SHA": "sha1", "SHA256": "sha256", "AES": "aes128", "AES256": "aes256"}
SIGNED_AND_HIDDEN = {user.user: user for user in USERS if user.user in {"sha-aes", "sha256-aes256"}}


WRONG = "not the phrase"


def keys_of(name: str, wrong: str = "") -> dict[str, str]:
    user = SIGNED_AND_HIDDEN[name]
    return {
        "version": "3",
        "user": user.user,
        "auth_protocol": SETTINGS_NAMES[user.auth_protocol or ""],
        "auth_password": user.auth_key or "",
        "priv_protocol": SETTINGS_NAMES[user.priv_protocol or ""],
        "priv_password": user.priv_key or "",
    } | ({wrong: WRONG} if wrong else {})


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpServer]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as server:
        yield server


@pytest.fixture
def config(agent: SnmpServer, tmp_path: Path) -> Path:
    keys = {
        "sha-aes": keys_of("sha-aes"),
        "sha256-aes256": keys_of("sha256-aes256"),
        "wrong-auth": keys_of("sha-aes", "auth_password"),
        "wrong-priv": keys_of("sha-aes", "priv_password"),
        "wrong-user": keys_of("sha-aes") | {"user": "nobody-here"},
        "community": {"version": "2c", "community": COMMUNITY},
        "wrong-community": {"version": "2c", "community": "not-this-one"},
    }
    return write_office(
        tmp_path, [Spot(name, agent.port, name) for name in keys], credentials(keys), "en"
    )


@pytest.mark.parametrize("place", ["sha-aes", "sha256-aes256", "community"])
def test_a_machine_that_is_no_printer_is_read_and_named_so(config: Path, place: str) -> None:
    polled = command("poll", place, "--json", "--config", config)

    assert polled.code == 1
    answer = polled.json
    assert answer["meters"] == {}
    assert answer["identity"]["object_id"].startswith("1.3.6.1.4.1.8072.3.2")
    assert [one["code"] for one in answer["findings"]] == ["total_missing"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("wrong-auth", "auth_password"),
        ("wrong-priv", "priv_password"),
        ("wrong-user", "user"),
        ("wrong-community", "community"),
    ],
)
def test_a_wrong_key_is_told_in_one_sentence(config: Path, place: str, words: str) -> None:
    polled = command("poll", place, "--config", config)

    assert (polled.code, polled.out) == (1, "")
    assert polled.err.count("\n") == 1
    assert polled.err.startswith(f"error: {place}: ")
    assert words in polled.err
    assert "phrase" not in polled.err


def test_the_daemon_reads_it_and_says_once_what_is_refused(config: Path) -> None:
    ledger = config.with_name("ledger.sqlite3")
    with daemon(config) as running:
        until(lambda: books.readings(ledger, "sha-aes") == [{}], "a reading without meters")
        refused = [
            running.says("place refuses this credential", place=place)
            for place in ("wrong-auth", "wrong-user")
        ]
        until(lambda: len(books.findings(ledger)) >= 5, "findings")
        assert running.terminate() == 0, running.text

    assert all(
        line["reason"].endswith("correct them") or "user" in line["reason"] for line in refused
    )
    told = {(code, place) for code, place, _ in books.findings(ledger)}
    assert {("total_missing", "sha-aes"), ("device_refused", "wrong-auth")} <= told
    assert "signing phrase" not in running.text
    assert "hiding phrase" not in running.text
