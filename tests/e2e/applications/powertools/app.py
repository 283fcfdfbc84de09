# Powertools with pydantic models and X-Ray, which patches what it is told to by name.
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.parser import BaseModel, parse
from aws_xray_sdk.core import patch, xray_recorder

xray_recorder.configure(context_missing="IGNORE_ERROR")
patch(("botocore",), raise_errors=False)
logger = Logger(service="orders")
metrics = Metrics(namespace="orders", service="orders")
app = APIGatewayHttpResolver(enable_validation=True)


class Order(BaseModel):
    item: str
    count: int = 1


@app.post("/orders")
def create(order: Order) -> dict:
    return {"item": order.item, "count": parse(event={"item": "x", "count": "3"}, model=Order).count}


def handler(event, context):
    logger.info("called")
    return {"created": app.resolve(event, context), "logger": logger.service}
