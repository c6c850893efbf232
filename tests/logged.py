"""Prompt logs to test with: any that could be, and one that is easy to read."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.formats.logs.found import Found
from napari_cutout.formats.logs.log_entries import (
    Entry,
    Header,
    ImageFacts,
    LoggedMask,
    LoggedObject,
    LoggedPrompts,
    LoggedShape,
    Region,
    Start,
)
from napari_cutout.segment import IntensityMapping, MaskOptions
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SHAPE = (3, 9, 11)
DTYPE = "int32"
NOW = "2026-01-02T03:04:05.678901+00:00"

IMAGE = ImageFacts("cells", "/data/cells.tif", SHAPE, "uint16", "abc123")


def header(**changes):
    facts = {
        "session": "a1",
        "layer": "objects of cells",
        "shape": SHAPE,
        "dtype": DTYPE,
        "image": IMAGE,
        "start": Start("empty"),
        "versions": {"napari_cutout": "0.1.0"},
    }
    return Header(**(facts | changes))


def first(number=0, **changes):
    """The entry that a log begins with."""
    return Entry("header", number, NOW, header=header(**changes))


def square(value, frame=1, origin=(2, 3), size=(3, 4)):
    """A full box of one value."""
    return Region((frame, None, None), origin, Rle.encode(np.ones(size, bool)), value)


def commit(number, value, key=None, **place):
    """A commit of a box."""
    region = square(value, **place)
    one = LoggedObject(
        key=number if key is None else key,
        id=value,
        frame=region.frame,
        origin=region.origin,
        mask=region.pixels,
        score=0.5,
    )
    return Entry("edit", number, NOW, text="Commit", regions=(region,), added=(one,))


floats = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=12)
masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
rows = st.tuples(floats, floats, floats)
groups = st.integers(0, 9)


@st.composite
def placed(draw):
    """A frame, an origin and a mask that lie inside."""
    pixels = draw(masks)
    origin = [draw(st.integers(0, SHAPE[1 + k] - size)) for k, size in enumerate(pixels.shape)]
    frame = (draw(st.integers(0, SHAPE[0] - 1)), None, None)
    return frame, tuple(origin), Rle.encode(pixels)


@st.composite
def prompts(draw):
    count = draw(st.integers(0, 3))
    kinds = st.sampled_from(["box", "ellipse", "polygon", "scribble"])
    vertices = st.lists(rows, min_size=1, max_size=5).map(tuple)
    shapes = st.builds(LoggedShape, kinds, vertices, groups, st.booleans())
    place = placed()
    given_masks = st.builds(lambda at, group: LoggedMask(*at, group), place, groups)
    return LoggedPrompts(
        tuple(draw(rows) for _ in range(count)),
        tuple(draw(st.booleans()) for _ in range(count)),
        tuple(draw(groups) for _ in range(count)),
        tuple(draw(st.lists(shapes, max_size=2))),
        tuple(draw(st.lists(given_masks, max_size=1))),
    )


@st.composite
def mappings(draw):
    pairs = st.lists(floats, min_size=2, max_size=2, unique=True).map(lambda two: (*sorted(two),))
    match draw(st.sampled_from(["percentile", "dtype", "none", "limits", "three"])):
        case "limits":
            return IntensityMapping("limits", draw(pairs))
        case "three":
            return IntensityMapping("limits", (draw(pairs), draw(pairs), draw(pairs)))
        case "percentile":
            return IntensityMapping("percentile", per_channel=draw(st.booleans()))
        case name:
            return IntensityMapping(name)


found = st.builds(
    Found,
    texts,
    st.dictionaries(texts, floats | texts | st.booleans() | st.lists(floats, max_size=2)),
    st.none() | floats,
    st.sampled_from([None, Window(0, 2, 5, 6)]),
)
options = st.builds(MaskOptions, st.floats(-10, 10), st.floats(0, 20), st.booleans())


@st.composite
def objects(draw, key):
    frame, origin, mask = draw(placed())
    return LoggedObject(
        key=key,
        id=draw(st.integers(-(2**31), 2**31 - 1)),
        frame=frame,
        origin=origin,
        mask=mask,
        prompts=draw(prompts()),
        score=draw(st.none() | floats),
        class_name=draw(texts),
        candidate=draw(st.integers(0, 2)),
        options=draw(options),
        model=draw(texts),
        fingerprint=draw(texts),
        intensity=draw(st.none() | mappings()),
        channels=draw(st.sampled_from([None, (0, (2,)), (0, (2, 0, 1))])),
        found=draw(st.none() | found),
    )


@st.composite
def logs(draw, most=6):
    """Entries of a log, in an order that could be."""
    place = st.none() | st.lists(st.tuples(*[floats] * 4), min_size=4, max_size=4).map(tuple)
    entries = [
        first(
            layer=draw(texts),
            start=Start(draw(st.sampled_from(["empty", "unknown"])), draw(texts)),
            place=draw(place),
            replaces=draw(st.none() | st.integers(0, 3)),
        )
    ]
    keys = []
    for number in range(1, draw(st.integers(0, most)) + 1):
        kind = draw(st.sampled_from(["edit", "stroke", "undo", "redo"]))
        values = st.integers(-(2**31), 2**31 - 1)
        regions = st.builds(lambda at, value: Region(*at, value), placed(), values)
        added = tuple(draw(objects(number)) for _ in range(draw(st.integers(0, 1))))
        entries.append(
            Entry(
                kind,
                number,
                NOW,
                text=draw(texts),
                regions=tuple(draw(st.lists(regions, max_size=3))),
                added=added,
                removed=tuple(draw(st.lists(st.sampled_from(keys), max_size=2))) if keys else (),
                returned=tuple(draw(st.lists(st.sampled_from(keys), max_size=1))) if keys else (),
                classes=tuple(draw(st.lists(st.tuples(values, texts, texts), max_size=2))),
                of=draw(st.none() | st.integers(0, number)),
            )
        )
        keys += [one.key for one in added]
    if draw(st.booleans()):
        entries.append(Entry("closed", len(entries), NOW))
    return tuple(entries)
