"""Reads what `chengtu-server export` wrote with other people's readers, and says what they found as JSON.

read_exports.py DIR: `tables/*.parquet` with DuckDB and with pandas, `all.geojson` and `all.gpx` with GDAL.
"""

import json
import pathlib
import sys

import duckdb
import pandas
import pyogrio

root = pathlib.Path(sys.argv[1])
found = {"duckdb": {}, "pandas": {}, "gdal": {}}

for path in sorted((root / "tables").glob("*.parquet")):
    name = path.stem
    rows = duckdb.sql(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()[0][0]
    types = dict((r[0], r[1]) for r in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall())
    frame = pandas.read_parquet(path)
    found["duckdb"][name] = {"rows": rows, "types": types}
    found["pandas"][name] = {"rows": len(frame), "types": {c: str(t) for c, t in frame.dtypes.items()}}

# Sums that a reader of the wrong bytes would not get.
fixes = root / "tables" / "fixes.parquet"
lon, first, last, unknown = duckdb.sql(
    "SELECT sum(round(lon * 1e7)::BIGINT), epoch_us(min(fix_time)), epoch_us(max(fix_time)), "
    f"count(*) FILTER (bearing_deg IS NULL) FROM read_parquet('{fixes}')"
).fetchall()[0]
found["duckdb"]["fixes"]["sums"] = [int(lon), first, last, unknown]
stages = root / "tables" / "stages.parquet"
cases = root / "tables" / "cases.parquet"
found["duckdb"]["joined"] = [
    list(r)
    for r in duckdb.sql(
        f"SELECT c.class, s.stage, s.by FROM read_parquet('{cases}') c JOIN read_parquet('{stages}') s USING (\"case\") "
        'ORDER BY c."case", s.at, s.stage'
    ).fetchall()
]

for layer, _ in pyogrio.list_layers(root / "all.geojson"):
    info = pyogrio.read_info(root / "all.geojson", layer=layer)
    meta, _, geometry, fields = pyogrio.raw.read(root / "all.geojson", layer=layer, columns=["what"])
    kinds = {}
    for kind in fields[0]:
        kinds[kind] = kinds.get(kind, 0) + 1
    found["gdal"]["geojson"] = {"features": info["features"], "what": kinds, "crs": meta["crs"]}
found["gdal"]["gpx"] = {
    str(layer): int(pyogrio.read_info(root / "all.gpx", layer=layer, force_feature_count=True)["features"])
    for layer, _ in pyogrio.list_layers(root / "all.gpx")
}
print(json.dumps(found, ensure_ascii=False, default=str))
