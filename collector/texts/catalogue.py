"""The catalogues in `locale/`: written as .po, compiled to .mo by the wheel's build.

A checkout without compiled catalogues, or with older ones, reads the .po files themselves, and
keeps what it made of them as Python keeps its bytecode.
"""

import gettext
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

DOMAIN: Final = "copier_fleet"
LANGUAGES: Final = ("ja", "en")
PROBLEMS: Final = "problems"
"""The catalogue of what is said of faults in what people wrote."""
HELP: Final = "help"
"""The catalogue of what commands say of themselves: its keys are the English texts."""
REPORT: Final = "report"
"""The catalogue of what a monthly report says."""
COMMANDS: Final = "commands"
"""The catalogue of what commands say in tables and beside them."""
EXPLAIN: Final = "explain"
"""The catalogue of what each code means, and what to do about it."""
DASHBOARDS: Final = "dashboards"
"""The catalogue of what dashboards say."""
LOG: Final = "log"
"""Context of log messages: they are constant, and named by what they say in English."""

_LOCALE: Final = Path(__file__).parent / "locale"


def source(language: str, domain: str = DOMAIN) -> Path:
    """Return where the catalogue `domain` of `language` is written."""
    return _LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


@cache
def catalogue(language: str, domain: str = DOMAIN) -> gettext.GNUTranslations:
    """Return the texts of `language`, read once; the compiled ones where they are no older."""
    written = source(language, domain)
    compiled = written.with_suffix(".mo")
    if not written.exists():
        return gettext.GNUTranslations(io.BytesIO(_installed(compiled)))
    if compiled.exists() and not _is_newer(written, compiled):
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    made = octets(language, domain)
    _keep(made, compiled)
    return gettext.GNUTranslations(io.BytesIO(made))


def octets(language: str, domain: str = DOMAIN) -> bytes:
    """Return the catalogue `domain` of `language` compiled from its source."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - only where nothing is compiled

    into = io.BytesIO()
    write_mo(into, _parsed(language, domain))
    return into.getvalue()


def entries(language: str, domain: str = DOMAIN) -> Iterator[tuple[str, str]]:
    """Yield the key and text of every entry but log messages; of a plural, its last form."""
    found: Mapping[object, str] = catalogue(language, domain)._catalog  # type: ignore[attr-defined]  # noqa: SLF001 - gettext lists them nowhere else
    for key, text in found.items():
        name = key[0] if isinstance(key, tuple) else key
        if isinstance(name, str) and name and not name.startswith(f"{LOG}\x04"):
            yield name, text


class Words:
    """The words of one catalogue in one language, `ja` or `en`, by key."""

    def __init__(self, domain: str, language: str) -> None:
        """Speak `language`; anything but `ja` is English. The catalogue is read when needed."""
        self.language = "ja" if language == "ja" else "en"
        self._domain = domain

    def __call__(self, key: str, /, **facts: object) -> str:
        """Return the text called `key` with `facts` filled in; raises KeyError without one.

        A fact called `count` decides between singular and plural, where the text has both.
        """
        text, count = _texts(self.language, self._domain)[key], facts.get("count")
        if isinstance(count, int):
            chosen = catalogue(self.language, self._domain).ngettext(key, key, count)
            text = text if chosen == key else chosen
        return text.format(**facts)

    def verbatim(self, key: str) -> str:
        """Return the text called `key` as it stands, braces included; raises KeyError."""
        return _texts(self.language, self._domain)[key]

    @property
    def is_japanese(self) -> bool:
        """Whether Japanese is spoken."""
        return self.language == "ja"


@cache
def _texts(language: str, domain: str) -> Mapping[str, str]:
    return dict(entries(language, domain))


def _parsed(language: str, domain: str) -> "Catalog":
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    with source(language, domain).open("rb") as file:
        return read_po(file, locale=language, domain=domain, abort_invalid=True)


def _installed(compiled: Path) -> bytes:
    """Return what a wheel holds, which need not be unpacked."""
    import pkgutil  # noqa: PLC0415 - only where nothing is written beside it

    found = pkgutil.get_data(__name__, compiled.relative_to(Path(__file__).parent).as_posix())
    if found is None:
        raise FileNotFoundError(compiled)
    return found


def _keep(made: bytes, compiled: Path) -> None:
    """Keep what was compiled for the next start, where Python keeps its own."""
    if sys.dont_write_bytecode:
        return
    with suppress(OSError):
        beside = compiled.with_suffix(f".{os.getpid()}")
        beside.write_bytes(made)
        beside.replace(compiled)


def _is_newer(written: Path, compiled: Path) -> bool:
    return written.exists() and written.stat().st_mtime > compiled.stat().st_mtime
