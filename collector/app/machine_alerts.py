"""What a machine reports of itself, told once for as long as it lasts."""

from collections.abc import Iterable

from collector.domain.findings import Code, Finding, Severity
from collector.domain.reading import Alert, Reading

_MARK = f"{Code.DEVICE_ALERT.value}:"


def alert_findings(reading: Reading) -> tuple[Finding, ...]:
    """Return a finding for each alert that is news; a machine's routine is none."""
    alerts = reading.answer.alerts or ()
    return tuple(_finding(reading, one) for one in alerts if one.severity is not Severity.INFO)


def mark(finding: Finding) -> str:
    """Return under which name `finding` counts as told: its code, of an alert which one."""
    if finding.code is not Code.DEVICE_ALERT:
        return finding.code.value
    return f"{_MARK}{finding.evidence.get('alert')}"


def unseen_marks(reading: Reading, told: Iterable[str]) -> frozenset[str]:
    """Return those of `told` that `reading` says nothing about: alerts that were not asked for.

    They neither ended nor began; to forget them would tell them again.
    """
    if reading.answer.alerts is not None:
        return frozenset()
    return frozenset(one for one in told if one.startswith(_MARK))


def _finding(reading: Reading, alert: Alert) -> Finding:
    about = f" ({alert.part})" if alert.part and alert.part not in alert.text else ""
    advice = "call the service company" if alert.for_service else "see to it at the machine"
    return Finding(
        Code.DEVICE_ALERT,
        alert.severity,
        reading.place,
        f"the machine reports: {alert.text}{about}; {advice}",
        reading.at,
        {"alert": alert.key, "code": alert.code, "part": alert.part},
    )
