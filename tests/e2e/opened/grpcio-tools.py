import pathlib

import grpc
from grpc_tools import protoc

pathlib.Path("/tmp/x.proto").write_text(
    'syntax = "proto3"; message X { string a = 1; } service S { rpc R(X) returns (X); }')
print(protoc.main(["protoc", "-I/tmp", "--python_out=/tmp", "--grpc_python_out=/tmp", "/tmp/x.proto"]))
try:
    grpc.channel_ready_future(grpc.insecure_channel("127.0.0.1:1")).result(timeout=0.5)
except grpc.FutureTimeoutError:
    print("no server")
grpc.secure_channel("127.0.0.1:1", grpc.ssl_channel_credentials())
