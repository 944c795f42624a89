"""Debian's Chromium without a window, driven over its DevTools protocol."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.patience import PATIENCE_S
from tests.servers.process import ServerProcess, binary

_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-port=0"),
)


class Tab:
    """One page of a browser: what it asked for, what it complained about, what is in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Drive the page at the other end of `socket`."""
        self._socket = socket
        self._number = 0
        self.events: list[dict[str, Any]] = []

    async def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call `method` and return its result; events that come meanwhile are kept."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json(timeout=PATIENCE_S)
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    async def open(self, path: Path) -> None:
        """Show the file at `path` and wait until it is loaded."""
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.send(f"{domain}.enable")
        await self.send("Page.navigate", url=path.as_uri())
        while not any(one.get("method") == "Page.loadEventFired" for one in self.events):
            self.events.append(await self._socket.receive_json(timeout=PATIENCE_S))
        await self.value("document.fonts.ready.then(() => true)")

    async def value(self, expression: str) -> Any:  # noqa: ANN401 - whatever the script returns
        """Return what `expression` comes to in the page."""
        found = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def media(self, **features: str) -> None:
        """Show the page as readers with these preferences see it."""
        stated = [
            {"name": name.replace("_", "-"), "value": text} for name, text in features.items()
        ]
        await self.send("Emulation.setEmulatedMedia", features=stated)

    async def width(self, pixels: int) -> None:
        """Make the window so wide."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=800,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def pdf(self) -> bytes:
        """Return the page as it goes to paper, by its own page sizes."""
        found = await self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(found["data"])

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for."""
        return [
            one["params"]["request"]["url"]
            for one in self.events
            if one.get("method") == "Network.requestWillBeSent"
        ]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """Everything on the console."""
        told = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}
        return [one["params"] for one in self.events if one.get("method") in told]


@asynccontextmanager
async def browser_tab(folder: Path) -> AsyncIterator[Tab]:
    """Run a browser with a new profile in `folder` and give its one tab; it is gone afterwards."""
    profile = folder / "profile"
    told = profile / "DevToolsActivePort"
    command = [binary("chromium"), *_QUIET, f"--user-data-dir={profile}", "about:blank"]
    server = ServerProcess(
        command, folder / "chromium.log", lambda: told.is_file() and bool(told.read_text())
    )
    await asyncio.to_thread(server.start)
    try:
        port = told.read_text().split()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json()
            address = next(one for one in targets if one["type"] == "page")["webSocketDebuggerUrl"]
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        await asyncio.to_thread(server.stop)
