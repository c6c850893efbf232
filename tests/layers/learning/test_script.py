"""The example of the documentation: learning from a script."""

from __future__ import annotations

import re
from pathlib import Path

from learning_discs import disc_image, disc_labels

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to.md"


def test_the_example_of_the_documentation_runs(tmp_path, monkeypatch):
    """As it is written, with fewer steps."""
    from skimage.io import imsave

    text = HOW_TO.read_text(encoding="utf-8").partition("## Learn from your corrections")[2]
    (snippet,) = re.findall(r"^```python\n(.*?)^```", text.partition("\n## ")[0], re.M | re.S)
    monkeypatch.chdir(tmp_path)
    labels = disc_labels()
    imsave("cells.tif", disc_image(labels), check_contrast=False)
    imsave("cells_labels.tif", labels, check_contrast=False)
    names: dict[str, object] = {}

    exec(snippet.replace("minutes=10", "steps=1, augment=False, remember=0.0"), names)

    assert names["learning"].outcome.path == tmp_path / "mine.safetensors"
    assert names["session"].model == tmp_path / "mine.safetensors"
