"""What finding more of a kind is made of: places, ranks, guidance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kinds_family import ROUND, kinds_segmenter
from napari_cutout.sam.config import DecoderConfig, SamConfig, VitConfig
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.sam import Sam
from napari_cutout.segment import Segmenter, Window
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.similar.find import find_similar
from napari_cutout.segment.similar.guidance import attention_similarity, guided
from napari_cutout.segment.similar.kind import learn_kind
from napari_cutout.segment.similar.maps import WindowMaps
from napari_cutout.segment.similar.options import SimilarOptions
from napari_cutout.segment.similar.places import peaks
from napari_cutout.segment.similar.ranking import Ranked, SimilarObject, choose, without_doubles

SMALL = SamConfig(
    "vit_48x3",
    VitConfig(48, 3, 4, (1,), head_dim=12, mlp_dim=64, window=3, patch=8, input_size=64,
              out_channels=32),
    DecoderConfig(dim=32, cross_dim=16, mlp_dim=48, mask_channels=8, iou_hidden=24),
)  # fmt: skip


def bumps(*places, shape=(60, 60), width=3.0):
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    parts = [np.exp(-((rows - r) ** 2 + (cols - c) ** 2) / (2 * width**2)) for r, c in places]
    return np.sum(parts, axis=0).astype(np.float32)


def test_each_bump_has_one_peak_the_highest_first():
    likeness = bumps((10, 12), (40, 45)) + 0.2 * bumps((40, 45))
    places = peaks(likeness, (10, 10), 0.2, np.ones((60, 60), bool), 9)
    assert places.tolist() == [[40, 45], [10, 12]]


def test_two_peaks_nearer_than_an_object_are_one():
    likeness = bumps((20, 20), (20, 24), width=1.5)
    assert len(peaks(likeness, (16, 16), 0.2, np.ones((60, 60), bool), 9)) == 1
    assert len(peaks(likeness, (3, 3), 0.2, np.ones((60, 60), bool), 9)) == 2


def test_a_plateau_is_one_place_in_its_middle():
    likeness = np.zeros((60, 60), np.float32)
    likeness[10:31, 20:41] = 1
    assert peaks(likeness, (4, 4), 0.5, np.ones((60, 60), bool), 9).tolist() == [[20, 30]]


def test_no_place_is_taken_or_low():
    likeness = bumps((10, 10), (40, 40))
    free = np.ones((60, 60), bool)
    free[:30] = False
    assert peaks(likeness, (10, 10), 0.2, free, 9).tolist() == [[40, 40]]
    assert peaks(likeness, (10, 10), 2.0, free, 9).shape == (0, 2)


def ranked(corner, size, rank):
    mask = np.ones(size, bool)
    return Ranked(mask, corner, np.zeros((1, 1), np.float32), (0.0, 0.0), rank, 1.0, rank)


def test_of_two_that_overlap_the_better_stays():
    better, worse = ranked((0, 0), (6, 6), 0.8), ranked((2, 0), (6, 6), 0.7)
    apart = ranked((10, 10), (4, 4), 0.5)
    chosen, covered = choose([worse, apart, better], np.zeros((20, 20), int), 0.5)
    assert chosen == (better, apart)
    assert covered.sum() == 36 + 16


def test_a_large_one_around_a_better_one_goes():
    inside, around = ranked((4, 4), (3, 3), 0.9), ranked((0, 0), (12, 12), 0.8)
    chosen, _ = choose([around, inside], np.zeros((20, 20), int), 0.5)
    assert chosen == (inside,)


def test_what_lies_on_known_objects_goes():
    known = np.zeros((20, 20), int)
    known[:10] = 3
    on, beside = ranked((2, 2), (4, 4), 0.9), ranked((8, 2), (8, 4), 0.5)
    chosen, covered = choose([on, beside], known, 0.5)
    assert chosen == (beside,)
    assert covered.sum() == 200 + 24


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.integers(1, 6)), max_size=12))
def test_chosen_ones_never_overlap_by_more_than_is_allowed(boxes):
    found = [ranked((r, c), (n, n), 1 - 0.01 * k) for k, (r, c, n) in enumerate(boxes)]
    chosen, _ = choose(found, np.zeros((20, 20), int), 0.4)
    drawn = np.zeros((len(chosen), 20, 20), bool)
    for mask, one in zip(drawn, chosen, strict=True):
        mask[one.slices] = one.mask
    before = np.zeros((20, 20), bool)
    for mask in drawn:
        assert (mask & before).sum() <= 0.4 * mask.sum()
        before |= mask


def similar(origin, size):
    rle = Rle.encode(np.ones(size, bool))
    return SimilarObject(rle, origin, 0.9, 1.0, Window(0, 0, 50, 50))


def test_what_an_earlier_window_had_is_no_new_one():
    settled = [similar((0, 0), (10, 10)), similar((30, 30), (5, 5))]
    again, partly, new = (
        similar((1, 1), (9, 9)),
        similar((6, 0), (10, 10)),
        similar((0, 20), (4, 4)),
    )
    assert without_doubles([again, partly, new], settled, 0.5) == (partly, new)
    assert without_doubles([again], [], 0.5) == (again,)


def test_cells_lie_where_they_are_in_the_frame():
    segmenter = kinds_segmenter(64)
    frame = np.zeros((80, 90), np.uint8)
    frame[20:24, 30:37] = ROUND
    embedding = segmenter.encode(frame, "none")
    maps = WindowMaps.of(segmenter, embedding, Window(10, 20, 40, 50))
    assert maps.valid == (40, 50)
    assert maps.to_frame(np.array([[0, 0], [12, 3]])).tolist() == [[10, 20], [22, 23]]
    mask = np.ones((4, 7), bool)
    cells = maps.from_masks(segmenter, embedding, Window(10, 20, 40, 50), [(mask, (20, 30))])
    assert np.argwhere(cells[0].numpy())[[0, -1]].tolist() == [[10, 10], [13, 16]]


def test_similarity_is_the_cosine_of_what_differs_from_the_mean():
    segmenter = kinds_segmenter()
    frame = np.zeros((20, 30), np.uint8)
    frame[5:10, 5:15] = ROUND
    embedding = segmenter.encode(frame, "none")
    maps = WindowMaps.of(segmenter, embedding, embedding.window)
    cells = maps.from_masks(
        segmenter, embedding, embedding.window, [(np.ones((2, 2), bool), (6, 6))]
    )
    likeness = maps.similarity(maps.vectors(cells, maps.means), maps.means)
    image = np.stack([frame == 0, frame == ROUND, frame < 0]).astype(float)
    differs = image - image.mean(axis=(1, 2), keepdims=True)
    unit = differs / np.linalg.norm(differs, axis=0)
    np.testing.assert_allclose(likeness, np.einsum("chw,c->hw", unit, unit[:, 6, 6]), atol=1e-3)


def test_attention_is_drawn_to_what_looks_alike():
    generator = torch.Generator().manual_seed(0)
    image = torch.randn((1, 6, 4, 5), generator=generator)
    targets = torch.randn((2, 6), generator=generator)
    pixels, wanted = image[0].numpy(), targets.numpy()
    cosine = np.einsum("nc,chw->nhw", wanted, pixels) / (
        np.linalg.norm(wanted, axis=1)[:, None, None] * np.linalg.norm(pixels, axis=0)
    )
    likest = cosine.max(axis=0)
    expected = 1 / (1 + np.exp(-(likest - likest.mean()) / likest.std(ddof=1)))
    np.testing.assert_allclose(attention_similarity(image, targets), expected, rtol=1e-4)


@pytest.fixture(scope="module")
def small_sam():
    torch.manual_seed(0)
    model = Sam(SMALL)
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.randn(value.shape) * 0.2)
    return model.prepare("cpu", torch.float32)


@pytest.fixture
def spotted():
    frame = np.random.default_rng(0).integers(0, 60, (64, 64)).astype(np.uint8)
    frame[8:20, 8:20] = frame[40:52, 30:42] = 200
    return frame


def test_sam_is_guided_to_the_kind(small_sam, spotted):
    segmenter = Segmenter.from_family(small_sam, "small")
    embedding = segmenter.encode(spotted, "none")
    kind = learn_kind(segmenter, embedding, [(np.ones((12, 12), bool), (8, 8))])
    features = segmenter.features(embedding, embedding.window)
    batch = PromptBatch(torch.tensor([[[45.0, 35.0]]]), torch.ones((1, 1), dtype=torch.bool))
    logits, _ = guided(small_sam, kind).decode(features, batch, True)
    similarity = attention_similarity(features.maps["image"], kind.image)[None]
    told = PromptBatch(
        batch.points, batch.positive, similarity=similarity, target=kind.image.mean(dim=0)[None]
    )
    torch.testing.assert_close(logits, small_sam.decode(features, told, True)[0])
    assert not torch.allclose(logits, small_sam.decode(features, batch, True)[0])


def test_the_target_is_the_mean_of_the_embedding_under_the_example(small_sam, spotted):
    segmenter = Segmenter.from_family(small_sam, "small")
    embedding = segmenter.encode(spotted, "none")
    kind = learn_kind(segmenter, embedding, [(np.ones((16, 8), bool), (8, 16))])
    image = segmenter.features(embedding, embedding.window).maps["image"].float()
    torch.testing.assert_close(kind.image[0], image[0, :, 1:3, 2].mean(dim=1))


def test_guidance_can_be_left_out(small_sam, spotted):
    segmenter = Segmenter.from_family(small_sam, "small")
    embedding = segmenter.encode(spotted, "none")
    kind = learn_kind(segmenter, embedding, [(np.ones((12, 12), bool), (8, 8))])
    masks = []
    for told in (True, False):
        options = SimilarOptions(
            min_rank=0, min_similarity=-1, max_prompts=1, rounds=1, max_overlap=1, guided=told
        )
        steps = list(find_similar(segmenter, embedding, kind, options))
        masks.append([one.mask for one in steps[-1].objects])
    assert masks[0] != masks[1]


def test_other_models_are_left_as_they_are():
    segmenter = kinds_segmenter()
    embedding = segmenter.encode(np.full((20, 20), ROUND, np.uint8), "none")
    kind = learn_kind(segmenter, embedding, [(np.ones((4, 4), bool), (8, 8))])
    assert guided(segmenter.model, kind) is segmenter.model
