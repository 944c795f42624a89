"""What a monthly report says, in Japanese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from collector.domain.office.fleet import Department
from collector.domain.office.office_calendar import era_day, era_fiscal_year, era_month
from collector.texts import Texts

# The terms of a report and what they mean, in Japanese and English.


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """A term and its meaning, each in Japanese and in English."""

    term: tuple[str, str]
    meaning: tuple[str, str]


TERMS: Final = (
    GlossaryTerm(
        ("面", "Impression"),
        (
            "印刷された用紙の片面。両面印刷した 1 枚は 2 面。カウンター料金の単位。",
            "One printed side. A sheet printed on both sides is two; counter charges go by it.",
        ),
    ),
    GlossaryTerm(
        ("枚", "Sheet"),
        (
            "用紙 1 枚。両面か片面かで変わるため、面とは換算しません。",
            "One piece of paper; never converted from impressions, as duplex makes a difference.",
        ),
    ),
    GlossaryTerm(
        ("読取面", "Scanned side"),
        (
            "スキャナーで読み取った面。印刷していないので面数に含みません。",
            "Scanned and not printed: no impression.",
        ),
    ),
    GlossaryTerm(
        ("検針値", "Reading"),
        (
            "期間の始め（前回）と終わり（今回）に最も近い、実際に読んだカウンター値。",
            "The counter as it was really read nearest the begin and the end of the period.",
        ),
    ),
    GlossaryTerm(
        ("差（分）", "Off by (min)"),
        (
            (
                "検針した時刻と締め時刻（午前 0 時）との差。マイナスは前、プラスは後。"
                "その間の面数は執務時間で按分します。"
            ),
            (
                "Minutes between the reading and the midnight of the closing, negative before it. "
                "Pages in between are split by working time."
            ),
        ),
    ),
    GlossaryTerm(
        ("測定", "Measured"),
        (
            "カウンターを実際に読んだ値だけによる面数。",
            "Rests on readings of the counter alone.",
        ),
    ),
    GlossaryTerm(
        ("推定", "Estimated"),
        (
            (
                "締め時に応答がなかった間の面数を実績から推定したもの、または締め時刻前後の検針が"
                " 60 分を超えて離れたため按分したもの。実際の値は 5 回中 4 回、下限と上限の間です。"
            ),
            (
                "Guessed from the copier's own past for a time of silence, or split because the "
                "readings around midnight lie more than 60 minutes apart. Four in five true "
                "figures lie in the range."
            ),
        ),
    ),
    GlossaryTerm(
        ("補正", "Edited"),
        (
            "職員が入力した検針値または判断による面数。",
            "Rests on a reading or a decision that a person entered.",
        ),
    ),
    GlossaryTerm(
        ("未検針", "Not read"),
        (
            "期間の終わりまで応答がなく、推定する根拠もないもの。",
            "Silent until the end of the period, with nothing to guess from.",
        ),
    ),
    GlossaryTerm(
        ("目標比", "Used"),
        (
            "面数÷目標。100 % を超えると目標超過。",
            "Impressions over target; above 100 % the target is passed.",
        ),
    ),
    GlossaryTerm(
        ("調整", "Adjustment"),
        (
            "締め後に判明した事実による加減。締めた数値は変えず、次の版に加えます。",
            "Added or taken by a later revision for what became known after the closing.",
        ),
    ),
)


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # --- the report as a whole
    "title": ("複合機 使用面数 月次報告書", "Copier impressions: monthly report"),
    "subtitle": ("{era}（{month}）　{site}", "{month}, {site}"),
    "period": ("対象期間", "Period"),
    "from_to": ("{start}から{end}まで", "{start} to {end}"),
    "state": ("状態", "State"),
    "provisional": ("速報", "Provisional"),
    "provisional_running": (
        "速報 — {at} 現在。締め前の数値で、今後変わります。",
        "Provisional, as of {at}. The month is not over; these figures will change.",
    ),
    "provisional_open": (
        "速報 — {at} 現在。月は終わりましたが未締めのため、変わることがあります。",
        "Provisional, as of {at}. The month is over but not closed; these figures may change.",
    ),
    "closed_by": (
        "確定 第{revision}版（{at} {by} 締め）",
        "Closed, revision {revision} (by {by} on {at})",
    ),
    "short_closed": ("確定 第{revision}版", "closed, revision {revision}"),
    "seal": ("封印 {seal}", "Seal {seal}"),
    "made": (
        "{at} に copier-fleet {version} で作成（時刻は {zone}）",
        "Made on {at} by copier-fleet {version} (times in {zone})",
    ),
    "unit_meaning": (
        "特記なき数値は面（用紙の片面 1 ページ＝1 面）",
        "Impressions (one printed side each) unless another one is named",
    ),
    "unit": (
        "単位：特記なき数値は面（用紙の片面 1 ページ＝1 面）",
        "Unit: impressions (one printed side each) unless another one is named",
    ),
    "stamps": ("捺印欄", "Approval stamps"),
    "page_of": ("{page} / {pages} ページ", "page {page} of {pages}"),
    # --- the sentence that matters
    "so_far": ("{at} までに", "Up to {at}: "),
    "in_month": ("{month}は", "In {month}: "),
    "total_was": ("全庁で {pages} 面。", "{pages} impressions in the whole office. "),
    "under_target": (
        "目標 {target} 面を {left} 面下回りました（目標比 {ratio}）。",
        "{left} below the target of {target} ({ratio} of it). ",
    ),
    "target_left": (
        "目標 {target} 面まで残り {left} 面（目標比 {ratio}）。",
        "{left} left of the target of {target} ({ratio} of it used). ",
    ),
    "over_target": (
        "目標 {target} 面を {over} 面上回りました（目標比 {ratio}）。",
        "{over} above the target of {target} ({ratio} of it). ",
    ),
    "departments_over": (
        "目標超過：{names}。",
        "Above their targets: {names}. ",
    ),
    "departments_heading_over": (
        "超過見込み：{names}。",
        "Heading above their targets: {names}. ",
    ),
    "and_more": ("{names} ほか {count} 部署", "{names} and {count} more"),
    "target_zero": ("目標は 0 面です。", "The target is 0. "),
    "will_end": (
        "月末は {expected} 面（{low}～{high} 面）の見込みです。",
        "Expected at the end of the month: {expected} ({low} to {high}). ",
    ),
    "less_than": (
        "前年同月より {change} 面（{ratio}）減りました。",
        "{change} ({ratio}) fewer than a year before. ",
    ),
    "more_than": (
        "前年同月より {change} 面（{ratio}）増えました。",
        "{change} ({ratio}) more than a year before. ",
    ),
    "same_as": ("前年同月と同じです。", "The same as a year before. "),
    # --- sheets and tables
    "sheet_front": ("概要", "Summary"),
    "sheet_departments": ("部署別", "Departments"),
    "sheet_places": ("設置場所別", "Places"),
    "sheet_months": ("月別", "Months"),
    "sheet_adjustments": ("調整", "Adjustments"),
    "sheet_notes": ("注記", "Notes"),
    "facts_title": ("全庁の数値", "The whole office"),
    "departments_title": ("部署別の面数と目標", "Departments against their targets"),
    "departments_full_title": ("部署別の内訳", "Departments in detail"),
    "places_title": ("設置場所別の検針", "Places and their readings"),
    "adjustments_title": (
        "締め後の調整（当初の数値は書き換えません）",
        "Adjustments after the closing (sealed figures are never rewritten)",
    ),
    "months_title": ("13 か月の推移", "Thirteen months"),
    "year_title": ("{year} 累計", "Fiscal year {year} to date"),
    "department_months_title": ("部署別の 13 か月", "Thirteen months by department"),
    "terms_title": ("用語と単位", "Terms and units"),
    "proof_title": ("この報告書について", "About this report"),
    # --- columns
    "department": ("部署", "Department"),
    "id": ("番号", "Id"),
    "pages": ("面数", "Impressions"),
    "mono": ("モノクロ", "Mono"),
    "color": ("カラー", "Colour"),
    "copy": ("コピー", "Copy"),
    "print": ("プリント", "Print"),
    "fax": ("ファクス", "Fax"),
    "scan": ("スキャン（読取面）", "Scans (scanned sides)"),
    "sheets": ("用紙（枚）", "Paper (sheets)"),
    "target": ("目標", "Target"),
    "basis": ("目標の根拠", "Target rests on"),
    "left": ("残り", "Left"),
    "ratio": ("目標比", "Used"),
    "verdict": ("判定", "Verdict"),
    "expected": ("月末見込み", "Expected end"),
    "low": ("下限", "Low"),
    "high": ("上限", "High"),
    "last_year": ("前年同月", "Last year"),
    "change": ("増減", "Change"),
    "change_ratio": ("増減率", "Change %"),
    "estimated": ("うち推定", "Estimated"),
    "pages_low": ("面数の下限", "At least"),
    "pages_high": ("面数の上限", "At most"),
    "in_question": ("確認待ち（面）", "In question"),
    "places_read": ("検針済（台）", "Read (copiers)"),
    "places_of": ("全数（台）", "Copiers"),
    "cost": ("料金（円）", "Charges (yen)"),
    "paper_cost": ("用紙代（円）", "Paper (yen)"),
    "hours": ("操作時間（h）", "Time at copiers (h)"),
    "co2": ("用紙のCO2（kg）", "Paper CO2 (kg)"),
    "place": ("設置場所", "Place"),
    "device": ("機種・機番", "Model, serial no."),
    "opening": ("前回検針値", "Opening reading"),
    "opening_at": ("前回 検針日時", "Opening read at"),
    "opening_off": ("前回 差(分)", "Opening off (min)"),
    "closing": ("今回検針値", "Closing reading"),
    "closing_at": ("今回 検針日時", "Closing read at"),
    "closing_off": ("今回 差(分)", "Closing off (min)"),
    "latest": ("最新の値", "Latest reading"),
    "latest_at": ("最新 読取日時", "Latest read at"),
    "guessed": ("推定分", "Guessed"),
    "guess_low": ("推定下限", "Guess from"),
    "guess_high": ("推定上限", "Guess to"),
    "adjusted": ("調整", "Adjusted"),
    "known": ("区分", "Quality"),
    "remark": ("備考", "Remarks"),
    "revision": ("版", "Revision"),
    "reason": ("理由", "Reason"),
    "entry": ("入力番号", "Entry"),
    "month": ("月", "Month"),
    "era": ("和暦", "Era"),
    "sum_pages": ("累計", "To date"),
    "sum_target": ("目標累計", "Target to date"),
    "sum_left": ("累計の残り", "Left to date"),
    "sum_ratio": ("累計の目標比", "Used to date"),
    "sum_last_year": ("前年累計", "Last year to date"),
    "others": ("（現在ない部署）", "(former departments)"),
    "total": ("合計", "Total"),
    "office": ("全庁", "Whole office"),
    "term": ("用語", "Term"),
    "meaning": ("意味", "Meaning"),
    "item": ("項目", "Item"),
    "value": ("内容", "Value"),
    # --- what cells say
    "stage_closed": ("確定", "closed"),
    "stage_open": ("速報（未締め）", "provisional (not closed)"),
    "stage_running": ("速報（月途中）", "provisional (running)"),
    "stage_partial": ("計数開始月（一部）", "counting began (part)"),
    "stage_sheet": ("過去の台帳", "old sheet"),
    "stage_unknown": ("記録なし", "no record"),
    "verdict_within": ("目標内", "within"),
    "verdict_heading_over": ("超過見込み", "heading over"),
    "verdict_over": ("超過", "over"),
    "known_measured": ("測定", "measured"),
    "known_estimated": ("推定", "estimated"),
    "known_edited": ("補正", "edited"),
    "known_unread": ("未検針", "not read"),
    "by_hand": ("（手入力）", " (by hand)"),
    "break_reset": (
        "{at} にカウンターが {last} から {first} へ",
        "{at}: the counter went from {last} to {first}",
    ),
    "break_device": (
        "{at} に機器交換（{last} まで、{device} は {first} から）",
        "{at}: exchanged at {last}; {device} counted on from {first}",
    ),
    "split": ("うち {pages} 面は按分", "{pages} by an estimated split"),
    "margin_of": ("誤差 {margin} 面", "may be off by {margin}"),
    "questioned": ("ほかに {pages} 面が確認待ち", "{pages} more in question"),
    "share_of": ("{name} {pages}", "{name} {pages}"),
    "cause_guess": ("応答なしの推定を見直し", "guess for a silent copier"),
    "cause_late": ("締め後に読めた面数", "read after the closing"),
    "cause_entry": ("手入力・判断", "entered by a person"),
    "cause_history": ("過去の台帳", "old sheet"),
    "cause_moved": ("部署の割当変更", "other departments answer"),
    "cause_recounted": ("再計算", "counted again"),
    "none": ("なし", "none"),
    # --- completeness
    "completeness": ("検針状況", "Completeness"),
    "joined": ("、", ", "),
    "some_colours": (
        ("モノクロとカラーの合計が面数に満たないのは、内訳を答えない複合機があるためです。"),
        "Mono and colour add up to less than the total: some copiers do not tell them apart.",
    ),
    # --- charts
    "chart_title": (
        "全庁の面数（13 か月、単位：面）",
        "Impressions of the whole office, 13 months",
    ),
    "chart_described": (
        "{first} から {last} までの月別面数。最小 {low} 面、最大 {high} 面。",
        "Impressions by month, {first} to {last}; lowest {low}, highest {high}.",
    ),
    "chart_empty": ("{first} から {last} まで記録なし。", "{first} to {last}: no record."),
    "chart_key": (
        "棒：面数（濃い棒は当月と前年同月、斜線は未確定）",
        "Bars: impressions (dark: this month and the same of last year; hatched: not final)",
    ),
    "chart_key_target": ("　破線：目標", ". Dashed line: target"),
    "chart_scales": (
        "縦軸の目盛りは部署ごとに異なります。",
        "Each department has a scale of its own.",
    ),
    "impressions": ("面", "impressions"),
    "facts_unit": (" 面", ""),
    "range_of": ("{low}～{high}", "{low} to {high}"),
    "range": ("見込みの範囲（8 割）", "Range (four in five)"),
    "department_months_table": ("部署別 13 か月の面数", "Impressions by department and month"),
    "months_of_year": (
        "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    ),
    "year_label": ("{year}年", "{year}"),
    # --- about this report
    "verify_closed": (
        (
            "確定した数値は封印されています。照合: copier-fleet statement verify {month}。"
            "締め後に判明した事実は、書き換えずに次の版の調整として加えます。"
        ),
        (
            "Closed figures are sealed; check them with: copier-fleet statement verify {month}. "
            "Facts that come later are added as adjustments of the next revision."
        ),
    ),
    "verify_open": (
        "締めと確定: copier-fleet close {month}",
        "Close the month with: copier-fleet close {month}",
    ),
    "absent_blank": (
        "空欄と「–」は、該当しないか不明であることを示します（0 ではありません）。",
        "An empty cell or a dash: there is no such figure, or it is not known; never 0.",
    ),
    "previous_seal": ("直前の封印", "Seal before"),
    "this_seal": ("封印", "Seal"),
    "made_item": ("作成", "Made"),
    "unit_item": ("単位", "Unit"),
    "check_item": ("照合", "Check"),
    "blank_item": ("空欄", "Empty cells"),
}


class ReportWords:
    """The words of one language, `ja` or `en`, and how it writes numbers, days and names."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        """Speak `language`; anything but `ja` is English. Times are told in `zone`."""
        self._column = 0 if language == "ja" else 1
        self._zone = zone

    def __call__(self, key: str, **facts: object) -> str:
        """Return the words for `key`, with `facts` filled in."""
        return _WORDS[key][self._column].format(**facts)

    def translated(self, text: str) -> str:
        """Return a sealed sentence in this language, its times on the office's clocks."""
        return Texts(self.language, self._zone).translated(text)

    @property
    def is_japanese(self) -> bool:
        """Whether Japanese is spoken."""
        return self._column == 0

    @property
    def language(self) -> str:
        """The language's tag."""
        return "ja" if self.is_japanese else "en"

    def terms(self) -> tuple[tuple[str, str], ...]:
        """Return every term and its meaning."""
        return tuple((one.term[self._column], one.meaning[self._column]) for one in TERMS)

    def name(self, department: Department) -> str:
        """Return the department's name in this language, where it has one."""
        if self.is_japanese:
            return department.name
        return department.name_en or department.name

    def local(self, at: datetime) -> datetime:
        """Return `at` on the office's wall clock, without its zone, as a cell holds it."""
        return at.astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def time(self, at: datetime) -> str:
        """Return `at` on the office's wall clock: `2026-11-30 17:05`."""
        return f"{self.local(at):%Y-%m-%d %H:%M}"

    def day(self, day: date) -> str:
        """Return `day`, in Japanese with its era: `令和8年11月30日（2026-11-30）`."""
        return f"{era_day(day)}（{day.isoformat()}）" if self.is_japanese else day.isoformat()

    def month(self, month: str) -> str:
        """Return the month called `month` as a sentence says it: `令和8年11月`."""
        return era_month(first_of(month)) if self.is_japanese else month

    def year(self, year: int) -> str:
        """Return the fiscal year that begins in `year`: `令和8年度（2026年度）`."""
        if self.is_japanese:
            return f"{era_fiscal_year(year)}（{year}年度）"
        return str(year)

    def short_month(self, month: str) -> str:
        """Return the month of the year alone, as a chart says it: `11月`, `Nov`."""
        return self("months_of_year").split()[first_of(month).month - 1]


def first_of(month: str) -> date:
    """Return the first calendar day of the month called `month` (like 2026-11)."""
    year, number = month.split("-")
    return date(int(year), int(number), 1)
