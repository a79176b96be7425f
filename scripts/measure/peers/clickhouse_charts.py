"""clickhouse_charts.py OUT DATE LOG...: makes the three charts with ClickHouse in this process.

Needs chdb, which is ClickHouse as a library. All logs are in one folder. Writes the charts of DATE into
the folder OUT, and prints nothing. bench runs this script.
"""

import sys
from pathlib import Path

from chdb import session
from row_rule import COUNTRIES

out, date, *logs = sys.argv[1:]
database = session.Session(f"{out}/clickhouse")
# A group of 70 million keys that needs more memory than this goes to disk.
database.query("SET max_bytes_before_external_group_by = 8000000000")
folder = Path(logs[0]).parent
names = ",".join(Path(log).name for log in logs)
codes = ", ".join(f"'{code}'" for code in COUNTRIES)

# One pass over the logs counts the streams of each user, song and country; all charts are made from
# these counts. Complete lines are read and then split, because a reader of columns would accept spaces
# and signs before an id.
database.query(f"""
    CREATE TABLE counted (user UInt64, song UInt64, country FixedString(2), n UInt64) ENGINE = Memory
""")
database.query(f"""
    INSERT INTO counted
    SELECT user, song, country, count() AS n FROM (
      SELECT splitByChar('|', trimRight(line, '\\r')) AS fields,
             toInt64OrNull(fields[1]) AS song, toInt64OrNull(fields[2]) AS user,
             fields[3] AS country
      FROM file('{folder}/{{{names}}}', 'LineAsString', 'line String')
      WHERE length(fields) = 3 AND song >= 0 AND user >= 0
        AND country IN ({codes}))
    GROUP BY user, song, country
""")


def write(name: str, query: str) -> None:
    database.query(f"{query} INTO OUTFILE '{out}/{name}_{date}.txt' FORMAT TSVRaw")


CHART = """
    SELECT concat(toString({key}), '|', arrayStringConcat(arrayMap(
             place -> concat(toString(place.1), ':', toString(place.2)),
             arraySlice(arraySort(place -> (-place.2, place.1), groupArray((song, n))), 1, 50)), ','))
    FROM ({streams}) GROUP BY {key}
"""
write(
    "user_top50",
    CHART.format(
        key="user",
        streams="SELECT user, song, sum(n)::Int64 AS n FROM counted GROUP BY user, song",
    ),
)
# The songs of a country are too many for an array, so they are cut first.
write(
    "country_top50",
    CHART.format(
        key="country",
        streams="""SELECT country, song, sum(n)::Int64 AS n FROM counted GROUP BY country, song
                   ORDER BY country, n DESC, song LIMIT 50 BY country""",
    ),
)
write(
    "user_country",
    """SELECT concat(toString(user), '|', argMin(toString(country), (-n, toString(country))))
       FROM (SELECT user, country, sum(n)::Int64 AS n FROM counted GROUP BY user, country)
       GROUP BY user""",
)
database.close()
