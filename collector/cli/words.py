"""What tables say, in Japanese and English."""

from collections.abc import Mapping
from typing import Final

from collector.cli.calibration_words import CALIBRATION_WORDS
from collector.cli.closing_words import CLOSING_WORDS

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
    "after": ("{days}日後", "After {days}"),
    "all_days": ("全日", "All days"),
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
            "credentials__{credential}__community)と version(1 だけの機種もある)を本体と比べ、"
            "回線も確かめること"
        ),
        (
            "none of the {count} places asked with [credentials.{credential}] answers; over v1 "
            "and v2c a wrong community is silence: compare its community in collector.toml (or "
            "the secret file credentials__{credential}__community) with the machines', its "
            "version (some machines answer version 1 only), and check the network"
        ),
    ),
    "never": ("未応答", "never heard"),
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
        "見込みの誤差（{since} から {until}、かっこ内は単純な日割り）",
        "Errors of past forecasts, {since} to {until} (in brackets: the rule of three)",
    ),
    "back_test_rule": (
        "誤差は実績に対する平均絶対誤差。「範囲内」は 80% が目安",
        "errors are mean absolute errors in per cent of what came; 80% should lie in range",
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
    "month_title": ("{month} 部署別面数", "Pages by department, {month}"),
    **CALIBRATION_WORDS,
    **CLOSING_WORDS,
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
