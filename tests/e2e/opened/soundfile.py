import io

import numpy
import soundfile

for kind in ("WAV", "FLAC", "OGG", "MP3"):
    file = io.BytesIO()
    soundfile.write(file, numpy.zeros(2000), 8000, format=kind)
    file.seek(0)
    print(kind, soundfile.read(file)[1])
print(soundfile.__libsndfile_version__)
