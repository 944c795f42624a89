"""Object identifiers of the standard MIBs that every plan starts from."""

from typing import Final

from collector.adapters.snmp.client.session import Oid, oid

ENTERPRISES: Final = oid("1.3.6.1.4.1")
SYS_DESCR: Final = oid("1.3.6.1.2.1.1.1.0")
SYS_OBJECT_ID: Final = oid("1.3.6.1.2.1.1.2.0")
SYS_UPTIME: Final = oid("1.3.6.1.2.1.1.3.0")
IF_TYPE: Final = oid("1.3.6.1.2.1.2.2.1.3")
IF_ADDRESS: Final = oid("1.3.6.1.2.1.2.2.1.6")
DEVICE_TYPE: Final = oid("1.3.6.1.2.1.25.3.2.1.2")
DEVICE_DESCR: Final = oid("1.3.6.1.2.1.25.3.2.1.3")
DEVICE_ID: Final = oid("1.3.6.1.2.1.25.3.2.1.4")
DEVICE_STATUS: Final = oid("1.3.6.1.2.1.25.3.2.1.5")
PRINTER_ENTRY: Final = oid("1.3.6.1.2.1.25.3.5.1")
PRINTER_STATUS: Final = oid("1.3.6.1.2.1.25.3.5.1.1")
PRINTER_ERRORS: Final = oid("1.3.6.1.2.1.25.3.5.1.2")
TYPE_PRINTER: Final = oid("1.3.6.1.2.1.25.3.1.5")
DEFAULT_MARKER: Final = oid("1.3.6.1.2.1.43.5.1.1.8")
PRINTER_NAME: Final = oid("1.3.6.1.2.1.43.5.1.1.16.1")
MARKER_UNIT: Final = oid("1.3.6.1.2.1.43.10.2.1.3")
MARKER_LIFE: Final = oid("1.3.6.1.2.1.43.10.2.1.4")
MARKER_POWER_ON: Final = oid("1.3.6.1.2.1.43.10.2.1.5")
UNIT_IMPRESSIONS: Final = 7
UNIT_SHEETS: Final = 8
UNITS_OF_OTHER_THINGS: Final = frozenset({3, 4, 5, 6, 9, 11, 16, 17, 18, 19})
"""Units of prtMarkerCounterUnit (RFC 3805, PrtMarkerCounterUnitTC) that are no pages."""
CURRENT_LOCALE: Final = oid("1.3.6.1.2.1.43.5.1.1.2")
CONSOLE_LOCALE: Final = oid("1.3.6.1.2.1.43.5.1.1.10")
LOCALE_CHARSET: Final = oid("1.3.6.1.2.1.43.7.1.1.4")
TRAY_CAPACITY: Final = oid("1.3.6.1.2.1.43.8.2.1.9")
TRAY_LEVEL: Final = oid("1.3.6.1.2.1.43.8.2.1.10")
TRAY_STATUS: Final = oid("1.3.6.1.2.1.43.8.2.1.11")
TRAY_MEDIA: Final = oid("1.3.6.1.2.1.43.8.2.1.12")
TRAY_NAME: Final = oid("1.3.6.1.2.1.43.8.2.1.13")
TRAY_DESCR: Final = oid("1.3.6.1.2.1.43.8.2.1.18")
SUPPLY_COLORANT: Final = oid("1.3.6.1.2.1.43.11.1.1.3")
SUPPLY_CLASS: Final = oid("1.3.6.1.2.1.43.11.1.1.4")
SUPPLY_TYPE: Final = oid("1.3.6.1.2.1.43.11.1.1.5")
SUPPLY_NAME: Final = oid("1.3.6.1.2.1.43.11.1.1.6")
SUPPLY_UNIT: Final = oid("1.3.6.1.2.1.43.11.1.1.7")
SUPPLY_CAPACITY: Final = oid("1.3.6.1.2.1.43.11.1.1.8")
SUPPLY_LEVEL: Final = oid("1.3.6.1.2.1.43.11.1.1.9")
COLORANT_VALUE: Final = oid("1.3.6.1.2.1.43.12.1.1.4")
CONSOLE_TEXT: Final = oid("1.3.6.1.2.1.43.16.5.1.2")
ALERT_SEVERITY: Final = oid("1.3.6.1.2.1.43.18.1.1.2")
ALERT_TRAINING: Final = oid("1.3.6.1.2.1.43.18.1.1.3")
ALERT_GROUP: Final = oid("1.3.6.1.2.1.43.18.1.1.4")
ALERT_GROUP_INDEX: Final = oid("1.3.6.1.2.1.43.18.1.1.5")
ALERT_CODE: Final = oid("1.3.6.1.2.1.43.18.1.1.7")
ALERT_TEXT: Final = oid("1.3.6.1.2.1.43.18.1.1.8")

IEEE_1284: Final[tuple[Oid, ...]] = (
    oid("1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1"),  # ppmPrinterIEEE1284DeviceId, any maker
    oid("1.3.6.1.4.1.2435.2.3.9.1.1.7.0"),  # Brother
    oid("1.3.6.1.4.1.11.2.3.9.1.1.7.0"),  # HP and print servers like HP's
    oid("1.3.6.1.4.1.1347.40.1.1.1.8.1"),  # Kyocera
    oid("1.3.6.1.4.1.1248.1.2.2.1.1.1.1.1"),  # Epson
)
"""Where makers answer the IEEE-1284 device id (`MFG:…;MDL:…;`), which names its own maker."""
