"""The words of every sentence about profile files: English beside Japanese.

`texts` says what they are made of.
"""

from collections.abc import Mapping
from typing import Final

PROFILE_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "format": (
        "must be {format}; this program reads no other format",
        "{format} でなければなりません。ほかの形式は読めません",
    ),
    "no_profile_folder": (
        "this folder of profiles does not exist",
        "プロファイルのフォルダーがありません",
    ),
    "id_of_file": ("is already the id of {file}", "すでに {file} のIDです"),
    "no_profile": ("{name} is no profile; {hint}", "{name} というプロファイルはありません。{hint}"),
    "includes_itself": ("{name} includes itself", "{name} が自分自身を取り込んでいます"),
    "missing_about": ("is missing: {about}", "がありません: {about}"),
    "must_be_table": ("must be a table{got}", "表にしてください{got}"),
    "exactly_one_of": ("needs exactly one of {names}", "{names} のどれか一つだけが要ります"),
    "at_least_one_of": ("needs at least one of {names}", "{names} のどれかが要ります"),
    "control_characters": (
        "must hold no control characters, as {text} does",
        "制御文字は使えません: {text}",
    ),
    "wrap_small": (
        "must be at least {least}: the modulus, such as 1000000",
        "{least}以上(1000000 のような一巡する数)にしてください",
    ),
    "weight_zero": (
        "must be how many times one large page counts, at least 1",
        "大判1ページを何回と数えるか(1以上)を書いてください",
    ),
    "arc_zero": ("must be a whole number other than 0", "0以外の整数にしてください"),
    "pattern_too_deep": (
        "{text} is no regular expression: it is nested too deep",
        "{text} は正規表現ではありません: 入れ子が深すぎます",
    ),
    "no_pattern": (
        "{text} is no regular expression: {reason}",
        "{text} は正規表現ではありません: {reason}",
    ),
    "no_octets": (
        "{text} must be octets in hexadecimal such as 0115",
        "{text} は 0115 のような16進のオクテットにしてください",
    ),
    "no_oid": (
        "{text} is no object identifier such as 1.3.6.1.4.1.367",
        "{text} は 1.3.6.1.4.1.367 のようなオブジェクト識別子ではありません",
    ),
    "no_template": (
        "{text} is no object identifier such as 1.3.6.1.{{printer}}",
        "{text} は 1.3.6.1.{{printer}} のようなオブジェクト識別子ではありません",
    ),
    "no_like": (
        "{text} must be arcs and stars such as *.20.*",
        "{text} は *.20.* のような数と星にしてください",
    ),
    "no_code": ("must be numbers, not {value}", "{value} ではなく数にしてください"),
    "label_empty": (
        "must have a letter or digit: nothing else is compared",
        "文字か数字が要ります。ほかは比べません",
    ),
    "not_said": (
        "must be what the column says: a number or a label, not {value}",
        "{value} ではなく、列の値(数か見出し)にしてください",
    ),
    "small_name": (
        "must be called by small letters, digits and _ only",
        "名前には英小文字、数字、_ だけを使ってください",
    ),
    "row_name": (
        "must be called by letters, digits, _ and . only",
        "名前には英字、数字、_ と . だけを使ってください",
    ),
    "no_profile_id": (
        "{text} must be a name of at most 60 letters without blanks",
        "{text} は空白のない60文字以内の名前にしてください",
    ),
    "no_meter_key": ("is no meter; {hint}", "そのメーターはありません。{hint}"),
    "no_meter": ("{name} is no meter; {hint}", "{name} というメーターはありません。{hint}"),
    "meter_list": (
        "the list is in collector/domain/meters.py",
        "一覧は collector/domain/meters.py にあります",
    ),
    "no_text_source": (
        "must be descr, device_descr or device_id:KEY",
        "descr、device_descr、device_id:キー のどれかにしてください",
    ),
    "one_group": (
        "must have exactly one group, the part to keep",
        "残す部分を表すグループが一つだけ要ります",
    ),
    "groups_of_model": (
        "must have at most one group, the speed in impressions a minute",
        "グループは毎分の面数を表す一つまでです",
    ),
    "ipm_twice": (
        "is said twice: {key} has a group that holds the speed",
        "二重です: {key} に速度のグループがあります",
    ),
    "model_says_nothing": (
        "says nothing of its models; add a group that holds the speed, or ipm",
        "機種について何も書かれていません。速度のグループか ipm を書き足してください",
    ),
    "one_arc": (
        "must be one arc where no oid of another table is given",
        "別の表の oid がないときは一つだけにしてください",
    ),
    "no_column": (
        "no column of this table is called {name}; {hint}",
        "この表に {name} という列はありません。{hint}",
    ),
    "no_column_value": (
        "{value} is none of the values of {column}; {hint}",
        "{value} は {column} の値ではありません。{hint}",
    ),
    "must_be_sum": (
        "must be a sum such as 'row[copy] + row[fax]'{got}",
        "'row[copy] + row[fax]' のような和にしてください{got}",
    ),
    "no_sum": (
        "{text} is no sum of counters: cannot read {rest}",
        "{text} はカウンターの和ではありません: {rest} を読めません",
    ),
    "no_sets": (
        "must hold at least one set of meters",
        "メーターの組が一つ以上要ります",
    ),
    "derived_compares": (
        "compares meters; only sums of counters can be compared",
        "メーターを比べています。比べられるのはカウンターの和だけです",
    ),
    "derived_from_itself": (
        "cannot be worked out from itself",
        "自分自身からは計算できません",
    ),
    "table_nowhere": (
        "is missing; say where the table is, or include a profile that has this table",
        "がありません。表の場所を書くか、この表のあるプロファイルを取り込んでください",
    ),
    "no_part": ("no part is called {name}; {hint}", "{name} という部品はありません。{hint}"),
    "sum": ("{text}: {reason}", "{text}: {reason}"),
    "included_sum": (
        "{text}: {reason} (as {by} includes it)",
        "{text}: {reason}({by} が取り込んでいます)",
    ),
    "row_of_table": (
        "{table} is a table; name a row of it, or all: {table}[*]",
        "{table} は表です。行を指すか、全部なら {table}[*] と書いてください",
    ),
    "no_row": (
        "table {table} has no row {row}; {hint}",
        "表 {table} に行 {row} はありません。{hint}",
    ),
    "no_tag": ("{record}[..] needs two hex digits", "{record}[..] には16進2桁が要ります"),
    "no_rows": ("{counter} has no rows", "{counter} に行はありません"),
    "no_counter": ("nothing is called {name}; {hint}", "{name} というものはありません。{hint}"),
    "other_unit": (
        "{counter} counts {counts}, but {meter} is in {unit}",
        "{counter} の単位は {counts} ですが、{meter} は {unit} です",
    ),
    "of_family": ("{counter} is of {family}", "{counter} は {family}"),
    "families_mixed": (
        "adds up counters of different families, which overlap: {counters}",
        "重なり合う別の系統のカウンターを足しています: {counters}",
    ),
    "uneven": (
        "counts a small{pages} page {small} times and a large{pages} page {large} "
        "times; state the size of every counter, and take away what is counted twice",
        "小判の{pages}ページを{small}回、大判の{pages}ページを{large}回数えています。"
        "全カウンターの大きさを書き、二重に数えた分を引いてください",
    ),
}
