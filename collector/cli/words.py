"""What tables say, in Japanese or English."""

from datetime import tzinfo

from collector.domain.sentence import Sentence
from collector.texts import Texts
from collector.texts.catalogue import COMMANDS, Words


class CommandWords:
    """The words of one language, `ja` or `en`."""

    def __init__(self, language: str) -> None:
        """Speak `language`; anything but `ja` is English."""
        self._words = Words(COMMANDS, language)

    def __call__(self, key: str, **facts: object) -> str:
        """Return the word for `key`, with `facts` filled in."""
        return self._words(key, **facts)

    def said(self, sentence: Sentence, zone: tzinfo | None = None) -> str:
        """Return `sentence` in words, its times on the clocks of `zone`."""
        return Texts("ja" if self.is_japanese else "en", zone).say(sentence)

    @property
    def language(self) -> str:
        """The language's tag."""
        return self._words.language

    @property
    def is_japanese(self) -> bool:
        """Whether names are shown in Japanese."""
        return self._words.is_japanese
