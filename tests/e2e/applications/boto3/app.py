# Lists every key of a bucket, which takes two pages, and the tables of DynamoDB, which takes three.
import boto3
from botocore.config import Config

CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


def handler(event, context):
    s3 = boto3.client("s3", config=CONFIG)
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="bucket"))
    tables = boto3.client("dynamodb", config=CONFIG).get_paginator("list_tables").paginate()
    try:
        boto3.resource("s3", config=CONFIG).Object("bucket", "missing").load()
        missing = "there"
    except s3.exceptions.ClientError as error:
        missing = error.response["Error"]["Code"]
    return {"pages": len(pages), "keys": [entry["Key"] for page in pages for entry in page["Contents"]],
            "tables": [name for page in tables for name in page["TableNames"]], "missing": missing,
            "signed": "X-Amz-Signature" in s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})}
