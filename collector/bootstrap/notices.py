"""Who is told of its own accord: the settings' receivers, and letters in the office's language."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from collector.domain.notices import Letter
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.sentence import sentence
from collector.errors import CollectorError, ConfigError, LetterNotTaken, Spot
from collector.ports import Clock
from collector.runtime.sweep import aside
from collector.texts import Texts
from collector.user_files.report import problem_at

if TYPE_CHECKING:
    from collector.app.notices import Post
    from collector.domain.notices import LetterTopic, Notice, Receiver
    from collector.domain.office.office_calendar import Office
    from collector.settings.load import Loaded
    from collector.settings.model import Settings

_LOG = logging.getLogger(__name__)


def post_of(settings: "Settings") -> "Post":
    """Return who is told of what, and when."""
    from collector.app.notices import Post
    from collector.domain.notices import Addressee, Matter, QuietHours

    alerts = settings.alerts
    quiet = alerts.quiet_hours
    begins, ends = (quiet.opens, quiet.closes) if quiet is not None else (time(0), time(0))

    def hours(office: "Office") -> QuietHours:
        return QuietHours(office, begins, ends, alerts.digest_at, alerts.quiet_days_off)

    def named(department: Department) -> str:
        in_english = settings.office.language != "ja" and department.name_en
        return in_english or department.name

    readers = tuple(
        Addressee(
            name,
            frozenset(map(Matter, one.tells)),
            one.daily,
            frozenset(map(DepartmentId, one.letters)),
        )
        for name, one in settings.receivers.items()
    )
    gap = timedelta(seconds=alerts.gap_s)
    return Post(readers, hours, alerts.near_pct / 100, gap, named)


def receivers_of(loaded: "Loaded") -> "Mapping[str, Receiver]":
    """Return the receivers by their names; nobody is contacted yet.

    Raises ConfigError with every address that names no service there is, and where this user may
    not read them.
    """
    from collector.adapters.receivers import AppriseReceiver

    settings = loaded.settings
    settings.refuse_unread()
    say = _texts(settings).say
    found = {
        name: AppriseReceiver(name, one.apprise_url.get_secret_value(), say)
        for name, one in settings.receivers.items()
        if one.apprise_url is not None
    }
    told = sentence("letter.unknown_service")
    problems = [
        problem_at(Spot(loaded.config_path.name, key=f"receivers.{name}.apprise_url"), told)
        for name, one in found.items()
        if not one.is_known()
    ]
    if problems:
        raise ConfigError(problems)
    return found


async def hand_over(receiver: "Receiver", letter: Letter, settings: "Settings") -> None:
    """Give `letter` to `receiver` beside everything else; raises LetterNotTaken, in time."""
    limit_s = settings.alerts.timeout_s
    try:
        await aside(lambda: receiver.send(letter), limit_s)
    except TimeoutError as error:
        slow = sentence("letter.too_slow", seconds=f"{limit_s:g}")
        raise LetterNotTaken(_texts(settings).say(slow)) from error


def letter_of(
    notices: "Sequence[Notice]",
    lost: int,
    settings: "Settings",
    files: Mapping[str, bytes] | None = None,
) -> Letter:
    """Return `notices` as one letter in the office's language, with these `files`."""
    texts, site = _texts(settings), settings.office.site
    lines = []
    for advice, alike in groupby(notices, key=lambda one: one.advice):
        lines += [texts("letter.notice", said=one.said) for one in alike]
        if advice is not None:  # said once of all that it is about
            lines.append(texts("letter.advice", advice=advice))
    if lost:
        lines.append(texts("letter.lost", notices=lost))
    title = texts("letter.of_many", site=site, notices=len(notices))
    if len(notices) == 1:
        title = texts("letter.of_one", site=site, said=notices[0].said)
    return Letter(title, "\n".join(lines), files or {})


def trial_letter(receiver: str, settings: "Settings") -> Letter:
    """Return a letter that only says that it arrives."""
    texts, site = _texts(settings), settings.office.site
    said = sentence("letter.test", receiver=receiver)
    return Letter(texts("letter.of_one", site=site, said=said), texts.say(said))


Files = Callable[["Sequence[LetterTopic]"], Awaitable[Mapping[str, bytes]]]
"""Makes the monthly letters as files; raises CollectorError or TimeoutError."""


def sender(
    receivers: "Mapping[str, Receiver]", settings: "Settings", files: Files
) -> "Callable[[str, Sequence[Notice], int], Awaitable[None]]":
    """Return what writes to a receiver, and logs that it did.

    A monthly letter goes as one of `files` too, where the receiver takes such. One that cannot be
    made keeps no letter back: the text says the same.
    """
    from collector.domain.notices import LetterTopic

    async def made(receiver: "Receiver", notices: "Sequence[Notice]") -> Mapping[str, bytes]:
        topics = [one for each in notices if (one := LetterTopic.of(each.topic)) is not None]
        if not topics or not receiver.takes_files():
            return {}
        try:
            return await files(topics)
        except (CollectorError, TimeoutError) as error:
            fields = {"receiver": receiver.name, "reason": str(error)}
            _LOG.warning("a monthly letter is sent as text alone", extra=fields)
            return {}

    async def send(name: str, notices: "Sequence[Notice]", lost: int) -> None:
        receiver = receivers[name]
        letter = letter_of(notices, lost, settings, await made(receiver, notices))
        await hand_over(receiver, letter, settings)
        _LOG.info("notices sent", extra={"receiver": name, "notices": len(notices)})

    return send


class Since:
    """Remembers since when things are bad, by name."""

    def __init__(self, clock: Clock) -> None:
        """Begin with all good."""
        self._clock = clock
        self._since: dict[str, datetime] = {}

    def of(self, name: str, *, is_bad: bool) -> datetime | None:
        """Return since when `name` is bad; None where it is not now."""
        if not is_bad:
            self._since.pop(name, None)
            return None
        return self._since.setdefault(name, self._clock.now())


def _texts(settings: "Settings") -> Texts:
    return Texts(settings.office.language, settings.office.zone)
