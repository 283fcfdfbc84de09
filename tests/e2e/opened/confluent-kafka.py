from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

plain = Producer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0, "message.timeout.ms": 200,
                  "compression.type": "zstd"})
plain.produce("topic", b"value")
print(plain.flush(2) >= 0)
for mechanism in ("PLAIN", "SCRAM-SHA-256", "OAUTHBEARER", "GSSAPI"):
    try:
        AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0, "security.protocol": "SASL_SSL",
                     "sasl.mechanism": mechanism, "sasl.username": "a", "sasl.password": "b"})
        print(mechanism, "made")
    except KafkaException as error:
        print(mechanism, str(error)[:60])
