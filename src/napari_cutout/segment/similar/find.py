"""More objects like one or a few: places of the same kind are prompted, and the answers ranked.

What the kind is, is in kind.py; the search in one window, in search.py; how answers
are ranked, in ranking.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.automatic.progress import Progress
from napari_cutout.segment.choice import EXTENT_SHARE
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.similar.options import SimilarOptions
from napari_cutout.segment.similar.ranking import SimilarObject, without_doubles
from napari_cutout.segment.similar.search import Search
from napari_cutout.segment.windows import sides, tiles, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.similar.kind import Kind
    from napari_cutout.segment.windows import Window

_PARTS = 100
"""Steps of progress that a window counts for."""

_OVERLAP = 1.5
"""How much windows have in common, in sizes of an object: one of them shows it whole."""


def find_similar(
    segmenter: Segmenter,
    embedding: Embedding,
    kind: Kind,
    options: SimilarOptions | None = None,
    *,
    known: Any = None,
) -> Iterator[Progress]:
    """Find the rest of a kind in a frame, step by step.

    Stop asking between two steps, and what was found stays: see :class:`.Gathered`.

    Parameters
    ----------
    segmenter
        The model that learned the kind.
    embedding
        Of the frame; it may be another one than the examples are in.
    kind
        Of :func:`.learn_kind`.
    options
        What counts as one of it.
    known
        Labels ``(rows, cols)`` that are in the frame already, the examples too; 0 is none.
        Nothing that is there is found again. Any array that takes slices.

    Yields
    ------
    Progress
        Its objects are :class:`.SimilarObject`, each report's best first.

    Raises
    ------
    PromptError
        If another model learned the kind, or ``known`` doesn't fit the frame.

    Notes
    -----
    Feature vectors under the examples' masks say what is looked for, as in PerSAM, which
    takes one place of one image; here every peak of the similarity is a prompt, apart by the size
    of the examples, and all three candidates of each are ranked. What is compared are differences
    from the mean of the examples' frame: otherwise what all pixels have in common hides the rest.

    References
    ----------
    Zhang et al., "Personalize Segment Anything Model with One Shot", 2023.
    https://arxiv.org/abs/2305.03048

    Examples
    --------
    >>> from napari_cutout import Prompts, Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> from napari_cutout.segment import learn_kind
    >>> from napari_cutout.segment.automatic.progress import gather
    >>> segmenter = Segmenter("compact")
    >>> embedding = segmenter.encode(fluorescence()[120:320, 330:530])
    >>> example = segmenter.predict(embedding, Prompts(points=[[73, 82]])).crop(0)
    >>> kind = learn_kind(segmenter, embedding, [example])
    >>> len(gather(find_similar(segmenter, embedding, kind), embedding.shape)) > 1
    True
    """
    options = SimilarOptions() if options is None else options
    _check(kind, segmenter, embedding, known)
    places = windows_for(kind, embedding)
    total, settled = len(places) * _PARTS, list[SimilarObject]()
    for number, window in enumerate(places):
        labels = None if known is None else np.asarray(known[window.slices])
        search = Search(
            segmenter, embedding, window, kind, options, labels, drop_cut=len(places) > 1
        )
        for share in search.steps():
            new = without_doubles(search.objects, settled, options.max_overlap)
            yield Progress(int((number + share) * _PARTS), total, tentative=new)
        new = without_doubles(search.objects, settled, options.max_overlap)
        settled.extend(new)
        yield Progress((number + 1) * _PARTS, total, new)


def windows_for(kind: Kind, embedding: Embedding) -> list[Window]:
    """The windows that a frame is looked through for a kind: of a size that suits its objects."""
    if embedding.window is not None:
        return [embedding.window]
    largest = float(kind.sizes.max())
    for side in sides(embedding.shape, embedding.input_size):
        if largest <= EXTENT_SHARE * side:
            overlap = min(int(_OVERLAP * largest) + 1, side - 1)
            return list(tiles(embedding.shape, side, overlap))
    return [whole(embedding.shape)]


def _check(kind: Kind, segmenter: Segmenter, embedding: Embedding, known: Any) -> None:
    if kind.fingerprint != segmenter.fingerprint:
        raise PromptError(
            f"the kind was learned with another model than {segmenter.name}; learn it again with "
            "learn_kind"
        )
    if known is not None and tuple(known.shape) != embedding.shape:
        raise PromptError(
            f"the known labels have shape {tuple(known.shape)}, the frame has {embedding.shape}; "
            "give labels of the frame's size"
        )
