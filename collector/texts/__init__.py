"""Every text that a person reads, in Japanese and English: catalogues and who fills them in."""

from collector.texts.rendering import ENGLISH, JAPANESE, Texts

__all__ = ["ENGLISH", "JAPANESE", "Texts"]
