"""Rows of fixes as Parquet with zstd, in the ways a reader may choose: prints bytes and name of each.

Usage: parquet_size.py ROWS.csv DIRECTORY
"""

import os
import sys

import duckdb

rows, directory = sys.argv[1:]
db = duckdb.connect()
db.execute(
    """CREATE TABLE fixes AS SELECT * FROM read_csv(?, header=true, columns={
    'mover': 'UINTEGER', 'time_us': 'BIGINT', 'lon_e7': 'INTEGER', 'lat_e7': 'INTEGER',
    'bearing_cdeg': 'USMALLINT', 'speed_cmps': 'USMALLINT', 'accuracy_dm': 'USMALLINT', 'known_us': 'BIGINT'})""",
    [rows],
)
ways = [
    ("Parquet, zstd, in the order of arrival", "", "V1", 3),
    ("Parquet v2 (delta encodings), zstd 19, in the order of arrival", "", "V2", 19),
    ("Parquet v2 (delta encodings), zstd 19, sorted by vehicle and time", "ORDER BY mover, time_us", "V2", 19),
]
for number, (name, order, version, level) in enumerate(ways):
    path = os.path.join(directory, f"{number}.parquet")
    db.execute(
        f"COPY (SELECT * FROM fixes {order}) TO '{path}' "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {level}, PARQUET_VERSION {version})"
    )
    print(os.path.getsize(path), name)
