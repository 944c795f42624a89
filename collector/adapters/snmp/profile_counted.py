"""What a profile file says of a counter besides its place."""

from collector.adapters.snmp.numbers import Form, NumberKind
from collector.adapters.snmp.profile_sources import Confidence, Counted, Size, Tone
from collector.adapters.snmp.section import Section
from collector.domain.meters import Unit

_LEAST_WRAP = 10_000
"""A counter that wraps sooner would do so within days: surely a mistake."""


def form(section: Section) -> Form:
    """Return how the counters of a source are written."""
    return Form(
        kind=section.choice("kind", NumberKind.COUNTER),
        prefixes=section.octets("prefix"),
        sentinels=section.numbers("sentinels"),
    )


def counted(section: Section) -> Counted:
    """Return what is known of a counter, or of every counter of a table."""
    weight = section.number("weight")
    if weight == 0:
        section.problem("weight", "must be how many times one large page counts, at least 1")
    return Counted(
        unit=section.one_of("unit", Unit),
        families=frozenset(section.texts("family")),
        size=section.one_of("size", Size),
        color=section.one_of("color", Tone),
        weight=weight or None,
        wrap=wrap(section),
        confidence=section.one_of("confidence", Confidence),
        source=section.text("source"),
    )


def wrap(section: Section) -> int | None:
    """Return the modulus of a counter: the first number that it does not reach."""
    found = section.number("wrap")
    if found is not None and found < _LEAST_WRAP:
        section.problem("wrap", f"must be at least {_LEAST_WRAP}: the modulus, such as 1000000")
    return found
