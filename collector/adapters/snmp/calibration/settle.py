"""Decides, meter by meter, what the figures on the panel prove. Pure.

What is preferred, in this order: how the machine is read by now; the profile's own formulas for the
meter; counters whose labels say it; fewer terms; the same table as related meters. Whatever else
fits just as well is named, and nothing that is only near is taken. A figure of an earlier round
that fits nothing was mistyped, or somebody printed: it is passed over.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from collector.adapters.snmp.calibration.case import Case
from collector.adapters.snmp.calibration.examined import Examined
from collector.adapters.snmp.calibration.fits import RELATIONS, Class, Fit, Origin
from collector.adapters.snmp.calibration.rounds import Round
from collector.adapters.snmp.calibration.search import Search
from collector.adapters.snmp.calibration.verdicts import Settled, State, Verdict
from collector.adapters.snmp.profile_sources import Confidence
from collector.domain.meters import Meter

_Dropped = frozenset[tuple[Meter, str]]


def settle(
    examined: Examined,
    rounds: Sequence[Round],
    dropped: _Dropped = frozenset(),
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Settled:
    """Return what `rounds` prove; formulas in `dropped` were tried and are not taken.

    `tell` is told how far the search has come.
    """
    search = Search(examined.counters, rounds)
    meters = tuple(dict.fromkeys(meter for one in rounds for meter in one.figures))
    cases = {meter: _cases(examined, search, meter, dropped) for meter in meters}
    search.look([(meter, some[0].which) for meter, some in cases.items()], tell)
    first = {meter: _verdict(some, lambda _: 0) for meter, some in cases.items()}
    second = {meter: _verdict(some, _shared(meter, first)) for meter, some in cases.items()}
    found = {meter: _by_meters(one, rounds, second, dropped) for meter, one in second.items()}
    return Settled(found, search.readable, search.is_cut)


def _cases(examined: Examined, search: Search, meter: Meter, dropped: _Dropped) -> list[Case]:
    """Return the meter's case with all rounds, then without one of the old ones, then without any.

    The newest round always counts.
    """
    which = tuple(at for at, one in enumerate(search.rounds) if meter in one.figures)
    texts = frozenset(text for one, text in dropped if one == meter)
    fewer = [tuple(at for at in which if at != old) for old in which[:-1]]
    return [
        Case(examined, search, meter, some, texts, passed_over=len(which) - len(some))
        for some in dict.fromkeys((which, *fewer, which[-1:]))
    ]


def _verdict(cases: Sequence[Case], shared: Callable[[Fit], int]) -> Verdict:
    whole = cases[0].verdict(shared)
    if whole.state is not State.NOTHING:
        return whole
    for case in cases[1:]:
        found = case.verdict(shared)
        if found.fit is not None and found.is_telling:
            return found
    return whole


def _shared(meter: Meter, verdicts: Mapping[Meter, Verdict]) -> Callable[[Fit], int]:
    others = (one.fit for name, one in verdicts.items() if name != meter)
    tally = Tally(table for fit in others if fit is not None for table in fit.tables)
    return lambda fit: sum(tally[table] for table in fit.tables)


def _by_meters(
    verdict: Verdict, rounds: Sequence[Round], every: Mapping[Meter, Verdict], dropped: _Dropped
) -> Verdict:
    """Return `verdict`, or the meter worked out from others where that is likelier."""
    fit = verdict.fit
    if not verdict.is_telling or (fit is not None and fit.judged < Class.METERS):
        return verdict
    for parts in RELATIONS.get(verdict.meter, ()):
        text = " ".join(f"{'-' if sign < 0 else '+'} {one}" for sign, one in parts)
        text = text.removeprefix("+ ")
        if (verdict.meter, text) not in dropped and _follows(verdict, parts, rounds, every):
            return replace(
                verdict,
                state=State.FOUND,
                fit=Fit(text, (), Origin.FOUND, Class.METERS, parts),
                confidence=_least(every[one] for _, one in parts),
                ties=(),
                others=verdict.others + len(verdict.ties) + (fit is not None),
                near=(),
                chance=0.0,
            )
    return verdict


def _follows(
    verdict: Verdict,
    parts: Sequence[tuple[int, Meter]],
    rounds: Sequence[Round],
    every: Mapping[Meter, Verdict],
) -> bool:
    """Say whether the panel's figures add up so, of meters for which counters were found."""
    fits = [every[meter].fit if meter in every else None for _, meter in parts]
    if any(fit is None or fit.meters or fit.judged >= Class.METERS for fit in fits):
        return False
    for one in rounds:
        if verdict.meter not in one.figures:
            continue
        known = [(sign, one.figures.get(meter)) for sign, meter in parts]
        summands = [sign * value for sign, value in known if value is not None]
        if len(summands) != len(parts) or sum(summands) != one.figures[verdict.meter]:
            return False
    return True


def _least(verdicts: Iterable[Verdict]) -> Confidence:
    known = {one.confidence for one in verdicts}
    return Confidence.MEDIUM if Confidence.MEDIUM in known else Confidence.HIGH
