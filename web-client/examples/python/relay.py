"""The side of a till in Python: pip install websockets. The README has the till."""

import asyncio
import json
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException


class Relay:
    """A relay, by its address and its authority's certificate (`ca.pem`, in the folder `ca` of its data folder)."""

    def __init__(self, address, authority, till, lang="fr"):
        self.address = address
        self.trust = ssl.create_default_context(cafile=authority)
        self.hello = {"type": "hello", "client": "caisse-relay-python 1.0", "till": till, "lang": lang}

    async def ask(self, id, message=None):
        """Says `message` once, then asks by the id through every cut: saying `pay` again would help nobody.
        Ends with the payment, once it is closed, or with what was refused."""
        while True:
            saying = message or {"type": "payment", "id": id}
            try:
                async with connect(self.address, ssl=self.trust, subprotocols=["caisse-relay.v1"]) as socket:
                    message = None  # from here on it may have been heard
                    await socket.send(json.dumps(self.hello))
                    await socket.send(json.dumps(saying))
                    async for text in socket:
                        heard = json.loads(text)
                        if heard["type"] == "ping":
                            await socket.send(json.dumps({"type": "pong", "n": heard["n"]}))
                        elif heard.get("id") != id:
                            continue
                        elif heard["type"] == "payment" and heard["phase"] == "closed":
                            return heard
                        elif heard["type"] == "refused":
                            if saying["type"] != "payment" or heard["code"] == "unknown_payment":
                                return heard
                            break  # too many questions, or a disk that cannot be read: no word on the money
            except (OSError, WebSocketException) as cut:
                if message and message["type"] == "pay":  # nothing was sent, nothing was charged
                    return {"type": "refused", "message": f"Le relais n'est pas joint, rien n'est débité : {cut}"}
                print(cut, file=sys.stderr)
            await asyncio.sleep(1)
