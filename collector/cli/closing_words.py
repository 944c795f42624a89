"""What closing and statements say, in Japanese and English; joined into `words.py`."""

from collections.abc import Mapping
from typing import Final

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
