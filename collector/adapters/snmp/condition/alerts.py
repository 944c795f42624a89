"""What a machine reports of itself: prtAlertTable (RFC 3805), with the maker's own words."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.plan import ReadingPlan
from collector.domain.counting.findings import Severity
from collector.domain.counting.reading import Alert
from collector.domain.sentence import Sentence, sentence
from collector.texts import ENGLISH

# What the numbers of prtAlertTable stand for: PrtAlertCodeTC and PrtAlertGroupTC (RFC 3805).


CODES: Final[Mapping[int, str]] = {
    1: "other",
    2: "unknown",
    3: "cover open",
    4: "cover closed",
    5: "interlock open",
    6: "interlock closed",
    7: "configuration changed",
    8: "jam",
    9: "missing",
    10: "life almost over",
    11: "life over",
    12: "almost empty",
    13: "empty",
    14: "almost full",
    15: "full",
    16: "near its limit",
    17: "at its limit",
    18: "opened",
    19: "closed",
    20: "turned on",
    21: "turned off",
    22: "offline",
    23: "power saver",
    24: "warming up",
    25: "added",
    26: "removed",
    27: "resource added",
    28: "resource removed",
    29: "recoverable failure",
    30: "unrecoverable failure",
    31: "recoverable storage error",
    32: "unrecoverable storage error",
    33: "motor failure",
    34: "memory exhausted",
    35: "too cold",
    36: "too hot",
    37: "timing failure",
    38: "thermistor failure",
    501: "door open",
    502: "door closed",
    503: "powered up",
    504: "powered down",
    505: "reset over the network",
    506: "reset by hand",
    507: "ready to print",
    801: "tray missing",
    802: "paper size changed",
    803: "paper weight changed",
    804: "paper type changed",
    805: "paper colour changed",
    806: "form parts changed",
    807: "paper low",
    808: "paper empty",
    809: "wants other paper",
    810: "wants paper fed by hand",
    811: "tray position failure",
    812: "tray elevation failure",
    813: "cannot feed the size selected",
    901: "output tray missing",
    902: "output tray almost full",
    903: "output tray full",
    904: "mailbox select failure",
    1001: "fuser too cold",
    1002: "fuser too hot",
    1003: "fuser timing failure",
    1004: "fuser thermistor failure",
    1005: "adjusting print quality",
    1101: "toner empty",
    1102: "ink empty",
    1103: "ribbon empty",
    1104: "toner almost empty",
    1105: "ink almost empty",
    1106: "ribbon almost empty",
    1107: "waste toner box almost full",
    1108: "waste ink box almost full",
    1109: "waste toner box full",
    1110: "waste ink box full",
    1111: "drum life almost over",
    1112: "drum life over",
    1113: "developer almost empty",
    1114: "developer empty",
    1115: "toner cartridge missing",
    1301: "media path tray missing",
    1302: "media path tray almost full",
    1303: "media path tray full",
    1304: "cannot print this paper on both sides",
    1501: "interpreter memory increased",
    1502: "interpreter memory decreased",
    1503: "interpreter cartridge added",
    1504: "interpreter cartridge removed",
    1505: "interpreter resource added",
    1506: "interpreter resource removed",
    1507: "interpreter resource unavailable",
    1509: "page too complex",
    1801: "alert removed",
}
"""Code -> words that are also its name."""

UNTOLD: Final = frozenset({1, 2})
"""Codes that say nothing: only the maker's text tells such alerts apart."""

ASLEEP: Final = frozenset({23, 504})
"""The machine, or a part of it, saves power."""

ROUTINE: Final = frozenset(
    {*ASLEEP, 4, 6, 7, 19, 20, 24, 25, 27, 35, 502, 503, 505, 506, 507}
    | {802, 803, 804, 805, 806, 1001, 1005, 1501, 1503, 1505, 1801}
)
"""What happens on any ordinary day: something was closed, set, warmed or got ready.

A cold fuser is how a machine saves power; where it is a failure, the alert is critical.
"""

INPUT: Final = 8
SUPPLIES: Final = 11
GROUPS: Final[Mapping[int, str]] = {
    5: "printer",
    6: "cover",
    8: "paper tray",
    9: "output tray",
    10: "print engine",
    11: "supply",
    12: "colorant",
    13: "paper path",
    14: "data channel",
    15: "interpreter",
    16: "console",
    30: "finisher",
    31: "finisher supply",
    32: "inserter",
}


MOST: Final = 24
"""No more alerts than this are followed: the worst, and of those the newest."""

_MOST_WALKED: Final = 256
_SEVERITIES: Final[Mapping[int, Severity]] = {
    3: Severity.ERROR,  # critical: the machine stands still
    4: Severity.WARNING,  # something happened
    5: Severity.WARNING,  # something lasts
}
_FIELD_SERVICE: Final = 5
"""prtAlertTrainingLevel: only a service engineer can help."""

_COLUMNS: Final = (
    mib.ALERT_TRAINING,
    mib.ALERT_GROUP,
    mib.ALERT_GROUP_INDEX,
    mib.ALERT_CODE,
    mib.ALERT_TEXT,
)
_SLEEP: Final = re.compile(
    r"\bsleep(?:ing)?\b|\b(?:power|energy)[ -]?sav|\bstand-?by\b|\blow[ -]power"
    r"|スリープ|節電|省電力|省エネ|低電力|休止"
)
_AWAKE: Final = re.compile(r"\b(?:off|exiting|cancell?ed|waking)\b|解除|復帰")


async def read_alerts(session: Session) -> Mapping[Oid, Value]:
    """Return the cells of the alerts that are in the table now; none give an empty mapping."""
    found = await session.walk(mib.ALERT_SEVERITY, _MOST_WALKED)
    rows = sorted(found, key=lambda name: (_severity(found[name]), name), reverse=True)[:MOST]
    if not rows:
        return {}
    indexes = [name[len(mib.ALERT_SEVERITY) :] for name in rows]
    cells = tuple((*column, *index) for index in indexes for column in _COLUMNS)
    return {name: found[name] for name in rows} | dict(await session.get(cells))


def _severity(value: Value) -> int:
    severity = _SEVERITIES.get(value) if isinstance(value, int) else None
    return {Severity.ERROR: 2, Severity.WARNING: 1}.get(severity or Severity.INFO, 0)


def alerts_of(plan: ReadingPlan, cells: Mapping[Oid, Value]) -> tuple[Alert, ...]:
    """Return the alerts in `cells`, the worst first; one condition in several rows is one."""
    width = len(mib.ALERT_SEVERITY)
    rows = sorted(name[width:] for name in cells if name[:width] == mib.ALERT_SEVERITY)
    found = {one.key: one for one in (_alert(plan, cells, index) for index in rows)}
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.severity), one.key)))


def _alert(plan: ReadingPlan, cells: Mapping[Oid, Value], index: Oid) -> Alert:
    def number(column: Oid) -> int | None:
        value = cells.get((*column, *index))
        return value if isinstance(value, int) else None

    group, at, code = (
        number(one) for one in (mib.ALERT_GROUP, mib.ALERT_GROUP_INDEX, mib.ALERT_CODE)
    )
    raw = cells.get((*mib.ALERT_TEXT, *index))
    said = clean(raw, charset=plan.charsets.texts) if isinstance(raw, bytes) else None
    severity = _SEVERITIES.get(number(mib.ALERT_SEVERITY) or 0, Severity.INFO)
    if code in ROUTINE and severity is Severity.WARNING:
        severity = Severity.INFO
    return Alert(
        key=_key(group, at, code, said),
        severity=severity,
        text=said or ENGLISH.say(_words(group, code)),
        code=CODES.get(code or 0, "other"),
        part=_part(plan, group, at),
        for_service=number(mib.ALERT_TRAINING) == _FIELD_SERVICE,
        said=None if said else _words(group, code),
    )


def _key(group: int | None, at: int | None, code: int | None, said: str | None) -> str:
    """Return the condition's name: its row in the table is another one each time it appears.

    The text counts only where the code says nothing, since texts change with the language and
    with what is left ("toner 4 %").
    """
    name = ".".join("-" if one is None else str(one) for one in (group, at, code))
    if code not in CODES or code in UNTOLD:
        name += "." + hashlib.sha256((said or "").encode()).hexdigest()[:8]
    return name


def _words(group: int | None, code: int | None) -> Sentence:
    part = sentence(f"alert.part.{group}" if group in GROUPS else "alert.part.machine")
    if code is None:
        what = sentence("alert.code.none")
    elif code in CODES and code not in UNTOLD:
        what = sentence(f"alert.code.{code}")
    else:
        what = sentence("alert.code.unknown", code=code)
    return sentence("alert.of_part", part=part, what=what)


def _part(plan: ReadingPlan, group: int | None, at: int | None) -> str | None:
    """Return the name of the supply or tray that an alert is about (prtAlertGroupIndex)."""
    names: Mapping[str, str] = {}
    if group == SUPPLIES:
        names = {one.key: one.name for one in plan.supplies}
    elif group == INPUT:
        names = {one.key: one.name for one in plan.trays}
    return next((name for key, name in names.items() if key.endswith(f".{at}")), None)


def says_asleep(alert: Alert) -> bool:
    """Say whether `alert` is the machine's way of saying that it saves power."""
    if alert.severity is Severity.ERROR:
        return False
    words = {CODES[code] for code in ASLEEP}
    return alert.code in words or is_sleep(alert.text)


def is_sleep(text: str) -> bool:
    """Say whether a line of a panel means that the machine sleeps."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SLEEP.search(folded) is not None and _AWAKE.search(folded) is None
