"""How controls lie: side by side, below each other, in a form, in a group with a title.

What is laid out is made in controls.py and in the rooms that use both.
"""

from __future__ import annotations

from qtpy.QtWidgets import (
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QVBoxLayout,
    QWidget,
)


def group(title: str, *parts: QWidget | QLayout) -> QGroupBox:
    """A group with a title: what it holds lies below each other."""
    box = QGroupBox(title)
    inside = QVBoxLayout(box)
    inside.setContentsMargins(6, 8, 6, 5)
    inside.setSpacing(5)
    for part in parts:
        add(inside, part)
    return box


def row(*controls: QWidget | QLayout | None) -> QHBoxLayout:
    """Controls side by side; None is room that stretches."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(6)
    for control in controls:
        if control is None:
            line.addStretch(1)
        else:
            add(line, control)
    return line


def named(text: str, control: QWidget) -> QHBoxLayout:
    """A control behind its name, in all the room that there is."""
    label = QLabel(text)
    label.setBuddy(control)
    line = row(label, control)
    line.setStretch(1, 1)
    return line


def column(whole: QWidget, *parts: QWidget | QLayout, spacing: int = 4) -> QVBoxLayout:
    """Lay out what a widget holds below each other, without a margin."""
    inside = QVBoxLayout(whole)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(spacing)
    for part in parts:
        add(inside, part)
    return inside


def form(*lines: QWidget | tuple[str | QLabel, QWidget | QLayout]) -> QFormLayout:
    """Controls below each other, with a title or over the whole width."""
    whole = QFormLayout()
    whole.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setVerticalSpacing(4)
    for line in lines:
        if isinstance(line, tuple):
            whole.addRow(*line)
        else:
            whole.addRow(line)
    return whole


def add(layout: QHBoxLayout | QVBoxLayout, part: QWidget | QLayout) -> None:
    """Add a control, or what was laid out already."""
    if isinstance(part, QLayout):
        layout.addLayout(part)
    else:
        layout.addWidget(part)
