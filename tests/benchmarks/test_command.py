"""``python -m benchmarks`` runs, and what it compares agrees; no time is judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*words):
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "80"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The tables of a benchmark's quick run, as they were written; each is run once."""
    folder, known = tmp_path_factory.mktemp("pages"), {}

    def of(name):
        if name not in known:
            done = call(name, "--quick", "--out", str(folder))
            assert done.returncode == 0, done.stderr
            known[name] = json.loads((folder / f"{name}.json").read_text())["tables"]
        return known[name]

    return of


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "bar"),
    [
        ("ours, float32", 1e-5),
        ("ours, bfloat16", 0.02),
        ("transformers, float32", 1e-5),
        ("onnxruntime, float32", 1e-5),
        ("OpenVINO, float32", 1e-5),
    ],
)
def test_embeddings_agree(tables, way, bar):
    (found,) = tables("encoder")
    errors = {row["encoder"]: row["error"] for row in found["rows"]}
    if way not in errors:
        pytest.skip(" ".join(found["notes"]))

    assert float(errors[way]) < bar


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "bar"),
    [
        ("ours, float32", 0.9995),
        ("ours, bfloat16", 0.98),
        ("transformers, float32", 0.9995),
        ("onnxruntime, float32", 0.9995),
        ("OpenVINO, float32", 0.9995),
    ],
)
def test_masks_agree(tables, way, bar):
    (found,) = tables("decoder")
    ious = {row["decoder"]: row["IoU"] for row in found["rows"]}
    if way not in ious:
        pytest.skip(" ".join(found["notes"]))

    assert float(ious[way]) > bar


@pytest.mark.slow
@pytest.mark.parametrize("way", ["decoder", "encoder, decoder"])
def test_compact_agrees_with_itself_in_bfloat16(tables, way):
    (found,) = tables("precision")
    rows = {row["in bfloat16"]: row for row in found["rows"]}

    assert int(rows[way]["clicks"]) == 12
    assert float(rows[way]["mean IoU"]) > 0.99


@pytest.mark.slow
def test_answers_do_not_depend_on_sizes(tables):
    image, prompts, objects, windows, *_ = tables("scaling")

    assert [float(row["IoU with the first"]) > 0.99 for row in image["rows"]] == [True, True]
    assert [float(row["IoU with one by one"]) > 0.99 for row in prompts["rows"]] == [True, True]
    assert [row["found"] for row in objects["rows"]] == ["4", "64"]
    assert [row["windows"] for row in windows["rows"]] == ["1", "4"]


@pytest.mark.slow
def test_a_run_over_a_stack_is_measured(tables):
    speed, parts, memory = tables("stack")

    assert int(speed["rows"][0]["objects a frame"]) > 0
    assert all(float(parts["rows"][0][part]) > 0 for part in ("encode", "find", "write", "link"))
    assert float(memory["rows"][0]["in the end, MB"]) > 0


def test_the_limits_are_measured(tables):
    (found,) = tables("limits")

    assert found["rows"][0]["threads"] == "1"
    speeds = [float(value) for name, value in found["rows"][0].items() if name != "threads"]
    assert min(speeds) > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a window would open")
def test_what_needs_a_display_and_has_none_fails_and_says_so():
    screens = {"DISPLAY", "WAYLAND_DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "click_latency"],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in screens},
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout.startswith("failed: click_latency, ")


def test_an_unknown_name_is_refused():
    done = call("nothing")

    assert done.returncode == 2
    assert "there is no benchmark nothing" in done.stderr
