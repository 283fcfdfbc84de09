# Writes and reads Excel (openpyxl), Parquet (pyarrow) and a Markdown table (tabulate), none of which pandas imports
# by name at its start.
import io

import pandas


def handler(event, context):
    frame = pandas.DataFrame({"city": ["Oslo", "Bergen", "Oslo"], "sold": [3, 4, 5],
                              "day": pandas.to_datetime(["2024-01-01", "2024-01-02", "2024-03-31"])})
    frame["day"] = frame["day"].dt.tz_localize("Europe/Oslo").dt.tz_convert("UTC").dt.tz_localize(None)
    excel, parquet = io.BytesIO(), io.BytesIO()
    frame.to_excel(excel, index=False)
    frame.to_parquet(parquet, compression="zstd")
    again = pandas.concat([pandas.read_excel(excel), pandas.read_parquet(parquet)])
    return {"markdown": frame.to_markdown(), "sold": again.groupby("city")["sold"].sum().to_dict(),
            "html": pandas.read_json(io.StringIO(frame.to_json())).to_html(),
            "weekly": frame.resample("W", on="day")["sold"].sum().to_json()}
