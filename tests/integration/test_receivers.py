"""Letters through apprise to real servers on loopback: taken, refused, slow, sent elsewhere."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.receivers import AppriseReceiver
from collector.domain.notices import Letter
from collector.errors import LetterNotTaken
from collector.texts import Texts
from tests.servers.receivers import Mailbox, Webhook, mail_server, webhook
from tests.stories.office import Spot, write_office
from tests.stories.program import command

pytestmark = pytest.mark.integration
LETTER = Letter(
    "［town］総務課は目標を超えました", "・総務課は…（1,234面、103%）。\n　月を確かめてください。"
)
SAY = Texts("ja").say
SECRET = "hunter2-token"  # noqa: S105 - of a server of this test


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


def mail_url(box: Mailbox) -> str:
    return f"mailto://127.0.0.1:{box.port}?to=soumu@example.jp&from=copier@example.jp&mode=insecure"


def to(url: str) -> AppriseReceiver:
    return AppriseReceiver("it", url, SAY)


def test_a_mail_arrives_as_it_was_written(box: Mailbox) -> None:
    to(mail_url(box)).send(LETTER)

    assert box.titles() == [LETTER.title]
    assert box.texts()[0].splitlines() == LETTER.body.splitlines()
    assert str(box.mails[0]["To"]) == "soumu@example.jp"


def test_a_webhook_gets_title_and_text(hook: Webhook) -> None:
    to(f"json://127.0.0.1:{hook.port}/{SECRET}").send(LETTER)

    (got,) = hook.got
    assert (got["title"], got["message"]) == (LETTER.title, LETTER.body)
    assert "github" not in str(got)


def test_files_go_with_a_mail_and_nowhere_else(box: Mailbox, hook: Webhook) -> None:
    """On no disk: neither here nor in a folder for temporary files."""
    page = "<!DOCTYPE html><title>月次通知 11月</title>"
    letter = replace(LETTER, files={"letter-2026-11-soumu.html": page.encode()})
    mail, web = to(mail_url(box)), to(f"json://127.0.0.1:{hook.port}/")
    assert (mail.takes_files(), web.takes_files()) == (True, False)

    mail.send(letter)
    web.send(letter)

    assert box.files() == [{"letter-2026-11-soumu.html": page}]
    (html,) = [one for one in box.mails[0].walk() if one.get_filename()]
    assert html.get_content_type() == "text/html"
    assert box.texts()[0].splitlines() == LETTER.body.splitlines()
    (got,) = hook.got
    assert got["message"] == LETTER.body
    assert page not in str(got)
    assert not got.get("attachments")


def test_a_mail_that_is_refused_is_told_with_its_reason(box: Mailbox) -> None:
    box.answer = "550 no such mailbox"
    with pytest.raises(LetterNotTaken, match=r"\S"):
        to(mail_url(box)).send(LETTER)
    assert box.mails == []


def test_why_a_webhook_refuses_is_told_without_the_secret(hook: Webhook) -> None:
    hook.status = 403
    with pytest.raises(LetterNotTaken) as caught:
        to(f"json://user:{SECRET}@127.0.0.1:{hook.port}/{SECRET}?token={SECRET}").send(LETTER)
    assert "403" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert hook.asked == 1


def test_what_is_sent_elsewhere_by_a_server_goes_nowhere(hook: Webhook) -> None:
    with webhook() as elsewhere:
        hook.status, hook.location = 307, f"http://127.0.0.1:{elsewhere.port}/"
        with pytest.raises(LetterNotTaken):
            to(f"json://127.0.0.1:{hook.port}/").send(LETTER)
        assert elsewhere.asked == 0


def test_nobody_listens() -> None:
    with webhook() as gone:
        port = gone.port
    with pytest.raises(LetterNotTaken, match=r"\S"):
        to(f"json://127.0.0.1:{port}/").send(LETTER)


def test_a_server_that_hangs_is_given_up(hook: Webhook) -> None:
    hook.holds = threading.Event()
    with pytest.raises(LetterNotTaken):
        to(f"json://127.0.0.1:{hook.port}/?rto=1").send(LETTER)


@pytest.mark.parametrize("url", ["carrier-pigeon://roof", "msteams://x", "mailto://", "json://"])
def test_an_address_of_no_service_is_known_before_anything_is_sent(url: str) -> None:
    assert not to(url).is_known()
    with pytest.raises(LetterNotTaken, match="apprise"):
        to(url).send(LETTER)


# `copier-fleet alerts test`.


def office(folder: Path, **urls: str) -> Path:
    more = "".join(f'\n[receivers.{name}]\napprise_url = "{url}"\n' for name, url in urls.items())
    config = write_office(folder, [Spot("1f", 9)], more)
    config.chmod(0o600)
    return config


def test_each_receiver_is_tried_and_told_of(tmp_path: Path, box: Mailbox, hook: Webhook) -> None:
    hook.status = 500
    config = office(tmp_path, soumu=mail_url(box), it=f"json://127.0.0.1:{hook.port}/{SECRET}")

    done = command("alerts", "test", "--config", config)
    assert done.code == 1
    assert "soumu" in done.out
    assert "届けました" in done.out
    assert SECRET not in done.out + done.err
    assert "enabled = true" in done.err
    assert box.titles()[0].startswith("［story］copier-fleet から soumu への試験")

    hook.status = 200
    again = command("alerts", "test", "--json", "--config", config)
    assert (again.code, [one["ok"] for one in again.json]) == (0, [True, True])
    assert hook.got[0]["type"] == "info"


def test_nobody_to_try_is_a_usage_error_and_a_wrong_address_one_of_configuration(
    tmp_path: Path,
) -> None:
    nobody = command("alerts", "test", "--config", office(tmp_path))
    assert (nobody.code, "[receivers.名前]" in nobody.err) == (2, True)
    wrong = command("alerts", "test", "--config", office(tmp_path, it="carrier-pigeon://roof"))
    assert wrong.code == 78
    assert "receivers.it.apprise_url" in wrong.err


def test_check_names_the_receivers_and_refuses_an_address_of_no_service(
    tmp_path: Path, hook: Webhook
) -> None:
    config = office(tmp_path, it=f"json://127.0.0.1:{hook.port}/{SECRET}")
    on = {"COPIER_FLEET__ALERTS__ENABLED": "true"}
    done = command("check", "--config", config, env=on)
    assert (done.code, "alerts test" in done.out) == (0, True)
    assert (hook.asked, SECRET in done.out + done.err) == (0, False)
    wrong = command("check", "--config", office(tmp_path, it="carrier-pigeon://roof"), env=on)
    assert wrong.code == 78
