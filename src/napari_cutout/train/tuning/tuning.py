"""Fine-tuning as long work: encode, train, validate, keep the best; stoppable at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.options import TuningOptions
from napari_cutout.train.tuning.planning import decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.train.data import LabelledData
    from napari_cutout.train.tuning.progress import TuningProgress


def fine_tune(
    model: str | Path,
    data: LabelledData,
    out: Path,
    options: TuningOptions = TuningOptions(),  # noqa: B008, it is a frozen value
    *,
    validation: LabelledData | None = None,
    device: str = "auto",
    validate_every: int | None = None,
) -> Iterator[TuningProgress]:
    """Teach a model the objects of labelled frames.

    Parameters
    ----------
    model
        What to begin with: a name or a path, see :func:`.load_model`.
    data
        What to learn from.
    out
        A ``.safetensors`` file, which loads wherever a model's name does. It is replaced as a
        whole whenever the model became better on the validation frames; without such frames, at
        the end and when the run is stopped.
    options
        How; the defaults suit most.
    validation
        What to judge on. None: some of ``data``, by the options' share.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
    validate_every
        Steps between two validations; None for about a tenth of the run.

    Yields
    ------
    TuningProgress
        After each view that is encoded, each step and each frame that is validated. Closing the
        iterator stops the run at once and leaves the file as it was last written. The same call
        goes on from there, as it does after a kill, and gives what the run would have given.

    Raises
    ------
    TuningError
        If there are too few objects, ``out`` can't be written, memory doesn't suffice, or an
        unfinished run with other data or options lies at ``out``.
    WeightsError, DownloadError, DeviceError
        See :func:`.load_model`.
    FormatError
        If a frame can't be read.

    Examples
    --------
    >>> from napari_cutout import Segmenter
    >>> from napari_cutout.train.data import open_data
    >>> data = open_data("fields/images", "fields/labels")  # doctest: +SKIP
    >>> for progress in fine_tune("compact", data, "mine.safetensors"):  # doctest: +SKIP
    ...     print(progress.step, progress.best_iou)
    >>> segmenter = Segmenter("mine.safetensors")  # doctest: +SKIP
    """
    out = Path(out)
    _check_out(out)
    return _steps(model, data, out, options, validation, device, validate_every)


def _steps(
    model: str | Path,
    data: LabelledData,
    out: Path,
    options: TuningOptions,
    validation: LabelledData | None,
    device: str,
    validate_every: int | None,
) -> Iterator[TuningProgress]:
    from napari_cutout.train.tuning.run import Run

    decided = decide(
        model,
        data,
        options,
        validation=validation,
        device=device,
        validate_every=validate_every,
    )
    run = Run(decided, out, options)
    try:
        yield from run.encode()
        yield from run.train()
    finally:
        run.close()


def _check_out(out: Path) -> None:
    if out.suffix != ".safetensors":
        raise TuningError(f"{out}: a fine-tuned model is written as .safetensors")
    if out.is_dir():
        raise TuningError(f"{out} is a folder; give the name of a file")
    if not out.parent.is_dir():
        raise TuningError(f"{out}: there is no folder {out.parent}; make it first")
