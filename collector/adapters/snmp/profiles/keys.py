"""Every key that a profile file may hold: the one table behind loader, JSON schema and manual.

`section` refuses a file's keys that are not here and the loader's that are not here either;
`profile_documents` writes the schema and the manual's tables from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property
from typing import Final

from collector.adapters.snmp.profiles.numbers import NumberKind
from collector.adapters.snmp.profiles.values import Confidence, Size, Tone
from collector.domain.meters import Unit

# What a key of a profile file is: the words in which `profile_keys` describes them.


class ValueKind(Enum):
    """What stands at a key; the value is how the manual calls it."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    NUMBERS = "numbers"
    FLAG = "true or false"
    DATE = "date"
    CHOICE = "one of"
    PATTERN = "regular expression"
    OID = "OID"
    OIDS = "OIDs"
    TEMPLATE = "OID with {parts}"
    INSTANCES = "OIDs with {parts} and [.0]"
    CODE_COLUMN = 'OID, "index" or "last"'
    CODES = "codes"
    OCTETS = "octets in hexadecimal"
    PREFIX = "true, or octets in hexadecimal"
    LIKE = "arcs and stars"
    ARCS = "places of arcs"
    COLUMNS = "columns by name"
    WORDS = "words by column"
    CONDITIONS = "wanted values by column"
    FORMULA = "sum"
    SUMS = "sums by meter"
    SETS = "list of sums by meter"
    METER = "meter"
    METERS = "meters"
    TABLE = "table"
    TABLES = "list of tables"
    NAMED = "tables by name"


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """One key: what stands there, what it means, and the keys inside it.

    `names` is what the tables at a `ValueKind.NAMED` key may be called, or the text itself.
    """

    name: str
    kind: ValueKind
    about: str
    needed: bool = False
    inside: "ProfileKeys | None" = None
    choices: type[StrEnum] | None = None
    names: re.Pattern[str] | None = None


# The keys of a profile file that say what is known of a counter, wherever it stands.


CONFIDENCE = ProfileKey(
    "confidence",
    ValueKind.CHOICE,
    "how well the counter is known: `H` a maker's document or two independent sources, `M` one "
    "good source, `L` weak or contradicted; `L` is not read unless it is asked for",
    choices=Confidence,
)
SOURCE = ProfileKey("source", ValueKind.TEXT, "where the meaning of the counter is known from")
WRAP = ProfileKey(
    "wrap",
    ValueKind.NUMBER,
    "the first number that the counter does not reach, such as `1000000` or `16777216`",
)

FORM = (
    ProfileKey(
        "kind",
        ValueKind.CHOICE,
        "how the number is written: `counter` (default), `integer` (above 2³¹ is no number), "
        "`text` (digits in words), `float` (IEEE 754 in 4 or 8 octets, rounded down), `bytes` (1 "
        "to 8 octets, the largest first). Not for a row or a record",
        choices=NumberKind,
    ),
    ProfileKey(
        "prefix",
        ValueKind.OCTETS,
        "octets of which one must stand before the number; as `kind`",
    ),
)
SENTINELS = ProfileKey(
    "sentinels",
    ValueKind.NUMBERS,
    "values by which the maker says that there is none; not for a row",
)
COUNTED = (
    ProfileKey(
        "unit",
        ValueKind.CHOICE,
        "what one step stands for; a meter of another unit is refused",
        choices=Unit,
    ),
    ProfileKey(
        "family",
        ValueKind.TEXTS,
        "sets of counters that may be added up, one or several; a sum across families is refused, "
        "and so is the life count plus anything",
    ),
    ProfileKey(
        "size",
        ValueKind.CHOICE,
        "which pages it counts: `all`, `large` (A3), `small`",
        choices=Size,
    ),
    ProfileKey(
        "color",
        ValueKind.CHOICE,
        "which pages it counts: `mono`, `color`, or all where nothing is said. Where one counter "
        "of a sum says so, every page must come out as often as the meter's name promises",
        choices=Tone,
    ),
    ProfileKey(
        "weight",
        ValueKind.NUMBER,
        "how many times it counts one large page. A counter of large pages is divided by it (half "
        "a page is no number); with any other, a sum must take the excess away: "
        "`code[102] - code[103]`",
    ),
    WRAP,
    CONFIDENCE,
    SOURCE,
)


@dataclass(frozen=True)  # without slots, for what is worked out once
class ProfileKeys:
    """The keys of one table, called `title` in the manual; `any_of` wants at least one of them.

    `one_of` wants exactly one.
    """

    title: str
    keys: tuple[ProfileKey, ...]
    any_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def key(self, name: str) -> ProfileKey | None:
        """Return the key called `name`, or None."""
        return self.names.get(name)

    @cached_property
    def names(self) -> Mapping[str, ProfileKey]:
        """Every key by its name, in the manual's order."""
        return {one.name: one for one in self.keys}


NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
ROW_NAME: Final = re.compile(r"[A-Za-z0-9_.]+")
ID: Final = re.compile(r"[^\s/\\]{1,60}")


MATCH = ProfileKeys(
    "[[match]]",
    (
        ProfileKey(
            "object_id", ValueKind.OIDS, "sysObjectID begins with this, or with one of these"
        ),
        ProfileKey("descr", ValueKind.PATTERN, "found in sysDescr"),
        ProfileKey(
            "device_id", ValueKind.PATTERN, "found in the IEEE-1284 device id (`MFG:…;MDL:…;`)"
        ),
        ProfileKey("device_descr", ValueKind.PATTERN, "found in hrDeviceDescr of the printer"),
        ProfileKey(
            "model", ValueKind.PATTERN, "found in the model as the profile's own candidates say it"
        ),
        ProfileKey("firmware", ValueKind.PATTERN, "found in the firmware, likewise"),
        ProfileKey("not_object_id", ValueKind.OIDS, "sysObjectID begins with none of these"),
        ProfileKey("not_descr", ValueKind.PATTERN, "not found in sysDescr"),
        ProfileKey(
            "printer", ValueKind.FLAG, "hrDeviceTable holds a printer, or there is a marker"
        ),
        ProfileKey(
            "signature",
            ValueKind.OID,
            "something answers below this OID; only for agents that say nothing of themselves, or, "
            "where it is `weak` (a standard's table), for any that nothing else recognises",
        ),
        ProfileKey("weak", ValueKind.FLAG, "other makers carry this mark too"),
    ),
    any_of=("object_id", "descr", "device_id", "device_descr", "signature"),
)

CANDIDATE = ProfileKeys(
    "serial, model, firmware",
    (
        ProfileKey("oid", ValueKind.INSTANCES, "where the text stands"),
        ProfileKey(
            "text", ValueKind.TEXT, "`descr`, `device_descr` or `device_id:KEY` instead of an OID"
        ),
        ProfileKey(
            "pattern", ValueKind.PATTERN, "keep its one group; drop a text that does not match"
        ),
        ProfileKey(
            "strip_prefix",
            ValueKind.PREFIX,
            "octets to drop before the text; `true` stands for HP's symbol sets `0115`, `fde8`",
        ),
    ),
    one_of=("oid", "text"),
)

BRAND = ProfileKeys(
    "brands",
    (
        ProfileKey(
            "pattern", ValueKind.PATTERN, "found in what the machine says of itself", needed=True
        ),
        ProfileKey("vendor", ValueKind.TEXT, "who sold it", needed=True),
    ),
)

MODEL = ProfileKeys(
    "[[models]]",
    (
        ProfileKey("model", ValueKind.PATTERN, "found in the model's name"),
        ProfileKey(
            "words",
            ValueKind.PATTERN,
            "found in what the machine says of itself: sysDescr, hrDeviceDescr, its IEEE-1284 "
            "device id, its name. These come before all names of models",
        ),
        ProfileKey(
            "ipm",
            ValueKind.NUMBER,
            "rated speed in impressions a minute; where the pattern has a group, the speed is the "
            "number in it instead",
        ),
        WRAP,
        CONFIDENCE,
        ProfileKey("source", ValueKind.TEXT, "where this is known from", needed=True),
    ),
    one_of=("model", "words"),
)

IDENTITY = ProfileKeys(
    "[identity]",
    (
        ProfileKey("vendor", ValueKind.TEXT, "the maker's name"),
        ProfileKey("brands", ValueKind.TABLES, "name plates of the same machines", inside=BRAND),
        ProfileKey("serial", ValueKind.TABLES, "candidates in order of trust", inside=CANDIDATE),
        ProfileKey("model", ValueKind.TABLES, "likewise", inside=CANDIDATE),
        ProfileKey("firmware", ValueKind.TABLES, "likewise", inside=CANDIDATE),
    ),
)

PART = ProfileKeys(
    "[parts.NAME]",
    (
        ProfileKey("ids", ValueKind.OIDS, "hrDeviceID begins with one of these"),
        ProfileKey("types", ValueKind.OIDS, "hrDeviceType is one of these"),
        ProfileKey("descr", ValueKind.PATTERN, "found in hrDeviceDescr"),
        ProfileKey(
            "default", ValueKind.NUMBER, "its index where the agent has no hrDeviceTable at all"
        ),
    ),
)

SCALAR = ProfileKeys(
    "[scalars.NAME]",
    (
        ProfileKey(
            "oid",
            ValueKind.INSTANCES,
            "one or several candidates, the first that gives a number; `[.0]` at the end stands "
            "for the OID with and without `.0`",
            needed=True,
        ),
        *FORM,
        SENTINELS,
        *COUNTED,
    ),
)

RECORD = ProfileKeys(
    "[records.NAME]",
    (
        ProfileKey(
            "oid",
            ValueKind.TEMPLATE,
            "an octet string of tagged counters (Brother), read as `NAME[0a]`",
            needed=True,
        ),
        SENTINELS,
        *COUNTED,
    ),
)

COLUMN = ProfileKeys(
    "columns.NAME",
    (
        ProfileKey(
            "oid",
            ValueKind.TEMPLATE,
            "a column of another table, joined by arcs of this one's index",
        ),
        ProfileKey(
            "arc",
            ValueKind.ARCS,
            "1 the first arc after the value's column, -1 the last",
            needed=True,
        ),
    ),
)

PLACE = ProfileKeys(
    "at",
    (
        ProfileKey("value", ValueKind.TEMPLATE, "the column of the counters", needed=True),
        ProfileKey(
            "code",
            ValueKind.CODE_COLUMN,
            "where the code of a row stands; `index`: all arcs after the "
            "column, `last`: the last one",
        ),
        ProfileKey("label", ValueKind.TEMPLATE, "the column of the words for a row"),
        ProfileKey("maximum", ValueKind.TEMPLATE, "the column of the largest value a row can hold"),
        ProfileKey("like", ValueKind.LIKE, "rows whose index looks like this, such as `*.20.*`"),
        ProfileKey(
            "columns",
            ValueKind.COLUMNS,
            "further columns by name, for `where`, `only`, `never`: an OID, "
            "or a table of these keys",
            inside=COLUMN,
        ),
    ),
)

ROW = ProfileKeys(
    "rows.NAME",
    (
        ProfileKey("code", ValueKind.CODES, "its code, or several; preferred to the label"),
        ProfileKey(
            "label",
            ValueKind.TEXTS,
            "its words, or several; case, blanks and punctuation are ignored",
        ),
        ProfileKey("where", ValueKind.CONDITIONS, "what its columns say"),
        ProfileKey(
            "sum", ValueKind.FLAG, "add up all rows that fit, instead of wanting exactly one"
        ),
        *COUNTED,
    ),
    any_of=("code", "label", "where"),
)

TABLE = ProfileKeys(
    "[tables.NAME]",
    (
        ProfileKey(
            "at",
            ValueKind.TABLES,
            "places where the table may be; without one, its rows are added to "
            "the included table of that name",
            inside=PLACE,
        ),
        ProfileKey(
            "rows", ValueKind.NAMED, "the rows that formulas name", inside=ROW, names=ROW_NAME
        ),
        ProfileKey(
            "values",
            ValueKind.WORDS,
            "words for what a column says: `job = { print = 1, copy = 2 }`",
        ),
        ProfileKey("only", ValueKind.CONDITIONS, "other rows are no rows of this table"),
        ProfileKey("never", ValueKind.CONDITIONS, "such rows are no rows of this table"),
        ProfileKey(
            "verify_label", ValueKind.FLAG, "a row whose code fits must not carry a foreign label"
        ),
        ProfileKey(
            "refresh",
            ValueKind.FLAG,
            "the machine brings rows up to date only when they are walked",
        ),
        *FORM,
        SENTINELS,
        *COUNTED,
    ),
)

FORMULA = ProfileKeys(
    "a sum as a table",
    (
        ProfileKey("of", ValueKind.FORMULA, "the sum", needed=True),
        ProfileKey(
            "confidence",
            ValueKind.CHOICE,
            "instead of the least of its counters",
            choices=Confidence,
        ),
        SOURCE,
        WRAP,
    ),
)

CHOOSE = ProfileKeys(
    "[[choose]]",
    (
        ProfileKey(
            "sets",
            ValueKind.SETS,
            "meters that belong together; the first set that resolves whole is taken",
            needed=True,
            inside=FORMULA,
        ),
    ),
)

CHECK = ProfileKeys(
    "[[checks]]",
    (
        ProfileKey("whole", ValueKind.METER, "the meter that should be the sum", needed=True),
        ProfileKey("parts", ValueKind.METERS, "of these meters", needed=True),
        ProfileKey("tolerance", ValueKind.NUMBER, "give or take so many pages (default 20)"),
        ProfileKey(
            "note", ValueKind.TEXT, "what is said where it does not add up, in place of a panel"
        ),
        ProfileKey(
            "percent",
            ValueKind.NUMBER,
            "or so many per cent of the whole, whichever is more: for counts "
            "that drift apart, such as `engine_total` and `total`",
        ),
    ),
)

PROVED = ProfileKeys(
    "[proved]",
    (
        ProfileKey(
            "on",
            ValueKind.DATE,
            "when the counters were compared with a machine's panel",
            needed=True,
        ),
        ProfileKey("model", ValueKind.TEXT, "the model of that machine"),
        ProfileKey(
            "firmware", ValueKind.TEXT, "its firmware; other firmware is to be proved again"
        ),
        ProfileKey("note", ValueKind.TEXT, "by whom, and which figures"),
    ),
)

PROFILE = ProfileKeys(
    "the file",
    (
        ProfileKey("format", ValueKind.NUMBER, "`1`", needed=True),
        ProfileKey(
            "id",
            ValueKind.TEXT,
            "the profile's name, without blanks; a file of your own replaces a shipped one of the "
            "same name",
            needed=True,
            names=ID,
        ),
        ProfileKey("about", ValueKind.TEXT, "which machines it is for"),
        ProfileKey(
            "source", ValueKind.TEXT, "where the meaning of the counters is known from", needed=True
        ),
        ProfileKey(
            "confidence",
            ValueKind.CHOICE,
            "how well they are known (default `H`): `H` a maker's document "
            "or two independent sources, `M` one good source, `L` weak or contradicted; `L` is not "
            "read unless it is asked for",
            choices=Confidence,
        ),
        ProfileKey(
            "include",
            ValueKind.TEXTS,
            "profiles whose parts, counters, identity candidates and unstated "
            "meters are taken over",
        ),
        ProfileKey(
            "priority",
            ValueKind.NUMBER,
            "decides between profiles that recognise a machine on equal "
            "evidence; unstated, that of the included one",
        ),
        ProfileKey(
            "match",
            ValueKind.TABLES,
            "ways to recognise a machine; in one of them everything stated must hold",
            inside=MATCH,
        ),
        ProfileKey("identity", ValueKind.TABLE, "how the machine is named", inside=IDENTITY),
        ProfileKey(
            "parts",
            ValueKind.NAMED,
            "parts in hrDeviceTable; `{NAME}` in an OID stands for its index",
            inside=PART,
            names=NAME,
        ),
        ProfileKey(
            "scalars", ValueKind.NAMED, "counters that stand alone", inside=SCALAR, names=NAME
        ),
        ProfileKey("tables", ValueKind.NAMED, "counters in rows", inside=TABLE, names=NAME),
        ProfileKey(
            "records", ValueKind.NAMED, "counters packed into octets", inside=RECORD, names=NAME
        ),
        ProfileKey(
            "meters",
            ValueKind.SUMS,
            "each meter as one sum or several alternatives, the first that "
            "resolves; `[]` drops an included one",
            inside=FORMULA,
        ),
        ProfileKey("choose", ValueKind.TABLES, "meters chosen together", inside=CHOOSE),
        ProfileKey(
            "derived",
            ValueKind.SUMS,
            "meters worked out from other meters where the machine has no "
            'counter: `total_mono = "total - total_color"`; never across families',
            inside=FORMULA,
        ),
        ProfileKey(
            "checks",
            ValueKind.TABLES,
            "what should add up; reported and never corrected",
            inside=CHECK,
        ),
        ProfileKey(
            "sheets_are_impressions",
            ValueKind.FLAG,
            "the maker's life count says sheets but counts sides",
        ),
        ProfileKey(
            "life_family",
            ValueKind.TEXTS,
            "sets of counters that the life count may be added to and taken from, because on every "
            "machine it equals one of them",
        ),
        ProfileKey(
            "models",
            ValueKind.TABLES,
            "rated speeds and wraps of some of the machines: of each the first that fits, the "
            "file's own before included ones",
            inside=MODEL,
        ),
        ProfileKey(
            "rated_ipm",
            ValueKind.NUMBER,
            "rated speed in impressions a minute of all of them, whatever `models` says",
        ),
        ProfileKey("nvram_step", ValueKind.NUMBER, "how many pages a power cut may lose"),
        ProfileKey("wrap", ValueKind.NUMBER, "for every counter that states none of its own"),
        ProfileKey("sentinels", ValueKind.NUMBERS, "for every counter, besides its own"),
        ProfileKey(
            "proved", ValueKind.TABLE, "that the counters were compared with a panel", inside=PROVED
        ),
    ),
)
