import numpy
import onnxruntime


# A model with one Identity node, as protocol buffers spell it.
def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data


def tensor(name):
    return field(1, name) + field(2, field(1, bytes([8, 1]) + field(2, field(1, bytes([8, 1])))))


node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
graph = field(1, node) + field(2, b"g") + field(11, tensor(b"x")) + field(12, tensor(b"y"))
model = bytes([8, 8]) + field(7, graph) + field(8, bytes([16, 13]))
print(onnxruntime.get_available_providers())
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
print(session.run(None, {"x": numpy.ones(1, "float32")}))
try:
    onnxruntime.InferenceSession(model, providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
    print("no CUDA, no failure")
except Exception as error:
    print(type(error).__name__)
