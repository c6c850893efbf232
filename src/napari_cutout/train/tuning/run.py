"""A run: what is encoded, the steps, when it is judged and saved, and when it ends."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.examples import MEMORY, Shelf
from napari_cutout.train.tuning.files import read_state, state_path, write_model, write_state
from napari_cutout.train.tuning.gathering import chosen_frames, gather
from napari_cutout.train.tuning.judging import Judge
from napari_cutout.train.tuning.learner import Learner
from napari_cutout.train.tuning.lessons import Lessons
from napari_cutout.train.tuning.parts import learns_to_encode
from napari_cutout.train.tuning.progress import Stage, TuningProgress
from napari_cutout.train.tuning.provenance import identity, provenance
from napari_cutout.train.tuning.remembering import known_frames
from napari_cutout.train.tuning.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.planning import Decided
    from napari_cutout.train.tuning.progress import TuningSample

_SAVE_SECONDS = 60.0
_KNOWN_VIEWS_COMPACT = 6


class Run:
    """What is going on in :func:`.fine_tune`.

    Parameters
    ----------
    decided
        What to do.
    out
        Where the weights go.
    options
        As they were given.
    """

    def __init__(self, decided: Decided, out: Path, options: TuningOptions) -> None:
        self._decided, self._out, self._options = decided, out, options
        self._saved = read_state(state_path(out), identity(decided, options))
        model, encodes = decided.parent.model, learns_to_encode(decided.what)
        self._learner = Learner(model, decided.what, decided.amounts.steps, options, decided.device)
        self._shelf = Shelf(out.with_suffix(".examples"), MEMORY)
        self._known = Shelf(out.with_suffix(".known"), MEMORY // 4)
        self._judge: Judge | None = None
        if decided.validation_summary.frames:
            frames = decided.validation_summary.frames
            self._judge = Judge(
                decided.validation, frames, model, options.seed, keeps_embeddings=not encodes
            )
        self._standing = Standing()
        self._elapsed = 0.0
        self._started: float | None = None
        self._is_written = self._is_done = False
        self._told: list[str] = []
        if self._saved is not None:
            self._restore(self._saved)

    def encode(self) -> Iterator[TuningProgress]:
        """Make all that is learned from."""
        decided, options = self._decided, self._options
        model, much = decided.parent.model, decided.amounts
        encodes = learns_to_encode(decided.what)
        total = much.frames * much.views_of_a_frame
        frames = chosen_frames(
            decided.data.frames(), decided.summary.frames, much.frames, options.seed
        )
        with self._learner.original_weights():
            if options.remember:
                yield self._progress("encoding", 0, total)
                count = _KNOWN_VIEWS_COMPACT if model.info.family == "compact" else 1
                for _ in gather(
                    self._known,
                    known_frames(model),
                    model,
                    replace(much, views_of_a_frame=count),
                    options.seed,
                    keep_features=True,
                    keep_pixels=encodes,
                    may_be_empty=True,
                ):
                    yield self._progress("encoding", 0, total)
            started = time.monotonic()
            for done in gather(
                self._shelf,
                frames,
                model,
                much,
                options.seed,
                keep_features=not encodes,
                keep_pixels=encodes,
            ):
                left = (time.monotonic() - started) / done * (total - done)
                yield self._progress("encoding", done, total, seconds_left=left)

    def train(self) -> Iterator[TuningProgress]:
        """All steps, with a validation now and then."""
        learner, much = self._learner, self._decided.amounts
        if self._standing.before is None and self._judge is not None:
            found: list[float] = []
            yield from self._validated(found)
            self._standing.before = _mean(found)
            yield replace(self._progress("validating"), validation_iou=self._standing.before)
        self._started, first = time.monotonic(), learner.step
        saved = time.monotonic()
        if self._is_due():
            yield from self._judged()
        lessons = Lessons(
            self._shelf, self._known, self._decided.parent.model, self._options
        ).from_step(first, much.steps)
        for lesson in lessons:
            if self._standing.reason_to_stop(self._options, self._seconds()):
                break
            loss, message = learner.learn(lesson)
            left = (time.monotonic() - self._started) / (learner.step - first)
            left *= much.steps - learner.step
            yield replace(self._progress("training", seconds_left=left, message=message), loss=loss)
            if self._is_due():
                yield from self._judged()
            if time.monotonic() - saved > _SAVE_SECONDS:
                self._save()
                saved = time.monotonic()
        if self._judge is not None and not self._standing.is_judged(learner.step):
            yield from self._judged()
        is_early = learner.step < much.steps
        reason = self._standing.reason_to_stop(self._options, self._seconds()) if is_early else ""
        if self._judge is None or not self._is_written:
            self._write(None)
        self._is_done = True
        state_path(self._out).unlink(missing_ok=True)
        yield self._progress(
            "done", message=" ".join([*self._told, reason, self._standing.verdict()])
        )

    def close(self) -> None:
        """Leave everything in place: the state of a run that isn't done, and the file."""
        self._shelf.close()
        self._known.close()
        if self._is_done or not self._learner.step:
            return
        self._save()
        if self._judge is None:
            self._write(None)

    def _is_due(self) -> bool:
        """Whether the weights of this step are to be judged, and weren't."""
        step, much = self._learner.step, self._decided.amounts
        is_time = step > 0 and (step % much.validate_every == 0 or step == much.steps)
        return is_time and not self._standing.is_judged(step)

    def _judged(self) -> Iterator[TuningProgress]:
        """Validate, and write the weights where they are the best so far."""
        if self._judge is None:
            self._save()
            return
        found: list[float] = []
        samples: list[TuningSample] = []
        with self._learner.averaged_weights():
            yield from self._validated(found, samples)
            reached = _mean(found)
            best = self._standing.best
            self._standing.curve.append((self._learner.step, reached))
            if best is None or reached > best:
                self._write_best(reached)
        message = self._save()
        yield replace(
            self._progress("validating", message=message),
            validation_iou=reached,
            samples=tuple(samples),
        )

    def _validated(
        self, found: list[float], samples: list[TuningSample] | None = None
    ) -> Iterator[TuningProgress]:
        """Judge frame by frame, adding to what is given."""
        assert self._judge is not None
        for judged in self._judge.judge():
            found.extend(judged.ious)
            if samples is not None and judged.sample is not None:
                samples.append(judged.sample)
            yield self._progress("validating")

    def _write_best(self, reached: float) -> None:
        """Write the weights judged just now; where that fails, they weren't judged."""
        try:
            self._write(reached)
        except TuningError:
            self._standing.curve.pop()
            raise

    def _write(self, reached: float | None) -> None:
        """Write the averaged weights."""
        decided, step = self._decided, self._learner.step
        told = provenance(decided, self._options, self._standing, step, reached)
        with self._learner.averaged_weights():
            write_model(decided.parent.model, decided.what, self._out, told)
        self._is_written = True

    def _save(self) -> str:
        """Save the state; a sentence where that failed for the first time."""
        state = {
            "run": identity(self._decided, self._options),
            "learner": self._learner.state(),
            "curve": self._standing.curve,
            "before": self._standing.before,
            "elapsed": self._seconds(),
            "is_written": self._is_written,
        }
        message = write_state(state_path(self._out), state)
        if not message or message in self._told:
            return ""
        self._told.append(message)
        return message

    def _restore(self, state: dict[str, Any]) -> None:
        self._learner.restore(state["learner"])
        self._standing.curve = [(int(step), float(value)) for step, value in state["curve"]]
        self._standing.before, self._elapsed = state["before"], state["elapsed"]
        self._is_written = state["is_written"] and self._out.exists()
        self._told.append(f"It went on from step {self._learner.step}.")

    def _seconds(self) -> float:
        """That the steps have taken, those before it was stopped included."""
        started = self._started
        return self._elapsed + (0.0 if started is None else time.monotonic() - started)

    def _progress(
        self,
        stage: Stage,
        step: int | None = None,
        steps: int | None = None,
        seconds_left: float | None = None,
        message: str = "",
    ) -> TuningProgress:
        return TuningProgress(
            stage,
            self._learner.step if step is None else step,
            self._decided.amounts.steps if steps is None else steps,
            best_iou=self._standing.best,
            before_iou=self._standing.before,
            seconds_left=seconds_left,
            message=message,
        )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
