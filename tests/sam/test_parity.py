"""Our SAM against transformers' SamModel with the same weights."""

from __future__ import annotations

import pytest
import torch

from napari_cutout.sam.config import ARCHITECTURES
from napari_cutout.sam.export import save_huggingface
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.preprocess import network_input
from napari_cutout.sam.sam import Sam

_TOLERANCE = 1e-5
# transformers has another epsilon in the decoder's LayerNorms than Meta and we have.
_OTHER_EPSILON = 1e-4

_POINTS = torch.tensor([[[3.0, 4.0], [30.25, 20.0], [11.0, 47.5]], [[39, 1], [0, 0], [7, 8]]])
_POSITIVE = torch.tensor([[True, False, True], [True, True, False]])
_BOXES = torch.tensor([[2.5, 3.0, 30.0, 41.25], [0.0, 10.0, 39.0, 20.0]])
_LOGITS = torch.linspace(-12, 12, 2 * 32 * 32).sin().view(2, 1, 32, 32) * 8

PROMPTS = {
    "one point": PromptBatch(_POINTS[:, :1], _POSITIVE[:, :1]),
    "points": PromptBatch(_POINTS, _POSITIVE),
    "box": PromptBatch(_POINTS[:, :0], _POSITIVE[:, :0], _BOXES),
    "points and box": PromptBatch(_POINTS, _POSITIVE, _BOXES),
    "point and mask": PromptBatch(_POINTS[:, :1], _POSITIVE[:, :1], None, _LOGITS),
    "everything": PromptBatch(_POINTS, _POSITIVE, _BOXES, _LOGITS),
}


def close(actual, expected, tolerance=_TOLERANCE):
    span = expected.max() - expected.min()
    return float((actual - expected).abs().max() / span) < tolerance


def answer_of_twin(twin, features, prompts, multimask):
    """Ask transformers one object at a time: its own padding would change the answer."""
    scale = torch.tensor(features.input_size) / torch.tensor(features.pixel_size)
    answers = []
    for index in range(len(prompts.points)):
        inputs = {}
        if prompts.points.shape[1]:
            xy = (prompts.points[index] * scale).flip(-1)
            labels = prompts.positive[index].long()
            inputs |= {"input_points": xy[None, None], "input_labels": labels[None, None]}
        if prompts.boxes is not None:
            corners = (prompts.boxes[index].view(2, 2) * scale).flip(-1)
            inputs["input_boxes"] = corners.view(1, 1, 4)
        if prompts.logits is not None:
            inputs["input_masks"] = prompts.logits[index][None]
        with torch.no_grad():
            answers.append(
                twin(image_embeddings=features.maps["image"], multimask_output=multimask, **inputs)
            )
    logits = torch.cat([answer.pred_masks[0] for answer in answers])
    return logits, torch.cat([answer.iou_scores[0] for answer in answers])


def test_image_encoder(small_sam, huggingface_twin):
    image = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = huggingface_twin.get_image_embeddings(image)
    assert close(small_sam.image_encoder(image), expected)


@pytest.mark.parametrize("multimask", [True, False])
@pytest.mark.parametrize("kind", PROMPTS)
def test_decoder(small_sam, huggingface_twin, pixels, kind, multimask):
    features = small_sam.encode(pixels)
    logits, scores = small_sam.decode(features, PROMPTS[kind], multimask)
    expected = answer_of_twin(huggingface_twin, features, PROMPTS[kind], multimask)
    assert logits.std() > 0.1, "the test's weights make no difference"
    assert close(logits, expected[0], _OTHER_EPSILON)
    torch.testing.assert_close(scores, expected[1], rtol=_OTHER_EPSILON, atol=_OTHER_EPSILON)


@pytest.mark.parametrize("multimask", [True, False])
@pytest.mark.parametrize("kind", PROMPTS)
def test_decoder_with_metas_epsilon(small_sam, twin_as_meta, pixels, kind, multimask):
    features = small_sam.encode(pixels)
    logits, scores = small_sam.decode(features, PROMPTS[kind], multimask)
    expected = answer_of_twin(twin_as_meta, features, PROMPTS[kind], multimask)
    assert close(logits, expected[0])
    torch.testing.assert_close(scores, expected[1], rtol=_TOLERANCE, atol=_TOLERANCE)


@pytest.mark.parametrize("size", [(64, 64), (40, 50), (200, 31)])
def test_upscaling(small_sam, size):
    processing = pytest.importorskip("transformers.models.sam.image_processing_pil_sam")
    features = small_sam.encode(torch.zeros(*size, 3, dtype=torch.uint8))
    logits = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    processor = processing.SamImageProcessorPil(pad_size={"height": 64, "width": 64})
    expected = processor.post_process_masks(
        [logits], [size], [features.input_size], binarize=False
    )[0]
    torch.testing.assert_close(small_sam.upscale(logits, size), expected)


@pytest.mark.parametrize("size", [(64, 64), (40, 50), (200, 31)])
def test_preprocessing(size):
    processing = pytest.importorskip("transformers.models.sam.image_processing_pil_sam")
    pixels = torch.randint(0, 256, (*size, 3), dtype=torch.uint8)
    processor = processing.SamImageProcessorPil(
        size={"longest_edge": 64}, pad_size={"height": 64, "width": 64}
    )
    expected = processor(pixels.numpy(), return_tensors="pt")["pixel_values"]
    one_grey_level = 1 / 57
    torch.testing.assert_close(
        network_input(pixels, 64, "longest_side"), expected, rtol=0, atol=1.01 * one_grey_level
    )


@pytest.fixture(scope="module")
def vit_b(tmp_path_factory, randomised):
    """ViT-B with random weights, transformers' twin of it, and what it makes of an image."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("vit_b")
    sam = randomised(Sam(ARCHITECTURES["vit_b"])).prepare("cpu", torch.float32)
    # Over 4,096 tokens random queries have saturated softmaxes, in which transformers' own answers
    # in float32 and float64 are 1 % apart.
    for name, tensor in sam.mask_decoder.state_dict().items():
        if "q_proj" in name:
            tensor.mul_(0.1)
    save_huggingface(sam, folder)
    twin = transformers.SamModel.from_pretrained(folder).eval()
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (768, 1000, 3), generator=generator, dtype=torch.uint8)
    return sam, twin, sam.encode(pixels)


@pytest.mark.slow
def test_full_size_vit_b_encoder(vit_b):
    sam, twin, _ = vit_b
    image = torch.randn(1, 3, 1024, 1024, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = twin.get_image_embeddings(image)
        assert close(sam.image_encoder(image), expected, 1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("multimask", [True, False])
@pytest.mark.parametrize("kind", PROMPTS)
def test_full_size_vit_b_decoder(vit_b, kind, multimask):
    sam, twin, features = vit_b
    prompts = full_size(PROMPTS[kind])
    tolerance = 1e-3
    logits, scores = sam.decode(features, prompts, multimask)
    expected = answer_of_twin(twin, features, prompts, multimask)
    assert logits.std() > 0.1, "the test's weights make no difference"
    assert close(logits, expected[0], tolerance)
    torch.testing.assert_close(scores, expected[1], rtol=tolerance, atol=tolerance)


def full_size(prompts):
    """The same prompts for pixels of (768, 1000) and the logits of a published model."""
    boxes, logits = prompts.boxes, prompts.logits
    if logits is not None:
        logits = torch.nn.functional.interpolate(logits, (256, 256), mode="bilinear")
    boxes = None if boxes is None else boxes * 19
    return PromptBatch(prompts.points * 19, prompts.positive, boxes, logits)
