"""Asking the model: a frame is encoded when it is first needed, and the latest question wins.

How frames are made ready is in encoder.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.annotate.asking import is_ambiguous
from napari_cutout.layers.answers import Answer, Answers
from napari_cutout.layers.jobs import Job, Runner
from napari_cutout.layers.model import models
from napari_cutout.layers.model.encoder import Encoder
from napari_cutout.layers.model.once import Once
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari.layers import Image

    from napari_cutout.annotate import PromptState
    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.layers.model.embeddings import Encoded
    from napari_cutout.segment import Embedding, MaskOptions, Prompts, Segmenter, Window

    _Found = tuple[Answer, ...] | None
    """One an object; None where the pixels aren't those that were encoded any more."""


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

    def key(self) -> tuple[object, ...]:
        """The same for questions that have the same answers."""
        followed = tuple(self.answers.before(group) for group in self.groups)
        prompts = tuple(group.key() for group in self.groups)
        return self.source.key, self.options, prompts, *map(id, followed)


class Predictor(Encoder):
    """The model of a session, and what it is asked.

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
        Called instead when the pixels aren't any more those that were encoded; and when that is
        found after an answer was given, with True.
    say
        Called with what is going on, in words.
    loading
        How a model is loaded that is given by name or path.
    """

    def __init__(
        self,
        image: Image,
        model: str | Path | Segmenter,
        intensity: str,
        run: Runner,
        answered: Callable[[tuple[Answer, ...], Answers], None],
        changed: Callable[[bool], None],
        say: Callable[[str], None],
        loading: models.Loading = models.AUTO,
    ) -> None:
        self._answered, self._changed = weak_call(answered), weak_call(changed)
        self._request = 0
        self._question: Question | None = None
        self._anticipated: tuple[tuple[object, ...], Once[_Found]] | None = None
        super().__init__(image, model, intensity, run, say, loading)

    def cancel(self) -> None:
        """Drop what is under way; its result won't be used."""
        self._request += 1
        self._question = self._anticipated = None
        super().cancel()

    def ask(self, question: Question) -> None:
        """Ask for candidates; the answers go to ``answered``, now or later, or are dropped."""
        self._request += 1
        self._question = question
        encoded = self._embeddings.get(question.source.key)
        if encoded is None:
            self.encode(question.source)
        else:
            self._prefetch.stop()
            self._predict(encoded, self._question)

    def anticipate(self, question: Question) -> None:
        """Begin to answer what is about to be asked, if the frame is encoded; nothing says so."""
        encoded = self._embeddings.get(question.source.key)
        if encoded is None or self._segmenter is None:
            return
        self._prefetch.stop()
        once = Once(self._answering(encoded, question))
        self._anticipated = question.key(), once
        self._run(Job("ahead", "", once, _ignore, _ignore, lambda: None))

    def withdraw(self) -> None:
        """The latest question isn't of interest any more; an encoding goes on."""
        self._request += 1
        self._question = None
        self._prefetch.stop()

    def prefetch(self, sources: Iterable[FrameSource]) -> None:
        """As :meth:`.Encoder.prefetch`, unless an answer is waited for."""
        if self._question is None:
            super().prefetch(sources)

    def _on_encoded(self, encoded: Encoded) -> None:
        question = self._question
        if question is not None and question.source.key == encoded.source.key:
            self._predict(encoded, question, is_fresh=True)

    def _on_failed(self) -> None:
        self._question = None

    def _predict(self, encoded: Encoded, question: Question, is_fresh: bool = False) -> None:
        """Answer a question, unless the frame isn't what the embedding was made of any more."""
        request = self._request
        ahead, self._anticipated = self._anticipated, None
        if ahead is not None and ahead[0] == question.key():
            compute: Callable[[], _Found] = ahead[1]
        else:
            compute = self._answering(encoded, question, is_fresh)

        def deliver(answers: _Found) -> None:
            if request != self._request:
                return
            self._question = None
            if answers is None:
                self._changed(False)
                return
            windows = {answer.prediction.window for answer in answers}
            self._last = question.source.key, answers[-1].prediction.window
            self._answered(answers, question.answers)
            if not is_fresh and not question.source.is_in_memory:
                self._look(encoded, windows)

        count = len(question.groups)
        text = "Finding the object …" if count == 1 else f"Finding {count} objects …"
        self._start("predict", text, compute, deliver)

    def _look(self, encoded: Encoded, windows: set[Window]) -> None:
        """Read what was answered again, which may take longer than the answer."""

        def compute() -> bool:
            return encoded.changed_where_it_lies(windows)

        def deliver(is_changed: bool) -> None:
            if is_changed and self._embeddings.get(encoded.source.key) is encoded:
                self._changed(True)

        # What can't be read now is said when it is needed.
        self._run(Job("look", "", compute, deliver, _ignore, lambda: None))

    def _answering(
        self, encoded: Encoded, question: Question, is_fresh: bool = False
    ) -> Callable[[], _Found]:
        """What answers a question in any thread."""
        segmenter = self._segmenter
        assert segmenter is not None, "an embedding was made by a segmenter"
        known = {group: question.answers.find(group) for group in question.groups}
        asked = {
            group: question.answers.question(group, question.source)
            for group, answer in known.items()
            if answer is None
        }

        def compute() -> _Found:
            found = _answer(segmenter, encoded.embedding, asked, question.source)
            used = [answer.prediction.window for answer in found.values()]
            if not is_fresh and encoded.changed(used):
                return None
            answers = tuple(known[group] or found[group] for group in question.groups)
            for answer in answers:
                answer.crop(question.options)
            return answers

        return compute

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


def _ignore(_outcome: object) -> None:
    """What was anticipated is taken by who asks."""


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
