"""The peers of benchmarks/automatic_masks.py: Meta's, micro-sam's and Hugging Face's generators.

Each is made of one of our models: its prompt encoder, its decoder, and an embedding that it made.
What is returned does the work and gives records with run lengths.

micro-sam is installed beside them without what its annotation tools need: ``pip install --no-deps
micro-sam torch-em python-elf bioimage-cpp kornia kornia_rs natsort bioimageio.core bioimageio.spec
timm``, and matplotlib. It imports torchvision, as Meta's package does. Where that isn't there, a
stand-in gives what mask generation takes of it: suppression, written out, and areas of boxes;
``make_grid``, which torch-em imports to show its training, is there in name alone.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import types

import numpy as np
import torch

MODULES = {"meta": "segment_anything", "micro-sam": "micro_sam", "huggingface": "transformers"}


def missing(way: str) -> str | None:
    """The module that a way needs and that isn't installed."""
    name = MODULES.get(way)
    return name if name and importlib.util.find_spec(name) is None else None


def _sam_of_meta(model, image, clock):
    """Meta's SAM with our weights, whose image encoder gives what ours gave."""
    from segment_anything.modeling import MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    features = model.encode(torch.from_numpy(image)).maps["image"]
    side, grid = model.info.input_size, features.shape[-1]

    class Given(torch.nn.Module):
        img_size = side

        def forward(self, _):
            return features

    prompts = PromptEncoder(256, (grid, grid), (side, side), 16)
    decoder = MaskDecoder(
        num_multimask_outputs=3, transformer_dim=256,
        transformer=TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8),
    )  # fmt: skip
    prompts.load_state_dict(model.prompt_encoder.state_dict(), strict=False)
    decoder.load_state_dict(model.mask_decoder.state_dict())
    sam = Sam(Given(), prompts, decoder).eval()
    clock.wrap(sam.prompt_encoder, "forward", "decoder")
    clock.wrap(sam.mask_decoder, "forward", "decoder")
    clock.wrap(sam, "postprocess_masks", "upsampling")
    return sam, features


def run_meta(model, image, given, clock):
    """Meta's generator, with its own decoder."""
    stand_in_for_torchvision()
    from segment_anything import SamAutomaticMaskGenerator
    from segment_anything import automatic_mask_generator as amg

    sam, _ = _sam_of_meta(model, image, clock)
    clock.wrap(amg, "calculate_stability_score", "filters")
    clock.wrap(amg.MaskData, "filter", "filters")
    clock.wrap(amg, "batched_mask_to_box", "boxes")
    clock.wrap(amg, "mask_to_rle_pytorch", "run lengths")
    clock.wrap(amg, "batched_nms", "suppression")
    generator = SamAutomaticMaskGenerator(
        sam, given.points, pred_iou_thresh=given.score, stability_score_thresh=given.stability,
        box_nms_thresh=given.nms, output_mode="coco_rle",
    )  # fmt: skip
    return lambda: generator.generate(image)


def run_micro_sam(model, image, given, clock):
    """micro-sam's generator, which filters after it has encoded all masks, on Meta's SAM."""
    stand_in_for_torchvision()
    from micro_sam import instance_segmentation as amg
    from segment_anything import SamPredictor

    sam, features = _sam_of_meta(model, image, clock)
    clock.wrap(amg.amg_utils, "calculate_stability_score", "filters")
    clock.wrap(amg.amg_utils.MaskData, "filter", "filters")
    clock.wrap(amg, "batched_mask_to_box", "boxes")
    clock.wrap(amg, "mask_to_rle_pytorch", "run lengths")
    clock.wrap(amg, "batched_nms", "suppression")
    size = image.shape[:2]
    embedding = {
        "features": features.numpy(),
        "input_size": tuple(round(n * sam.image_encoder.img_size / max(size)) for n in size),
        "original_size": size,
    }
    generator = amg.AutomaticMaskGenerator(SamPredictor(sam), given.points)

    def work():
        generator.initialize(image, embedding)
        return generator.generate(given.score, given.stability, given.nms, output_mode="coco_rle")

    return work


def run_huggingface(model, image, given, clock):
    """What transformers' pipeline does, step by step; suppression written out."""
    import transformers
    from transformers.models.sam import image_processing_pil_sam as processing

    from napari_cutout.sam.export import save_huggingface
    from napari_cutout.sam.sam import Sam

    other = Sam(model.config)
    other.load_state_dict({n: torch.zeros_like(v) for n, v in other.state_dict().items()})
    other.prompt_encoder.load_state_dict(model.prompt_encoder.state_dict())
    other.mask_decoder.load_state_dict(model.mask_decoder.state_dict())
    with tempfile.TemporaryDirectory() as folder:
        save_huggingface(other, folder)
        twin = transformers.SamModel.from_pretrained(folder).eval()
    for layer in twin.mask_decoder.transformer.layers:
        for number in (1, 2, 3, 4):
            # As in the reference: transformers has another one, which moves masks a little.
            getattr(layer, f"layer_norm{number}").eps = 1e-5
    processor = processing.SamImageProcessorPil(
        size={"longest_edge": model.info.input_size},
        pad_size={"height": model.info.input_size, "width": model.info.input_size},
    )
    side = model.info.input_size
    features = model.encode(torch.from_numpy(image)).maps["image"]
    along = np.linspace(0.5 / given.points, 1 - 0.5 / given.points, given.points) * image.shape[0]
    points = np.array([(x, y) for y in along for x in along]) * (side / image.shape[0])
    size = image.shape[:2]
    clock.wrap(twin, "forward", "decoder")
    clock.wrap(processor, "post_process_masks", "upsampling")
    clock.wrap(processor, "filter_masks", "filters, boxes, run lengths")
    from napari_cutout.segment.automatic.grid.suppression import suppress

    def work():
        rles, scores, boxes = [], [], []
        for batch in torch.from_numpy(points).float().split(64):
            labels = torch.ones(1, len(batch), 1, dtype=torch.long)
            with torch.no_grad():
                answer = twin(
                    image_embeddings=features,
                    input_points=batch[None, :, None],
                    input_labels=labels,
                )
            masks = processor.post_process_masks(
                answer.pred_masks,
                [size],
                [(side, side)],
                binarize=False,
                pad_size={"height": side, "width": side},
            )
            found = processor.filter_masks(
                masks[0], answer.iou_scores[0], size, [0, 0, *size[::-1]], given.score,
                given.stability,
            )  # fmt: skip
            rles += found[0]
            scores.append(found[1])
            boxes.append(found[2])
        kept = suppress(torch.cat(boxes), torch.cat(scores), given.nms)
        return [{"segmentation": rles[index]} for index in kept]

    return work


def stand_in_for_torchvision() -> None:
    """What the packages import of torchvision, where that isn't there."""
    try:
        import torchvision  # noqa: F401
    except ImportError:
        from napari_cutout.segment.automatic.grid.suppression import suppress

        def batched_nms(boxes, scores, idxs, iou_threshold):
            return torch.from_numpy(suppress(boxes, scores, iou_threshold))

        def box_area(boxes):
            return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

        def resize(picture, size):
            return picture.resize(size[::-1], 2)

        def to_pil_image(array):
            from PIL import Image

            return Image.fromarray(array)

        for name in ("", ".ops", ".ops.boxes", ".transforms", ".transforms.functional", ".utils"):
            sys.modules["torchvision" + name] = types.ModuleType("torchvision" + name)
        sys.modules["torchvision.utils"].make_grid = None
        vars(sys.modules["torchvision.ops.boxes"]).update(
            batched_nms=batched_nms, box_area=box_area
        )
        vars(sys.modules["torchvision.transforms.functional"]).update(
            resize=resize, to_pil_image=to_pil_image
        )
