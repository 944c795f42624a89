"""The words of every sentence about what people wrote: English beside Japanese.

A sentence is a code with facts (`collector.errors.Sentence`). What stands in braces is a fact; one
that is a sentence itself is written in the same language.
"""

from collections.abc import Mapping
from typing import Final

from collector.domain.sentence import Sentence
from collector.user_files.fleet_texts import FACTOR_TEXTS, FLEET_TEXTS, SHEET_TEXTS

# The words of every sentence about profile files: English beside Japanese.
#
# `texts` says what they are made of.


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


_ID_RULE: Final = (
    "use letters (Japanese too), digits and - _ . only, begin with a letter or digit, "
    "at most {most} characters"
)
_ID_RULE_JA: Final = (
    "文字(日本語も可)、数字、- _ . だけを使い、文字か数字で始め、{most}文字以内にしてください"
)
_PUT_SECRET: Final = "; put it into the secret file {secret} or into {variable}"
_PUT_SECRET_JA: Final = "。秘密ファイル {secret} か環境変数 {variable} に入れてください"

_ANY_FILE: Final[Mapping[str, tuple[str, str]]] = {
    "as_it_is": ("{text}", "{text}"),
    "did_you_mean": ("did you mean {name}?", "{name} ではありませんか?"),
    "known_are": ("known are: {names}", "使えるのは: {names}"),
    "none_known": ("none is known here", "ここで使えるものはありません"),
    "got": (", not {value}", "({value} ではありません)"),
    "more_problems": ("and {count:,} more problems", "ほかに{count:,}件の問題があります"),
    "no_file": (
        "there is no file {path}; {advice}",
        "ファイル {path} がありません。{advice}",
    ),
    "copy_settings": (
        "copy the example from config/ or name another file",
        "config/ の例を写すか、別のファイルを指定してください",
    ),
    "copy_fleet": (
        "copy the example from config/, or make it with: copier-fleet fleet import",
        "config/ の例を写すか、copier-fleet fleet import で作ってください",
    ),
    "copy_factors": (
        "copy the example from config/, or remove the key factors.file",
        "config/ の例を写すか、factors.file を消してください",
    ),
    "unreadable": (
        "{path} cannot be read {reason}; {advice}",
        "{path} を読めません{reason}。{advice}",
    ),
    "check_permissions": (
        "check it and its permissions",
        "ファイルとそのアクセス権を確かめてください",
    ),
    "no_plain_file": (
        "is no file; name a file, or a folder of them",
        "ファイルではありません。ファイルかフォルダーを指定してください",
    ),
    "not_utf8": (
        "is not UTF-8; save it again with the encoding UTF-8",
        "UTF-8ではありません。文字コードUTF-8で保存し直してください",
    ),
    "too_large": (
        "is larger than {kilobytes} KB; no profile is, so this is another file",
        "{kilobytes} KBを超えています。プロファイルではない別のファイルです",
    ),
    "line_too_long": (
        "is longer than {most:,} characters; break this line",
        "{most:,}文字を超えています。この行を分けてください",
    ),
    "no_toml": (
        "is no TOML: {what} (column {column}); correct this line",
        "TOMLではありません: {what}({column}文字目)。この行を直してください",
    ),
    "no_toml_at_end": (
        "is no TOML: {what} (end of file); correct this line",
        "TOMLではありません: {what}(ファイルの終わり)。この行を直してください",
    ),
    "too_deep": (
        "cannot be read: its lists or tables are nested too deep",
        "読めません: リストか表の入れ子が深すぎます",
    ),
    "number_too_long": (
        "cannot be read: it holds a number of thousands of digits",
        "読めません: 数千桁の数があります",
    ),
    "unknown_key": ("is no known key; {hint}", "知らないキーです。{hint}"),
    "missing": ("is missing; add it", "がありません。書き足してください"),
    "whole_number": ("must be a whole number{got}", "整数を書いてください{got}"),
    "whole_number_unquoted": (
        "must be a whole number without quotes{got}",
        "引用符なしの整数を書いてください{got}",
    ),
    "number": (
        "must be a number without quotes, like 2.5{got}",
        "2.5 のような引用符なしの数を書いてください{got}",
    ),
    "true_or_false": (
        "must be true or false without quotes{got}",
        "引用符なしで true か false と書いてください{got}",
    ),
    "text_in_quotes": (
        "must be text in quotes{got}",
        "引用符で囲んだ文字列を書いてください{got}",
    ),
    "path_in_quotes": ("must be a path in quotes", "引用符で囲んだパスを書いてください"),
    "list": (
        "must be a list, in square brackets like [...]{got}",
        "[...] のようなリストを書いてください{got}",
    ),
    "section": (
        "must be a section with keys of its own{got}",
        "キーを持つ節を書いてください{got}",
    ),
    "plain_name": (
        "use lower-case letters, digits, - and single _ only",
        "英小文字、数字、- と一つずつの _ だけを使ってください",
    ),
    "too_long": ("is too long; shorten it", "長すぎます。短くしてください"),
    "too_many": ("holds too many entries; remove some", "要素が多すぎます。減らしてください"),
    "at_least": ("must be at least {bound}{got}", "{bound}以上にしてください{got}"),
    "at_most": ("must be at most {bound}{got}", "{bound}以下にしてください{got}"),
    "greater_than": ("must be greater than {bound}{got}", "{bound}より大きくしてください{got}"),
    "less_than": ("must be less than {bound}{got}", "{bound}より小さくしてください{got}"),
    "one_of": ("must be one of {names}{got}{hint}", "{names} のどれかにしてください{got}{hint}"),
    "or_rather": ("; did you mean {name}?", "。{name} ではありませんか?"),
    "entries": (
        "write every entry below its own line [[{heading}]]",
        "要素ごとに [[{heading}]] の行を置き、その下に書いてください",
    ),
    "list_of_texts": (
        'must be a list of texts like ["a", "b"]{got}',
        '["a", "b"] のような文字列のリストを書いてください{got}',
    ),
}

_VALUES: Final[Mapping[str, tuple[str, str]]] = {
    "id_empty": (f"is empty; {_ID_RULE}", f"空です。{_ID_RULE_JA}"),
    "id_unusable": (
        f"{{id}} is no usable id; {_ID_RULE}",
        f"{{id}} はIDに使えません。{_ID_RULE_JA}",
    ),
    "name_empty": ("is empty; write a name", "空です。名前を書いてください"),
    "name_long": (
        "is longer than {most} characters; shorten it",
        "{most}文字を超えています。短くしてください",
    ),
    "name_hidden": (
        "holds a line break or an invisible character; type it again",
        "改行か見えない文字があります。打ち直してください",
    ),
    "address_empty": (
        "is empty; write the copier's IP address or host name",
        "空です。複合機のIPアドレスかホスト名を書いてください",
    ),
    "address_of_many": (
        "{address} is no address of one machine; write the copier's own address",
        "{address} は1台の機械のアドレスではありません。複合機自身のアドレスを書いてください",
    ),
    "address_brackets": (
        "write the IPv6 address without brackets: {address}",
        "IPv6アドレスは括弧なしで書いてください: {address}",
    ),
    "address_zeros": (
        "{address} has leading zeros, which some systems read as octal; write {plain}",
        "{address} の先頭の0は8進数と読まれることがあります。{plain} と書いてください",
    ),
    "address_ipv4": (
        "{address} is no IPv4 address; it needs four numbers from 0 to 255 like 192.0.2.10",
        "{address} はIPv4アドレスではありません。192.0.2.10 のように0〜255の数を4つ書いてください",
    ),
    "address_unknown": (
        "{address} is neither an IP address nor a host name; write one like 192.0.2.10",
        "{address} はIPアドレスでもホスト名でもありません。192.0.2.10 のように書いてください",
    ),
    "path_empty": (
        "is empty; write a path, or remove the key",
        "空です。パスを書くか、キーを消してください",
    ),
    "zone": (
        "{zone} is no time zone known here; write one like Asia/Tokyo",
        "{zone} という時間帯はありません。Asia/Tokyo のように書いてください",
    ),
    "year_day": (
        "{day} is no day; write month-day like 12-29, or a date like 2026-12-29",
        "{day} は日ではありません。12-29 のような月日か 2026-12-29 のような日付を書いてください",
    ),
    "day_with_time": (
        "{day} is no day; write it without a time",
        "{day} は日ではありません。時刻なしで書いてください",
    ),
    "weekday_text": ("write the day as text like sat", "曜日は sat のような文字列で書いてください"),
    "weekday": (
        "{day} is no weekday; use {days}",
        "{day} は曜日ではありません。{days} を使ってください",
    ),
    "weekday_list": (
        'must be a list of weekdays like ["sat", "sun"], or [] for none',
        '["sat", "sun"] のような曜日のリストか、なければ [] と書いてください',
    ),
    "no_workday": (
        "leaves no day to work on; name six weekdays at most",
        "働く日が残りません。曜日は6つまでにしてください",
    ),
    "hours": (
        "{hours} are no working hours; write them like 08:30-17:15",
        "{hours} は勤務時間ではありません。08:30-17:15 のように書いてください",
    ),
    "hours_order": (
        "the office must close after it opens, on the same day",
        "終業は同じ日の始業より後にしてください",
    ),
    "closing_day": (
        'must be "last" or a day from 1 to 31',
        '"last" か1〜31の日を書いてください',
    ),
    "no_boolean": (
        "must be a number, not true or false",
        "true や false ではなく数を書いてください",
    ),
    "country": (
        'must be a two-letter country code like JP, or "" for no holidays',
        'JP のような2文字の国コードか、祝日がなければ "" と書いてください',
    ),
    "url": (
        "must be a URL like http://influx.example.jp:8086",
        "http://influx.example.jp:8086 のようなURLを書いてください",
    ),
    "url_user": (
        "must not hold a user or password; use the keys username and password",
        "利用者名やパスワードは入れず、キー username と password を使ってください",
    ),
    "topic": (
        "every part of a topic between / must be plain: {problem}",
        "トピックの / の間はIDと同じ文字だけです: {problem}",
    ),
    "month": (
        "{month} is no month; write it like 2026-11",
        "{month} は月ではありません。2026-11 のように書いてください",
    ),
    "month_in_quotes": (
        'must be a month in quotes, like "2026-04"{got}',
        '"2026-04" のように引用符で囲んだ月を書いてください{got}',
    ),
    "month_within": (
        "{day} is within a month; whole months have targets, write it like 2026-04",
        "{day} は月の途中です。目標は月ごとなので 2026-04 のように書いてください",
    ),
    "missing_month": (
        'is missing; add it, like "2026-04"',
        'がありません。"2026-04" のように書き足してください',
    ),
    "missing_date": (
        "is missing; add it, like 2026-04-01",
        "がありません。2026-04-01 のように書き足してください",
    ),
    "date": (
        "is no date; write it like 2026-04-01{got}",
        "日付ではありません。2026-04-01 のように書いてください{got}",
    ),
}

_SETTINGS: Final[Mapping[str, tuple[str, str]]] = {
    "no_folder": (
        "there is no folder {path}; create it",
        "フォルダー {path} がありません。作ってください",
    ),
    "no_readable_file": (
        "{path} is no readable file; check path and owner",
        "{path} は読めるファイルではありません。パスと所有者を確かめてください",
    ),
    "no_holidays": (
        'the holidays of {country} are not known; correct it or set ""',
        '{country} の祝日は分かりません。直すか "" にしてください',
    ),
    "no_subdivision": (
        "{part} is no part of {country}; {hint}",
        "{part} は {country} の地域ではありません。{hint}",
    ),
    "open_file": (
        "holds secrets and can be read by everyone; run: chmod o-r {path}",
        "秘密があり、誰でも読めます。chmod o-r {path} を実行してください",
    ),
    "open_secret": (
        "{path} can be read by everyone; run: chmod o-r {path}",
        "{path} は誰でも読めます。chmod o-r {path} を実行してください",
    ),
    "secret_encoding": (
        "{path} is not UTF-8; write the secret into it as plain text",
        "{path} はUTF-8ではありません。秘密をただの文字列で書いてください",
    ),
    "secret_empty": (
        "{path} is empty; write the secret into it or remove it",
        "{path} は空です。秘密を書くか、ファイルを消してください",
    ),
    "folder_unreadable": (
        "the folder cannot be read ({reason}); create it or check its permissions",
        "フォルダーを読めません({reason})。作るか、アクセス権を確かめてください",
    ),
    "no_one_key": (
        "does not name one key; write it like SECTION__KEY, once",
        "キーを一つだけ指していません。SECTION__KEY のように一度だけ書いてください",
    ),
    "needs_country": (
        "needs a country; set country or remove subdivision",
        "国が要ります。country を書くか、subdivision を消してください",
    ),
    "poll_fits": (
        "a poll with its retries must fit into interval_s; lower timeout_s",
        "再試行を含む1回の読み取りが interval_s に収まりません。timeout_s を下げてください",
    ),
    "half_interval": (
        "must be at most half of interval_s; lower it",
        "interval_s の半分以下に下げてください",
    ),
    "not_below_interval": (
        "must not be shorter than interval_s; raise it",
        "interval_s より短くできません。上げてください",
    ),
    "password_missing": (
        f"a username is set without its password{_PUT_SECRET}",
        f"利用者名にパスワードがありません{_PUT_SECRET_JA}",
    ),
    "username_missing": (
        "a password is set without a username; set both or none",
        "パスワードに利用者名がありません。両方書くか、どちらも消してください",
    ),
    "only_https": (
        "is only used with https; change url or remove ca_file",
        "https でだけ使います。url を変えるか、ca_file を消してください",
    ),
    "influx_org": (
        "InfluxDB 2.x needs the organisation; set it",
        "InfluxDB 2.x には組織が要ります。書いてください",
    ),
    "influx_token": (
        f"InfluxDB 2.x needs a token{_PUT_SECRET}",
        f"InfluxDB 2.x にはトークンが要ります{_PUT_SECRET_JA}",
    ),
    "broker_empty": (
        "is empty; write the broker's address",
        "空です。ブローカーのアドレスを書いてください",
    ),
    "needed_with": (
        "is needed together with {key}; set both or none",
        "{key} と一緒に要ります。両方書くか、どちらも消してください",
    ),
    "only_tls": (
        "is only used with tls = true; set it or remove this key",
        "tls = true でだけ使います。tls を書くか、このキーを消してください",
    ),
    "community_missing": (
        f"version {{version}} needs a community{_PUT_SECRET}",
        f"バージョン{{version}}にはコミュニティーが要ります{_PUT_SECRET_JA}",
    ),
    "only_v3": (
        'belongs to version 3; set version = "3" or remove this key',
        'バージョン3のものです。version = "3" にするか、このキーを消してください',
    ),
    "v3_user": (
        "version 3 needs a user; set it as it is set in the machine",
        "バージョン3には利用者が要ります。機械の設定どおりに書いてください",
    ),
    "no_community": (
        "belongs to versions 1 and 2c; remove it, or set that version",
        "バージョン1と2cのものです。消すか、そのバージョンにしてください",
    ),
    "v3_auth": (
        "version 3 needs it; set sha256, or what the machine offers",
        "バージョン3に要ります。sha256 か、機械にあるものを書いてください",
    ),
    "v3_priv": (
        "is needed with priv_password; set aes128, or what is offered",
        "priv_password と一緒に要ります。aes128 か、機械にあるものを書いてください",
    ),
    "v3_password": (
        f"version 3 needs this password{_PUT_SECRET}",
        f"バージョン3にはこのパスワードが要ります{_PUT_SECRET_JA}",
    ),
    "short_password": (
        "must have at least {least} characters; set a longer one",
        "{least}文字以上にしてください",
    ),
}

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    **_ANY_FILE,
    **_VALUES,
    **_SETTINGS,
    **FLEET_TEXTS,
    **FACTOR_TEXTS,
    **SHEET_TEXTS,
    **PROFILE_TEXTS,
}
"""Code -> English, Japanese."""

_LANGUAGES: Final = {"en": 0, "ja": 1}


def text_of(sentence: Sentence, language: str) -> str:
    """Return `sentence` in `language`: "en" or "ja"."""
    facts = {name: _fact(fact, language) for name, fact in sentence.facts.items()}
    return TEXTS[sentence.key][_LANGUAGES[language]].format(**facts)


def english(sentence: Sentence) -> str:
    """Return `sentence` in English."""
    return text_of(sentence, "en")


def _fact(fact: object, language: str) -> object:
    if isinstance(fact, Sentence):
        return text_of(fact, language)
    if isinstance(fact, list | tuple):
        return ", ".join(str(_fact(one, language)) for one in fact)
    return fact
