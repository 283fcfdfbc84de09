import numpy
import openvino
from openvino import opset13 as ops

core = openvino.Core()
print(core.available_devices)
x = ops.parameter([1, 3, 8, 8], numpy.float32)
kernel = numpy.ones((2, 3, 3, 3), numpy.float32)
model = openvino.Model([ops.relu(ops.convolution(x, kernel, [1, 1], [0, 0], [0, 0], [1, 1]))], [x], "m")
print(core.compile_model(model, "CPU")([numpy.ones((1, 3, 8, 8), numpy.float32)])[0].shape)
for device in ("AUTO", "HETERO:CPU", "BATCH:CPU", "MULTI:CPU", "GPU", "NPU"):
    try:
        core.compile_model(model, device)
        print(device)
    except RuntimeError:
        print("no", device)
openvino.save_model(model, "/tmp/m.xml")
print(core.read_model("/tmp/m.xml").get_name())
for name in ("x.onnx", "x.pb", "x.tflite", "x.pdmodel"):
    with open("/tmp/" + name, "wb") as file:
        file.write(b"no model")
    try:
        core.read_model("/tmp/" + name)
    except RuntimeError:
        print("unreadable", name)
