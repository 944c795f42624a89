"""A calibration between two commands comes back as it was, and says nothing of people."""

import json
from collections.abc import Callable

import pytest

from collector.adapters.snmp.recording.discretion import shipped
from collector.calibration.fits import Kept, kept_from, kept_text
from collector.calibration.machine import examine
from collector.calibration.verdicts import settle
from collector.errors import ConfigError
from tests.unit.snmp.calibration.panels import (
    ACME,
    NAMED,
    examined,
    first_round,
    later_round,
    panel,
)
from tests.unit.snmp.machines import life
from tests.unit.snmp.machines import shipped as profiles

MACHINE = (
    NAMED,
    life(121_100),
    {
        "1.3.6.1.2.1.1.4.0": "佐藤 一郎",
        "1.3.6.1.2.1.1.6.0": "2階 総務課",
        f"{ACME}1.0": bytes(range(256)),
        f"{ACME}2.0": 38_804,
        f"{ACME}3.0": "合計|with a bar",
        f"{ACME}4.0": (1, 3, 6, 1),
        f"{ACME}5.0": -3,
    },
)


async def test_it_comes_back_and_proves_the_same() -> None:
    machine = await examined(*MACHINE)
    rounds = (
        first_round(machine, panel(copy=38_804, fax=3)),
        later_round(machine, panel(copy=38_809), {f"{ACME}2.0": 38_809}),
    )
    kept = Kept("hall", machine.plan.identity.key, machine.rows, rounds)
    text = kept_text(kept, shipped())
    assert "佐藤" not in text
    assert "総務" not in text
    back = kept_from(text, "state.json")
    assert (back.target, back.machine) == (kept.target, kept.machine)
    assert back.rounds == rounds
    people = {(1, 3, 6, 1, 2, 1, 1, 4, 0), (1, 3, 6, 1, 2, 1, 1, 6, 0)}
    assert back.rows == {oid: row for oid, row in machine.rows.items() if oid not in people}
    again = await examine(back.rows, profiles(), shipped())
    assert settle(again, back.rounds) == settle(machine, rounds)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda _: "[]",
        lambda _: "null",
        lambda text: text[:-20],
        lambda text: text.replace("copier-fleet calibration", "something else"),
        lambda text: text.replace('"format": 1', '"format": 2'),
        lambda text: text.replace('"copy"', '"kopy"'),
        lambda text: text.replace("|65|", "|what|"),
        lambda text: text.replace("+00:00", ""),
        lambda text: json.dumps({**json.loads(text), "rounds": []}),
        lambda text: json.dumps({**json.loads(text), "rows": 3}),
    ],
)
async def test_a_damaged_file_is_refused_in_one_sentence(damage: Callable[[str], str]) -> None:
    machine = await examined(*MACHINE)
    kept = Kept("hall", "serial:1", machine.rows, (first_round(machine, panel(copy=38_804)),))
    with pytest.raises(ConfigError) as caught:
        kept_from(damage(kept_text(kept, shipped())), "state.json")
    (problem,) = caught.value.problems
    assert problem.path == "state.json"
    assert problem.message.endswith("begin anew without --round2")
