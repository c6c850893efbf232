"""What the model is to remember: objects that it sees in the images in the package."""

import numpy as np
import torch

from napari_cutout.sam.loading import load_model
from napari_cutout.train.tuning.parts import image_encoder, mask_decoder
from napari_cutout.train.tuning.remembering import as_it_was, seen_objects


def test_a_model_finds_its_own_objects():
    rows, cols = np.mgrid[:200, :200]
    frame = np.full((200, 200), 20, np.uint8)
    for row, col in ((50, 50), (50, 150), (150, 90)):
        frame[np.hypot(rows - row, cols - col) < 25] = 220
    pixels = np.repeat(frame[..., None], 3, axis=2)
    labels = seen_objects(load_model("compact", "cpu", "float32"), pixels)

    found = {labels[50, 50], labels[50, 150], labels[150, 90]}
    assert len(found) == 3
    assert 0 not in found


def test_what_was_is_apart_but_for_the_encoder(models):
    for path in models.values():
        model = load_model(path, "cpu", "float32")
        teacher = as_it_was(model)
        assert image_encoder(teacher) is image_encoder(model)
        assert mask_decoder(teacher) is not mask_decoder(model)
        pairs = zip(
            mask_decoder(teacher).parameters(), mask_decoder(model).parameters(), strict=True
        )
        assert all(torch.equal(one, other) and one is not other for one, other in pairs)
