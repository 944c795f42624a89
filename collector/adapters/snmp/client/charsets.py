"""In which character set a machine writes, as it states itself (prtLocalizationTable, RFC 3805)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value

CODECS: Final[Mapping[int, str]] = {
    3: "ascii",
    4: "latin-1",
    5: "iso8859-2",
    6: "iso8859-3",
    7: "iso8859-4",
    8: "iso8859-5",
    9: "iso8859-6",
    10: "iso8859-7",
    11: "iso8859-8",
    12: "iso8859-9",
    13: "iso8859-10",
    15: "cp932",  # JIS X 0201, half-width katakana: the single octets of Shift_JIS
    17: "cp932",  # Shift_JIS as machines write it, with the vendors' characters
    18: "euc_jp",
    36: "cp949",
    37: "iso2022_kr",
    38: "cp949",
    39: "iso2022_jp",
    40: "iso2022_jp_2",
    57: "gbk",
    106: "utf-8",
    109: "iso8859-13",
    110: "iso8859-14",
    111: "iso8859-15",
    112: "iso8859-16",
    113: "gbk",
    114: "gb18030",
    1000: "utf-16",
    1001: "utf-32",
    1013: "utf-16-be",
    1014: "utf-16-le",
    1015: "utf-16",
    1017: "utf-32",
    1018: "utf-32-be",
    1019: "utf-32-le",
    2004: "hp-roman8",
    2009: "cp850",
    2010: "cp852",
    2011: "cp437",
    2024: "cp932",
    2025: "gbk",
    2026: "cp950",
    2027: "mac-roman",
    2084: "koi8-r",
    2085: "hz",
    2086: "cp866",
    2088: "koi8-u",
    2109: "cp874",
    2250: "cp1250",
    2251: "cp1251",
    2252: "cp1252",
    2253: "cp1253",
    2254: "cp1254",
    2255: "cp1255",
    2256: "cp1256",
    2257: "cp1257",
    2258: "cp1258",
    2259: "tis-620",
}
"""MIBenum of the IANA charset registry -> Python's codec; a superset where makers use one."""

_MOST_LOCALES: Final = 96


@dataclass(frozen=True, slots=True)
class Charsets:
    """Codecs of the machine's descriptions and of its console; None where it states none."""

    texts: str | None = None
    console: str | None = None


async def plan_charsets(session: Session) -> Charsets:
    """Return the character sets of the localizations that are chosen now."""
    stated = await session.walk(mib.LOCALE_CHARSET, _MOST_LOCALES)
    if not stated:
        return Charsets()
    texts = _chosen(await session.walk(mib.CURRENT_LOCALE, 8), mib.CURRENT_LOCALE, stated)
    console = _chosen(await session.walk(mib.CONSOLE_LOCALE, 8), mib.CONSOLE_LOCALE, stated)
    return Charsets(texts, console)


def _chosen(current: Mapping[Oid, Value], column: Oid, stated: Mapping[Oid, Value]) -> str | None:
    """Return the codec of the chosen row, or the one of all rows where none is named."""
    for oid, row in current.items():
        code = stated.get((*mib.LOCALE_CHARSET, *oid[len(column) :], *_arc(row)))
        if isinstance(code, int):
            return CODECS.get(code)
    codes = {code for code in stated.values() if isinstance(code, int)}
    return CODECS.get(codes.pop()) if len(codes) == 1 else None


def _arc(value: Value) -> Oid:
    return (value,) if isinstance(value, int) else ()
