#!/usr/bin/env python3
"""Writes a manual page for each command: `.ci/man_pages.py en|ja FOLDER`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click_man.core import write_man_pages

from collector import __version__
from collector.cli.language import in_the_language, speak, translated
from collector.cli.main import commands

HEADINGS = {
    "NAME": "名前",
    "SYNOPSIS": "書式",
    "DESCRIPTION": "説明",
    "OPTIONS": "オプション",
    "COMMANDS": "コマンド",
    "EXIT STATUS": "終了コード",
    "FILES": "ファイル",
    "SEE ALSO": "関連項目",
}
FILES = {
    "/etc/copier-fleet/collector.toml": ("the settings", "設定"),
    "/etc/copier-fleet/fleet.toml": ("places and departments", "設置場所と部署"),
    "/etc/copier-fleet/secrets/": ("one file a secret", "秘密の値（1つ1ファイル）"),
    "/var/lib/copier-fleet/": ("the ledger", "台帳"),
    "/usr/share/doc/copier-fleet/": ("examples and documents", "設定例と文書"),
}


# A page breaks Japanese lines only where it is told that it may: between two wide letters, never
# before a closing mark or after an opening one.
WIDE = "\u3000-\u9fff\uff01-\uffee"
BREAK = re.compile(rf"([{WIDE}])(?<![「（『【])(?=[{WIDE}])(?![、。」）』】ーっゃゅょッャュョ])")


def whole(group: click.Command) -> click.Command:
    """Return the program with each command in its place, those of groups included."""
    context = click.Context(group, info_name="copier-fleet")
    assert isinstance(group, click.Group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    spoken = in_the_language(group)
    assert isinstance(spoken, click.Group)
    return click.Group(
        "copier-fleet",
        commands={name: one for name, one in found.items() if one is not None},
        help=translated(group.help or ""),
        params=list(spoken.params),
        options_metavar=spoken.options_metavar,
        subcommand_metavar=spoken.subcommand_metavar,
    )


def ending(language: str) -> Iterator[str]:
    """Yield what the program's own page says beyond its commands."""
    japanese = language == "ja"
    yield ".SH EXIT STATUS"
    yield translated(commands.epilog or "").partition("：" if japanese else ": ")[2]
    yield ".SH FILES"
    for path, says in FILES.items():
        yield from (".TP", f".I {path}", says[japanese])
    yield ".SH SEE ALSO"
    yield ".BR systemctl (1), journalctl (1)"


def japanese(page: str) -> str:
    """Return a page with Japanese headings, and lines that may end after any wide letter."""
    page = re.sub(r"(?m)^\.SH (.+)$", lambda one: f".SH {HEADINGS[one[1]]}", page)
    page = re.sub(r"(?m)^  See (\S+) for full documentation.*$", r"  \1 を参照。", page)
    first, *lines = page.splitlines(keepends=True)
    return "".join((first, ".nh\n.ad l\n", *(BREAK.sub(r"\1\:", one) for one in lines)))


def main(language: str, folder: Path) -> None:
    """Write the pages, with Japanese headings where the texts are Japanese."""
    speak(language)
    folder.mkdir(parents=True, exist_ok=True)
    write_man_pages("copier-fleet", whole(commands), version=__version__, target_dir=str(folder))
    first = folder / "copier-fleet.1"
    first.write_text(first.read_text("utf-8") + "\n".join((*ending(language), "")), "utf-8")
    for page in folder.glob("*.1"):
        text = page.read_text("utf-8")
        if language == "ja":
            text = japanese(text)
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
