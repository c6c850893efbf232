"""Asking the model: a frame is encoded when it is first needed, and the latest question wins.

All that takes time is handed to a runner as a job that touches arrays only. No layer is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.layers import mapping, models
from napari_cutout.layers.answers import Answer, Answers, is_ambiguous
from napari_cutout.layers.jobs import Job, Runner
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image

    from napari_cutout.annotate import PromptState
    from napari_cutout.layers.frames import FrameSource
    from napari_cutout.segment import Embedding, IntensityMapping, MaskOptions, Prompts, Segmenter

_EMBEDDINGS = 8
_PIXELS = 1 << 27
"""Frames whose pixels are kept: at most so many, and pixels in all."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked about a frame.

    Parameters
    ----------
    groups
        The prompts of each object.
    source
        The frame.
    answers
        The answers so far; the new ones are fed with them.
    options
        How masks are going to be made of the answers.
    """

    groups: tuple[PromptState, ...]
    source: FrameSource
    answers: Answers
    options: MaskOptions


@dataclass(frozen=True, eq=False)
class _Encoded:
    embedding: Embedding
    fingerprint: bytes | None
    """Of the pixels that it was made of, see :meth:`.FrameSource.fingerprint`."""


class Predictor:
    """The model of a session, and the embeddings of its image.

    Parameters
    ----------
    image
        Whose frames are asked about.
    model
        A segmenter, or the name or path of one: it is loaded with the first encoding.
    intensity
        Name of the intensity mapping, see :mod:`.mapping`.
    run
        Takes the jobs.
    answered
        Called with the answers to the latest question, one an object.
    changed
        Called instead when the pixels aren't any more those that were encoded.
    say
        Called with what is going on, in words.
    """

    def __init__(
        self,
        image: Image,
        model: str | Path | Segmenter,
        intensity: str,
        run: Runner,
        answered: Callable[[tuple[Answer, ...], Answers], None],
        changed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._image, self._run = image, run
        # A job under way keeps this alive, but not its session.
        self._answered, self._changed = weak_call(answered), weak_call(changed)
        self._say = weak_call(say)
        self._segmenter: Segmenter | None = None
        self._embeddings: dict[object, _Encoded] = {}
        self._encoding: set[object] = set()
        self._request = 0
        self._question: Question | None = None
        self._mapping: IntensityMapping | None = None
        self.model = model
        self.intensity = intensity

    @property
    def model(self) -> str | Path | Segmenter:
        """What was asked for."""
        return self._model

    @model.setter
    def model(self, model: str | Path | Segmenter) -> None:
        self._model = model
        self._segmenter = models.loaded(model)
        self.forget()

    @property
    def segmenter(self) -> Segmenter | None:
        """The model once it is loaded."""
        return self._segmenter

    @property
    def model_name(self) -> str:
        """In words."""
        if isinstance(self._model, str | Path):
            return Path(self._model).name if isinstance(self._model, Path) else self._model
        return self._model.name

    @property
    def intensity(self) -> str:
        """Name of the intensity mapping."""
        return self._intensity

    @intensity.setter
    def intensity(self, name: str) -> None:
        self._intensity = mapping.check_name(name)
        low, high = self._image.contrast_limits
        self._limits = (float(low), float(high))
        self.forget()

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
        self._mapping = None

    def cancel(self) -> None:
        """Drop what is under way; its result won't be used."""
        self._request += 1
        self._question = None
        self._encoding = set()

    def ask(self, question: Question) -> None:
        """Ask for candidates; the answers go to ``answered``, now or later, or are dropped."""
        self._request += 1
        self._question = question
        encoded = self._embeddings.get(question.source.key)
        if encoded is None:
            self.encode(question.source)
        else:
            self._predict(encoded.embedding, self._question, encoded.fingerprint)

    def withdraw(self) -> None:
        """The latest question isn't of interest any more; an encoding goes on."""
        self._request += 1
        self._question = None

    def encode(self, source: FrameSource) -> None:
        """Make a frame ready, unless it is, or is about to be."""
        if source.key in self._embeddings or source.key in self._encoding:
            return
        under_way = self._encoding
        under_way.add(source.key)
        model, known, limits = self._segmenter or self._model, self._mapping, self._limits
        image, name = self._image, mapping.check_name(self._intensity)

        def compute() -> tuple[Segmenter, IntensityMapping, _Encoded]:
            segmenter = models.load(model)
            chosen = known or mapping.resolve(name, image, source.index, limits)
            pixels = source.read()
            embedding = segmenter.encode(pixels, chosen)
            return segmenter, chosen, _Encoded(embedding, source.fingerprint(pixels))

        def deliver(result: tuple[Segmenter, IntensityMapping, _Encoded]) -> None:
            if source.key not in under_way or under_way is not self._encoding:
                return
            under_way.discard(source.key)
            self._segmenter, resolved, encoded = result
            if name != "percentile":
                self._mapping = resolved
            self._keep(source.key, encoded)
            notes = self._segmenter.info.notes
            self._say(" ".join((*notes, "Ready. Click inside an object, or draw a box around it.")))
            question = self._question
            if question is not None and question.source.key == source.key:
                self._predict(encoded.embedding, question)

        self._start("encode", _encoding_text(source), compute, deliver, under_way, source.key)

    def _predict(
        self, embedding: Embedding, question: Question, made_of: bytes | None = None
    ) -> None:
        """Answer a question, unless the frame isn't what the embedding was made of any more."""
        request, segmenter = self._request, self._segmenter
        assert segmenter is not None, "an embedding was made by a segmenter"
        known = {group: question.answers.find(group) for group in question.groups}
        asked = {
            group: question.answers.question(group, question.source)
            for group, answer in known.items()
            if answer is None
        }

        def compute() -> tuple[Answer, ...] | None:
            if made_of is not None and question.source.fingerprint() != made_of:
                return None
            found = _answer(segmenter, embedding, asked, question.source)
            answers = tuple(known[group] or found[group] for group in question.groups)
            for answer in answers:
                answer.crop(question.options)
            return answers

        def deliver(answers: tuple[Answer, ...] | None) -> None:
            if request != self._request:
                return
            self._question = None
            if answers is None:
                self._changed()
            else:
                self._answered(answers, question.answers)

        text = "Finding the object …" if len(known) == 1 else f"Finding {len(known)} objects …"
        self._start("predict", text, compute, deliver)

    def hover(
        self, question: Question, show: Callable[[Answer], None], failed: Callable[[], None]
    ) -> None:
        """Ask what would be cut out, apart from any other question; nothing says so.

        Parameters
        ----------
        question
            With the prompts of one object.
        show
            Takes the answer, unless the frame isn't encoded.
        failed
            Called when there is none.
        """
        encoded, segmenter = self._embeddings.get(question.source.key), self._segmenter
        if encoded is None or segmenter is None:
            failed()
            return
        prompts = question.groups[0]
        asked = {prompts: question.answers.question(prompts, question.source)}

        def compute() -> Answer:
            answer = _answer(segmenter, encoded.embedding, asked, question.source)[prompts]
            answer.crop(question.options)
            return answer

        self._run(Job("hover", "", compute, show, lambda _error: failed(), failed))

    def _start(
        self,
        kind: Any,
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
            self._question = None
            self._say(str(error))

        self._say(text)
        self._run(Job(kind, text, compute, deliver, fail, drop))

    def _keep(self, key: object, encoded: _Encoded) -> None:
        self._embeddings[key] = encoded
        while len(self._embeddings) > 1 and (
            len(self._embeddings) > _EMBEDDINGS
            or sum(kept.embedding.pixels.size for kept in self._embeddings.values()) > 3 * _PIXELS
        ):
            self._embeddings.pop(next(iter(self._embeddings)))


def _answer(
    segmenter: Segmenter,
    embedding: Embedding,
    asked: dict[PromptState, Prompts],
    source: FrameSource,
) -> dict[PromptState, Answer]:
    """All answers, those that offer three candidates in one batch and the others in another."""
    answers = {}
    for several in (True, False):
        batch = [group for group in asked if is_ambiguous(group) == several]
        if batch:
            found = segmenter.predict(embedding, [asked[group] for group in batch], several)
            for group, prediction in zip(batch, found, strict=True):
                answers[group] = Answer(group, prediction, source)
    return answers


def _encoding_text(source: FrameSource) -> str:
    position = ", ".join(str(at) for at in source.index if at is not None)
    size = " x ".join(str(length) for length in source.shape)
    return f"Encoding frame {position} ({size}) …" if position else f"Encoding the image ({size}) …"
