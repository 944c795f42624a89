"""A Japanese office is told nothing in English: every command, what it shows and what it refuses.

A sentence is three English words in a row. Names do not count (files, options, keys, codes,
machines), nor does what somebody else said: those are struck out first.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.views import meter_lines
from collector.adapters.snmp.recording.session import decode_capture
from collector.cli.main import VERBS
from collector.demo.machines import Printed, SimulatedMachine
from tests.stories.copiers import copiers
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, credentials, write_office
from tests.stories.program import ROOT, Ended, command

pytestmark = pytest.mark.integration

CAPTURES = ROOT.parent / "shared" / "captures"
A_MACHINE = CAPTURES / "canon_ir-adv-c5840.snmprec"
MISSING = "/nonexistent/x.toml"

_ENGLISH = re.compile(
    r"(?<![\w./:-])[A-Za-z][a-z']+,?(?: \(?[A-Za-z][a-z']+[,;:)]?){2,}(?![\w/=-])"
)
_NAMES = re.compile(
    r"""copier-fleet(?:\ [a-z]+)*     # commands
    |"[^"\n]*"|'[^'\n]*'|`[^`\n]*`   # what is quoted
    |\[[a-z\[][^\]\n]*\]+            # sections of a file
    |--?[a-z][\w-]*(?:\ [A-Z]+)?     # options
    |(?<!\w)[\w.-]*/[\w./-]*         # paths
    |sudo\ systemctl\ start|sudo\ timedatectl\ set
    |systemctl\ restart\ grafana|General\ Affairs|Konica\ Minolta|KONICA\ MINOLTA
    """,
    re.VERBOSE,
)


def sentences(text: str, stated: Iterable[str] = ()) -> list[str]:
    """Return what reads as English in `text`, without what others `stated`."""
    for one in stated:
        text = text.replace(one, "…")
    return [found[0] for found in _ENGLISH.finditer(_NAMES.sub("…", text))]


def _said_by_machines() -> set[str]:
    """Return texts of the recorded machine: names of its parts, and what it reports."""
    answer = asyncio.run(decode_capture(A_MACHINE, load_profiles()))
    texts = {one.name for one in (*answer.supplies, *answer.trays)}
    return texts | {one.text for one in answer.alerts or ()}


def _sources_of_profiles() -> set[str]:
    """Return where shipped profiles have their figures from: books, pages, what was observed."""
    profiles = load_profiles().by_id.values()
    found = {line.formula.source for one in profiles for line in meter_lines(one)}
    found |= {one.source for one in profiles}
    found |= {check.note for one in profiles for check in one.checks if check.note}
    return {line for text in found for line in (text, *text.splitlines())}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing was written", ["nothing was written"]),
        ("警告: fleet.toml: no place is left here", ["no place is left here"]),
        ("is no file (No such file)", ["is no file (No such file)"]),
        ("copier-fleet fleet apply で反映します", []),
        ("--config FILE を指定", []),
        ("General Affairs 総務課", []),
        ("Canon iR-ADV C5840", []),
        ("'one or two words' の値の誤り", []),
    ],
)
def test_what_is_english(text: str, found: list[str]) -> None:
    assert sentences(text) == found


FILES = {
    "no_toml": "[office\nlanguage = 'ja'\n",
    "no_string": "[office]\nlanguage = 'ja'\nsite = \"story\n",
    "centre": '[centre]\ndatabase = "postgresql:///none"\nlanguage = "ja"\n',
    "centre_wrong": """[centre]
language = "ja"
database = "mysql://x"
listen = "everywhere"
cert_file = "no.pem"
at_once = 0
conections = "x"
monitoring = 3
level = "loud"
[more]
""",
    "twice": "[office]\nlanguage = 'ja'\nsite = 'a'\nsite = 'b'\n",
    "wrong": """[office]
language = "ja"
site = "two words"
zone = "Asia/Tokio"
closing_day = 32
country = "XX"
subdivison = "13"
closed = ["12-32", "x"]
[polling]
interval_s = 5
timeout_s = 100
jitter_s = "a"
[influx]
url = "nowhere"
username = "u"
[mqtt]
host = ""
[log]
level = "loud"
format = 3
[credentials.a]
version = "4"
[credentials.b]
version = "3"
user = "u"
[fleet]
file = "none.toml"
[report]
stamps = 3
""",
    "fleet_wrong": """[[department]]
id = "a b"
[[department]]
id = "soumu"
name = "総務課"
[[department]]
id = "soumu"
name = "総務課"
[[place]]
id = "1f"
name = "1階"
address = "10.0.0.300"
port = 70000
credential = "nobody"
[[place.department]]
id = "soumu"
from = 2020-01-01
share = 60
[[place.department]]
id = "zeimuu"
from = "soon"
[targets.soumu]
default = -5
"2026-13" = 4
""",
    "fleet.csv": (
        "設置場所ID,設置場所,アドレス,部署ID,部署名,適用開始\n"
        "1f,1階,10.0.0.1,soumu,総務課,2020-01-01\n"
    ),
    "fleet_wrong.csv": (
        "設置場所ID,設置場所,アドレス,部署ID,色\n1f,1階,10.0.0.999,soumu,赤\n,,,,\n1f,2階,x..y,,\n"
    ),
    "fleet_cells.csv": (
        "設置場所ID,設置場所,アドレス,部署ID,部署名,適用開始,目標\n"
        "1f,1階,10.0.0.999,soumu,総務課,2020-02-30,many\n1f,2階,x..y,a b,,soon,\n"
    ),
    "list.csv": (
        "複合機配置一覧,,,,令和8年4月1日現在\nNo.,設置場所,機種,IPアドレス,担当課,備考\n"
        "1,市民課前,C4500,１０．０．０．１,市民課,\n2,相談室,C4500,10.0.0.2（固定）,,\n"
        "3,倉庫,C360,故障,建設課,修理中\n,,,,,※ 控え\n合計,,,3台,,\n"
    ),
    "staff.csv": "職員数一覧,,R8.4.1現在\nNo.,課名,職員数\n1,総務課,24人\n2,A,欠員\n,計,24\n,,\n",
    "staff_wrong.csv": (
        "課名,職員数,適用開始\n総務課,0,R8.4.1\n総務科,3,R8.4.1\n総務課,9,R8.4\n総務課,8,R8.4\n,3,\n"
    ),
    "staff_none.csv": "課名,人口\n総務課,3\n",
    "undated.csv": "設置場所,IPアドレス,担当課\n市民課前,10.0.0.1,市民課\n",
    "own.toml": """format = 1
id = "own"
about = "ACME"
source = "測定"
include = ["generic"]
[[match]]
object_id = "1.3.6.1.4.1.99999"
[scalars.a]
oid = "1.3.6.1.4.1.99999.1.0"
[meters]
total = { of = "a", confidence = "high" }
""",
    "own_wrong.toml": """format = 2
id = "o w n"
abuot = "ACME"
[[match]]
descr = "[a"
[scalars.a]
oid = "x"
[meters]
totl = { of = "a +", confidence = "high" }
total = { of = "b", confidence = "sure" }
""",
    "own.txt": "",
    "no.snmprec": "hello\n1.3.6|99|x\n1.3.6.1|2|y\n",
    "cut.snmprec": "# copier-fleet capture\n1.3.6.1.2.1.1.1.0|4|ACME\n",
    "empty.snmprec": "",
    "readings.jsonl": '{"at": "2026-04-01T09:00+09:00", "place": "1f", "meters": {"total": 100}}\n'
    '{"at": "2026-04-02T09:00+09:00", "place": "1f", "meters": {"total": 160}}\n'
    '{"at": "2026-04-03T09:00+09:00", "place": "1f", "meters": {"total": 20}}\n',
    "readings_wrong.jsonl": '{"at": "soon", "place": "1f"}\n{"at": \n{"at": 1, "at": 2}\n[]\n'
    '{"at": "2026-04-01T09:00+09:00", "place": "9f", "meters": {"totl": "x"}}\n',
    "readings_list.jsonl": "[1]",
    "readings_no.csv": "色,赤\n1,2\n",
    "readings_csv.csv": "日時,設置場所ID,合計\n2026-04-01 09:00,1f,many\n2026-04-02,1f,5,6,7\n",
    "readings_quote.csv": '日時,設置場所ID,合計\n2026-04-01,"1f"x,4\n',
    "sheet.csv": "設置場所,2025-04,2025-05\n2階 1f,1000,1100\n2階 2f,2000,2100\n",
    "sheet_wrong.csv": "設置場所,2025-04,2025-05\n3階 どこか,1000,many\n2階 2f,2000,10\n",
    "empty.csv": "",
    "exclusions_wrong.csv": (
        "設置場所ID,年月,面数,理由,出典\n9f,soon,0,nosuch,\n1f,,many,選挙,記録\n"
    ),
    "invoice.csv": (
        "カウンター確認表\n機械番号,区分,前回,今回,使用枚数,テストコピー,単価,金額,検針日\n"
        "AAAA1111,合計,1,90000,9,30,2.5,22,\n,2色,5,6,1,,,,\n合計,,,,,,,30,\n"
    ),
    "invoice_wrong.csv": (
        "機械番号,区分,前回,今回,金額,検針日\nXYZ12345,スミ,many,,x,いつか\n,合計,1,2,3,\n"
    ),
    "paper.csv": (
        "日付,課,サイズ,枚数,在庫,色\n2026-01-05,総務課,A4,5000,1000,白\n2026-01-06,,A3,3,,\n合計,,,5003,,\n"
    ),
    "paper_wrong.csv": (
        "日付,課,サイズ,枚数,数量,入数,在庫\nsoon,総武課,A2,5\n4月1日,nosuch,,x\n2026-04-01,,A4\n"
        "2026-04-01,,A4,,3\n2026-04-01,,A4,3,3,3\n2098-04-01,,A4,3\n,,\n,総務課\n"
        "2026-04-01,,A4,,,,3\n2026-04-01,,A4,,,,3\n"
    ),
    "round.json": "{}",
}
"""What commands are given to read, most of it wrong."""

COMMANDS = f"""
init --dir {{folder}}/first --language ja --site machi --departments 総務課,税務課 --yes
init --dir {{folder}}/first --language ja --site mura --departments 総務課 --yes
init --dir {{folder}}/first --site two,words --yes
init --dir {{folder}}/first --network 10.0.0.0/40 --yes
run -c {{no_toml}}
run -c {{no_string}}
run -c {{twice}}
run -c {{wrong}}
run -c {MISSING}
run -c {{folder}}
compare 2026-09 --base-year 2025
compare 2026-09
compare --help
check
check --poll
check -c {{fleet_wrong_office}}
doctor
doctor -c {{wrong}}
poll 1f
poll 2f
poll 9f
status
month
month {{month}}
month {{month}} --department soumu
month {{month}} --department nobody
month --year
month 2031-01
month soon
month {{month}} --office
report {{month}} -o {{folder}}/report
report {{month}} -o {{folder}}/report
report 2031-01 -o {{folder}}/report
report --pages -o {{folder}}/pages
report {{month}} --pages -o {{folder}}/pages
report soon
letter {{month}} -o {{folder}}/letters
letter {{month}} -o {{folder}}/letters
letter {{month}} --department nobody
letter soon
report {{month}} --language ja --html -o {A_MACHINE}
backup {{folder}}/copies
backup {{folder}}/collector.toml
restore {{folder}}/nothing.sqlite3
restore {{folder}}
retention
retention --months 14
retention --months 3
sinks list
centre site list -c {{no_toml}}
centre site add two,words -c {{centre}}
centre run -c {{centre_wrong}}
centre run -c {{wrong}}
centre run -c {MISSING}
sinks rewind influx --since 2026-01-01
sinks rewind nosuch --since 2026-01-01
sinks rewind influx --since soon
sinks retry
sinks retry nosuch
forecast
forecast {{month}}
forecast --back-test
forecast --back-test --since soon
forecast --since 2026-01
forecast --department nobody
effect
effect --since {{month}}-15
effect --since 2001-01-01 --department nobody
effect --since 2999-01-01
utilisation
utilisation --since 2001-01 --until 2001-02
utilisation --place nosuch
utilisation --place 1f
findings
findings --open
findings --days x
findings resolve nosuch --as printed --by 鈴木 --why 確認
explain
explain clock_in_doubt
explain 要確認の面数
explain metre_reset
explain 0123456789
read 1f total=many --by 鈴木 --why 確認
read 1f total=40000 --by 鈴木 --why 確認 --dry-run
read 1f totl=40000 --by 鈴木 --why 確認
read 9f total=40000 --by 鈴木 --why 確認
read 2f total=1 --by 鈴木 --why 確認
read 2f total=95000 --at soon --by 鈴木 --why 確認
read 2f total=95000 --at 2031-01-01 --by 鈴木 --why 確認
read 2f total=91000 mono=5 color=7 --by 鈴木 --why 確認
read 1f total=40000
entries
entries withdraw nosuch --by 鈴木 --why 確認
exclude
exclude add -p 1f --month {{older}} --pages 5 --ground 選挙 --source R --why 知事選
exclude add -p 1f --month {{older}} --pages 5 --ground 選挙 --source R --why 知事選
exclude add -p 1f --month {{older}} --pages 9999999 --ground 選挙 --source R --why 知事選
exclude add -p 9f --month {{older}} --pages 5 --ground 選挙 --source R --why 知事選
exclude add --month {{older}} --pages 5 --ground 選挙 --source R --why 知事選
exclude add -p 1f --pages 5 --ground 選挙 --source R --why 知事選
exclude add -p 1f --from 2031-01-04 --pages 5 --ground 選挙 --source R --why 知事選
exclude add -p 1f --from 2026-01-04 --to 2026-01-03 --pages 5 --ground その他 --source R --why 確認
exclude add -p 1f --from 2026-01-04 --to 2026-02-03 --pages 5 --ground その他 --source R --why 確認
exclude add -p 1f --month soon --pages 0 --ground nosuch --source R --why 確認
exclude import {{exclusions_wrong.csv}} --by 鈴木 --why 確認
exclude import {{empty.csv}} --by 鈴木 --why 確認
exclude withdraw nosuch --by 鈴木 --why 確認
exclude
invoice check {{invoice.csv}} --month {{older}} --day {{older}}-20 -o {{folder}}/form.html
invoice check {{invoice.csv}} --month {{older}} --day {{older}}-20 -o {{folder}}/form.html
invoice check {{invoice.csv}} --month {{older}} --day {{older}}-20 -o {{folder}}/form.xlsx
invoice check {{invoice.csv}} --month {{older}} --day {{older}}-20 -o {{folder}}/form.pdf
invoice check {{invoice.csv}} --month 2031-01 --day {{older}}-20
invoice check {{invoice.csv}} --month {{older}}
invoice check {{invoice.csv}} --month soon
invoice check {{invoice.csv}} --month {{older}} --class 2色=toner
invoice check {{invoice.csv}} --month {{older}} --class 2色
invoice check {{invoice.csv}} --month {{older}} --column 色=toner
invoice check {{invoice.csv}} --month {{older}} --day soon
invoice check {{invoice_wrong.csv}} --month {{older}}
invoice check {{sheet.csv}} --month {{older}}
invoice check {{empty.csv}} --month {{older}}
paper
paper --year 2001
paper import {{paper.csv}} --by 鈴木 --why 照合
paper import {{paper.csv}} --by 鈴木 --why 照合
paper import {{paper_wrong.csv}} --by 鈴木 --why 照合
paper import {{empty.csv}} --by 鈴木 --why 照合
paper import {{sheet.csv}} --by 鈴木 --why 照合
paper import {MISSING} --by 鈴木 --why 照合
paper add --day 2026-01-05 --size Ａ３判 --packs 2 --each 1500 -d 総務課 --slip 7 --why 照合
paper add --day 2026-01-05 --size Ａ３判 --packs 2 --each 1500 -d 総務課 --slip 7 --why 照合
paper add --day soon --size A4 --sheets 5 --why 照合
paper add --day 2026-01-05 --size A2 --sheets 5 --why 照合
paper add --day 2026-01-05 --size A4 --why 照合
paper add --day 2026-01-05 --size A4 --sheets 0 --why 照合
paper add --day 2026-01-05 --size A4 --sheets 5 -d 経理 --why 照合
paper add --day 2098-01-05 --size A4 --sheets 5 --why 照合
paper stock --day 2026-01-05 --size A3 --sheets 300 --why 棚卸
paper stock --day 2026-01-05 --size A3 --sheets 310 --why 棚卸 --dry-run
paper
paper --year 2001
explain paper_unexplained
entries
month {{older}}
history import {{sheet.csv}}
history import {{sheet.csv}} --place 3階=9f
history import {{sheet.csv}} --since soon
history import {{sheet.csv}} --sheet 台帳
history import {{sheet.csv}} --kind totals --apply --by 鈴木 --why 移行
history import {{sheet_wrong.csv}}
history import {{sheet_wrong.csv}} --kind readings
history import {{empty.csv}}
history import {A_MACHINE}
history import {{folder}}
history import --readings {{readings.jsonl}}
history import --readings {{readings_wrong.jsonl}}
count {{readings.jsonl}}
count {{readings_wrong.jsonl}}
count {{readings_list.jsonl}}
count {{readings_no.csv}}
count {{readings_csv.csv}}
count {{readings_quote.csv}}
count {{empty.csv}}
count {MISSING}
close {{older}}
close {{month}}
close soon
close 2031-01
close {{older}} --apply 00000000 --by 鈴木
close {{older}} --estimate-now 9f
close {{older}} --estimate-now 2f
statement list
statement show {{older}}
statement show 2031-01
statement diff {{older}}
statement diff {{older}} 1 2
statement verify
statement verify 2031-01
replay
replay --place 9f
replay --place 1f --profile ricoh
replay --profile nosuch
replay --since soon
replay --profile {{own_wrong.toml}}
replay --apply
discover 127.0.0.1 --port {{port}}
discover 127.0.0.1 --port {{port}} --compare --all
discover 127.0.0.1 --port {{port}} -o {{folder}}/found.toml
discover 127.0.0.1 --port {{port}} -o {{folder}}/found.toml
discover 127.0.0.1 --port {{port}} -o {{folder}}/found.csv
discover 10.0.0.0/40 224.0.0.0/4 10.1.1.9-10.1.1.3 10.01.2.3 a..b [::1]
discover 127.0.0.1 --port 9 --all
discover 10.0.0.0/8
discover 10.0.0.0/15
discover no-such-host.invalid
discover 127.0.0.1 --credential nobody
discover 127.0.0.1 --every 0s --watch
capture 1f -o {{folder}}/one.snmprec --rate 1000
capture 1f -o {{folder}}/one.snmprec
capture 9.9.9.9.9
capture 2f --timeout 1
calibrate {A_MACHINE} total=9 --dry-run
calibrate {A_MACHINE} total=121018 copy=38804 -o {{folder}}/calibrated.toml --keep {{folder}}/k
calibrate {A_MACHINE} total=121018 -o {{folder}}/calibrated.toml
calibrate {A_MACHINE} total=many
calibrate {A_MACHINE} nothing=9
calibrate {A_MACHINE} total=9
calibrate {A_MACHINE} total=121019 --round2 {{round.json}} -o {{folder}}/x.toml
calibrate 1f total=460 --dry-run --rate 1000
calibrate nosuch.snmprec total=4
calibrate 9.9.9.9.9 total=4
decode {A_MACHINE}
decode {{no.snmprec}}
decode {{cut.snmprec}}
decode {{empty.snmprec}}
decode {{sheet.csv}}
decode {MISSING}
decode {A_MACHINE} --profiles {{folder}}/nosuch
profiles list
profiles show ricoh
profiles show generic
profiles show nosuch
profiles show Canon
profiles check {{own.toml}}
profiles check {{own_wrong.toml}}
profiles check {{own.txt}}
profiles check {{folder}}/nothing
profiles check
fleet export -o {{folder}}/out.csv
fleet export -o {{folder}}/out.csv
fleet export -o {{folder}}/no/out.csv
fleet import {{fleet.csv}} -o {{folder}}/imported.toml
fleet import {{fleet.csv}} -o {{folder}}/imported.toml
fleet import {{fleet.csv}}
fleet import {{fleet_wrong.csv}}
fleet import {{list.csv}} -o {{folder}}/from_list.toml
fleet import {{undated.csv}}
fleet import {{undated.csv}} --from R8.4
fleet import {{undated.csv}} --from いつか
fleet import {{fleet_cells.csv}}
fleet import {{empty.csv}}
fleet import {A_MACHINE}
report --environment
report --environment --base-year 2019 -o {{folder}}/plan
report 2099-01 --environment --base-year 2019
export
export --open-data -o {{folder}}/open
export --sealed -o {{folder}}/sealed
export --sealed --since R8.4
fleet headcount {{staff.csv}}
fleet headcount {{staff_wrong.csv}}
fleet headcount {{staff_none.csv}}
fleet headcount {{staff.csv}} --from R9.4
fleet headcount {{staff.csv}} --apply
fleet headcount {{staff.csv}} --apply
month --department 総務科
forecast --department 総務科
fleet apply
fleet apply --file {{fleet_wrong}}
fleet apply --apply x --by 鈴木 --why 確認
dashboards build --out {{folder}}/grafana
dashboards build --out {{folder}}/grafana
dashboards build --out {{folder}}/grafana --check
dashboards build --out {{sheet.csv}}
alerts rehearse
alerts rehearse --since soon
alerts rehearse --since 2099-04
alerts test
demo --months 0
demo --database x
demo --sites 2 --serve
demo --sites 9
month --format xml
nosuch
month --hots
"""
"""A line each; what stands in braces is a file of FILES or a name of the office."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return what commands may name in an office with a past and a machine that answers."""
    folder = tmp_path_factory.mktemp("office")
    past = fill(
        folder / "ledger.sqlite3",
        Stood("1f", "AAAA1111", 30_000),
        Stood("2f", "BBBB2222", 90_000, silent_days=9),
    )
    machine = SimulatedMachine("ricoh", "IM C6000", "AAAA1111", Printed(100, 20, 300, 40))
    with copiers() as machines:
        port = machines.add("1f", machine)
        more = credentials({"default": {"version": "2c", "community": "public"}})
        write_office(folder, [Spot("1f", port), Spot("2f", 9)], more)
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "nothing").mkdir()
        bad = (folder / "collector.toml").read_text("utf-8") + "[fleet]\nfile = 'fleet_wrong'\n"
        (folder / "fleet_wrong_office").write_text(bad, encoding="utf-8")
        yield {
            "folder": str(folder),
            "month": past.newer.name,
            "older": past.older.name,
            "port": str(port),
            "fleet_wrong_office": str(folder / "fleet_wrong_office"),
            **{name: str(folder / name) for name in FILES},
        }


@pytest.fixture(scope="module")
def others() -> Sequence[str]:
    """Return what is shown in the words of others, the longest first."""
    return sorted(filter(None, _said_by_machines() | _sources_of_profiles()), key=len, reverse=True)


def told(office: Mapping[str, str], line: str) -> Ended:
    args = [
        office[one[1:-1]] if one[1:-1] in office else _filled(one, office) for one in line.split()
    ]
    return command(*args, env={"CONFIGURATION_DIRECTORY": office["folder"]})


def _filled(word: str, office: Mapping[str, str]) -> str:
    return re.sub(r"\{([^}]*)\}", lambda found: office[found[1]], word)


@pytest.mark.parametrize("line", COMMANDS.strip().splitlines())
def test_nothing_is_told_in_english(
    office: dict[str, str], others: Sequence[str], line: str
) -> None:
    ended = told(office, line)

    assert ended.code in {0, 1, 2, 78}, ended.err
    assert ended.out or ended.err or "--check" in line
    assert sentences(ended.err) == []
    assert sentences(ended.out, others) == []


def test_every_command_is_among_them() -> None:
    asked = {line.split()[0] for line in COMMANDS.strip().splitlines()}

    assert {one.name for one in VERBS} <= asked
