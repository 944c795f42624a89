"""Whoever is written to, on loopback: a mail server and a webhook that keep what they get."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_GREETING = b"220 loopback\r\n"


@dataclass(slots=True)
class Mailbox:
    """A mail server: what came, and what it says to a mail (`250` takes it)."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    answer: str = "250 taken"
    connections: int = 0

    def titles(self) -> list[str]:
        """Return the subjects of all mails, as people read them."""
        return [str(make_header(decode_header(str(one["Subject"])))) for one in self.mails]

    def texts(self) -> list[str]:
        """Return their texts."""
        return [_text(one) for one in self.mails]

    def files(self) -> list[dict[str, str]]:
        """Return of each mail the texts that were attached to it, by name."""
        return [
            {str(part.get_filename()): _decoded(part) for part in one.walk() if part.get_filename()}
            for one in self.mails
        ]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak SMTP with one client (RFC 5321, no more than a mail needs)."""
        self.connections += 1
        writer.write(_GREETING)
        while line := await reader.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                octets = await reader.readuntil(b"\r\n.\r\n")
                if self.answer.startswith("2"):
                    self.mails.append(message_from_bytes(octets[:-5].replace(b"\r\n..", b"\r\n.")))
                writer.write(self.answer.encode() + b"\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()
        writer.close()


def _text(mail: Message) -> str:
    parts = [one for one in mail.walk() if one.get_content_type() == "text/plain"]
    return _decoded(parts[0])


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(part.get_content_charset("utf-8"))


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server in a thread of its own."""
    box, loop, ready = Mailbox(), asyncio.new_event_loop(), threading.Event()

    async def begin() -> asyncio.Server:
        server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
        box.port = server.sockets[0].getsockname()[1]
        ready.set()
        return server

    server = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield box
    finally:

        def end() -> None:
            server.close()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.call_soon(loop.stop)

        loop.call_soon_threadsafe(end)
        thread.join()
        loop.close()


@dataclass(slots=True)
class Webhook:
    """A web server that takes JSON, or answers with another `status`."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    status: int = 200
    location: str = ""
    holds: threading.Event | None = None


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Run a webhook in a thread of its own."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            hook.asked += 1
            if hook.holds is not None:
                hook.holds.wait()
            if hook.status == 200:
                hook.got.append(json.loads(octets))
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        if hook.holds is not None:
            hook.holds.set()
        server.shutdown()
        server.server_close()
        thread.join()
