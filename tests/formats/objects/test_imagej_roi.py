"""ROIs of ImageJ: written and read, opened by roifile, from others."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import pytest
import roifile
from hypothesis import given
from hypothesis import strategies as st

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.filling import fill
from napari_cutout.formats.objects.imagej_reading import read_rois
from napari_cutout.formats.objects.imagej_roi import write_rois


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rois")


def as_kept(image):
    """What the format keeps of an image."""
    objects = tuple(
        replace(one, point=None, crop_box=None, is_crowd=False) for one in image.objects
    )
    return replace(image, file_name="", id=None, objects=objects)


def packed(path, *rois, names=None):
    with zipfile.ZipFile(path, "w") as file:
        for place, roi in enumerate(rois):
            content = roi if isinstance(roi, bytes) else roi.tobytes()
            file.writestr(f"{names[place] if names else place}.roi", content)
    return path


def shaped(kind, left, top, right, bottom, **options):
    return roifile.ImagejRoi(
        roitype=kind, left=left, top=top, right=right, bottom=bottom, **options
    )


@given(images(empty=False))
def test_objects_come_back_as_they_were(folder, image):
    write_rois(folder / "a.zip", [image])
    if not image.objects:
        with pytest.raises(FormatError, match="holds no ROI"):
            read_rois(folder / "a.zip", SHAPE)
        return

    assert read_rois(folder / "a.zip", SHAPE) == [as_kept(image)]


@given(images(empty=False))
def test_roifile_has_the_outlines(folder, image):
    write_rois(folder / "a.zip", [image])
    rois = roifile.roiread(folder / "a.zip")

    assert len(rois) == len(image.objects)
    for roi, one in zip(rois, image.objects, strict=True):
        mask, origin = fill([roi.coordinates(multi=True)], SHAPE)
        assert (mask, origin) == (one.mask, one.origin)
        row0, col0, row1, col1 = one.box
        assert (roi.top, roi.left, roi.bottom, roi.right) == (row0, col0, row1 + 1, col1 + 1)


@given(st.sets(st.integers(0, 300), min_size=1), st.integers(1, 2))
def test_frames_come_back(folder, places, axes):
    frames = [(place,) if axes == 1 else (place, 2) for place in sorted(places)]
    several = [replace(two_rectangles(), frame=frame) for frame in frames]
    write_rois(folder / "a.zip", several)

    assert read_rois(folder / "a.zip", SHAPE) == [as_kept(one) for one in several]


def test_a_piece_is_a_polygon_and_several_are_a_composite(folder):
    image = AnnotatedImage(
        "", SHAPE, (two_rectangles().objects[0], annotated(2, np.eye(3), class_name="cell"))
    )
    write_rois(folder / "a.zip", [image])
    first, second = roifile.roiread(folder / "a.zip")

    assert (first.roitype, first.composite) == (roifile.ROI_TYPE.POLYGON, False)
    assert sorted(first.coordinates().tolist()) == [[2, 1], [2, 4], [6, 1], [6, 4]]
    assert (second.roitype, second.composite) == (roifile.ROI_TYPE.RECT, True)
    assert second.properties == {"id": 2, "class": "cell"}
    assert zipfile.ZipFile(folder / "a.zip").namelist() == ["0001.roi", "0002.roi"]


def test_slices_and_hyperstacks_have_their_positions(folder):
    several = [replace(two_rectangles(), frame=frame) for frame in [(4,), (0, 6)]]
    write_rois(folder / "a.zip", several)
    stack, _, hyper, _ = roifile.roiread(folder / "a.zip")

    assert (stack.position, stack.t_position, stack.z_position) == (5, 0, 0)
    assert (hyper.position, hyper.t_position, hyper.z_position) == (0, 1, 7)


def test_entries_of_one_name_are_told_apart(folder):
    write_rois(folder / "a.zip", [two_rectangles(), two_rectangles()])

    assert zipfile.ZipFile(folder / "a.zip").namelist() == [
        "0001.roi", "0007.roi", "0001-2.roi", "0007-2.roi",
    ]  # fmt: skip


def test_objects_far_out_come_back(folder):
    shape = (100_000, 100_000)
    one = annotated(1, np.ones((3, 4)))
    far = tuple(replace(one, origin=at) for at in [(32_000, 5), (40_000, 5), (99_000, 99_000)])
    image = AnnotatedImage("", shape, tuple(replace(o, id=k + 1) for k, o in enumerate(far)))
    write_rois(folder / "a.zip", [image])

    assert read_rois(folder / "a.zip", shape) == [image]
    # ImageJ takes corners of polygons for 16-bit numbers with a sign.
    kinds = [roi.composite for roi in roifile.roiread(folder / "a.zip")]
    assert kinds == [False, True, True]


def test_objects_beyond_exact_numbers_are_refused(folder):
    one = replace(annotated(1, np.ones((3, 4))), origin=(2**24, 0))
    with pytest.raises(FormatError, match="exact up to 16777216"):
        write_rois(folder / "a.zip", [AnnotatedImage("", (2**25, 9), (one,))])


def test_rectangles_and_ellipses_are_read(tmp_path):
    rectangle = shaped(roifile.ROI_TYPE.RECT, 2, 1, 6, 4)
    oval = shaped(roifile.ROI_TYPE.OVAL, 1, 1, 10, 8)
    (image,) = read_rois(packed(tmp_path / "a.zip", rectangle, oval), SHAPE)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5

    assert full(image.objects[0]).nonzero()[0].tolist() == [1] * 4 + [2] * 4 + [3] * 4
    assert (full(image.objects[1]) == (((x - 5.5) / 4.5) ** 2 + ((y - 4.5) / 3.5) ** 2 < 1)).all()


def test_a_rectangle_between_pixels_is_read(tmp_path):
    options = roifile.ROI_OPTIONS.SUB_PIXEL_RESOLUTION
    one = shaped(roifile.ROI_TYPE.RECT, 2, 1, 6, 4, options=options,
                 xd=1.6, yd=0.4, widthd=3.0, heightd=2.0)  # fmt: skip
    (image,) = read_rois(packed(tmp_path / "a.zip", one), SHAPE)

    assert image.objects[0].box == (0, 2, 1, 4)


def test_a_single_roi_without_our_properties_is_read(tmp_path):
    path = tmp_path / "a.roi"
    roifile.ImagejRoi.frompoints([[1.0, 1.0], [5.0, 1.0], [5.0, 4.0]]).tofile(path)
    (image,) = read_rois(path)

    assert (image.shape, image.objects[0].id, image.objects[0].class_name) == ((4, 5), 1, "")


POINT = roifile.ImagejRoi.frompoints([[1, 1], [3, 1], [3, 3]])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"Iout", "damaged, or no ROI"),
        (b"x" * 99, "damaged, or no ROI"),
        (shaped(roifile.ROI_TYPE.LINE, 0, 0, 3, 3), "a line, which isn't read"),
        (shaped(roifile.ROI_TYPE.RECT, 0, 0, 3, 3, rounded_rect_arc_size=2), "rounded rectangle"),
        (shaped(roifile.ROI_TYPE.RECT, 0, 0, 3, 3, shape_roi_size=3,
                multi_coordinates=np.array([3, 1, 1], np.float32)), "its outline can't be read"),
        (POINT.tobytes()[:70], "damaged, or no ROI"),
        (shaped(roifile.ROI_TYPE.RECT, 0, 0, 3, 3, subtype=roifile.ROI_SUBTYPE.TEXT), "of text"),
    ],
)  # fmt: skip
def test_a_wrong_roi_is_named(tmp_path, wrong, reason):
    path = packed(tmp_path / "a.zip", POINT, wrong)

    with pytest.raises(FormatError, match=rf"a\.zip: 1\.roi: .*{reason}"):
        read_rois(path)


def test_a_zip_that_was_cut_off_or_is_none_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    write_rois(path, [two_rectangles()])
    content = path.read_bytes()
    for cut in (b"", content[:-30], content[: len(content) // 2], b"PK" + content[2:99]):
        path.write_bytes(cut)
        with pytest.raises(FormatError, match=r"a\.zip is no whole zip"):
            read_rois(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"can't read .*a\.zip"):
        read_rois(tmp_path / "a.zip")


def test_frames_on_three_axes_are_refused_and_leave_no_file(tmp_path):
    with pytest.raises(FormatError, match="write fewer frames"):
        write_rois(tmp_path / "a.zip", [replace(two_rectangles(), frame=(1, 2, 3))])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.zip"
    write_rois(path, [two_rectangles()])
    before = path.read_bytes()
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        write_rois(path, [two_rectangles()] * 9)

    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])
