"""Laws of pseudonyms: same for same, other for other, as long, as octets as in text."""

import ipaddress
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.counting.identity import real_serial
from collector.domain.privacy.redaction import KnownSecret, Pseudonyms, Redaction
from collector.domain.privacy.redaction_table import ORDINARY_WORDS, SecretKind

SALTS = st.binary(min_size=1, max_size=16)
SERIALS = st.text(string.ascii_uppercase + string.digits, min_size=6, max_size=16).filter(
    lambda text: real_serial(text) is not None and text.casefold() not in ORDINARY_WORDS
)
MACS = st.binary(min_size=6, max_size=6).filter(lambda one: any(one) and one != b"\xff" * 6)
AROUND = st.binary(max_size=40)


@given(SALTS, st.lists(st.text(max_size=30), unique_by=str.casefold, max_size=20))
def test_pseudonyms_are_as_long_in_every_charset_and_repeat(salt: bytes, texts: list[str]) -> None:
    names, again = Pseudonyms(salt), Pseudonyms(salt)
    for text in texts:
        made = names.text(text)
        assert made == names.text(text) == again.text(text)
        assert len(made) == len(text)
        assert len(made.encode("utf-8", "replace")) == len(text.encode("utf-8", "replace"))
        assert len(made.encode("cp932", "ignore")) == len(text.encode("cp932", "ignore"))


@given(SALTS, st.lists(SERIALS, unique=True, min_size=2, max_size=30))
def test_no_two_serial_numbers_share_a_pseudonym_and_none_is_its_own(
    salt: bytes, serials: list[str]
) -> None:
    names = Pseudonyms(salt)
    made = [names.text(one) for one in serials]
    assert len(set(made)) == len(serials)
    assert all(one != other for one, other in zip(made, serials, strict=True))


@given(SALTS, st.ip_addresses(v=6), st.booleans())
def test_all_spellings_of_an_address_are_spellings_of_one_pseudonym(
    salt: bytes, address: ipaddress.IPv6Address, is_upper: bool
) -> None:
    names = Pseudonyms(salt)
    short, long = names.ipv6(address.compressed), names.ipv6(address.exploded)
    shouted = names.ipv6(address.compressed.upper() if is_upper else address.compressed)
    assert ipaddress.ip_address(short) == ipaddress.ip_address(long)
    assert shouted.lower() == short
    assert (len(short), len(long)) == (len(address.compressed), len(address.exploded))


@given(SALTS, st.ip_addresses(v=4))
def test_an_address_stays_an_address_of_the_same_length(
    salt: bytes, address: ipaddress.IPv4Address
) -> None:
    made = Pseudonyms(salt).ipv4(str(address))
    assert len(made) == len(str(ipaddress.ip_address(made))) == len(str(address))


@given(SALTS, SERIALS, MACS, AROUND, AROUND)
def test_known_values_never_survive_and_length_always_does(
    salt: bytes, serial: str, mac: bytes, before: bytes, after: bytes
) -> None:
    assume(serial.encode() not in before + after)
    known = [KnownSecret(SecretKind.SERIAL, serial), KnownSecret(SecretKind.MAC, mac.hex(":"))]
    redaction = Redaction(Pseudonyms(salt), known)
    for value in (serial.encode(), serial.lower().encode(), serial.encode("utf-16-le"), mac):
        raw = before + b" " + value + b" " + after
        made = redaction.octets(raw)
        assert len(made) == len(raw)
        assert value not in made or value in raw.replace(value, b"", 1)


@given(SALTS, st.binary(max_size=300))
def test_any_octets_come_back_as_many(salt: bytes, raw: bytes) -> None:
    redaction = Redaction(Pseudonyms(salt), [KnownSecret(SecretKind.IP, "10.1.2.34")])
    assert len(redaction.octets(raw)) == len(raw)
    for kind in SecretKind:
        assert len(redaction.whole(kind, raw)) == len(raw)


@given(SALTS, st.text(max_size=200))
def test_any_text_stays_as_long(salt: bytes, text: str) -> None:
    assert len(Redaction(Pseudonyms(salt)).text(text)) == len(text)
