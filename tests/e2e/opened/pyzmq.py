import zmq

context = zmq.Context()
a, b = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
a.bind("inproc://x")
b.connect("inproc://x")
b.send(b"hello")
print(a.recv(), len(zmq.curve_keypair()))
