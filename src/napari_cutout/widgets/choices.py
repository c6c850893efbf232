"""Combo boxes of words: how they are made and shown.

Which words there are is said in the rooms that use these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox

if TYPE_CHECKING:
    from collections.abc import Mapping


def choice(texts: Mapping[str, tuple[str, str]], tip: str, letters: int = 10) -> QComboBox:
    """A combo box of words.

    Parameters
    ----------
    texts
        By the name that stands for it: what it says, and its tooltip.
    tip
        What is chosen.
    letters
        As many as are always seen, however long the words are; 0 for all of them.
    """
    box = QComboBox()
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if letters:
        box.setMinimumContentsLength(letters)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for place, (name, (text, about)) in enumerate(texts.items()):
        box.addItem(text, name)
        box.setItemData(place, about, Qt.ItemDataRole.ToolTipRole)
    return box


def choose(box: QComboBox, name: str) -> None:
    """Choose an entry; nobody is told."""
    place = box.findData(name)
    if place != box.currentIndex():
        box.blockSignals(True)
        box.setCurrentIndex(place)
        box.blockSignals(False)


def allow(box: QComboBox, place: int, on: bool, tip: str) -> None:
    """Let an entry be chosen or not, and say why."""
    item = box.model().item(place)
    item.setEnabled(on)
    item.setToolTip(tip)
