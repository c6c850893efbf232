"""The sample images: small, attributed, and what napari expects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_cutout import sample_data

FOLDER = Path(sample_data.__file__).parent
LAYERS = [
    sample_data.fluorescence_layer,
    sample_data.phase_contrast_layer,
    sample_data.histology_layer,
]


@pytest.mark.parametrize(
    ("image", "shape"),
    [
        (sample_data.fluorescence, (520, 696)),
        (sample_data.phase_contrast, (512, 512)),
        (sample_data.histology, (256, 320, 3)),
        (sample_data.time_lapse, (12, 256, 256)),
    ],
)
def test_images_have_the_documented_shape(image, shape):
    assert image().shape == shape
    assert image().dtype == np.uint8


def test_a_changed_image_does_not_change_the_next():
    sample_data.fluorescence()[:] = 0

    assert sample_data.fluorescence().any()


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_open_in_napari(layer):
    from napari.layers import Layer

    (data,) = layer()
    opened = Layer.create(*data)

    assert opened.ndim == 2
    assert opened.name == data[1]["name"]


def test_the_time_lapse_opens_with_names_for_its_axes():
    from napari.layers import Layer

    (data,) = sample_data.time_lapse_layer()
    opened = Layer.create(*data)

    assert opened.ndim == 3
    assert opened.axis_labels == ("t", "y", "x")


def test_every_image_is_attributed():
    attribution = (FOLDER / "ATTRIBUTION.md").read_text()

    assert [p.name for p in FOLDER.glob("*.png") if f"`{p.name}`" not in attribution] == []


def test_together_they_are_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < 2_000_000
