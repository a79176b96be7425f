#!/usr/bin/env python3
"""Makes charts on an Apache Spark cluster. The work and the help are in `chartmill_spark.job`."""

import sys

from chartmill_spark.job import main

sys.exit(main())
