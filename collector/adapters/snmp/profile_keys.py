"""Every key that a profile file may hold: the one table behind loader, JSON schema and manual.

`section` refuses a file's keys that are not here and the loader's that are not here either;
`profile_documents` writes the schema and the manual's tables from it.
"""

import re
from typing import Final

from collector.adapters.snmp.profile_counter_keys import (
    CONFIDENCE,
    COUNTED,
    FORM,
    SENTINELS,
    SOURCE,
    WRAP,
)
from collector.adapters.snmp.profile_key_kinds import Key, Keys, Kind
from collector.adapters.snmp.profile_sources import Confidence

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
ROW_NAME: Final = re.compile(r"[A-Za-z0-9_.]+")
ID: Final = re.compile(r"[^\s/\\]{1,60}")


MATCH = Keys(
    "[[match]]",
    (
        Key("object_id", Kind.OIDS, "sysObjectID begins with this, or with one of these"),
        Key("descr", Kind.PATTERN, "found in sysDescr"),
        Key("device_id", Kind.PATTERN, "found in the IEEE-1284 device id (`MFG:…;MDL:…;`)"),
        Key("device_descr", Kind.PATTERN, "found in hrDeviceDescr of the printer"),
        Key("model", Kind.PATTERN, "found in the model as the profile's own candidates say it"),
        Key("firmware", Kind.PATTERN, "found in the firmware, likewise"),
        Key("not_object_id", Kind.OIDS, "sysObjectID begins with none of these"),
        Key("not_descr", Kind.PATTERN, "not found in sysDescr"),
        Key("printer", Kind.FLAG, "hrDeviceTable holds a printer, or there is a marker"),
        Key(
            "signature",
            Kind.OID,
            "something answers below this OID; only for agents that say nothing of themselves, or, "
            "where it is `weak` (a standard's table), for any that nothing else recognises",
        ),
        Key("weak", Kind.FLAG, "other makers carry this mark too"),
    ),
    any_of=("object_id", "descr", "device_id", "device_descr", "signature"),
)

CANDIDATE = Keys(
    "serial, model, firmware",
    (
        Key("oid", Kind.INSTANCES, "where the text stands"),
        Key("text", Kind.TEXT, "`descr`, `device_descr` or `device_id:KEY` instead of an OID"),
        Key("pattern", Kind.PATTERN, "keep its one group; drop a text that does not match"),
        Key(
            "strip_prefix",
            Kind.PREFIX,
            "octets to drop before the text; `true` stands for HP's symbol sets `0115`, `fde8`",
        ),
    ),
    one_of=("oid", "text"),
)

BRAND = Keys(
    "brands",
    (
        Key("pattern", Kind.PATTERN, "found in what the machine says of itself", needed=True),
        Key("vendor", Kind.TEXT, "who sold it", needed=True),
    ),
)

MODEL = Keys(
    "[[models]]",
    (
        Key("model", Kind.PATTERN, "found in the model's name"),
        Key(
            "words",
            Kind.PATTERN,
            "found in what the machine says of itself: sysDescr, hrDeviceDescr, its IEEE-1284 "
            "device id, its name. These come before all names of models",
        ),
        Key(
            "ipm",
            Kind.NUMBER,
            "rated speed in impressions a minute; where the pattern has a group, the speed is the "
            "number in it instead",
        ),
        WRAP,
        CONFIDENCE,
        Key("source", Kind.TEXT, "where this is known from", needed=True),
    ),
    one_of=("model", "words"),
)

IDENTITY = Keys(
    "[identity]",
    (
        Key("vendor", Kind.TEXT, "the maker's name"),
        Key("brands", Kind.TABLES, "name plates of the same machines", inside=BRAND),
        Key("serial", Kind.TABLES, "candidates in order of trust", inside=CANDIDATE),
        Key("model", Kind.TABLES, "likewise", inside=CANDIDATE),
        Key("firmware", Kind.TABLES, "likewise", inside=CANDIDATE),
    ),
)

PART = Keys(
    "[parts.NAME]",
    (
        Key("ids", Kind.OIDS, "hrDeviceID begins with one of these"),
        Key("types", Kind.OIDS, "hrDeviceType is one of these"),
        Key("descr", Kind.PATTERN, "found in hrDeviceDescr"),
        Key("default", Kind.NUMBER, "its index where the agent has no hrDeviceTable at all"),
    ),
)

SCALAR = Keys(
    "[scalars.NAME]",
    (
        Key(
            "oid",
            Kind.INSTANCES,
            "one or several candidates, the first that gives a number; `[.0]` at the end stands "
            "for the OID with and without `.0`",
            needed=True,
        ),
        *FORM,
        SENTINELS,
        *COUNTED,
    ),
)

RECORD = Keys(
    "[records.NAME]",
    (
        Key(
            "oid",
            Kind.TEMPLATE,
            "an octet string of tagged counters (Brother), read as `NAME[0a]`",
            needed=True,
        ),
        SENTINELS,
        *COUNTED,
    ),
)

COLUMN = Keys(
    "columns.NAME",
    (
        Key("oid", Kind.TEMPLATE, "a column of another table, joined by arcs of this one's index"),
        Key("arc", Kind.ARCS, "1 the first arc after the value's column, -1 the last", needed=True),
    ),
)

PLACE = Keys(
    "at",
    (
        Key("value", Kind.TEMPLATE, "the column of the counters", needed=True),
        Key(
            "code",
            Kind.CODE_COLUMN,
            "where the code of a row stands; `index`: all arcs after the "
            "column, `last`: the last one",
        ),
        Key("label", Kind.TEMPLATE, "the column of the words for a row"),
        Key("maximum", Kind.TEMPLATE, "the column of the largest value a row can hold"),
        Key("like", Kind.LIKE, "rows whose index looks like this, such as `*.20.*`"),
        Key(
            "columns",
            Kind.COLUMNS,
            "further columns by name, for `where`, `only`, `never`: an OID, "
            "or a table of these keys",
            inside=COLUMN,
        ),
    ),
)

ROW = Keys(
    "rows.NAME",
    (
        Key("code", Kind.CODES, "its code, or several; preferred to the label"),
        Key("label", Kind.TEXTS, "its words, or several; case, blanks and punctuation are ignored"),
        Key("where", Kind.CONDITIONS, "what its columns say"),
        Key("sum", Kind.FLAG, "add up all rows that fit, instead of wanting exactly one"),
        *COUNTED,
    ),
    any_of=("code", "label", "where"),
)

TABLE = Keys(
    "[tables.NAME]",
    (
        Key(
            "at",
            Kind.TABLES,
            "places where the table may be; without one, its rows are added to "
            "the included table of that name",
            inside=PLACE,
        ),
        Key("rows", Kind.NAMED, "the rows that formulas name", inside=ROW, names=ROW_NAME),
        Key("values", Kind.WORDS, "words for what a column says: `job = { print = 1, copy = 2 }`"),
        Key("only", Kind.CONDITIONS, "other rows are no rows of this table"),
        Key("never", Kind.CONDITIONS, "such rows are no rows of this table"),
        Key("verify_label", Kind.FLAG, "a row whose code fits must not carry a foreign label"),
        Key("refresh", Kind.FLAG, "the machine brings rows up to date only when they are walked"),
        *FORM,
        SENTINELS,
        *COUNTED,
    ),
)

FORMULA = Keys(
    "a sum as a table",
    (
        Key("of", Kind.FORMULA, "the sum", needed=True),
        Key("confidence", Kind.CHOICE, "instead of the least of its counters", choices=Confidence),
        SOURCE,
        WRAP,
    ),
)

CHOOSE = Keys(
    "[[choose]]",
    (
        Key(
            "sets",
            Kind.SETS,
            "meters that belong together; the first set that resolves whole is taken",
            needed=True,
            inside=FORMULA,
        ),
    ),
)

CHECK = Keys(
    "[[checks]]",
    (
        Key("whole", Kind.METER, "the meter that should be the sum", needed=True),
        Key("parts", Kind.METERS, "of these meters", needed=True),
        Key("tolerance", Kind.NUMBER, "give or take so many pages (default 20)"),
        Key("note", Kind.TEXT, "what is said where it does not add up, in place of a panel"),
        Key(
            "percent",
            Kind.NUMBER,
            "or so many per cent of the whole, whichever is more: for counts "
            "that drift apart, such as `engine_total` and `total`",
        ),
    ),
)

PROVED = Keys(
    "[proved]",
    (
        Key("on", Kind.DATE, "when the counters were compared with a machine's panel", needed=True),
        Key("model", Kind.TEXT, "the model of that machine"),
        Key("firmware", Kind.TEXT, "its firmware; other firmware is to be proved again"),
        Key("note", Kind.TEXT, "by whom, and which figures"),
    ),
)

PROFILE = Keys(
    "the file",
    (
        Key("format", Kind.NUMBER, "`1`", needed=True),
        Key(
            "id",
            Kind.TEXT,
            "the profile's name, without blanks; a file of your own replaces a shipped one of the "
            "same name",
            needed=True,
            names=ID,
        ),
        Key("about", Kind.TEXT, "which machines it is for"),
        Key("source", Kind.TEXT, "where the meaning of the counters is known from", needed=True),
        Key(
            "confidence",
            Kind.CHOICE,
            "how well they are known (default `H`): `H` a maker's document "
            "or two independent sources, `M` one good source, `L` weak or contradicted; `L` is not "
            "read unless it is asked for",
            choices=Confidence,
        ),
        Key(
            "include",
            Kind.TEXTS,
            "profiles whose parts, counters, identity candidates and unstated "
            "meters are taken over",
        ),
        Key(
            "priority",
            Kind.NUMBER,
            "decides between profiles that recognise a machine on equal "
            "evidence; unstated, that of the included one",
        ),
        Key(
            "match",
            Kind.TABLES,
            "ways to recognise a machine; in one of them everything stated must hold",
            inside=MATCH,
        ),
        Key("identity", Kind.TABLE, "how the machine is named", inside=IDENTITY),
        Key(
            "parts",
            Kind.NAMED,
            "parts in hrDeviceTable; `{NAME}` in an OID stands for its index",
            inside=PART,
            names=NAME,
        ),
        Key("scalars", Kind.NAMED, "counters that stand alone", inside=SCALAR, names=NAME),
        Key("tables", Kind.NAMED, "counters in rows", inside=TABLE, names=NAME),
        Key("records", Kind.NAMED, "counters packed into octets", inside=RECORD, names=NAME),
        Key(
            "meters",
            Kind.SUMS,
            "each meter as one sum or several alternatives, the first that "
            "resolves; `[]` drops an included one",
            inside=FORMULA,
        ),
        Key("choose", Kind.TABLES, "meters chosen together", inside=CHOOSE),
        Key(
            "derived",
            Kind.SUMS,
            "meters worked out from other meters where the machine has no "
            'counter: `total_mono = "total - total_color"`; never across families',
            inside=FORMULA,
        ),
        Key(
            "checks", Kind.TABLES, "what should add up; reported and never corrected", inside=CHECK
        ),
        Key(
            "sheets_are_impressions",
            Kind.FLAG,
            "the maker's life count says sheets but counts sides",
        ),
        Key(
            "life_family",
            Kind.TEXTS,
            "sets of counters that the life count may be added to and taken from, because on every "
            "machine it equals one of them",
        ),
        Key(
            "models",
            Kind.TABLES,
            "rated speeds and wraps of some of the machines: of each the first that fits, the "
            "file's own before included ones",
            inside=MODEL,
        ),
        Key(
            "rated_ipm",
            Kind.NUMBER,
            "rated speed in impressions a minute of all of them, whatever `models` says",
        ),
        Key("nvram_step", Kind.NUMBER, "how many pages a power cut may lose"),
        Key("wrap", Kind.NUMBER, "for every counter that states none of its own"),
        Key("sentinels", Kind.NUMBERS, "for every counter, besides its own"),
        Key("proved", Kind.TABLE, "that the counters were compared with a panel", inside=PROVED),
    ),
)
