"""How everything is found, as it is chosen: the way, its options, what is done about known objects.

For one frame it is everything.py that goes this way, for all frames stacks/finding.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.everything import modes

if TYPE_CHECKING:
    from napari_cutout.layers.everything.modes import Mode
    from napari_cutout.layers.session import Session


class ChosenWay:
    """The way that is gone. What it is a part of has a session and tells of its options."""

    session: Session
    events: Any

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._mode: Mode | None = None
        self._options: dict[Mode, Any] = {mode: modes.default_options(mode) for mode in modes.MODES}

    @property
    def mode(self) -> Mode:
        """How everything is found; until one is chosen, the one that suits the model."""
        return modes.usual_mode(self.session) if self._mode is None else self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = modes.check_mode(mode)
        self.events.options()

    def why_not(self, mode: Mode) -> str:
        """Why the model can't go a way, in a sentence; empty where it can, or isn't loaded yet."""
        return modes.why_not(mode, self.session)

    @property
    def options(self) -> Any:
        """The options of the mode, a frozen dataclass. Each mode keeps its own."""
        return self._options[self.mode]

    @options.setter
    def options(self, options: object) -> None:
        mode = next((m for m, known in self._options.items() if type(known) is type(options)), None)
        if mode is None:
            kinds = ", ".join(type(known).__name__ for known in self._options.values())
            raise SessionError(f"options are one of {kinds}, not {type(options).__name__}")
        self._options[mode], self._mode = options, mode
        self.events.options()

    def set_options(self, **values: Any) -> None:
        """Change some options of the mode by name.

        Raises
        ------
        OptionError
            If a value is out of its range.
        """
        self._options[self.mode] = replace(self.options, **values)
        self.events.options()

    @property
    def known(self) -> str:
        """What is done about objects that the labels have already: see the options of the mode."""
        return str(self.options.known_objects)

    @known.setter
    def known(self, known: str) -> None:
        self.set_options(known_objects=known)

    @property
    def known_choices(self) -> tuple[str, ...]:
        """What the mode can do about them."""
        return modes.known_words(self.mode)
