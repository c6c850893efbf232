"""Packages with the shape of the peers' documented functions, and known answers: what is bright.

They check what they are given as the real ones do, and stand on ``sys.path`` while a test runs.
"""

import importlib
import sys

MICRO_SAM_UTIL = '''
import numpy as np

class Predictor:
    """As segment_anything.SamPredictor."""

    def predict(self, point_coords=None, point_labels=None, box=None, mask_input=None,
                multimask_output=True, return_logits=False):
        from scipy import ndimage
        bright = self.image[..., 0] > 127
        regions, _ = ndimage.label(bright)
        mask = np.zeros(bright.shape, bool)
        if mask_input is not None:
            assert mask_input.shape == (1, *bright.shape)
            mask |= mask_input[0] > 0
        if box is not None:
            x0, y0, x1, y1 = np.asarray(box).astype(int)
            mask[y0:y1 + 1, x0:x1 + 1] |= bright[y0:y1 + 1, x0:x1 + 1]
        if point_coords is not None:
            for (x, y), label in zip(np.asarray(point_coords).astype(int), point_labels):
                region = regions == regions[y, x] if regions[y, x] else np.zeros_like(mask)
                mask = mask | region if label == 1 else mask & ~region
        masks = np.stack([bright, mask]) if multimask_output else mask[None]
        scores = np.array([0.4, 0.8] if multimask_output else [0.8], np.float32)
        return masks, scores, masks.astype(np.float32) * 2 - 1

def precompute_image_embeddings(predictor, input_, save_path=None, lazy_loading=False, ndim=None,
                                tile_shape=None, halo=None, verbose=True):
    assert input_.dtype == np.uint8 and input_.shape[2:] == (3,) and ndim == 2
    return {"features": input_}

def set_precomputed(predictor, image_embeddings, i=None, tile_id=None):
    predictor.image = image_embeddings["features"]
    return predictor
'''

MICRO_SAM_AUTOMATIC = """
import numpy as np
from scipy import ndimage
from micro_sam.util import Predictor

def get_predictor_and_segmenter(model_type, checkpoint=None, device=None, amg=None,
                                is_tiled=False, **kwargs):
    return Predictor(), model_type

def automatic_instance_segmentation(predictor, segmenter, input_path, output_path=None,
                                    embedding_path=None, key=None, ndim=None, tile_shape=None,
                                    halo=None, verbose=True, **generate_kwargs):
    assert ndim == 2 and isinstance(predictor, Predictor)
    return ndimage.label(np.asarray(input_path)[..., 0] > 127)[0].astype("uint32")
"""

CELLPOSE_MODELS = """
import numpy as np
from scipy import ndimage

class CellposeModel:
    def __init__(self, gpu=False, pretrained_model="cpsam", device=None):
        assert isinstance(gpu, bool)
        self.pretrained_model = pretrained_model

    def eval(self, x, batch_size=8, resample=True, channels=None, channel_axis=None,
             normalize=True, diameter=None, flow_threshold=0.4, cellprob_threshold=0.0):
        masks = ndimage.label(np.asarray(x)[..., 0] > 127)[0].astype(np.uint16)
        return masks, [None, None, None, None], np.zeros(256, np.float32)
"""

STARDIST_MODELS = """
from types import SimpleNamespace
import numpy as np
from scipy import ndimage

class StarDist2D:
    def __init__(self, channels):
        self.config = SimpleNamespace(n_channel_in=channels)

    @classmethod
    def from_pretrained(cls, name_or_alias=None):
        known = {"2D_versatile_fluo": 1, "2D_versatile_he": 3}
        return cls(known[name_or_alias]) if name_or_alias in known else None

    def predict_instances(self, img, axes=None, normalizer=None, prob_thresh=None,
                          nms_thresh=None, n_tiles=None):
        assert img.ndim == (2 if self.config.n_channel_in == 1 else 3)
        grey = img if img.ndim == 2 else img[..., 0]
        labels = ndimage.label(grey > 0.5)[0].astype(np.int32)
        return labels, {"prob": np.ones(labels.max())}
"""

CSBDEEP_UTILS = """
import numpy as np

def normalize(x, pmin=3, pmax=99.8, axis=None, clip=False, eps=1e-20, dtype=np.float32):
    low, high = (np.percentile(x, p, axis=axis, keepdims=True) for p in (pmin, pmax))
    return ((x - low) / (high - low + eps)).astype(dtype)
"""

PACKAGES = {
    "micro_sam": {"util": MICRO_SAM_UTIL, "automatic_segmentation": MICRO_SAM_AUTOMATIC},
    "cellpose": {"models": CELLPOSE_MODELS, "core": "def use_gpu():\n    return False\n"},
    "stardist": {"models": STARDIST_MODELS},
    "csbdeep": {"utils": CSBDEEP_UTILS},
}


def write_packages(folder):
    """Write them, to be imported from there."""
    for package, modules in PACKAGES.items():
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
        for name, text in modules.items():
            (folder / package / f"{name}.py").write_text(text)


def stand_in(monkeypatch, folder):
    """Let them be found for one test, and forget them afterwards."""
    write_packages(folder)
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.split(".")[0] in PACKAGES]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    for package, modules in PACKAGES.items():
        for name in (package, *(f"{package}.{module}" for module in modules)):
            # Whatever is imported meanwhile goes with the test.
            monkeypatch.setitem(sys.modules, name, None)
            monkeypatch.delitem(sys.modules, name)
