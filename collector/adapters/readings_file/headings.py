"""What the headings of a CSV of readings are called, in Japanese and English."""

from typing import Final

from collector.domain.meters import METERS
from collector.domain.old_sheets.cells import fold
from collector.domain.old_sheets.headings import heading_in

PLACE_NAME: Final = "place name"
"""A column that names the place beside the one that holds its id."""

IGNORED: Final = ""

_NAMES: Final = {
    fold(text).replace("_", ""): name
    for name, texts in {
        "at": ("at", "time", "日時", "検針日時", "取得日時", "時刻"),
        "place": ("place", "place id", "設置場所ID", "場所ID"),
        PLACE_NAME: ("place name", "location", "設置場所", "設置場所名", "場所名", "場所"),
        "serial": ("serial", "serial number", "製造番号", "機番", "シリアル番号", "シリアル"),
        "mac": ("mac", "mac address", "MACアドレス"),
        "model": ("model", "機種", "機種名", "型番"),
        "uptime_s": ("uptime_s", "uptime", "稼働秒数", "起動後秒数", "稼働時間(秒)"),
        "silent": ("silent", "応答なし", "無応答"),
        "rated_ipm": ("rated_ipm", "rated speed", "定格速度", "毎分面数"),
        "status": ("status", "状態"),
        IGNORED: ("備考", "メモ", "note", "notes", "remarks", "no", "no.", "番号", "#"),
    }.items()
    for text in texts
}
_METERS: Final = {fold(name).replace("_", ""): str(name) for name in METERS}


def heading(text: str) -> str | None:
    """Return the key or meter that a heading names; None where it is not known.

    Meters are called as in old monthly sheets (合計, カラー, コピー白黒), or by their own names.
    """
    folded = fold(text).replace("_", "")
    if not folded:
        return IGNORED
    found = _NAMES.get(folded) or _METERS.get(folded)
    if found or folded in _NAMES:
        return found or IGNORED
    said = heading_in(text)
    if said is None or said.is_empty or said.label or said.month or not said.names_a_meter:
        return None
    return str(said.meter)
