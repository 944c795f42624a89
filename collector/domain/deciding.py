"""Which findings wait for a person, and what a person may say of each."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from collector.domain.entries import Decision, Entry, Signature, Verdict, in_force
from collector.domain.findings import Code, Finding, Severity
from collector.domain.reading import PlaceId

_ALL: Final = frozenset(Verdict)
VERDICTS: Final[Mapping[Code, frozenset[Verdict]]] = {
    Code.METER_SUSPECT: _ALL,
    Code.METER_RESET: _ALL,
    Code.METER_JUMP_CONFIRMED: _ALL,
    Code.METER_ROLLBACK: _ALL,
    Code.METER_WRAPPED: _ALL,
    Code.METER_GLITCH: frozenset({Verdict.RESET, Verdict.REPLACED, Verdict.IGNORE}),
    Code.DEVICE_REPLACED: _ALL,
    Code.DEVICE_MOVED: frozenset({Verdict.REPLACED, Verdict.GLITCH, Verdict.IGNORE}),
    Code.READING_DISTRUSTED: _ALL,
}
"""What may be said of a finding that is about counting; of any other only that it is known."""

_ABOUT_METERS: Final = frozenset(
    {
        Code.METER_SUSPECT,
        Code.METER_RESET,
        Code.METER_GLITCH,
        Code.METER_JUMP_CONFIRMED,
    }
)
_ABOUT_SILENCE: Final = frozenset(
    {Code.DEVICE_SILENT, Code.CREDENTIAL_SILENT, Code.DEVICE_REFUSED, Code.DEVICE_NONSENSE}
)


def concerns_since(finding: Finding) -> datetime | None:
    """Return the time of the first reading that `finding` is about, or None where of no time."""
    since = finding.evidence.get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else finding.at


def decide(finding: Finding, verdict: Verdict, signed: Signature) -> Decision:
    """Return the decision that at `finding` really `verdict` happened.

    Raises ValueError, in one sentence, where that cannot be said of it.
    """
    allowed = VERDICTS.get(finding.code, frozenset({Verdict.IGNORE}))
    if verdict not in allowed:
        names = " or ".join(one for one in Verdict if one in allowed)
        message = f"{finding.code} {finding.id} cannot be a {verdict}; it can be: {names}"
        raise ValueError(message)
    since = concerns_since(finding) or signed.at
    return Decision(finding.id, PlaceId(finding.subject), since, verdict, signed)


def open_findings(
    findings: Iterable[Finding], entries: Iterable[Entry], silent: Collection[str]
) -> tuple[Finding, ...]:
    """Return those of `findings` (oldest first) that wait for a person, oldest first.

    Warnings and errors wait until somebody decides on them. A doubt about meters waits no longer
    once a later finding of its place settled it, nor a silence once its place is not among the
    `silent` any more.
    """
    listed = list(findings)
    decided = {one.finding for one in in_force(entries) if isinstance(one, Decision)}
    settled = {
        (one.subject, since)
        for one in listed
        if one.code in _ABOUT_METERS
        and one.code is not Code.METER_SUSPECT
        and (since := concerns_since(one)) is not None
    }
    return tuple(
        one
        for one in listed
        if one.severity is not Severity.INFO
        and one.id not in decided
        and not (one.code is Code.METER_SUSPECT and (one.subject, one.at) in settled)
        and not (one.code in _ABOUT_SILENCE and one.subject not in silent)
    )
