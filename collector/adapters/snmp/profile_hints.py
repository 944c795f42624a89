"""What is not wrong with an office's own profile, yet hardly meant."""

from collections.abc import Iterator
from dataclasses import dataclass

from collector.adapters.snmp.profile_summary import meter_lines, written
from collector.adapters.snmp.profile_values import Profile, Profiles, Rule
from collector.adapters.snmp.recognise import beaten, rivals
from collector.domain.meters import TOTAL


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at: where it is written, and what it leads to."""

    path: str
    message: str


def hints(profiles: Profiles) -> Iterator[Hint]:
    """Yield what is worth a word about the own ones of `profiles`, file by file."""
    for two in rivals(profiles):
        mine, other, rule = two.one, two.other, two.rule
        if not mine.own:
            mine, other, rule = two.other, two.one, two.other_rule
        if mine.own:
            yield Hint(
                _at(mine, rule),
                f"{mine.id} and {other.id} recognise a machine equally well ({two.mark}), and "
                f"only one can read it; give the right one a higher priority, or a closer match",
            )
    own = [one for one in profiles.by_id.values() if one.own]
    included = {name for one in profiles.by_id.values() for name in one.includes}
    for profile in own:
        yield from _of(profile, profiles, is_included=profile.id in included)


def _of(profile: Profile, profiles: Profiles, *, is_included: bool) -> Iterator[Hint]:
    for rule, other in beaten(profile, profiles):
        yield Hint(
            _at(profile, rule),
            f"is never used: {other.id} wins by the same mark ({'; '.join(written(rule))}) with a "
            f"higher priority; include {other.id}, or state a priority above its "
            f"{other.priority or 0}",
        )
    if not (profile.rules or is_included or profile is profiles.generic):
        yield Hint(profile.file, "recognises no machine, and no profile includes it; add [[match]]")
    if TOTAL not in {line.meter for line in meter_lines(profile)}:
        yield Hint(profile.file, "states no total, by which pages are counted; add it to [meters]")


def _at(profile: Profile, rule: Rule) -> str:
    return profile.file if rule.place is None else str(rule.place)
