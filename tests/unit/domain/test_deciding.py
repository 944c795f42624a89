"""Which findings wait for a person, and what may be said of them."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.counting.deciding import (
    VERDICTS,
    concerns_since,
    decide,
    instead_of,
    open_findings,
)
from collector.domain.counting.entries import Decision, Verdict, Withdrawal, in_force
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.fleet_facts import Signature
from collector.domain.sentence import verbatim
from tests.wording import unacceptable

T0 = datetime(2026, 11, 2, tzinfo=UTC)
WHO = Signature("a", "b", T0)


def finding(code: Code, minutes: int = 0, since: int | None = None, place: str = "1f") -> Finding:
    evidence = {} if since is None else {"since": (T0 + timedelta(minutes=since)).isoformat()}
    at = T0 + timedelta(minutes=minutes)
    return Finding(code, Severity.WARNING, place, verbatim("m"), at, dict(evidence))


def test_a_decision_begins_with_the_first_reading_it_is_about() -> None:
    reset = finding(Code.METER_RESET, 10, since=5)
    assert decide(reset, Verdict.GLITCH, WHO).since == T0 + timedelta(minutes=5)
    assert concerns_since(finding(Code.DEVICE_REPLACED, 3)) == T0 + timedelta(minutes=3)


@pytest.mark.parametrize("code", [one for one in Code if one not in VERDICTS])
def test_of_what_is_no_matter_of_counting_only_ignore_can_be_said(code: Code) -> None:
    assert decide(finding(code), Verdict.IGNORE, WHO).verdict is Verdict.IGNORE
    for verdict in set(Verdict) - {Verdict.IGNORE}:
        with unacceptable("it can be: ignore"):
            decide(finding(code), verdict, WHO)


def test_a_doubt_is_settled_by_what_followed_it() -> None:
    doubt, other = finding(Code.METER_SUSPECT, 5), finding(Code.METER_SUSPECT, 7, place="2f")
    reset = finding(Code.METER_RESET, 10, since=5)
    assert open_findings([doubt, other, reset], [], ()) == (other, reset)


def test_silences_wait_while_they_last_and_news_never() -> None:
    silence = finding(Code.DEVICE_SILENT)
    news = Finding(Code.METER_WRAPPED, Severity.INFO, "1f", verbatim("m"), T0)
    assert open_findings([silence, news], [], {"1f"}) == (silence,)
    assert open_findings([silence, news], [], ()) == ()


def test_a_decision_closes_a_finding_until_it_is_taken_back() -> None:
    moved = finding(Code.DEVICE_MOVED)
    decision = decide(moved, Verdict.IGNORE, WHO)
    assert open_findings([moved], [decision], ()) == ()
    back = Withdrawal(decision.place, decision.id, Signature("a", "oops", T0))
    assert open_findings([moved], [decision, back], ()) == (moved,)


def test_of_two_decisions_the_later_one_holds() -> None:
    moved = finding(Code.METER_RESET)
    first = decide(moved, Verdict.RESET, WHO)
    later = Signature("c", "d", T0 + timedelta(hours=1))
    second = Decision(moved.id, first.place, first.since, Verdict.GLITCH, later)
    assert in_force([second, first]) == (second,)


def test_what_the_fleet_file_says_otherwise_waits_only_while_it_does() -> None:
    differs = finding(Code.FLEET_DIFFERS)
    assert open_findings([differs], [], (), {Code.FLEET_DIFFERS: {differs.subject}}) == (differs,)
    assert open_findings([differs], [], (), {Code.FLEET_DIFFERS: {"another"}}) == ()
    assert open_findings([differs], [], ()) == (differs,)


def test_a_doubt_about_the_clock_ends_with_the_finding_that_it_is_right_again() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    doubt = Finding(Code.CLOCK_IN_DOUBT, Severity.ERROR, "clock", verbatim("x"), at)
    right = Finding(
        Code.CLOCK_TRUSTED, Severity.INFO, "clock", verbatim("y"), at + timedelta(hours=1)
    )
    again = Finding(
        Code.CLOCK_IN_DOUBT, Severity.ERROR, "clock", verbatim("z"), at + timedelta(hours=2)
    )
    assert open_findings([doubt], [], ()) == (doubt,)
    assert open_findings([doubt, right], [], ()) == ()
    assert open_findings([doubt, right, again], [], ()) == (again,)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.RESET, Verdict.PRINTED}))
@pytest.mark.parametrize("seconds", [0, 1, 3600])
def test_whoever_decides_again_is_heard_even_within_the_second(
    verdict: Verdict, seconds: int
) -> None:
    """Ids are digests, so every other pair would come out the wrong way round by chance."""
    reset = finding(Code.METER_RESET, 10, since=5)
    first = decide(reset, Verdict.RESET, WHO)
    again = Signature("a", "b", T0 + timedelta(seconds=seconds))
    second = instead_of(decide(reset, verdict, again), [first])
    assert in_force([first, second]) == in_force([second, first]) == (second,)
    third = instead_of(decide(reset, Verdict.RESET, Signature("c", "d", again.at)), [first, second])
    assert in_force([third, second, first]) == (third,)


def test_the_same_decision_again_replaces_nothing() -> None:
    first = decide(finding(Code.METER_RESET), Verdict.RESET, WHO)
    assert instead_of(first, [first]) == first
    other = decide(finding(Code.METER_RESET, place="2f"), Verdict.RESET, WHO)
    assert instead_of(other, [first]) == other
