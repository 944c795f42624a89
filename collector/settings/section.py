"""What every section of the settings has in common."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator
from pydantic_core import PydanticCustomError

CONFLICTS = "conflicts"
"""Type of the pydantic error that carries every conflict of one section."""


class Section(BaseModel):
    """A frozen section; unknown keys are refused; a key's docstring is its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Yield (key, sentence) for keys that do not go together.

        `{secret}` and `{variable}` in a sentence become the names of the secret file and of the
        environment variable that would set the key.
        """
        yield from ()

    @model_validator(mode="after")
    def _no_conflicts(self) -> Self:
        if found := tuple(self.conflicts()):
            # Sentences hold no value of a secret; the loader turns each into a problem.
            raise PydanticCustomError(CONFLICTS, "keys conflict", {CONFLICTS: found})
        return self


def reveal(secret: SecretStr | None) -> str | None:
    """Return a secret in plain text, or None where there is none."""
    return None if secret is None else secret.get_secret_value()


def missing_secret(reason: str) -> str:
    """Return the sentence for a secret that is not set; the loader fills in the names."""
    return f"{reason}; put it into the secret file {{secret}} or into {{variable}}"
