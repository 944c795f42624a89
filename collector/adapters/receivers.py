"""Mail, Teams, Slack, webhooks: whoever is written to by a URL of apprise.

Nothing but that address is spoken to: redirections are not followed, no picture and no plug-in is
fetched, nothing is kept on disk.
"""

import logging
from contextlib import suppress
from typing import Final
from urllib.parse import unquote, urlsplit

from apprise import Apprise, AppriseAsset, AppriseAttachment
from apprise.attachment.memory import AttachMemory

from collector.domain.notices import Letter
from collector.domain.privacy.disguises import striking_out
from collector.domain.sentence import sentence
from collector.errors import LetterNotTaken
from collector.ports import Wording

_LOG: Final = "apprise"
_TROUBLES: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
_LONGEST: Final = 300
_MAIL: Final = frozenset(
    {
        *("mailto", "mailtos", "azure", "o365", "ses", "sendgrid", "mailgun", "sparkpost"),
        *("smtp2go", "brevo", "resend"),
    }
)
"""Schemas of mail: a file that comes with it is opened by whoever reads it."""


class AppriseReceiver:
    """Writes to what one URL of apprise names."""

    def __init__(self, name: str, url: str, say: Wording) -> None:
        """Be called `name`; `say` puts into words why a letter was not taken."""
        self.name = name
        self._url = url
        self._say = say
        self._strike = striking_out(_secret_parts(url))

    def is_known(self) -> bool:
        """Say whether there is a service with such a URL."""
        return self._opened() is not None

    def takes_files(self) -> bool:
        """Say whether it is a mail service that files can be sent by."""
        opened = self._opened()
        if opened is None or urlsplit(self._url).scheme.lower() not in _MAIL:
            return False
        return all(one.attachment_support for one in opened)

    def send(self, letter: Letter) -> None:
        """Hand over `letter`, its files only by mail; raises LetterNotTaken with what was said."""
        service = self._opened()
        if service is None:
            raise LetterNotTaken(self._say(sentence("letter.unknown_service")))
        try:
            files = _files(letter) if letter.files and self.takes_files() else None
            result = service.notify(
                body=letter.body, title=letter.title, body_format="text", attach=files
            )
        except Exception as error:  # noqa: BLE001 - a plug-in
            raise LetterNotTaken(self._told([f"{type(error).__name__}: {error}"])) from None
        if not result:
            said = [one.message for one in result.logs() if one.level in _TROUBLES]
            raise LetterNotTaken(self._told(said))

    def _told(self, said: list[str]) -> str:
        """Return what was said last, without the address and without its secrets."""
        plain = self._strike(said[-1]) if said else self._say(sentence("letter.not_taken"))
        return " ".join(plain.split())[:_LONGEST]

    def _opened(self) -> Apprise | None:
        logging.getLogger(_LOG).propagate = False  # what it says is told here, once
        with suppress(TypeError, ValueError):
            service = Apprise(asset=_asset())
            if service.add(self._url):
                return service
        return None


def _files(letter: Letter) -> AppriseAttachment:
    files = AppriseAttachment(asset=_asset())
    for name, octets in letter.files.items():
        page = AttachMemory(content=octets, name=name, mimetype="text/html")  # type: ignore[no-untyped-call]  # of apprise
        files.add(page)
    return files


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="copier-fleet",
        app_desc="copier-fleet",
        app_url="",
        async_mode=False,
        http_redirects=False,
        image_url_mask="",
        image_url_logo="",
        secure_logging=True,
        service_timeout=0,  # with a bound of its own it works in threads that hold up the end
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
    )


def _secret_parts(url: str) -> list[str]:
    """Return all of `url` that may be a secret: each part of it but the host and the schema."""
    parts: list[str] = [url]
    with suppress(ValueError):
        split = urlsplit(url)
        parts += [split.password or "", *split.path.split("/"), split.query]
        parts += [value for one in split.query.split("&") for value in one.split("=")[1:]]
    return list(dict.fromkeys(form for one in parts for form in (one, unquote(one)) if form))
