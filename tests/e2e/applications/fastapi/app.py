# An API behind API Gateway, with its OpenAPI document, through mangum.
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel, Field

app = FastAPI(title="orders")


class Order(BaseModel):
    item: str = Field(min_length=2)
    count: int = 1


@app.post("/orders")
async def create(order: Order):
    return {"item": order.item.upper(), "count": order.count * 2}


@app.get("/orders/{number}")
def read(number: int):
    raise HTTPException(status_code=404, detail=f"no order {number}")


handler = Mangum(app, lifespan="off")
