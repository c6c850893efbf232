"""Self-attention over a grid of tokens, with decomposed relative positions.

After "Exploring plain vision transformer backbones for object detection" (Li et al. 2022) and
"MViTv2" (Li et al. 2022, equation 4). Tokens are rows here, ``L = rows * cols`` of them in a grid;
``H`` heads of ``c`` channels. Which grids there are, windows or the whole, is for ``vit``.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor
from torch.nn import functional as F

# Scores that are held at once: 4 MB in float32, so that what is done to them one after the other
# finds them in the cache. One global block of ViT-B has 200 million of them.
_SCORES_AT_ONCE = 2**20
# Shorter rows of bfloat16 are added more slowly than in float32.
_LONG_ROW = 32


def attend(q: Tensor, k: Tensor, v: Tensor, table: Tensor, cols: int, top: int = 0) -> Tensor:
    """Softmax attention with decomposed relative positions, a bounded block at a time.

    Parameters
    ----------
    q
        ``(N, l, c)``, the queries of whole rows of the grid, a grid and a head apiece.
    k, v
        ``(N, L, c)``, of the whole grid.
    table
        From :func:`relative_table`.
    cols
        Columns of the grid.
    top
        The first of the queries' rows.

    Returns
    -------
    Tensor
        ``(N, l, c)``.
    """
    length, channels = k.shape[1:]
    grids = max(1, _SCORES_AT_ONCE // length**2)
    block = cols * max(1, _SCORES_AT_ONCE // (cols * length))
    out = torch.empty_like(q)
    for first, start in product(range(0, len(q), grids), range(0, q.shape[1], block)):
        some, these = slice(first, first + grids), slice(start, start + block)
        queries = q[some, these]
        bias = relative_scores(queries, table, (length // cols, cols), top + start // cols)
        scores = bias.baddbmm_(queries, k[some].mT, alpha=channels**-0.5)
        out[some, these] = scores.softmax(-1) @ v[some]
    return out


def relative_table(rel_pos_h: Tensor, rel_pos_w: Tensor) -> Tensor:
    """Embeddings of all offsets from a query to a key, ``(S, c)``.

    ``rel_pos_h`` is ``(2 * rows - 1, c)``, of the query's row less the key's, ascending, and
    ``rel_pos_w`` the same of columns. In the table rows go before columns, each descending:
    ascending in the key.
    """
    return torch.cat([rel_pos_h.flip(0), rel_pos_w.flip(0)])


def relative_scores(queries: Tensor, table: Tensor, grid: tuple[int, int], top: int) -> Tensor:
    """What relative positions add to the scores of the queries of some rows.

    Parameters
    ----------
    queries
        ``(N, band * cols, c)``, not scaled.
    table
        From :func:`relative_table`.
    grid
        ``(rows, cols)`` of the keys.
    top
        The first of the queries' rows.

    Returns
    -------
    Tensor
        ``(N, band * cols, rows * cols)``, to be written to.
    """
    rows, cols = grid
    n, length, _ = queries.shape
    band = length // cols
    # Of all offsets, a query wants those from itself to the first key and onwards: a step in the
    # query is a step back in the offsets. So nothing is gathered, only looked at askew.
    used = table[rows - top - band :]
    offsets = F.linear(queries, used)
    offsets = offsets if cols >= _LONG_ROW else offsets.float()
    size = len(used)
    steps = length * size, cols * size, size
    by_row = offsets.as_strided(
        (n, band, cols, rows, 1), (steps[0], steps[1] - 1, steps[2], 1, 1), band - 1
    )
    by_col = offsets.as_strided(
        (n, band, cols, 1, cols), (steps[0], steps[1], steps[2] - 1, 1, 1), size - cols
    )
    return (by_row + by_col).to(queries.dtype).view(n, length, rows * cols)
