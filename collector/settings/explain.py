"""Turns what pydantic found into problems: where a person would look, and what to do there."""

from collections.abc import Iterator, Sequence
from typing import Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from collector.settings.layers import PREFIX, SEPARATOR, Key, Layer
from collector.settings.model import Settings
from collector.settings.problems import ProblemReport, did_you_mean
from collector.settings.values import CONFLICTS

_EXTRA: Final = "extra_forbidden"
_SENTENCES: Final = {
    "missing": "is missing; add it",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "tuple_type": "must be a list like [...]",
    "frozen_set_type": "must be a list like [...]",
    "model_type": "must be a section with keys of its own",
    "dict_type": "must be a section with keys of its own",
    "mapping_type": "must be a section with keys of its own",
    "string_pattern_mismatch": "use lower-case letters, digits, - and single _ only",
    "string_too_long": "is too long; shorten it",
    "too_long": "holds too many entries; remove some",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "greater_than": ("gt", "must be greater than {}"),
    "less_than": ("lt", "must be less than {}"),
    "enum": ("expected", "must be one of {}"),
    "literal_error": ("expected", "must be one of {}"),
}


def explain(
    error: ValidationError, layers: Sequence[Layer], file: str, report: ProblemReport
) -> None:
    """Add one problem per fault in `error`; no sentence repeats a value, which may be a secret."""
    for one in error.errors(include_url=False, include_input=False):
        key = tuple(str(part) for part in one["loc"] if part != "[key]")
        if one["type"] == CONFLICTS:
            for name, sentence in one["ctx"][CONFLICTS]:
                report.problem(_path((*key, name), layers, file), _named(sentence, (*key, name)))
        elif one["type"] == _EXTRA:
            for path in _every_path(key, layers, file):
                hint = did_you_mean(key[-1], keys_at(key[:-1]))
                report.problem(path, f"is no known key; {hint}")
        else:
            report.problem(_path(key, layers, file), _sentence(one))


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


def _models_of(annotation: object) -> list[type[BaseModel]]:
    """Return the sections that a key's type names: itself, or the values of a mapping."""
    return [
        one
        for one in (annotation, *get_args(annotation))
        if isinstance(one, type) and issubclass(one, BaseModel)
    ]


def _sentence(one: ErrorDetails) -> str:
    kind, context = one["type"], one.get("ctx", {})
    if kind in _BOUNDS:
        name, sentence = _BOUNDS[kind]
        return sentence.format(context[name])
    if kind == "value_error":
        return str(context["error"])
    return _SENTENCES.get(kind, one["msg"])


def _named(sentence: str, key: Key) -> str:
    joined = SEPARATOR.join(key)
    return sentence.replace("{secret}", joined).replace("{variable}", PREFIX + joined.upper())


def _path(key: Key, layers: Sequence[Layer], file: str) -> str:
    return _every_path(key, layers, file)[0]


def _every_path(key: Key, layers: Sequence[Layer], file: str) -> list[str]:
    """Return where `key` is set, the winning source first; else where it would be written."""
    found = [path for layer in layers for path in layer.paths(key)]
    if not found and key and key[-1].isdigit():
        return _every_path(key[:-1], layers, file)
    return found or [f"{file}: {'.'.join(key)}"]
