"""The way of the Tab key to controls that are made later than those around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable


def tab_after(before: QWidget, controls: Iterable[QWidget]) -> None:
    """Have the Tab key go from a control to others in their order, and then on as it did."""
    for control in controls:
        QWidget.setTabOrder(before, control)
        before = control


def tab_before(after: QWidget, controls: Iterable[QWidget]) -> None:
    """Have the Tab key come to some controls, in their order, before it comes to another."""
    before = after.previousInFocusChain()
    # Behind a widget that only holds others would be behind the last of them.
    while before is not after and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = before.previousInFocusChain()
    tab_after(before, controls)
