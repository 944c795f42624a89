"""One made-up machine of each kind that answers everything its maker documents.

The figures add up the way the maker's do; no two are alike, so that a wrong row shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp.session import Oid, Value, oid
from tests.unit.snmp.machines import (
    BROTHER,
    CANON,
    KONICA,
    KYOCERA,
    PRINTER,
    RICOH_ROW,
    SHARP,
    P,
    Said,
    devices,
    life,
    named,
    values,
)

XEROX = P + "253.8.53.13.2.1."
GENERAL_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"


@dataclass(frozen=True, slots=True)
class Whole:
    """A machine, what it is read as, and other figures that its maker documents for a meter.

    `otherwise` are such figures: the life count where the billing total is not answered.
    """

    profile: str
    said: tuple[Said, ...]
    meters: Mapping[str, int]
    otherwise: Mapping[str, int] = field(default_factory=dict)

    def values(self) -> dict[Oid, Value]:
        """Return everything it answers."""
        return values(*self.said)

    def allows(self, meter: str, value: int) -> bool:
        """Say whether `value` is a figure of `meter` that the maker documents."""
        return value in {self.meters.get(meter), self.otherwise.get(meter)}


def ricoh_rows(rows: Iterable[tuple[int | None, str, int]], *, step: int = 1) -> Said:
    """Return Ricoh's counter table: type code, English name, value."""
    found: dict[str, Value | str] = {}
    for at, (code, label, value) in enumerate(rows, start=1):
        index = at * step
        if code is not None:
            found[f"{RICOH_ROW}.2.{index}"] = code
        found[f"{RICOH_ROW}.5.{index}"] = label
        found[f"{RICOH_ROW}.9.{index}"] = value
    return found


def canon_codes(table: str, codes: Mapping[int, int]) -> Said:
    """Return one of Canon's code tables."""
    return {f"{CANON}{table}.4.{code}": value for code, value in codes.items()}


def canon_named(labels: Mapping[str, int]) -> Said:
    """Return Canon's table by number, each row with its label."""
    found: dict[str, Value | str] = {}
    for at, (label, value) in enumerate(labels.items(), start=1):
        found[f"{CANON}2.1.1.2.{at}"] = label
        found[f"{CANON}2.1.1.3.{at}"] = value
    return found


def xerox_rows(rows: Iterable[tuple[int, int, int, str | None]]) -> Said:
    """Return Xerox's detail table: device index, id, value, label."""
    found: dict[str, Value | str] = {}
    for device, number, value, label in rows:
        found[f"{XEROX}6.{device}.20.{number}"] = value
        if label is not None:
            found[f"{XEROX}8.{device}.20.{number}"] = label
    return found


def konica_cells(column: int, cells: Mapping[str, int], base: str = KONICA) -> Said:
    """Return Konica Minolta's cells, by `colour.function`."""
    return {f"{base}2.1.{column}.{cell}": value for cell, value in cells.items()}


def sharp_rows(rows: Iterable[tuple[str, int, str | None]], shift: int = 0) -> Said:
    """Return Sharp's table: index, value, label; the part's index shifted by `shift`."""
    found: dict[str, Value | str] = {}
    for index, value, label in rows:
        part, rest = index.split(".", 1)
        moved = f"{int(part) + shift}.{rest}"
        found[f"{SHARP}3.{moved}"] = value
        if label is not None:
            found[f"{SHARP}4.{moved}"] = label
    return found


def kyocera_parts(model: str, **parts: int) -> Said:
    """Return hrDeviceTable of a Kyocera: printer=1, copier=2, scanner=3, fax=4."""
    numbers = {"printer": 43, "copier": 44, "fax": 45, "scanner": 46}
    rows = {
        f"i{index}": (PRINTER if name == "printer" else "", model, f"{P}1347.{numbers[name]}.1.2.1")
        for name, index in parts.items()
    }
    status = {f"1.3.6.1.2.1.25.3.2.1.5.{index}": 2 for index in parts.values()}
    return {**devices(**rows), **status}


def brother_record(*parts: tuple[int, int], end: bytes = b"\xff") -> bytes:
    """Return Brother's record of tagged counters."""
    return b"".join(bytes((tag, 1, 4)) + value.to_bytes(4, "big") for tag, value in parts) + end


def brother_enum(table: str, codes: Mapping[int, int]) -> Said:
    """Return one of Brother's tables with an enum column."""
    found: dict[str, Value | str] = {}
    for row, (code, value) in enumerate(codes.items(), start=1):
        found[f"{BROTHER}{table}.1.2.{row}"] = code
        found[f"{BROTHER}{table}.1.3.{row}"] = value
    return found


RICOH = Whole(
    "ricoh",
    (
        named("RICOH IM C3010 2.14 / RICOH Network Printer C model", "367.1.1"),
        {
            P + "367.3.2.1.1.1.1.0": "IM C3010",
            P + "367.3.2.1.1.1.2.0": "2.14",
            P + "367.3.2.1.2.1.4.0": "C86123456",
            GENERAL_SERIAL: "C86123456",
            P + "367.3.2.1.2.19.1.0": 90_000,
            P + "367.3.2.1.2.19.2.0": 59_000,
            P + "367.3.2.1.2.19.3.0": 1_100,
            P + "367.3.2.1.2.19.4.0": 29_900,
        },
        ricoh_rows(
            [
                (10, "Counter: Machine Total", 90_000),
                (200, "Counter: Copy: Total", 29_900),
                (201, "Counter: Copy: Black & White", 18_000),
                (202, "Counter: Copy: Single/Two-color", 1_900),
                (203, "Counter: Copy: Full Color", 10_000),
                (300, "Counter: FAX: Total", 1_100),
                (301, "Counter: FAX: Black & White", 1_000),
                (302, "Counter: FAX: Single/Two-color", 30),
                (303, "Counter: FAX: Full Color", 70),
                (400, "Counter: Print: Total", 59_000),
                (401, "Counter: Print: Black & White", 39_000),
                (402, "Counter: Print: Single/Two-col.", 5_000),
                (403, "Counter: Print: Full Color", 15_000),
                (10, "Counter: Machine Total", 90_000),
                (602, "Development: Color", 96_000),
                (603, "Development: Black & White", 90_000),
                (608, "Total Prints: Color", 32_000),
                (609, "Total Prints: Black & White", 58_000),
                (620, "Copier: Black & White", 18_000),
                (640, "Printer: Black & White", 39_000),
                (700, "Large Paper Prints: >= A3, DLT", 4_400),
                (701, "No. of Printed Sides in Duplex", 22_200),
                (850, "Coverage: Color", 777),
                (870, "Counter: Transmission: Total", 7_770),
                (871, "Counter: Transmission: B/W", 4_770),
                (872, "Counter: Transmission: FAX", 770),
                (873, "Counter: Transmission: Color Scan", 3_000),
                (874, "Counter: Transmission: B/W Scan", 4_000),
                (900, "Total Jobs: All Applications", 12_345),
            ]
        ),
        life(90_000, 8),
    ),
    {
        "total": 90_000,
        "total_mono": 58_000,
        "total_color": 32_000,
        "total_large": 4_400,
        "duplex": 22_200,
        "copy": 29_900,
        "copy_mono": 18_000,
        "copy_color": 11_900,
        "print": 59_000,
        "print_mono": 39_000,
        "print_color": 20_000,
        "fax": 1_100,
        "fax_mono": 1_000,
        "fax_color": 100,
        "scan": 7_000,
        "scan_color": 3_000,
        "scan_mono": 4_000,
    },
)

CANON_CODES = {
    101: 21_340,
    102: 21_438,
    103: 98,
    104: 21_242,
    108: 20_302,
    109: 20_362,
    112: 60,
    113: 20_242,
    114: 3_364,
    122: 38,
    123: 1_000,
    124: 1_076,
    201: 1_467,
    202: 1_533,
    203: 66,
    221: 1_440,
    229: 8,
    230: 19,
    232: 27,
    301: 19_843,
    313: 18_832,
    321: 30,
    322: 981,
    324: 1_011,
    501: 9_197,
    503: 97,
    504: 9_100,
    505: 6_000,
    509: 3_197,
    701: 30,
    709: 30,
}
CANON_WHOLE = Whole(
    "canon",
    (
        named("Canon iR-ADV C3822 /P", "1602.4.7"),
        {
            P + "1602.1.1.1.1.0": "iR-ADV C3822",
            P + "1602.1.1.1.4.0": "04.28",
            P + "1602.1.2.1.4.0": "XTK01234",
            GENERAL_SERIAL: "XTK01234",
        },
        canon_codes("1.3.1", {code: CANON_CODES[code] for code in (112, 113, 122, 123, 301, 501)}),
        canon_codes("1.4.1", CANON_CODES),
        life(21_340),
    ),
    {
        "total": 21_340,
        "total_large": 98,
        "total_small": 21_242,
        "total_mono": 20_302,
        "total_mono_large": 60,
        "total_mono_small": 20_242,
        "total_color": 1_038,
        "total_color_large": 38,
        "total_color_small": 1_000,
        "duplex": 3_364,
        "copy": 1_467,
        "copy_large": 66,
        "copy_mono": 1_440,
        "copy_color": 27,
        "copy_color_large": 8,
        "copy_color_small": 19,
        "print": 19_843,
        "print_mono": 18_832,
        "print_color": 1_011,
        "print_color_large": 30,
        "print_color_small": 981,
        "fax": 30,
        "fax_mono": 30,
        "scan": 9_197,
        "scan_large": 97,
        "scan_small": 9_100,
        "scan_mono": 6_000,
        "scan_color": 3_197,
    },
)

XEROX_ROWS: list[tuple[int, int, int, str | None]] = [
    (1, 1, 9_000, "Total Impressions"),
    (1, 2, 12, "Power On Impressions"),
    (1, 7, 4_000, "Black Printed Impressions"),
    (1, 8, 3_100, "Black Printed Sheets"),
    (1, 29, 2_100, "Color Printed Impressions"),
    (1, 33, 3_000, "Color Impressions"),
    (1, 34, 6_000, "Black Impressions "),
    (1, 38, 6_500, "Sheets"),
    (1, 39, 2_500, "2 Sided Sheets"),
    (1, 43, 110, "Color Large Impressions"),
    (1, 44, 220, "Black Large Impressions"),
    (1, 47, 330, "Large Impressions"),
    (1, 71, 150, "Fax Impressions"),
    (102, 11, 800, "Network Scanning Images Sent"),
    (102, 12, 450, "E-mail Images Sent"),
    (102, 21, 60, "Scanned Images Stored"),
    (102, 23, 1_340, "Images Sent"),
    (102, 66, 90, "Fax Images Sent"),
    (103, 3, 1_850, "Black Copied Impressions"),
    (103, 25, 900, "Color Copied Impressions"),
    (104, 13, 90, "Embedded Fax Images Sent"),
    (104, 14, 150, "Embedded Fax Impressions"),
]
XEROX_METERS = {
    "total": 9_000,
    "engine_total": 9_040,
    "total_mono": 6_000,
    "total_color": 3_000,
    "total_large": 330,
    "total_mono_large": 220,
    "total_color_large": 110,
    "copy": 2_750,
    "copy_mono": 1_850,
    "copy_color": 900,
    "print": 6_100,
    "print_mono": 4_000,
    "print_color": 2_100,
    "fax": 150,
    "sheets": 6_500,
    "duplex_sheets": 2_500,
    "scan": 1_250,
}
XEROX_WHOLE = Whole(
    "xerox",
    (
        named("Xerox WorkCentre 7855; System 072.040, ESS 072.042", "253.8.62.1.20.9.9.1"),
        devices(i1=(PRINTER, "Xerox WorkCentre 7855", "")),
        {P + "253.8.53.3.2.1.3.1": "MX0123456", GENERAL_SERIAL: "MX0123456"},
        xerox_rows(XEROX_ROWS),
        life(9_040),
    ),
    XEROX_METERS,
    {"total": 9_040},
)
FUJIFILM_WHOLE = Whole(
    "fujifilm",
    (
        named("FUJIFILM Apeos C2570;ESS1.2.3,IOT 4.5.6", "297.1.11.93.2.1.1"),
        {GENERAL_SERIAL: "TC10123456"},
        xerox_rows(XEROX_ROWS),
        life(9_040),
    ),
    XEROX_METERS,
    {"total": 9_040},
)

KONICA_WHOLE = Whole(
    "konica",
    (
        named("KONICA MINOLTA bizhub C368", "18334.1.1.1.2.1.152.1.1"),
        {
            P + "18334.1.1.1.1.6.2.1.0": "KONICA MINOLTA bizhub C368",
            P + "18334.1.1.1.1.6.1.0": "GC2-R5",
            GENERAL_SERIAL: "A7PU021012345",
            KONICA + "1.1.0": 33_800,
            KONICA + "1.3.0": 7_350,
            KONICA + "1.5.0": 5_650,
            KONICA + "1.9.0": 26_500,
            KONICA + "3.1.5.1": 5_650,
            KONICA + "3.1.6.1": 130,
            KONICA + "3.1.7.1": 260,
        },
        konica_cells(
            5,
            {
                "1.1": 3_600,
                "1.2": 22_000,
                "2.1": 500,
                "2.2": 6_700,
                "3.1": 150,
                "3.2": 310,
                "4.1": 40,
                "4.2": 90,
            },
        ),
        konica_cells(
            7,
            {
                "1.1": 61,
                "1.2": 410,
                "2.1": 17,
                "2.2": 190,
                "3.1": 0,
                "3.2": 0,
                "4.1": 0,
                "4.2": 0,
            },
        ),
        life(33_860),
    ),
    {
        "total": 33_800,
        "engine_total": 33_860,
        "copy": 4_290,
        "copy_mono": 3_600,
        "copy_color": 690,
        "copy_mono_large": 61,
        "copy_color_large": 17,
        "print": 29_100,
        "print_mono": 22_000,
        "print_color": 7_100,
        "print_mono_large": 410,
        "print_color_large": 190,
        "fax_mono": 260,
        "duplex_sheets": 7_350,
        "sheets": 26_500,
        "scan": 5_650,
        "scan_large": 130,
    },
    {"total": 33_860},
)

SHARP_ROWS: list[tuple[str, int, str | None]] = [
    ("1.4.60", 8_200, "Prints"),
    ("1.4.61", 5_300, "Black & White Print Count"),
    ("1.4.63", 2_900, "Full Color Print Count"),
    ("1.4.75", 4_100, "Duplex"),
    ("4.4.60", 3_900, "Copies"),
    ("4.4.61", 3_400, "Black & White Copy Count"),
    ("4.4.63", 310, "Full Color Copy Count"),
    ("4.4.64", 60, "Two Color Copy Count"),
    ("4.4.80", 130, "Single Color Copy Count"),
    ("5.4.61", 8_800, "Black & White Total Count"),
    ("5.4.63", 3_250, "Full Color Total Count"),
    ("5.4.64", 60, "Two Color Total Count"),
    ("5.4.80", 130, "Single Color Total Count"),
    ("5.5.61", 100, "Black & White Other Count"),
    ("5.5.63", 40, "Full Color Other Count"),
    ("6.4.70", 1_244, "Document Feeder"),
    ("7.4.50", 1_350, "Scan to E-mail/FTP"),
    ("7.4.51", 610, "Black & White Scanner Count"),
    ("7.4.53", 740, "Full Color Scanner Count"),
    ("8.4.50", 70, "Scan to HDD"),
    ("8.4.60", 90, "Prints (Document Filing)"),
    ("8.4.61", 90, "Black & White Document Filing Print Count"),
    ("8.4.63", 0, "Full Color Document Filing Print Count"),
    ("8.4.64", 0, "Two Color Document Filing Print Count"),
    ("8.4.80", 0, "Single Color Document Filing Count"),
]
SHARP_PARTS = devices(
    i1=(PRINTER, "SHARP MX-2651", P + "2385.3.1.112.1.2"),
    i4=(P + "2385.1.1.3.1.3", "Copier", P + "2385.3.1.112.1.2"),
    i5=("1.3.6.1.2.1.25.3.1.1", "Multi-Functional Device", P + "2385.3.1.112.1.2"),
    i7=(P + "2385.1.1.3.1.2", "Network Scanner", P + "2385.3.1.112.2.40"),
)
SHARP_WHOLE = Whole(
    "sharp",
    (
        named("SHARP MX-2651", "2385.3.1.112.1.2"),
        SHARP_PARTS,
        {GENERAL_SERIAL: "95012345", P + "2385.2.1.1.2.1.2.1": "0201"},
        sharp_rows(SHARP_ROWS),
        life(12_240),
    ),
    {
        "total": 12_240,
        "total_mono": 8_800,
        "total_color": 3_440,
        "print": 8_200,
        "print_mono": 5_300,
        "print_color": 2_900,
        "copy": 3_900,
        "copy_mono": 3_400,
        "copy_color": 500,
        "other": 140,
        "other_mono": 100,
        "other_color": 40,
        "scan": 1_350,
        "scan_mono": 610,
        "scan_color": 740,
        "duplex": 4_100,
    },
)


def kyocera(printer: int, copier: int, fax: int, scanner: int) -> Whole:
    """Return a colour copier with those hrDeviceIndexes."""
    function, mode = KYOCERA + "42.3.1.1.1.1", KYOCERA + "42.3.1.2.1.1"
    paper = {
        1: ("A3", 700, 500, 190, 10),
        2: ("A4", 9_300, 6_300, 2_880, 120),
        3: ("Ledger", 0, 0, 0, 0),
    }
    return Whole(
        "kyocera",
        (
            named("KYOCERA Document Solutions Printing System", "1347.41"),
            kyocera_parts(
                "TASKalfa 2554ci", printer=printer, copier=copier, fax=fax, scanner=scanner
            ),
            {
                f"{KYOCERA}43.5.1.1.28.{printer}": "VUX0Y12345",
                f"{KYOCERA}43.5.1.1.1.{printer}": "TASKalfa 2554ci",
                f"1.3.6.1.2.1.43.5.1.1.17.{printer}": "VUX0Y12345",
                f"{KYOCERA}43.10.1.1.12.{printer}.1": 10_000,
                f"{KYOCERA}42.2.5.1.1.1.{printer}": 7_000,
                f"{KYOCERA}42.2.5.1.1.2.{printer}": 3_000,
                f"{function}.{printer}": 6_000,
                f"{function}.{copier}": 3_000,
                f"{function}.{scanner}": 0,
                f"{function}.{fax}": 1_000,
                f"{mode}.{printer}.1": 3_500,
                f"{mode}.{printer}.2": 100,
                f"{mode}.{printer}.3": 2_400,
                f"{mode}.{copier}.1": 2_300,
                f"{mode}.{copier}.2": 30,
                f"{mode}.{copier}.3": 670,
                f"{mode}.{fax}.1": 1_000,
                f"{mode}.{fax}.2": 0,
                f"{mode}.{fax}.3": 0,
                f"{KYOCERA}42.2.2.1.1.2.{printer}.1": "Monochrome",
                f"{KYOCERA}42.2.2.1.1.2.{printer}.2": "Mono Color",
                f"{KYOCERA}42.2.2.1.1.2.{printer}.3": "Full Color",
                f"{KYOCERA}42.2.2.1.1.3.{printer}.1": 6_800,
                f"{KYOCERA}42.2.2.1.1.3.{printer}.2": 130,
                f"{KYOCERA}42.2.2.1.1.3.{printer}.3": 3_070,
                f"{KYOCERA}42.3.1.3.1.1.{copier}": 2_200,
                f"{KYOCERA}42.3.1.3.1.1.{fax}": 140,
                f"{KYOCERA}42.3.1.4.1.1.{printer}": 4_000,
                f"{KYOCERA}46.10.1.1.5.{scanner}": 6_340,
            },
            {
                f"{KYOCERA}42.2.1.1.1.{column}.{printer}.{row}": cell
                for row, cells in paper.items()
                for column, cell in zip((2, 6, 7, 8, 9), cells, strict=True)
            },
            life(10_500, row=f"{printer}.1"),
        ),
        {
            "total": 10_000,
            "engine_total": 10_500,
            "total_mono": 6_800,
            "total_color": 3_200,
            "total_large": 700,
            "total_mono_large": 500,
            "total_color_large": 200,
            "duplex_impressions": 3_000,
            "print": 6_000,
            "print_mono": 3_500,
            "print_color": 2_500,
            "copy": 3_000,
            "copy_mono": 2_300,
            "copy_color": 700,
            "fax": 1_000,
            "fax_mono": 1_000,
            "fax_color": 0,
            "scan": 6_340,
        },
        {"total": 10_500},
    )


BROTHER_WHOLE = Whole(
    "brother",
    (
        named("Brother NC-8700w, Firmware Ver.1.10  (16.08.24),MID 84E-F79,FID 2", "2435.2.3.9.1"),
        {
            P + "2435.2.3.9.1.1.7.0": "MFG:Brother;CMD:PJL;MDL:MFC-L9570CDW series;CLS:PRINTER;",
            BROTHER + "1.0": "E78123F9N456789",
            GENERAL_SERIAL: "E78123F9N456789",
            BROTHER + "17.0": "ZC2103121420",
            BROTHER + "10.0": brother_record(
                (0, 9_000), (1, 6_000), (2, 3_000), (6, 1_200), (7, 700), (8, 500), (22, 15_000)
            ),
        },
        brother_enum(
            "52.21",
            {7: 3_900, 5: 2_100, 1: 6_000, 9: 1_700, 4: 900, 3: 2_600, 8: 400, 6: 0, 2: 400},
        ),
        brother_enum("54.2.2", {2: 310, 1: 820}),
        life(9_060, 8),
    ),
    {
        "total": 9_000,
        "engine_total": 9_060,
        "total_mono": 6_000,
        "total_color": 3_000,
        "duplex": 1_200,
        "print": 6_000,
        "print_mono": 3_900,
        "print_color": 2_100,
        "copy": 2_600,
        "copy_mono": 1_700,
        "copy_color": 900,
        "fax": 400,
        "fax_mono": 400,
        "fax_color": 0,
        "scan": 1_130,
    },
    {"total": 9_060},
)

WHOLE: Mapping[str, Whole] = {
    "ricoh": RICOH,
    "canon": CANON_WHOLE,
    "xerox": XEROX_WHOLE,
    "fujifilm": FUJIFILM_WHOLE,
    "konica": KONICA_WHOLE,
    "sharp": SHARP_WHOLE,
    "kyocera": kyocera(1, 2, 4, 3),
    "brother": BROTHER_WHOLE,
}


def droppable(machine: Mapping[Oid, Value]) -> list[Oid]:
    """Return what a test may take away: the private tree, the parts and the marker."""
    roots = (oid("1.3.6.1.4.1"), oid("1.3.6.1.2.1.25.3.2"), oid("1.3.6.1.2.1.43"))
    return [one for one in machine if any(one[: len(root)] == root for root in roots)]
