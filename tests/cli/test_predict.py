"""Prompts in, masks out, on real files."""

import json

import numpy as np
import pytest
import tifffile
import torch
from skimage.io import imread, imsave

from napari_cutout import Prompts, Segmenter
from napari_cutout.sam import save_meta
from napari_cutout.sam.config import DecoderConfig, SamConfig, VitConfig
from napari_cutout.sam.sam import Sam


@pytest.fixture
def answer(run):
    """Run ``predict --json``; what it printed."""

    def predict(*arguments):
        result = run("predict", *arguments, "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)

    return predict


def small_sam():
    """A SAM for testing, with random weights."""
    torch.manual_seed(0)
    encoder = VitConfig(16, 1, 2, (0,), head_dim=8, mlp_dim=16, patch=8, input_size=64,
                        out_channels=16)  # fmt: skip
    decoder = DecoderConfig(dim=16, cross_dim=8, mlp_dim=16, mask_channels=4, iou_hidden=8)
    sam = Sam(SamConfig("", encoder, decoder))
    for tensor in sam.state_dict().values():
        tensor.normal_()
    return sam


def expected(frame, prompts, multimask):
    segmenter = Segmenter("compact")
    return segmenter.predict(segmenter.encode(frame), prompts, multimask)


def test_a_click_gives_the_library_s_best_candidate(answer, image, frame, tmp_path):
    found = answer(image, "--point", "30,30", "--out", tmp_path / "labels.tif")

    mask = expected(frame, Prompts(points=[[30, 30]]), True).masks[0]
    assert np.array_equal(imread(tmp_path / "labels.tif"), mask)
    assert found["objects"][0]["area"] == mask.sum()


def test_several_points_give_one_mask(answer, image, frame):
    found = answer(image, "--point", "30,30", "--point", "50,72,-")

    prompts = Prompts(points=[[30, 30], [50, 72]], positive=[True, False])
    prediction = expected(frame, prompts, False)
    assert found["objects"][0]["score"] == pytest.approx(prediction.scores[0], abs=1e-4)
    assert found["objects"][0]["area"] == prediction.masks[0].sum()


def test_boxes_are_objects_in_order(answer, image, frame, tmp_path):
    boxes = [[16, 16, 44, 44], [38, 60, 62, 84]]
    options = [word for box in boxes for word in ("--box", ",".join(map(str, box)))]
    found = answer(image, *options, "--out", tmp_path / "labels.png")

    masks = [p.masks[0] for p in expected(frame, [Prompts(box=box) for box in boxes], False)]
    labels = np.where(masks[1], 2, masks[0])
    assert np.array_equal(imread(tmp_path / "labels.png"), labels)
    assert [one["id"] for one in found["objects"]] == [1, 2]
    assert [one["area"] for one in found["objects"]] == [mask.sum() for mask in masks]


def test_box_of_an_object_holds_its_mask_tightly(answer, image, tmp_path):
    found = answer(image, "--point", "30,30", "--out", tmp_path / "labels.npy")

    rows, cols = np.nonzero(np.load(tmp_path / "labels.npy"))
    box = [rows.min(), cols.min(), rows.max(), cols.max()]
    assert found["objects"][0]["box"] == [int(corner) for corner in box]


def test_the_same_question_has_the_same_answer(answer, image):
    assert answer(image, "--point", "30,30") == answer(image, "--point", "30,30")


def test_text_says_what_was_found_and_where_it_is(run, image, tmp_path):
    labels, picture = tmp_path / "labels.tif", tmp_path / "picture.png"
    result = run("predict", image, "--point", "30,30", "--out", labels, "--picture", picture)

    lines = result.stdout.splitlines()
    assert lines[0].startswith("object 1: score 0.")
    assert lines[1:] == [f"labels: {labels}", f"picture: {picture}"]


def test_text_says_that_nothing_was_written(run, image):
    result = run("predict", image, "--point", "30,30")

    assert result.stdout.splitlines()[-1].startswith("nothing was written; give --out")


def test_picture_is_as_large_as_the_frame(answer, image, tmp_path):
    answer(image, "--point", "30,30", "--picture", tmp_path / "picture.png")

    assert imread(tmp_path / "picture.png").shape == (80, 100, 3)


@pytest.mark.parametrize(
    "dtype", [bool, np.int8, np.uint16, np.int32, np.uint64, np.float16, np.float64, ">u2"]
)
def test_any_dtype(answer, frame, tmp_path, dtype):
    np.save(tmp_path / "image.npy", (frame > 100) if dtype is bool else (frame // 2).astype(dtype))

    assert answer(tmp_path / "image.npy", "--point", "30,30")["shape"] == [80, 100]


def test_floats_with_nan_and_infinity(answer, frame, tmp_path):
    values = frame.astype(np.float32)
    values[0], values[1] = np.nan, np.inf
    tifffile.imwrite(tmp_path / "image.tif", values)

    assert answer(tmp_path / "image.tif", "--point", "30,30")["shape"] == [80, 100]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_images_one_pixel_wide(answer, tmp_path, shape):
    np.save(tmp_path / "image.npy", np.ones(shape, np.uint8))
    outputs = ["--out", tmp_path / "labels.tif", "--picture", tmp_path / "picture.png"]
    answer(tmp_path / "image.npy", "--point", "0,0", *outputs)

    assert imread(tmp_path / "labels.tif").shape == shape


def test_a_frame_of_a_stack_is_answered_as_the_frame_alone(answer, image, frame, tmp_path):
    stack = np.stack([np.zeros_like(frame), frame, frame[::-1]])
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")

    found = answer(tmp_path / "stack.tif", "--frame", "1", "--point", "30,30")
    assert found["objects"] == answer(image, "--point", "30,30")["objects"]
    assert found["frame"] == [1]


def test_intensity_reaches_the_model(answer, image):
    as_it_is, stretched = (
        answer(image, "--point", "30,30", "--intensity", name)["objects"]
        for name in ("0,1000", "percentile")
    )

    assert as_it_is != stretched


def test_rgb(answer, frame, tmp_path):
    imsave(tmp_path / "rgb.jpg", np.stack([frame, frame // 2, frame], -1), check_contrast=False)

    assert answer(tmp_path / "rgb.jpg", "--point", "30,30")["shape"] == [80, 100]


@pytest.mark.parametrize("point", ["-1,3", "80,3", "3,100", "3,1e9"])
def test_points_outside_are_refused(refused, image, point):
    assert "lies outside the frame of 80 rows and 100 columns" in refused(
        "predict", image, "--point", point
    )


def test_a_box_upside_down_is_refused(refused, image):
    assert "upside down" in refused("predict", image, "--box", "40,40,10,10")


def test_a_stack_without_a_frame_is_asked_about(refused, tmp_path):
    stack = np.zeros((3, 20, 30), np.uint8)
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")

    line = refused("predict", tmp_path / "stack.tif", "--point", "3,4")
    assert "(3, 20, 30): choose a frame with --frame I (0 to 2)" in line


def test_five_channels_are_asked_about(refused, tmp_path):
    np.save(tmp_path / "image.npy", np.zeros((20, 30, 5), np.uint8))

    line = refused("predict", tmp_path / "image.npy", "--point", "3,4")
    assert "choose one with --channel K" in line


def test_a_channel_of_an_image_without_channels_is_refused(refused, image):
    line = refused("predict", image, "--point", "3,4", "--channel", "0")

    assert line.endswith("leave --channel out")


def test_a_lightning_checkpoint_that_is_not_there_is_no_repository(refused, image):
    line = refused("predict", image, "--point", "3,4", "--model", "weights/mine.ckpt")

    assert (
        line == "napari-cutout: weights/mine.ckpt: there is no such file or folder; check the path"
    )


def test_what_was_left_out_of_a_checkpoint_is_said_on_stderr(run, image, tmp_path):
    save_meta(small_sam(), tmp_path / "plain.pth")
    weights = torch.load(tmp_path / "plain.pth", weights_only=True)
    path = tmp_path / "fine-tuned.pt"
    torch.save({"model": weights, "optimizer_state": {"step": torch.zeros(1)}}, path)
    result = run("predict", image, "--point", "30,30", "--model", path, "--json")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        f"{path}: the model is the file's entry 'model'",
        f"{path}: left out what is not SAM's: optimizer_state",
    ]
    assert json.loads(result.stdout)["model"] == str(path)


def test_an_unknown_model_is_refused(refused, image):
    line = refused("predict", image, "--point", "3,4", "--model", "vit_x")

    assert "no model is called 'vit_x'" in line


def test_a_file_that_is_no_model_is_refused(refused, image, tmp_path):
    (tmp_path / "model.pt").write_bytes(b"nothing of the kind")
    line = refused("predict", image, "--point", "3,4", "--model", tmp_path / "model.pt")

    assert "model.pt" in line


def test_a_device_that_is_not_there_is_refused(refused, image):
    assert "'warp'" in refused("predict", image, "--point", "3,4", "--device", "warp")


def test_the_input_is_never_written_over(refused, image):
    before = image.read_bytes()

    assert "is the image itself" in refused("predict", image, "--point", "3,4", "--out", image)
    assert image.read_bytes() == before


def test_two_outputs_of_one_name_are_refused(refused, image, tmp_path):
    out = tmp_path / "out.png"

    assert "--out and --picture are both" in refused(
        "predict", image, "--point", "3,4", "--out", out, "--picture", out
    )


@pytest.mark.parametrize(("option", "name"), [("--out", "labels.jpg"), ("--picture", "p.tif")])
def test_outputs_of_a_wrong_format_are_refused(refused, image, tmp_path, option, name):
    assert "written as" in refused("predict", image, "--point", "3,4", option, tmp_path / name)


def test_an_output_without_a_folder_is_refused(refused, image, tmp_path):
    out = tmp_path / "nowhere" / "labels.tif"

    assert "there is no folder" in refused("predict", image, "--point", "3,4", "--out", out)
