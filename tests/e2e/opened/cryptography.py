import cffi
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

key = rsa.generate_private_key(65537, 2048)
print(b"BEGIN" in key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.BestAvailableEncryption(b"x")))
cipher = Cipher(algorithms.AES(b"k" * 32), modes.CBC(b"i" * 16)).encryptor()
print(cipher.update(b"x" * 16).hex(), len(ed25519.Ed25519PrivateKey.generate().sign(b"x")))
print(cffi.FFI().dlopen(None) is not None)
