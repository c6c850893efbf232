"""Asking no more of a device than it has memory for: less at a time, at last the CPU instead.

What is asked for less of, and what that means, is known where it is asked: prompts in batching.py,
the pixels of a window in encoding.py, its maps in instance_mapper.py. Nothing here knows of frames.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Literal, TypeVar

import torch

from napari_cutout.segment.errors import MemoryWarning, OutOfMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.family import Family

    What = Literal["prompts", "pixels", "maps"]

T = TypeVar("T")

_SIGNS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "alloc_failed",
    "bad_alloc",
    "could not create a primitive",  # oneDNN, of any reason, nearly always this one
    "invalid buffer size",
)
"""How allocators without an exception class of their own say it: the CPU's, Apple's, libraries'."""

_NO_OPERATION = "for the mps device"

_LESS = {
    "prompts": "{size} prompts are asked at once, not {wanted}",
    "pixels": "a window of {wanted} pixels along a side is read with {size}",
    "maps": "maps of a window of {wanted} pixels along a side are made with {size}",
}


class Memory:
    """One model, where it computes, and how much may be asked of it at once.

    What didn't fit is never tried again. Safe to use in several threads.

    Parameters
    ----------
    family
        The model.
    device
        Where it computes, in words; empty where that isn't known.
    on_cpu
        Loads the same model on the CPU. None: it is there, or can't be.
    free
        Gives back what may be on the device of earlier answers, and tells whether there was any.
    say
        Called with what is done about it. Default: a :class:`.MemoryWarning`. May be called in any
        thread.
    """

    def __init__(
        self,
        family: Family,
        device: str = "",
        on_cpu: Callable[[], Family] | None = None,
        free: Callable[[], bool] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.family = family
        self.device = device
        self._on_cpu = on_cpu
        self._free = free or _nothing
        self._say = say or _warn
        self._most: dict[What, int] = {}
        self._notes: dict[str, str] = {}
        self._lock, self._leaving = threading.Lock(), threading.Lock()

    @property
    def on_cpu(self) -> Callable[[], Family] | None:
        """Loads the same model on the CPU; None where it is there, or can't be."""
        return self._on_cpu

    @property
    def notes(self) -> tuple[str, ...]:
        """What is done otherwise since memory didn't suffice, a sentence each."""
        with self._lock:
            return tuple(self._notes.values())

    def at_once(self, what: What, wanted: int, least: int = 1) -> int:
        """How much is asked for where ``wanted`` would be best: that, or half of it, or a quarter.

        Parameters
        ----------
        what, wanted, least
            See :meth:`fit`.
        """
        most = self._most.get(what, wanted)
        size = wanted
        while size > most and (half := _half(size)) >= least and half < size:
            size = half
        return size

    def fit(self, what: What, wanted: int, call: Callable[[Family, int], T], least: int = 1) -> T:
        """What a call gives with as much as there is memory for.

        Parameters
        ----------
        what
            What there is less of where memory doesn't suffice.
        wanted
            How much is best.
        call
            Takes the model, and how much is asked for. It must be worth calling again after it
            failed.
        least
            It makes no sense to ask for less.

        Raises
        ------
        OutOfMemoryError
            If there isn't even memory for the least, on the CPU either.
        """
        was_short = False
        while True:
            family, size = self.family, self.at_once(what, wanted, least)
            try:
                result = call(family, size)
            except (RuntimeError, MemoryError) as error:
                is_short = is_out_of_memory(error)
                if not is_short and not (lacks_operation(error) and self._may_leave(family)):
                    raise
                problem = str(error).strip().partition("\n")[0]
            else:
                if was_short:
                    self._tell(what, wanted, size)
                return result
            # Outside of the handler: the error holds on to what was allocated.
            if is_short:
                was_short = True
                self._ask_less(family, what, size, least, problem)
            else:
                self._leave(family, f"lacks what the model computes ({problem})", problem)

    def _ask_less(self, family: Family, what: What, size: int, least: int, problem: str) -> None:
        if self._free():
            _empty_caches()
            return
        _empty_caches()
        half = _half(size)
        with self._lock:
            if family is not self.family or self._most.get(what, size) < size:
                # Another thread was here before.
                return
            if least <= half < size:
                self._most[what] = half
                return
        self._leave(family, "has too little memory", problem)

    def _may_leave(self, family: Family) -> bool:
        with self._lock:
            return family is not self.family or self._on_cpu is not None

    def _leave(self, family: Family, why: str, problem: str) -> None:
        """Go on on the CPU; nothing changes where the model can't be loaded there."""
        # Not the lock of what is asked from windows, too: loading may take seconds.
        with self._leaving:
            if family is not self.family:
                return
            device = self.device or "the device"
            if self._on_cpu is None:
                raise OutOfMemoryError(
                    f"there is too little memory{_on(self.device)} for the least that can be "
                    f"asked of the model ({problem}); close what else uses it, take a smaller "
                    "model such as 'compact', or a smaller piece of the image"
                )
            try:
                loaded = self._on_cpu()
            except (OSError, ValueError, RuntimeError, MemoryError) as error:
                raise OutOfMemoryError(
                    f"{device} {why}, and the model can't be loaded on the CPU instead: {error}"
                ) from error
            note = f"{device} {why}; the CPU is used from now on, slower"
            with self._lock:
                self.family, self.device, self._on_cpu = loaded, "cpu", None
                self._most.clear()
                self._notes = {"device": _sentence(note)}
        self._say(note)

    def _tell(self, what: What, wanted: int, size: int) -> None:
        if size == wanted:
            return
        less = _LESS[what].format(size=size, wanted=wanted)
        note = f"memory{_on(self.device)} doesn't suffice: from now on {less}"
        with self._lock:
            self._notes[what] = _sentence(note)
        self._say(note)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that a device, or the computer, has no more memory."""
    if isinstance(error, OutOfMemoryError):
        # Everything was tried.
        return False
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(sign in text for sign in _SIGNS)


def lacks_operation(error: BaseException) -> bool:
    """Whether an exception says that Apple's devices can't compute something, as torch is set."""
    return isinstance(error, NotImplementedError) and _NO_OPERATION in str(error).lower()


def _half(size: int) -> int:
    return (size + 1) // 2


def _empty_caches() -> None:
    # What failed may hold on to itself, in a circle.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    _trim_heap()


def _trim_heap() -> None:
    """Give back what the C library keeps of what was freed; only that of Linux can be asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _on(device: str) -> str:
    return f" on {device}" if device else ""


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}."


def _nothing() -> bool:
    return False


def _warn(note: str) -> None:
    warnings.warn(note, MemoryWarning, stacklevel=2)
