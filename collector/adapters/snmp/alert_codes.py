"""What the numbers of prtAlertTable stand for: PrtAlertCodeTC and PrtAlertGroupTC (RFC 3805)."""

from collections.abc import Mapping
from typing import Final

CODES: Final[Mapping[int, str]] = {
    1: "other",
    2: "unknown",
    3: "cover open",
    4: "cover closed",
    5: "interlock open",
    6: "interlock closed",
    7: "configuration changed",
    8: "jam",
    9: "missing",
    10: "life almost over",
    11: "life over",
    12: "almost empty",
    13: "empty",
    14: "almost full",
    15: "full",
    16: "near its limit",
    17: "at its limit",
    18: "opened",
    19: "closed",
    20: "turned on",
    21: "turned off",
    22: "offline",
    23: "power saver",
    24: "warming up",
    25: "added",
    26: "removed",
    27: "resource added",
    28: "resource removed",
    29: "recoverable failure",
    30: "unrecoverable failure",
    31: "recoverable storage error",
    32: "unrecoverable storage error",
    33: "motor failure",
    34: "memory exhausted",
    35: "too cold",
    36: "too hot",
    37: "timing failure",
    38: "thermistor failure",
    501: "door open",
    502: "door closed",
    503: "powered up",
    504: "powered down",
    505: "reset over the network",
    506: "reset by hand",
    507: "ready to print",
    801: "tray missing",
    802: "paper size changed",
    803: "paper weight changed",
    804: "paper type changed",
    805: "paper colour changed",
    806: "form parts changed",
    807: "paper low",
    808: "paper empty",
    809: "wants other paper",
    810: "wants paper fed by hand",
    811: "tray position failure",
    812: "tray elevation failure",
    813: "cannot feed the size selected",
    901: "output tray missing",
    902: "output tray almost full",
    903: "output tray full",
    904: "mailbox select failure",
    1001: "fuser too cold",
    1002: "fuser too hot",
    1003: "fuser timing failure",
    1004: "fuser thermistor failure",
    1005: "adjusting print quality",
    1101: "toner empty",
    1102: "ink empty",
    1103: "ribbon empty",
    1104: "toner almost empty",
    1105: "ink almost empty",
    1106: "ribbon almost empty",
    1107: "waste toner box almost full",
    1108: "waste ink box almost full",
    1109: "waste toner box full",
    1110: "waste ink box full",
    1111: "drum life almost over",
    1112: "drum life over",
    1113: "developer almost empty",
    1114: "developer empty",
    1115: "toner cartridge missing",
    1301: "media path tray missing",
    1302: "media path tray almost full",
    1303: "media path tray full",
    1304: "cannot print this paper on both sides",
    1501: "interpreter memory increased",
    1502: "interpreter memory decreased",
    1503: "interpreter cartridge added",
    1504: "interpreter cartridge removed",
    1505: "interpreter resource added",
    1506: "interpreter resource removed",
    1507: "interpreter resource unavailable",
    1509: "page too complex",
    1801: "alert removed",
}
"""Code -> words that are also its name."""

UNTOLD: Final = frozenset({1, 2})
"""Codes that say nothing: only the maker's text tells such alerts apart."""

ASLEEP: Final = frozenset({23, 504})
"""The machine, or a part of it, saves power."""

ROUTINE: Final = frozenset(
    {*ASLEEP, 4, 6, 7, 19, 20, 24, 25, 27, 35, 502, 503, 505, 506, 507}
    | {802, 803, 804, 805, 806, 1001, 1005, 1501, 1503, 1505, 1801}
)
"""What happens on any ordinary day: something was closed, set, warmed or got ready.

A cold fuser is how a machine saves power; where it is a failure, the alert is critical.
"""

INPUT: Final = 8
SUPPLIES: Final = 11
GROUPS: Final[Mapping[int, str]] = {
    5: "printer",
    6: "cover",
    8: "paper tray",
    9: "output tray",
    10: "print engine",
    11: "supply",
    12: "colorant",
    13: "paper path",
    14: "data channel",
    15: "interpreter",
    16: "console",
    30: "finisher",
    31: "finisher supply",
    32: "inserter",
}
