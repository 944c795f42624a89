"""What a town hall told its centre is read there by the same commands, to the octet."""

import asyncio
import shutil
import tomllib
import uuid
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest
from rich.cells import cell_len

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres.intake import SiteIntake, apply
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.centre.agreement import TOLD_PLACING
from collector.app.centre.tell import Teller, mention_all
from collector.cli import output
from collector.domain.report.comparison import Placing
from collector.encoding.sealed_totals import totals_in, totals_text
from tests.servers.postgres import PostgresServer
from tests.stories.program import command

pytestmark = pytest.mark.integration

SITE = "midori-town"
ALIKE = (
    ("month", "2026-09", "--format", "json"),
    ("month", "2026-10", "--format", "json"),
    ("month", "2026-08", "--office", "--format", "json"),
    ("month", "2026-09", "--year", "--format", "json"),
    ("statement", "list", "--json"),
    ("statement", "show", "2026-09", "--json"),
    ("statement", "show", "2026-08"),
    ("statement", "verify"),
    ("findings", "--days", "4000", "--json"),
    ("entries",),
    ("forecast", "2026-10", "--json"),
)


FACTORS = """
[[duplex]]
from = 2020-04-01
source = "総務課調べ"
duplex_percent = 45
plus_minus = 5
"""


@dataclass(frozen=True)
class Office:
    """One office's configuration at the site, and another for the same site at its centre."""

    site: Path
    centre: Path
    name: str
    database: str


async def tell_everything(ledger_file: Path, database: str, name: str) -> int:
    """Tell the whole log of a ledger as its service would; return how many facts that were."""
    ledger = await SqliteLedger.open(ledger_file)
    connection = await asyncpg.connect(database)
    try:
        await mention_all(ledger)
        teller, seq, told = Teller(ledger), 0, 0
        while entries := await ledger.log_after(seq, 1000):
            facts = [one for some in await teller.facts(entries) for one in some]
            await apply(connection, name, facts)
            seq, told = entries[-1].seq, told + len(facts)
        return told
    finally:
        await connection.close()
        await ledger.close()


@pytest.fixture(scope="module")
def office(
    golden_office: Path, centre_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    folder = tmp_path_factory.mktemp("town")
    name = f"{SITE}-{uuid.uuid4().hex[:6]}"
    for side in ("site", "centre"):
        shutil.copytree(golden_office, folder / side)
        toml = folder / side / "collector.toml"
        text = toml.read_text(encoding="utf-8")
        assert text.count('site = "') == 1
        at = text.index('site = "')
        end = text.index("\n", at)
        toml.write_text(f'{text[:at]}site = "{name}"{text[end:]}', encoding="utf-8")
    told = asyncio.run(tell_everything(folder / "site" / "ledger.sqlite3", centre_database, name))
    assert told > 1000
    toml = folder / "centre" / "collector.toml"
    (folder / "centre" / "ledger.sqlite3").unlink()
    text = toml.read_text(encoding="utf-8")
    path = next(line for line in text.splitlines() if line.startswith("path = "))
    toml.write_text(text.replace(path, f'database = "{centre_database}"'), encoding="utf-8")
    return Office(folder / "site" / "collector.toml", toml, name, centre_database)


@pytest.mark.parametrize("asked", ALIKE, ids=" ".join)
def test_every_command_prints_the_same(office: Office, asked: tuple[str, ...]) -> None:
    here = command(*asked, "--config", office.site)
    there = command(*asked, "--config", office.centre)
    assert (there.code, there.out, there.err) == (here.code, here.out, here.err)
    assert here.out + here.err


def test_the_report_is_the_same_file_by_file(office: Office, tmp_path: Path) -> None:
    """The one of the centre is as the one that the site made just before it, or just after."""
    sides = (("before", office.site), ("centre", office.centre), ("after", office.site))
    for side, config in sides:
        made = command("report", "2026-09", "--output", tmp_path / side, "--config", config)
        assert made.code == 0, made.err
    before, there, after = (contents(tmp_path / side) for side, _ in sides)
    assert there.keys() == before.keys()
    assert {name.rpartition(".")[2] for name in there} >= {"html", "xml"}
    assert [name for name in there if there[name] not in (before[name], after[name])] == []


def contents(folder: Path) -> dict[str, bytes]:
    """Return what a report holds by name; of a workbook, each part of it but when it was made."""
    found = {}
    for file in folder.iterdir():
        if file.suffix != ".xlsx":
            found[file.name] = file.read_bytes()
            continue
        with zipfile.ZipFile(file) as book:
            parts = [one for one in book.namelist() if one != "docProps/core.xml"]
            found |= {f"{file.name}/{one}": book.read(one) for one in parts}
    return found


def test_status_tells_what_the_centre_knows(office: Office) -> None:
    here = command("status", "--json", "--config", office.site).json
    there = command("status", "--json", "--config", office.centre).json
    assert there["places"] == here["places"]
    assert there["findings"] == here["findings"]
    assert there["ledger"]["path"].endswith(f" {office.name}")
    assert command("check", "--config", office.centre).code == 0
    shown = command("status", "--config", office.centre)
    assert "センターに届いている拠点の内容です" in shown.err
    assert "systemctl start" not in shown.err  # no service of the site is here


def test_a_site_is_named_beside_the_settings_of_its_centre(office: Office, tmp_path: Path) -> None:
    """Its own settings name no database, and whatever site they once named is not asked."""
    (tmp_path / "sites").mkdir()
    shutil.copytree(office.site.parent, tmp_path / "sites" / office.name)
    (tmp_path / "sites" / office.name / "ledger.sqlite3").unlink()
    centre = f'[centre]\ndatabase = "{office.database}"\n'
    (tmp_path / "centre.toml").write_text(centre, encoding="utf-8")
    env = {"CONFIGURATION_DIRECTORY": str(tmp_path)}
    asked = ("month", "2026-09", "--format", "json")
    here = command(*asked, "--config", office.site)
    there = command("--site", office.name, *asked, env=env)
    assert (there.code, there.out) == (here.code, here.out)
    verified = command("--site", office.name, "statement", "verify", env=env)
    assert verified.code == 0, verified
    assert command("month", "2026-09", env=env).code == 78  # nothing stays named
    unknown = command("--site", "nowhere", *asked, env=env)
    assert (unknown.code, "sites/nowhere/collector.toml" in unknown.err) == (78, True), unknown
    for name in ("../x", "a/b", ".."):
        assert command("--site", name, *asked, env=env).code == 2
    (tmp_path / "centre.toml").unlink()
    lacking = command("--site", office.name, *asked, env=env)
    assert (lacking.code, "centre.toml" in lacking.err) == (78, True), lacking


def town(folder: Path, office: Office, people: int) -> None:
    """Make a town's settings: a year that begins in August, and so many people."""
    shutil.copytree(office.site.parent, folder)
    fleet = (folder / "fleet.toml").read_text(encoding="utf-8")
    departments, _, places = fleet.partition("[[place]]")
    first, *others = departments.split("[[department]]")
    staff = f"\n[[department.staff]]\npeople = {people // len(others)}\n\n"
    stated = "[[department]]".join([first, *(one.rstrip() + staff for one in others)])
    (folder / "fleet.toml").write_text(f"{stated}[[place]]{places}", encoding="utf-8")
    (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    toml = folder / "collector.toml"
    text = toml.read_text(encoding="utf-8")
    text = text.replace("[office]", "[office]\nfiscal_year_start = 8", 1)
    toml.write_text(f'{text}\n[factors]\nfile = "factors.toml"\n', encoding="utf-8")


def test_offices_of_one_centre_stand_beside_one_another(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same pages in two towns of one size; of a third the centre was never told."""
    towns = {"chiisai": 40, "nakai": 90, "mada": 60}
    for name, people in towns.items():
        town(tmp_path / "sites" / name, office, people)
        ledger = tmp_path / "sites" / name / "ledger.sqlite3"
        if name != "mada":
            asyncio.run(tell_everything(ledger, office.database, name))
        ledger.unlink()
    centre = f'[centre]\ndatabase = "{office.database}"\nlanguage = "ja"\n'
    (tmp_path / "centre.toml").write_text(centre, encoding="utf-8")
    asked = ("compare", "2026-09", "--base-year", "2025", "-c", tmp_path / "centre.toml")
    ended = command(*asked, "--json")
    assert (ended.code, "拠点 mada は比べられません" in ended.err) == (1, True), ended
    assert "拠点 mada はセンターのデータベースにありません" in ended.err
    few, many = ended.json
    for name, one in (("chiisai", few), ("nakai", many)):
        assert (one["site"], one["people"], one["months_closed"]) == (name, towns[name], 2)
        assert one["impressions"] == few["impressions"] > 0
        assert one["impressions_a_head"] == round(one["impressions"] / towns[name], 1)
        assert one["change"] is None  # nothing is known of the base year
    assert [(one["rank_first"], one["rank_last"], one["rank_of"]) for one in (few, many)] == [
        (2, 2, 2),
        (1, 1, 2),
    ]
    assert "面/人" in command(*asked).out
    untold = command(*asked, "--tell")
    assert (untold.code, "順位は知らせていません" in untold.err) == (1, True), untold
    assert "拠点に知らせます" not in untold.err
    monkeypatch.setattr(output, "_PIPE_WIDTH", 80)
    drawn = command(*asked).out
    assert max(cell_len(line.rstrip()) for line in drawn.splitlines()) <= 80
    assert {"順位", "枚/人(除外後)", "締め済み", "検針済み", "1/2"} <= {*drawn.split()}, drawn


def test_a_town_reads_in_its_letter_where_it_stands_and_of_nobody_else(
    office: Office, tmp_path: Path
) -> None:
    """Three towns of one size: the centre tells, and the letter of one says it."""
    for name, people in {"kita": 40, "minami": 60, "nishi": 90}.items():
        town(tmp_path / "sites" / name, office, people)
        ledger = tmp_path / "sites" / name / "ledger.sqlite3"
        asyncio.run(tell_everything(ledger, office.database, name))
        if name != "minami":
            ledger.unlink()
    centre = f'[centre]\ndatabase = "{office.database}"\nlanguage = "ja"\n'
    (tmp_path / "centre.toml").write_text(centre, encoding="utf-8")
    asked = ("compare", "2026-09", "--base-year", "2025", "-c", tmp_path / "centre.toml")
    before = asyncio.run(hear(office.database, tmp_path / "sites" / "minami", "minami"))
    told = command(*asked, "--tell")
    assert (told.code, "3 拠点に知らせます" in told.err) == (0, True), told
    after = asyncio.run(hear(office.database, tmp_path / "sites" / "minami", "minami"))
    assert (before, after) == (None, Placing(2, 2, 3))
    wanted = ("letter", "2026-09", "--department", "whole_office", "-o", tmp_path / "letters")
    made = command(*wanted, "-c", tmp_path / "sites" / "minami" / "collector.toml")
    assert made.code == 0, made
    page = Path(made.out.strip()).read_text(encoding="utf-8")
    assert "職員100人未満の3拠点のうち少ないほうから2番目です" in page
    assert "kita" not in page
    assert "nishi" not in page


async def hear(database: str, site: Path, name: str) -> Placing | None:
    """Let the ledger of a site hear its centre once; return the place that it knows then."""
    store = await PostgresCentre.open(database, SiteIntake())
    ledger = await SqliteLedger.open(site / "ledger.sqlite3")
    try:
        told = (await store.standing(name)).placing
        if told is not None:
            await TOLD_PLACING.put(ledger, told)
        known = await TOLD_PLACING.get(ledger)
        return None if known is None else known.placing
    finally:
        await ledger.close()
        await store.close()


def sealed_file(site: Path, folder: Path) -> Path:
    """Return the file that a site hands to a centre which it cannot reach."""
    made = command("export", "--sealed", "-o", folder, "--config", site)
    assert made.code == 0, made.err
    return Path(made.out.strip())


@pytest.fixture
def centre_toml(postgres_server: PostgresServer, tmp_path: Path) -> Path:
    """A centre that nobody has told anything."""
    toml = tmp_path / "centre.toml"
    database = postgres_server.new_database()
    toml.write_text(f'[centre]\ndatabase = "{database}"\nlanguage = "ja"\n', encoding="utf-8")
    return toml


def test_a_file_says_at_a_centre_what_the_ledger_does_and_no_names(
    office: Office, centre_toml: Path, tmp_path: Path
) -> None:
    town(tmp_path / "town", office, 60)
    config = tmp_path / "town" / "collector.toml"
    path = sealed_file(config, tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    fleet = tomllib.loads(config.with_name("fleet.toml").read_text(encoding="utf-8"))
    kept = [one for kind in ("department", "place") for one in fleet[kind]]
    names = {one[key] for one in kept for key in ("id", "name", "name_en", "address") if key in one}
    assert [name for name in names if name in text] == []
    seals = [one["seal"] for one in command("statement", "list", "--json", "-c", config).json]
    assert [one for one in seals if one not in text] == []
    again = command("export", "--sealed", "-o", tmp_path / "out", "--config", config, "--force")
    assert (again.code, path.read_text(encoding="utf-8")) == (0, text)

    taken = command("centre", "import", path, "-c", centre_toml)
    assert (taken.code, f"{len(seals)} 件が新しく" in taken.err) == (0, True), taken
    asked = ("compare", "2026-09", "--base-year", "2025", "-c", centre_toml, "--json")
    (by_file,) = command(*asked).json
    assert (by_file["site"], by_file["people"], by_file["months_closed"]) == (office.name, 60, 2)
    shutil.copytree(tmp_path / "town", tmp_path / "sites" / office.name)
    database = tomllib.loads(centre_toml.read_text(encoding="utf-8"))["centre"]["database"]
    ledger = tmp_path / "town" / "ledger.sqlite3"
    asyncio.run(tell_everything(ledger, database, office.name))
    (told,) = command(*asked).json
    other = {key for key in told if told[key] != by_file[key]}
    assert {key for key in other if "sheets" not in key} == set(), "the ledger says the same"
    assert by_file["sheets"] is None, "none were sealed before the factors were stated"
    taken = command("centre", "import", path, "-c", centre_toml)
    assert (taken.code, " 0 件が新しく" in taken.err) == (0, True), "its seals are those told"


def test_a_file_that_says_otherwise_is_refused_and_all_with_it(
    office: Office, centre_toml: Path, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    path = sealed_file(office.site, tmp_path / "out")
    totals = totals_in(path.read_text(encoding="utf-8"))
    assert command("centre", "import", path, "-c", centre_toml).code == 0
    first, *others = totals.statements
    bad = tmp_path / "bad.json"

    def refused(*files: Path) -> str:
        ended = command("centre", "import", *files, "-c", centre_toml)
        assert ended.code == 78, ended
        assert "Traceback" not in ended.err
        return ended.err

    other = replace(first, read=first.read - 1)
    newcomer = replace(totals, site="atarashii")
    new = tmp_path / "new.json"
    new.write_text(totals_text(newcomer), encoding="utf-8")
    bad.write_text(totals_text(replace(totals, statements=(other, *others))), encoding="utf-8")
    assert f"{first.month} の第 {first.revision} 版が、センターに前からあるものと" in refused(
        new, bad
    )
    asked = ("compare", "2026-09", "--base-year", "2025", "-c", centre_toml, "--json")
    assert [one["site"] for one in command(*asked).json] == [office.name], "not the newcomer's"
    bad.write_text(totals_text(replace(totals, statements=tuple(others))), encoding="utf-8")
    assert "つながりません" in refused(bad)
    whole = path.read_text(encoding="utf-8")
    for text in (whole.replace('"places', '"Places'), whole[:-9], "[" * 10**6, "", "{}", "7"):
        bad.write_text(text, encoding="utf-8")
        assert "書き出したままのファイルではありません" in refused(bad), text[:40]
    bad.write_text(totals_text(replace(totals, statements=(other, *others))), encoding="utf-8")
    for _ in range(2):
        assert command("centre", "import", bad, "--anew", "-c", centre_toml).code == 0
    assert "センターに前からあるものと違います" in refused(path), "what a person chose holds"
    database = tomllib.loads(centre_toml.read_text(encoding="utf-8"))["centre"]["database"]
    query = "SELECT count(*), max(generation) FROM centre.imported"
    kept = postgres_server.run(query, database.rpartition("/")[2])
    assert kept == f"{2 * len(totals.statements)}|2", "and what was said before is kept"
    assert command("centre", "import", path, "--anew", "-c", centre_toml).code == 0
    older = tmp_path / "older.json"
    older.write_text(totals_text(replace(totals, statements=(first,))), encoding="utf-8")
    assert command("centre", "import", older, "-c", centre_toml).code == 0
    assert [one["site"] for one in command(*asked).json] == [office.name]


def test_a_file_that_is_not_of_the_ledger_that_was_told_is_refused(
    office: Office, tmp_path: Path
) -> None:
    path = sealed_file(office.site, tmp_path / "out")
    totals = totals_in(path.read_text(encoding="utf-8"))
    toml = tmp_path / "centre.toml"
    toml.write_text(f'[centre]\ndatabase = "{office.database}"\n', encoding="utf-8")
    first = replace(totals.statements[0], seal="0" * 64)
    path.write_text(totals_text(replace(totals, statements=(first,))), encoding="utf-8")
    ended = command("centre", "import", path, "-c", toml)
    assert (ended.code, "センターに前からあるものと違います" in ended.err) == (78, True), ended


def test_nothing_is_recorded_at_a_centre(office: Office) -> None:
    for asked in (
        ("close", "2026-10", "--apply", "0" * 8),
        ("run",),
    ):
        ended = command(*asked, "--config", office.centre)
        assert ended.code != 0
        assert "記録や変更は拠点で行ってください" in ended.err + ended.out, ended


def test_a_statement_that_was_changed_in_the_database_is_found(
    office: Office, postgres_server: PostgresServer
) -> None:
    """By whoever may switch the guards of the tables off."""
    mine = f"(SELECT site FROM ledger.sites WHERE name = '{office.name}')"  # noqa: S608 - ours
    guards = "ALTER TABLE ledger.statements {} TRIGGER append_only"

    def change(old: str, new: str) -> None:
        text = "UPDATE ledger.statements SET text = replace(text, '{}', '{}') WHERE site = {}"
        text = text.format(old, new, mine)
        for one in (guards.format("DISABLE"), text, guards.format("ENABLE")):
            postgres_server.run(one, office.database.rpartition("/")[2])

    change('"revision":1', '"revision":1 ')
    try:
        verified = command("statement", "verify", "--config", office.centre)
    finally:
        change('"revision":1 ', '"revision":1')
    assert (verified.code, "2026-08" in verified.out) == (1, True), verified
    assert command("statement", "verify", "--config", office.centre).code == 0
