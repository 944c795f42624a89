"""The daemon is cut off in the middle of its work, again and again: the sums stay right."""

import itertools
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

CUTS = 5
PAGES = 60
MAKERS = ("ricoh", "canon", "kyocera", "konica", "brother", "generic")


def test_no_page_is_lost_or_counted_twice(tmp_path: Path) -> None:
    dice = random.Random(2026)
    with copiers() as machines:
        spots = []
        for number, maker in enumerate(MAKERS):
            machine = SimulatedMachine(
                maker, f"Copier {number}", f"SERIAL{number}", Printed(100 * number)
            )
            spots.append(Spot(f"p{number}", machines.add(f"p{number}", machine)))
        config = write_office(tmp_path / "office", spots)
        ledger = config.with_name("ledger.sqlite3")
        places = [spot.place for spot in spots]
        began = time.monotonic()
        with daemon(config) as running:
            until(lambda: all(books.readings(ledger, one) for one in places), "first readings")
            running.kill()
        start_and_round_s = time.monotonic() - began
        first = {place: machines.total(place) for place in places}

        for cut in range(CUTS):
            for place in places:
                machines.print(place, 1 + dice.randrange(9), dice.randrange(4))
            with daemon(config, ready=False) as running:
                # Cut somewhere between the start of the interpreter and the end of the round.
                until_the_cut_s = start_and_round_s * (cut + 1) / CUTS
                for place in itertools.islice(itertools.cycle(places), PAGES):
                    machines.print(place, 1)
                    time.sleep(2 * dice.random() * until_the_cut_s / PAGES)
                running.kill()
            assert books.is_sound(ledger)

        with daemon(config) as running:
            until(
                lambda: all(
                    books.readings(ledger, one)[-1]["total"] == machines.total(one)
                    for one in places
                ),
                "the last page of every machine was read",
            )
            assert running.terminate() == 0, running.text

        grown = {place: machines.total(place) - first[place] for place in places}
        counted = {place: books.printed(ledger, place) for place in places}
        assert counted == grown
        by_day = dict.fromkeys(places, 0)
        for (_, place), pages in books.days(ledger).items():
            by_day[place] += pages
        assert by_day == grown
        assert {code for code, _, _ in books.findings(ledger)} <= {"weak_identity"}


def test_cut_off_while_a_machine_says_the_same_again_no_page_is_lost(tmp_path: Path) -> None:
    """Then the ledger does not know when it was heard last; what it printed, it does."""
    with copiers() as machines:
        machine = SimulatedMachine("ricoh", "Copier", "SERIAL0", Printed(100))
        config = write_office(tmp_path / "office", [Spot("p0", machines.add("p0", machine))])
        ledger = config.with_name("ledger.sqlite3")

        def is_read() -> bool:
            read = books.readings(ledger, "p0")
            return bool(read) and read[-1]["total"] == machines.total("p0")

        with daemon(config) as running:
            until(is_read, "the first reading")
            first = machines.total("p0")
            machines.print("p0", 5)
            until(is_read, "what was printed first")
            asked = machines.requests("p0")
            until(lambda: machines.requests("p0") > asked + 2, "three more polls")
            heard_by = datetime.now(UTC).timestamp()  # noqa: TID251 - the daemon has no other
            running.kill()
        assert books.is_sound(ledger)
        told = "SELECT max(s.seen_at, coalesce(h.at, 0)) FROM place_states s LEFT JOIN heard h"
        ((known,),) = books.ask(ledger, told)
        assert known < heard_by - 5, "the last of them is not in the ledger"
        machines.print("p0", 7)
        with daemon(config) as running:
            until(is_read, "the last page")
            assert running.terminate() == 0, running.text
        assert books.printed(ledger, "p0") == machines.total("p0") - first == 12
        assert sum(books.days(ledger).values()) == 12
