"""Work that may take long, or for ever, done beside the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T], limit_s: float) -> T:
    """Return what `work` returns, or raise what it raises; polls go on meanwhile.

    Raises TimeoutError after `limit_s`. What hangs is left behind and hinders nobody, not even the
    end of the process: a file on a server that does not answer cannot be given up otherwise.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # of what `work` returned

    def run() -> None:
        result, raised = None, None
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            raised = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=run, name="aside", daemon=True).start()
    async with asyncio.timeout(limit_s):
        return await done
