#!/usr/bin/env python3
"""Opens a city pack with other people's readers and says what is in it.

    python3 check_pack.py PACK_DIR [EXTRACT.osm[.xml][.gz]]

Needs from PyPI: pmtiles, mapbox-vector-tile, shapely. Exits 1 with a line for each thing that is wrong.
With the extract the pack was made from, every road name in it must be found in places.json.
"""

import collections
import gzip
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import mapbox_vector_tile
from pmtiles.reader import MmapSource, Reader, all_tiles
from shapely.geometry import shape

LAYERS = {"landuse", "green", "water", "waterway", "boundary", "rail", "road", "building", "place"}
KINDS = {"landuse": "Polygon", "green": "Polygon", "water": "Polygon", "building": "Polygon", "place": "Point",
         "waterway": "LineString", "boundary": "LineString", "rail": "LineString", "road": "LineString"}

wrong = []


def check(truth, message):
    if not truth:
        wrong.append(message)


def check_basemap(path):
    with open(path, "rb") as file:
        source = MmapSource(file)
        reader = Reader(source)
        header, metadata = reader.header(), reader.metadata()
        check(header["tile_type"].name == "MVT", f"tile type {header['tile_type']}")
        check(header["tile_compression"].name == "GZIP", f"compression {header['tile_compression']}")
        check(header["clustered"], "tiles are not in the archive's order")
        check("OpenStreetMap" in metadata["attribution"], "attribution is missing")
        check({l["id"] for l in metadata["vector_layers"]} == LAYERS, "vector_layers do not name the layers")
        told = {l["id"]: set(l["fields"]) for l in metadata["vector_layers"]}
        counts = collections.defaultdict(collections.Counter)
        for (zoom, x, y), data in all_tiles(source):
            tile = mapbox_vector_tile.decode(gzip.decompress(data))
            for name, layer in tile.items():
                check(layer["extent"] == 4096 and layer["version"] == 2, f"{zoom}/{x}/{y} {name}: extent or version")
                counts[zoom][name] += len(layer["features"])
                for feature in layer["features"]:
                    where = f"{zoom}/{x}/{y} {name}"
                    check(set(feature["properties"]) <= told[name], f"{where}: untold fields {set(feature['properties'])}")
                    geometry = shape(feature["geometry"])
                    check(geometry.geom_type.removeprefix("Multi") == KINDS[name], f"{where}: {geometry.geom_type}")
                    check(not geometry.is_empty, f"{where}: empty geometry")
                    west, south, east, north = geometry.bounds
                    check(min(west, south) >= -80 and max(east, north) <= 4176, f"{where}: beyond the buffer")
        return header, metadata, counts


def check_grid(path):
    # A large grid is stored zipped.
    zipped = path.with_name(path.name + ".gz")
    text = path.read_text("utf-8") if path.is_file() else gzip.decompress(zipped.read_bytes()).decode("utf-8")
    cells = json.loads(text)["features"]
    codes = [c["properties"]["code"] for c in cells]
    check(len(set(codes)) == len(codes), "grid codes are not unique")
    check(all(len(c) == 15 and c.isdigit() for c in codes), "grid codes are not 15 digits")
    # Every corner written is exactly a corner of its neighbours: as many different corners as a raster has.
    corners = {tuple(p) for c in cells for p in c["geometry"]["coordinates"][0]}
    lons, lats = {p[0] for p in corners}, {p[1] for p in corners}
    check(len(cells) != (len(lons) - 1) * (len(lats) - 1) or len(corners) == len(lons) * len(lats), "grid corners are not shared")
    return len(cells)


def road_names(extract):
    opener = gzip.open if extract.read_bytes()[:2] == b"\x1f\x8b" else open
    names = set()
    with opener(extract, "rb") as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag == "way":
                tags = {t.get("k"): t.get("v") for t in element.findall("tag")}
                if "highway" in tags:
                    names |= {tags[k] for k in ("name", "name:en") if k in tags}
    return names


def main():
    pack = pathlib.Path(sys.argv[1])
    header, metadata, counts = check_basemap(pack / "basemap.pmtiles")
    print(f"{metadata['name']}: zoom {header['min_zoom']}-{header['max_zoom']}, {header['addressed_tiles_count']} tiles")
    for zoom in sorted(counts):
        print(f"  z{zoom}: " + ", ".join(f"{n} {c}" for n, c in sorted(counts[zoom].items())))
    last = counts[header["max_zoom"]]
    for layer in ("road", "building"):
        check(last[layer] > 0, f"no {layer} at zoom {header['max_zoom']}")
    print(f"grid: {check_grid(pack / 'grid.geojson')} cells")
    places = json.loads((pack / "places.json").read_text("utf-8"))
    print(f"places: {len(places)}")
    if len(sys.argv) > 2:
        found = {n for p in places for n in [p["name"], p.get("name_en"), *p.get("alt", [])]}
        names = road_names(pathlib.Path(sys.argv[2]))
        missing = sorted(names - found)
        check(not missing, f"{len(missing)} of {len(names)} road names are not found: {missing[:10]}")
        print(f"road names: {len(names)} in the extract, {len(names) - len(missing)} found")
    for message in wrong[:50]:
        print("WRONG:", message)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
