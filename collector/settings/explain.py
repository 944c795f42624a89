"""Turns what pydantic found into problems: where a person would look, and what to do there."""

from collections.abc import Iterator, Sequence
from typing import Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from collector.domain.sentence import Sentence
from collector.errors import Spot, said
from collector.settings.layers import PREFIX, SEPARATOR, Key, Layer
from collector.settings.model import Settings
from collector.settings.values import CONFLICTS
from collector.user_files.report import ProblemReport, hint
from collector.user_files.tables import sentence_of

_EXTRA: Final = "extra_forbidden"


def explain(error: ValidationError, layers: Sequence[Layer], report: ProblemReport) -> None:
    """Add one problem per fault in `error`; no sentence repeats a value, which may be a secret."""
    for one in error.errors(include_url=False, include_input=False):
        key = tuple(str(part) for part in one["loc"] if part != "[key]")
        if one["type"] == CONFLICTS:
            for name, sentence in one["ctx"][CONFLICTS]:
                inner = (*key, name)
                report.problem(spot_of(inner, layers), _named(sentence, inner))
        elif one["type"] == _EXTRA:
            for spot in _every_spot(key, layers):
                report.problem(spot, said("unknown_key", hint=hint(key[-1], keys_at(key[:-1]))))
        else:
            report.problem(spot_of(key, layers), sentence_of(one))


def lacking_secrets(error: ValidationError, layers: Sequence[Layer]) -> frozenset[Key]:
    """Return the secrets that `error` finds missing and that no layer states."""
    conflicts = (
        (tuple(str(part) for part in one["loc"] if part != "[key]"), one["ctx"][CONFLICTS])
        for one in error.errors(include_url=False, include_input=False)
        if one["type"] == CONFLICTS
    )
    keys = frozenset((*key, name) for key, found in conflicts for name, _ in found)
    return frozenset(
        key
        for key in keys
        if key[-1] in secret_keys() and all(one.value(key) is None for one in layers)
    )


def keys_at(key: Key) -> tuple[str, ...]:
    """Return the keys that exist under `key`: of a section, or of one set of credentials."""
    model: type[BaseModel] = Settings
    for part in key:
        if part in model.model_fields:
            inner = _models_of(model.model_fields[part].annotation)
            model = next(iter(inner), model)
    return tuple(model.model_fields)


def secret_keys() -> frozenset[str]:
    """Return the last part of every key whose value is a secret."""
    return frozenset(_secret_keys(Settings))


def _secret_keys(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if {SecretStr, SecretBytes} & {info.annotation, *get_args(info.annotation)}:
            yield name
        for inner in _models_of(info.annotation):
            yield from _secret_keys(inner)


def spot_of(key: Key, layers: Sequence[Layer]) -> Spot:
    """Return where `key` is set, in the winning source; else where it would be written."""
    return _every_spot(key, layers)[0]


def _models_of(annotation: object) -> list[type[BaseModel]]:
    """Return the sections that a key's type names: itself, or the values of a mapping."""
    return [
        one
        for one in (annotation, *get_args(annotation))
        if isinstance(one, type) and issubclass(one, BaseModel)
    ]


def _named(sentence: Sentence, key: Key) -> Sentence:
    joined = SEPARATOR.join(key)
    return said(sentence.key, **sentence.facts, secret=joined, variable=PREFIX + joined.upper())


def _every_spot(key: Key, layers: Sequence[Layer]) -> list[Spot]:
    found = [spot for layer in layers for spot in layer.spots(key)]
    if not found and key and key[-1].isdigit():
        return _every_spot(key[:-1], layers)
    return found or [layer.file.spot(key) for layer in layers if layer.file is not None]
