"""Failed acts, classed by what the caller does next.

    CollectorError
    |- ConfigError            every problem at once, with its path     -> exit 78, nothing started
    |- DeviceError            carries the place; isolate and back off
    |  |- DeviceUnreachable   no answer in time (a wrong v1/v2c community looks the same)
    |  |- DeviceRefused       SNMPv3 said no: wrong user, key or context -> slow retry, loud
    |  |- DeviceNonsense      an answer that cannot be understood      -> no reading, a finding
    |  `- DeviceNotAsked      we could not even ask: no descriptor free -> nothing about the machine
    |- SinkError              InfluxDB, MQTT; the ledger keeps every row
    |  |- SinkUnavailable     network, 408, 429, 5xx                   -> back off with jitter
    |  |  `- SinkStumbled     our code fell over what a server sent    -> the same, told as a bug
    |  `- SinkRefused         401, 403, 404: a person must act         -> slow retry, loud
    |- StoreUnavailable       the centre's database, at the centre     -> the site tries again later
    |  `- StoreFull           it has no room left
    `- LedgerError            cannot read or append                    -> stop the daemon, exit 70
       |- LedgerHeldUp        a full disk, a lock: it may pass          -> the daemon waits
       |- LedgerLost          another file stands where it was         -> the same, exit 70
       |- LedgerNone          no ledger was made yet                  -> nothing to read
       |- LedgerForbidden     this user may not read or write it       -> exit 70, as whom to ask
       `- LedgerMoved         somebody else wrote meanwhile            -> read again, do it again

Findings (`collector.domain.counting.findings`) are values, not exceptions.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from collector.domain.sentence import Fact, Sentence, verbatim


class CollectorError(Exception):
    """Root of every error this program raises on purpose."""

    owner: int | None = None
    """The id of the user who may do what this one may not, where that is all that is wrong."""


def said(code: str, **facts: object) -> Sentence:
    """Return the sentence `code` with its facts; the catalogue `problems` holds its words."""
    plain = {name: tuple(one) if isinstance(one, list) else one for name, one in facts.items()}
    return Sentence(code, cast("Mapping[str, Fact]", plain))


_CAUSES: Final = {
    *("ENOENT", "EACCES", "EPERM", "EISDIR", "ENOTDIR", "EEXIST", "ENOSPC", "EROFS", "EIO"),
    *("ENAMETOOLONG", "ELOOP", "EBUSY", "EMFILE", "EDQUOT", "EINVAL", "ECONNREFUSED"),
    *("ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT", "EADDRINUSE"),
}


def cause(error: OSError) -> Sentence:
    """Return what the operating system answered; its own words where the catalogue has none."""
    name = errno.errorcode.get(error.errno or 0, "")
    return Sentence(f"os.{name}") if name in _CAUSES else verbatim(error.strerror or str(error))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in what a person wrote: the file, the line from 1 where it is known, and the key.

    With a `column`, be it "", it is one in a spreadsheet. "environment" and "secrets" stand for
    files too: their keys are the names of variables and of secret files.
    """

    file: str
    line: int | None = None
    key: str = ""
    column: str | None = None

    def __str__(self) -> str:
        """Write it as all problems do: `fleet.toml:12: place[0] "2f".address`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.column is not None:
            place = f"{self.file}: line {self.line}"
            place += f", column {self.column}" if self.column else ""
        return f"{place}: {self.key}" if self.key else place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was configured: where (`collector.toml:8: influx.url`) and what.

    `path` and `message` are `spot` and `said` in English, as programs read them.
    """

    path: str
    message: str
    spot: Spot = field(compare=False)
    said: Sentence = field(compare=False)


class ConfigError(CollectorError):
    """The configuration cannot be used. `problems` holds all of them, at least one."""

    def __init__(self, problems: Sequence[Problem], owner: int | None = None) -> None:
        """Keep `problems` in the order in which a reader of the files would meet them."""
        self.problems = tuple(problems)
        self.owner = owner
        super().__init__("; ".join(f"{one.path}: {one.message}" for one in self.problems))


class DeviceError(CollectorError):
    """One machine could not be read; no other machine is concerned."""

    def __init__(self, place: str, message: str) -> None:
        """Say which `place` and, in one sentence, what happened and what to do."""
        self.place = place
        self.message = message
        super().__init__(f"{place}: {message}")


class DeviceUnreachable(DeviceError):
    """No answer in time. Over v1 and v2c a wrong community looks exactly the same."""


class DeviceRefused(DeviceError):
    """The machine answered that this credential may not read it."""


class DeviceNonsense(DeviceError):
    """The machine answered something that is no answer to the question."""


class DeviceNotAsked(DeviceError):
    """This program could not ask: it ran out of descriptors or memory. The machine may be fine."""


class SinkError(CollectorError):
    """Rows could not be handed over; they stay in the ledger."""


class SinkUnavailable(SinkError):
    """Try again later; `retry_after_s` is what the server asks for, where it does."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        """Keep the time that the server asks for beside the sentence."""
        self.retry_after_s = retry_after_s
        super().__init__(message)


class SinkStumbled(SinkUnavailable):
    """A mistake of this program in dealing with a server; its cause is the exception.

    It costs that delivery and nothing else: pages are counted, and every row stays in the ledger.
    """


class SinkRefused(SinkError):
    """The server will say no until a person changes something; the message says what."""


class StoreUnavailable(CollectorError):
    """The centre's database cannot be asked now; a site tries again later."""


class StoreFull(StoreUnavailable):
    """The centre's database has no room left."""


class LetterNotTaken(CollectorError):
    """A receiver did not take a letter; it is sent again later."""


class LedgerError(CollectorError):
    """The ledger cannot be read or appended to. Pages must not be counted without it."""


class LedgerHeldUp(LedgerError):
    """The ledger cannot be written for a reason that may pass; it is whole and as it was."""


class LedgerLost(LedgerError):
    """The ledger's file was removed, replaced or overwritten while it was open."""


class LedgerDamaged(LedgerError):
    """Something in the ledger is not what was written; what it was, its file does not tell."""


class LedgerNone(LedgerError):
    """There is no ledger yet: the service was never started."""


class LedgerForbidden(LedgerError):
    """The ledger is there, and this user may not read it, or not write it; `owner` may."""

    def __init__(self, message: str, owner: int) -> None:
        """Keep who may beside the sentence."""
        self.owner = owner
        super().__init__(message)


class LedgerMoved(LedgerError):
    """What was worked out rests on a past that has changed meanwhile; work it out again."""
