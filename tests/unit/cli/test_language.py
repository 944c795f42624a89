"""Help and wrong usage in Japanese: whole, within the terminal, and in whose language."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collector.cli import language
from collector.cli.language import in_the_language, language_for, speak, translated, wrapped
from collector.cli.main import commands, main
from collector.texts import catalogue

NEVER_SEEN = frozenset(
    {
        "%(prog)s, version %(version)s",
        "Arguments take exactly one parameter declaration, got {length}: {decls}.",
        "Boolean option {decl!r} cannot use the same flag for true/false.",
        "Choice({choices})",
        "Could not determine name for option with declarations {decls!r}",
        "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
        "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
        "Invalid start character for option ({option})",
        "Name '{name}' defined twice",
        (
            "No options defined but a name was passed ({name}). Did you mean to declare an "
            "argument instead? Did you mean to pass '--{name}'?"
        ),
        "Unknown color {colour!r}",
        "{value!r} is not a valid UUID.",
    }
)
"""What click says to whoever writes a command, not to whoever runs it; and the version's line."""


@pytest.fixture
def japanese() -> Iterator[None]:
    speak("ja")
    yield
    speak("en")


def every_command() -> Iterator[tuple[str, click.Command]]:
    def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for one in command.list_commands(context):
                found = command.get_command(context, one)
                assert found is not None
                yield from below(f"{name} {one}", found)

    yield from below("copier-fleet", in_the_language(commands))


@pytest.mark.usefixtures("japanese")
def test_every_text_of_every_command_has_japanese() -> None:
    """In a copy that speaks Japanese nothing is left in Latin letters alone."""
    texts: list[tuple[str, str]] = []
    for name, one in every_command():
        texts += [(name, one.help or ""), (name, one.get_short_help_str())]
        for parameter in one.params:
            if isinstance(parameter, click.Option) and parameter.help:
                texts.append((name, parameter.help))
    assert len(texts) > 200
    assert [(name, text) for name, text in texts if text.isascii()] == []


@pytest.mark.usefixtures("japanese")
def test_symbols_of_usage_lines_are_japanese_in_them_and_in_prose() -> None:
    symbols = {key for key, _ in catalogue.entries("ja", catalogue.HELP) if key.isupper()}
    assert {"FILE", "MONTH", "GROUND"} <= symbols
    symbols -= {"ID"}  # a Japanese word as well
    for name, one in every_command():
        context = click.Context(one)
        valued = [each for each in one.params if not getattr(each, "is_flag", False)]
        shown = [each.make_metavar(context) for each in valued]
        left = {word for text in shown for word in re.findall(r"[A-Z]{3,}", text)}
        assert left <= {"URL"}, name
        prose = [one.help or "", *(getattr(each, "help", "") or "" for each in one.params)]
        assert not symbols & {word for text in prose for word in re.findall(r"[A-Z]+", text)}, name


@pytest.mark.usefixtures("japanese")
def test_everything_that_click_says_has_japanese() -> None:
    said: set[str] = set()
    for name in language._CLICK:
        file = importlib.import_module(f"click.{name}").__file__
        for node in ast.walk(ast.parse(Path(str(file)).read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="_" | "ngettext"), args=[ast.Constant(str(one)), *_]
                ):
                    said.add(one)
    known = {key[0] if isinstance(key, tuple) else key for key in _keys()}

    assert {"Usage:", "Options", "No such option {name!r}."} <= said
    assert said - known - NEVER_SEEN == set()


def _keys() -> list[str | tuple[str, int]]:
    return list(catalogue.catalogue("ja", catalogue.HELP)._catalog)  # type: ignore[attr-defined]  # gettext lists them nowhere else


@pytest.mark.usefixtures("japanese")
def test_no_entry_is_left_that_nothing_says() -> None:
    """Of commands: what click says differs from release to release."""
    left = {key for key in _keys() if isinstance(key, str)}
    speak("en")
    for _, one in every_command():
        left -= {inspect.cleandoc(one.help or ""), one.epilog or ""}
        left -= {text for text in (getattr(each, "help", "") for each in one.params) if text}

    assert {one for one in left if "\n\n" in one} == set()


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize("columns", [80, 60, 120])
def test_help_fits_the_terminal_in_wide_letters(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for name, one in every_command():
        shown = one.get_help(one.make_context(name, ["--help"], resilient_parsing=True))
        widest = max(shown.splitlines(), key=cell_len)
        assert cell_len(widest) <= columns, f"{name}: {widest}"
        assert shown.startswith(f"使い方: {name} ")
        assert "オプション:\n" in shown
        assert "この説明を表示して終わります。" in "".join(shown.split())


@pytest.mark.usefixtures("japanese")
def test_no_line_of_help_begins_with_a_closing_mark() -> None:
    for name, one in every_command():
        shown = one.get_help(one.make_context(name, ["--help"], resilient_parsing=True))
        wrong = [line for line in shown.splitlines() if line.lstrip()[:1] in tuple("、。）」ー")]
        assert wrong == [""] * len(wrong), name


@given(st.text(st.sampled_from("ab-/[]（）「」、。ー日本語 ")), st.integers(4, 30))
def test_wrapping_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = wrapped(text, width)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nosuch"], "コマンド 'nosuch' はありません。"),
        (["month", "--hots"], "オプション '--hots' はありません。"),
        (["poll"], "引数がありません: '設置場所'."),
        (["decode", "/nope"], "'ファイル' の値の誤り: ファイル '/nope' はありません。"),
        (["demo", "--months", "x"], "'--months' の値の誤り: 'x' は整数として読めません。"),
        (["demo", "--months", "99"], "'--months' の値の誤り: 99 は範囲 1<=x<=36 の外です。"),
        (["report", "--language", "de"], "'de' は選べません。選べる値: 'ja', 'en'。"),
        (["month", "2026-11", "b"], "余分な引数があります（b）"),
        (["close", "--apply"], "オプション '--apply' に値がありません。"),
    ],
)
def test_wrong_usage_is_told_in_japanese_and_ends_with_2(
    args: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COPIER_FLEET__OFFICE__LANGUAGE", "ja")
    with pytest.raises(SystemExit) as ended:
        main(args)
    told = capsys.readouterr()

    assert (ended.value.code, told.out) == (2, "")
    assert said in told.err


def test_english_is_what_commands_state() -> None:
    assert in_the_language(commands) is commands
    assert translated("Only this department (its id or name).").startswith("Only")


@pytest.mark.parametrize(
    ("args", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "ja_JP.UTF-8"}, "ja"),
        ([], {"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        (["month", "-c", "{ja}"], {}, "ja"),
        (["month", "-c{en}"], {"LANG": "ja_JP.UTF-8"}, "en"),
        (["month", "--config={unsaid}"], {"LANG": "C"}, "ja"),
        (["month", "--config", "{broken}"], {"LANG": "C"}, "en"),
        (["month", "--config", "{broken}"], {"LANG": "ja_JP.UTF-8"}, "ja"),
        (["month", "--config", "{broken_ja}"], {"LANG": "C"}, "ja"),
        (["month", "--config", "{broken_en}"], {"LANG": "ja_JP.UTF-8"}, "en"),
        (["month", "--config", "{broken_odd}"], {"LANG": "ja_JP.UTF-8"}, "ja"),
        (["month", "--config", "{odd}"], {"LANG": "ja_JP"}, "ja"),
        (["month", "--config"], {}, "en"),
        (["decode", "--lang", "en", "-c", "{ja}"], {}, "en"),
        (["decode", "--lang=ja", "-c", "{en}"], {}, "ja"),
        (["decode", "--lang", "de", "-c", "{ja}"], {}, "ja"),
        (["month", "-c", "{ja}"], {"COPIER_FLEET__OFFICE__LANGUAGE": "en"}, "en"),
    ],
)
def test_whose_language_is_spoken(
    tmp_path: Path, args: list[str], environment: dict[str, str], expected: str
) -> None:
    files = {
        "ja": '[office]\nlanguage = "ja"\n',
        "en": '\ufeff[office]\nlanguage = "en"\n',
        "unsaid": "[mqtt]\n",
        "broken": "[office\n",
        "broken_ja": '[office]\nlanguage = "ja"\nsite = "\n',
        "broken_en": "[office\n  language='en' # spoken\n",
        "broken_odd": '[office\n# language = "en"\nlanguage = "de"\n',
        "odd": '[office]\nlanguage = ["ja"]\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = {name: str(tmp_path / name) for name in files}

    assert language_for([one.format(**paths) for one in args], environment) == expected
