"""Frames of videos: each by its number, in any order, and of a video that was cut short."""

import pickle
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest

from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames.video import VideoStack
from napari_cutout.stacks.frames.video_decoder import VideoDecoder
from napari_cutout.stacks.frames.video_index import index_of

COUNT, KEYS = 40, 10
LOSSY, OPEN = {}, {"x264-params": f"open-gop=1:keyint={KEYS}:bframes=3"}

KINDS = {
    "mp4": ("a.mp4", "libx264", "yuv420p", LOSSY),
    "open groups": ("a.mp4", "libx264", "yuv420p", OPEN),
    "mkv": ("a.mkv", "libx264", "yuv420p", LOSSY),
    "avi": ("a.avi", "mpeg4", "yuv420p", LOSSY),
    "webm": ("a.webm", "libvpx-vp9", "yuv420p", LOSSY),
    "ts": ("a.ts", "libx264", "yuv420p", LOSSY),
    "mpg": ("a.mpg", "mpeg2video", "yuv420p", LOSSY),
    "old": ("a.mkv", "mpeg2video", "yuv420p", LOSSY),
    "bare": ("a.h264", "libx264", "yuv420p", LOSSY),
    "lossless": ("a.mkv", "ffv1", "gray", LOSSY),
    "deep": ("a.mkv", "ffv1", "gray16le", LOSSY),
    "colours": ("a.avi", "rawvideo", "bgr24", LOSSY),
}
ANY = pytest.mark.parametrize("kind", KINDS)


def picture(number):
    """A frame that is like no other: ``(rows, cols, 3)``."""
    _, cols = np.mgrid[:48, :64]
    grey = ((cols * 2 + number * 5) % 256).astype(np.uint8)
    grey[10:20, number : number + 10] = 255
    return np.stack([grey, grey[::-1], np.full_like(grey, number * 6 % 256)], axis=-1)


def write(folder, kind, *, fast_start=False, rate=25):
    name, codec, pixels, options = KINDS[kind]
    path = folder / name
    how = {"movflags": "faststart"} if fast_start else {}
    form = "h264" if kind == "bare" else None
    with av.open(str(path), "w", options=how, format=form) as container:
        stream = container.add_stream(codec, rate=rate, options=dict(options))
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.codec_context.gop_size = KEYS
        if codec == "mpeg2video":
            stream.codec_context.max_b_frames = 2
        for number in range(COUNT):
            array = picture(number)
            if pixels == "gray16le":
                frame = av.VideoFrame.from_ndarray(
                    array[..., 0].astype(np.uint16) * 257, "gray16le"
                )
            elif pixels == "gray":
                frame = av.VideoFrame.from_ndarray(array[..., 0].copy(), "gray")
            else:
                frame = av.VideoFrame.from_ndarray(array, "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def decoded(path):
    """All frames one after another, as PyAV gives them."""
    with av.open(str(path)) as container:
        grey = container.streams.video[0].format.name
        form = {"gray": "gray", "gray16le": "gray16le"}.get(grey, "rgb24")
        return [frame.to_ndarray(format=form) for frame in container.decode(video=0)]


def cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


@ANY
def test_frames_one_after_another_are_decoded_once(tmp_path, kind):
    path = write(tmp_path, kind)
    decoder = VideoDecoder(path, index_of(path))

    frames = [decoder.read(number) for number in range(COUNT)]
    decoder.close()

    assert all(np.array_equal(a, b) for a, b in zip(frames, decoded(path), strict=True))
    assert decoder.decoded == COUNT


@ANY
def test_frames_in_any_order_are_the_same(tmp_path, kind):
    path = write(tmp_path, kind)
    expected = decoded(path)
    numbers = list(range(COUNT)) * 2
    random.Random(0).shuffle(numbers)
    stack = VideoStack(path)

    assert all(np.array_equal(stack.read((k,)), expected[k]) for k in numbers)


@ANY
def test_frames_before_a_jump_are_the_same(tmp_path, kind):
    path = write(tmp_path, kind)
    expected = decoded(path)

    for key in [number for number in index_of(path).keys if number > 1]:
        decoder = VideoDecoder(path, index_of(path))
        for number in (key, key - 1, key - 2):
            assert np.array_equal(decoder.read(number), expected[number])
        decoder.close()


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi", "webm", "lossless"])
def test_a_frame_far_on_is_decoded_from_the_key_frame_before(tmp_path, kind):
    path = write(tmp_path, kind)
    decoder = VideoDecoder(path, index_of(path))

    decoder.read(COUNT - 1)
    decoder.close()

    assert decoder.decoded <= 2 * KEYS


def test_where_times_are_others_after_a_jump_nothing_is_jumped_to(tmp_path):
    path = write(tmp_path, "mpg")
    decoder = VideoDecoder(path, index_of(path))

    decoder.read(COUNT - 1)
    decoder.close()

    assert decoder.decoded == COUNT


def test_a_few_frames_back_are_not_decoded_again(tmp_path):
    path = write(tmp_path, "mp4")
    decoder = VideoDecoder(path, index_of(path))
    for number in (20, 21, 22):
        decoder.read(number)
    before = decoder.decoded

    decoder.read(21)
    decoder.close()

    assert decoder.decoded == before


def test_a_video_says_time_and_colours(tmp_path):
    stack = VideoStack(write(tmp_path, "mp4", rate=20))

    assert (stack.axes, stack.shape, stack.frame_shape) == (("t",), (COUNT,), (48, 64))
    assert (stack.is_rgb, stack.dtype) == (True, np.uint8)
    assert stack.scale == (0.05, 1.0, 1.0)
    assert stack.units == ("second", None, None)


@pytest.mark.parametrize(("kind", "dtype"), [("lossless", np.uint8), ("deep", np.uint16)])
def test_grey_stays_grey_and_deep_stays_deep(tmp_path, kind, dtype):
    stack = VideoStack(write(tmp_path, kind))
    expected = picture(7)[..., 0].astype(dtype) * (257 if kind == "deep" else 1)

    assert stack.dtype == dtype
    assert np.array_equal(stack.read((7,)), expected)


def test_one_colour_can_be_taken(tmp_path):
    stack = VideoStack(write(tmp_path, "colours"), channel=2)

    assert not stack.is_rgb
    assert np.array_equal(stack.read((7,)), picture(7)[..., 2])


def test_the_axis_can_be_named_otherwise(tmp_path):
    path = write(tmp_path, "lossless")

    assert (VideoStack(path, "zyx").axes, VideoStack(path, "zyx").units) == (("z",), (None,) * 3)
    with pytest.raises(StackError, match="a video of frames"):
        VideoStack(path, "ytx")


@pytest.mark.parametrize(
    ("kind", "fast_start"),
    [
        ("mp4", True),
        ("mkv", False),
        ("avi", False),
        ("webm", False),
        ("colours", False),
        ("lossless", False),
    ],
)
def test_of_a_video_cut_short_the_frames_that_are_there_are_read(tmp_path, kind, fast_start):
    path = write(tmp_path, kind, fast_start=fast_start)
    expected = decoded(path)
    stack = VideoStack(cut(path, 0.7))
    good, reasons = [], []
    for number in range(COUNT):
        try:
            assert np.array_equal(stack.read((number,)), expected[number])
            good.append(number)
        except FrameReadError as error:
            reasons.append(error.reason)

    assert stack.shape == (COUNT,)
    assert good == list(range(len(good)))
    assert 0 < len(good) < COUNT
    assert "is cut short" in reasons[-1]
    assert str(path) in reasons[0]


def test_a_video_without_its_end_that_cannot_be_opened_is_said(tmp_path):
    path = cut(write(tmp_path, "mp4"), 0.7)

    with pytest.raises(StackError, match=r"a\.mp4: not a readable video .*cut short"):
        VideoStack(path)


def test_damage_in_the_middle_leaves_what_comes_before_and_after(tmp_path):
    path = write(tmp_path, "lossless")
    expected = decoded(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    path.write_bytes(content)
    stack = VideoStack(path)
    good = set()
    for number in range(COUNT):
        try:
            if np.array_equal(stack.read((number,)), expected[number]):
                good.add(number)
        except FrameReadError:
            continue

    assert {0, 1, 2} <= good
    assert {COUNT - 2, COUNT - 1} <= good
    assert len(good) < COUNT


def without(path, *numbers):
    """The same video without the packets of some frames."""
    other = path.with_name(f"gaps{path.suffix}")
    with av.open(str(path)) as source, av.open(str(other), "w") as container:
        stream = source.streams.video[0]
        to = container.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        times = sorted(packet.pts for packet in packets)
        for packet in packets:
            if packet.pts not in {times[number] for number in numbers}:
                packet.stream = to
                container.mux(packet)
    return other


@pytest.mark.parametrize("missing", [(14,), (20,), (14, 15, 16), (9, 31)])
@pytest.mark.parametrize("kind", ["mp4", "open groups", "mkv", "avi", "webm", "ts", "lossless"])
def test_missing_packets_are_said_and_the_rest_is_right(tmp_path, kind, missing):
    path = write(tmp_path, kind)
    expected = decoded(path)
    stack = VideoStack(without(path, *missing))
    good, reasons = set(), {}
    for number in range(COUNT):
        try:
            assert np.array_equal(stack.read((number,)), expected[number])
            good.add(number)
        except FrameReadError as error:
            reasons[number] = error.reason

    assert stack.shape == (COUNT,)
    for number in missing:
        assert f"frame {number} is missing" in reasons[number]
    assert {0, 1, 2, 3, 4} <= good
    assert len(good) > COUNT / 3


def test_where_each_frame_stands_for_itself_only_the_missing_ones_are_lost(tmp_path):
    path = write(tmp_path, "colours")
    expected = decoded(path)
    stack = VideoStack(without(path, 14, 15))
    found = {number for number in range(COUNT) if number not in (14, 15)}

    assert all(np.array_equal(stack.read((number,)), expected[number]) for number in found)
    with pytest.raises(FrameReadError, match="frame 15 is missing"):
        stack.read((15,))


def test_a_video_whose_frames_come_as_they_like_has_no_gaps(tmp_path):
    path = write(tmp_path, "lossless")
    times = [3 * number + number // 3 for number in range(COUNT)]
    other = tmp_path / "other.mkv"
    with av.open(str(path)) as source, av.open(str(other), "w") as container:
        to = container.add_stream_from_template(source.streams.video[0])
        for packet, time in zip(source.demux(video=0), times, strict=False):
            packet.stream, packet.pts, packet.dts = to, time * 40, time * 40
            container.mux(packet)
    index = index_of(other)

    assert (index.count, index.missing, index.harmed) == (COUNT, (), {})


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())

    with pytest.raises(StackError, match="no video, only sound"):
        VideoStack(path)


def test_what_is_no_video_is_said(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video at all")

    with pytest.raises(StackError, match="not a readable video"):
        VideoStack(tmp_path / "a.mp4")


def test_without_pyav_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    path = write(tmp_path, "lossless")
    monkeypatch.setitem(sys.modules, "av", None)

    with pytest.raises(StackError, match=r"pip install 'napari-cutout\[video\]'"):
        VideoStack(path)


def test_a_pickled_stack_opens_its_video_again(tmp_path):
    path = write(tmp_path, "mp4")
    stack = VideoStack(path)
    stack.read((3,))

    back = pickle.loads(pickle.dumps(stack))

    assert back.identity == stack.identity
    assert np.array_equal(back.read((17,)), decoded(path)[17])


def test_many_threads_read_at_once(tmp_path):
    path = write(tmp_path, "mp4")
    expected, stack = decoded(path), VideoStack(path)

    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(stack.read, [(number % COUNT,) for number in range(80)]))

    assert all(np.array_equal(frame, expected[k % COUNT]) for k, frame in enumerate(frames))
