const ort = require('onnxruntime-node')

console.log(ort.listSupportedBackends().map(backend => backend.name))
