"""A table is read as far as it can be meant, and everything that cannot is told once."""

import pytest
from pydantic import Field

from collector.settings.values import Day, Pages, Text
from collector.user_files.report import ProblemReport
from collector.user_files.tables import FileTable, is_sound, tell
from collector.user_files.toml_file import TomlFile


class InnerTable(FileTable):
    """An entry."""

    name: Text | None
    count: Pages | None = 1


class OuterTable(FileTable):
    """The file."""

    start: Day | None = Field(alias="from")
    entry: tuple[InnerTable | None, ...] | None = ()
    whole: tuple[InnerTable, ...] | None = ()
    numbers: tuple[Pages, ...] | None = ()
    named: dict[str, InnerTable] | None = Field(default_factory=dict)


def read(text: str) -> tuple[OuterTable, list[str]]:
    file = TomlFile.of("a.toml", text)
    report = ProblemReport()
    table = OuterTable.model_validate(file.tree)
    tell(table, file.spot, report)
    report.in_order()
    return table, [f"{one.path}: {one.message}" for one in report.problems]


GOOD = 'from = 2026-04-01\n[[entry]]\nname = "a"\n[named.b]\nname = "b"\ncount = 2\n'


def test_a_good_table_has_no_fault() -> None:
    table, told = read(GOOD)
    assert told == []
    assert is_sound(table)
    assert table.entry == (InnerTable(name="a"),)
    assert table.named is not None
    assert table.named["b"].count == 2


def test_what_is_right_beside_a_fault_is_read() -> None:
    table, told = read(GOOD.replace("2026-04-01", "4").replace("count = 2", 'count = "2"\nx = 1'))
    assert told == [
        "a.toml:1: from: is no date; write it like 2026-04-01, not 4",
        "a.toml:6: named.b.count: must be a whole number without quotes, not '2'",
        "a.toml:7: named.b.x: is no known key; known are: count, name",
    ]
    assert table.start is None
    assert table.entry == (InnerTable(name="a"),)
    assert table.named is not None
    assert (table.named["b"].name, table.named["b"].count) == ("b", None)
    assert not is_sound(table)


@pytest.mark.parametrize(
    ("text", "told", "kept"),
    [
        ("entry = [{ name = 'a' }, 7]", "entry[1]: write every entry below", 2),
        ("entry = 7", "entry: write every entry below its own line [[entry]]", None),
        ("entry = { name = 'a' }", "entry: write every entry below its own line [[entry]]", None),
    ],
)
def test_as_little_as_may_be_is_left_out(text: str, told: str, kept: int | None) -> None:
    table, problems = read(f"from = 2026-04-01\n{text}\n")
    assert len(problems) == 1
    assert problems[0].startswith(f"a.toml:2: {told}")
    assert (None if table.entry is None else len(table.entry)) == kept


def test_a_list_that_must_be_whole_is_left_out_with_one_wrong_element() -> None:
    table, told = read("from = 2026-04-01\nnumbers = [1,\n'2',\n3]\nwhole = [{ name = 'a' }, 1]\n")
    assert [one.partition(":")[2].partition(":")[0] for one in told] == ["3", "5"]
    assert (table.numbers, table.whole) == (None, None)
    assert table.entry == ()


def test_nothing_is_missing_but_what_must_be_there() -> None:
    _, told = read("")
    assert told == ["a.toml: from: is missing; add it"]
