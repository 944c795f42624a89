"""Rows that describe themselves by several columns, as Samsung, Lexmark and the PWG do."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from collector.adapters.snmp.client.session import Value
from collector.errors import ConfigError
from tests.unit.snmp.machines import PRINTER, P, answer, devices, named
from tests.unit.snmp.own import own

ACME = named("ACME 1")
COUNT = P + "99999.11.2.1"

# Columns 2 job, 3 size, 4 unit, 6 colour, 7 value, as Samsung lays them out.
SELF = """
[[tables.count.at]]
value = "1.3.6.1.4.1.99999.11.2.1.7"
columns.job = "1.3.6.1.4.1.99999.11.2.1.2"
columns.size = "1.3.6.1.4.1.99999.11.2.1.3"
columns.unit = "1.3.6.1.4.1.99999.11.2.1.4"
columns.color = "1.3.6.1.4.1.99999.11.2.1.6"
[tables.count]
only = { unit = "impressions" }
never = { size = "unknown" }
[tables.count.values]
job = { print = 1, copy = 2, fax = 3, printed = [1, 2, 3] }
size = { large = [2, 19, 20], unknown = 99 }
unit = { impressions = 7, sheets = 8 }
color = { full = 1, single = 2, mono = 3 }
[tables.count.rows]
print = { where = { job = "print" }, sum = true }
print_mono = { where = { job = "print", color = "mono" }, sum = true }
print_color = { where = { job = "print", color = ["full", "single"] }, sum = true }
copy = { where = { job = 2 } }
large = { where = { job = "printed", size = "large" }, sum = true }
[meters]
total = "count[*]"
total_large = "count[large]"
print = "count[print]"
print_mono = "count[print_mono]"
print_color = "count[print_color]"
copy = "count[copy]"
"""


def _table(
    base: str, rows: Mapping[str, Sequence[int]], columns: Sequence[int]
) -> dict[str, Value]:
    """Return a table: index to the cells of `columns`."""
    return {
        f"{base}.{column}.{index}": cell
        for index, cells in rows.items()
        for column, cell in zip(columns, cells, strict=True)
    }


def _self(rows: Mapping[str, Sequence[int]]) -> dict[str, Value]:
    return _table(COUNT, rows, (2, 3, 4, 6, 7))


async def test_rows_are_chosen_by_what_their_columns_say(tmp_path: Path) -> None:
    rows = {
        "1.1": (1, 5, 7, 3, 1000),
        "1.2": (1, 20, 7, 3, 30),
        "1.3": (1, 5, 7, 1, 200),
        "1.4": (1, 5, 7, 2, 5),
        "1.5": (2, 5, 7, 3, 70),
        "1.6": (1, 5, 8, 3, 600),  # sheets of the prints: another unit
        "1.7": (1, 99, 7, 3, 7000),  # a size that is excluded
    }
    found = await answer(ACME, _self(rows), profiles=own(tmp_path, SELF))
    assert dict(found.meters) == {
        "total": 1305,
        "total_large": 30,
        "print": 1235,
        "print_mono": 1030,
        "print_color": 205,
        "copy": 70,
    }


async def test_a_row_that_leaves_a_column_open_is_not_guessed_at(tmp_path: Path) -> None:
    rows = _self({"1.1": (1, 5, 7, 3, 1000), "1.2": (2, 5, 7, 3, 40)})
    del rows[f"{COUNT}.4.1.1"]
    found = await answer(ACME, rows, profiles=own(tmp_path, SELF))
    assert dict(found.meters) == {"total": 40, "copy": 40}


async def test_two_rows_that_fit_and_differ_are_ambiguous(tmp_path: Path) -> None:
    rows = _self({"1.1": (2, 5, 7, 3, 1000), "1.2": (2, 6, 7, 3, 40)})
    found = await answer(ACME, rows, profiles=own(tmp_path, SELF))
    assert "copy" not in found.meters
    assert [one.evidence for one in found.findings if one.code == "table_ambiguous"] == [
        {"row": "count[copy]"}
    ]


# Columns 2 type, 3 unit, 4 value; index deviceIndex.row, rows differ by model, as Lexmark's.
TYPED = """
[[tables.general.at]]
value = "1.3.6.1.4.1.99999.2.1.1.4"
columns = { type = "1.3.6.1.4.1.99999.2.1.1.2", unit = "1.3.6.1.4.1.99999.2.1.1.3" }
[tables.general.values]
type = { picked = 1, all = 2, mono = 3, color = 4, printed = 80 }
unit = { items = 3, sides = 4, sheets = 5 }
[tables.general.rows]
total = { where = { type = "all", unit = "sides" } }
sheets = { where = { type = "all", unit = "sheets" } }
mono = { where = { type = "mono", unit = "sides" } }
[meters]
total = "general[total]"
sheets = "general[sheets]"
total_mono = "general[mono]"
"""


async def test_the_unit_column_tells_sides_from_sheets(tmp_path: Path) -> None:
    rows = {"1.7": (2, 5, 700), "1.9": (2, 4, 1200), "1.4": (3, 4, 900), "1.5": (1, 4, 1234)}
    cells = _table(P + "99999.2.1.1", rows, (2, 3, 4))
    found = await answer(ACME, cells, profiles=own(tmp_path, TYPED))
    assert dict(found.meters) == {"total": 1200, "sheets": 700, "total_mono": 900}


# A key table (2 service, 4 subunit) and work tables with index key.workType.persistence.
KEYED = """
[[tables.sides.at]]
value = "1.3.6.1.4.1.99999.8.1.1.4"
columns.service = { oid = "1.3.6.1.4.1.99999.2.1.1.2", arc = 1 }
columns.work = { arc = 2 }
columns.lasts = { arc = -1 }
[tables.sides]
only = { work = 3, lasts = "lifetime" }
[tables.sides.values]
service = { system = 3, copy = 4, print = 11 }
lasts = { lifetime = 3, power_on = 4 }
[tables.sides.rows]
total = { where = { service = "system" } }
copy = { where = { service = "copy" } }
print = { where = { service = "print" } }
[meters]
total = "sides[total]"
copy = "sides[copy]"
print = "sides[print]"
"""


async def test_a_row_is_found_through_the_table_of_keys(tmp_path: Path) -> None:
    keys = {P + f"99999.2.1.1.2.{key}": service for key, service in ((1, 3), (7, 4), (5, 11))}
    counts = {"1.3.3": 500, "7.3.3": 120, "5.3.3": 380, "5.3.4": 9, "5.6.3": 11, "8.3.3": 77}
    cells = {P + f"99999.8.1.1.4.{index}": count for index, count in counts.items()}
    found = await answer(ACME, keys, cells, profiles=own(tmp_path, KEYED))
    assert dict(found.meters) == {"total": 500, "copy": 120, "print": 380}
    found = await answer(ACME, cells, profiles=own(tmp_path, KEYED))
    assert dict(found.meters) == {}, "without the keys nothing says what a row counts"


# The first arc is the part's hrDeviceIndex; a column may also be told apart by its words.
PARTED = """
[parts.copier]
ids = ["1.3.6.1.4.1.99999.44"]
[[tables.used.at]]
value = "1.3.6.1.4.1.99999.5.1.3"
columns = { part = { arc = 1 }, mode = "1.3.6.1.4.1.99999.5.1.2" }
[tables.used.rows]
copy_mono = { where = { part = "{copier}", mode = "Black & White" } }
[meters]
copy_mono = "used[copy_mono]"
"""


async def test_a_part_and_a_label_choose_a_row(tmp_path: Path) -> None:
    parts = devices(i1=(PRINTER, "ACME 1", ""), i9=("", "", P + "99999.44"))
    cells: dict[str, Value | str] = {}
    for index, mode, count in (("1.1", "Black & White", 1), ("9.1", "black and white", 2)):
        cells |= {P + f"99999.5.1.2.{index}": mode, P + f"99999.5.1.3.{index}": count}
    cells |= {P + "99999.5.1.2.9.2": "Black&white ", P + "99999.5.1.3.9.2": 3}
    found = await answer(ACME, parts, cells, profiles=own(tmp_path, PARTED))
    assert dict(found.meters) == {"copy_mono": 3}


def test_words_that_no_table_knows_are_mistakes(tmp_path: Path) -> None:
    wrong = """
        [[tables.a.at]]
        value = "1.3.6.1.4.1.9.3"
        columns = { job = "1.3.6.1.4.1.9.2", size = { arc = 0 }, key = { arc = [1, 2] } }
        [tables.a]
        only = { unitt = 7, job = "prnt" }
        values = { job = { print = 1, copy = 2.5 } }
        [tables.a.rows]
        one = { where = { job = true } }
        two = { where = { key = "{tray}" } }
        """
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, wrong)
    text = "\n".join(f"{one.path}: {one.message}" for one in caught.value.problems)
    for expected in (
        "acme.toml:11: tables.a.at[0].columns.size.arc: must be a whole number other than 0",
        "acme.toml:11: tables.a.at[0].columns.key.arc: must be one arc",
        "acme.toml:13: tables.a.only.unitt: no column of this table is called 'unitt'",
        "acme.toml:13: tables.a.only.job: 'prnt' is none of the values of job; did you mean pr",
        "acme.toml:14: tables.a.values.job.copy: must be what the column says",
        "acme.toml:16: tables.a.rows.one.where.job: must be what the column says: a number or a la",
        "acme.toml:17: no part is called 'tray'",
    ):
        assert expected in text, expected + "\n" + text
