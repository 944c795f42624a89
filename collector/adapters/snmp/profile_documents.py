"""What is written from the one table of keys and the shipped profiles: schema and manual.

`python -m collector.adapters.snmp.profile_documents` writes them anew after a change of either.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from collector.adapters.snmp import profile_keys as keys
from collector.adapters.snmp.profile_counter_keys import COUNTED, FORM, SENTINELS
from collector.adapters.snmp.profile_key_kinds import Key, Keys
from collector.adapters.snmp.profile_schema import schema_text
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_summary import marks_of, meters_by_confidence
from collector.adapters.snmp.profile_values import Profiles
from collector.adapters.snmp.profiles import SHIPPED, load_profiles

SCHEMA: Final = SHIPPED / "profile.schema.json"
MANUAL: Final = SHIPPED / "README.md"
_START: Final = "<!-- {} -->"
_END: Final = "<!-- end of {} -->"
KEYS_BLOCK: Final = "keys of a profile"
MAKERS_BLOCK: Final = "supported makers"
_COUNTERS: Final = Keys("what is known of a counter", (*FORM, SENTINELS, *COUNTED))
"""Told once in the manual, though scalars, tables, records and rows all have them."""

_ORDER: Final = (
    keys.PROFILE,
    keys.MATCH,
    keys.MODEL,
    keys.IDENTITY,
    keys.CANDIDATE,
    keys.BRAND,
    keys.PART,
    keys.SCALAR,
    keys.TABLE,
    keys.PLACE,
    keys.COLUMN,
    keys.ROW,
    keys.RECORD,
    _COUNTERS,
    keys.FORMULA,
    keys.CHOOSE,
    keys.CHECK,
    keys.PROVED,
)


def keys_table() -> str:
    """Return the manual's tables of keys, one after the other."""
    return "\n".join(line for table in _ORDER for line in _manual(table))


def _manual(table: Keys) -> Iterator[str]:
    yield from (f"### {table.title[:1].upper()}{table.title[1:]}", "")
    yield from ("| key | what stands there | meaning |", "|---|---|---|")
    told_apart = {one.name for one in _COUNTERS.keys} if _has_counters(table) else set()
    for one in table.keys:
        if one.name not in told_apart:
            needed = " (must be there)" if one.needed else ""
            yield f"| `{one.name}` | {_called(one)}{needed} | {one.about} |"
    if told_apart:
        yield f"| … | | {_COUNTERS.title}, below |"
    if table.any_of:
        yield f"| | | at least one of {_listed(table.any_of)} |"
    if table.one_of:
        yield f"| | | exactly one of {_listed(table.one_of)} |"
    yield ""


def _has_counters(table: Keys) -> bool:
    return table is not _COUNTERS and any(one in table.keys for one in COUNTED[:1])


def _called(key: Key) -> str:
    if key.choices is not None:
        return _listed(one.value for one in key.choices)
    return key.kind.value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in names)


def makers_table(profiles: Profiles) -> str:
    """Return the table of what is read from whom, as Markdown."""
    lines = [
        "| profile | machines | known by | meters (confidence H) | M | L, only if asked for |",
        "|---|---|---|---|---|---|",
    ]
    for profile in sorted(profiles.by_id.values(), key=lambda one: (one.id == "generic", one.id)):
        told = meters_by_confidence(profile)
        cells = [f"`{profile.id}`", profile.about, marks_of(profile)]
        cells += [", ".join(told[one]) or "–" for one in Confidence]
        lines.append(f"| {' | '.join(_escaped(one) for one in cells)} |")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def with_block(text: str, name: str, block: str) -> str:
    """Return `text` with `block` in the place that is marked `name`; raises ValueError."""
    before, start, rest = text.partition(_START.format(name))
    _, end, after = rest.partition(_END.format(name))
    if not start or not end:
        message = f"no block is marked {name!r}"
        raise ValueError(message)
    return f"{before}{start}\n\n{block.strip()}\n\n{end}{after}"


def manual_text(text: str, profiles: Profiles) -> str:
    """Return the manual `text` with its generated tables written anew."""
    text = with_block(text, KEYS_BLOCK, keys_table())
    return with_block(text, MAKERS_BLOCK, makers_table(profiles))


def write() -> None:
    """Write the schema and the manual's tables anew."""
    SCHEMA.write_text(schema_text(), "utf-8")
    MANUAL.write_text(manual_text(MANUAL.read_text("utf-8"), load_profiles()), "utf-8")


if __name__ == "__main__":
    write()
