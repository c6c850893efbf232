"""Learning classes from examples, and proposing them for others with a confidence that holds.

A linear classifier on the looks of objects. Its scores become probabilities by what it says of
examples that it was not shown (Platt's scaling on cross-validated scores).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.classes.errors import ClassError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.classes.looks import Looks

FEWEST = 3
"""Examples that each class needs: one to be judged on, and two to learn from."""

_FOLDS = 5
_STRENGTH = 10.0
_STEPS = 2000


@dataclass(frozen=True)
class Proposed:
    """Classes proposed for some objects.

    Parameters
    ----------
    names
        One for each object.
    confidence
        ``(N,)`` float, how probable each is, 0 to 1: of those at 0.8 about four in five are right.
    """

    names: tuple[str, ...]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassModel:
    """What was learned of classes.

    Parameters
    ----------
    classes
        Their names, sorted.
    counts
        How many examples there were of each.
    accuracy
        The share of the examples that are named right by a model that wasn't shown them.
    fingerprint
        Of the model that made the looks.
    """

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    accuracy: float
    fingerprint: str
    _scale: _Scale
    _classifier: Any

    def propose(self, looks: Looks) -> Proposed:
        """The most probable class of each of some objects.

        Raises
        ------
        ClassError
            If another model made their looks.
        """
        if looks.fingerprint != self.fingerprint:
            raise ClassError(
                "the classes were learned with another model; learn them again with this one"
            )
        if not len(looks):
            return Proposed((), np.zeros(0))
        probable = self._classifier.predict_proba(self._scale.scaled(looks.values))
        best = probable.argmax(axis=1)
        names = tuple(self.classes[place] for place in best)
        return Proposed(names, probable[np.arange(len(best)), best])


def learn_classes(
    looks: Looks, names: Sequence[str], others: Looks | None = None, seed: int = 0
) -> ClassModel:
    """Learn classes from examples.

    Parameters
    ----------
    looks
        Of the examples.
    names
        The class of each.
    others
        Further objects of the same images, without a class: they tell how much looks vary.
    seed
        Of how examples are parted to judge on.

    Raises
    ------
    ClassError
        If there are fewer than two classes, or fewer than three examples of one; or scikit-learn
        isn't installed.
    """
    if len(looks) != len(names):
        raise ClassError(f"{len(looks)} examples have {len(names)} classes; give one for each")
    classes, counts = check_examples(names)
    everything = looks if others is None else looks + others
    scale = _Scale.of(everything.values, looks.blocks)
    values, truth = scale.scaled(looks.values), np.searchsorted(classes, np.array(names, object))
    _check_installed()
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    plain = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=_STEPS)
    folds = StratifiedKFold(min(_FOLDS, min(counts)), shuffle=True, random_state=seed)
    right = cross_val_predict(plain, values, truth, cv=folds) == truth
    classifier = CalibratedClassifierCV(plain, method="sigmoid", cv=folds, ensemble=False)
    classifier.fit(values, truth)
    accuracy = float(right.mean())
    return ClassModel(classes, counts, accuracy, looks.fingerprint, scale, classifier)


@dataclass(frozen=True, eq=False)
class _Scale:
    """Takes each column to mean 0, and each block of columns to a variance of 1 together.

    So hundreds of features don't outvote the few numbers of a shape.
    """

    mean: NDArray[np.float64]
    factor: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float32], blocks: Sequence[int]) -> _Scale:
        deviation = values.std(axis=0, dtype=np.float64)
        shares = np.concatenate([np.full(size, size**-0.5) for size in blocks])
        varies = deviation > 1e-6 * (1 + np.abs(values).max(axis=0))
        factor = np.where(varies, shares / np.where(varies, deviation, 1), 0)
        return cls(values.mean(axis=0, dtype=np.float64), factor)

    def scaled(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray((values - self.mean) * self.factor, np.float64)


def check_examples(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The classes of some examples and how many there are of each, if they suffice.

    Raises
    ------
    ClassError
        If they don't; see :func:`learn_classes`.
    """
    counts = Counter(names)
    classes = tuple(sorted(counts))
    if len(classes) < 2:
        given = f"only {classes[0]!r}" if classes else "none"
        raise ClassError(
            f"classes are told apart by examples of two or more, and there is {given}; give "
            f"another class to {FEWEST} objects or more"
        )
    few = [name for name in classes if counts[name] < FEWEST]
    if few:
        there = counts[few[0]]
        raise ClassError(
            f"class {few[0]!r} has {there} example{'' if there == 1 else 's'}; give it to "
            f"{FEWEST} objects or more"
        )
    return classes, tuple(counts[name] for name in classes)


def _check_installed() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ClassError(
            "learning classes needs scikit-learn: pip install 'napari-cutout[classes]'"
        ) from error
