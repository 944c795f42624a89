"""What a key of a profile file is: the words in which `profile_keys` describes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property


class Kind(Enum):
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
class Key:
    """One key: what stands there, what it means, and the keys inside it.

    `names` is what the tables at a `Kind.NAMED` key may be called, or the text itself.
    """

    name: str
    kind: Kind
    about: str
    needed: bool = False
    inside: "Keys | None" = None
    choices: type[StrEnum] | None = None
    names: re.Pattern[str] | None = None


@dataclass(frozen=True)  # without slots, for what is worked out once
class Keys:
    """The keys of one table, called `title` in the manual; `any_of` wants at least one of them.

    `one_of` wants exactly one.
    """

    title: str
    keys: tuple[Key, ...]
    any_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def key(self, name: str) -> Key | None:
        """Return the key called `name`, or None."""
        return self.names.get(name)

    @cached_property
    def names(self) -> Mapping[str, Key]:
        """Every key by its name, in the manual's order."""
        return {one.name: one for one in self.keys}
