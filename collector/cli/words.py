"""What tables say, in Japanese and English."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

from collector.domain.sentence import Sentence
from collector.texts import Texts

# What tables of counted readings say, in Japanese and English; joined into `words.py`.


TALLY_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "tally_months": ("設置場所別・月別面数", "Impressions by place and month"),
    "tally_range": ("範囲", "Range"),
    "tally_question": ("確認待ち", "In question"),
    "tally_waiting": ("確認が必要なお知らせ", "What waits for you"),
}


# What a comparison with a panel says, in Japanese and English; joined into `words.py`.


CALIBRATION_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "on_panel": ("パネル", "Panel"),
    "reads_now": ("読取値", "Reads now"),
    "read_before": ("これまで", "Before"),
    "panel_less_before": ("これまでとの差", "Difference"),
    "judgement": ("判定", "Judgement"),
    "counter_formula": ("計算式", "Formula"),
    "agrees": ("一致", "agrees"),
    "agrees_small": ("一致（未証明）", "agrees, not proved"),
    "found": ("特定", "found"),
    "found_unsure": ("候補（要確認）", "likely"),
    "tied": ("同順位 {count} 件", "one of {count}"),
    "small": ("値が小さく不明", "too small"),
    "nothing": ("該当なし", "nothing fits"),
}


# What closing and statements say, in Japanese and English; joined into `words.py`.


CLOSING_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "opening": ("前回検針", "Opening"),
    "closing": ("今回検針", "Closing"),
    "read_at": ("検針日時", "read at"),
    "quality": ("区分", "Quality"),
    "measured": ("実測", "measured"),
    "guessed": ("推定", "estimated"),
    "split": ("按分あり", "split"),
    "margin": ("誤差", "±"),
    "in_question": ("確認待ち", "In question"),
    "edited": ("手入力", "edited"),
    "unread": ("未検針", "not read"),
    "formula": ("計算式", "Formula"),
    "formula_split": ("按分", "split"),
    "formula_guess": ("推定", "guess"),
    "revision": ("版", "Rev."),
    "cause": ("理由", "Reason"),
    "cause_guess": ("応答なしの推定を見直し", "guess for a silent copier"),
    "cause_late": ("締め後に読めた面数", "read after the closing"),
    "cause_entry": ("手入力・判断", "entered by a person"),
    "cause_history": ("過去の台帳", "old sheet"),
    "cause_moved": ("部署の割当変更", "other departments answer"),
    "cause_recounted": ("再計算", "counted again"),
    "plan_title": (
        "{month} 締め案 第{revision}版　合計 {total} 面　{known}",
        "Plan for {month}, revision {revision}: {total} impressions, {known}",
    ),
    "statement_title": (
        "{month} 締め 第{revision}版　合計 {total} 面　{known}",
        "{month}, revision {revision}: {total} impressions, {known}",
    ),
    "questions_title": ("確認待ちの面数", "Pages in question"),
    "decide_by": (
        "判断: copier-fleet findings resolve 番号 --as …",
        "Decide by: copier-fleet findings resolve ID --as ...",
    ),
    "refused_in_question": (
        (
            "{month} には確認待ちの面数があります（{names}）。{until} まで待ちます。"
            "判断: copier-fleet findings resolve 番号 --as …"
            "（または --estimate-now でそのまま締める）。"
        ),
        (
            "Pages of {month} are in question ({names}). The month waits until {until} for "
            "somebody to decide: copier-fleet findings resolve ID --as ...; or close it as it is "
            "with --estimate-now."
        ),
    ),
    "sealed_by": (
        "{at} {by} が締め　封印 {seal}",
        "sealed by {by} on {at}, seal {seal}",
    ),
    "departments_title": ("部署別", "Departments"),
    "adjustments_title": ("調整", "Adjustments"),
    "changes_title": ("前回表示した案との違い", "Since the plan shown last"),
    "formula_title": ("計算式", "How the pages come about"),
    "statements_title": ("締め一覧", "Statements"),
    "faults_title": ("検証で見つかった問題", "What is wrong"),
    "before": ("前", "Before"),
    "after": ("後", "After"),
    "seal": ("封印", "Seal"),
    "closed_by": ("締め担当", "By"),
    "closed_at": ("締め日時", "Closed"),
    "completeness": ("検針状況", "Read"),
    "change_place": ("面数", "pages"),
    "change_department": ("部署の面数", "department's pages"),
    "change_target": ("目標", "target"),
    "change_read": ("推定から実測へ", "heard again, no guess any more"),
    "change_silent": ("推定", "guess"),
    "change_readings": ("今回検針", "closing reading"),
    "change_revision": ("版", "revision"),
    "change_details": ("明細", "details"),
    "no_change": (
        "前回表示した案と同じ。",
        "The plan is the one that was shown before.",
    ),
    "how_to_apply": (
        "まだ締めていません。この案で締める: copier-fleet {command} --apply {checksum} --by 氏名",
        (
            "Nothing is sealed yet. To seal this plan: "
            "copier-fleet {command} --apply {checksum} --by NAME"
        ),
    ),
    "not_remembered": (
        "台帳に書き込めないため、この案は記録されません（次回、違いを表示できません）: {reason}",
        "The ledger cannot be written, so this plan is not remembered for comparison: {reason}",
    ),
    "applied": (
        "{month} を第{revision}版として締めました（{by}、封印 {seal}）。",
        "{month} is closed as revision {revision} by {by}, seal {seal}.",
    ),
    "applied_before": (
        "{month} はこの案のとおり締め済みです（第{revision}版、{by}）。",
        "{month} is closed already by this very plan (revision {revision}, by {by}).",
    ),
    "plan_changed": (
        (
            "{month} の案は {checksum} を表示した後に変わりました。何も締めていません。"
            "新しい案の確認: copier-fleet {command}"
        ),
        (
            "The plan for {month} is no longer {checksum}; nothing was sealed. "
            "Look at it again: copier-fleet {command}"
        ),
    ),
    "sealed_meanwhile": (
        "その間に別の締めがありました。新しい案の確認: copier-fleet {command}",
        "Something was sealed meanwhile. Look again: copier-fleet {command}",
    ),
    "refused_empty": (
        "台帳が空のため {month} は締められません。",
        "The ledger is empty; there is no {month} to close.",
    ),
    "refused_not_over": (
        "{month} は {day} に終わります。翌日から締められます。",
        "{month} is not over before the end of {day}; it can be closed from the next day on.",
    ),
    "refused_before_ledger": (
        "{month} は台帳の開始（{day}）より前です。過去の台帳の取込: copier-fleet history import",
        (
            "{month} lies before the ledger begins ({day}); old sheets come in by: "
            "copier-fleet history import"
        ),
    ),
    "refused_earlier_open": (
        "先に {names} を締めてください: copier-fleet close {first}（まとめて締めるには --up-to）",
        "{names} must be closed first: copier-fleet close {first} (or all at once with --up-to)",
    ),
    "refused_clock_in_doubt": (
        (
            "コンピューターの時計が疑わしいか、台帳に未来の時刻の検針があるため {month} は"
            "締められません。確認: copier-fleet findings、timedatectl"
        ),
        (
            "{month} is not closed while the computer's clock is in doubt, or the ledger holds "
            "readings of a time still to come; see: copier-fleet findings, timedatectl"
        ),
    ),
    "refused_still_silent": (
        (
            "{month} の締めまでに応答のない複合機: {names}。{until} まで待ちます。電源を確認、"
            "パネルの値を入力（copier-fleet read 設置場所 total=…）、または --estimate-now で推定。"
        ),
        (
            "Not heard since the end of {month}: {names}. They are waited for until {until}; "
            "switch them on, enter the panel's figures (copier-fleet read PLACE total=...), "
            "or estimate them with --estimate-now."
        ),
    ),
    "refused_nothing_new": (
        "{month} は締め済みで（第{revision}版、{at} {by}）、その後の変更はありません。",
        "{month} is closed (revision {revision}, by {by} on {at}) and nothing has changed since.",
    ),
    "nothing_to_close": (
        "締める月はありません。",
        "No month waits to be closed.",
    ),
    "not_closed": (
        "{month} はまだ締めていません。確認: copier-fleet close {month}",
        "{month} is not closed; see: copier-fleet close {month}",
    ),
    "no_revision": (
        "{month} に第{revision}版はありません（最新は第{latest}版）。",
        "{month} has no revision {revision}; the newest is {latest}.",
    ),
    "one_revision": (
        "{month} は第1版だけです。比べるものがありません。",
        "{month} has one revision only; there is nothing to compare.",
    ),
    "diff_title": (
        "{month} 第{one}版 → 第{two}版",
        "{month}, revision {one} to {two}",
    ),
    "verified": (
        "{count} 件の締めはすべて封印どおりで、台帳の面数とも一致します。",
        "{count} statements are as they were sealed, and the ledger counts the same pages today.",
    ),
    "verified_month_differs": (
        "{month}: 締めの後に台帳が変わりました（{count} 件）。反映: copier-fleet close {month}",
        (
            "{month}: the ledger counts otherwise today ({count} differences); bring it in by: "
            "copier-fleet close {month}"
        ),
    ),
    "fault": ("問題", "Problem"),
    "detail": ("箇所", "Where"),
    "fault_seal": (
        "封印後に本文が書き換えられています",
        "its text was changed after it was sealed",
    ),
    "fault_chain": (
        "前の締めの封印とつながりません",
        "it does not follow the statement sealed before it",
    ),
    "fault_revision": (
        "前の版がありません",
        "a revision before it is missing",
    ),
    "fault_lines": (
        "前の版の明細と違います",
        "it does not repeat the lines of the revision before",
    ),
    "fault_sums": (
        "内訳と合計が合いません",
        "its own figures do not add up",
    ),
    "fault_witness": (
        "締めた時に通知した封印と違います",
        "it is not the one that was told when it was sealed",
    ),
    "fault_gone": (
        "締めたはずの版がありません",
        "it was sealed, and is no longer there",
    ),
    "fault_advice": (
        "この締めの上には何も積めません。書き換え前のバックアップを戻してください。",
        "Nothing is built on this; restore the newest backup from before the change.",
    ),
    "months_title": ("締め案", "Plans"),
    "differs": ("項目", "What"),
    "differs_title": ("締めと現在の台帳の違い", "Sealed, and counted today"),
    "held_back": (
        "次の検針まで保留中の値があり、含まれていません: {names}。確認: copier-fleet findings",
        (
            "Held back until the next reading, and not in the plan: {names}; see: "
            "copier-fleet findings"
        ),
    ),
    "month_waits": (
        "{month} は終わり、締めを待っています。確認: copier-fleet close {month}",
        "{month} is over and waits to be closed: copier-fleet close {month}",
    ),
    "months_behind": ("（ほか {count} か月）", " (and {count} more after it)"),
    "closes_itself": ("、{until} 以降に自動で締めます", "; it closes by itself after {until}"),
    "pages_asked": (
        "、{pages} 面が確認待ち（{names}）: copier-fleet findings --open",
        "; {pages} impressions are in question ({names}): copier-fleet findings --open",
    ),
    "closed_as": (
        "{month} は締め済み（第{revision}版）。",
        "{month} is closed (revision {revision}).",
    ),
    "closed_as_estimated": (
        "{month} は締め済み（第{revision}版）。未検針・推定: {names}",
        "{month} is closed (revision {revision}); not read or estimated: {names}",
    ),
}


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
    "hidden": ("架空の値に置き換えた項目", "replaced by made-up values"),
    "times": ("回数", "times"),
    "month_title": ("{month} 部署別面数", "Pages by department, {month}"),
    "grafana_written": (
        "書き込み {count} 件、変更なし {unchanged} 件",
        "{count} files written, {unchanged} unchanged",
    ),
    "grafana_source": (
        "InfluxDB の設定がありません。{file} に接続先とデータベース名を書いてください",
        "no InfluxDB is configured; set its address and database in {file}",
    ),
    "grafana_next": (
        (
            "次: {folder}/provisioning の中身を /etc/grafana/provisioning へ、"
            "{folder}/dashboards の中身を /var/lib/grafana/dashboards/copier-fleet へコピーし、"
            "systemctl restart grafana-server"
        ),
        (
            "next: copy what is in {folder}/provisioning to /etc/grafana/provisioning, what is in "
            "{folder}/dashboards to /var/lib/grafana/dashboards/copier-fleet, then: "
            "systemctl restart grafana-server"
        ),
    ),
    **CALIBRATION_WORDS,
    **CLOSING_WORDS,
    **TALLY_WORDS,
}


class CommandWords:
    """The words of one language, `ja` or `en`."""

    def __init__(self, language: str) -> None:
        """Speak `language`; anything but `ja` is English."""
        self._column = 0 if language == "ja" else 1

    def __call__(self, key: str, **facts: object) -> str:
        """Return the word for `key`, with `facts` filled in."""
        return _WORDS[key][self._column].format(**facts)

    def said(self, sentence: Sentence, zone: tzinfo | None = None) -> str:
        """Return `sentence` in words, its times on the clocks of `zone`."""
        return Texts("ja" if self.is_japanese else "en", zone).say(sentence)

    @property
    def is_japanese(self) -> bool:
        """Whether names are shown in Japanese."""
        return self._column == 0
