"""A notebook server as a browser uses it: over HTTP and a web socket."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from tornado.websocket import websocket_connect

_SECONDS = 120


class Server:
    """A running server, found by the file that it leaves in its runtime folder."""

    def __init__(self, runtime: Path) -> None:
        until = time.monotonic() + _SECONDS
        while not (found := list(runtime.glob("jpserver-*.json"))):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.1)
        about = json.loads(found[0].read_text())
        self.url, self._token, self.process = about["url"], about["token"], about["pid"]

    def ask(self, method: str, path: str, content: object = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            body = answer.read()
        return json.loads(body) if body[:1] in (b"{", b"[") else body.decode()

    def is_up(self) -> bool:
        try:
            self.ask("GET", "api/status")
        except (urllib.error.URLError, OSError):
            return False
        return True

    async def run_all(self, path: str) -> list[dict[str, Any]]:
        """Run all code cells of a notebook in a kernel of the server's; gives each cell's outputs, and saves them."""
        notebook = self.ask("GET", f"api/contents/{path}")["content"]
        about = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.ask("POST", "api/sessions", about)
        address = self.url.replace("http", "ws", 1)
        channel = await websocket_connect(
            f"{address}api/kernels/{session['kernel']['id']}/channels?token={self._token}",
            max_message_size=1 << 28,
        )
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for cell in cells:
            cell["outputs"] = await _run(channel, cell["source"])
        channel.close()
        while await channel.read_message() is not None:
            pass  # until the server has closed it, too, and the socket with it
        self.ask("PUT", f"api/contents/{path}", {"type": "notebook", "content": notebook})
        self.ask("DELETE", f"api/sessions/{session['id']}")
        return cells


async def _run(channel: Any, source: str) -> list[dict[str, Any]]:
    """Run one cell, and wait until the kernel is idle again."""
    number = uuid.uuid4().hex
    header = {
        "msg_id": number,
        "msg_type": "execute_request",
        "session": "student",
        "username": "",
        "version": "5.3",
    }
    content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    await channel.write_message(json.dumps({**message, "buffers": []}))
    outputs = []
    while True:
        text = await channel.read_message()
        assert text is not None, "the kernel's channel was closed"
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") != number:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return outputs
        if kind in ("stream", "display_data", "execute_result", "error"):
            extra = {} if kind in ("stream", "error") else {"metadata": content["metadata"]}
            kept = {
                key: content[key]
                for key in ("name", "text", "data", "ename", "evalue", "traceback")
                if key in content
            }
            if kind == "execute_result":
                extra["execution_count"] = content["execution_count"]
            outputs.append({"output_type": kind, **kept, **extra})
