"""The sections about the office, its files, the polling and the log."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from collector.domain.office.office_calendar import Office
from collector.domain.office.work_calendars import YearDay
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.values import (
    CadenceName,
    Clock,
    ClosedDays,
    ClosingDay,
    Country,
    FilePath,
    Hours,
    Ids,
    Label,
    Language,
    Listen,
    LogFormatName,
    LogLevel,
    Matters,
    MunicipalityCode,
    Number,
    Plain,
    QuietTime,
    Section,
    Stamps,
    Weekend,
    Whole,
    WorkingHours,
    Zone,
)


class OfficeSettings(Section):
    """The office: who it is, when it works, when its months close."""

    site: Label = "town-hall"
    """Short id of this office; part of every MQTT topic and a tag of every point."""

    zone: Zone = Field(default_factory=lambda: zoneinfo.ZoneInfo("Asia/Tokyo"))
    """Time zone (IANA name) that decides days and closing months; changes with the next month."""

    country: Country = "JP"
    """Country whose public holidays are days off (ISO code), or "" for none."""

    subdivision: Plain | None = None
    """Part of the country with holidays of its own, like BY in DE; unset for none."""

    closed_days: ClosedDays = (
        YearDay(12, 29),
        YearDay(12, 30),
        YearDay(12, 31),
        YearDay(1, 2),
        YearDay(1, 3),
    )
    """The office's own days off: month-day for every year, or full dates."""

    weekend: Weekend = Field(default=frozenset({5, 6}), validate_default=False)
    """Weekdays on which nobody works."""

    working_hours: Hours = WorkingHours(dt.time(8, 30), dt.time(17, 15))
    """Working time; usage across a month's end is split in proportion to it."""

    closing_day: ClosingDay = "last"
    """Last day of a closing month, 1 to 31 or "last"; a change holds from the next month on."""

    fiscal_year_start: Annotated[Whole, Field(ge=1, le=12)] = 4
    """Month with which the fiscal year begins: 4 for April."""

    language: Language = Language.JA
    """Language of tables and messages: ja or en."""

    def closed_dates(self, first_year: int, last_year: int) -> frozenset[dt.date]:
        """Return the office's own days off in these years, both inclusive; no public holidays."""
        days = (day.dates(first_year, last_year) for day in self.closed_days)
        return frozenset[dt.date]().union(*days)

    def office(self, closed: frozenset[dt.date]) -> Office:
        """Return the domain's office with `closed` as its days off, public holidays included."""
        return Office(
            site=self.site,
            zone=self.zone,
            closed=closed,
            weekend=self.weekend,
            opens=self.working_hours.opens,
            closes=self.working_hours.closes,
            closing_day=self.closing_day,
            year_begins=self.fiscal_year_start,
        )

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield keys that need one another."""
        if self.subdivision is not None and not self.country:
            yield "subdivision", said("needs_country")


class FleetSettings(Section):
    """Where the fleet file and own profiles lie."""

    file: FilePath = Path("fleet.toml")
    """The fleet file: departments, places, targets. Relative to the folder of this file."""

    profiles: FilePath | None = None
    """Folder with your own vendor profiles (TOML), read besides the built-in ones."""

    low_confidence: bool = False
    """Read counters too whose meaning is weakly known or contradicted (confidence L)."""


class FactorsSettings(Section):
    """Where the factors lie that turn pages into money, time and CO2."""

    file: FilePath | None = None
    """Prices and factors with date and source; unset: no money, no hours, no CO2."""


class LedgerSettings(Section):
    """Where the ledger lies, and how long it keeps every reading."""

    path: FilePath = Path("/var/lib/copier-fleet/ledger.sqlite3")
    """The ledger. Unset under systemd: ledger.sqlite3 in the service's state folder."""

    database: SecretStr | None = None
    """Where many sites keep their ledgers: this site's is read there, and nothing is recorded."""

    keep_readings_months: Annotated[Whole, Field(ge=13, le=1200)] | None = None
    """Whole months for which every reading is kept; then a closed month keeps those that its
    statement and estimates rest on. Unset keeps all for ever."""


class PollingSettings(Section):
    """How often and how gently machines are asked."""

    interval_s: Annotated[Whole, Field(ge=10, le=86400)] = 300
    """Seconds between two polls of one place."""

    cadence: CadenceName = "steady"
    """Whether machines are asked as often at night as by day (steady), or seldom while nobody works
    there, and not at all while they sleep (office); around midnights always."""

    rest_rounds: Annotated[Whole, Field(ge=2, le=288)] = 12
    """With cadence "office" a machine is asked out of working time once in so many intervals."""

    timeout_s: Annotated[Number, Field(ge=0.1, le=60)] = 3.0
    """Seconds to wait for one answer."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 1
    """How often an unanswered request is sent again within one poll."""

    concurrency: Annotated[Whole, Field(ge=1, le=1000)] = 32
    """How many machines are asked at the same time, at most; silent ones count for themselves."""

    jitter_s: Annotated[Whole, Field(ge=0, le=3600)] | None = None
    """Polls of one round are spread over this many seconds; unset: over the whole interval."""

    subnet_packets_per_s: Annotated[Number, Field(gt=0, le=10000)] | None = None
    """Packets a second to one subnet (/24, of IPv6 /64), at most; unset: no limit."""

    backoff_max_s: Annotated[Whole, Field(ge=10, le=86400)] = 3600
    """A machine that stays silent is asked ever less often, down to once in this many seconds."""

    heartbeat_s: Annotated[Whole, Field(ge=60, le=86400)] = 3600
    """An unchanged meter is written down again after this many seconds."""

    stop_grace_s: Annotated[Number, Field(ge=0, le=300)] = 10
    """Seconds that polls in flight get to finish when the service stops."""

    drain_s: Annotated[Number, Field(ge=0, le=300)] = 10
    """Seconds that InfluxDB and MQTT get to take the rest when the service stops."""

    silent_after_h: Annotated[Number, Field(gt=0, le=8760)] = 24
    """Hours without an answer after which a copier is reported as silent."""

    slow_s: Annotated[Number, Field(gt=0, le=300)] = 5.0
    """A poll that takes longer than this many seconds counts as slow and is named."""

    @property
    def rounds_at_rest(self) -> int | None:
        """In how many intervals a place that rests is asked once; None where none ever rests."""
        return self.rest_rounds if self.cadence == "office" else None

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield times that do not fit into one another."""
        if self.timeout_s * (self.retries + 1) >= self.interval_s:
            yield "timeout_s", said("poll_fits")
        if (self.jitter_s or 0) * 2 > self.interval_s:
            yield "jitter_s", said("half_interval")
        if self.backoff_max_s < self.interval_s:
            yield "backoff_max_s", said("not_below_interval")
        if self.heartbeat_s < self.interval_s:
            yield "heartbeat_s", said("not_below_interval")


class ReportSettings(Section):
    """What the monthly report looks like."""

    stamps: Stamps | None = None
    """Titles of the stamp boxes, five at most; [] for none, unset for those of the language."""

    base_year: Annotated[Whole, Field(ge=1990, le=2099)] | None = None
    """Base year of the environmental plan; unset: the one from which targets are measured."""


class OpenDataSettings(Section):
    """Who publishes open data, and under which licence: for `copier-fleet export`."""

    municipality_code: MunicipalityCode | None = None
    """全国地方公共団体コード, six digits with the check digit; unset refuses the export."""

    municipality: Plain | None = None
    """Name of the municipality; unset refuses the export."""

    licence: Plain = "CC BY 4.0"
    """Licence of the data, as the file beside it says."""


class PagesSettings(Section):
    """The pages that always show this month, for those who open no Grafana."""

    dir: FilePath | None = None
    """Folder of the pages, of an intranet share or a web server; unset means off."""


class LettersSettings(Section):
    """The monthly letters: one page for each department and for the office."""

    dir: FilePath | None = None
    """Folder in which the letters of a month are written once it is closed; unset means off."""


class ClosingSettings(Section):
    """When and by whom months are closed."""

    automatic: bool = False
    """Whether the daemon closes each month by itself once the grace time is over."""

    grace_days: Annotated[Whole, Field(ge=0, le=60)] = 3
    """Working days after a month's end that a silent copier is waited for."""

    by: Plain | None = None
    """Who closes a month by command where --by is not given; unset asks for it."""


class PaperSettings(Section):
    """When paper that was bought and not counted is worth a look."""

    unexplained_pct: Annotated[Whole, Field(ge=1, le=100)] = 20
    """Per cent of the paper used in a quarter or fiscal year beyond which what nothing accounts for
    is a finding, where all of its range lies beyond."""


class MonitoringSettings(Section):
    """Where a monitoring program asks how the service is."""

    listen: Listen | None = None
    """Address of this machine itself, with a port, like 127.0.0.1:9469; unset means off."""

    @property
    def host_and_port(self) -> tuple[str, int] | None:
        """The address and the port to listen on; None where it is off."""
        if not self.listen:
            return None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class AlertsSettings(Section):
    """What is told of its own accord, and when; off by default."""

    enabled: bool = False
    """Whether anybody is written to at all."""

    near_pct: Annotated[Whole, Field(ge=1, le=99)] = 80
    """Per cent of its target from which a department is told that it comes near."""

    quiet_hours: QuietTime = WorkingHours(dt.time(18), dt.time(8))
    """Hours in which nothing is sent, over midnight too; "" for none."""

    quiet_days_off: bool = True
    """Whether nothing is sent on days off either: weekends, holidays, closed days."""

    digest_at: Clock = dt.time(8, 30)
    """When what waited is sent, and all that is told once a day; not in quiet hours."""

    gap_s: Annotated[Whole, Field(ge=0, le=7200)] = 900
    """Seconds between two letters to one receiver: what comes meanwhile comes together."""

    timeout_s: Annotated[Number, Field(ge=1, le=300)] = 30.0
    """Seconds that one letter may take."""

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield a digest that nobody would get."""
        if self.quiet_hours is not None and _lies_within(self.digest_at, self.quiet_hours):
            yield "digest_at", said("digest_quiet")


def _lies_within(at: dt.time, hours: WorkingHours) -> bool:
    if hours.opens < hours.closes:
        return hours.opens <= at < hours.closes
    return at >= hours.opens or at < hours.closes


class ReceiverSettings(Section):
    """Somebody who is written to."""

    apprise_url: SecretStr | None = None
    """Address as apprise writes it (mailto://, msteams://, slack://, json://); a secret file."""

    tells: Matters = ("targets", "closing", "questions", "machines", "ledger", "sinks")
    """What they are told of: targets, closing, questions, machines, ledger, sinks; [] for letters
    alone."""

    daily: bool = False
    """Whether they get all of it once a day, with the digest."""

    letters: Ids = ()
    """Whose monthly letter they are sent once a month is closed: ids of departments, or
    whole_office; none by default."""

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield an address that is missing, and somebody who is told of nothing."""
        if self.apprise_url is None or not self.apprise_url.get_secret_value():
            yield "apprise_url", said("receiver_url")
        if not self.tells and not self.letters:
            yield "tells", said("receiver_tells")


class LogSettings(Section):
    """What is logged and how."""

    format: LogFormatName = "auto"
    """auto, text or json; auto suits a terminal as well as the journal."""

    level: LogLevel = LogLevel.INFO
    """debug, info, warning or error."""
