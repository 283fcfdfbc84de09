import subprocess

import imageio_ffmpeg

program = imageio_ffmpeg.get_ffmpeg_exe()
done = subprocess.run([program, "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=5", "-f", "mp4",
                       "-c:v", "libx264", "-y", "/tmp/x.mp4"], capture_output=True, text=True)
print(done.returncode, done.stderr[:200])
print(imageio_ffmpeg.count_frames_and_secs("/tmp/x.mp4"))
