"""Everything in the frames of a stack: how near it comes to the encoder's speed, and its memory.

    python benchmarks/stack.py [--model compact] [--frames 24] [--long 10000] [--rounds 3]

Frames are 512 x 512, made of a packaged sample as they are read, no two alike.
Limit is the time of the image encoder alone, on the very windows that the frames need, with as
many threads as torch takes. Parts are timed one after the other, frame by frame; a run has them
overlap, writes labels with their pyramid, and links. Ways take turns. Memory is the peak of a
process that runs over ``--long`` frames, after a hundredth of them and in the end.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pages import add_out, report
from peak_memory import high_water, in_own_process
from tabulated import Table, table
from turns import in_turns, ratio, spread

from napari_cutout.sam.loading import load_model
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic import GridOptions, InstanceOptions, SeedOptions
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.output.output import StackOutput
from napari_cutout.stacks.running.how import RUN_CACHE_BYTES, How
from napari_cutout.stacks.running.run import run_stack
from napari_cutout.stacks.running.unit import do_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

# After the package, which says how its threads wait for each other: asleep, so that the parts of a
# run have the cores meanwhile.
import torch  # isort: skip

SIDE = 512
WAYS = {
    "instances, one look": InstanceOptions(zoom=1.0),
    "instances, zoom chosen": InstanceOptions(),
    "seeds": SeedOptions(instances=InstanceOptions(zoom=1.0)),
    "grid": GridOptions(points_per_side=16),
}
PARTS = ("read", "encode", "find", "write", "link")


class Moving(Stack):
    """A sample that is moved from frame to frame, each made when it is read."""

    def __init__(self, count: int) -> None:
        self._sample = fluorescence()[:SIDE, :SIDE]
        super().__init__(
            name="a sample that moves", axes=("t",), shape=(count,), frame_shape=(SIDE, SIDE),
            dtype=self._sample.dtype, identity=f"moving {count}",
        )  # fmt: skip

    def _read(self, index: tuple[int, ...]) -> np.ndarray:
        rows, cols = divmod(3 * index[0], SIDE)
        return np.roll(self._sample, (rows, cols), (0, 1))


class Watched:
    """A model that keeps what its encoder was given, and how long that took."""

    def __init__(self, family: object) -> None:
        self._family = family
        self.given: list[torch.Tensor] = []
        self.seconds = 0.0

    def __getattr__(self, name: str) -> object:
        return getattr(self._family, name)

    def encode(self, pixels: torch.Tensor) -> object:
        """Encode, and remember."""
        self.given.append(pixels)
        begun = time.perf_counter()
        features = self._family.encode(pixels)
        self.seconds += time.perf_counter() - begun
        return features


class Case:
    """A way of finding everything, in a stack of some frames, with a fresh model for each run."""

    def __init__(self, name: str, options: object, given: argparse.Namespace) -> None:
        self.name, self.how, self.stack = name, How(options), Moving(given.frames)
        self._family = load_model(given.model, given.device, "auto")
        self._model = given.model
        self.pixels: list[torch.Tensor] = []
        self.parts: list[dict[str, float]] = []
        self.objects = 0

    def limit(self) -> None:
        """The image encoder alone, on all windows."""
        with torch.no_grad():
            for pixels in self.pixels:
                self._family.encode(pixels)
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def overlapped(self) -> None:
        """A run, linked."""
        with begun(self.stack, self.segmenter(self._family), self.how) as (segmenter, output):
            for _ in run_stack(segmenter, self.stack, output, self.how, link=LinkOptions()):
                pass

    def one_by_one(self) -> None:
        """The same one after the other, where each part has the machine for itself."""
        watched = Watched(self._family)
        spent = dict.fromkeys(PARTS, 0.0)
        self.objects = 0
        with begun(self.stack, self.segmenter(watched), self.how) as (segmenter, output):
            for at in range(len(self.stack)):
                done = do_unit(segmenter, self.stack, output.place, (at,), self.how)
                self.objects += done.objects
                for part, seconds in done.seconds.items():
                    spent[part] += seconds
            start = time.perf_counter()
            output.finish(LinkOptions())
            spent["link"] = time.perf_counter() - start
        # Windows are encoded where objects are looked for, too.
        spent["find"] += spent["encode"] - watched.seconds
        spent["encode"] = watched.seconds
        self.parts.append(spent)
        self.pixels = watched.given

    def segmenter(self, family: object) -> Segmenter:
        """One that has nothing in its cache."""
        return Segmenter.from_family(family, self._model, precision="auto")


@contextmanager
def begun(stack: Stack, segmenter: Segmenter, how: How) -> Iterator[tuple[Segmenter, StackOutput]]:
    """An output in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.zarr"
        with StackOutput.open(path, stack, how.settings(segmenter)) as output:
            yield segmenter, output


def speed(given: argparse.Namespace) -> list[Table]:
    """Times a frame of each way, and of its parts."""
    rows, shares = [], []
    for name in given.ways:
        case = Case(name, WAYS[name], given)
        case.one_by_one()
        case.parts.clear()
        case.limit()
        spent = in_turns(
            {"limit": case.limit, "run": case.overlapped, "one": case.one_by_one}, given.rounds
        )
        each = 1e3 / given.frames
        rows.append(
            (
                name,
                f"{case.objects / given.frames:.0f}",
                f"{len(case.pixels) / given.frames:.1f}",
                spread(spent["limit"], 1, each),
                spread(spent["one"], 1, each),
                spread(spent["run"], 1, each),
                ratio(spent["limit"], spent["run"]),
            )
        )
        shares.append((name, *(spread([one[p] for one in case.parts], 1, each) for p in PARTS)))
    size = f"{given.model}, {given.frames} frames of {SIDE} x {SIDE}"
    threads = f"{torch.get_num_threads()} threads of torch"
    heads = ("way", "objects a frame", "windows a frame", "encoder alone, ms", "one by one, ms",
             "run, ms", "of the encoder's speed")  # fmt: skip
    return [
        table(f"Time a frame: {size}, {threads}", heads, rows),
        table("Parts a frame, ms", ("way", *PARTS), shares),
    ]


def memory(given: argparse.Namespace) -> Table:
    """The most memory of a long run."""
    words = ("--peak", "--long", str(given.long), "--model", given.model, "--device", given.device)
    found = in_own_process(__file__, *words)
    row = [f"{given.long:,}", *(f"{found[name] / 1e6:.0f}" for name in ("start", "early", "end"))]
    heads = ("frames", "before, MB", "after a hundredth, MB", "in the end, MB")
    minutes = f"{found['seconds'] / 60:.1f} minutes, {found['objects']:,} objects."
    return table("Memory of a run, linked", heads, [row], [minutes])


def own_memory(given: argparse.Namespace) -> dict[str, float]:
    """High water of this process in bytes, before, early and in the end of a run."""
    stack, how = Moving(given.long), How(WAYS["instances, one look"])
    model = Segmenter(given.model, device=given.device, cache_bytes=RUN_CACHE_BYTES)
    found = {"early": 0.0, "objects": 0}
    start = time.perf_counter()
    with begun(stack, model, how) as (segmenter, output):
        segmenter.everything(stack.read((0,)), how.options)
        found["start"] = high_water()
        for step in run_stack(segmenter, stack, output, how, link=LinkOptions()):
            found["objects"] += step.objects
            if step.phase == "find" and step.done == max(given.long // 100, 10):
                found["early"] = high_water()
    return found | {"end": high_water(), "seconds": time.perf_counter() - start}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="compact")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--long", type=int, default=10_000, help="frames of the run for memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    add_out(parser)
    given = parser.parse_args()
    if given.peak:
        print(json.dumps(own_memory(given)))
        return
    tables = speed(given)
    if not given.no_memory:
        tables.append(memory(given))
    report(__file__, __doc__, tables, given.out)


if __name__ == "__main__":
    main()
