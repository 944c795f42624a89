"""What every memory of a reader promises, on the fake ledger and on the file."""

from collector.bootstrap.machines import NotedMemory
from tests.contract.ledger_cases import Opened


async def test_what_was_remembered_is_recalled(opened: Opened) -> None:
    memory = NotedMemory(opened.ledger)
    assert await memory.recall("machine|serial:A") is None
    await memory.remember("machine|serial:A", "東京 \\u0000 'quoted'\n")
    await memory.remember("machine|serial:B", "")
    assert await memory.recall("machine|serial:A") == "東京 \\u0000 'quoted'\n"
    assert await memory.recall("machine|serial:B") == ""


async def test_the_newest_replaces_what_was_there(opened: Opened) -> None:
    memory = NotedMemory(opened.ledger)
    for text in ("one", "two"):
        await memory.remember("machine|serial:A", text)
    assert await memory.recall("machine|serial:A") == "two"


async def test_a_restart_forgets_nothing(opened: Opened) -> None:
    await NotedMemory(opened.ledger).remember("machine|serial:A", "text")
    assert await NotedMemory(await opened.restart()).recall("machine|serial:A") == "text"


async def test_the_notes_of_others_are_left_alone(opened: Opened) -> None:
    await opened.ledger.set_note("told-of|2f", "device_silent")
    memory = NotedMemory(opened.ledger)
    await memory.remember("told-of|2f", "mine")
    assert await opened.ledger.note("told-of|2f") == "device_silent"
    assert await memory.recall("told-of|2f") == "mine"
