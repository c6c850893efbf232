"""The keys of a session: which there are, binding them, and putting back what they replaced.

A layer's own keys come before the viewer's (S and T mean something to Points and Shapes), so they
are bound on our layers and on the viewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.layers.watching import Watching


@dataclass(frozen=True)
class Key:
    """A key of a session.

    Parameters
    ----------
    action
        The session's method.
    binding
        As napari spells it.
    text
        As people read it.
    everywhere
        Whether it is bound on the target labels too, where letters keep napari's meaning.
    held
        Whether letting go of the key, held for longer than a tap, does it once more.
    """

    action: str
    binding: str
    text: str
    everywhere: bool = False
    held: bool = False


KEYS = (
    Key("update", "S", "S"),
    Key("commit", "C", "C"),
    Key("toggle_polarity", "T", "T"),
    Key("clear", "Shift-C", "Shift+C"),
    Key("next_candidate", "N", "N"),
    Key("toggle_hovering", "H", "H", held=True),
    Key("toggle_same_object", "K", "K"),
    Key("review_next", "J", "J"),
    Key("review_previous", "Q", "Q"),
    Key("review_accept", "G", "G"),
    Key("review_reject", "W", "W"),
    Key("review_correct", "U", "U"),
    Key("undo", "Control-Z", "Ctrl+Z", everywhere=True),
    Key("redo", "Control-Shift-Z", "Ctrl+Shift+Z", everywhere=True),
)

Report = Callable[[Exception], None]


class KeyBindings:
    """The keys of a session, bound until closed.

    Parameters
    ----------
    session
        Held weakly: a binding keeps nothing alive.
    report
        Takes what an action raises on bad input; without it, napari does.
    """

    def __init__(self, session: Watching, report: Report | None = None) -> None:
        self._session = ref(session)
        self._report = None if report is None else weak_call(report)
        self._bound: list[tuple[Any, str, _Binding]] = []

    def bind(self, providers: Iterable[Any], everywhere_only: bool = False) -> None:
        """Bind on layers or viewers; one that has them already is left alone."""
        for provider in providers:
            if any(provider == known for known, *_ in self._bound):
                continue
            for key in KEYS:
                if key.everywhere or not everywhere_only:
                    binding = _Binding(key, ref(self))
                    binding.replaced = provider.bind_key(key.binding, binding, overwrite=True)
                    self._bound.append((provider, key.binding, binding))

    def release(self, provider: Any) -> None:
        """Put back what was replaced on one of them."""
        for entry in [entry for entry in self._bound if entry[0] == provider]:
            _put_back(*entry)
            self._bound.remove(entry)

    def close(self) -> None:
        """Put back what was replaced on all of them."""
        for entry in self._bound:
            _put_back(*entry)
        self._bound.clear()

    def press(self, action: str) -> None:
        """Do what a key is for."""
        session = self._session()
        if session is None or session.is_closed:
            return
        try:
            getattr(session, action)()
        except (ValueError, RuntimeError, OSError) as error:
            if self._report is None:
                raise
            self._report(error)


class _Binding:
    """What a key calls. It knows what it replaced, so that sessions may close in any order."""

    def __init__(self, key: Key, owner: ref[KeyBindings]) -> None:
        self.__name__ = key.action
        self.__doc__ = f"Cut out: {key.action.replace('_', ' ')}."
        self.action, self.held, self.owner = key.action, key.held, owner
        self.replaced: Any = None
        self.released = False

    def __call__(self, _provider: Any) -> Callable[[], None] | None:
        """Napari calls what is returned when the key is let go after being held."""
        self._press()
        return self._press if self.held else None

    def _press(self) -> None:
        owner = self.owner()
        if owner is not None:
            owner.press(self.action)


def _put_back(provider: Any, key: str, binding: _Binding) -> None:
    binding.released = True
    current = provider.bind_key(key, None)
    if current is None:
        return
    while isinstance(current, _Binding) and current.released:
        current = current.replaced
    if current is not None:
        provider.bind_key(key, current)
