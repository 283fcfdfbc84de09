# An SDK that is newer than the runtime's, so it stays; clients of three services, without a network.
import datetime

import boto3
import botocore.stub
from boto3.dynamodb.conditions import Key

keys = {"region_name": "eu-central-1", "aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
s3 = boto3.client("s3", **keys)
print(s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}).startswith("https://b.s3."))
with botocore.stub.Stubber(s3) as stub:
    stub.add_response("list_objects_v2", {"IsTruncated": False, "Contents": [{"Key": "k", "Size": 1}]})
    print([entry["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="b") for entry in page["Contents"]])
table = boto3.resource(service_name="dynamodb", **keys).Table("t")
print(table.meta.client.meta.service_model.service_name, Key("a").eq(1).get_expression()["operator"])
sts = boto3.Session(region_name="eu-central-1").client("sts", aws_access_key_id="a", aws_secret_access_key="b")
with botocore.stub.Stubber(sts) as stub:
    stub.add_response("get_caller_identity", {"Account": "123456789012"})
    print(sts.get_caller_identity()["Account"])
print(s3.get_waiter("object_exists").config.max_attempts, boto3.Session().get_available_regions("sqs")[0],
      datetime.timedelta(seconds=s3.meta.config.read_timeout))
