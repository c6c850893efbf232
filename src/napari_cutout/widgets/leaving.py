"""Asking before an image goes whose prompts aren't committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.layers import Session


def may_leave(
    parent: QWidget, session: Session | None, report: Callable[[Exception], None]
) -> bool:
    """Ask what to do with prompts that aren't committed, where there are any.

    Parameters
    ----------
    parent
        Over which it is asked.
    session
        Whose image would go; None for none.
    report
        Takes what keeps the preview from being committed.

    Returns
    -------
    bool
        Whether the image may go; the preview is committed if the person wants that.
    """
    if session is None or session.is_closed or not session.has_prompts:
        return True
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.question(
        parent,
        "The preview isn't committed",
        "There are prompts that aren't committed. Commit the preview before you go on?",
        buttons.Yes | buttons.No | buttons.Cancel,
        buttons.Yes,
    )
    if answer != buttons.Yes:
        return answer == buttons.No
    try:
        session.commit()
    except (ValueError, RuntimeError) as error:
        report(error)
        return False
    return True
