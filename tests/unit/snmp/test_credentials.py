"""Credentials refuse what no agent accepts, and never show a secret."""

from typing import Any

import pytest

from collector.adapters.snmp.client.credentials import CommunityCredential, UserCredential

PHRASE = "correct horse"


@pytest.mark.parametrize(
    "credential",
    [
        CommunityCredential("2c", PHRASE),
        UserCredential("clerk", "SHA256", PHRASE, "AES", PHRASE),
    ],
    ids=["community", "user"],
)
def test_a_secret_is_in_no_text(credential: object) -> None:
    assert PHRASE not in repr(credential)
    assert PHRASE not in str(credential)
    assert PHRASE not in f"{[credential]}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"priv_protocol": "AES", "priv_key": PHRASE}, "needs an auth_protocol"),
        ({"auth_protocol": "SHA", "auth_key": "short"}, "auth_key needs at least 8"),
        ({"auth_protocol": "SHA"}, "auth_key needs"),
        (
            {"auth_protocol": "SHA", "auth_key": PHRASE, "priv_protocol": "AES"},
            "priv_key needs at least 8",
        ),
    ],
)
def test_what_no_agent_accepts_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        UserCredential("clerk", **wrong)
    assert PHRASE not in str(caught.value)
