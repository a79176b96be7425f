"""polars_charts.py OUT DATE LOG...: makes the three charts with the streaming engine of Polars.

Needs Polars. Writes the charts of DATE into the folder OUT, and prints nothing. bench runs this script.
"""

import sys

import polars as pl
from row_rule import COUNTRIES

out, date, *logs = sys.argv[1:]

# Complete lines are read and then split. If Polars read four columns, a row that ends with a separator
# would look like a good row.
lines = pl.scan_csv(
    logs,
    separator="\a",
    has_header=False,
    schema={"line": pl.String},
    quote_char=None,
    truncate_ragged_lines=True,
)
stream = (
    lines.select(
        pl.col("line")
        .str.strip_suffix("\r")
        .str.split_exact("|", 3)
        .struct.rename_fields(["song", "user", "country", "excess"])
    )
    .unnest("line")
    .filter(pl.col("excess").is_null())
    .select(
        pl.col("song", "user").cast(pl.Int64, strict=False),
        pl.col("country").cast(pl.Enum(COUNTRIES), strict=False),
    )
    .filter(pl.col("song") >= 0, pl.col("user") >= 0, pl.col("country").is_not_null())
    .collect(engine="streaming")
    .lazy()
)


def write(name: str, lines: pl.LazyFrame) -> None:
    table = lines.collect(engine="streaming")
    table.write_csv(f"{out}/{name}_{date}.txt", include_header=False, quote_style="never")


def chart(key: str) -> pl.LazyFrame:
    pairs = pl.format("{}:{}", "song", "n").str.join(",")
    return (
        stream.group_by(key, "song")
        .agg(pl.len().alias("n"))
        .sort(key, "n", "song", descending=[False, True, False])
        .group_by(key, maintain_order=True)
        .head(50)
        .group_by(key, maintain_order=True)
        .agg(pairs.alias("chart"))
        .select(pl.format("{}|{}", key, "chart"))
    )


write("country_top50", chart("country"))
write("user_top50", chart("user"))
write(
    "user_country",
    stream.with_columns(pl.col("country").cast(pl.String))
    .group_by("user", "country")
    .agg(pl.len().alias("n"))
    .sort("user", "n", "country", descending=[False, True, False])
    .group_by("user", maintain_order=True)
    .first()
    .select(pl.format("{}|{}", "user", "country")),
)
