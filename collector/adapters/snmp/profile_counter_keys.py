"""The keys of a profile file that say what is known of a counter, wherever it stands."""

from collector.adapters.snmp.numbers import NumberKind
from collector.adapters.snmp.profile_key_kinds import Key, Kind
from collector.adapters.snmp.profile_sources import Confidence, Size, Tone
from collector.domain.meters import Unit

CONFIDENCE = Key(
    "confidence",
    Kind.CHOICE,
    "how well the counter is known: `H` a maker's document or two independent sources, `M` one "
    "good source, `L` weak or contradicted; `L` is not read unless it is asked for",
    choices=Confidence,
)
SOURCE = Key("source", Kind.TEXT, "where the meaning of the counter is known from")
WRAP = Key(
    "wrap",
    Kind.NUMBER,
    "the first number that the counter does not reach, such as `1000000` or `16777216`",
)

FORM = (
    Key(
        "kind",
        Kind.CHOICE,
        "how the number is written: `counter` (default), `integer` (above 2³¹ is no number), "
        "`text` (digits in words), `float` (IEEE 754 in 4 or 8 octets, rounded down), `bytes` (1 "
        "to 8 octets, the largest first). Not for a row or a record",
        choices=NumberKind,
    ),
    Key(
        "prefix",
        Kind.OCTETS,
        "octets of which one must stand before the number; as `kind`",
    ),
)
SENTINELS = Key(
    "sentinels", Kind.NUMBERS, "values by which the maker says that there is none; not for a row"
)
COUNTED = (
    Key(
        "unit",
        Kind.CHOICE,
        "what one step stands for; a meter of another unit is refused",
        choices=Unit,
    ),
    Key(
        "family",
        Kind.TEXTS,
        "sets of counters that may be added up, one or several; a sum across families is refused, "
        "and so is the life count plus anything",
    ),
    Key("size", Kind.CHOICE, "which pages it counts: `all`, `large` (A3), `small`", choices=Size),
    Key(
        "color",
        Kind.CHOICE,
        "which pages it counts: `mono`, `color`, or all where nothing is said. Where one counter "
        "of a sum says so, every page must come out as often as the meter's name promises",
        choices=Tone,
    ),
    Key(
        "weight",
        Kind.NUMBER,
        "how many times it counts one large page. A counter of large pages is divided by it (half "
        "a page is no number); with any other, a sum must take the excess away: "
        "`code[102] - code[103]`",
    ),
    WRAP,
    CONFIDENCE,
    SOURCE,
)
