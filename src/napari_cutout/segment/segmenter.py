"""The library's front door: frames and prompts in, candidates out, whichever model runs.

How frames become embeddings is in frame_encoder.py, maps of all instances in instance_mapper.py;
how prompts become tensors in batching.py, which window is looked at in choice.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

from napari_cutout.segment import batching, choice
from napari_cutout.segment.embedding import Embedding
from napari_cutout.segment.instance_mapper import InstanceMapper
from napari_cutout.segment.memory import Memory
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.windows import Window


class Segmenter(InstanceMapper):
    """Segments frames with a promptable model.

    Parameters
    ----------
    model
        ``"compact"`` (in the package), a name of the catalogue such as ``"vit_b"``, a repository
        ``"owner/name"`` on the hub, or the path of a checkpoint file or folder.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
    precision
        ``"auto"``, ``"float32"``, ``"bfloat16"``, ``"float16"``. Embeddings are stored as float16
        unless float32 is asked for.
    cache_bytes
        Feature maps kept in memory.
    store
        A folder, or an :class:`.EmbeddingStore`, where feature maps are kept on disk besides.
        None: in memory only. An embedding may have one of its own, see :meth:`encode`.
    say
        Called in words with what is done where memory doesn't suffice: prompts are asked fewer at
        a time, then large windows are read with fewer pixels, at last the CPU is used. Default: a
        :class:`.MemoryWarning`. May be called in any thread.

    Attributes
    ----------
    device
        Where it computes; empty for a model that was given in memory.

    Raises
    ------
    WeightsError, DownloadError, DeviceError
        See :mod:`napari_cutout.sam`.

    Examples
    --------
    >>> from napari_cutout import Prompts, Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> segmenter = Segmenter("compact")
    >>> embedding = segmenter.encode(fluorescence())
    >>> prediction = segmenter.predict(embedding, Prompts(points=[[200, 200]]))
    >>> prediction.masks.shape[0]
    3
    """

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle for another process holds: the model, and nothing of what it has seen.

        What ``say`` would be told is told there as a :class:`.MemoryWarning`.
        """
        memory = self._memory
        return {
            "set_up": (self.name, self._precision, self._storage, self.cache.capacity, self.store),
            "memory": (memory.family, memory.device, memory.on_cpu),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make it of what :meth:`__getstate__` gave, with a cache of its own."""
        self._set_up(*state["set_up"])
        family, device, on_cpu = state["memory"]
        self._memory = Memory(family, device, on_cpu, self.cache.to_host)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Another with a cache of its own; the model, which never changes, is shared."""
        twin = type(self).__new__(type(self))
        twin.__setstate__(self.__getstate__())
        return twin

    @overload
    def predict(
        self, embedding: Embedding, prompts: Prompts, multimask: bool = ...
    ) -> Prediction: ...
    @overload
    def predict(
        self, embedding: Embedding, prompts: Sequence[Prompts], multimask: bool = ...
    ) -> list[Prediction]: ...
    def predict(
        self,
        embedding: Embedding,
        prompts: Prompts | Sequence[Prompts],
        multimask: bool = True,
    ) -> Prediction | list[Prediction]:
        """Candidates for one object, or for each of several in batches.

        Parameters
        ----------
        embedding
            Of :meth:`encode` of this segmenter.
        prompts
            Of one object, or a list with those of one object each.
        multimask
            True: three candidates, for a prompt that may mean several things. False: one, the
            better choice after several clicks.

        Returns
        -------
        Prediction or list of Prediction
            Depends on the arguments alone; a list answers as its members would one by one.

        Raises
        ------
        PromptError
            If a prompt doesn't fit the frame.
        OutOfMemoryError
            If there isn't memory for one prompt at a time.
        """
        single = isinstance(prompts, Prompts)
        asked = [prompts] if isinstance(prompts, Prompts) else list(prompts)
        for prompt in asked:
            choice.check(prompt, embedding)
        answers: dict[int, Prediction] = {}
        waiting = {index: choice.window_of(prompt, embedding) for index, prompt in enumerate(asked)}
        while waiting:
            for window in sorted(set(waiting.values())):
                chosen = [index for index, place in waiting.items() if place == window]
                found = self._decode(embedding, window, [asked[i] for i in chosen], multimask)
                answers.update(zip(chosen, found, strict=True))
            waiting = {
                index: larger
                for index, window in waiting.items()
                if embedding.window is None and answers[index].is_cut()
                if (larger := embedding.larger(window)) is not None
            }
        return answers[0] if single else [answers[index] for index in range(len(asked))]

    def everything(
        self,
        frame: object,
        options: object = None,
        *,
        within: Window | ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Objects:
        """Find every object of a frame, without prompts.

        :func:`.find_everything` does the same step by step, and can be stopped.

        Parameters
        ----------
        frame
            An :class:`.Embedding` of :meth:`encode`, or a frame as that takes it.
        options
            How: :class:`.GridOptions`, the default, asks SAM's grid of points.
        within
            Where objects are looked for: a window, or a mask ``(rows, cols)`` bool of the frame.
        known
            Labels ``(rows, cols)`` that are in the frame already; 0 is none.

        Returns
        -------
        Objects
            The best first.

        Raises
        ------
        OptionError
            If the options aren't of a kind that is known, or ``within`` or ``known`` don't fit.
        FrameError
            If the array isn't one frame.

        Examples
        --------
        >>> from napari_cutout import Segmenter
        >>> from napari_cutout.sample_data import fluorescence
        >>> from napari_cutout.segment.automatic.grid.options import GridOptions
        >>> options = GridOptions(points_per_side=4, pred_iou_thresh=0.5)
        >>> objects = Segmenter("compact").everything(fluorescence(), options)
        >>> objects.shape
        (520, 696)
        """
        embedding = frame if isinstance(frame, Embedding) else self.encode(frame)
        # Not before it is asked for: what it stands on takes longer to import than a model to load.
        from napari_cutout.segment.automatic.everything import find_everything, gather

        steps = find_everything(self, embedding, options, within=within, known=known)
        return gather(steps, embedding.shape)

    def _decode(
        self, embedding: Embedding, window: Window, prompts: list[Prompts], multimask: bool
    ) -> list[Prediction]:
        features, grid = self.features(embedding, window), embedding.grid(window)
        upscale = batching.upscaler(self._memory, grid)
        shape, key = embedding.shape, embedding.key
        return [
            Prediction(scores, logits, window, shape, key, grid, upscale)
            for logits, scores in batching.decode(
                self._memory, features, embedding, window, prompts, multimask
            )
        ]
