"""How controls are made: buttons with keys and icons, foldable sections, labels, bars.

What each control is for is said in the rooms that use these; how they lie, in layouts.py.
"""

from __future__ import annotations

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)
from superqt import QCollapsible

from napari_cutout.layers import KEYS
from napari_cutout.widgets import icons

KEY_TEXT = {key.action: key.text for key in KEYS}
"""The key of each action of a session, as people read it."""

_STEPPERS = 58

_OUTLINE = "#3d95cf"
"""Of what has the keyboard; it is told from the background of every theme."""

STYLE = f"""
QPushButton, QCheckBox {{ border: 1px solid transparent; }}
QPushButton:checked {{ border: 1px solid palette(mid); }}
QPushButton#fold {{ text-align: left; background: transparent; border-color: transparent; }}
QPushButton:focus, QCheckBox:focus, QComboBox:focus, QAbstractSpinBox:focus, QSlider:focus
{{ border: 1px solid {_OUTLINE}; }}
"""
"""napari's themes draw nothing around what has the keyboard."""


class Button(QPushButton):
    """A button that shows its key, and an icon that follows the theme.

    It takes no focus from the canvas when it is clicked.

    Parameters
    ----------
    text
        Empty for an icon alone.
    tip
        What it does, in a sentence without a full stop.
    action
        The session's action whose key is shown.
    icon
        A name of icons.py.
    shortcut
        A key of its own, in this window.
    """

    _icon = ""

    def __init__(
        self,
        text: str,
        tip: str,
        action: str = "",
        *,
        icon: str = "",
        checkable: bool = False,
        shortcut: str = "",
    ) -> None:
        super().__init__(with_key(text, action))
        self._icon = icon
        self.setToolTip(_tip(tip, KEY_TEXT.get(action, shortcut)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(checkable)
        self.setIconSize(QSize(18, 18))
        if shortcut:
            self.setShortcut(shortcut)
        self._draw_icon()

    def set_icon(self, name: str) -> None:
        """Show another icon of icons.py."""
        self._icon = name
        self._draw_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon anew in another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._draw_icon()

    def _draw_icon(self) -> None:
        if self._icon:
            # Also what is disabled now: Qt pales icons by itself.
            active, text = QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText
            self.setIcon(icons.icon(self._icon, self.palette().color(active, text)))


class Section(QCollapsible):
    """A part of the widget that is folded away until its title is clicked.

    Parameters
    ----------
    title
        With a mnemonic.
    tip
        What is in it.
    """

    def __init__(self, title: str, tip: str) -> None:
        super().__init__(title)
        self.setDuration(120)
        button = self.toggleButton()
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # superqt's own style would take away the sign of the focus.
        button.setObjectName("fold")
        button.setStyleSheet("")
        self.layout().setContentsMargins(0, 0, 0, 0)
        self.layout().setSpacing(0)
        self.content().layout().setContentsMargins(4, 4, 0, 0)
        self._draw_icons()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the arrows anew in another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._draw_icons()

    def _draw_icons(self) -> None:
        active, text = QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText
        color = self.palette().color(active, text)
        self.setExpandedIcon(icons.icon("unfolded", color))
        self.setCollapsedIcon(icons.icon("folded", color))


def with_key(text: str, action: str) -> str:
    """A text with the key of an action behind it."""
    return f"{text}  [{KEY_TEXT[action]}]" if action else text


def check_box(text: str, tip: str, action: str = "") -> QCheckBox:
    """A check box that shows its key."""
    box = QCheckBox(with_key(text, action))
    box.setToolTip(_tip(tip, KEY_TEXT.get(action, "")))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return box


def small_label() -> QLabel:
    """A label for what is said beside, over several lines."""
    label = QLabel()
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return label


def keep_lines(label: QLabel, lines: int) -> None:
    """Keep room for so many lines, so that nothing moves when the text changes."""
    label.setMinimumHeight(lines * label.fontMetrics().lineSpacing() + 4)


def keep_room(part: QWidget) -> None:
    """Keep a part's room while it is hidden.

    Where a dock grows or shrinks napari paints the canvas at once, while we wait.
    """
    policy = part.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    part.setSizePolicy(policy)


def progress_bar(tip: str) -> QProgressBar:
    """A slim bar without a number."""
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setMaximumHeight(12)
    bar.setToolTip(tip)
    bar.setAccessibleName("Progress")
    return bar


def number_width(box: QAbstractSpinBox, longest: str) -> None:
    """Make a spin box as wide as its longest text; themes ask for much more."""
    box.setFixedWidth(box.fontMetrics().horizontalAdvance(longest) + _STEPPERS)


def _tip(tip: str, key: str) -> str:
    return f"{tip} (key {key})" if key else tip
