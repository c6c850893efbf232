"""What a person has given and not committed, as the journal keeps it, and as it is given again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cutout.annotate.log import log_prompts, prompts_of
from napari_cutout.formats.log_entries import LoggedPrompts
from napari_cutout.formats.uncommitted import Uncommitted

if TYPE_CHECKING:
    from napari_cutout.annotate import PromptState
    from napari_cutout.formats.log_entries import ImageFacts
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
    """

    prompts: PromptState
    rest: Uncommitted

    def logged(self) -> Uncommitted | None:
        """As it is written; None where nothing was given."""
        if not len(self.prompts):
            return None
        now = datetime.now(UTC).isoformat()
        return replace(self.rest, prompts=log_prompts(self.prompts), time=now)


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
    return Given(session._state, rest)


def give_again(session: Session, left: Uncommitted) -> None:
    """Give a session the prompts that were left instead of those that it has, as one undo step.

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
