"""One made-up machine of each kind that answers everything its maker documents.

The figures add up the way the maker's do; no two are alike, so that a wrong row shows.
"""

from collections.abc import Mapping

from tests.unit.snmp.machines import BROTHER, KONICA, KYOCERA, P, life, named
from tests.unit.snmp.maker_tables import brother_enum, brother_record, konica_cells, kyocera_parts
from tests.unit.snmp.whole import GENERAL_SERIAL, Whole
from tests.unit.snmp.whole_tables import (
    CANON_WHOLE,
    FUJIFILM_WHOLE,
    RICOH,
    SHARP_WHOLE,
    XEROX_WHOLE,
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
