"""What a person has given and not committed, as the journal keeps it, and as it is given again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cutout.annotate.log import log_prompts, prompts_of
from napari_cutout.formats.logs.log_entries import LoggedPrompts
from napari_cutout.formats.logs.uncommitted import Uncommitted

if TYPE_CHECKING:
    from napari_cutout.annotate import PromptState
    from napari_cutout.formats.logs.log_entries import ImageFacts
    from napari_cutout.layers.journal.touched import Touched
    from napari_cutout.layers.session import Session


@dataclass(frozen=True)
class Given:
    """The prompts of a session, and what they mean.

    Parameters
    ----------
    prompts
        Of all frames.
    rest
        All else, with no prompts in it.
    touched
        Previews that a brush was taken to.
    """

    prompts: PromptState
    rest: Uncommitted
    touched: tuple[Touched, ...] = ()

    def logged(self) -> Uncommitted | None:
        """As it is written; None where nothing was given."""
        if not len(self.prompts):
            return None
        now = datetime.now(UTC).isoformat()
        touched = tuple(one.logged() for one in self.touched)
        return replace(self.rest, prompts=log_prompts(self.prompts), time=now, touched=touched)


def given_in(session: Session, number: str, image: ImageFacts) -> Given:
    """What was given in a session, which ``number`` stands for."""
    rest = Uncommitted(
        number,
        image,
        LoggedPrompts(),
        session.mask_options,
        model=session._predictor.model_name,
        intensity=session.intensity,
        positive=session.polarity,
        group=session.group,
        separate=session.separate,
    )
    state, separate = session._state, session.separate
    return Given(state, rest, session._left_touches.touched(session._shown, state, separate))


def give_again(session: Session, left: Uncommitted) -> None:
    """Give a session the prompts that were left instead of those that it has, as one undo step.

    When they are answered, what a brush had made of that is shown.

    Raises
    ------
    FormatError
        If one of them is of no kind that is known.
    """
    session.separate = left.separate
    session.mask_options = left.options
    session.polarity = left.positive
    session.group = left.group
    session._sync()
    session._edit(prompts_of(left.prompts, session.image.ndim))
    session._left_touches.take(left.touched, session._state, left.separate)
    # The journal has seen the prompts, and not yet that.
    session._set_dirty()
