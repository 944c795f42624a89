"""The words of every sentence about fleet, spreadsheet and factors: English beside Japanese.

`texts` says what they are made of.
"""

from collections.abc import Mapping
from typing import Final

_PRICE_RULE: Final = (
    "write the yen of one impression like 2.5, or steps like "
    "[{{ up_to = 3000, yen = 2.5 }}, {{ yen = 2.0 }}]"
)
_PRICE_RULE_JA: Final = (
    "1面の円を 2.5 のように、段階は [{{ up_to = 3000, yen = 2.5 }}, {{ yen = 2.0 }}] "
    "のように書いてください"
)

FLEET_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "no_place": (
        "there is no place; add at least one copier's place",
        "設置場所がありません。複合機の設置場所を1つ以上書いてください",
    ),
    "unassigned": (
        "has no department; its pages are shown as unassigned",
        "部署がありません。ページは「未割当」になります",
    ),
    "reserved_unassigned": (
        "{id} stands for pages that nobody answers for; choose another id",
        "{id} はどの部署のものでもないページを表します。別のIDにしてください",
    ),
    "reserved_office": (
        "{id} stands for all departments together; choose another id",
        "{id} は全部署の合計を表します。別のIDにしてください",
    ),
    "port": (
        "{port} is no port; use 1 to 65535, mostly 161",
        "{port} はポートではありません。1〜65535(ふつう161)にしてください",
    ),
    "no_credential": (
        "there is no [credentials.{name}] in the settings; {hint}",
        "設定に [credentials.{name}] がありません。{hint}",
    ),
    "until_before": (
        "{until} is before {first}, the first day somebody answers for this place; "
        "correct one of the two",
        "{until} はこの場所に部署が付く最初の日 {first} より前です。どちらかを直してください",
    ),
    "was_present": (
        "{was} is still a place of this file; remove it there, or this line",
        "{was} はまだこのファイルにあります。そちらか、この行を消してください",
    ),
    "was_twice": (
        "{was} is named by two places; keep one of them",
        "{was} を2つの場所が挙げています。一方にしてください",
    ),
    "was_unknown": (
        "the ledger knows no place {was}; {hint}",
        "台帳に設置場所 {was} はありません。{hint}",
    ),
    "no_department": (
        "there is no department {name}; {hint}",
        "部署 {name} はありません。{hint}",
    ),
    "no_calendar": ("there is no calendar {name}; {hint}", "暦 {name} はありません。{hint}"),
    "share": (
        "{share} is no share; use whole per cents, 1 to 100",
        "{share} は割合ではありません。1〜100の整数(%)にしてください",
    ),
    "share_twice": (
        "{department} is assigned twice from {start}; keep one of the two",
        "{start} から {department} が2度割り当てられています。一方にしてください",
    ),
    "shares_over": (
        "assignments overlap: the shares from {start} add up to {total}; "
        "make them {whole}, or give the later department its own start date",
        "割り当てが重なっています: {start} からの割合の合計は{total}です。{whole}にするか、"
        "後の部署に別の開始日を付けてください",
    ),
    "shares_under": (
        "the shares from {start} add up to {total} only; make them {whole}",
        "{start} からの割合の合計は{total}しかありません。{whole}にしてください",
    ),
    "id_taken": (
        "the id {id} is already used by {other}; give each its own",
        "ID {id} は {other} が使っています。それぞれ別のIDにしてください",
    ),
    "address_taken": (
        "{address} port {port} is already the address of {other}; "
        "one machine counts once, correct one of the two",
        "{address} ポート{port} はすでに {other} のアドレスです。1台は一度だけ数えるので、"
        "どちらかを直してください",
    ),
    "missing_term_day": (
        "is missing; add it, like 2026-04-08 or 04-08",
        "がありません。2026-04-08 か 04-08 のように書き足してください",
    ),
    "term_kinds": (
        "{end} and from = {start} are of two kinds; write a year in both, or in neither",
        "{end} と from = {start} は種類が違います。両方に年を書くか、どちらにも書かないでください",
    ),
    "term_order": (
        "the term ends ({end}) before it begins ({start}); correct one of the two, or make two "
        "terms of it",
        "期間の終わり({end})が始まり({start})より前です。どちらかを直すか、2つの期間に"
        "分けてください",
    ),
    "terms_overlap": (
        "terms overlap: {day} lies in the term from {start} until {end}; end that one before",
        "期間が重なっています: {day} は {start} から {end} までの期間の中です。そちらを先に"
        "終わらせてください",
    ),
    "targets_sections": (
        "write it as sections like [targets.soumu]",
        "[targets.soumu] のような節として書いてください",
    ),
    "targets_section": (
        "write it as a section [targets.{name}] with months",
        "月を並べた [targets.{name}] の節として書いてください",
    ),
    "target_negative": (
        "{pages} is no target; write the pages allowed, 0 or more",
        "{pages} は目標ではありません。許されるページ数(0以上)を書いてください",
    ),
    "base_year_kind": (
        'must be a fiscal year like 2025, or "{last}" for last year',
        '2025 のような年度か、前年度なら "{last}" と書いてください',
    ),
    "plan_empty": (
        "says nothing; write one of {keys}",
        "何も書かれていません。{keys} のどれかを書いてください",
    ),
    "plan_both": (
        "does not go together with {other}; keep one of the two",
        "{other} とは一緒に書けません。一方にしてください",
    ),
    "plan_ends_early": (
        "the plan ends {month}, before it begins in {start}; correct one of the two",
        "計画の終わり {month} が始まり {start} より前です。どちらかを直してください",
    ),
    "goal_early": (
        "the goal lies {month}, before it begins in {start}; correct one of the two",
        "目標の月 {month} が始まり {start} より前です。どちらかを直してください",
    ),
    "reduction": (
        "{percent} is no reduction; write 0 to 100, so many per cent less",
        "{percent} は削減率ではありません。減らす割合を0〜100(%)で書いてください",
    ),
    "decimals": (
        "has more than two decimals; round it",
        "小数が2桁を超えています。丸めてください",
    ),
    "pages_negative": (
        "{pages} is no number of pages; write 0 or more",
        "{pages} はページ数ではありません。0以上を書いてください",
    ),
    "less_than_what": (
        "less than what? add base_year (a fiscal year, or {last}) or base_pages",
        "何に比べてですか? base_year(年度か {last})か base_pages を書き足してください",
    ),
    "goal_missing": (
        'needs the month in which it is reached; add goal = "2029-03"',
        '達成する月が要ります。goal = "2029-03" のように書き足してください',
    ),
    "goal_above": (
        "{goal} is more than the base of {base}; a path leads down",
        "{goal} は基準の {base} より多いです。目標は減る方向です",
    ),
    "base_year_late": (
        "{year} is not before the plan, which begins in the fiscal year {first}; "
        "name an earlier year",
        "{year} 年度は計画の始まる {first} 年度より前ではありません。前の年度にしてください",
    ),
    "plan_no_use": (
        "has no use with {rule}; remove it",
        "{rule} と一緒では使われません。消してください",
    ),
    "budget_end": (
        "a year's budget ends with a fiscal year; write {last}, or leave it off",
        "年間枠は年度末で終わります。{last} と書くか、書かないでください",
    ),
    "plan_begins_twice": (
        "another plan begins in {start} too; keep one of the two",
        "{start} に始まる計画がもう一つあります。一方にしてください",
    ),
    "plans_overlap": (
        "overlaps with the plan from {start}; write {before}, "
        "or leave it off: a plan ends where the next begins",
        "{start} からの計画と重なります。{before} と書くか、書かないでください: "
        "計画は次の計画の始まりで終わります",
    ),
}

FACTOR_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "missing_price": (f"is missing; {_PRICE_RULE}", f"がありません。{_PRICE_RULE_JA}"),
    "price": (f"is no price; {_PRICE_RULE}", f"単価ではありません。{_PRICE_RULE_JA}"),
    "no_step": (f"has no step; {_PRICE_RULE}", f"段階がありません。{_PRICE_RULE_JA}"),
    "missing_step_price": (
        "is missing; add what one impression of this step costs",
        "がありません。この段階の1面の単価を書き足してください",
    ),
    "missing_prices": (
        "is missing; add a [[contract.price]]",
        "がありません。[[contract.price]] を書き足してください",
    ),
    "missing_source": (
        "is missing; say where the figure comes from: contract, catalogue, study, date",
        "がありません。数値の出典(契約書、カタログ、調査、日付)を書いてください",
    ),
    "negative": (
        "{amount} is less than nothing; correct it",
        "{amount} は0より小さいです。直してください",
    ),
    "weight": (
        "{weight} is no weight; write 2 where an A3 impression is billed as two",
        "{weight} は倍率ではありません。A3の1面を2面と数える契約なら2と書いてください",
    ),
    "steps_end": (
        "ends at {end} impressions; leave up_to off in the last step",
        "{end}面で終わっています。最後の段階には up_to を書かないでください",
    ),
    "steps_go_on": (
        "goes on after a step without up_to; only the last has none",
        "up_to のない段階の後に続きがあります。up_to がないのは最後だけです",
    ),
    "steps_overlap": (
        "has steps that overlap; let every up_to be more than the one before",
        "段階が重なっています。up_to は前の段階より大きくしてください",
    ),
    "places_empty": (
        "names no place; remove it, then it holds for all others",
        "設置場所がありません。消すと、ほかのすべての場所に効きます",
    ),
    "place_unknown": (
        "there is no place {name} in the fleet; {hint}",
        "設置場所 {name} はありません。{hint}",
    ),
    "begins_twice": (
        "another one begins on {start} too; keep one of the two",
        "{start} に始まるものがもう一つあります。一方にしてください",
    ),
    "others_covered": (
        "{other} covers all other places already; name this one's places",
        "{other} がほかのすべての場所に効いています。この契約の場所を書いてください",
    ),
    "place_covered": (
        "{place} is already covered by {other}; keep one of the two",
        "{place} には {other} が効いています。一方にしてください",
    ),
}

SHEET_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_column": ("is no known column; {hint}", "知らない列です。{hint}"),
    "missing_column": (
        "the column {japanese} ({english}) is missing; add it",
        "列「{japanese}」({english})がありません。加えてください",
    ),
    "column_twice": (
        "the same column stands here twice; remove one of the two",
        "同じ列が2つあります。一方を消してください",
    ),
    "sheet_encoding": (
        "is neither UTF-8 nor Shift_JIS; save it again as CSV UTF-8",
        "UTF-8でもShift_JISでもありません。CSV UTF-8で保存し直してください",
    ),
    "no_csv": (
        "is no CSV ({reason}); save it again from the spreadsheet as CSV",
        "CSVではありません({reason})。表計算ソフトからCSVで保存し直してください",
    ),
    "sheet_empty": (
        "is empty; the first line must hold the headings",
        "空です。1行目に見出しを書いてください",
    ),
    "letters_lost": (
        "Shift_JIS has no {letters}; export as UTF-8 instead",
        "Shift_JISに {letters} はありません。UTF-8で書き出してください",
    ),
    "taken_for_utf8": (
        "this text would be taken for UTF-8; export as UTF-8 or with Japanese headings",
        "UTF-8と読み違えられます。UTF-8か日本語の見出しで書き出してください",
    ),
    "no_plans_cell": (
        "cannot be read as target plans; "
        'write it as in the fleet file: {{from = "2026-04", pages = 11000}}',
        "目標計画として読めません。"
        'ファイルと同じく {{from = "2026-04", pages = 11000}} のように書いてください',
    ),
    "no_calendars_cell": (
        "cannot be read as calendars; "
        'write it as in the fleet file: {{id = "shift", weekend = []}}',
        "暦として読めません。"
        'ファイルと同じく {{id = "shift", weekend = []}} のように書いてください',
    ),
    "no_plan": (
        'is no target plan; write it as in the fleet file: {{from = "2026-04", pages = 11000}}',
        "目標計画ではありません。"
        'ファイルと同じく {{from = "2026-04", pages = 11000}} のように書いてください',
    ),
    "no_calendar_cell": (
        'is no calendar; write it as in the fleet file: {{id = "shift", weekend = []}}',
        '暦ではありません。ファイルと同じく {{id = "shift", weekend = []}} のように書いてください',
    ),
    "cell_whole": (
        "{text} is no whole number; write it like 12000",
        "{text} は整数ではありません。12000 のように書いてください",
    ),
    "cell_no_day": (
        "{text} is no day of the calendar; correct it",
        "{text} という日はありません。直してください",
    ),
    "cell_date": (
        "{text} is no date; write it like 2026-04-01, 2026/4/1, 2026年4月1日, "
        "令和8年4月1日 or R8.4.1",
        "{text} は日付ではありません。2026-04-01、2026/4/1、2026年4月1日、令和8年4月1日、"
        "R8.4.1 のように書いてください",
    ),
    "more_cells": (
        "has more cells than the {width} headings; remove them",
        "見出し({width}列)より多くの欄があります。消してください",
    ),
    "headless_cell": (
        "has a cell below an empty heading; name the column",
        "見出しのない列に値があります。列に見出しを付けてください",
    ),
    "id_cell_empty": (
        "is empty; fill in the id or clear the row",
        "空です。IDを書くか、行を消してください",
    ),
    "cells_differ": (
        "{value} contradicts {first} on {other}; make both alike",
        "{value} は {other} の {first} と食い違います。同じにしてください",
    ),
    "needs_both_ids": (
        "belongs to a place and a department; fill in both ids or clear this cell",
        "設置場所と部署の両方に属します。両方のIDを書くか、この欄を消してください",
    ),
    "missing_start": (
        "from when does {department} answer for {place}? write a date like 2026-04-01",
        "{department} はいつから {place} の担当ですか? 2026-04-01 のような日付を書いてください",
    ),
    "needs_department": (
        "belongs to a department; fill in its id",
        "部署に属します。部署IDを書いてください",
    ),
    "cell_empty": ("is empty; fill it in", "空です。書いてください"),
    "file_exists": (
        "exists already; name another file, or overwrite it with --force",
        "すでにあります。別のファイルにするか、--force で上書きしてください",
    ),
    "unwritable": (
        "cannot be written ({reason}); check the folder and its permissions",
        "書けません({reason})。フォルダーとアクセス権を確かめてください",
    ),
}
