"""On what a benchmark ran: the processor, its cores and memory, the versions of what computes."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from napari_cutout.sam.cores import cores

COMPUTING = ("napari-cutout", "napari", "torch", "numpy", "transformers", "segment-anything-py",
             "segment-anything", "onnxruntime", "openvino")  # fmt: skip


def processor() -> str:
    """The processor's name, as far as it says."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        lines = facts.read_text().splitlines()
        models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        if models:
            return models[0]
    return platform.processor() or platform.machine()


def machine() -> str:
    """One line: processor, cores, memory, graphics card, system."""
    parts = [processor(), f"{cores()} cores"]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        parts.append(f"{memory / 2**30:.0f} GiB")
    return ", ".join([*parts, *_cards(), f"{platform.system()} {platform.machine()}"])


def versions() -> str:
    """One line: Python, and each package that computes and is there."""
    parts = [f"Python {platform.python_version()}"]
    for name in COMPUTING:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(parts)


def _cards() -> list[str]:
    """CUDA's devices by name."""
    import torch

    return [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
