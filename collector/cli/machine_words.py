"""What a machine does, holds and suffers from, in Japanese and English."""

from collections.abc import Mapping
from typing import Final

from collector.cli.words import CommandWords
from collector.domain.counting.reading import (
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)

_STATUS: Final[Mapping[DeviceStatus, tuple[str, str]]] = {
    DeviceStatus.IDLE: ("待機中", "idle"),
    DeviceStatus.PRINTING: ("印刷中", "printing"),
    DeviceStatus.WARMUP: ("ウォームアップ中", "warming up"),
    DeviceStatus.ASLEEP: ("スリープ中", "asleep"),
    DeviceStatus.STOPPED: ("停止中", "stopped"),
    DeviceStatus.OTHER: ("その他", "other"),
    DeviceStatus.UNKNOWN: ("不明", "unknown"),
}
_TROUBLE: Final[Mapping[Trouble, tuple[str, str]]] = {
    Trouble.LOW_PAPER: ("用紙残りわずか", "paper low"),
    Trouble.NO_PAPER: ("用紙切れ", "out of paper"),
    Trouble.LOW_TONER: ("トナー残りわずか", "toner low"),
    Trouble.NO_TONER: ("トナー切れ", "out of toner"),
    Trouble.DOOR_OPEN: ("カバー開", "door open"),
    Trouble.JAMMED: ("紙詰まり", "paper jam"),
    Trouble.OFFLINE: ("オフライン", "offline"),
    Trouble.SERVICE_REQUESTED: ("保守が必要", "service requested"),
    Trouble.INPUT_TRAY_MISSING: ("給紙トレイなし", "input tray missing"),
    Trouble.OUTPUT_TRAY_MISSING: ("排紙トレイなし", "output tray missing"),
    Trouble.MARKER_SUPPLY_MISSING: ("消耗品なし", "supply missing"),
    Trouble.OUTPUT_NEAR_FULL: ("排紙トレイほぼ満杯", "output tray nearly full"),
    Trouble.OUTPUT_FULL: ("排紙トレイ満杯", "output tray full"),
    Trouble.INPUT_TRAY_EMPTY: ("給紙トレイ空", "input tray empty"),
    Trouble.MAINTENANCE_OVERDUE: ("定期保守の時期超過", "maintenance overdue"),
}
_KIND: Final[Mapping[SupplyKind, tuple[str, str]]] = {
    SupplyKind.TONER: ("トナー", "toner"),
    SupplyKind.INK: ("インク", "ink"),
    SupplyKind.WASTE: ("廃棄ボックス", "waste"),
    SupplyKind.DRUM: ("ドラム", "drum"),
    SupplyKind.DEVELOPER: ("現像剤", "developer"),
    SupplyKind.FUSER: ("定着ユニット", "fuser"),
    SupplyKind.TRANSFER: ("転写ユニット", "transfer"),
    SupplyKind.CLEANER: ("クリーナー", "cleaner"),
    SupplyKind.RIBBON: ("リボン", "ribbon"),
    SupplyKind.STAPLES: ("ステープル針", "staples"),
    SupplyKind.OTHER: ("その他", "other"),
}
_COLOR: Final[Mapping[str, tuple[str, str]]] = {
    "black": ("ブラック", "black"),
    "cyan": ("シアン", "cyan"),
    "magenta": ("マゼンタ", "magenta"),
    "yellow": ("イエロー", "yellow"),
}
_STATE: Final[Mapping[SupplyState, tuple[str, str]]] = {
    SupplyState.SOME_REMAINING: ("残りあり", "some remaining"),
    SupplyState.UNLIMITED: ("制限なし", "unlimited"),
    SupplyState.UNKNOWN: ("不明", "unknown"),
    SupplyState.EMPTY: ("なし", "empty"),
}
_TRAY: Final[Mapping[TrayStatus, tuple[str, str]]] = {
    TrayStatus.READY: ("使用可", "ready"),
    TrayStatus.WARNING: ("要確認", "attention"),
    TrayStatus.UNAVAILABLE: ("使用不可", "unavailable"),
    TrayStatus.UNKNOWN: ("-", "-"),
}


def status_text(status: DeviceStatus, words: CommandWords) -> str:
    """Return what a machine is doing."""
    return _of(_STATUS[status], words)


def trouble_text(errors: tuple[Trouble, ...], words: CommandWords) -> str:
    """Return what hinders a machine, empty for nothing."""
    return ("、" if words.is_japanese else ", ").join(_of(_TROUBLE[one], words) for one in errors)


def kind_text(supply: Supply, words: CommandWords) -> str:
    """Return what a supply is and its colour."""
    kind = _of(_KIND[supply.kind], words)
    if supply.color is None:
        return kind
    color = _COLOR.get(supply.color)
    return f"{kind} {_of(color, words) if color else supply.color}"


def level_text(one: Supply | Tray, words: CommandWords) -> str:
    """Return how much is left; of a waste box the room that is left, and how full it is."""
    waste = isinstance(one, Supply) and one.kind is SupplyKind.WASTE
    if one.state is SupplyState.SOME_REMAINING and waste:
        return "空きあり" if words.is_japanese else "room left"
    if one.state is not SupplyState.LEVEL:
        return _of(_STATE[one.state], words)
    left = one.level_pct
    if left is None:
        return f"{one.remaining:,}"
    if not waste:
        return f"{left:.0f} %"
    full = 100 - round(left)
    if words.is_japanese:
        return f"空き {left:.0f} %（{full} % 使用）"
    return f"{left:.0f} % free ({full} % full)"


def tray_text(status: TrayStatus, words: CommandWords) -> str:
    """Return whether a tray feeds paper."""
    return _of(_TRAY[status], words)


def _of(pair: tuple[str, str], words: CommandWords) -> str:
    return pair[0] if words.is_japanese else pair[1]
