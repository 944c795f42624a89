"""Lists of copiers as offices keep them in Excel come in as they are; what was decided is told."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import Fleet
from collector.domain.old_sheets.cells import Broken, Sheet, SheetLine, Value
from collector.domain.sentence import sentence
from collector.errors import ConfigError
from collector.settings.fleet.csv import ImportedList, import_list
from collector.settings.fleet.csv_layout import CsvLine, read_lines
from collector.settings.fleet.office_lists import lines_of
from collector.settings.fleet.staff_list import read_staff
from collector.user_files.report import ProblemReport

LIST = """\
令和８年度　複合機配置一覧,,,,,,,
,,,,,,,令和8年4月1日現在
No.,庁舎,設置場所,,機種,ネットワーク,担当課,備考
,,階,場所,,ＩＰアドレス,,
1,本庁舎,1,市民課窓口,IM C4500,192.0.2.11,市民課,
2,,１,税務課前,IM C4500,１９２．０．２．１２,税務課,リース R9.3まで
3,,2,総務課,C360i,192.0.2.13,総務課,
4,,2,企画課,C360i,192.0.2.14,,
5,,3,教育委員会,Apeos,故障,教育委員会,修理中
6,別館,1,建設課,Apeos,192.0.2.21（固定）,建設課,
合計,,,6台,,,,
※ 備考は総務課まで,,,,,,,
"""


KEEP = "look at them before they are used, and keep them later"


def lines(text: str) -> list[CsvLine]:
    """Return the lines of a CSV."""
    return read_lines(text.encode("cp932"), "一覧.csv", ProblemReport())


def read(text: str, since: date | None = None) -> ImportedList:
    """Return what a list comes to."""
    return import_list(lines(text), "一覧.csv", since)


def refused(text: str, since: date | None = None) -> dict[str, str]:
    """Return path -> message of everything wrong with a list."""
    with pytest.raises(ConfigError) as error:
        read(text, since)
    return {one.path: one.message for one in error.value.problems}


def answering(fleet: Fleet) -> list[tuple[str, str, str, date]]:
    """Return id, address, department and since when, of each place."""
    return [
        (one.id, one.address, name, share.start)
        for one in fleet.places
        for share in one.assignments
        for name in share.shares
    ]


def test_an_ordinary_list_comes_in_as_it_is() -> None:
    fleet = read(LIST).fleet
    april = date(2026, 4, 1)
    assert answering(fleet) == [
        ("本庁舎-1階-市民課窓口", "192.0.2.11", "市民課", april),
        ("本庁舎-1階-税務課前", "192.0.2.12", "税務課", april),
        ("本庁舎-2階-総務課", "192.0.2.13", "総務課", april),
        ("本庁舎-2階-企画課", "192.0.2.14", "総務課", april),
        ("別館-1階-建設課", "192.0.2.21", "建設課", april),
    ]
    assert fleet.places[1].name == "本庁舎 1階 税務課前"
    names = [one.name for one in fleet.departments]
    assert names == ["市民課", "税務課", "総務課", "教育委員会", "建設課"]


def test_whatever_was_left_out_or_decided_is_told_with_its_line() -> None:
    told = {one.path: one.message for one in read(LIST).notes}
    assert told["一覧.csv: line 9, column ＩＰアドレス"].startswith("'故障' is no address")
    assert told["一覧.csv: line 10, column ＩＰアドレス"].startswith("192.0.2.21 is taken")
    assert told["一覧.csv: line 6, column 庁舎"].endswith("in the rows 6, 7, 8, 9")
    assert told["一覧.csv: line 8, column 担当課"].startswith("is empty and taken as 総務課")
    assert told["一覧.csv: line 11"] == "a row of sums (合計) was left out"
    heading = [one.message for one in read(LIST).notes if one.path == "一覧.csv: line 3"]
    assert heading == [
        "columns not used: No., 機種, 備考",
        "rows without a place and an address were left out: 12",
        "departments answer from 2026-04-01 on, the day in the title; --from states another",
        f"ids of places made of their names: 5; {KEEP}",
        "ids of departments made of their names: 5",
    ]


def test_without_a_day_anywhere_it_is_asked_for_and_not_guessed() -> None:
    undated = LIST.replace("令和8年4月1日現在", "")
    assert list(refused(undated)) == ["一覧.csv: line 3"]
    assert "--from 2026-04-01" in refused(undated)["一覧.csv: line 3"]
    fleet = read(undated, date(2025, 4, 1)).fleet
    assert {start for *_, start in answering(fleet)} == {date(2025, 4, 1)}
    assert {start for *_, start in answering(read(LIST, date(2025, 4, 1)).fleet)} == {
        date(2025, 4, 1)
    }


@pytest.mark.parametrize("title", ["令和８年度", "作成 R8.4.1", "2026年4月30日 総務課"])
def test_a_day_that_is_of_something_else_is_none(title: str) -> None:
    assert list(refused(LIST.replace("令和8年4月1日現在", title))) == ["一覧.csv: line 3"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("R8.4", date(2026, 4, 1)),
        ("令和8年10月～", date(2026, 10, 1)),
        ("R8/4/16", date(2026, 4, 16)),
    ],
)
def test_a_column_of_days_may_say_months(text: str, day: date) -> None:
    fleet = read(
        f"設置場所,IP,担当課,適用開始,撤去日\n市民課前,192.0.2.1,市民課,{text},R9.3\n"
    ).fleet
    assert answering(fleet) == [("市民課前", "192.0.2.1", "市民課", day)]
    assert fleet.places[0].until == date(2027, 3, 31)


def test_places_alone_get_ids_that_differ() -> None:
    fleet = read(
        "No,設置場所,IPアドレス\n1,会議室,192.0.2.1\n2,会議室,192.0.2.2\n3,※,192.0.2.3\n"
    ).fleet
    assert [one.id for one in fleet.places] == ["会議室", "会議室-2", "192-0-2-3"]


def test_a_list_by_departments_names_its_places_by_them() -> None:
    fleet = read("階,担当課,IPアドレス\n2,総務課,192.0.2.1\n", date(2026, 4, 1)).fleet
    assert fleet.places[0].name == "2階 総務課"


def test_a_mistyped_heading_is_asked_about_and_not_left_out() -> None:
    found = refused("設置場所,IPアドレス,担当課,適用開姶\nA,192.0.2.1,総務課,R8.4.1\n")
    assert "did you mean 適用開始?" in found["一覧.csv: line 1, column 適用開姶"]


def test_a_remark_for_a_target_is_not_known_and_a_wrong_one_is_refused() -> None:
    text = "設置場所,IPアドレス,担当課,適用開始,目標\n市民課前,192.0.2.1,市民課,R8.4.1,{}\n"
    found = read(text.format("検討中"))
    assert not found.fleet.targets
    assert next(one.path for one in found.notes) == "一覧.csv: line 2, column 目標"
    assert list(refused(text.format("12k"))) == ["一覧.csv: line 2, column 目標"]


def test_an_address_twice_is_refused_as_ever() -> None:
    text = LIST.replace("192.0.2.13", "192.0.2.11")
    assert list(refused(text)) == ["一覧.csv: line 7, column ＩＰアドレス"]


def test_a_cell_of_a_workbook_that_nobody_knows_refuses_it_where_it_is_used() -> None:
    rows: list[tuple[Value, ...]] = [
        ("設置場所", "IPアドレス", "担当課", "適用開始", "備考"),
        (
            "市民課前",
            "192.0.2.1",
            "市民課",
            date(2026, 4, 1),
            Broken(sentence("cell.not_worked_out")),
        ),
    ]
    fleet = import_list(lines_of(_sheet(rows)), "一覧.xlsx: 台帳").fleet
    assert answering(fleet) == [("市民課前", "192.0.2.1", "市民課", date(2026, 4, 1))]
    rows[1] = (*rows[1][:2], Broken(sentence("cell.error", error="#REF!")), *rows[1][3:])
    with pytest.raises(ConfigError) as error:
        import_list(lines_of(_sheet(rows)), "一覧.xlsx: 台帳")
    assert [one.path for one in error.value.problems] == ["一覧.xlsx: 台帳: line 2, column 担当課"]


def _sheet(rows: Sequence[tuple[Value, ...]]) -> Sheet:
    return Sheet("一覧.xlsx", "台帳", tuple(SheetLine(n, row) for n, row in enumerate(rows, 1)))


NAMES = st.text(st.sampled_from("市民税務総企画建設課室前窓口AB12"), min_size=1, max_size=6)


@given(
    st.lists(st.tuples(NAMES, NAMES.filter(lambda one: not one.isascii())), min_size=1, max_size=8),
    st.integers(0, 3),
    st.booleans(),
)
def test_what_stands_around_a_list_changes_nothing_of_it(
    rows: list[tuple[str, str]], titles: int, numbered: bool
) -> None:
    """Titles, a column No. and a row of sums are no part of the fleet."""
    plain = ["設置場所,IPアドレス,担当課"]
    plain += [f"{place},192.0.2.{n},{name}" for n, (place, name) in enumerate(rows, 1)]
    around = [f"複合機一覧 {n}" for n in range(titles)]
    around += [f"{n or 'No.'},{line}" if numbered else line for n, line in enumerate(plain)]
    around.append("合計,,")
    since = date(2026, 4, 1)
    assert read("\n".join(around), since).fleet == read("\n".join(plain), since).fleet


CELLS = st.sampled_from(
    [
        *(
            "",
            "No.",
            "設置場所",
            "階",
            "庁舎",
            "IPアドレス",
            "担当課",
            "備考",
            "適用開始",
            "職員数",
        ),
        *(
            "目標 2026-11",
            "合計",
            "故障",
            "－",
            "192.0.2.1",
            "192.0.2.2（固定）",
            "総務課",
            "市民課",
        ),
        *("R8.4", "令和8年4月1日現在", "12", "１２", "#REF!", "=1+1", "'", "設置場所ID", "部署ID"),
    ]
)


@given(st.lists(st.lists(CELLS, max_size=7), min_size=1, max_size=8), st.booleans())
def test_whatever_a_list_holds_it_comes_in_or_is_refused(
    rows: list[list[str]], is_dated: bool
) -> None:
    found = [CsvLine(n, tuple(row)) for n, row in enumerate(rows, 1)]
    since = date(2026, 4, 1) if is_dated else None
    try:
        fleet = import_list(found, "一覧.csv", since).fleet
    except ConfigError:
        return
    assert fleet.places
    assert len({one.id for one in fleet.places}) == len(fleet.places)
    report = ProblemReport()
    changes = read_staff(found, "一覧.csv", fleet, report, since)
    assert not (changes and any(one.people < 1 for one in changes))
