"""The section of "Everything" that starts from what is there: boxes, objects, edges.

Whoever holds it connects the buttons.
"""

from __future__ import annotations

from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button, Section, check_box
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.layouts import column, row


class MoreSection(Section):
    """The section "Start from what is there"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Start from what is t&here", "Boxes or masks of a layer, objects that are committed"
        )
        self.layer = LayerChoice("Choose boxes or labels", parent)
        self.layer.setToolTip("Shapes, or Labels of any tool, whose objects are cut out anew")
        self.refine = Button(
            "&Refine", "Have the model cut out each shape, or each object, of the layer anew"
        )
        self.like = Button(
            "Find more like the s&elected",
            "Look for more of the kind of the selected label, or of the rows selected in Objects",
        )
        self.all_frames = check_box(
            "In all frames", "Also in the other frames, the nearest first; each is committed apart"
        )
        self.edges = Button("Ed&ge map", "Make an Image layer of the edges of this frame")
        line = row(self.layer, self.refine)
        line.setStretch(0, 1)
        content = QWidget()
        column(content, line, self.like, self.all_frames, self.edges)
        self.addWidget(content)
