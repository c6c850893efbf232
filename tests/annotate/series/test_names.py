"""No two images share their results, and results are told from images."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.annotate.series.names import is_result, labels_bases

NAMES = st.lists(
    st.builds(
        "{}{}".format,
        st.text("aAb.-2", min_size=1, max_size=3),
        st.sampled_from(["", ".tif", ".TIF", ".png", ".ome.tif", ".labels.tif"]),
    ),
    unique=True,
    max_size=8,
)


def test_labels_are_called_as_the_image():
    assert labels_bases(["a.tif", "b.ome.tif", "c.nii.gz", "d.e.png", "f"]) == {
        "a.tif": "a.labels",
        "b.ome.tif": "b.labels",
        "c.nii.gz": "c.labels",
        "d.e.png": "d.e.labels",
        "f": "f.labels",
    }


def test_stems_that_collide_keep_their_suffix():
    assert labels_bases(["a.png", "a.tif", "A.jpg", "b.tif"]) == {
        "a.png": "a.png.labels",
        "a.tif": "a.tif.labels",
        "A.jpg": "A.jpg.labels",
        "b.tif": "b.labels",
    }


def test_a_name_that_was_given_is_kept_also_for_a_file_that_went():
    recorded = {"a.tif": "a.labels", "gone.tif": "b.labels"}

    assert labels_bases(["a.png", "a.tif", "b.png"], recorded) == {
        "a.png": "a.png.labels",
        "a.tif": "a.labels",
        "b.png": "b.png.labels",
    }


@given(NAMES, st.dictionaries(st.sampled_from(["a.tif", "b", "x"]), st.just("a.tif.labels")))
def test_all_labels_differ_and_are_known_as_results(names, recorded):
    recorded = dict(list(recorded.items())[:1])
    bases = labels_bases(names, recorded)

    assert list(bases) == names
    assert len({base.casefold() for base in bases.values()}) == len(names)
    assert all(is_result(f"{base}.tif") for base in bases.values())
    foreign = {base for name, base in recorded.items() if name not in names}
    assert not foreign & set(bases.values())


@given(NAMES, NAMES)
def test_names_that_were_given_stay_when_files_come_and_go(before, after):
    recorded = labels_bases(before)
    now = labels_bases(after, recorded)

    assert {n: b for n, b in now.items() if n in recorded} == {
        n: recorded[n] for n in after if n in recorded
    }
    assert len({*now.values(), *recorded.values()}) == len({*now, *recorded})
