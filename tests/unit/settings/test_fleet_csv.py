"""Spreadsheets as offices really save them, and what is refused in them."""

from datetime import date

import pytest

from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets
from collector.errors import ConfigError
from collector.settings.fleet.csv import CsvEncoding, export_csv, import_csv
from collector.settings.fleet.csv_rows import guard, parse_date, parse_whole, unguard
from collector.settings.values import Language

HEAD = "設置場所ID,設置場所,IPアドレス,部署ID,部署名,適用開始,割合,目標,目標 2026-11\n"
ONE = HEAD + "2f,2階 総務課前,192.0.2.1,soumu,総務課,2026/4/1,100,12000,9000\n"
FLEET = Fleet(
    (Department(DepartmentId("soumu"), "総務課"),),
    (
        Place(
            PlaceId("2f"),
            "2階 総務課前",
            "192.0.2.1",
            assignments=(Assignment(date(2026, 4, 1), {DepartmentId("soumu"): 100}),),
        ),
    ),
    {DepartmentId("soumu"): Targets(12000, {"2026-11": 9000})},
)


def refused(text: str) -> dict[str, str]:
    """Return path -> message of everything wrong with this spreadsheet."""
    with pytest.raises(ConfigError) as error:
        import_csv(text.encode(), "f.csv")
    return {one.path: one.message for one in error.value.problems}


@pytest.mark.parametrize(
    "data",
    [
        ONE.encode(),
        ONE.encode("utf-8-sig"),
        ONE.encode("cp932"),
        ONE.encode("utf-16"),
        ONE.replace(",", "\t").encode("cp932"),
        ONE.replace(",", ";").encode(),
        ONE.replace("\n", "\r\n").encode(),
        ONE.replace("\n", "\n\n,,,\n").encode(),
        ONE.replace("2026/4/1,100,12000", '令和８年４月１日,１００%,"12,000"').encode("cp932"),
        ONE.replace("192.0.2.1", "１９２．０．２．１").encode(),
        (
            "Place ID,Place_Name,IP Address,Department,Department Name,Start Date,"
            "Share (%),Target,Target 2026/11\n" + ONE.split("\n", 1)[1]
        ).encode(),
        "場所ID,場所名,アドレス,課ID,部署,開始日,按分(%),月間目標,目標2026年11月\n".encode()
        + ONE.split("\n", 1)[1].encode(),
    ],
)
def test_every_way_to_save_it_is_the_same_fleet(data: bytes) -> None:
    assert import_csv(data) == FLEET


def test_further_rows_of_a_place_may_leave_its_cells_empty() -> None:
    fleet = import_csv(
        (ONE + "2f,,,zeimu,税務課,2027/4/1,40,,\n2f,,,soumu,,2027/4/1,60,,\n").encode()
    )
    assert fleet.places[0].assignments[1:] == (
        Assignment(date(2027, 4, 1), {DepartmentId("zeimu"): 40, DepartmentId("soumu"): 60}),
    )
    assert [one.name for one in fleet.departments] == ["総務課", "税務課"]


def test_places_alone_are_enough() -> None:
    fleet = import_csv("場所ID,場所名,IPアドレス\na,A,192.0.2.1\n".encode())
    assert fleet == Fleet((), (Place(PlaceId("a"), "A", "192.0.2.1"),))


def test_unknown_double_and_missing_columns_at_once() -> None:
    found = refused("場所ID,設置場所ID,IPアドレズ,部署ID,料金,メモ欄\n")
    assert set(found) == {
        "f.csv: line 1, column 設置場所ID",
        "f.csv: line 1, column IPアドレズ",
        "f.csv: line 1, column メモ欄",
        "f.csv: line 1",
    }
    assert "did you mean IPアドレス?" in found["f.csv: line 1, column IPアドレズ"]
    with pytest.raises(ConfigError) as error:
        import_csv("場所ID,部署ID\n".encode())
    missing = [one.message for one in error.value.problems]
    assert [part.split()[2] for part in missing[:3]] == ["設置場所", "IPアドレス", "部署名"]
    assert "適用開始" in missing[3]


def test_every_bad_row_with_its_line_and_column() -> None:
    found = refused(
        ONE
        + "a b,A,192.0.2.256,soumu,総務課,4/1/2026,50%,,\n"
        + "c,C,192.0.2.1,zeimu,税務課,令和8年2月30日,x,-5,\n"
        + "c,D,,soumu,総務,,,12,1.5\n"
        + ",E,,,,2026/4/1,100,7,\n"
        + "e,E,192.0.2.5,,,,,,,,extra\n"
    )
    lines = [int(path.split(",")[0].split("line ")[1]) for path in found]
    assert lines == sorted(lines)
    assert {path: message.split(";")[0] for path, message in found.items()} == {
        "f.csv: line 3, column 適用開始": "'4/1/2026' is no date",
        "f.csv: line 4, column 適用開始": "'令和8年2月30日' is no day of the calendar",
        "f.csv: line 4, column 割合": "'x' is no whole number",
        "f.csv: line 5, column 設置場所": "'D' contradicts 'C' on f.csv: line 4, column 設置場所",
        "f.csv: line 5, column 部署名": "'総務' contradicts '総務課' on f.csv: line 2, "
        "column 部署名",
        "f.csv: line 5, column 適用開始": "from when does soumu answer for c? write a date like "
        "2026-04-01",
        "f.csv: line 5, column 目標": "12 contradicts 12000 on f.csv: line 2, column 目標",
        "f.csv: line 5, column 目標 2026-11": "'1.5' is no whole number",
        "f.csv: line 6, column 設置場所ID": "is empty",
        "f.csv: line 6, column 適用開始": "belongs to a place and a department",
        "f.csv: line 6, column 割合": "belongs to a place and a department",
        "f.csv: line 6, column 目標": "belongs to a department",
        "f.csv: line 7": "has more cells than the 9 headings",
        "f.csv: line 3, column 設置場所ID": "'a b' is no usable id",
        "f.csv: line 3, column IPアドレス": "192.0.2.256 is no IPv4 address",
        "f.csv: line 4, column IPアドレス": "192.0.2.1 port 161 is already the address of f.csv: "
        "line 2, column IPアドレス",
        "f.csv: line 4, column 目標": "-5 is no target",
    }


def test_a_share_under_100_and_lines_below_a_cell_with_a_line_break() -> None:
    found = refused(ONE.replace(",100,", ",90,").replace("2階 総務課前", '"2階\n総務課前"'))
    assert found.keys() == {"f.csv: line 2, column 割合", "f.csv: line 2, column 設置場所"}


def test_a_place_has_an_end_in_a_column_of_its_own() -> None:
    head = HEAD.replace("目標,", "終了日,旧設置場所ID,目標,", 1)
    row = "2f,2階 総務課前,192.0.2.1,soumu,総務課,2026/4/1,100,{},2f-old,12000,9000\n"
    (place,) = import_csv((head + row.format("令和9年3月31日")).encode()).places
    assert (place.until, place.was) == (date(2027, 3, 31), "2f-old")
    assert "終了日" in export_csv(Fleet(FLEET.departments, (place,))).decode("utf-8-sig")
    assert "終了日" not in export_csv(FLEET).decode("utf-8-sig")
    assert refused(head + row.format("2026/3/31")) == {
        "f.csv: line 2, column 終了日": "2026-03-31 is before 2026-04-01, the first day somebody"
        " answers for this place; correct one of the two"
    }
    assert list(refused(head + row.format("年度末"))) == ["f.csv: line 2, column 終了日"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b"\x81\x00\xff\xfd", "neither UTF-8 nor Shift_JIS"),
        ((ONE + '"x').encode(), "is no CSV"),
        (HEAD.encode(), "there is no place"),
    ],
)
def test_files_that_are_none(data: bytes, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        import_csv(data)


def test_departments_without_a_place_are_kept() -> None:
    fleet = import_csv((ONE + ",,,kyoiku,教育委員会,,,300,\n").encode())
    again = import_csv(export_csv(fleet))
    assert again == fleet
    assert again.targets_of(DepartmentId("kyoiku")).of("2026-12") == 300


def test_an_export_opens_in_a_japanese_excel() -> None:
    data = export_csv(FLEET, CsvEncoding.UTF8)
    assert data.startswith(b"\xef\xbb\xbf" + "設置場所ID,".encode())
    assert export_csv(FLEET, CsvEncoding.SHIFT_JIS, Language.EN).startswith(b"place id,place name")
    assert "総務課".encode("cp932") in export_csv(FLEET, CsvEncoding.SHIFT_JIS)


def test_what_shift_jis_lacks_is_named_and_not_replaced() -> None:
    fleet = Fleet(FLEET.departments, (Place(PlaceId("a"), "〜𠮷", "192.0.2.1"),))
    with pytest.raises(ConfigError, match="〜 𠮷"):
        export_csv(fleet, CsvEncoding.SHIFT_JIS)
    assert import_csv(export_csv(fleet)).places[0].name == "〜𠮷"


def test_shift_jis_that_would_be_read_as_utf8_is_refused() -> None:
    fleet = Fleet((), (Place(PlaceId("a"), "ﾃｩ", "192.0.2.1"),))
    with pytest.raises(ConfigError, match="taken for UTF-8"):
        export_csv(fleet, CsvEncoding.SHIFT_JIS, Language.EN)
    assert import_csv(export_csv(fleet, CsvEncoding.SHIFT_JIS, Language.JA)) == fleet


@pytest.mark.parametrize("name", ["=1+1", "+81", "-x", "@a", "＝A1", "'=x", "''@"])
def test_no_cell_is_a_formula(name: str) -> None:
    fleet = Fleet((), (Place(PlaceId("a"), name, "192.0.2.1"),))
    data = export_csv(fleet)
    assert f",'{name},".encode() in data
    assert import_csv(data) == fleet


@pytest.mark.parametrize("text", ["'quoted'", "'", "''", "plain", ""])
def test_harmless_texts_are_left_alone(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-01", date(2026, 4, 1)),
        ("2026/4/1", date(2026, 4, 1)),
        ("２０２６年４月１日", date(2026, 4, 1)),
        ("令和8年4月1日", date(2026, 4, 1)),
        ("令和 元年 5月1日", date(2019, 5, 1)),
        ("R8.4.1", date(2026, 4, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H31/4/30", date(2019, 4, 30)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["46113", "4/1", "26/4/1", "昭和64年1月1日", "2026-13-01", ""])
def test_no_dates(text: str) -> None:
    with pytest.raises(ValueError, match="no da"):
        parse_date(text)


@pytest.mark.parametrize("text", ["1,20", "1.0", "12a", "", "一", "٣"])
def test_no_whole_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        parse_whole(text)
