import av
import numpy

for codec in ("libx264", "libx265", "libvpx-vp9", "mpeg4", "libaom-av1", "libsvtav1", "libwebp"):
    try:
        with av.open(f"/tmp/{codec}.mkv", "w") as output:
            stream = output.add_stream(codec, rate=5)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            for _ in range(3):
                for packet in stream.encode(av.VideoFrame.from_ndarray(numpy.zeros((64, 64, 3), "uint8"))):
                    output.mux(packet)
            for packet in stream.encode():
                output.mux(packet)
        with av.open(f"/tmp/{codec}.mkv") as video:
            print(codec, sum(1 for _ in video.decode(video=0)))
    except (av.FFmpegError, ValueError) as error:
        print(codec, type(error).__name__)
