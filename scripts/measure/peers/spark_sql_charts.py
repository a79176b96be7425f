#!/usr/bin/env python3
"""Makes the three charts with Spark SQL, to compare with the job of scripts/spark.

  spark-submit spark_sql_charts.py OUT DATE LOG...

Needs pyspark. The rule for rows is that of Chartmill for logs whose lines are short and have the same
line end. Writes the charts of DATE into the local folder OUT, with lines in any order, and prints
nothing. bench runs this script.
"""

import shutil
import sys
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

sys.path.append(str(Path(__file__).resolve().parent))

from row_rule import COUNTRIES  # noqa: E402

out, date, *logs = sys.argv[1:]
spark = SparkSession.builder.appName(f"baseline {date}").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

fields = F.split(F.col("value"), r"\|", -1)
parsed = spark.read.text(logs).select(
    F.size(fields).alias("fields"),
    fields[0].alias("song"),
    fields[1].alias("user"),
    fields[2].alias("country"),
)
# A cast also accepts signs and spaces. Its result is null if the number is too large.
digits = "^[0-9]+$"
streams = parsed.where(
    (F.col("fields") == 3)
    & F.col("song").rlike(digits)
    & F.col("user").rlike(digits)
    & F.col("country").isin(COUNTRIES)
).select(
    F.expr("try_cast(song as bigint)").alias("song"),
    F.expr("try_cast(user as bigint)").alias("user"),
    "country",
)
streams = streams.where(F.col("song").isNotNull() & F.col("user").isNotNull())
# The logs are read and shuffled once. Afterwards, all rows of a user are in one partition.
streams = streams.repartition("user").persist(StorageLevel.MEMORY_AND_DISK)


def charts(key: str):
    """One line per chart: the 50 songs with most streams. The smaller song wins a tie."""
    best = Window.partitionBy(key).orderBy(F.desc("n"), F.col("song"))
    ranked = (
        streams.groupBy(key, "song")
        .agg(F.count("*").alias("n"))
        .withColumn("place", F.row_number().over(best))
        .where("place <= 50")
    )
    songs = F.transform(
        F.array_sort(F.collect_list(F.struct("place", "song", "n"))),
        lambda entry: F.concat_ws(":", entry["song"], entry["n"]),
    )
    lines = ranked.groupBy(key).agg(F.array_join(songs, ",").alias("chart"))
    return lines.select(F.concat_ws("|", F.col(key), F.col("chart")))


def user_countries():
    counted = streams.groupBy("user", "country").agg(F.count("*").alias("n"))
    first = counted.groupBy("user").agg(
        F.min(F.struct((-F.col("n")).alias("less"), F.col("country"))).alias("first")
    )
    return first.select(F.concat_ws("|", F.col("user"), F.col("first.country")))


def write(name: str, lines) -> None:
    folder = Path(out, f".{name}")
    lines.write.mode("overwrite").text(folder.as_uri())
    with open(Path(out, f"{name}_{date}.txt"), "wb") as joined:
        for part in sorted(folder.glob("part-*")):
            with open(part, "rb") as file:
                shutil.copyfileobj(file, joined, 1 << 20)
    shutil.rmtree(folder)


write("country_top50", charts("country"))
write("user_top50", charts("user"))
write("user_country", user_countries())
spark.stop()
