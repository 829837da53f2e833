"""Watches a city and sends a unit: python3 watch.py [ws://HOST:PORT/v1/ws [TOKEN]]   (needs: pip install websockets)"""
import asyncio, json, random, sys
import websockets


async def main(url="ws://127.0.0.1:7300/v1/ws", token=""):
    async with websockets.connect(url, subprotocols=["chengtu.v1.json"], max_size=None) as ws:
        say = lambda message: ws.send(json.dumps(message))
        await say({"hello": {"token": token, "client": "watch.py"}})
        hello = json.loads(await ws.recv())["hello"]
        west, south, east, north = hello["city"]["bounds"]
        print("city", hello["city"]["name"], "record", hello["seq"])
        view = {"west": west, "south": south, "east": east, "north": north, "zoom": 14}
        await say({"subscribe": {"viewport": view, "layers": ["movers", "units", "cases"], "rate_hz": 1}})
        sent = [random.getrandbits(63), random.getrandbits(63)]
        async for text in ws:
            kind, body = next(iter(json.loads(text).items()))
            for tile in body.get("tiles", []) if kind in ("snapshot", "frame") else []:
                for mover in tile["moved"]:
                    print("move", mover["id"], mover["lon"], mover["lat"], mover["speed_mps"])
            if kind == "snapshot":
                free = [c["unit"] for c in body["changes"] if c.get("unit", {}).get("status") == "available"]
                place = {"place": [(west + east) / 2, (south + north) / 2]}
                order = {"dispatch_unit": {"unit": free[0]["id"], "target": place}}
                await say({"command": {"id": sent, "command": order}})
            elif kind in ("accepted", "rejected") and body["id"] == sent:
                print(kind, "unit", free[0]["call_sign"], body.get("text", body.get("seq")))
                return

asyncio.run(main(*sys.argv[1:]))
