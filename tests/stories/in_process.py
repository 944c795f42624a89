"""A command of the program run inside the tests' own process: the same bytes, no start to wait for.

What a process would find is laid out first (environment, folder, standard streams, Python's own
logging, warnings and signals), and everything is as it was afterwards.
"""

import asyncio
import contextvars
import functools
import importlib
import logging
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TextIO

import pytest

from collector.cli.main import VERBS, main

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_IGNORED: Final = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python keeps to itself where nobody asked for it."""


def run(args: Sequence[str], environ: Mapping[str, str], folder: Path) -> tuple[int, bytes, bytes]:
    """Run `copier-fleet args` to its end and return its exit code, stdout and stderr."""
    _read_commands()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with _kept(environ, folder), _streams(out, err):
            code = _alone(list(args))
        return code, _all_of(out), _all_of(err)


@functools.cache
def _read_commands() -> None:
    """Read all modules of commands before any language is spoken.

    Click gives an argument of a file its name once, in the language of that moment; a process of
    its own speaks one only.
    """
    for verb in VERBS:
        importlib.import_module(f"collector.cli.{verb.name}")


def seen() -> list[object]:
    """Return what a command finds in this process and may change; all of it is put back."""
    root = logging.getLogger()
    return [
        *(dict(os.environ), Path.cwd(), time.tzname),
        *(sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__),
        *(root.handlers[:], root.level, {name: one.level for name, one in _loggers().items()}),
        *(warnings.filters[:], warnings.showwarning, *map(signal.getsignal, _SIGNALS)),
    ]


def _loggers() -> dict[str, logging.Logger]:
    known = logging.getLogger().manager.loggerDict
    return {name: one for name, one in known.items() if isinstance(one, logging.Logger)}


def _alone(args: list[str]) -> int:
    """Run in a context of its own, and in a thread of its own where a loop runs in this one."""
    call = functools.partial(contextvars.Context().run, _exit_code, args)
    if asyncio._get_running_loop() is None:
        return call()
    with ThreadPoolExecutor(1) as other:
        return other.submit(call).result()


def _exit_code(args: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        main(args)
    assert isinstance(end.value.code, int)
    return int(end.value.code)


def _all_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


@contextmanager
def _streams(out: BinaryIO, err: BinaryIO) -> Iterator[None]:
    """Have standard streams as Python opens them in the locale C.UTF-8, with nothing to read."""
    names = ("stdin", "stdout", "stderr")
    before = {name: getattr(sys, name) for name in (*names, *(f"__{name}__" for name in names))}
    with (
        stream(os.open(os.devnull, os.O_RDONLY), "r", "surrogateescape") as sys_in,
        stream(os.dup(out.fileno()), "w", "surrogateescape") as sys_out,
        stream(os.dup(err.fileno()), "w", "backslashreplace") as sys_err,
    ):
        for name, one in zip(names, (sys_in, sys_out, sys_err), strict=True):
            setattr(sys, name, one)
            setattr(sys, f"__{name}__", one)
        try:
            yield
        finally:
            for name, one in before.items():
                setattr(sys, name, one)


def stream(number: int, mode: str, errors: str) -> TextIO:
    """Return the open file `number` as Python opens a standard stream in the locale C.UTF-8."""
    return os.fdopen(number, mode, encoding="utf-8", errors=errors)


@contextmanager
def _kept(environ: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Enter `environ` and `folder`, with logging, warnings and signals as a process has them."""
    before, where = dict(os.environ), Path.cwd()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    with warnings.catch_warnings(), _silent_logging():
        warnings.resetwarnings()
        for category in _IGNORED:
            warnings.simplefilter("ignore", category)
        try:
            surround(environ, folder)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            yield
        finally:
            surround(before, where)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def surround(environ: Mapping[str, str], folder: Path) -> None:
    """Let this process find `environ` around it, and `folder` as the one it works in."""
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)


@contextmanager
def _silent_logging() -> Iterator[None]:
    """Have logging as it is before anybody set it up; it is again as it was afterwards."""
    root = logging.getLogger()
    levels = {name: one.level for name, one in _loggers().items()}
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, one in _loggers().items():
            one.setLevel(levels.get(name, logging.NOTSET))
