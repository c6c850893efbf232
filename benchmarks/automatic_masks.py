"""Automatic masks with a grid of points: ours, Meta's, Hugging Face's, of the same decoder.

    python benchmarks/automatic_masks.py [--points 32] [--size 1024] [--threads 2] [--nms 0.85]

ViT-B's decoder with random weights (see tests/random_sam.py), one image, the same settings, the
embedding given: the encoder takes no part. Each runs in a process of its own, one after the other;
memory is what that process grew by. Meta's is its package with torchvision's NMS written out; where
it isn't installed (``pip install --no-deps segment-anything-py``) it is left out. micro-sam's
post-processing isn't measured here: it asks for more than a package index has.

Stages are timed around the functions that do them, and add up to less than the whole.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import types
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
WAYS = ("ours", "meta", "huggingface")


class Clock:
    """Seconds by stage, for functions that are wrapped where they are looked up."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def wrap(self, owner: object, name: str, stage: str) -> None:
        """Time all calls of ``owner.name`` as a stage."""
        inner = getattr(owner, name)

        def timed(*args, **kwargs):
            begin = perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[stage] += perf_counter() - begin

        setattr(owner, name, timed)


def image_of(size: int) -> np.ndarray:
    """``(size, size, 3)`` uint8, nuclei."""
    from skimage.transform import resize

    from napari_cutout.sample_data import fluorescence
    from napari_cutout.segment import to_pixels

    large = resize(fluorescence(), (size, size), preserve_range=True).astype(np.uint8)
    return np.array(to_pixels(large))


def run_ours(model, image, given, clock):
    """Our grid."""
    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.automatic import results
    from napari_cutout.segment.automatic.grid import find as grid
    from napari_cutout.segment.automatic.grid.options import GridOptions

    segmenter = Segmenter.from_family(model, "random")
    segmenter._storage = torch.float32
    embedding = segmenter.encode(image, "none", "whole")
    clock.wrap(grid, "ask", "decoder")
    clock.wrap(grid, "hopeful", "filters on logits")
    clock.wrap(grid, "judged", "pixels in boxes")
    clock.wrap(grid.Rle, "encode", "run lengths")
    clock.wrap(grid, "suppress", "suppression")
    options = GridOptions(
        given.points, pred_iou_thresh=given.score, stability_score_thresh=given.stability,
        box_nms_thresh=given.nms,
    )  # fmt: skip

    def work():
        return results.records(segmenter.everything(embedding, options), "coco_rle")

    return work


def run_meta(model, image, given, clock):
    """Meta's generator, with its own decoder."""
    _stand_in_for_torchvision()
    from segment_anything import SamAutomaticMaskGenerator
    from segment_anything import automatic_mask_generator as amg
    from segment_anything.modeling import MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    features = model.encode(torch.from_numpy(image)).maps["image"]

    class Given(torch.nn.Module):
        img_size = 1024

        def forward(self, _):
            return features

    prompts = PromptEncoder(256, (64, 64), (1024, 1024), 16)
    decoder = MaskDecoder(
        num_multimask_outputs=3, transformer_dim=256,
        transformer=TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8),
    )  # fmt: skip
    prompts.load_state_dict(model.prompt_encoder.state_dict(), strict=False)
    decoder.load_state_dict(model.mask_decoder.state_dict())
    sam = Sam(Given(), prompts, decoder).eval()
    clock.wrap(sam.mask_decoder, "forward", "decoder")
    clock.wrap(sam, "postprocess_masks", "upsampling")
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
    processor = processing.SamImageProcessorPil()
    features = model.encode(torch.from_numpy(image)).maps["image"]
    along = np.linspace(0.5 / given.points, 1 - 0.5 / given.points, given.points) * image.shape[0]
    points = np.array([(x, y) for y in along for x in along]) * (1024 / image.shape[0])
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
                answer.pred_masks, [size], [(1024, 1024)], binarize=False
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


def _stand_in_for_torchvision() -> None:
    """The three functions that Meta's package imports of torchvision, where that isn't there."""
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

        for name in ("", ".ops", ".ops.boxes", ".transforms", ".transforms.functional"):
            sys.modules["torchvision" + name] = types.ModuleType("torchvision" + name)
        vars(sys.modules["torchvision.ops.boxes"]).update(
            batched_nms=batched_nms, box_area=box_area
        )
        vars(sys.modules["torchvision.transforms.functional"]).update(
            resize=resize, to_pil_image=to_pil_image
        )


def one(given: argparse.Namespace) -> None:
    """Run one way in this process; write what it took and found."""
    from random_sam import random_sam

    torch.set_num_threads(given.threads)
    image = image_of(given.size)
    model, clock = random_sam(image, input_size=1024), Clock()
    work = {"ours": run_ours, "meta": run_meta, "huggingface": run_huggingface}[given.only](
        model, image, given, clock
    )
    clock.spent.clear()
    before = peak(since_now=True)
    begin = perf_counter()
    found = work()
    total = perf_counter() - begin
    result = {
        "total": total,
        "stages": dict(clock.spent),
        "memory": peak() - before,
        "masks": [_counts(record["segmentation"]) for record in found],
    }
    Path(given.to).write_text(json.dumps(result))


def _counts(rle) -> dict:
    """Run lengths as COCO's text, whoever made them."""
    from pycocotools import mask as coco

    if isinstance(rle["counts"], list):
        rle = coco.frPyObjects({"size": rle["size"], "counts": rle["counts"]}, *rle["size"])
    counts = rle["counts"]
    text = counts.decode() if isinstance(counts, bytes) else counts
    return {"size": list(rle["size"]), "counts": text}


def peak(since_now: bool = False) -> float:
    """Peak resident memory of this process in MB; since the last time that it was reset."""
    status = Path("/proc/self/status")
    if status.exists():
        if since_now:
            # Linux forgets the peak: making the model took more than some ways do.
            Path("/proc/self/clear_refs").write_text("5")
        line = next(text for text in status.read_text().splitlines() if "VmHWM" in text)
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def agreement(masks: list[dict], reference: list[dict]) -> int:
    """How many of the reference's masks have one of IoU over 0.99."""
    from pycocotools import mask as coco

    if not masks or not reference:
        return 0
    iou = coco.iou(masks, reference, [0] * len(reference))
    return int((iou.max(axis=0) > 0.99).sum())


def main() -> None:
    """Run all ways, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=32, help="points per side")
    parser.add_argument("--size", type=int, default=1024, help="side of the image in pixels")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--score", type=float, default=0.5)
    parser.add_argument("--stability", type=float, default=0.85)
    parser.add_argument("--nms", type=float, default=0.85)
    parser.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--to", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        one(given)
        return
    console, found = Console(), {}
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            to = Path(folder) / f"{way}.json"
            command = [sys.executable, __file__, *sys.argv[1:], "--only", way, "--to", str(to)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                console.print(f"{way}: left out, {done.stderr.strip().splitlines()[-1]}")
            else:
                found[way] = json.loads(to.read_text())
    _show(console, given, found)


def _show(console: Console, given: argparse.Namespace, found: dict[str, dict]) -> None:
    base = found.get("meta") or found["ours"]
    table = Table(
        "", "seconds", "ratio", "without decoder", "ratio", "memory MB", "ratio", "masks", "agree",
        title=f"{given.points}² points, {given.size}², {given.threads} threads",
    )  # fmt: skip
    for way, result in found.items():
        rest, base_rest = (r["total"] - r["stages"]["decoder"] for r in (result, base))
        table.add_row(
            way, f"{result['total']:.2f}", f"{base['total'] / result['total']:.1f}",
            f"{rest:.2f}", f"{base_rest / rest:.1f}",
            f"{result['memory']:.0f}", f"{base['memory'] / max(result['memory'], 1):.1f}",
            str(len(result["masks"])),
            f"{agreement(result['masks'], base['masks'])} / {len(base['masks'])}",
        )  # fmt: skip
    console.print(table)
    for way, result in found.items():
        stages = ", ".join(f"{name} {spent:.2f}" for name, spent in result["stages"].items())
        console.print(f"{way}: {stages} s")


if __name__ == "__main__":
    main()
