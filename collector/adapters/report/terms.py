"""The terms of a report and what they mean, in Japanese and English."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its meaning, each in Japanese and in English."""

    term: tuple[str, str]
    meaning: tuple[str, str]


TERMS: Final = (
    Term(
        ("面", "Impression"),
        (
            "印刷された用紙の片面。両面印刷した 1 枚は 2 面。カウンター料金の単位。",
            "One printed side. A sheet printed on both sides is two; counter charges go by it.",
        ),
    ),
    Term(
        ("枚", "Sheet"),
        (
            "用紙 1 枚。両面か片面かで変わるため、面とは換算しません。",
            "One piece of paper; never converted from impressions, as duplex makes a difference.",
        ),
    ),
    Term(
        ("読取面", "Scanned side"),
        (
            "スキャナーで読み取った面。印刷していないので面数に含みません。",
            "Scanned and not printed: no impression.",
        ),
    ),
    Term(
        ("検針値", "Reading"),
        (
            "期間の始め（前回）と終わり（今回）に最も近い、実際に読んだカウンター値。",
            "The counter as it was really read nearest the begin and the end of the period.",
        ),
    ),
    Term(
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
    Term(
        ("測定", "Measured"),
        (
            "カウンターを実際に読んだ値だけによる面数。",
            "Rests on readings of the counter alone.",
        ),
    ),
    Term(
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
    Term(
        ("補正", "Edited"),
        (
            "職員が入力した検針値または判断による面数。",
            "Rests on a reading or a decision that a person entered.",
        ),
    ),
    Term(
        ("未検針", "Not read"),
        (
            "期間の終わりまで応答がなく、推定する根拠もないもの。",
            "Silent until the end of the period, with nothing to guess from.",
        ),
    ),
    Term(
        ("目標比", "Used"),
        (
            "面数÷目標。100 % を超えると目標超過。",
            "Impressions over target; above 100 % the target is passed.",
        ),
    ),
    Term(
        ("調整", "Adjustment"),
        (
            "締め後に判明した事実による加減。締めた数値は変えず、次の版に加えます。",
            "Added or taken by a later revision for what became known after the closing.",
        ),
    ),
)
