"""Low-resolution logits at the pixels of a box: the same values as all of the window would have.

Every family but one brings logits up by linear steps along the axes: whatever they are, each pixel
row is a fixed mix of rows of logits, and each column one of columns. The mixes are read off the
family's own :meth:`.Family.upscale`, once for a size; then a box costs what its pixels cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from scipy import sparse

from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment.automatic.grid.bands import Bands
from napari_cutout.segment.automatic.grid.crossing import AllPixels, Cells
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.sam.family import Family
    from napari_cutout.segment.automatic.grid.crossing import Crossing
    from napari_cutout.segment.grid import Grid

    Floats = NDArray[np.float32]

# How many neighbouring logits a pixel may mix: 3 on two steps up, 6 where a small frame that was
# enlarged for the network is made small again. The first that is right is taken.
_WIDTHS = (4, 12)

_CLOSE, _WHOLE = 1e-5, 1e-4


class Upscaling(Protocol):
    """Brings logits ``(h, w)`` to the pixels of a window ``(rows, cols)``."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the window."""
        ...

    @property
    def weights(self) -> tuple[Floats, Floats]:
        """Pixels that each row ``(h,)`` and each column ``(w,)`` of logits stands for."""
        ...

    def reach(self, above: NDArray[np.bool_]) -> Window | None:
        """A box of the window that holds every pixel above a threshold.

        Parameters
        ----------
        above
            ``(h, w)`` bool, the logits above it.
        """
        ...

    def piece(self, logits: Floats, box: Window) -> Floats:
        """Logits ``(h, w)`` at the pixels of a box of the window, ``(box.rows, box.cols)``."""
        ...

    def crossing(self, logits: Floats, lowest: float, highest: float) -> Crossing | None:
        """The pixels above thresholds from ``lowest`` to ``highest``, None if there is none."""
        ...


def upscaling(family: Family, grid: Grid) -> Upscaling:
    """How a family brings logits to the pixels of a window that was read as ``grid``."""
    low = family.logits_size(grid.shape)
    generator = torch.Generator().manual_seed(0)
    shape = (1, 1, *low)
    probe = torch.randn(shape, generator=generator, dtype=torch.float32, device="cpu") * 4
    wanted = _upscaled(family, grid, probe)
    for width in _WIDTHS:
        rows, cols = (_mix(family, grid, low, axis, width) for axis in (0, 1))
        got = ByAxes(rows, cols).piece(probe[0, 0].numpy(), Window(0, 0, *grid.shape))
        is_close = np.abs(got - wanted).max() <= _CLOSE * float(probe.abs().max())
        # Of two logits taken for one, a share is lost.
        if is_close and all(np.abs(mix.sum(axis=1) - 1).max() < _WHOLE for mix in (rows, cols)):
            return ByAxes(_at_pixels(rows, grid, 0), _at_pixels(cols, grid, 1))
    return Whole(family, grid)


class ByAxes:
    """Mixes along the rows and along the columns.

    Sparse, and multiplied as such: besides costing less, that never wakes the threads of a linear
    algebra library, which on a busy machine wait for each other longer than a box takes.

    Parameters
    ----------
    rows
        ``(rows, h)`` float32.
    cols
        ``(cols, w)`` float32.
    """

    def __init__(self, rows: Floats, cols: Floats) -> None:
        self.shape = len(rows), len(cols)
        self.weights: tuple[Floats, Floats] = rows.sum(axis=0), cols.sum(axis=0)
        self._mixes = sparse.csr_array(rows), sparse.csr_array(cols)
        self._ends = _ends(rows), _ends(cols)
        self._bands = Bands.of(rows, *self._ends[0]), Bands.of(cols, *self._ends[1])

    def reach(self, above: NDArray[np.bool_]) -> Window | None:
        """See :meth:`Upscaling.reach`: what no logit above takes part in is left out."""
        (top, bottom), (left, right) = (
            _touched(ends, np.flatnonzero(above.any(axis=1 - axis)))
            for axis, ends in enumerate(self._ends)
        )
        if bottom <= top or right <= left:
            return None
        return Window(top, left, bottom - top, right - left)

    def piece(self, logits: Floats, box: Window) -> Floats:
        """See :meth:`Upscaling.piece`. O(pixels of the box)."""
        spans = ((box.row, box.row + box.rows), (box.col, box.col + box.cols))
        (low, high), (left, right) = (
            (int(first[start]), int(last[stop - 1]))
            for (first, last), (start, stop) in zip(self._ends, spans, strict=True)
        )
        wide = _part(self._mixes[1], *spans[1], left, right) @ logits[low:high, left:right].T
        found: Floats = _part(self._mixes[0], *spans[0], low, high) @ wide.T
        return found

    def crossing(self, logits: Floats, lowest: float, highest: float) -> Crossing | None:
        """See :meth:`Upscaling.crossing`. O(outlines, and a bit a logit of the box)."""
        box = self.reach(logits > np.float32(lowest))
        if box is None:
            return None
        along = (box.row, box.row + box.rows), (box.col, box.col + box.cols)
        rows, cols = (bands.within(*ends) for bands, ends in zip(self._bands, along, strict=True))
        return Cells.of(box, (rows, cols), logits, lowest, highest)


@dataclass(frozen=True, eq=False)
class Whole:
    """For a family that doesn't mix logits along the axes: all of the window, one at a time.

    Parameters
    ----------
    family
        The model.
    grid
        How the window was read.
    """

    family: Family
    grid: Grid

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the window."""
        return self.grid.window.rows, self.grid.window.cols

    @property
    def weights(self) -> tuple[Floats, Floats]:
        """As if all logits stood for the same number of pixels."""
        low = self.family.logits_size(self.grid.shape)
        rows, cols = (
            np.full(count, pixels / count, np.float32)
            for count, pixels in zip(low, self.shape, strict=True)
        )
        return rows, cols

    def reach(self, above: NDArray[np.bool_]) -> Window | None:
        """All of the window, where anything is above."""
        return Window(0, 0, *self.shape) if above.any() else None

    def piece(self, logits: Floats, box: Window) -> Floats:
        """See :meth:`Upscaling.piece`. O(pixels of the window)."""
        low = torch.from_numpy(np.ascontiguousarray(logits, np.float32))[None, None]
        full = _upscaled(self.family, self.grid, low)
        return self.grid.sample(full, self.grid.window)[box.slices]

    def crossing(self, logits: Floats, lowest: float, highest: float) -> Crossing | None:
        """See :meth:`Upscaling.crossing`. O(pixels of the window)."""
        box = self.reach(logits > np.float32(lowest))
        return None if box is None else AllPixels(box, self.piece(logits, box))


def _upscaled(family: Family, grid: Grid, logits: torch.Tensor) -> Floats:
    """Logits ``(1, 1, h, w)`` at the pixels that were read, ``(rows, cols)`` of the grid."""
    with undisturbed():
        full: Floats = family.upscale(logits, grid.shape)[0, 0].float().cpu().numpy()
    return full


def _at_pixels(mix: Floats, grid: Grid, axis: int) -> Floats:
    """A mix for each pixel that was read, as one for each pixel of the window."""
    if grid.is_exact:
        return mix
    window = grid.window
    # The mixes of pixels that were read are interpolated as their values would be.
    if axis == 0:
        along = replace(grid, shape=mix.shape)
        rows = np.arange(window.row, window.row + window.rows, dtype=float)
        return along.sample_at(mix, rows, along.centres()[1])
    along = replace(grid, shape=mix.T.shape)
    cols = np.arange(window.col, window.col + window.cols, dtype=float)
    return along.sample_at(mix.T, along.centres()[0], cols).T


def _mix(family: Family, grid: Grid, low: tuple[int, int], axis: int, width: int) -> Floats:
    """What each pixel along an axis takes of each logit along it, ``(pixels, logits)``.

    Combs of ones tell the shares; a ramp tells around which logit a pixel lies, and so which
    tooth of the comb it was.
    """
    count = low[axis]
    places = torch.arange(count, dtype=torch.float32, device="cpu")

    def along(values: torch.Tensor) -> Floats:
        shaped = values[:, None] if axis == 0 else values[None, :]
        full = _upscaled(family, grid, shaped.expand(1, 1, *low).contiguous())
        return full[:, 0].copy() if axis == 0 else full[0].copy()

    centre = along(places)
    mix = np.zeros((len(centre), count), np.float32)
    pixels = np.arange(len(centre))
    for tooth in range(min(width, count)):
        share = along((places % width == tooth).float())
        nearest = tooth + np.rint((centre - tooth) / width).astype(int) * width
        inside = (nearest >= 0) & (nearest < count) & (share != 0)
        mix[pixels[inside], nearest[inside]] = share[inside]
    return mix


def _ends(mix: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first logit, and the one after the last, that each pixel takes part of; both rising."""
    used = mix != 0
    first = used.argmax(axis=1)
    last = mix.shape[1] - used[:, ::-1].argmax(axis=1)
    return np.minimum.accumulate(first[::-1])[::-1], np.maximum.accumulate(last)


def _touched(
    ends: tuple[NDArray[np.intp], NDArray[np.intp]], logits: NDArray[np.intp]
) -> tuple[int, int]:
    """The pixels that take part of logits from the first to the last of some."""
    if not len(logits):
        return 0, 0
    first, last = ends
    start = np.searchsorted(last, logits[0], side="right")
    return int(start), int(np.searchsorted(first, logits[-1], side="right"))


def _part(mix: sparse.csr_array, start: int, stop: int, low: int, high: int) -> sparse.csr_array:
    """Rows from ``start`` to before ``stop`` of a mix, which use columns ``low`` to ``high``."""
    place = mix.indptr[start : stop + 1]
    used = slice(place[0], place[-1])
    parts = mix.data[used], mix.indices[used] - low, place - place[0]
    return sparse.csr_array(parts, shape=(stop - start, high - low))
