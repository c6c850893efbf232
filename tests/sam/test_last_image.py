"""What is kept of the last image embedding."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import torch

from napari_cutout.sam.last_image import LastImage
from napari_cutout.sam.two_way_attention import SharedImage


def made() -> SharedImage:
    return SharedImage(*torch.zeros(4, 1))


def test_the_same_embedding_with_the_same_weights_is_made_once():
    kept, embedding = LastImage(), torch.zeros(3)
    first = kept.get(embedding, "weights", made)
    assert kept.get(embedding, "weights", made) is first


def test_another_embedding_or_other_weights_are_made_anew():
    kept, embedding = LastImage(), torch.zeros(3)
    first = kept.get(embedding, "weights", made)
    assert kept.get(embedding.clone(), "weights", made) is not first
    second = kept.get(embedding, "weights", made)
    assert kept.get(embedding, "other weights", made) is not second


def test_nothing_outlives_its_embedding():
    kept, embedding = LastImage(), torch.zeros(3)
    image = weakref.ref(kept.get(embedding, "weights", made))
    assert image() is not None
    del embedding
    gc.collect()
    assert image() is None


def test_an_older_embedding_takes_nothing_with_it():
    kept, older, newer = LastImage(), torch.zeros(3), torch.zeros(3)
    kept.get(older, "weights", made)
    image = kept.get(newer, "weights", made)
    del older
    gc.collect()
    assert kept.get(newer, "weights", made) is image


def test_copies_start_empty():
    kept, embedding = LastImage(), torch.zeros(3)
    image = kept.get(embedding, "weights", made)
    for copied in (copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        assert copied.get(embedding, "weights", made) is not image
