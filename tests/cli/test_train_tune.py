"""Fine-tuning from the shell."""

import signal
import subprocess
import sys

import pytest

from napari_cutout import Segmenter

INTERRUPTED = 130
QUICK = (
    "--steps",
    2,
    "--objects-per-step",
    2,
    "--accumulate",
    1,
    "--no-augment",
    "--device",
    "cpu",
)


@pytest.mark.slow
def test_the_plan_progress_and_what_it_came_to(run, data, tmp_path):
    out = tmp_path / "mine.safetensors"
    result = run(
        *("train", "--model", "compact", "--images", data / "images", "--labels", data / "labels"),
        *("--out", out, "--remember", 0, *QUICK),
    )

    assert result.exit_code == 0
    assert "on a CPU that takes minutes" in result.stderr
    assert "6 objects in 3 frames, judged on 1 other" in " ".join(result.stderr.split())
    assert "IoU after one click" in result.stderr
    assert f"weights: {out}" in result.stdout
    assert "before" in result.stdout
    assert Segmenter(out, device="cpu").info.architecture == "compact"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for a child alone")
def test_interrupted_it_says_how_to_go_on(data, tmp_path):
    out = tmp_path / "mine.safetensors"
    words = ["--model", "compact", "--images", data, "--out", out, "--validate-every", 1, *QUICK]
    words[words.index("--steps") + 1] = 1000
    with subprocess.Popen(
        [sys.executable, "-m", "napari_cutout.cli", "train", *map(str, words)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        for line in process.stderr:
            if "/1000" in line and not line.startswith("validating 0/"):
                break
        process.send_signal(signal.SIGINT)
        *_, last = process.stderr.read().splitlines()

    assert process.returncode == INTERRUPTED
    assert last.startswith("stopped at step")
    assert f"the best so far is {out}" in last
    assert out.with_suffix(".state").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--model", "compact"), "give the labelled images to learn from"),
        (("--images", "DATA"), "say what: --model compact"),
        (("--model", "compact", "--images", "DATA", "--data", "DATA"), "--data is for training"),
        (("--data", "DATA", "--minutes", "3"), "--minutes is for fine-tuning"),
        ((), "give what to fine-tune, --model NAME --images DIR, or the recipe's --data DIR"),
        (("--model", "compact", "--images", "DATA", "--what", "head"), "what is one of"),
        (("--model", "compact", "--images", "DATA", "--minutes", "0"), "minutes is more than 0"),
        (("--model", "nothing", "--images", "DATA"), "no model is called 'nothing'"),
        (("--model", "compact", "--images", "DATA", "--device", "tpu"), "is not a device"),
        (
            ("--model", "compact", "--images", "DATA", "--images", "DATA", "--labels", "DATA"),
            "--labels belong to one --images",
        ),
        (
            ("--model", "compact", "--images", "DATA", "--validation-labels", "DATA"),
            "--validation-labels go with --validation-images",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(refused, data, tmp_path, words, reason):
    given = [data if word == "DATA" else word for word in words]

    assert reason in refused("train", *given, "--out", tmp_path / "x.safetensors")


def test_fine_tuned_weights_are_safetensors(refused, data, tmp_path):
    line = refused("train", "--model", "compact", "--images", data, "--out", tmp_path / "x.pt")

    assert "a fine-tuned model is written as .safetensors" in line


def test_images_without_labels_are_refused(refused, image, tmp_path):
    line = refused(
        "train", "--model", "compact", "--images", tmp_path, "--out", tmp_path / "x.safetensors"
    )

    assert str(tmp_path) in line
