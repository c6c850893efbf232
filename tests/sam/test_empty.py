"""Networks that are built to be given their weights."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from napari_cutout.sam.empty import without_weights


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(4, 4).weight,
        lambda: nn.Conv2d(3, 8, 3).bias,
        lambda: nn.Embedding(4, 8).weight,
        lambda: nn.init.kaiming_normal_(nn.Conv2d(3, 8, 3).weight),
        lambda: nn.init.trunc_normal_(tensor=torch.empty(8, 3)),
        lambda: torch.randn(2, 3, generator=torch.Generator("cpu")),
        lambda: torch.rand((2, 3)),
    ],
)
def test_nothing_has_values(make):
    with without_weights():
        made = make()

    assert made.is_meta
    assert made.shape == make().shape


def test_what_has_memory_is_filled_all_the_same():
    with without_weights():
        filled = nn.init.constant_(torch.empty(3, device="cpu"), 2.0)
        drawn = torch.randn(3, device="cpu")

    assert filled.tolist() == [2.0, 2.0, 2.0]
    assert drawn.device.type == "cpu"


def test_afterwards_weights_are_drawn_again():
    with without_weights():
        nn.Linear(4, 4)

    assert nn.Linear(64, 64).weight.std() > 0


def test_torch_does_not_bring_its_compiler_for_it():
    """It takes longer than all else that loading a small model does."""
    program = (
        "import sys\n"
        "from torch import nn\n"
        "import torch\n"
        "from napari_cutout.sam.empty import without_weights\n"
        "with without_weights():\n"
        "    nn.init.normal_(nn.Linear(4, 4).weight)\n"
        "    torch.randn(2, 3)\n"
        "print([name for name in ('torch._dynamo', 'sympy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
