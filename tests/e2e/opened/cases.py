# Which packages are watched? NAME.lock (wheels) or NAME.json (an npm lock) says what is installed, NAME.py or NAME.js
# exercises it: it goes through the parts that open something, codecs, plugins, database clients, programs, and prints
# the same at every run. must_open: regular expressions of files without which the script tests nothing.

from collections import namedtuple

Case = namedtuple("Case", "name language must_open small")


def python(name, *must_open, small=False):
    return Case(name, "python", must_open, small)


def node(name, *must_open, small=False):
    return Case(name, "node", must_open, small)


CASES = [
    python("pyzmq", r"libzmq-", r"libsodium-", small=True),
    python("cryptography", r"_rust\.abi3\.so", r"_cffi_backend", small=True),
    python("psycopg2", r"libpq-", r"libcrypto-", r"libgssapi", small=True),
    python("psycopg3", r"pq\..*\.so", r"libpq-", small=True),
    python("confluent-kafka", r"librdkafka-", small=True),
    python("gevent", r"gevent/libev/corecext", r"gevent/libuv/_corecffi", small=True),
    python("soundfile", r"libsndfile", r"_cffi_backend", small=True),
    python("pandas", r"pandas/io/excel/_openpyxl\.py", r"tabulate/__init__\.py", r"scipy/optimize/_minimize\.py", small=True),
    python("flask", r"jinja2/tests\.py", r"pymysql/__init__\.py", r"flask-.*/METADATA", small=True),
    python("boto3", r"botocore/data/dynamodb/.*/service-2", r"boto3/data/dynamodb/", small=True),
    python("imageio-ffmpeg", r"imageio_ffmpeg/binaries/ffmpeg"),
    python("geo", r"rasterio\.libs/libgdal", r"fiona\.libs/libgdal", r"shapely\.libs/libgeos", r"pyproj\.libs/libproj"),
    python("onnxruntime", r"onnxruntime_pybind11_state"),
    python("opencv", r"cv2\.abi3\.so", r"libavcodec"),
    python("pyarrow", r"libarrow\.so", r"libparquet\.so", r"libarrow_flight"),
    python("hdf5", r"h5py\.libs/libhdf5", r"libblosc2"),
    python("grpcio-tools", r"_protoc_compiler", r"cygrpc"),
    python("numba", r"libllvmlite", r"workqueue"),
    python("scikit-learn", r"scikit_learn\.libs/libgomp", r"openblas"),
    python("duckdb", r"duckdb.*\.so"),
    python("mysql-connector", r"_mysql_connector"),
    python("mkl", r"libmkl_core", r"libmkl_(avx|def|vml)"),
    python("openvino", r"libopenvino_intel_cpu_plugin", r"libopenvino_onnx_frontend"),
    python("av", r"libavcodec", r"libx264"),
    node("esbuild", r"@esbuild/linux-x64/bin/esbuild", small=True),
    node("sharp", r"libvips-cpp", r"sharp-linux-x64.*\.node", small=True),
    node("napi-canvas", r"skia\.linux-x64-gnu\.node", small=True),
    node("koffi", r"koffi\.node", small=True),
    node("zeromq", r"\.node", small=True),
    node("bcrypt", r"\.node", small=True),
    node("libsql", r"@libsql/linux-x64-gnu/index\.node", small=True),
    node("ffmpeg", r"@ffmpeg-installer/linux-x64/ffmpeg"),
    node("dd-trace", r"@datadog/.*\.node", r"crashtracker"),
    node("onnxruntime-node", r"onnxruntime_binding\.node", r"libonnxruntime\.so"),
    node("sodium-native", r"\.node"),
    node("swc", r"swc\.linux-x64-gnu\.node"),
]
