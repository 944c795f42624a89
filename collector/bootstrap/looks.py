"""What is looked at before a person is told that all is well, one thing at a time.

Nothing is written, and each look stands for itself: one that fails costs no other.
"""

import ctypes
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from grp import getgrgid
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Final

from collector.adapters.clock import SystemClock
from collector.app.centre.agreement import Centre
from collector.bootstrap.office import has_ledger, look_at, open_ledger, refuse_damaged
from collector.bootstrap.sinks import sinks_of, why_grafana_reads_nothing
from collector.domain.sentence import Fact, Sentence, sentence, verbatim
from collector.errors import CollectorError, ConfigError, LedgerError, SinkError

if TYPE_CHECKING:
    from collector.app.load_fleet import Loading
    from collector.settings.load import Loaded

GIGABYTE: Final = 10**9
_LEAST_FREE: Final = GIGABYTE // 5
"""Less is soon nothing: SQLite needs room beside the file, and so does each backup."""
_LITTLE_FREE: Final = 2 * GIGABYTE
_OF_GRAFANA: Final = "/etc/default/grafana-server"
_LOG: Final = join(("journalctl", "-u", "copier-fleet", "-n", "50"))
_BESIDE: Final = ("", "-wal", "-shm", ".lock", ".mark")
_EVERYONE_WRITES: Final = 0o002
_NOT_KEPT: Final = 5
"""What adjtimex(2) answers where nothing keeps the clock: TIME_ERROR."""
_TIMEX_OCTETS: Final = 512
"""More than any system's struct timex; all of it zero asks and changes nothing."""


class Health(StrEnum):
    """Whether a person has to do something."""

    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at. `text` says what was found, `line` what to type next, where that helps.

    `owner` is the user who could have looked where this one may not. `is_silent` is true of a
    machine that did not answer at all.
    """

    subject: str
    health: Health
    text: Sentence
    line: str | None = None
    owner: int | None = None
    is_silent: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nobody has to do anything."""
        return self.health is not Health.PROBLEM


def good(subject: str, text: Sentence) -> Checked:
    """Return that all is well with `subject`."""
    return Checked(subject, Health.OK, text)


def bad(subject: str, error: CollectorError, line: str | None = None) -> Checked:
    """Return what is wrong with `subject`."""
    said = error.problems[0].said if isinstance(error, ConfigError) else verbatim(str(error))
    return Checked(subject, Health.PROBLEM, said, line, error.owner)


async def ledger_looks(loaded: "Loaded") -> list[Checked]:
    """Return whether the ledger is whole, and whether the fleet file agrees with its past."""
    path = loaded.settings.ledger.path
    if not has_ledger(loaded.settings):
        return [good("ledger", sentence("check.ledger_later", path=str(path)))]
    try:
        ledger = await open_ledger(loaded.settings, read_only=True)
        try:
            size = await ledger.size()
            loading = await look_at(ledger, loaded, SystemClock().now())
        finally:
            await ledger.close()
        if loaded.settings.ledger.database is None:
            await refuse_damaged([path])
    except LedgerError as error:
        return [bad("ledger", error)]
    text = verbatim(f"{size.path}, {size.bytes / 1e6:,.1f} MB")
    return [good("ledger", text), *_past(loading)]


def _past(loading: "Loading") -> Iterator[Checked]:
    for place in loading.changes.misnamed:
        text = sentence("check.misnamed", place=place.id, was=place.was or "")
        yield Checked("fleet", Health.PROBLEM, text)
    places = dict.fromkeys(one.subject for one in loading.differences)
    if places:
        text = sentence("check.past_days", places=tuple(places))
        yield Checked("fleet", Health.PROBLEM, text)


def secrets_looks(loaded: "Loaded") -> list[Checked]:
    """Return that this user may not read the secrets, where that is so."""
    try:
        loaded.settings.refuse_unread()
    except ConfigError as error:
        return [bad("secrets", error)]
    return []


async def sink_looks(loaded: "Loaded") -> list[Checked]:
    """Return what each sink answers; nothing where the secrets for that cannot be read."""
    if loaded.settings.lacks_secrets:
        return []
    results = []
    for sink in sinks_of(loaded.settings):
        try:
            told = verbatim(await sink.check())
            is_odd = isinstance(sink, Centre) and bool(sink.warning)
            results.append(Checked(sink.name, Health.NOTICE if is_odd else Health.OK, told))
        except SinkError as error:
            results.append(bad(sink.name, error, _LOG))
        finally:
            await sink.close()
    return results or [good("sinks", sentence("check.no_sink"))]


async def reader_look(loaded: "Loaded") -> Checked:
    """Return whether Grafana's account, which the environment names as there, reads InfluxDB."""
    from collector.settings.layers import GRAFANAS

    influx = loaded.settings.influx
    user, password = (os.environ.get(name, "") for name in GRAFANAS)
    if not influx.is_on:
        return Checked("reader", Health.PROBLEM, sentence("check.reader_no_influx"))
    if not user or not password:
        text = sentence("check.reader_unnamed", names=GRAFANAS, file=_OF_GRAFANA)
        return Checked("reader", Health.PROBLEM, text)
    try:
        why = await why_grafana_reads_nothing(loaded.settings, user, password)
    except SinkError as error:
        return bad("reader", error)
    if why is None:
        database = influx.bucket or influx.database
        return good("reader", sentence("check.reader_reads", user=user, database=database))
    if not await _has_written(loaded):
        return Checked("reader", Health.NOTICE, sentence("check.reader_nothing_yet"))
    return Checked("reader", Health.PROBLEM, why)


async def _has_written(loaded: "Loaded") -> bool:
    """Say whether the ledger was ever handed over to InfluxDB; of one that is not there, no."""
    if not has_ledger(loaded.settings):
        return False
    try:
        ledger = await open_ledger(loaded.settings, read_only=True)
    except LedgerError:
        return False
    try:
        return await ledger.cursor("influx") > 0
    finally:
        await ledger.close()


# The machine that this runs on.


def permission_looks(ledger: Path) -> list[Checked]:
    """Return whether the files beside the ledger are all its folder's owner's, who writes them."""
    from collector.user_files.report import user_name

    folder = ledger.parent
    try:
        owner = folder.stat()
        beside = [Path(f"{ledger}{end}") for end in _BESIDE]
        strange = tuple(
            one.name for one in beside if one.exists() and one.stat().st_uid != owner.st_uid
        )
    except OSError:
        return []  # what cannot be seen is told of the ledger itself
    name = user_name(owner.st_uid)
    if strange:
        text = sentence("doctor.strange_files", files=strange, folder=str(folder), owner=name)
        whose = f"{name.removeprefix('#')}:{_group_name(owner.st_gid)}"
        line = join(("sudo", "chown", "-R", whose, str(folder)))
        return [Checked("permissions", Health.PROBLEM, text, line)]
    if owner.st_mode & _EVERYONE_WRITES:
        text = sentence("doctor.open_folder", folder=str(folder))
        line = join(("sudo", "chmod", "o-w", str(folder)))
        return [Checked("permissions", Health.PROBLEM, text, line)]
    return [good("permissions", sentence("doctor.owner", folder=str(folder), owner=name))]


def _group_name(group: int) -> str:
    try:
        return getgrgid(group).gr_name
    except KeyError:
        return str(group)


def disk_looks(ledger: Path) -> list[Checked]:
    """Return how much room is left where the ledger lies."""
    folder = next((one for one in ledger.parents if os.access(one, os.X_OK)), Path("/"))
    free = shutil.disk_usage(folder).free
    facts: Mapping[str, Fact] = {"folder": str(folder), "free": free / GIGABYTE}
    if free >= _LITTLE_FREE:
        return [good("disk", sentence("doctor.disk", **facts))]
    health = Health.PROBLEM if free < _LEAST_FREE else Health.NOTICE
    line = join(("sudo", "du", "-xhd2", "/var"))
    return [Checked("disk", health, sentence("doctor.disk_full", **facts), line)]


def is_clock_kept() -> bool | None:
    """Say whether something keeps this machine's clock (NTP); None where nobody can tell."""
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_OCTETS))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != _NOT_KEPT


async def name_looks(hosts: Sequence[str]) -> list[Checked]:
    """Return whether each host name of the fleet file leads to an address."""
    from collector.bootstrap.discovery import where_hosts_lead

    if not hosts:
        return [good("names", sentence("doctor.no_names"))]
    known, lost = await where_hosts_lead(hosts)
    if not lost:
        return [good("names", sentence("doctor.names", count=len(known)))]
    missing = [one for one in dict.fromkeys(hosts) if one not in known]
    line = join(("getent", "ahosts", missing[0]))
    return [Checked("names", Health.PROBLEM, sentence("list", items=tuple(lost)), line)]
