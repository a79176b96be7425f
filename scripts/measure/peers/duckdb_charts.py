"""duckdb_charts.py OUT DATE LOG...: makes the three charts with DuckDB, without a memory limit.

Needs DuckDB. Writes the charts of DATE into the folder OUT, and prints nothing. bench runs this script.
"""

import os
import sys

import duckdb
from row_rule import COUNTRIES

out, date, *logs = sys.argv[1:]
database = duckdb.connect()
database.execute(f"SET threads = {os.cpu_count()}; SET preserve_insertion_order = false")
database.execute(f"SET temp_directory = '{out}'")
codes = ", ".join(f"'{code}'" for code in COUNTRIES)
database.execute(f"CREATE TYPE country AS ENUM ({codes})")

# One pass over the logs counts the streams of each user, song and country; all charts are made from
# these counts.
# A fourth column finds rows with more than two separators. The ids are read as text and cast, because
# DuckDB accepts spaces and decimals in a column of numbers, and Chartmill does not. The two tests per
# id take less time than a regular expression.
database.execute(
    """
    CREATE TABLE counted AS
    SELECT TRY_CAST(song AS BIGINT) AS song, TRY_CAST(user AS BIGINT) AS user,
           TRY_CAST(country AS country) AS country, count(*) AS n
    FROM read_csv(?, columns = {'song': 'VARCHAR', 'user': 'VARCHAR', 'country': 'VARCHAR',
                                'excess': 'VARCHAR'},
                  delim = '|', header = false, quote = '', escape = '', auto_detect = false,
                  ignore_errors = true, strict_mode = false, null_padding = true, nullstr = '\\N')
    WHERE excess IS NULL
      AND TRY_CAST(song AS BIGINT) >= 0 AND NOT contains(song, ' ') AND NOT contains(song, '.')
      AND TRY_CAST(user AS BIGINT) >= 0 AND NOT contains(user, ' ') AND NOT contains(user, '.')
      AND TRY_CAST(country AS country) IS NOT NULL
    GROUP BY ALL
    """,
    [logs],
)


def write(name: str, query: str) -> None:
    database.execute(
        f"COPY ({query}) TO '{out}/{name}_{date}.txt' "
        "(FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '')"
    )


CHART = """
    WITH streams AS (SELECT {key} AS key, song, sum(n)::BIGINT AS n FROM counted GROUP BY ALL),
    ranked AS (
      SELECT key, song, n, row_number() OVER (PARTITION BY key ORDER BY n DESC, song) AS place
      FROM streams QUALIFY place <= 50)
    SELECT key || '|' || string_agg(song || ':' || n, ',' ORDER BY place) FROM ranked GROUP BY key
"""
write("country_top50", CHART.format(key="country"))
write("user_top50", CHART.format(key="user"))
write(
    "user_country",
    """
    WITH streams AS (
      SELECT user, country, sum(n)::BIGINT AS n FROM counted GROUP BY ALL)
    SELECT user || '|' || arg_min(country, (-n, country::VARCHAR)) FROM streams GROUP BY user
    """,
)
