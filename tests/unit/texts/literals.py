"""Finds literals that read as prose: what a person is told and no catalogue holds."""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import collector
from tests.source_trees import tree_of

PACKAGE = Path(collector.__file__).parent
TELLING = frozenset({"say", "complain", "progress", "yes", "echo"})
"""Calls that tell a person something, were it one word."""
KEYS = frozenset({"help", "show_default", "epilog", "short_help"})
"""Arguments that are keys of the catalogue `help`, held to it by a test of the commands."""

OTHERS: Mapping[str, str] = {
    "adapters/centre/": "SQL, and what another program sent",
    "adapters/influx/": "what servers answer, and mistakes of the program",
    "adapters/ledger_postgres/": "SQL, and mistakes of the program",
    "adapters/ledger_sqlite/": "SQL, and mistakes of the program",
    "adapters/mqtt/": "what brokers answer, and mistakes of the program",
    "adapters/readings_file.py": "how files of readings head their columns",
    "adapters/sheets.py": "formats of Excel",
    "adapters/snmp/client/": "faults of packets, told by sentences of their own",
    "adapters/snmp/condition/": "what machines report, and how it is recognised",
    "adapters/snmp/profiles/documents.py": "the manual of profile files",
    "adapters/snmp/profiles/file_tables.py": "the schema of profile files",
    "adapters/snmp/profiles/numbers.py": "why a value is absent: debug lines",
    "adapters/snmp/profiles/value_types.py": "the schema of profile files",
    "adapters/snmp/reading/memory.py": "why what was remembered is not used: debug lines",
    "calibration/labels.py": "how panels and machines name their counters",
    "demo/agent.py": "faults of packets, which the agent drops",
    "demo/machines.py": "what simulated machines answer",
    "domain/": "held to tests of its own",
    "encoding/": "mistakes of the program",
    "settings/exclusions_file.py": "how spreadsheets head their columns and call grounds",
    "settings/fleet/csv_layout.py": "how spreadsheets head their columns",
    "settings/fleet/csv_rows.py": "how people write a day",
    "settings/fleet/office_lists.py": "how offices name floors and days in their lists",
    "settings/fleet/staff_list.py": "how offices count people",
    "settings/first.py": "how departments are called",
}
"""Folders and files whose literals are told to nobody, and what they are instead."""

_MISTAKE = "a mistake of the program"
_TEMPLATE = "a template, into which Grafana puts the words"
_MADE_UP = "who works in a made-up town hall"
DATA: Mapping[str, str] = {
    "adapters/report/sheets.py: mm-dd hh:mm": "a format of Excel",
    "adapters/report/department_tables.py: impressions (面)": "a unit as data",
    "adapters/snmp/profiles/views.py: any other printer": "a mark in the manual and in data",
    "adapters/snmp/profiles/views.py: device id": "a mark in the manual and in data",
    "adapters/snmp/recording/session.py: # end of the recording": "a line that is looked for",
    "cli/language.py: 、。，．：；？！）」』】〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…\\])": (
        "marks that end a word"
    ),
    "cli/output.py: bold red": "a style",
    "dashboards/alerts.py: {{ .DashboardURL }}{{ if not "
    '(match "[?]" .DashboardURL) }}?{{ end }}{': (_TEMPLATE),
    "dashboards/alerts.py: {{ if eq {} {} }}{}{{ else }}{}{{ end }}": (_TEMPLATE),
    "dashboards/alerts.py: {{ if gt {} 0.0 }}{}{{ else }}{}{{ end }}": (_TEMPLATE),
    "dashboards/frame.py: external link": "an icon of Grafana",
    "dashboards/panels.py: dict[str, int]": "a type",
    "demo/town.py: 総務課": _MADE_UP,
    "demo/town.py: 税務課": _MADE_UP,
    "demo/town.py: 市民課": _MADE_UP,
    "demo/town.py: 福祉課": _MADE_UP,
    "demo/town.py: 教育委員会": _MADE_UP,
    "demo/town.py: Board of Education": _MADE_UP,
    "demo/town.py: 1f-shimin-e | 1階 市民課 東 | shimin | ricoh | IM C4500 | 3091RA00417 | 420": (
        _MADE_UP
    ),
    "demo/table.py: {} is no number": _MISTAKE,
    "settings/fleet/csv.py: a spreadsheet was refused without a problem": _MISTAKE,
    "settings/fleet/csv.py: headings were refused without a problem": _MISTAKE,
    "settings/fleet/proposed.py: not set": "what machines say that have no name",
    "settings/centre_file.py: a configuration was refused without a problem": _MISTAKE,
    "settings/load.py: a configuration was refused without a problem": _MISTAKE,
    "settings/values.py: keys conflict": "a mark between pydantic and its reader",
}
"""The same of single literals."""

_TAG = re.compile(r"<[^<>]*>?")
_COMMAND = re.compile(r"^(?:# )?copier-fleet(?: [a-z]+)+$")
_PROSE = re.compile(r"[a-z]{2,},? [a-z]{2,}|[぀-ヿ一-鿿]")
_WORD = re.compile(r"[A-Za-z]{2,}")


def prose(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every literal in `file` that a person would read as a sentence."""
    tree = tree_of(file)
    yield from _below(tree, _PROSE)


@functools.cache
def standing() -> frozenset[str]:
    """Return every such literal, with its file, that is not known to be something else."""
    return frozenset(
        f"{name}: {text}"
        for name, path in sources()
        if not name.startswith((*OTHERS,))
        for _, text in prose(path)
    )


def sources() -> Iterator[tuple[str, Path]]:
    """Yield every file of the package with its name in it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path


def _below(node: ast.AST, wanted: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    if _is_passed_over(node):
        return
    text = _text(node)
    if text is not None and wanted.search(_COMMAND.sub("", _TAG.sub("", text))):
        yield getattr(node, "lineno", 0), _short(text)
        return
    if isinstance(node, ast.Call):
        is_telling = isinstance(node.func, ast.Name) and node.func.id in TELLING
        yield from _below(node.func, _PROSE)
        for number, one in enumerate((*node.args, *node.keywords)):
            yield from _below(one, _WORD if is_telling and number == 0 else _PROSE)
        return
    for one in ast.iter_child_nodes(node):
        yield from _below(one, wanted)


def _is_passed_over(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True  # what is told to whoever reads the code
        case ast.Call(func=ast.Attribute(value=ast.Name(id="_LOG"))):
            return True  # held to the catalogues by a test of log messages
        case ast.keyword(arg=str(name)):
            return name in KEYS
    return False


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values
            )
    return None


def _short(text: str) -> str:
    return " ".join(text.split())[:70]
