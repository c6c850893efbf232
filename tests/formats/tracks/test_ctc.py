"""Tracks as the Cell Tracking Challenge has them: written, read, and refused."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.ctc import read_ctc, write_ctc
from napari_cutout.formats.tracks.track import Track


def frames_of(*contents, shape=(4, 12)):
    """A frame for each sequence of ids, each a pixel of its own."""
    frames = np.zeros((len(contents), *shape), np.int32)
    for frame, ids in zip(frames, contents, strict=True):
        for place, one in enumerate(ids):
            frame.flat[place] = one
    return frames


@st.composite
def sequences(draw):
    """Frames with gaps and divisions, and their tracks."""
    count = draw(st.integers(1, 7))
    seen, parents = {}, {}
    waiting = [(0, 0)] * draw(st.integers(1, 3))
    while waiting and len(seen) < 9:
        parent, begin = waiting.pop()
        first = draw(st.integers(begin, count - 1))
        last = draw(st.integers(first, count - 1))
        between = st.sets(st.integers(first, last)) if last > first else st.just(set())
        one = len(seen) + 1
        seen[one], parents[one] = {first, last} | draw(between), parent
        if last + 1 < count and draw(st.booleans()):
            # Two, as an only child would be the same object after a gap.
            waiting += [(one, last + 1)] * 2
    names = draw(st.permutations(range(1, 40)))
    children = list(parents.values())
    parents = {one: parent if children.count(parent) == 2 else 0 for one, parent in parents.items()}
    tracks = [
        Track(names[one], min(some), max(some), names[parents[one]] if parents[one] else 0)
        for one, some in seen.items()
    ]
    contents = [[names[one] for one, some in seen.items() if at in some] for at in range(count)]
    return frames_of(*contents), tuple(sorted(tracks, key=lambda track: track.id))


@given(sequences(), st.sampled_from(["man_track.txt", "res_track.txt"]))
@settings(deadline=None)
def test_tracks_come_back_as_they_were(tmp_path_factory, sequence, table):
    frames, tracks = sequence
    folder = tmp_path_factory.mktemp("tracks") / "new"
    write_ctc(folder, iter(frames), tracks, table=table)
    back = read_ctc(folder)

    assert back.tracks == tracks
    np.testing.assert_array_equal(np.stack(list(back)), frames)


@given(sequences())
@settings(deadline=None)
def test_every_label_is_in_every_frame_that_the_table_names(tmp_path_factory, sequence):
    frames, tracks = sequence
    folder = tmp_path_factory.mktemp("tracks")
    lines = write_ctc(folder, frames, tracks)
    table = np.loadtxt(folder / "man_track.txt", dtype=int, ndmin=2)

    assert [tuple(line) for line in table] == [
        (one.id, one.first, one.last, one.parent) for one in lines
    ]
    for number in range(len(frames)):
        labels = tifffile.imread(folder / f"man_track{number:03}.tif")
        named = {label for label, first, last, _ in table if first <= number <= last}
        assert set(np.unique(labels[labels > 0])) == named
    ends = {label: last for label, _, last, _ in table}
    assert all(ends[parent] < first for _, first, _, parent in table if parent)


def test_a_gap_is_written_as_an_only_child(tmp_path):
    frames = frames_of([5], [5], [], [5], [7, 8])
    tracks = [Track(5, 0, 3), Track(7, 4, 4, 5), Track(8, 4, 4, 5)]
    write_ctc(tmp_path, frames, tracks)

    assert (tmp_path / "man_track.txt").read_text() == "5 0 1 0\n7 4 4 9\n8 4 4 9\n9 3 3 5\n"


def test_files_are_called_as_annotations_or_results(tmp_path):
    write_ctc(tmp_path / "truth", frames_of([1]), [Track(1, 0, 0)])
    write_ctc(tmp_path / "found", frames_of([1]), [Track(1, 0, 0)], table="res_track.txt")

    names = [
        sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("truth", "found")
    ]
    assert names == [["man_track.txt", "man_track000.tif"], ["mask000.tif", "res_track.txt"]]


@pytest.mark.parametrize(("highest", "dtype"), [(65_535, np.uint16), (65_536, np.uint32)])
def test_labels_have_16_bits_where_they_fit(tmp_path, highest, dtype):
    write_ctc(tmp_path, frames_of([highest]), [Track(highest, 0, 0)])

    assert tifffile.imread(tmp_path / "man_track000.tif").dtype == dtype
    assert read_ctc(tmp_path)[0].max() == highest


def test_a_piece_may_be_in_a_frame_of_fewer_bits_than_its_track(tmp_path):
    """Other programs may give each frame the bits that it needs alone."""
    for number, (label, dtype) in enumerate([(70_000, np.uint32), (0, np.uint8), (5, np.uint8)]):
        tifffile.imwrite(tmp_path / f"mask{number:03}.tif", np.full((3, 4), label, dtype))
    (tmp_path / "res_track.txt").write_text("70000 0 0 0\n5 2 2 70000\n")
    sequence = read_ctc(tmp_path)

    assert sequence.tracks == (Track(70_000, 0, 2),)
    assert [int(frame.max()) for frame in sequence] == [70_000, 0, 70_000]


def test_volumes_come_back(tmp_path):
    frames = np.zeros((2, 3, 4, 5), int)
    frames[:, 1, 2, 3] = 4
    write_ctc(tmp_path, frames, [Track(4, 0, 1)])

    np.testing.assert_array_equal(np.stack(list(read_ctc(tmp_path))), frames)


def test_more_than_a_thousand_frames_are_in_order(tmp_path):
    for number in range(1001):
        tifffile.imwrite(
            tmp_path / f"mask{number:03}.tif", np.full((1, 1), 1 + (number == 1000), np.uint8)
        )
    (tmp_path / "res_track.txt").write_text("1 0 999 0\n2 1000 1000 1\n")

    assert read_ctc(tmp_path)[1000].tolist() == [[2]]


@pytest.mark.parametrize(
    ("frames", "tracks", "reason"),
    [
        (frames_of([1]), [], "frame 0 has the label 1, which is no track"),
        (frames_of([1], [1]), [Track(1, 0, 0)], "frame 1 has the label 1, but track 1 goes"),
        (frames_of([1], []), [Track(1, 0, 1)], "track 1 goes from frame 0 to 1, but it is in"),
        (frames_of([1]), [Track(1, 0, 0), Track(2, 0, 0)], "track 2 .* in none of the 1 frames"),
        (frames_of([1]), [Track(1, 0, 0), Track(1, 0, 0)], "two tracks 1"),
        (frames_of([1]), [Track(1, 0, 0, 3)], "comes of track 3, which isn't there"),
        (
            frames_of([1], [1, 2]),
            [Track(1, 0, 1), Track(2, 1, 1, 1)],
            "track 2 begins in frame 1, but its parent 1 ends in frame 1",
        ),
        (np.zeros((1, 2, 2)), [], "labels are integers, not float64"),
    ],
)
def test_what_is_not_consistent_is_not_written(tmp_path, frames, tracks, reason):
    with pytest.raises(FormatError, match=reason):
        write_ctc(tmp_path, frames, tracks)

    assert not (tmp_path / "man_track.txt").exists()


def test_tracks_that_are_there_stay(tmp_path):
    write_ctc(tmp_path, frames_of([1]), [Track(1, 0, 0)])

    with pytest.raises(FormatError, match=r"there are tracks in .*man_track\.txt.*another folder"):
        write_ctc(tmp_path, frames_of([2]), [Track(2, 0, 0)], table="res_track.txt")
    assert read_ctc(tmp_path).tracks == (Track(1, 0, 0),)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(FormatError, match="is a file"):
        write_ctc(tmp_path / "file", [], [])


def test_another_table_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"man_track\.txt or res_track\.txt, not 'tracks\.txt'"):
        write_ctc(tmp_path, [], [], table="tracks.txt")


def written(folder, table, *frames):
    """A folder of results."""
    for number, labels in enumerate(frames):
        tifffile.imwrite(folder / f"mask{number:03}.tif", np.asarray(labels))
    (folder / "res_track.txt").write_text(table)
    return folder


ONE, TWO = np.full((2, 2), 1, np.uint16), np.full((2, 2), 2, np.uint16)


@pytest.mark.parametrize(
    ("table", "frames", "reason"),
    [
        ("1 0 0\n", [ONE], "line 1: '1 0 0' is not a track; expected four numbers"),
        ("1 0 x 0\n", [ONE], "line 1: '1 0 x 0' is not a track"),
        ("1 0 0 0\n0 0 0 0\n", [ONE], "line 2: '0 0 0 0' is not a track"),
        ("1 1 0 0\n", [ONE], "line 1: '1 1 0 0' is not a track"),
        ("1 0 1 0\n", [ONE, TWO], r"mask001\.tif: frame 1 has the label 2"),
        ("1 0 2 0\n2 1 1 0\n", [ONE, TWO, ONE], r"mask002.tif: track 1 isn't in frame 1"),
        ("1 0 1 0\n", [ONE], "track 1 goes from frame 0 to 1, but it is in frames 0 to 0"),
        ("1 0 0 2\n", [ONE], "comes of track 2, which isn't there"),
        ("1 0 0 0\n", [], "has no frames"),
        ("1 0 0 0\n", [ONE.astype(np.float32)], "integers, not .* float32"),
    ],
)
def test_what_is_not_consistent_is_not_read(tmp_path, table, frames, reason):
    with pytest.raises(FormatError, match=reason):
        read_ctc(written(tmp_path, table, *frames))


def test_gaps_in_labels_are_read_where_they_are_allowed(tmp_path):
    back = read_ctc(written(tmp_path, "1 0 2 0\n2 1 1 0\n", ONE, TWO, ONE), allow_gaps=True)

    assert back.tracks == (Track(1, 0, 2), Track(2, 1, 1))


def test_tabs_and_blank_lines_are_read(tmp_path):
    assert read_ctc(written(tmp_path, "1\t0\t0\t0\r\n\n", ONE)).tracks == (Track(1, 0, 0),)


def test_a_mark_at_the_beginning_is_passed_over(tmp_path):
    # Editors on Windows write one.
    folder = written(tmp_path, "", ONE)
    (folder / "res_track.txt").write_text("1 0 0 0\n", encoding="utf-8-sig")

    assert read_ctc(folder).tracks == (Track(1, 0, 0),)


def test_a_missing_frame_is_named(tmp_path):
    written(tmp_path, "1 0 2 0\n", ONE, ONE, ONE)
    (tmp_path / "mask001.tif").unlink()

    with pytest.raises(FormatError, match="frame 1 is missing"):
        read_ctc(tmp_path)


def test_a_damaged_frame_is_named(tmp_path):
    written(tmp_path, "1 0 1 0\n", ONE, ONE)
    (tmp_path / "mask001.tif").write_bytes(b"II*\0")

    with pytest.raises(FormatError, match=r"mask001\.tif"):
        read_ctc(tmp_path)


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"neither of man_track\.txt and res_track\.txt"):
        read_ctc(tmp_path)
