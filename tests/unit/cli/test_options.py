"""What several commands are told alike: the configuration, a month, a place."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.language import default_config
from collector.cli.options import MonthType, named_department, named_place
from collector.domain.office.fleet import Department, DepartmentId, Fleet, Place, PlaceNames
from collector.domain.office.shares import PlaceId
from tests.stories.program import Ended, command
from tests.unit.cli.test_every_table import printing


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        (None, "/etc/copier-fleet/collector.toml"),
        ("", "/etc/copier-fleet/collector.toml"),
        ("/srv/town", "/srv/town/collector.toml"),
        ("/srv/a:/srv/b", "/srv/a/collector.toml"),
    ],
)
def test_the_default_follows_the_service_manager(
    stated: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONFIGURATION_DIRECTORY")
    if stated is not None:
        monkeypatch.setenv("CONFIGURATION_DIRECTORY", stated)
    assert default_config() == Path(found)


@pytest.fixture(scope="module")
def ask(golden_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ended]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(golden_office, folder, dirs_exist_ok=True)
    (folder / "sheet.csv").write_text("設置場所,年月,使用枚数\nx,2025-04,1200\nx,2025-05,900\n")

    def ask(*args: str) -> Ended:
        named = [str(folder / one) if one == "sheet.csv" else one for one in args]
        return command(*named, "--config", folder / "collector.toml")

    return ask


def test_every_month_on_a_command_line_is_read_alike() -> None:
    found = 0
    for words, one in printing():
        for param in one.params:
            if "MONTH" in (param.metavar or "") or param.name in {"month", "month_name"}:
                assert isinstance(param.type, MonthType), f"{words}: {param.name}"
                found += 1
    assert found >= 9


@pytest.mark.parametrize(
    "line",
    [
        "month {}",
        "month {} --json",
        "forecast {} --json",
        "forecast --back-test --since {} --json",
        "close {}",
        "statement show {}",
        "statement diff {} 1 1",
        "statement verify {}",
        "history import sheet.csv --place x=1f-hoken --until {}",
    ],
)
def test_a_month_may_be_written_as_people_write_it(line: str, ask: Callable[..., Ended]) -> None:
    plain = ask(*line.format("2026-09").split())

    assert plain.code in {0, 1, 2}
    for written in ("2026/9", "R8.9", "令和8年9月", "２０２６／０９"):
        asked = ask(*line.format(written).split())
        assert (asked.code, asked.out, asked.err) == (plain.code, plain.out, plain.err), written


@pytest.mark.parametrize("written", ["9", "2026", "2026-13", "令和8年", "2026-09-30", "soon"])
def test_what_is_no_month_is_told_with_how_to_write_one(
    written: str, ask: Callable[..., Ended]
) -> None:
    ended = ask("month", written)

    assert (ended.code, ended.out) == (2, "")
    assert (
        f"月 の値の誤り: '{written}' は月ではありません。令和8年11月、R8.11、2026-11" in ended.err
    )


def test_an_option_that_is_no_month_is_named(ask: Callable[..., Ended]) -> None:
    ended = ask("forecast", "--back-test", "--since", "soon")

    assert ended.code == 2
    assert "--since の値の誤り: 'soon' は月ではありません" in ended.err


TODAY = date(2026, 11, 30)


def a_place(name: str, called: str, address: str, until: date | None = None) -> Place:
    return Place(PlaceId(name), called, address, until=until)


FLEET = Fleet(
    places=(
        a_place("2f-soumu", "2階 総務課前", "192.0.2.11"),
        a_place("1f-zeimu", "税務課", "192.0.2.12"),
        a_place("3f", "印刷室", "192.0.2.13"),
        a_place("4f", "印刷室", "192.0.2.14"),
        a_place("5f-old", "会議室", "192.0.2.15", date(2026, 3, 31)),
        a_place("5f", "会議室", "192.0.2.15"),
    )
)


@pytest.mark.parametrize(
    ("called", "place"),
    [
        *(("2f-soumu", "2f-soumu"), ("2F-SOUMU", "2f-soumu"), ("２ｆ－ｓｏｕｍｕ", "2f-soumu")),
        *(("2階 総務課前", "2f-soumu"), ("２階総務課前", "2f-soumu"), ("192.0.2.12", "1f-zeimu")),
        *(("会議室", "5f"), ("192.0.2.15", "5f"), ("5f-old", "5f-old"), ("3f", "3f")),
    ],
)
def test_a_place_is_found_by_id_name_or_address(called: str, place: str) -> None:
    """Where one that has ended shares name or address, the one that stands today is meant."""
    assert named_place(FLEET, called, TODAY).id == place


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("印刷室", "give the id of one: 3f, 4f"),
        ("2f-somu", "did you mean '2f-soumu'?"),
        ("税務", "did you mean '税務課'?"),
        ("zzz", "known are: 2f-soumu, 1f-zeimu, 3f"),
    ],
)
def test_a_place_that_is_none_or_several_is_refused(called: str, told: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        named_place(FLEET, called, TODAY)
    assert told in refused.value.message


def test_ids_are_what_is_meant_first() -> None:
    fleet = Fleet(places=(a_place("1f", "2f", "10.0.0.1"), a_place("2f", "1f", "10.0.0.2")))

    assert PlaceNames(fleet).of("1f") == ("1f",)
    assert PlaceNames(fleet).of("10.0.0.2") == ("2f",)


SECTIONS = Fleet(
    (
        Department(DepartmentId("shomu"), "庶務係", "Affairs"),
        Department(DepartmentId("shomu2"), "庶務係"),
        Department(DepartmentId("kei"), "契約課"),
    ),
    former=(Department(DepartmentId("kei-old"), "契約課", until=date(2026, 3, 31)),),
)


@pytest.mark.parametrize(
    ("called", "department"),
    [("SHOMU", "shomu"), ("affairs", "shomu"), ("契約課", "kei"), ("kei-old", "kei-old")],
)
def test_a_department_is_found_by_id_or_name(called: str, department: str) -> None:
    """Where one that is gone shares the name, the one that is there is meant."""
    assert named_department(SECTIONS, called).id == department


@pytest.mark.parametrize(
    ("called", "told"),
    [("庶務係", "give the id of one: shomu, shomu2"), ("契約", "did you mean '契約課'?")],
)
def test_a_department_that_is_none_or_several_is_refused(called: str, told: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        named_department(SECTIONS, called)
    assert told in refused.value.message


NAMES = st.text(st.sampled_from("ab12総務 　ＡＢ"), min_size=1, max_size=4)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=6, unique_by=lambda one: one[0]))
def test_every_place_is_among_those_that_its_names_name(
    stated: list[tuple[str, str, str]],
) -> None:
    fleet = Fleet(places=tuple(a_place(*one) for one in stated))
    names = PlaceNames(fleet)
    ids = [one.id for one in fleet.places]

    for one in fleet.places:
        assert set(names.of(one.name)) <= {*ids}
        assert names.of(one.name)
        assert len(names.of(one.id)) == 1
    assert names.of("no such place") == ()


@pytest.mark.parametrize("called", ["1階 保健センター", "１階　保健センター", "1F-HOKEN"])
def test_commands_take_a_place_by_its_name(called: str, ask: Callable[..., Ended]) -> None:
    why = ("--why", "確認", "--by", "鈴木", "--dry-run")
    for line in (("replay", "--since", "2026-09-01", "--place"), ("read",)):
        rest = ("total=999999999", *why) if line == ("read",) else ()
        by_id, by_name = ask(*line, "1f-hoken", *rest), ask(*line, called, *rest)
        assert (by_name.code, by_name.out) == (by_id.code, by_id.out)
        assert by_name.err == by_id.err
    sheet = ask("history", "import", "sheet.csv", "--place", f"x={called}")
    by_id = ask("history", "import", "sheet.csv", "--place", "x=1f-hoken")
    assert (sheet.out, sheet.err) == (by_id.out, by_id.err)
    assert sheet.code == 0, sheet.err


def test_an_address_that_several_places_have_is_refused_with_their_ids(
    ask: Callable[..., Ended],
) -> None:
    ended = ask("poll", "127.0.0.1")

    assert (ended.code, ended.out) == (2, "")
    assert "'127.0.0.1' と呼ばれる設置場所は複数あります。番号で指定してください" in ended.err
    assert "1f-hoken" in ended.err
