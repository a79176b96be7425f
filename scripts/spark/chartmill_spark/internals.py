"""Everything that PySpark does not document and this package uses.

`SparkContext._jvm` and `_jsc` lead to Hadoop's file systems. The shuffle exists in two forms. One uses
documented interfaces only, and holds up to a thousand frames in Python. The other one holds one frame.
It is used with the versions in `TESTED`, with which `scripts/tests/test-spark` passes.
`spark.chartmill.shuffle` = `documented` selects the first form with any version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyspark
from pyspark import RDD, SparkConf, SparkContext
from pyspark.serializers import NoOpSerializer, pack_long

from .failures import SOFTWARE, failed

TESTED = ("4.3",)


def shuffles_directly(conf: SparkConf) -> bool:
    is_tested = ".".join(pyspark.__version__.split(".")[:2]) in TESTED
    return is_tested and conf.get("spark.chartmill.shuffle", "") != "documented"


def shuffled(pieces: RDD[tuple[int, bytes]], partitions: int) -> RDD[bytes]:
    """Brings bytes to the partition that each is paired with."""
    if not shuffles_directly(pieces.ctx.getConf()):
        return pieces.partitionBy(partitions, int).values()

    def packed(pairs: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
        for destination, piece in pairs:
            yield pack_long(destination)  # type: ignore[no-untyped-call]
            yield piece

    # This is `RDD.partitionBy` without its batches.
    context: Any = pieces.ctx
    keyed: Any = pieces.mapPartitions(packed, preservesPartitioning=True)
    keyed._bypass_serializer = True
    pairs = context._jvm.PairwiseRDD(keyed._jrdd.rdd()).asJavaPairRDD()
    partitioner = context._jvm.PythonPartitioner(partitions, 0)
    values = context._jvm.PythonRDD.valueOfPair(pairs.partitionBy(partitioner))
    return RDD(values, context, NoOpSerializer())


def hadoop(context: SparkContext) -> tuple[Any, Any]:
    """The driver's JVM and its Hadoop configuration."""
    jvm, spark = getattr(context, "_jvm", None), getattr(context, "_jsc", None)
    if jvm is None or spark is None:
        raise failed(SOFTWARE, f"PySpark {pyspark.__version__} gives no access to its JVM")
    return jvm, spark.hadoopConfiguration()
