# Three libraries that reach their native code in three ways: Rust with cffi inside, Rust alone, cffi from Python.
import bcrypt
import nacl.secret
import nacl.signing
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt


def handler(event, context):
    text = event["name"].encode()
    key = Fernet.generate_key()
    private = ec.derive_private_key(12345, ec.SECP256R1())
    signature = private.sign(text, ec.ECDSA(hashes.SHA256()))
    private.public_key().verify(signature, text, ec.ECDSA(hashes.SHA256()))
    public = private.public_key().public_bytes(serialization.Encoding.PEM,
                                               serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"fernet": Fernet(key).decrypt(Fernet(key).encrypt(text)).decode(), "public": public.decode(),
            "scrypt": Scrypt(salt=b"salt", length=16, n=2**4, r=8, p=1).derive(text).hex(),
            "bcrypt": bcrypt.hashpw(text, b"$2b$04$abcdefghijklmnopqrstuu").decode(),
            "signed": nacl.signing.SigningKey(b"s" * 32).sign(text).signature.hex(),
            "box": nacl.secret.SecretBox(b"k" * 32).encrypt(text, b"n" * 24).hex(),
            "name": x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lambda")]).rfc4514_string()}
