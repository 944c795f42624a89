"""What is told of a profile: where its counters stand, what is hardly meant, all of it as data."""

import json
from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_files, load_profiles
from collector.adapters.snmp.profiles.values import Profile
from collector.adapters.snmp.profiles.views import (
    brief,
    counters,
    marks_of,
    meters_read,
    notes,
    place,
    whole,
    written,
)
from collector.adapters.snmp.reading.recognise import hints
from collector.domain.meters import METERS
from collector.errors import Problem
from tests.unit.snmp.own import HEAD, own
from tests.unit.snmp.test_profile_documents import EVERYTHING
from tests.wording import english


@pytest.fixture
def everything(tmp_path: Path) -> Profile:
    (tmp_path / "whole.toml").write_text(EVERYTHING, "utf-8")
    return load_profiles(tmp_path).by_id["whole"]


def test_where_each_kind_of_counter_stands(everything: Profile) -> None:
    places = {name: english(place(everything, term)) for name, term in counters(everything).items()}
    tree = "1.3.6.1.4.1.99999"
    assert places == {
        "pages": f"{tree}.4.0 or {tree}.4 or {tree}.5.{{copier}}",
        "row[copy]": f"{tree}.7.9.*.20.* or {tree}.7.9: the sum of rows of code 200 or 2.1, "
        "else label 'copies' or 'copy', where job is 3 or copy",
        "row[*]": f"{tree}.7.9.*.20.* or {tree}.7.9: every row",
        "packed[0a]": f"{tree}.6.0, record 0a",
        "packed[0b]": f"{tree}.6.0, record 0b",
    }


def test_what_else_is_known_of_a_counter(everything: Profile) -> None:
    told = {
        name: [*map(english, notes(everything, term))]
        for name, term in counters(everything).items()
    }
    assert told["pages"] == [
        "text",
        "after 0115 or fde8",
        "never 65535, 999999999",
        "mono pages",
        "wraps at 1000000",
    ]
    assert told["packed[0a]"] == [
        "never 65535, 999999999",
        "large pages",
        "color pages",
        "a large page counts 2 times",
        "wraps at 1000000",
    ]


def test_the_life_count_is_named_by_its_unit() -> None:
    generic = load_profiles().generic
    places = {name: english(place(generic, term)) for name, term in counters(generic).items()}
    assert places == {
        "life": "1.3.6.1.2.1.43.10.2.1.4 (prtMarkerLifeCount) in impressions",
        "sheets": "1.3.6.1.2.1.43.10.2.1.4 (prtMarkerLifeCount) in sheets",
    }


def test_the_marks_of_a_rule_as_they_are_written(everything: Profile) -> None:
    first, _, last = everything.rules
    assert written(first) == (
        "object_id 1.3.6.1.4.1.99999",
        "descr 'A'",
        "device_id 'B'",
        "device_descr 'C'",
        "model 'D'",
        "firmware 'E'",
        "not_descr 'F'",
        "not_object_id 1.3.6.1.4.1.99999.9",
        "printer",
        "weak",
    )
    assert written(last) == ("signature 1.3.6.1.4.1.99999.1",)
    assert marks_of(everything).startswith("sysObjectID 99999, 99998; sysDescr; device id;")


def test_a_profile_as_data_is_json_and_whole(everything: Profile) -> None:
    told = json.loads(json.dumps(whole(everything, low_confidence=False)))
    assert told["match"][0]["not_object_id"] == ["1.3.6.1.4.1.99999.9"]
    assert told["identity"]["serial"][0] == {
        "oid": "1.3.6.1.4.1.99999.2.0",
        "pattern": "S(.*)",
        "strip_prefix": ["0115"],
    }
    assert told["identity"]["brands"][0] == {"pattern": "ACNE", "vendor": "ACNE"}
    assert told["parts"]["copier"]["default"] == 2
    assert told["proved"] == {
        "on": "2026-11-25",
        "model": "A-100",
        "firmware": "1.0",
        "note": "total, copy; by the caretaker",
    }
    assert told["checks"] == [
        {
            "whole": "total",
            "parts": ["copy", "print"],
            "tolerance": 5,
            "percent": 2,
            "note": "the first is billed",
        }
    ]
    assert (told["wrap"], told["rated_ipm"], told["nvram_step"]) == (16_777_216, 60, 10)
    assert told["counters"]["pages"]["kind"] == "text"
    assert told["counters"]["packed[0a]"]["weight"] == 2
    assert told["ways"]["print"] == [
        {
            "formula": "row[*]",
            "derived": False,
            "set": "set 1",
            "confidence": "L",
            "read": False,
            "wrap": None,
            "source": "these tests",
        }
    ]
    (way,) = told["ways"]["total_small"]
    assert (way["formula"], way["derived"], way["set"]) == ("total - total_large", True, "")
    assert whole(everything, low_confidence=True)["ways"]["print"][0]["read"]


def test_every_shipped_profile_is_told_whole() -> None:
    for profile in load_profiles().by_id.values():
        told = json.loads(json.dumps(whole(profile, low_confidence=False)))
        assert set(told["ways"]) <= set(METERS)
        assert told.items() >= json.loads(json.dumps(brief(profile))).items()
        read = {meter for meter, ways in told["ways"].items() if any(one["read"] for one in ways)}
        assert read == set(meters_read(profile, low_confidence=False))
        assert all(one["place"] for one in told["counters"].values())


def _told(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in hints(own(folder, text))]


def test_a_sound_profile_gives_no_hint(tmp_path: Path) -> None:
    assert _told(tmp_path, "") == []
    assert list(hints(load_profiles())) == []


def test_rivals_are_told_once_at_the_rule_of_the_own_one(tmp_path: Path) -> None:
    mark = "[[match]]\nsignature = '1.3.6.1.4.1.367.3.2.1.2.19.5.1.9'\n"
    ((path, message),) = _told(tmp_path, mark)
    assert path == "acme.toml:8: match[1]"
    assert message.startswith("is never used: ricoh wins by the same mark (signature 1.3.6.1.4.1.")
    text = HEAD.replace("include", "priority = 50\ninclude") + mark
    (tmp_path / "acme.toml").write_text(text, "utf-8")
    (hint,) = hints(load_profiles(tmp_path))
    assert hint.path == "acme.toml:9: match[1]"
    assert hint.message.startswith("acme and ricoh recognise a machine equally well (signature")


def test_a_profile_that_includes_the_other_is_no_rival(tmp_path: Path) -> None:
    text = HEAD.replace('["generic"]', '["ricoh"]') + "[[match]]\nobject_id='1.3.6.1.4.1.367'\n"
    (tmp_path / "acme.toml").write_text(text, "utf-8")
    assert list(hints(load_profiles(tmp_path))) == []


def test_a_part_of_others_needs_no_marks(tmp_path: Path) -> None:
    base = HEAD.partition("[[match]]")[0].replace("acme", "base")
    (tmp_path / "base.toml").write_text(base, "utf-8")
    (tmp_path / "acme.toml").write_text(HEAD.replace("generic", "base"), "utf-8")
    assert list(hints(load_profiles(tmp_path))) == []
    (tmp_path / "acme.toml").unlink()
    assert [one.path for one in hints(load_profiles(tmp_path))] == ["base.toml"]


def test_files_may_be_called_by_their_whole_paths(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(HEAD + "[meters]\ntotl = 'life'\n", "utf-8")
    problems: list[Problem] = []
    load_files([path], problems, whole_paths=True)
    assert [one.path for one in problems] == [f"{path}:9: meters.totl"]
