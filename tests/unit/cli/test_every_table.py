"""Every command that prints a table: as table, CSV and JSON, with the same names in the latter."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from rich.cells import cell_len

from collector.adapters.clock import SystemClock
from collector.cli import output
from collector.cli.main import commands
from tests.golden.office import NOW

pytestmark = pytest.mark.slow

TABLELESS = {
    "init",
    "backup",
    "restore",
    "sinks rewind",
    "sinks retry",
    "centre run",
    "centre import",
    "centre site add",
    "centre site revoke",
    "centre site accept",
    "run",
    "report",
    "export",
    "letter",
    "fleet import",
    "fleet export",
    "profiles check",
    "dashboards build",
}
"""Commands that print lines, files or logs."""

GROUPS = {"findings", "entries", "exclude", "paper"}
"""Commands whose own options stand before those of what is below them."""

LIVE = {"poll", "discover", "capture", "demo", "alerts test", "centre site list", "compare"}
"""Those that ask machines or a database, or write to people; the integration tests run them."""

READING = '{"at": "2026-04-01T09:00:00+09:00", "place": "1f-hoken", "meters": {"total": %d}}'
STAFF = "課名,職員数,適用開始\nsoumu,24,R8.4.1\n"
SHEET = "設置場所,年月,使用枚数\n1f-hoken,2025-04,1200\n"

Json = dict[str, Any]
Records = Callable[[Any], Sequence[Json]]


def itself(value: Sequence[Json]) -> Sequence[Json]:
    return value


def under(key: str) -> Records:
    return lambda value: itself(value[key])


def months_of_places(value: Json) -> Sequence[Json]:
    return [
        {"place": place, "month": month, **one}
        for place, own in value["places"].items()
        for month, one in own["months"].items()
    ]


def ways(value: Json) -> Sequence[Json]:
    return [{"meter": meter, **one} for meter, some in value["ways"].items() for one in some]


EXCLUSIONS = "設置場所ID,年月,面数,理由,出典\n1f-hoken,2026-09,5,法定通知,納税通知 9月\n"
DECLARED = (
    *("--place", "1f-hoken", "--month", "2026-09"),
    *("--ground", "election", "--source", "選管 3号"),
)
INVOICE = """\
機種,機械番号,区分,前回,今回,使用枚数,単価,金額,検針日
IM C4500,3091RA00417,モノクロ,262000,262001,1,2.5,2,9/30
,,フルカラー,66000,66900,900,15,"13,500",
"""
EXCLUDED = (*DECLARED, "--pages", "7")
PAPER = "日付,課,サイズ,枚数,在庫\n2026-08-05,,A4,5000,\n2026-08-31,soumu,A3,,300\n"
BOUGHT = ("--day", "2026-08-05", "--size", "A4")
WRITTEN = ("--why", "test", "--dry-run")
CASES: Sequence[tuple[str, tuple[str, ...], Records]] = (
    ("month", ("2026-09",), itself),
    ("month", ("2026-09", "--year"), itself),
    ("forecast", ("2026-10",), itself),
    ("forecast", ("--back-test",), itself),
    ("effect", ("--since", "2026-11-01", "--until", "2026-11-04"), itself),
    ("utilisation", (), itself),
    ("utilisation", ("--place", "1f-hoken"), itself),
    ("status", (), under("places")),
    ("check", (), itself),
    ("doctor", (), itself),
    ("findings", ("--days", "4000"), itself),
    ("findings resolve", ("FINDING", "--as", "ignore", *WRITTEN), itself),
    ("explain", (), itself),
    ("explain", ("clock_in_doubt",), itself),
    ("explain", ("FINDING",), itself),
    ("read", ("1f-hoken", "FIGURE", "--at", "2026-10-07T10:00", *WRITTEN), itself),
    ("entries", (), itself),
    ("entries withdraw", ("ENTRY", *WRITTEN), itself),
    ("sinks list", (), under("sinks")),
    ("retention", (), itself),
    ("exclude", (), itself),
    ("exclude add", (*DECLARED, "--pages", "3", *WRITTEN), itself),
    ("exclude import", ("EXCLUSIONS", *WRITTEN), itself),
    ("exclude withdraw", ("EXCLUSION", *WRITTEN), itself),
    ("invoice check", ("INVOICE", "--month", "2026-09"), under("lines")),
    ("paper", ("--year", "PAPER_YEAR"), itself),
    ("paper add", (*BOUGHT, "--packs", "3", "--each", "500", *WRITTEN), itself),
    ("paper stock", (*BOUGHT, "--sheets", "700", *WRITTEN), itself),
    ("paper import", ("PAPER", *WRITTEN), itself),
    ("alerts rehearse", ("--since", "2026-10"), itself),
    ("statement list", (), itself),
    ("statement show", ("2026-09",), under("places")),
    ("statement diff", ("2026-09", "1", "1"), under("adjustments")),
    ("statement verify", (), under("faults")),
    ("close", ("2026-10", "--estimate-now"), under("plans")),
    ("fleet apply", (), under("months")),
    ("fleet headcount", ("STAFF",), itself),
    ("replay", ("--since", "2026-10-01"), itself),
    ("count", ("READINGS",), months_of_places),
    ("history import", ("SHEET",), under("months")),
    ("history import", ("READINGS", "--readings"), months_of_places),
    ("profiles list", (), itself),
    ("profiles show", ("canon",), ways),
)
OPTIONAL = {"margin", "margins", "questions", "paper", "sheets", "a4"}
"""Names that a sealed text has only where they say something."""

NESTED = {"statement", "changes", "months", "neighbours"}
"""Records within a record, which only JSON can hold."""


def printing(group: click.Group = commands, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that may print a table, by its words."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        words, command = f"{path}{name}", group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from printing(command, f"{words} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield words, command


def test_every_command_with_a_table_takes_its_format() -> None:
    found = dict(printing())
    assert found.keys() >= TABLELESS | LIVE
    for words in found.keys() - TABLELESS:
        options = {one.name: one for one in found[words].params}
        form = options["form"].type
        assert isinstance(form, click.Choice), words
        assert [*form.choices] == ["table", "csv", "json"], words
        assert "as_json" in options, words


def test_every_such_command_is_tried() -> None:
    assert {words for words, _, _ in CASES} | LIVE | {"decode", "calibrate"} == (
        dict(printing()).keys() - TABLELESS
    )


@pytest.fixture(scope="module")
def office(golden_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(golden_office, folder, dirs_exist_ok=True)
    lines = (READING % 1000, (READING % 1100).replace("2026-04-01", "2026-04-02"))
    (folder / "readings.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "sheet.csv").write_text(SHEET)
    (folder / "staff.csv").write_text(STAFF)
    (folder / "exclusions.csv").write_text(EXCLUSIONS)
    (folder / "invoice.csv").write_text(INVOICE)
    (folder / "paper.csv").write_text(PAPER)
    return folder


@pytest.fixture
def run(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    def now(clock: SystemClock) -> datetime:
        del clock
        return NOW + timedelta(days=30)

    monkeypatch.setattr(SystemClock, "now", now)

    def run(words: str, *arguments: str) -> str:
        named = {
            "READINGS": lambda: str(office / "readings.jsonl"),
            "STAFF": lambda: str(office / "staff.csv"),
            "SHEET": lambda: str(office / "sheet.csv"),
            "FINDING": lambda: _first("findings", "--days", "4000"),
            "ENTRY": _entry,
            "EXCLUSIONS": lambda: str(office / "exclusions.csv"),
            "INVOICE": lambda: str(office / "invoice.csv"),
            "EXCLUSION": lambda: _known("exclude", "exclude add", *EXCLUDED)[0]["id"],
            "FIGURE": _figure,
            "PAPER": lambda: str(office / "paper.csv"),
            "PAPER_YEAR": lambda: _known("paper", "paper import", "PAPER")[-1]["period"],
        }
        given = [named[one]() if one in named else one for one in arguments]
        verb, *rest = words.split()
        config = ("--config", str(office / "collector.toml"))
        where = (*config, *rest) if rest and verb in GROUPS else (*rest, *given)
        more = given if rest and verb in GROUPS else config
        commands.main([verb, *where, *more], standalone_mode=False)
        return capsys.readouterr().out

    def _first(*arguments: str) -> str:
        found: str = json.loads(run(*arguments, "--json"))[0]["id"]
        return found

    def _figure() -> str:
        """Return what the panel of a silent copier may say by now."""
        places = {one["place"]: one for one in json.loads(run("status", "--json"))["places"]}
        return f"total={places['1f-hoken']['meters']['total'] + 10}"

    def _entry() -> str:
        if not json.loads(run("entries", "--json")):
            at = ("--at", "2026-10-07T09:00", "--why", "test")
            run("read", "1f-hoken", _figure(), *at)
        return _first("entries")

    def _known(listing: str, *entering: str) -> list[Json]:
        """Return what `listing` lists, after entering something where that is nothing."""
        if not json.loads(run(listing, "--json")):
            run(*entering, "--why", "test")
        found: list[Json] = json.loads(run(listing, "--json"))
        return found

    return run


@pytest.mark.parametrize(("words", "arguments", "records"), CASES)
def test_names_are_the_same_in_csv_and_json(
    run: Callable[..., str], words: str, arguments: tuple[str, ...], records: Records
) -> None:
    document = json.loads(run(words, *arguments, "--format", "json"))
    text = run(words, *arguments, "--format", "csv")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    lines = [*reader]
    names = set(reader.fieldnames or ())
    assert names
    found = records(document)
    assert len(lines) == len(found)
    for one in found:
        assert names - OPTIONAL <= one.keys(), words
        assert one.keys() - NESTED <= names, words


def test_json_is_another_word_for_format_json(run: Callable[..., str]) -> None:
    assert run("month", "2026-09", "--json") == run("month", "2026-09", "--format", "json")
    with pytest.raises(click.UsageError, match=r"--json .*--format json.*csv"):
        run("month", "2026-09", "--json", "--format", "csv")


@pytest.mark.parametrize(("words", "arguments", "records"), CASES)
def test_every_table_fits_a_terminal_of_80_columns(
    run: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    arguments: tuple[str, ...],
    records: Records,
) -> None:
    del records
    monkeypatch.setattr(output, "_PIPE_WIDTH", 80)
    text = run(words, *arguments)
    assert max((cell_len(line) for line in text.splitlines()), default=0) <= 80
