"""What tables say, in Japanese and English."""

from collections.abc import Mapping
from typing import Final

from collector.cli.calibration_words import CALIBRATION_WORDS
from collector.cli.closing_words import CLOSING_WORDS
from collector.cli.tally_words import TALLY_WORDS

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "department": ("部署", "Department"),
    "pages": ("面数", "Pages"),
    "target": ("目標", "Target"),
    "remaining": ("残り", "Left"),
    "ratio": ("目標比", "Used"),
    "forecast": ("月末見込み", "Forecast"),
    "pace": ("1日平均", "A day"),
    "allowed": ("1日許容", "Allowed"),
    "cut": ("必要削減/日", "Cut a day"),
    "cost": ("金額(円)", "Yen"),
    "range": ("範囲(8割)", "Range (80%)"),
    "advice": ("目標達成には", "What keeps the target"),
    "since": ("起点", "Since"),
    "year_target": ("年間目標", "Year's target"),
    "year_left": ("年間残り", "Year's left"),
    "coverage": ("範囲内", "In range"),
    "after_days": ("{days}勤務日後", "After {days}"),
    "at_start": ("月初", "Start"),
    "judged": ("誤差", "Error of"),
    "judged_forecast": ("見込み", "forecast"),
    "judged_by_hand": ("日割り", "by days"),
    "judged_last_year": ("前年同月", "last year"),
    "all_days": ("全日", "All"),
    "last_year": ("前年同月", "Last year"),
    "read": ("検針", "Read"),
    "mono": ("モノクロ", "Mono"),
    "color": ("カラー", "Colour"),
    "total": ("合計", "Total"),
    "estimated": ("うち推定", "Estimated"),
    "place": ("設置場所", "Place"),
    "name": ("名称", "Name"),
    "state": ("状態", "State"),
    "model": ("機種", "Model"),
    "serial": ("製造番号", "Serial"),
    "last_answer": ("最終応答", "Last answer"),
    "meter": ("カウンター", "Meter"),
    "value": ("値", "Value"),
    "unit": ("単位", "Unit"),
    "supply": ("消耗品", "Supply"),
    "level": ("残量", "Level"),
    "kind": ("種類", "Kind"),
    "tray": ("トレイ", "Tray"),
    "media": ("用紙", "Paper"),
    "alert": ("本体からの通知", "The machine reports"),
    "part": ("箇所", "Part"),
    "sink": ("送信先", "Sink"),
    "backlog": ("未送信", "Backlog"),
    "online": ("稼働", "online"),
    "silent": ("応答なし", "silent"),
    "unknown_now": ("不明", "not known"),
    "not_running": (
        "サービスは動いていません（最後の巡回: {at}、{ago} 前）。以下はその時点の内容です。",
        "The service is not running: its last round ended {at} ({ago} ago). This is as of then.",
    ),
    "counted_in_sheets": (
        "{place}: 面数ではなく用紙の枚数で数えている(両面印刷も1枚)",
        "{place}: counts sheets of paper, not printed sides (a sheet printed on both sides is 1)",
    ),
    "counted_in_unstated": (
        "{place}: 本体が単位を示さないカウンターで数えている。本体の表示と比べること",
        "{place}: is counted in a unit that the machine does not name; compare it with its panel",
    ),
    "silent_together": (
        (
            "認証情報 [credentials.{credential}] を使う{count}か所がどれも応答しない。v1・v2c では"
            "コミュニティーの誤りも無応答になる。collector.toml のその community(または機密ファイル"
            "credentials__{credential}__community)を本体の設定と比べ、回線も確かめること"
        ),
        (
            "none of the {count} places asked with [credentials.{credential}] answers; over v1 "
            "and v2c a wrong community is silence: compare its community in collector.toml (or "
            "the secret file credentials__{credential}__community) with the machines', and check "
            "the network"
        ),
    ),
    "never": ("未応答", "never heard"),
    "still_to_come": ("時計の時刻より後", "later than now by the clock"),
    "findings": ("お知らせ", "Findings"),
    "severity": ("重要度", "Severity"),
    "at": ("日時", "At"),
    "code": ("種別", "Code"),
    "message": ("内容", "Message"),
    "check": ("確認", "Check"),
    "result": ("結果", "Result"),
    "confidence": ("確度", "Confidence"),
    "derived": ("計算値", "worked out"),
    "impressions": ("面", "impressions"),
    "sheets": ("枚", "sheets"),
    "scans": ("読取面", "scans"),
    "unstated": ("単位不明", "unit not stated"),
    "id": ("番号", "Id"),
    "month": ("月", "Month"),
    "change": ("増減", "Change"),
    "closed": ("締め済み", "closed"),
    "waiting": ("要確認", "waits for you"),
    "verdict": ("回答", "Answer"),
    "means": ("意味", "It means"),
    "would_count": ("計上される面数", "It would count"),
    "which_was_it": ("実際はどれでしたか", "Which was it"),
    "verdict_reset": (
        "同じ機械でカウンターが0から始まった",
        "the same machine; its counters began again at 0",
    ),
    "verdict_printed": ("すべて実際に印刷された", "all of it was really printed"),
    "verdict_replaced": (
        "別の機械、または誰かが入力した値",
        "another machine, or counters that somebody typed in",
    ),
    "verdict_glitch": ("読み取りの誤り", "the reading was wrong"),
    "replaced": ("取消・差替", "replaced"),
    "what": ("入力内容", "What"),
    "by": ("入力者", "By"),
    "why": ("理由", "Why"),
    "pages_now": ("現在の面数", "Pages now"),
    "pages_then": ("変更後の面数", "Pages then"),
    "target_now": ("現在の目標", "Target now"),
    "target_then": ("変更後の目標", "Target then"),
    "address": ("アドレス", "Address"),
    "maker": ("メーカー", "Maker"),
    "profile": ("プロファイル", "Profile"),
    "credential": ("認証情報", "Credential"),
    "in_fleet": ("登録", "In the fleet as"),
    "new": ("未登録", "new"),
    "agent": ("機器の名乗り", "Description"),
    "others": ("プリンター以外の機器", "Other agents"),
    "year_title": ("{year}年度累計（{until} まで）", "Fiscal year {year} up to {until}"),
    "forecast_title": ("{month} 月末見込み（面）", "Where {month} will end (impressions)"),
    "back_test_title": (
        "過去の見込みの誤差（{since} から {until}）",
        "Errors of past forecasts after working days gone, {since} to {until}",
    ),
    "back_test_rule": (
        "平均絶対誤差。日割り＝経過勤務日数による比例計算。「範囲内」は 80% が目安",
        "mean absolute errors; by days: the pace so far goes on; 80% should be in range",
    ),
    "only_since": ("{month} からの累計のみ", "only from {month} on"),
    "pages_unknown": ("{month} の面数が不明", "the pages of {month} are not known"),
    "history_count": ("月数", "Months"),
    "history_copiers": ("設置場所数", "Places"),
    "history_first": ("最初の月", "From"),
    "history_last": ("最後の月", "To"),
    "history_before": ("これまで", "Before"),
    "history_now": ("台帳の値", "Sheet says"),
    "history_new": ("新規", "new"),
    "history_changed": ("変更", "changed"),
    "history_same": ("取込済み", "as before"),
    "history_source": ("出所", "Where it stands"),
    "history_places": ("取り込む月（設置場所別）", "Months by place"),
    "history_months": ("取り込む月（月別）", "Months by month"),
    "history_changes": ("前回の取込と違う月", "Months that differ from what was taken in before"),
    "machines": ("対象機種", "Machines"),
    "meters": ("カウンター数", "Meters"),
    "least_sure": ("最低確度", "Least sure"),
    "origin": ("区分", "Origin"),
    "proved_on": ("パネル照合", "Proved"),
    "shipped": ("標準", "shipped"),
    "own": ("独自", "yours"),
    "own_instead": ("独自（標準に代わる）", "yours, for a shipped one"),
    "includes": ("取り込み元", "Includes"),
    "recognised_by": ("機種判別", "Recognised by"),
    "priority": ("優先度", "Priority"),
    "firmware": ("ファームウェア", "Firmware"),
    "source": ("根拠", "Source"),
    "limits": ("特記", "Limits"),
    "how": ("計算式（上から順に採用）", "How (the first that fits)"),
    "read_if_asked": ("low_confidence 時のみ", "only with low_confidence"),
    "counter": ("計数値", "Counter"),
    "where": ("位置", "Where"),
    "notes": ("備考", "Notes"),
    "checked": ("検算", "Checked"),
    "within": ("誤差 {pages} 以内", "give or take {pages}"),
    "or_percent": ("、または {percent}% 以内", ", or {percent} % of it"),
    "past_waits": (
        "{places}: 今日より前の日は元のまま。反映するには copier-fleet fleet apply",
        "{places}: days before today stay as they were until: copier-fleet fleet apply",
    ),
    "past_title": ("今日より前の日の違い", "What the fleet file says otherwise of days gone by"),
    "from_day": ("から", "From"),
    "to_day": ("まで", "To"),
    "says_now": ("現在", "Now"),
    "says_then": ("変更後", "Then"),
    "ends_on": ("{day} で終了", "ended on {day}"),
    "months_stay": ("どの月の数字も変わりません", "every month stays as it is"),
    "past_agrees": (
        "今日より前の日に違いはありません。反映するものはありません",
        "the fleet file agrees with every day before today; there is nothing to apply",
    ),
    "closed_adjusts": (
        "{month} は締め済み: 違いは調整になります: copier-fleet close {month}",
        "{month} is closed: the change becomes an adjustment by: copier-fleet close {month}",
    ),
    "apply_how": (
        "まだ何も変えていません。反映: --apply --why 理由",
        "nothing was written; put it in force with: --apply --why TEXT",
    ),
    "month_title": ("{month} 部署別面数", "Pages by department, {month}"),
    **CALIBRATION_WORDS,
    **CLOSING_WORDS,
    **TALLY_WORDS,
}


class Words:
    """The words of one language, `ja` or `en`."""

    def __init__(self, language: str) -> None:
        """Speak `language`; anything but `ja` is English."""
        self._column = 0 if language == "ja" else 1

    def __call__(self, key: str, **facts: object) -> str:
        """Return the word for `key`, with `facts` filled in."""
        return _WORDS[key][self._column].format(**facts)

    @property
    def is_japanese(self) -> bool:
        """Whether names are shown in Japanese."""
        return self._column == 0
