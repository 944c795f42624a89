"""The loop of notices: what goes wrong in it costs notices only, and it ends when it is told to."""

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from collector.bootstrap import notices
from collector.domain.notices import Letter
from collector.errors import LedgerError, LetterNotTaken
from collector.runtime.notifier import Notifier
from tests.unit.settings.files import loaded


async def nothing() -> None:
    """Nothing to do."""


async def finished(notifier: Notifier, drain_s: float = 5.0) -> None:
    """Tell it to finish and see it end."""
    async with asyncio.TaskGroup() as group:
        group.create_task(notifier.run())
        await asyncio.sleep(0)
        notifier.finish(drain_s)


async def test_a_mistake_is_told_once_and_the_next_round_is_tried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looked = 0

    async def look() -> None:
        nonlocal looked
        looked += 1
        if looked < 3:
            raise ZeroDivisionError
        notifier.finish(5.0)

    notifier = Notifier(look, nothing, nothing, every_s=0.0)
    with caplog.at_level(logging.ERROR):
        await notifier.run()
    assert looked == 3
    assert [one.message for one in caplog.records] == [
        "notices cannot be worked out; pages are counted all the same"
    ]


async def test_a_ledger_that_fails_is_no_mistake_of_notices() -> None:
    async def look() -> None:
        raise LedgerError("gone")

    with pytest.raises(LedgerError):
        await Notifier(look, nothing, nothing, every_s=0.0).run()


async def test_it_notes_what_it_has_in_mind_before_it_ends() -> None:
    noted = []

    async def note() -> None:
        noted.append(1)

    await finished(Notifier(nothing, nothing, note, every_s=60.0))
    assert noted == [1]


async def test_a_letter_on_its_way_gets_the_time_to_drain_and_no_more() -> None:
    async def deliver() -> None:
        await asyncio.Event().wait()

    await finished(Notifier(nothing, deliver, nothing, every_s=60.0), drain_s=0.01)


class Hanging:
    """A receiver that never comes back."""

    name = "it"

    def __init__(self) -> None:
        """Hang until it is let go."""
        self.let_go = threading.Event()

    def send(self, letter: Letter) -> None:
        """Hang."""
        del letter
        self.let_go.wait()


async def test_a_receiver_that_never_comes_back_is_given_up(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[alerts]\ntimeout_s = 1\n").settings
    receiver = Hanging()
    try:
        with pytest.raises(LetterNotTaken, match=r"秒|seconds"):
            await notices.hand_over(receiver, Letter("a", "b"), settings)
    finally:
        receiver.let_go.set()


def test_what_may_be_told_is_what_there_is_to_tell(tmp_path: Path) -> None:
    config = '[receivers.it]\napprise_url = "json://127.0.0.1/"\n'
    (reader,) = notices.post_of(loaded(tmp_path, config).settings).readers
    from collector.domain.notices import Matter  # noqa: PLC0415 - what is compared

    assert reader.matters == frozenset(Matter)
