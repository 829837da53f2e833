// Loads a CZML file with Cesium's own parser and says what it found as JSON.
// read_czml.mjs NODE_DIR FILE
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// The parser asks whether values are pictures; outside a browser there are none.
globalThis.Image ??= class {};

const [, , dir, file] = process.argv;
const engine = pathToFileURL(`${dir}/node_modules/@cesium/engine/index.js`);
const { CzmlDataSource, JulianDate, Cartographic, Math: M } = await import(engine);

const source = await CzmlDataSource.load(JSON.parse(await readFile(file, "utf8")));
const kinds = {};
const movers = {};
for (const entity of source.entities.values) {
  const kind = entity.id.split("/")[0];
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  if (kind === "mover") {
    // Where it is half-way through its first stretch: a place between two fixes.
    const span = entity.availability.get(0);
    const half = JulianDate.addSeconds(span.start, JulianDate.secondsDifference(span.stop, span.start) / 2, new JulianDate());
    const place = Cartographic.fromCartesian(entity.position.getValue(half));
    movers[entity.id] = {
      spans: entity.availability.length,
      half: JulianDate.toIso8601(half),
      lon: M.toDegrees(place.longitude),
      lat: M.toDegrees(place.latitude),
    };
  }
}
const cases = source.entities.values
  .filter((e) => e.id.startsWith("case/"))
  .map((e) => ({ id: e.id, name: e.name, from: JulianDate.toIso8601(e.availability.start), to: JulianDate.toIso8601(e.availability.stop) }));
console.log(
  JSON.stringify({ kinds, movers, cases, from: JulianDate.toIso8601(source.clock.startTime), to: JulianDate.toIso8601(source.clock.stopTime) }),
);
