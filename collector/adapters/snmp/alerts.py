"""What a machine reports of itself: prtAlertTable (RFC 3805), with the maker's own words."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from collector.adapters.snmp import alert_codes as codes
from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Session, Value
from collector.adapters.snmp.text import clean
from collector.domain.findings import Severity
from collector.domain.reading import Alert

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


def alerts_of(plan: Plan, cells: Mapping[Oid, Value]) -> tuple[Alert, ...]:
    """Return the alerts in `cells`, the worst first; one condition in several rows is one."""
    width = len(mib.ALERT_SEVERITY)
    rows = sorted(name[width:] for name in cells if name[:width] == mib.ALERT_SEVERITY)
    found = {one.key: one for one in (_alert(plan, cells, index) for index in rows)}
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.severity), one.key)))


def _alert(plan: Plan, cells: Mapping[Oid, Value], index: Oid) -> Alert:
    def number(column: Oid) -> int | None:
        value = cells.get((*column, *index))
        return value if isinstance(value, int) else None

    group, at, code = (
        number(one) for one in (mib.ALERT_GROUP, mib.ALERT_GROUP_INDEX, mib.ALERT_CODE)
    )
    raw = cells.get((*mib.ALERT_TEXT, *index))
    said = clean(raw, charset=plan.charsets.texts) if isinstance(raw, bytes) else None
    severity = _SEVERITIES.get(number(mib.ALERT_SEVERITY) or 0, Severity.INFO)
    if code in codes.ROUTINE and severity is Severity.WARNING:
        severity = Severity.INFO
    return Alert(
        key=_key(group, at, code, said),
        severity=severity,
        text=said or _words(group, code),
        code=codes.CODES.get(code or 0, "other"),
        part=_part(plan, group, at),
        for_service=number(mib.ALERT_TRAINING) == _FIELD_SERVICE,
    )


def _key(group: int | None, at: int | None, code: int | None, said: str | None) -> str:
    """Return the condition's name: its row in the table is another one each time it appears.

    The text counts only where the code says nothing, since texts change with the language and
    with what is left ("toner 4 %").
    """
    name = ".".join("-" if one is None else str(one) for one in (group, at, code))
    if code not in codes.CODES or code in codes.UNTOLD:
        name += "." + hashlib.sha256((said or "").encode()).hexdigest()[:8]
    return name


def _words(group: int | None, code: int | None) -> str:
    where = codes.GROUPS.get(group or 0, "machine")
    if code is None:
        return f"{where}: alert without a code"
    told = code in codes.CODES and code not in codes.UNTOLD
    return f"{where}: {codes.CODES[code] if told else f'alert {code}'}"


def _part(plan: Plan, group: int | None, at: int | None) -> str | None:
    """Return the name of the supply or tray that an alert is about (prtAlertGroupIndex)."""
    names: Mapping[str, str] = {}
    if group == codes.SUPPLIES:
        names = {one.key: one.name for one in plan.supplies}
    elif group == codes.INPUT:
        names = {one.key: one.name for one in plan.trays}
    return next((name for key, name in names.items() if key.endswith(f".{at}")), None)


def says_asleep(alert: Alert) -> bool:
    """Say whether `alert` is the machine's way of saying that it saves power."""
    if alert.severity is Severity.ERROR:
        return False
    words = {codes.CODES[code] for code in codes.ASLEEP}
    return alert.code in words or is_sleep(alert.text)


def is_sleep(text: str) -> bool:
    """Say whether a line of a panel means that the machine sleeps."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SLEEP.search(folded) is not None and _AWAKE.search(folded) is None
