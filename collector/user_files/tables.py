"""Tables of a file as pydantic models, read as far as they can be meant; every fault is told."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Final, Self, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from collector.domain.sentence import Sentence
from collector.domain.spelling import nearest
from collector.errors import said
from collector.user_files.lines import FilePath
from collector.user_files.report import (
    PathWhere,
    ProblemReport,
    RefusedValue,
    hint,
    quoted,
)

_CODES: Final = {
    "missing": "missing",
    "int_parsing": "whole_number",
    "int_from_float": "whole_number",
    "int_type": "whole_number_unquoted",
    "float_parsing": "number",
    "float_type": "number",
    "finite_number": "number",
    "bool_parsing": "true_or_false",
    "bool_type": "true_or_false",
    "string_type": "text_in_quotes",
    "path_type": "path_in_quotes",
    "tuple_type": "list_in_brackets",
    "list_type": "list_in_brackets",
    "frozen_set_type": "list_in_brackets",
    "model_type": "section",
    "dict_type": "section",
    "mapping_type": "section",
    "string_pattern_mismatch": "plain_name",
    "string_too_long": "too_long",
    "too_long": "too_many",
}
"""The sentence for what pydantic found."""

_BOUNDS: Final = {
    "greater_than_equal": ("at_least", "ge"),
    "less_than_equal": ("at_most", "le"),
    "greater_than": ("greater_than", "gt"),
    "less_than": ("less_than", "lt"),
}
_CHOICES: Final = frozenset({"enum", "literal_error"})
_NO_TABLES: Final = frozenset({"tuple_type", "list_type", "model_type", "dict_type"})
_WRONG_NAME: Final = "[key]"
_OURS: Final = __name__.partition(".")[0]
_LEAVES: Final = frozenset({str, int, float, bool, type(None)})
_DEEPEST: Final = 12
"""Tables and lists in one another; no file has so many."""

_Table = TypeVar("_Table", bound="FileTable")


def sentence_of(error: ErrorDetails, *, shows_value: bool = False) -> Sentence:
    """Return the sentence for `error`; the value, which may be a secret, only where asked for."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        refusal = context["error"]
        return (
            refusal.sentence
            if isinstance(refusal, RefusedValue)
            else said("as_it_is", text=refusal)
        )
    got = got_of(error["input"]) if shows_value else ""
    if kind in _BOUNDS:
        code, name = _BOUNDS[kind]
        return said(code, bound=context[name], got=got)
    if kind in _CHOICES:
        names = re.findall(r"'([^']*)'", context["expected"])
        near = nearest(error["input"], names) if shows_value and _is_text(error) else None
        rather = "" if near is None else said("or_rather", name=near)
        return said("one_of", names=names, got=got, hint=rather)
    code = _CODES.get(kind, "as_it_is")
    return said(code, got=got, text=error["msg"])


def _is_text(error: ErrorDetails) -> bool:
    return isinstance(error["input"], str)


def got_of(value: object) -> Sentence:
    """Return the end of a sentence that names what stands there instead."""
    return said("got", value=quoted(value))


@cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what stands in the source below each field of `model` or of a base, by its name.

    pydantic would read the source of every model for it at every start.
    """
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one.__module__.partition(".")[0] == _OURS:
            (stated,) = ast.parse(inspect.getsource(one)).body
            found |= _below_fields(stated)
    return found


def _below_fields(stated: ast.stmt) -> Mapping[str, str]:
    body = stated.body if isinstance(stated, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text)
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(text := below.value.value, str)
    }


@dataclass(frozen=True, slots=True)
class WhenMissing:
    """Beside a field's type: the sentence for a table that lacks it."""

    code: str


class FileTable(BaseModel):
    """A table of a file. What cannot be meant reads as None, and `faults_of` tells it.

    So every field is of a type `X | None`. One that must be there has no default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    _refused: tuple[ErrorDetails, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _as_far_as_it_goes(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as exc:
            if not isinstance(data, dict):
                raise
            errors = exc.errors(include_url=False)
        table = _healed(data, errors, handler)
        table._refused = tuple(errors)  # noqa: SLF001 - of this very class
        return table

    def conflicts(self) -> Iterator[tuple[str | FilePath, Sentence]]:
        """Yield (key, sentence) for what is wrong although each value alone could be meant."""
        yield from ()

    @classmethod
    def fields(cls) -> Mapping[str, FieldInfo]:
        """Return the fields by the keys under which they stand in the file."""
        return {info.alias or name: info for name, info in cls.model_fields.items()}

    @classmethod
    def sentence(cls, path: FilePath, error: ErrorDetails) -> Sentence:
        """Return the sentence for `error`, which `path` in the file has."""
        kind, key = error["type"], str(error["loc"][0])
        fields = cls.fields()
        info = fields.get(key)
        if kind == "extra_forbidden":
            return said("unknown_key", hint=hint(key, fields))
        if kind == "missing" and info is not None:
            return cls.missing(key)
        if kind in _NO_TABLES and info is not None and _holds_tables(info.annotation):
            heading = ".".join(part for part in path if isinstance(part, str))
            return said("entries", heading=heading)
        return sentence_of(error, shows_value=True)

    @classmethod
    def missing(cls, key: str) -> Sentence:
        """Return the sentence for a table without the field that stands at `key`."""
        marks = (one for one in cls.fields()[key].metadata if isinstance(one, WhenMissing))
        return said(next((one.code for one in marks), "missing"))


def _healed(
    data: Mapping[str, object],
    errors: list[ErrorDetails],
    handler: ModelWrapValidatorHandler[_Table],
) -> _Table:
    """Return the table without what `errors` are about, and without as little else as may be."""
    kept = _copied(data, _DEEPEST)
    for _ in range(_DEEPEST):
        for error in errors:
            _leave_out(kept, error)
        try:
            return handler(kept)
        except ValidationError as exc:
            errors = exc.errors(include_url=False)
    raise RuntimeError(errors)  # pydantic would take an AssertionError for a wrong value


def _copied(value: object, depth: int) -> object:
    """Return a copy of tables and lists, as deep as any table is."""
    if depth and isinstance(value, dict):
        return {name: _copied(inner, depth - 1) for name, inner in value.items()}
    if depth and isinstance(value, list):
        return [_copied(inner, depth - 1) for inner in value]
    return value


def _leave_out(data: object, error: ErrorDetails) -> None:
    """Put None in the place that `error` is about; drop a key that may not be there."""
    loc, is_dropped = error["loc"], error["type"] == "extra_forbidden"
    if loc[-1] == _WRONG_NAME:
        loc, is_dropped = loc[:-1], True
    is_missing = error["type"] == "missing"
    for end in range(len(loc), 0, -1):
        around, last = _at(data, loc[: end - 1]), loc[end - 1]
        if isinstance(around, dict) and isinstance(last, str):
            if is_dropped:
                around.pop(last, None)
            elif last in around or is_missing:
                if around.get(last) is None and end > 1:
                    continue
                around[last] = None
            return
        if isinstance(around, list) and isinstance(last, int) and around[last] is not None:
            around[last] = None
            return
        # What must not be None either, or an element of a value that is no list: all around it.


def _at(data: object, loc: FilePath) -> object:
    for part in loc:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _holds_tables(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, FileTable):
        return True
    return any(map(_holds_tables, get_args(annotation)))


Told = tuple[FilePath, Callable[[], Sentence]]
"""A fault: where it is, and what makes its sentence, which takes a while."""


def faults_of(value: object, path: FilePath = ()) -> Iterator[Told]:
    """Yield every fault of a table at `path` and of the tables in it."""
    if isinstance(value, FileTable):
        yield from _own_faults(value, path)
        fields = type(value).model_fields
        within = [(info.alias or name, getattr(value, name)) for name, info in fields.items()]
        yield from _faults_in((*within, *(value.model_extra or {}).items()), path)
    elif isinstance(value, tuple | list):
        yield from _faults_in(enumerate(value), path)
    elif isinstance(value, Mapping):
        yield from _faults_in(value.items(), path)


def _faults_in(parts: Iterable[tuple[str | int, object]], path: FilePath) -> Iterator[Told]:
    for name, inner in parts:
        if type(inner) not in _LEAVES:  # most are, and to ask takes longer than to look
            yield from faults_of(inner, (*path, name))


def _own_faults(table: FileTable, path: FilePath) -> Iterator[Told]:
    for error in table._refused:  # noqa: SLF001 - a table's own module
        where = (*path, *(part for part in error["loc"] if part != _WRONG_NAME))
        yield where, partial(table.sentence, where, error)
    for key, sentence in table.conflicts():
        inner = key if isinstance(key, tuple) else (key,) if key else ()
        yield (*path, *inner), partial(_same, sentence)


def _same(sentence: Sentence) -> Sentence:
    return sentence


def tell(value: object, where: PathWhere, report: ProblemReport, path: FilePath = ()) -> None:
    """Tell every fault of a table, or of tables, that stand at `path`."""
    for place, sentence in faults_of(value, path):
        if report.is_full:
            report.count_another()
        else:
            report.problem(where(place), sentence())


def is_sound(value: object) -> bool:
    """Say whether a table has no fault."""
    return next(faults_of(value), None) is None
