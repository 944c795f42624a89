"""`copier-fleet explain`: every code that people meet, in words that hold against the program."""

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from collector.app.close.close_month import RefusalKind
from collector.cli.explain import CODES, SECTIONS, topics
from collector.cli.main import commands
from collector.cli.words import CommandWords
from collector.domain.closing.seal import FaultKind
from collector.domain.cost.billing import Lack
from collector.domain.counting.deciding import VERDICTS
from collector.domain.counting.entries import Verdict
from collector.domain.counting.findings import Code
from collector.texts.catalogue import EXPLAIN, LANGUAGES, entries
from collector.texts.rendering import fields_of
from tests.stories.program import Ended, command

FACTS = {"id": "0123456789ab", "place": "2f-soumu", "month": "2026-11", "answer": "printed"}
TOKENS = {"理由": "because", "REASON": "because", "照合番号": "12345678", "CHECKSUM": "12345678"}
TOKENS |= {"ファイル": "FILE"}
OTHERS = {
    "systemctl stop copier-fleet",
    "systemctl start copier-fleet",
    "systemctl reload copier-fleet",
    "systemctl restart copier-fleet",
    "timedatectl",
}
"""Commands of the system that the texts may name."""
OF_FILES = re.compile(r"(?:until|was|color|duplex_percent) = \S+")
"""Lines of the fleet and factors file that the texts may show."""


def shown_as_it_is() -> Iterator[tuple[str, str, str]]:
    """Yield language, key and line of what a person is to type or to write."""
    for language in LANGUAGES:
        for key, text in entries(language, EXPLAIN):
            for line in text.format(**FACTS).split("\n"):
                if line.startswith("  "):
                    yield language, key, line.strip()


def test_every_code_has_its_texts_in_both_languages_and_nothing_else_has() -> None:
    met = {(kind, one.value) for kind, codes in CODES.items() for one in codes}
    wanted = {f"{kind}.{code}.{section}" for kind, code in met for section in SECTIONS}

    assert {*CODES.values()} == {Code, RefusalKind, FaultKind, Lack}
    assert {(one.kind, one.code) for one in topics()} == met
    assert len(topics()) == len(met)
    for language in LANGUAGES:
        texts = dict(entries(language, EXPLAIN))
        assert texts.keys() == wanted
        assert all(texts.values())


def test_the_facts_are_the_same_in_both_languages_and_known() -> None:
    english = dict(entries("en", EXPLAIN))
    for key, text in entries("ja", EXPLAIN):
        assert fields_of(text) == fields_of(english[key]) <= FACTS.keys(), key
        assert not text.isascii(), key
        assert english[key].isascii(), key


@pytest.mark.parametrize(
    "code",
    [
        *(Code.CLOCK_IN_DOUBT, Code.LEDGER_RESTORED, Code.STATEMENT_BROKEN, Code.ROW_REJECTED),
        *(Code.SINK_EMPTIED, Code.DATABASE_KEEPS_LESS, Code.RECEIVER_SILENT),
    ],
)
def test_what_is_about_the_server_itself_names_the_doctor(code: Code) -> None:
    named = [
        language
        for language, key, line in shown_as_it_is()
        if (key, line) == (f"finding.{code}.check", "copier-fleet doctor")
    ]
    assert named == [*LANGUAGES]


def test_every_name_is_one_code() -> None:
    for language in LANGUAGES:
        words = CommandWords(language)
        names = {one.code: words(f"code.{one.code}") for one in topics()}
        assert len({*names.values()}) == len(names)
        assert all(map(str.strip, names.values()))


def test_what_is_to_be_typed_is_the_same_in_both_languages() -> None:
    lines: dict[str, list[str]] = {"ja": [], "en": []}
    for language, key, line in shown_as_it_is():
        plain = " ".join(TOKENS.get(one, one) for one in line.split())
        lines[language].append(f"{key}: {plain}")

    assert lines["ja"] == lines["en"]
    assert len(lines["en"]) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_line_is_one_that_the_program_takes(language: str, tmp_path: Path) -> None:
    """Verb, options, choices, arguments and their types: read by the commands themselves."""
    file = tmp_path / "FILE"
    file.write_text("")
    tried = 0
    for spoken, key, line in shown_as_it_is():
        if spoken != language or line in OTHERS or OF_FILES.fullmatch(line):
            continue
        words = [str(file) if one in {"FILE", "ファイル"} else one for one in shlex.split(line)]
        assert words[0] == "copier-fleet", f"{key}: {line}"
        parsed(commands, words[1:], f"{key}: {line}")
        tried += 1
    assert tried > 60


def parsed(group: click.Command, words: list[str], about: str) -> None:
    """Let the command that `words` name read the rest of them, without running it."""
    context = click.Context(group, info_name="copier-fleet")
    while isinstance(group, click.Group) and words:
        found = group.get_command(context, words[0])
        if found is None:
            break
        group, words = found, words[1:]
        if isinstance(found, click.Group) and not (words and found.get_command(context, words[0])):
            break
    try:
        assert group is not commands, about
        group.make_context(about, words, parent=context)
    except click.ClickException as error:
        raise AssertionError(f"{about}: {error.format_message()}") from error


def test_a_line_that_no_command_takes_is_found() -> None:
    for line in ("findings resolve", "clos", "findings resolve 1 --as nosuch --why x", "read 2f"):
        with pytest.raises(AssertionError):
            parsed(commands, shlex.split(line), line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_stand_on_lines_of_their_own(language: str) -> None:
    for key, text in entries(language, EXPLAIN):
        for line in text.split("\n"):
            if not line.startswith("  "):
                assert "copier-fleet " not in line, key
                assert line == line.strip(), key


def test_what_is_to_be_said_of_a_finding_may_be_said_of_it() -> None:
    """The verdict in a command line is one that the deciding takes for that code."""
    tried = 0
    for _, key, line in shown_as_it_is():
        found = re.search(r"findings resolve \S+ --as (\w+)", line)
        kind, code, _ = key.split(".")
        if found and kind == "finding":
            assert Verdict(found[1]) in VERDICTS.get(Code(code), {Verdict.IGNORE}), key
            tried += 1
    assert tried > 30


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", ["80", "60"])
def test_every_explanation_fits_the_terminal(language: str, columns: str) -> None:
    for one in topics():
        ended = command("explain", one.code, "--lang", language, env={"COLUMNS": columns})
        prose = [line for line in ended.out.splitlines() if not line.startswith("    ")]
        lines = ended.out.splitlines() if columns == "80" else prose
        assert (ended.code, ended.err) == (0, "")
        assert max(map(cell_len, lines)) <= int(columns), one
        assert CommandWords(language)(f"code.{one.code}") in ended.out


@pytest.mark.parametrize(
    "called", ["meter_reset", "METER-RESET", "カウンターのリセット", "ｍｅｔｅｒ_ｒｅｓｅｔ"]
)
def test_a_code_is_known_by_its_name_in_either_language(called: str) -> None:
    found = command("explain", called, "--json")

    assert [one["code"] for one in found.json] == ["meter_reset"]


def test_one_code_that_is_met_in_two_places_is_explained_as_both() -> None:
    found = command("explain", "時計の疑い", "--json").json

    assert [(one["kind"], one["code"]) for one in found] == [
        ("finding", "clock_in_doubt"),
        ("closing", "clock_in_doubt"),
    ]
    assert found[0]["means"] != found[1]["means"]


@pytest.mark.parametrize(
    ("called", "meant"),
    [("meter_rest", "meter_reset"), ("カウンタのリセット", "カウンターのリセット")],
)
def test_an_unknown_code_is_told_with_what_may_be_meant(called: str, meant: str) -> None:
    ended = command("explain", called, "--lang", "ja")

    assert (ended.code, ended.out) == (2, "")
    assert f"もしかして: '{meant}'" in ended.err


def test_nothing_like_it_names_the_list() -> None:
    ended = command("explain", "xyzzy", "--lang", "en")

    assert ended.code == 2
    assert "for a list: copier-fleet explain" in ended.err


@pytest.fixture(scope="module")
def ask(golden_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ended]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(golden_office, folder, dirs_exist_ok=True)
    return lambda *args: command(*args, "--config", folder / "collector.toml")


def test_a_finding_is_shown_with_its_facts_and_its_own_commands(ask: Callable[..., Ended]) -> None:
    known = ask("findings", "--days", "4000", "--json").json
    finding = next(one for one in known if one["code"] == "device_silent")

    shown = ask("explain", finding["id"])
    record = ask("explain", finding["id"][:8], "--json").json[0]

    assert shown.code == 0
    assert f"番号: {finding['id']}" in shown.out
    assert f"設置場所: {finding['subject']}（" in shown.out
    assert "今の機器: " in shown.out
    assert f"copier-fleet read {finding['subject']} total=123456" in shown.out
    assert max(map(cell_len, shown.out.splitlines())) <= 80
    assert record["finding"] == finding["id"]
    assert record["subject"] == finding["subject"]
    assert record["evidence"] == finding["evidence"]
    assert f"copier-fleet poll {finding['subject']}" in record["check"]


def test_a_finding_about_a_month_names_that_month(ask: Callable[..., Ended]) -> None:
    known = ask("findings", "--days", "4000", "--json").json
    finding = next(one for one in known if one["code"] == "month_closed")

    assert f"copier-fleet statement show {finding['subject']}" in ask("explain", finding["id"]).out


def test_an_id_that_no_finding_has_is_told(ask: Callable[..., Ended]) -> None:
    ended = ask("explain", "0000000000")

    assert (ended.code, ended.out) == (2, "")
    assert "0000000000" in ended.err


def test_findings_name_the_command(ask: Callable[..., Ended]) -> None:
    known = ask("findings", "--days", "4000", "--json").json
    told = ask("findings", "--days", "4000").err

    assert f"copier-fleet explain {known[0]['id']}" in told


@pytest.mark.parametrize(
    ("line", "code"),
    [("close 2026-09", None), ("close 2031-01", "not_over"), ("close 2020-01", "before_ledger")],
)
def test_a_month_that_is_not_closed_names_the_command(
    line: str, code: str | None, ask: Callable[..., Ended]
) -> None:
    told = ask(*line.split()).err

    assert (f"copier-fleet explain {code}" in told) == (code is not None)
    if code is not None:
        assert command("explain", code).code == 0
