"""A chat server on loopback that answers at once: it changes one number of the program that it is shown.

To OpenEvolve it answers with a SEARCH/REPLACE block, to TARS with the form that was asked for. It prints its port.
"""

import json
import random
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRAW = random.Random(7)


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = asked["messages"][-1]["content"]
        if "response_format" in asked:
            name = DRAW.choice(("STEP", "PLACE"))
            text = json.dumps({"ops": [{"op": "set", "parameter": name, "value": round(DRAW.uniform(0, 9), 6)}]})
        else:
            text = difference(prompt)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "fake",
            "choices": [choice],
            "usage": usage,
        }
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """It says nothing."""


def difference(prompt: str) -> str:
    lines = re.findall(r"^(?:STEP|PLACE) = .*$", prompt, re.M)[-2:]
    line = DRAW.choice(lines)
    new = re.sub(r"= [-\d.e]+", f"= {DRAW.uniform(0, 9):.6f}", line)
    return f"<<<<<<< SEARCH\n{line}\n=======\n{new}\n>>>>>>> REPLACE\n"


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    print(server.server_port, flush=True)
    server.serve_forever()
