"""Making frames ready to be asked about: the model of a session, and the embeddings of its image.

All that takes time is handed to a runner as a job that touches arrays only. No layer is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.jobs import Job, Runner
from napari_cutout.layers.model import embeddings, models
from napari_cutout.layers.model.embeddings import Embeddings, Encoded
from napari_cutout.layers.model.equipping import Equipping
from napari_cutout.layers.model.prefetch import Prefetch, windows_ahead
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari.layers import Image

    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.layers.jobs import JobKind
    from napari_cutout.layers.model.prefetch import Work
    from napari_cutout.segment import EmbeddingStore, IntensityMapping, Segmenter, Window

    Made = tuple[Segmenter, IntensityMapping | None, Encoded]


class Encoder(Equipping):
    """The model of a session, and the embeddings of its image. See :class:`.Predictor`.

    Parameters
    ----------
    image
        Whose frames are encoded.
    model
        A segmenter, or the name or path of one: it is loaded with the first encoding.
    intensity
        Name of the intensity mapping, see :mod:`.mapping`.
    run
        Takes the jobs.
    say
        Called with what is going on, in words.
    loading
        How a model is loaded that is given by name or path.

    Attributes
    ----------
    store
        Where feature maps of frames that are encoded from now on are kept besides; None for in
        memory only.
    """

    def __init__(
        self,
        image: Image,
        model: str | Path | Segmenter,
        intensity: str,
        run: Runner,
        say: Callable[[str], None],
        loading: models.Loading = models.AUTO,
    ) -> None:
        self._run = run
        # A job under way keeps this alive, but not its session.
        self._say = weak_call(say)
        self._embeddings = Embeddings()
        self._encoding: set[object] = set()
        self._prefetch = Prefetch(run)
        self._last: tuple[object, Window] | None = None
        self.store: EmbeddingStore | None = None
        super().__init__(image, model, intensity, loading)

    @property
    def is_encoding(self) -> bool:
        """Whether a frame is being encoded."""
        return bool(self._encoding)

    def is_encoded(self, source: FrameSource) -> bool:
        """Whether a frame can be asked about at once."""
        return source.key in self._embeddings

    def forget(self) -> None:
        """The image, its pixels or the model changed: nothing known holds any more."""
        self.cancel()
        self._embeddings.clear()
        super().forget()

    def cancel(self) -> None:
        """Drop what is under way; its result won't be used."""
        self._encoding = set()
        self._prefetch.stop()

    def encode(self, source: FrameSource) -> None:
        """Make a frame ready, unless it is, or is about to be."""
        if source.key in self._embeddings or source.key in self._encoding:
            return
        self._prefetch.stop()
        under_way = self._encoding
        under_way.add(source.key)
        name, compute = self._intensity, self._making(source)

        def deliver(made: Made) -> None:
            if source.key not in under_way or under_way is not self._encoding:
                return
            under_way.discard(source.key)
            encoded = self._take(name, made)
            assert self._segmenter is not None, "it was just taken"
            notes = self._segmenter.info.notes
            self._say(" ".join((*notes, "Ready. Click inside an object, or draw a box around it.")))
            self._on_encoded(encoded)

        self._start("encode", _encoding_text(source), compute, deliver, under_way, source.key)

    def preparing(self, source: FrameSource) -> tuple[Callable[[], Made], Callable[[Made], None]]:
        """What makes a frame ready in any thread, and what keeps it afterwards for other askers.

        A frame that is ready already, and whose pixels didn't change, is taken as it is.
        """
        encoded, era, name = self._embeddings.get(source.key), self._encoding, self._intensity
        make, segmenter = self._making(source), self._segmenter

        def compute() -> Made:
            if encoded is None or segmenter is None or encoded.changed(()):
                return make()
            return segmenter, None, encoded

        def keep(made: Made) -> None:
            if era is self._encoding and made[2] is not encoded:
                self._take(name, made)

        return compute, keep

    def prefetch(self, sources: Iterable[FrameSource]) -> None:
        """Make frames ready that may be asked about next, one job each, until anything is asked.

        Parameters
        ----------
        sources
            In the order in which they are wanted. Of one that is ready already, the window around
            that of the last answer is encoded.
        """
        if not self._encoding:
            self._prefetch.start(sources, self._ahead)

    def _making(self, source: FrameSource) -> Callable[[], Made]:
        """What makes a frame ready, in any thread."""
        find, store = self._equipped(source), self.store

        def make() -> Made:
            segmenter, chosen = find()
            return segmenter, chosen, embeddings.encode(source, segmenter, chosen, store)

        return make

    def _take(self, name: str, made: Made) -> Encoded:
        """Keep what was made, of an intensity mapping of that name."""
        segmenter, resolved, encoded = made
        self._keep(name, segmenter, resolved, encoded.source.channels)
        self._embeddings.keep(encoded)
        return encoded

    def _ahead(self, source: FrameSource) -> Work | None:
        """What is worth doing for a frame before it is asked about."""
        encoded, era, name = self._embeddings.get(source.key), self._encoding, self._intensity
        key, last = self._last or (None, None)
        make, segmenter = self._making(source), self._segmenter
        if encoded is not None and not windows_ahead(encoded.embedding, last, key == source.key):
            return None

        def compute() -> Made:
            made = make() if encoded is None or segmenter is None else (segmenter, None, encoded)
            for window in windows_ahead(made[2].embedding, last, key == source.key):
                made[0].prepare(made[2].embedding, window)
            return made

        def keep(made: Made) -> None:
            if era is self._encoding and made[2] is not encoded:
                self._take(name, made)

        return compute, keep

    def _on_encoded(self, encoded: Encoded) -> None:
        """A frame is ready."""

    def _on_failed(self) -> None:
        """What was asked for can't be done."""

    def _start(
        self,
        kind: JobKind,
        text: str,
        compute: Callable[[], Any],
        deliver: Callable[[Any], None],
        under_way: set[object] | None = None,
        key: object = None,
    ) -> None:
        def drop() -> None:
            if under_way is not None:
                under_way.discard(key)

        def fail(error: Exception) -> None:
            drop()
            self._on_failed()
            self._say(str(error))

        self._say(text)
        self._run(Job(kind, text, compute, deliver, fail, drop))


def _encoding_text(source: FrameSource) -> str:
    position = ", ".join(str(at) for at in source.index if at is not None)
    size = " x ".join(str(length) for length in source.shape)
    return f"Encoding frame {position} ({size}) …" if position else f"Encoding the image ({size}) …"
