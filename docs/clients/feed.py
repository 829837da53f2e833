"""Posts positions as GeoJSON: python3 feed.py [http://HOST:PORT [FEED [TOKEN]]]   (needs nothing but Python)"""
import json, math, sys, time, urllib.request


def post(server="http://127.0.0.1:7300", feed="python", token=""):
    features = []
    for n in range(10):
        angle = time.time() / 60 + n * math.tau / 10
        features.append({
            "type": "Feature",
            "id": f"car {n}",
            "geometry": {"type": "Point", "coordinates": [118.79 + math.cos(angle) / 200, 32.05 + math.sin(angle) / 200]},
            "properties": {"speed_mps": 8.3, "bearing_deg": -math.degrees(angle) % 360, "time_ms": int(time.time() * 1000)},
        })
    request = urllib.request.Request(
        f"{server}/v1/feeds/{feed}/fixes",
        data=json.dumps({"type": "FeatureCollection", "features": features}).encode(),
        headers={"Content-Type": "application/geo+json", "Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request) as answer:
        result = json.load(answer)
    print("accepted", result["accepted"], "rejected", result["rejected"], "record", result["seq"])
    for problem in result["problems"]:
        print("row", problem["row"], problem["text"])


post(*sys.argv[1:])
