"""An Excel list of copiers as an office keeps it becomes a fleet file, by the real command."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.stories.program import command

pytestmark = pytest.mark.integration

ROWS: tuple[tuple[object, ...], ...] = (
    (1, "本庁舎", 1, "市民課窓口", "C4500", "192.0.2.11", "市民課", None),
    (2, None, 2, "総務課", "C360", "１９２．０．２．１２", "総務課", "リース R9.3まで"),
    (3, None, 2, "企画室", "C360", "192.0.2.13", None, None),
    (4, "別館", "１", "建設課", "Apeos", "故障", "建設課", "修理中"),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with a title, merged headings over two lines and a row of sums."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "一覧"
    sheet.append(["令和８年度　複合機配置一覧"])
    sheet.append([None] * 7 + ["令和8年4月1日現在"])
    sheet.append(["No.", "庁舎", "設置場所", None, "機種", "ネットワーク", "担当課", "備考"])
    sheet.append([None, None, "階", "場所", None, "ＩＰアドレス"])
    for merged in ("A1:H1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "G3:G4", "H3:H4"):
        sheet.merge_cells(merged)
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("B5:B7")
    sheet.merge_cells("G6:G7")
    sheet.append(["合計", None, None, "4台"])
    path = tmp_path / "複合機一覧.xlsx"
    made.save(path)
    return path


def test_a_list_is_shown_first_and_the_file_is_a_fleet(book: Path, tmp_path: Path) -> None:
    shown = command("fleet", "import", book, env={"LC_ALL": "ja_JP.UTF-8"})
    assert shown.code == 0, shown.err
    assert [*tmp_path.glob("*.toml")] == []
    assert "'故障' はアドレスではないので「別館 1階 建設課」は取り込みません" in shown.err
    assert "空欄は上の行と同じ「総務課」とみなしました: 7 行目" in shown.err
    assert "使わない列: No.、機種、備考" in shown.err
    assert "合計の行（合計）は除きました" in shown.err
    fleet = tmp_path / "fleet.toml"
    written = command("fleet", "import", book, "-o", fleet)
    assert written.code == 0, written.err
    assert fleet.read_text("utf-8").split("[[")[1:] == shown.out.split("[[")[1:]
    table = [line for line in written.out.splitlines() if "本庁舎-2階-企画室" in line]
    assert "192.0.2.13" in table[0]
    assert "総務課" in table[0]
    (tmp_path / "collector.toml").write_text('[ledger]\npath = "l.sqlite3"\n', encoding="utf-8")
    again = tmp_path / "again.csv"
    exported = command("fleet", "export", "-o", again, "--config", tmp_path / "collector.toml")
    assert exported.code == 0, exported.err
    twice = command("fleet", "import", again, env={"LC_ALL": "ja_JP.UTF-8"})
    assert (twice.code, twice.out) == (0, shown.out), "an export of it is the same fleet"


def test_without_a_day_the_command_asks_for_it(book: Path, tmp_path: Path) -> None:
    plain = tmp_path / "一覧.csv"
    plain.write_text("設置場所,IPアドレス,担当課\n市民課前,192.0.2.1,市民課\n", encoding="cp932")
    asked = command("fleet", "import", plain, env={"LC_ALL": "ja_JP.UTF-8"})
    assert asked.code == 78
    assert "--from 2026-04-01" in asked.err
    given = command("fleet", "import", plain, "--from", "R8.4")
    assert "from = 2026-04-01" in given.out
    wrong = command("fleet", "import", book, "--sheet", "ない")
    assert wrong.code == 78
    assert "ない" in wrong.err
