"""A torch network run by ONNX Runtime or OpenVINO, on the CPU, with as many threads as torch.

Which networks are run so, and whether the packages are there, is in peers.py.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Run = Callable[..., Tensor]


def onnxruntime(network: nn.Module, inputs: Mapping[str, Tensor]) -> Run:
    """A network, exported to ONNX, in ONNX Runtime; float32.

    Parameters
    ----------
    network
        Takes tensors and gives one.
    inputs
        One for each argument, by name; others have to have the same shapes.
    """
    import onnxruntime as runtime

    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # The tracer warns of each shape that it takes as it is; they stay so.
        warnings.simplefilter("ignore")
        file = Path(folder) / "network.onnx"
        torch.onnx.export(
            network, tuple(inputs.values()), file, input_names=list(inputs),
            opset_version=17, dynamo=False,
        )  # fmt: skip
        options = runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Threads that wait for work are in the way of who has the next turn.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        session = runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def run(*tensors: Tensor) -> Tensor:
        given = {name: one.numpy() for name, one in zip(inputs, tensors, strict=True)}
        return torch.from_numpy(session.run(None, given)[0])

    return run


def openvino(network: nn.Module, inputs: Mapping[str, Tensor], precision: str) -> Run:
    """A network in OpenVINO, computed in ``"float32"`` or ``"bfloat16"``; else as onnxruntime's."""
    import openvino as runtime

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = runtime.convert_model(
            network,
            example_input=tuple(inputs.values()),
            input=[list(one.shape) for one in inputs.values()],
        )
    hints = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    compiled = runtime.Core().compile_model(model, "CPU", hints)

    def run(*tensors: Tensor) -> Tensor:
        return torch.from_numpy(compiled([one.numpy() for one in tensors])[0].copy())

    return run
