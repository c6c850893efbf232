"""The choice of a model: what is in the package, on disk or was trained here, or another file.

What is on disk is looked for in a thread: only to know where takes libraries that are slow to load.
"""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QWidget

from napari_cutout.layers.learning.files import trained_models
from napari_cutout.layers.weak import weak_call
from napari_cutout.sam.catalogue import Row, catalogue, find
from napari_cutout.sam.download import is_on_disk
from napari_cutout.sam.errors import WeightsError
from napari_cutout.widgets.tasks import TaskRunner

_FROM_FILE = "From file ..."
_FILTER = "Weights (*.safetensors *.pth *.pt *.bin);;All files (*)"

GET_MORE = "napari-cutout models get NAME"
"""The command that fetches a model."""


class ModelChoice(QComboBox):
    """A combo box of models.

    Signals
    -------
    model_changed
        The name or path that the person chose.
    about_changed
        Another one is shown, whoever chose it.
    """

    model_changed = Signal(object)
    about_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setToolTip(
            "The model. Those in the package and on disk work without a network; to fetch "
            f"another: {GET_MORE}"
        )
        self.addItem(_FROM_FILE, _FROM_FILE)
        self._offer([row.name for row in catalogue().values() if row.in_package])
        self.setCurrentIndex(0)
        self._last = self.itemData(0)
        self.activated.connect(self._on_activated)
        looking = TaskRunner()
        self.destroyed.connect(looking.shut)
        looking(_on_disk, weak_call(self._offer), lambda _error: None)
        looking(trained_models, weak_call(self._offer_trained), lambda _error: None)

    @property
    def model(self) -> str | Path:
        """What is chosen."""
        return self._last

    @property
    def about(self) -> str:
        """The licence of what is chosen, and whether it needs a network, in words."""
        if isinstance(self._last, Path):
            return "A file; mind its licence. Needs no network."
        row = find(self._last)
        return f"{row.licence} licence. Needs no network."

    def choose_file(self, path: Path) -> None:
        """Choose a checkpoint file."""
        self._on_activated(self._add(path.name, path, str(path)))

    def prefer(self, model: str | Path) -> str:
        """Begin with a model; nobody is told.

        Returns
        -------
        str
            Why it can't be, with what to do; empty when it can.
        """
        if isinstance(model, Path):
            if not model.exists():
                return f"the preferred model {model} isn't there; choose another in Preferences"
            self._choose(self._add(model.name, model, str(model)))
            return ""
        try:
            row = find(model)
        except WeightsError as error:
            return f"{error}; choose another in Preferences"
        if not is_on_disk(row):
            return (
                f"the preferred model {model!r} isn't on disk; fetch it with "
                f"'{GET_MORE.replace('NAME', model)}', or choose another in Preferences"
            )
        self._offer([row.name])
        self._choose(self._place(row.name))
        return ""

    def showPopup(self) -> None:
        """Offer what came to the disk meanwhile, too."""
        self._offer(_on_disk())
        self._offer_trained(trained_models())
        super().showPopup()

    def _offer(self, names: list[str]) -> None:
        """Offer models of the catalogue, in its order and before files."""
        order = list(catalogue())
        for name in names:
            row = find(name)
            known = [self.itemData(place) for place in range(self.count())]
            earlier = [at for at in known if at in order and order.index(at) < order.index(name)]
            self._add(row.name, row.name, _tip(row), len(earlier))

    def _offer_trained(self, paths: list[Path]) -> None:
        """Offer models that were trained here, behind those of the catalogue."""
        for path in paths:
            self._add(path.name, path, f"Trained here: {path}")

    def _add(self, text: str, model: str | Path, tip: str, place: int | None = None) -> int:
        """Put a model there, if it is new, or before "From file ..."; returns where it is."""
        if self._place(model) < 0:
            at = self.count() - 1 if place is None else place
            self.insertItem(at, text, model)
            self.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        return self._place(model)

    def _place(self, model: str | Path) -> int:
        """Of a model in the box; -1 when it isn't there."""
        known = (place for place in range(self.count()) if self.itemData(place) == model)
        return next(known, -1)

    def _choose(self, place: int) -> None:
        self.setCurrentIndex(place)
        self._last = self.itemData(place)
        self.about_changed.emit()

    def _on_activated(self, index: int) -> None:
        chosen = self.itemData(index)
        if chosen == _FROM_FILE:
            self.setCurrentIndex(self._place(self._last))
            name, _ = QFileDialog.getOpenFileName(self, "Choose weights", "", _FILTER)
            if name:
                self.choose_file(Path(name))
        elif chosen != self._last:
            self._choose(index)
            self.model_changed.emit(self.model)


def _on_disk() -> list[str]:
    """Names of the models that can be loaded without a network."""
    return [row.name for row in catalogue().values() if is_on_disk(row)]


def _tip(row: Row) -> str:
    return " ".join(filter(None, (row.good_for, f"Licence: {row.licence}.", row.notes)))
