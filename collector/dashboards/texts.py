"""Every word a dashboard shows, in Japanese and English side by side.

The vocabulary is the office's own: 面 is one printed side (what the counter counts), 枚 one sheet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # titles, links and choices
    "departments": ("部署別の印刷面数", "Pages by department"),
    "fleet": ("複合機の状態", "Copier fleet"),
    "other_language": ("English", "日本語"),
    "all": ("すべて", "All"),
    "department": ("部署", "Department"),
    "month": ("月", "Month"),
    "place": ("設置場所", "Place"),
    "department_id": ("部署ID", "Department id"),
    "place_id": ("設置場所ID", "Place id"),
    # the managers' page
    "office_total": ("今月の合計（面）", "Office total this month (sides)"),
    "office_total_about": (
        "全部署の今月の印刷面数です。1面＝用紙の片面です。両面印刷の1枚は2面と数えます。",
        "Printed sides of all departments this month. A duplex sheet counts as 2 sides.",
    ),
    "office_ratio": ("目標に対する割合（全体）", "Share of target used (office)"),
    "office_ratio_about": (
        "目標のある部署だけの合計です。80％で橙、100％で赤になります。",
        "Departments with a target only. Orange from 80 %, red from 100 %.",
    ),
    "office_forecast": ("月末の見込み（面）", "Forecast for the month end (sides)"),
    "office_forecast_about": (
        "これまでの勤務日の実績から、月末に何面になるかを見込んだ値です。",
        "Where the month will end, judged from the working days so far.",
    ),
    "office_last_year": ("前年同月（面）", "Same month last year (sides)"),
    "office_last_year_about": (
        "前年の同じ月の、1か月分の合計です。前年の記録がない部署は含みません。",
        "The whole same month of last year; departments without a record then are left out.",
    ),
    "completeness": ("検針状況（全体）", "Completeness (office)"),
    "completeness_about": (
        (
            "今月の数字がどこまで実際の読み取りによるかです。±は推定による誤差の上限、「確認待ち」は"
            "担当者の判断を待っていて合計に含まれていない面数です。"
        ),
        (
            "How far this month's figures rest on readings. ± is by how much estimates may be off "
            "at most; sides in question wait for somebody's decision and are not in the total."
        ),
    ),
    "updated": ("最終集計", "Last update"),
    "updated_about": (
        "収集プログラムが最後に動いた時刻です。1時間以上前なら、IT担当に知らせてください。",
        "When the collector last worked. If more than an hour ago, tell the IT staff.",
    ),
    "use": ("目標に対する割合（今月）", "Share of target used this month"),
    "use_about": (
        "今月の面数 ÷ 今月の目標。80％で橙、100％で赤。目標のない部署は出ません。",
        (
            "Sides this month ÷ target. Orange from 80 %, red from 100 %. Departments without "
            "a target are not shown."
        ),
    ),
    "table": ("今月の一覧", "This month in figures"),
    "table_about": (
        (
            "「読み取り済み」は、数字が新しい複合機の台数です。「台数」と同じなら、すべて読めています。"
            "「推定」は面数のうち推定で補った分です。目標のない部署では残りと割合は0と出ます。"
        ),
        (
            "Read is the number of copiers whose figure is fresh; equal to Copiers means all were "
            "read. Estimated is the part of the pages filled in by estimate. A department without "
            "a target shows 0 for remaining and ratio."
        ),
    ),
    "pages": ("面数", "Sides"),
    "target": ("目標", "Target"),
    "remaining": ("残り", "Remaining"),
    "ratio": ("割合", "Ratio"),
    "forecast": ("見込み", "Forecast"),
    "forecast_low": ("見込み（下限）", "Forecast low"),
    "forecast_high": ("見込み（上限）", "Forecast high"),
    "last_year": ("前年同月", "Last year"),
    "places_read": ("読み取り済み", "Read"),
    "places": ("台数", "Copiers"),
    "estimated": ("推定", "Estimated"),
    "low": ("面数の下限", "At least"),
    "high": ("面数の上限", "At most"),
    "in_question": ("確認待ち", "In question"),
    "no_target": ("目標なし", "no target"),
    "mono": ("白黒", "Mono"),
    "color": ("カラー", "Color"),
    "final": ("締め", "Closed"),
    "final_yes": ("確定", "closed"),
    "final_no": ("未確定", "open"),
    "revision": ("改訂", "Revision"),
    "compare": ("見込みと目標と前年同月（面）", "Forecast, target and last year (sides)"),
    "compare_about": (
        "部署ごとに、今日までの面数、月末の見込み、目標、前年同月を並べます。",
        "Per department: sides so far, forecast for the month end, target, same month last year.",
    ),
    "days": ("1日ごとの面数（過去31日）", "Sides per day (last 31 days)"),
    "days_about": (
        "部署ごとに積み上げています。今月の日はすべてこの31日に含まれます。",
        "Stacked by department. Every day of this month lies within these 31 days.",
    ),
    "trend": ("部署別の推移（13か月、面）", "Trend by department (13 months, sides)"),
    "trend_about": (
        "右端は途中の月です。部署の絞り込みは画面上部で選びます。",
        "The last bar is the running month. Choose departments at the top of the page.",
    ),
    "years": ("全体の推移と前年同月（面）", "Office by month against last year (sides)"),
    "years_about": (
        "月ごとの全体の面数と、その前年の同じ月です。右端は途中の月です。",
        (
            "The office's sides by month beside the same month a year before. The last month is "
            "still running."
        ),
    ),
    "this_year": ("この月", "This month"),
    "chosen_month": ("月を選んで見る", "A month of your choice"),
    "chosen": ("選んだ月の一覧：$month", "The chosen month: $month"),
    "chosen_about": (
        (
            "画面上部の「月」で選んだ月です。「確定」の月はもう変わりません。あとから分かった事は"
            "改訂として加わります。"
        ),
        (
            "The month chosen at the top. A closed month no longer changes; what is learnt later "
            "is added as a revision."
        ),
    ),
    "guide": ("この画面の読み方", "How to read this page"),
    # the IT staff's page
    "online_count": ("応答あり（台）", "Answering"),
    "online_count_about": (
        "最後の問い合わせに答えた複合機の台数です。",
        "Copiers that answered when last asked.",
    ),
    "silent_count": ("応答なし（台）", "Silent"),
    "silent_count_about": (
        "最後の問い合わせに答えなかった台数です。夜間の電源断でも数えられます。",
        "Copiers that did not answer when last asked, also when switched off for the night.",
    ),
    "copiers": ("複合機の一覧", "Copiers"),
    "copiers_about": (
        "応答のない時間が長い順です。橙は1時間以上、赤は24時間以上です。",
        "Longest silence first. Orange from an hour, red from 24 hours.",
    ),
    "name": ("名称", "Name"),
    "online": ("状態", "State"),
    "online_yes": ("応答あり", "answers"),
    "online_no": ("応答なし", "silent"),
    "silent_s": ("応答のない時間", "Silent for"),
    "status": ("本体の表示", "Status"),
    "uptime_s": ("連続稼働", "Up for"),
    "toner": ("トナー・消耗品（少ない順）", "Toner and supplies (lowest first)"),
    "toner_about": (
        "残量の少ない順に60件まで。20％で橙、10％で赤になります。残量を答えない機種は出ません。",
        (
            "The 60 lowest. Orange below 20 %, red below 10 %. Machines that state no level are "
            "left out."
        ),
    ),
    "supply": ("消耗品", "Supply"),
    "level": ("残量", "Level"),
    "state": ("表示", "State"),
    "copier_days": (
        "複合機ごとの1日の面数（過去31日）",
        "Sides per day and copier (last 31 days)",
    ),
    "copier_days_about": (
        "設置場所ごとに積み上げています。",
        "Stacked by place.",
    ),
    "timeline": ("応答の記録", "Who answered when"),
    "timeline_about": (
        "設置場所ごとに、応答があった時間となかった時間です。",
        "For each place, when it answered and when it was silent.",
    ),
    "meters": ("カウンター（最後の読み取り）", "Counters (last reading)"),
    "meters_about": (
        "機械の通算カウンターです。本体の表示と見比べられます。",
        "Life counts of the machines, to be compared with their panels.",
    ),
    "read_at": ("読み取り時刻", "Read at"),
    "model": ("機種", "Model"),
    "serial": ("製造番号", "Serial"),
    "total": ("合計", "Total"),
    "total_mono": ("白黒", "Mono"),
    "total_color": ("カラー", "Color"),
    "events": ("知らせ（新しい順、31日）", "Findings (newest first, 31 days)"),
    "events_about": (
        "交換、カウンターのリセット、おかしな値など、人が知っておくべき事です。",
        "What a person should know: replacements, counter resets, odd values.",
    ),
    "time": ("時刻", "Time"),
    "severity": ("重要度", "Severity"),
    "info": ("情報", "info"),
    "warning": ("注意", "warning"),
    "error": ("異常", "error"),
    "code": ("種類", "Code"),
    "message": ("内容", "Message"),
    "polls": ("収集：読み取り数", "Collector: polls per round"),
    "polls_about": (
        "1巡ごとの、問い合わせた台数、失敗した台数、遅かった台数です。",
        "Per round: copiers asked, failed and slow.",
    ),
    "polled": ("問い合わせ", "Polled"),
    "failed": ("失敗", "Failed"),
    "slow": ("遅い", "Slow"),
    "seconds": ("収集：所要時間", "Collector: seconds per round"),
    "seconds_about": (
        "1巡の所要時間と、予定からの遅れです。",
        "How long a round took and how late its latest poll began.",
    ),
    "cycle_s": ("所要時間", "Round"),
    "lag_s": ("遅れ", "Lag"),
    "backlog": ("未送信（件）", "Backlog (rows)"),
    "backlog_about": (
        "データベースへまだ送れていない件数です。増え続けるなら送信先を確かめてください。",
        "Rows not yet delivered. If it keeps growing, check the database.",
    ),
    "failed_now": ("直近の失敗（台）", "Failed in the last round"),
    "failed_now_about": (
        "直近の1巡で読めなかった台数です。",
        "Copiers that could not be read in the last round.",
    ),
    "lowest": ("最も少ない残量", "Lowest supply"),
    "lowest_about": (
        "すべての複合機で最も少ない消耗品の残量です。",
        "The lowest level of any supply of any copier.",
    ),
}
"""Key -> (Japanese, English). Keys named after a field are that field's column title."""

GUIDE: Final[Mapping[Language, str]] = {
    "ja": """\
**面と枚** — 数字は「面」（用紙の片面）です。両面印刷1枚は2面です。カウンター料金は面で決まり、\
用紙の節約は「枚」で決まります。

**目標・残り** — 残り＝目標−今日までの面数。マイナスは超過です。目標のない部署は「目標なし」です。

**見込み** — これまでの勤務日の使い方が続いた場合の月末の面数です。5回に4回は下限と上限の間に\
収まる計算です。月初は幅が広くなります。

**読み取り済み／台数** — 「26／27」なら、27台のうち26台の数字が新しいという意味です。\
残りの1台の分は、つながった時に加わります。

**推定** — 複合機が答えなかった間の分を補った面数です。後で読めれば、調整として訂正されます。

**前年同月** — 前年の同じ月の1か月分です。今月は途中なので、見込みと比べてください。
""",
    "en": """\
**Sides and sheets** — figures are printed sides (面). A duplex sheet (枚) is 2 sides. The counter \
fee follows the sides, the paper saved follows the sheets.

**Target, remaining** — remaining = target − sides so far; below zero is over the target. \
A department without a target says so.

**Forecast** — where the month ends if the working days go on as they did. Four months in five end \
between low and high. Early in the month the range is wide.

**Read / copiers** — 26 / 27 means that 26 of 27 copiers have a fresh figure. The pages of \
the other one are added when it answers again.

**Estimated** — sides filled in for a time without an answer. A later reading corrects them by \
an adjustment.

**Last year** — the whole same month of last year. This month is still running: compare \
the forecast.
""",
}


@dataclass(frozen=True, slots=True)
class DashboardWords:
    """The table in one language."""

    language: Language

    def __getitem__(self, key: str) -> str:
        """Return the text called `key`; raises KeyError for one that is not in the table."""
        return TEXTS[key][LANGUAGES.index(self.language)]
