"""Offers at the top of the widget: a sentence, and buttons to accept it or not.

What an earlier session left is offered by recovering.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button, small_label
from napari_cutout.widgets.layouts import column, group, row

if TYPE_CHECKING:
    from collections.abc import Callable


class Offer(QWidget):
    """A group that is seen only while something is offered.

    Parameters
    ----------
    title
        Of the group.
    accept, dismiss
        The buttons; each with its text and its tip.
    """

    def __init__(self, title: str, accept: tuple[str, str], dismiss: tuple[str, str]) -> None:
        super().__init__()
        self.text = small_label()
        self.text.setToolTip(title)
        self.accept, self.dismiss = Button(*accept), Button(*dismiss)
        self.accept.clicked.connect(self.hide)
        self.dismiss.clicked.connect(self.hide)
        column(self, group(title, self.text, row(self.accept, self.dismiss)))
        self.hide()

    def offer(self, text: str) -> None:
        """Show what is offered."""
        self.text.setText(text)
        self.show()


def widening_offer(widen: Callable[..., None]) -> Offer:
    """The offer to go on in labels that hold larger ids."""
    offer = Offer(
        "All ids are used",
        ("Larger ids", "Go on in a copy of the labels that holds larger ids"),
        ("Dismiss", "Leave the labels as they are"),
    )
    offer.accept.clicked.connect(widen)
    return offer


def coarser_offer(cut_coarser: Callable[..., None]) -> Offer:
    """The offer to cut an object that is too large in fewer pixels."""
    offer = Offer(
        "Too large an object",
        ("Coarser image", "Add the image with fewer pixels in the same place, and cut in that"),
        ("Dismiss", "Go on in the image as it is"),
    )
    offer.accept.clicked.connect(cut_coarser)
    return offer
