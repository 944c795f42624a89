"""What tables say, in Japanese or English."""

from datetime import tzinfo
from typing import Final

from collector.domain.counting.findings import Finding, Severity
from collector.domain.counting.reading import (
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from collector.domain.report.table import CellKind, Column
from collector.domain.sentence import Sentence
from collector.texts import Texts
from collector.texts.catalogue import COMMANDS, Words


class CommandWords:
    """The words of one language, `ja` or `en`."""

    def __init__(self, language: str) -> None:
        """Speak `language`; anything but `ja` is English."""
        self._words = Words(COMMANDS, language)

    def __call__(self, key: str, **facts: object) -> str:
        """Return the word for `key`, with `facts` filled in."""
        return self._words(key, **facts)

    def said(self, sentence: Sentence, zone: tzinfo | None = None) -> str:
        """Return `sentence` in words, its times on the clocks of `zone`."""
        return Texts("ja" if self.is_japanese else "en", zone).say(sentence)

    @property
    def language(self) -> str:
        """The language's tag."""
        return self._words.language

    @property
    def is_japanese(self) -> bool:
        """Whether names are shown in Japanese."""
        return self._words.is_japanese


# What a machine does, holds and suffers from, in Japanese and English.


_COLORS: Final = frozenset({"black", "cyan", "magenta", "yellow"})


def code_column(words: CommandWords) -> Column[Finding]:
    """Return the column of codes: programs read them, people what they are called."""
    return Column(
        "code",
        lambda one: one.code.value,
        words("code"),
        CellKind.TEXT,
        shown=lambda one: code_text(one, words),
    )


def code_text(finding: Finding, words: CommandWords) -> str:
    """Return what the code of `finding` is called."""
    return words(f"code.{finding.code.value}")


def severity_text(severity: Severity, words: CommandWords) -> str:
    """Return how soon a person should look."""
    return words(f"severity.{severity.value}")


def status_text(status: DeviceStatus, words: CommandWords) -> str:
    """Return what a machine is doing."""
    return _of(words)(f"status.{status.value}")


def trouble_text(errors: tuple[Trouble, ...], words: CommandWords) -> str:
    """Return what hinders a machine, empty for nothing."""
    texts = _of(words)
    return texts("list.between").join(texts(f"trouble.{one.value}") for one in errors)


def kind_text(supply: Supply, words: CommandWords) -> str:
    """Return what a supply is and its colour."""
    texts, color = _of(words), supply.color
    kind = texts(f"supply.{supply.kind.value}")
    if color is None:
        return kind
    return f"{kind} {texts(f'color.{color}') if color in _COLORS else color}"


def level_text(one: Supply | Tray, words: CommandWords) -> str:
    """Return how much is left; of a waste box the room that is left, and how full it is."""
    texts, waste = _of(words), isinstance(one, Supply) and one.kind is SupplyKind.WASTE
    if one.state is SupplyState.SOME_REMAINING and waste:
        return texts("left.room")
    if one.state is not SupplyState.LEVEL:
        return texts(f"left.{one.state.value}")
    left = one.level_pct
    if left is None:
        return f"{one.remaining:,}"
    if not waste:
        return f"{left:.0f}%"
    return texts("left.room_of", left=f"{left:.0f}", full=100 - round(left))


def tray_text(status: TrayStatus, words: CommandWords) -> str:
    """Return whether a tray feeds paper."""
    return "-" if status is TrayStatus.UNKNOWN else _of(words)(f"tray.{status.value}")


def span_text(seconds: int, words: CommandWords) -> str:
    """Return how long that is, in its largest unit."""
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return words(f"span.{unit}", count=seconds // size)
    return words("span.seconds", count=seconds)


def _of(words: CommandWords) -> Words:
    return Words(COMMANDS, words.language)
