"""Which findings wait for a person, and what a person may say of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from collector.domain.counting.entries import Decision, Entry, Verdict, in_force
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Fact, Unacceptable, sentence

_ALL: Final = frozenset(Verdict) - {Verdict.PRINTED}
VERDICTS: Final[Mapping[Code, frozenset[Verdict]]] = {
    Code.METER_SUSPECT: _ALL | {Verdict.PRINTED},
    Code.PAGES_IN_QUESTION: _ALL | {Verdict.PRINTED},
    Code.ABOVE_PACE: frozenset({Verdict.GLITCH, Verdict.REPLACED, Verdict.IGNORE}),
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

_CONCLUDES: Final = frozenset(
    {
        Code.METER_RESET,
        Code.METER_GLITCH,
        Code.METER_WRAPPED,
        Code.METER_JUMP_CONFIRMED,
        Code.METER_REDEFINED,
        Code.PAGES_IN_QUESTION,
        Code.DEVICE_REPLACED,
    }
)
"""What tells what an answer was that had been held back."""
_MAY_COME_BACK: Final = frozenset(
    {Code.PAGES_IN_QUESTION, Code.METER_RESET, Code.ABOVE_PACE, Code.METER_JUMP_CONFIRMED}
)
"""What is settled once the machine is back where it stood: a glitch with the same `since`."""
_COUNTED: Final = (Verdict.RESET, Verdict.PRINTED, Verdict.REPLACED, Verdict.GLITCH)
NOTHING_SETTLED: Final[Mapping[Code, Collection[str]]] = {}
_ABOUT_SILENCE: Final = frozenset(
    {
        *(Code.DEVICE_SILENT, Code.STILL_THERE, Code.CREDENTIAL_SILENT),
        *(Code.DEVICE_REFUSED, Code.DEVICE_NONSENSE),
    }
)


def concerns_since(finding: Finding) -> datetime | None:
    """Return the time of the first reading that `finding` is about, or None where of no time."""
    since = finding.evidence.get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else finding.at


def answers(finding: Finding) -> Mapping[Verdict, int]:
    """Return how many impressions each answer to `finding` would count, where that is known.

    An answer that would count more than the machine can have printed is not among them.
    """
    found = {one: finding.evidence.get(f"as_{one}") for one in _COUNTED}
    return {one: pages for one, pages in found.items() if isinstance(pages, int)}


def may_be(finding: Finding) -> tuple[Verdict, ...]:
    """Return what may be said of `finding`, in the order in which verdicts are listed."""
    allowed = VERDICTS.get(finding.code, frozenset({Verdict.IGNORE}))
    counted = answers(finding)
    if counted:
        allowed &= {*counted, Verdict.IGNORE}
    return tuple(one for one in Verdict if one in allowed)


def decide(finding: Finding, verdict: Verdict, signed: Signature) -> Decision:
    """Return the decision that at `finding` really `verdict` happened.

    Raises Unacceptable where that cannot be said of it.
    """
    allowed = may_be(finding)
    if verdict not in allowed:
        raise Unacceptable(
            sentence(
                "deciding.cannot_be",
                code=finding.code.value,
                finding=finding.id,
                verdict=verdict.value,
                verdicts=_either(allowed, answers(finding)),
            )
        )
    since = concerns_since(finding) or signed.at
    return Decision(finding.id, PlaceId(finding.subject), since, verdict, signed)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What later findings settle of earlier ones."""

    concluded: Mapping[str, datetime]
    trusted: datetime | None
    back: Collection[tuple[str, datetime | None]]

    @classmethod
    def by(cls, findings: Sequence[Finding]) -> Self:
        """Return what the findings of one ledger, oldest first, settle."""
        concluded: dict[str, datetime] = {}
        for one in findings:
            if one.code in _CONCLUDES and one.at is not None:
                concluded[one.subject] = max(one.at, concluded.get(one.subject, one.at))
        right = [one.at for one in findings if one.code is Code.CLOCK_TRUSTED]
        came_back = [one for one in findings if one.code is Code.METER_GLITCH]
        return cls(
            concluded,
            max((at for at in right if at is not None), default=None),
            {(one.subject, concerns_since(one)) for one in came_back},
        )

    def settles(self, one: Finding, silent: Collection[str]) -> bool:
        """Say whether `one` waits no longer, though nobody decided; `silent` are places."""
        if one.code is Code.METER_SUSPECT:
            last = self.concluded.get(one.subject)
            return last is not None and one.at is not None and last > one.at
        if one.code is Code.CLOCK_IN_DOUBT:
            return one.at is not None and self.trusted is not None and self.trusted >= one.at
        if one.code in _MAY_COME_BACK:
            return (one.subject, concerns_since(one)) in self.back
        return one.code in _ABOUT_SILENCE and one.subject not in silent


def instead_of(decision: Decision, entries: Iterable[Entry]) -> Decision:
    """Return `decision` as replacing the one on the same finding that holds by now, if any."""
    earlier = [
        one.id
        for one in in_force(entries)
        if isinstance(one, Decision) and one.finding == decision.finding and one.id != decision.id
    ]
    return replace(decision, replaces=earlier[-1]) if earlier else decision


def _either(verdicts: Sequence[Verdict], counted: Mapping[Verdict, int]) -> Fact:
    one, *more = verdicts
    first: Fact = one.value
    if one in counted:
        first = sentence("deciding.counts", verdict=one.value, pages=counted[one])
    return sentence("list.or", first=first, others=_either(more, counted)) if more else first


def open_findings(
    findings: Iterable[Finding],
    entries: Iterable[Entry],
    silent: Collection[str],
    still: Mapping[Code, Collection[str]] = NOTHING_SETTLED,
) -> tuple[Finding, ...]:
    """Return those of `findings` (oldest first) that wait for a person, oldest first.

    Warnings and errors wait until somebody decides on them. A doubt about meters waits no longer
    once a later finding of its place settled it, pages in question no longer once the machine came
    back to where it stood, nor a silence once its place is not among the `silent` any more, nor one
    of the codes in `still` once its subject is not among those named.
    """
    listed = list(findings)
    decided = {one.finding for one in in_force(entries) if isinstance(one, Decision)}
    settled = _Settled.by(listed)
    return tuple(
        one
        for one in listed
        if one.severity is not Severity.INFO
        and one.id not in decided
        and not settled.settles(one, silent)
        and one.subject in still.get(one.code, (one.subject,))
    )
