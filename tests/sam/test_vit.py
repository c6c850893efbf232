"""The image encoder where a block of scores, a band of tokens and a window each end early."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from napari_cutout.sam.config import VitConfig
from napari_cutout.sam.grid_attention import attend, relative_table
from napari_cutout.sam.vit import ImageEncoderViT, cut_windows, join_windows

# Leaving the setting sets another along, of which torch has something to say.
pytestmark = pytest.mark.filterwarnings("ignore:TF32 acceleration")


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def plainly(q, k, v, rel_h, rel_w, grid):
    """Attention with the whole matrix of scores, one key's offset at a time, in float64."""
    rows, cols = grid
    where = torch.cartesian_prod(torch.arange(rows), torch.arange(cols))
    apart = where[:, None] - where[None]
    scores = q @ k.mT * q.shape[-1] ** -0.5
    scores += torch.einsum("nqc,qkc->nqk", q, rel_h[apart[..., 0] + rows - 1])
    scores += torch.einsum("nqc,qkc->nqk", q, rel_w[apart[..., 1] + cols - 1])
    return scores.softmax(-1) @ v


# The last has more scores than are held at once, the first more grids than fit in at once.
@pytest.mark.parametrize(("n", "rows", "cols"), [(300, 8, 8), (2, 5, 9), (1, 36, 41)])
def test_attention(n, rows, cols):
    q, k, v = (normal(n, rows * cols, 4 + i)[..., :4].double() for i in range(3))
    rel_h, rel_w = normal(2 * rows - 1, 4).double(), normal(2 * cols - 1, 4).double()
    actual = attend(*(x.float() for x in (q, k, v, relative_table(rel_h, rel_w))), cols)
    expected = plainly(q, k, v, rel_h, rel_w, (rows, cols))
    torch.testing.assert_close(actual.double(), expected, rtol=1e-4, atol=1e-5)


def test_queries_of_some_rows():
    q, k, v, table = normal(2, 63, 4), normal(2, 63, 5)[..., :4], normal(2, 63, 4), normal(28, 4)
    # 7 rows of 9 columns: 13 and 17 offsets.
    table = torch.cat([table, table[:2]])
    whole = attend(q, k, v, table, 9)
    torch.testing.assert_close(attend(q[:, 27:45], k, v, table, 9, top=3), whole[:, 27:45])


def test_windows_are_cut_and_joined():
    band = torch.arange(2 * 3 * 7).view(2, 3, 7, 1).float()
    windows = cut_windows(band, 4, torch.tensor([-1.0]))
    assert windows.shape == (4, 4, 4, 1)
    assert torch.equal(windows[1, :3, :3], band[0, :, 4:])
    assert set(windows[3, 3].flatten().tolist()) == {-1}
    assert torch.equal(join_windows(windows, band.shape), band)


@pytest.fixture(scope="module")
def encoder(randomised):
    """A grid of 44 x 44: two bands in its global block, and a window row of 2 in the others."""
    config = VitConfig(16, 2, 2, (1,), head_dim=8, mlp_dim=24, patch=2, input_size=88,
                       out_channels=8)  # fmt: skip
    return randomised(ImageEncoderViT(config)).eval().requires_grad_(False)


def test_fused_or_not_the_embedding_is_the_same(encoder):
    image = normal(2, 3, 88, 88)
    fused = encoder(image)
    with torch.backends.mkldnn.flags(enabled=False):
        torch.testing.assert_close(encoder(image), fused, rtol=1e-4, atol=1e-5)
    assert fused.std() > 0.1


def test_images_of_a_batch_are_embedded_alone(encoder):
    image = normal(2, 3, 88, 88)
    torch.testing.assert_close(encoder(image)[1:], encoder(image[1:]))


def test_padding_on_the_right_is_attended_to(encoder):
    image = normal(1, 3, 88, 88)
    image[..., 44:] = 0
    marked = F.pad(torch.zeros(1, 3, 88, 86), (0, 2), value=1.0) + image
    apart = (encoder(image) - encoder(marked)).abs().amax(1)[0]
    assert (apart[:, :20] > 1e-6).all()
