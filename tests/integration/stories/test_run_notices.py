"""The daemon tells its readers: targets passed, once each over a restart; nothing is lost."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.receivers import Mailbox, Webhook, mail_server, webhook
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

AWAKE = """
[alerts]
enabled = true
quiet_hours = ""
quiet_days_off = false
gap_s = 0
timeout_s = 5
"""
START = SimulatedMachine("canon", "iR-ADV C3830", "CAN00001", Printed(print_mono=500))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


def settings(box: Mailbox, hook: Webhook) -> str:
    return f"""{AWAKE}
[receivers.managers]
apprise_url = "mailto://127.0.0.1:{box.port}?to=soumu@example.jp&from=c@example.jp&mode=insecure"
tells = ["targets"]

[receivers.it]
apprise_url = "json://127.0.0.1:{hook.port}/"
tells = ["machines", "ledger", "sinks"]
"""


def small_office(folder: Path, port: int, more: str) -> Path:
    """Return the configuration of an office whose department has a target of 10."""
    config = write_office(folder, [Spot("hall", port, department="zeimu")], more)
    config.chmod(0o600)
    fleet = config.with_name("fleet.toml")
    fleet.write_text(fleet.read_text("utf-8").replace("default = 900", "default = 10"), "utf-8")
    return config


def lines(box: Mailbox) -> list[str]:
    """Return what was told by mail, without what to do."""
    return [one for text in box.texts() for one in text.splitlines() if one.startswith("・")]


def waiting(ledger: Path) -> str:
    """Return what the ledger's notes keep of notices."""
    return str(books.ask(ledger, "SELECT text FROM notes WHERE key = 'notices'")[0][0])


def test_a_department_passes_eighty_and_a_hundred_per_cent(
    tmp_path: Path, box: Mailbox, hook: Webhook
) -> None:
    with copiers() as machines:
        port = machines.add("hall", START)
        config = small_office(tmp_path, port, settings(box, hook))
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.print("hall", 8)
            until(lambda: len(near(box)) == 1, "80 % told")
            assert running.terminate() == 0, running.text
        told = len(lines(box))
        with daemon(config) as again:
            until(lambda: len(again.lines("collector is ready")) == 1, "a restart")
            machines.print("hall", 3)
            until(lambda: len(over(box)) == 1, "100 % told")
            machines.print("hall", 1)
            until(lambda: books.printed(ledger, "hall") == 12, "more pages")
            again.says("notices sent", receiver="managers")
            assert again.terminate() == 0, again.text
        assert not again.lines("notices cannot be worked out")
    assert (len(near(box)), len(over(box))) == (1, 1)
    assert len(lines(box)) == told + 1
    assert "税務課" in over(box)[0]
    assert "目標 10面 を 1面超えました（11面、110%）" in over(box)[0]
    assert hook.asked == 0, "IT is not told of targets"


def near(box: Mailbox) -> list[str]:
    return [one for one in lines(box) if "に達しました" in one]


def over(box: Mailbox) -> list[str]:
    return [one for one in lines(box) if "超えました" in one]


def test_a_receiver_that_refuses_is_one_finding_and_gets_all_of_it_later(
    tmp_path: Path, box: Mailbox, hook: Webhook
) -> None:
    hook.status = 500
    with copiers() as machines:
        port = machines.add("hall", START)
        office = settings(box, hook).replace('["machines", "ledger", "sinks"]', '["targets"]')
        config = small_office(tmp_path, port, office)
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.print("hall", 11)
            until(lambda: len(over(box)) == 1, "the other one told")
            until(lambda: hook.asked == 1, "one try")
            until(lambda: '"failures": 1' in waiting(ledger), "the failure noted")
            machines.print("hall", 1)
            until(lambda: books.printed(ledger, "hall") == 12, "polls go on")
            assert running.terminate() == 0, running.text
        assert "over|" in waiting(ledger), "what was not taken waits"
    assert (hook.asked, hook.got) == (1, []), "it is left alone for a minute"
    rehearsed = command("alerts", "rehearse", "--json", "--config", config).json
    assert {one["receiver"] for one in rehearsed} == {"managers", "it"}
    assert any(one["topic"].startswith("over|") for one in rehearsed)


def test_a_receiver_that_hangs_holds_up_neither_polls_nor_the_end(
    tmp_path: Path, box: Mailbox, hook: Webhook
) -> None:
    hook.holds = threading.Event()
    with copiers() as machines:
        port = machines.add("hall", START)
        office = settings(box, hook).replace('["machines", "ledger", "sinks"]', '["targets"]')
        office = office.replace(f":{hook.port}/", f":{hook.port}/?rto=300")
        config = small_office(tmp_path, port, office)
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config, env={"COPIER_FLEET__ALERTS__TIMEOUT_S": "300"}) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.print("hall", 11)
            until(lambda: hook.asked == 1, "a letter that hangs")
            machines.print("hall", 1)
            until(lambda: books.printed(ledger, "hall") == 12, "polls go on")
            assert running.terminate() == 0, running.text
        assert running.lines("a notice was on its way")
        hook.holds.set()
        until(lambda: len(hook.got) == 1, "the letter that nobody waits for any more")
        with daemon(config) as again:
            until(lambda: len(hook.got) == 2, "sent again")
            assert again.terminate() == 0, again.text
    assert "超えました" in hook.got[1]["message"]


def test_an_address_of_no_service_is_told_before_anything_starts(tmp_path: Path) -> None:
    more = f'{AWAKE}\n[receivers.it]\napprise_url = "carrier-pigeon://roof"\n'
    config = write_office(tmp_path, [Spot("hall", 9)], more)
    with daemon(config, ready=False) as running:
        assert running.ends() == 78
    assert "receivers.it.apprise_url" in running.text
    assert "carrier-pigeon" not in running.text
