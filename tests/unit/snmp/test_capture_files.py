"""Reading `.snmprec` files: every tag, and a clear word on every line that is wrong."""

from pathlib import Path

import pytest

from collector.adapters.snmp.client.session import oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.recording.session import CaptureSession, decode_capture, parse_capture
from collector.errors import ConfigError, DeviceNonsense

ALL_TAGS = """1.3.6.1.1|2|-3
1.3.6.1.2|2x|fffffffd
1.3.6.1.3|4|a|b
1.3.6.1.4|4x|00ff
1.3.6.1.5|4|
1.3.6.1.6|6|1.3.6.1.4.1.367.1.1
1.3.6.1.7|64|192.0.2.1
1.3.6.1.8|64x|c0000201
1.3.6.1.9|65|42
1.3.6.1.10|65x|ffffffff
1.3.6.1.11|66|7
1.3.6.1.12|67|100
1.3.6.1.13|70|18446744073709551615
1.3.6.1.14|129|
1.3.6.1.15|71|5
1.3.6.1.16|12|x
"""


def test_every_tag() -> None:
    found = {name[-1]: value for name, value in parse_capture(ALL_TAGS).items()}
    assert found == {
        1: -3,
        2: -3,
        3: b"a|b",
        4: b"\x00\xff",
        5: b"",
        6: oid("1.3.6.1.4.1.367.1.1"),
        7: b"\xc0\x00\x02\x01",
        8: b"\xc0\x00\x02\x01",
        9: 42,
        10: 2**32 - 1,
        11: 7,
        12: 100,
        13: 2**64 - 1,
    }


def test_every_wrong_line_is_named() -> None:
    text = "1.3.6|2|5\n1.3.6|2\n1.x|2|5\n1.3.7|99|5\n1.3.8|2|five\n\n# note\n1.3.9|4x|0g\r\n"
    with pytest.raises(ConfigError) as caught:
        parse_capture(text, "hall.snmprec")
    assert [f"{one.path}: {one.message}" for one in caught.value.problems] == [
        "hall.snmprec: line 2: must be OID|TAG|VALUE",
        "hall.snmprec: line 3: '1.x' is no object identifier",
        "hall.snmprec: line 4: tag '99' is none of 2, 4, 4x, 6, 64, 65, 66, 67, 70",
        "hall.snmprec: line 5: 'five' does not fit tag 2",
        "hall.snmprec: line 8: '0g' does not fit tag 4x",
    ]


async def test_octets_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "toner.snmprec"
    path.write_bytes(
        b"1.3.6.1.2.1.1.1.0|4|ACME\r\n"
        b"1.3.6.1.2.1.43.11.1.1.6.1.1|4|" + "ブラックトナー".encode("shift_jis") + b"\r\n"
        b"1.3.6.1.2.1.43.11.1.1.9.1.1|2|-3\r\n"
    )
    answer = await decode_capture(path, load_profiles())
    assert [one.name for one in answer.supplies] == ["ブラックトナー"]


async def test_a_recording_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.snmprec"
    path.write_text("", "utf-8")
    with pytest.raises(DeviceNonsense):
        await decode_capture(path, load_profiles())


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        await decode_capture(tmp_path / "none.snmprec", load_profiles())


async def test_walks_keep_to_their_branch_in_order() -> None:
    names = ["1.3.6.1.2", "1.3.6.1.10", "1.3.6.1", "1.3.6.10", "1.3.5"]
    session = CaptureSession({oid(name): 1 for name in names})
    assert list(await session.walk(oid("1.3.6.1"))) == [oid("1.3.6.1.2"), oid("1.3.6.1.10")]
    assert list(await session.walk(oid("1.3.6.1"), limit=1)) == [oid("1.3.6.1.2")]
