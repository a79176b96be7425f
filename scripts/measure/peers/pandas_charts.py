"""pandas_charts.py OUT DATE LOG...: makes the three charts with pandas, if all rows fit in memory.

Needs pandas. Writes the charts of DATE into the folder OUT, and prints nothing. bench runs this script.
"""

import csv
import sys

import pandas as pd
from row_rule import COUNTRIES

out, date, *logs = sys.argv[1:]
LARGEST = 2**63 - 1


def ids(texts: pd.Series) -> pd.Series:
    """The numbers of texts that are only digits. Other texts give -1."""
    digits = texts.where(texts.str.fullmatch(r"0*[0-9]{1,18}", na=False))
    numbers = pd.to_numeric(digits.fillna("-1")).astype("int64")
    # A number of nineteen digits may be larger than the largest id.
    wide = texts.str.fullmatch(r"0*[1-9][0-9]{18}", na=False)
    for place, text in texts[wide].items():
        numbers[place] = int(text) if int(text) <= LARGEST else -1
    return numbers


def read(log: str) -> pd.DataFrame:
    # pandas skips rows with more than two separators.
    fields = pd.read_csv(
        log, sep="|", header=None, names=["song", "user", "country"], dtype=str,
        quoting=csv.QUOTE_NONE, on_bad_lines="skip", keep_default_na=False, engine="c",
    )  # fmt: skip
    fields = fields[fields["country"].isin(COUNTRIES)]
    rows = pd.DataFrame(
        {
            "song": ids(fields["song"]),
            "user": ids(fields["user"]),
            "country": fields["country"].astype(pd.CategoricalDtype(COUNTRIES)),
        }
    )
    return rows[(rows["song"] >= 0) & (rows["user"] >= 0)]


def write(name: str, keys: pd.Series, values: pd.Series) -> None:
    with open(f"{out}/{name}_{date}.txt", "w", encoding="ascii") as file:
        file.writelines(f"{key}|{value}\n" for key, value in zip(keys, values, strict=True))


def chart(stream: pd.DataFrame, key: str, name: str) -> None:
    counts = stream.groupby([key, "song"], observed=True).size().reset_index(name="n")
    counts = counts.sort_values([key, "n", "song"], ascending=[True, False, True])
    counts = counts.groupby(key, observed=True).head(50)
    pairs = counts["song"].astype(str) + ":" + counts["n"].astype(str)
    charts = pairs.groupby(counts[key], observed=True).agg(",".join)
    write(name, charts.index, charts)


def main() -> None:
    stream = pd.concat([read(log) for log in logs], ignore_index=True)
    chart(stream, "country", "country_top50")
    chart(stream, "user", "user_top50")
    counts = stream.groupby(["user", "country"], observed=True).size().reset_index(name="n")
    counts["country"] = counts["country"].astype(str)
    counts = counts.sort_values(["user", "n", "country"], ascending=[True, False, True])
    user_countries = counts.drop_duplicates("user")
    write("user_country", user_countries["user"], user_countries["country"])


main()
