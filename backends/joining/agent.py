"""Runs on a machine for as long as ports are tried: listens, connects, sends. Its source is sent as it is.

Only the standard library, as far as Python 3.6 has it. Each line of its input is a request in JSON, each line of
its output an answer with the same ``id``. It ends with its input, or after a while without any.
"""

import json
import os
import select
import socket
import sys
import threading
import time
from typing import Any, Dict, List, Set, Tuple

#: Seconds without a request after which nobody wants it any more.
IDLE = 120.0
_lock = threading.Lock()


class Agent:
    """Answers requests; what it hears is kept until it is asked for."""

    def __init__(self) -> None:
        self.heard: Set[Tuple[int, str]] = set()
        self.nonce = b""
        self.listening: List[socket.socket] = []

    def listen(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Ports by protocol: ``ok``, or why nothing can be heard there."""
        self.nonce = str(asked["nonce"]).encode()
        tcp = {str(port): self._tcp(int(port)) for port in asked.get("tcp", [])}
        udp = self._udp([int(port) for port in asked.get("udp", [])])
        return {"tcp": tcp, "udp": udp}

    def _tcp(self, port: int) -> str:
        made = None
        try:
            try:
                made = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            except OSError:
                made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(("", port))
            made.listen(16)
        except OSError as error:
            if made is not None:
                made.close()
            return error.strerror or str(error)
        self.listening.append(made)
        _begin(self._accept, made)
        return "ok"

    def _accept(self, server: socket.socket) -> None:
        while True:
            client, _source = server.accept()
            try:
                client.settimeout(3)
                client.sendall(self.nonce)
            except OSError:
                pass
            client.close()

    def _udp(self, ports: List[int]) -> Dict[str, str]:
        """A raw socket hears what has passed the packet filter, also where the engine has the port; else the port
        itself has to be free."""
        raw = False
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                made = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_UDP)
            except OSError:
                continue
            _begin(self._hear_raw, made, family, set(ports))
            raw = raw or family == socket.AF_INET
        if raw:
            return {str(port): "ok" for port in ports}
        return {str(port): self._bind_udp(port) for port in ports}

    def _bind_udp(self, port: int) -> str:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.bind(("", port))
        except OSError as error:
            made.close()
            return error.strerror or str(error)
        self.listening.append(made)
        _begin(self._hear, made, port)
        return "ok"

    def _hear_raw(self, made: socket.socket, family: int, ports: Set[int]) -> None:
        while True:
            data = made.recv(2048)
            if family == socket.AF_INET:
                data = data[(data[0] & 15) * 4 :]
            if len(data) < 8:
                continue
            port = data[2] * 256 + data[3]
            if port in ports:
                self._note(port, data[8:])

    def _hear(self, made: socket.socket, port: int) -> None:
        while True:
            self._note(port, made.recv(2048))

    def _note(self, port: int, data: bytes) -> None:
        if self.nonce and data.startswith(self.nonce):
            self.heard.add((port, data[:200].decode("ascii", "replace")))

    def connect(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """``[host, port, what came of it]``: ``ours`` (our own listener), ``open``, ``refused``, ``silent``, or the
        error."""
        results: List[List[Any]] = []

        def one(host: str, port: int) -> None:
            results.append([host, port, self._connect(host, port, float(asked.get("limit", 3)))])

        _together(one, asked["to"])
        return {"results": results}

    def _connect(self, host: str, port: int, limit: float) -> str:
        try:
            made = socket.create_connection((host, port), limit)
        except socket.timeout:
            return "silent"
        except ConnectionRefusedError:
            return "refused"
        except OSError as error:
            return error.strerror or str(error)
        try:
            made.settimeout(0.7)
            return "ours" if self.nonce and self.nonce in made.recv(256) else "open"
        except OSError:
            return "open"
        finally:
            made.close()

    def send(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Sends ``text`` three times as a datagram; ``[host, port, "ok" or the error]``."""
        text = str(asked["text"]).encode()
        results: List[List[Any]] = []
        for host, port in asked["to"]:
            said = "ok"
            for _ in range(3):
                try:
                    family, kind, proto, _name, address = socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM)[0]
                    made = socket.socket(family, kind, proto)
                    made.sendto(text, address)
                    made.close()
                except OSError as error:
                    said = error.strerror or str(error)
            results.append([host, port, said])
        return {"results": results}

    def told(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Datagrams heard so far that begin with the nonce: ``[port, text]``."""
        return {"heard": sorted(self.heard)}

    def stop(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Lets all ports go: the engine needs them as soon as it joins."""
        for made in self.listening:
            try:
                made.shutdown(socket.SHUT_RDWR)  # else whoever waits in accept keeps it
            except OSError:
                pass
            made.close()
        self.listening = []
        return {}

    def answer(self, line: str) -> None:
        """One request; its answer is written when it is there."""
        asked = json.loads(line)
        handler = {
            "listen": self.listen,
            "connect": self.connect,
            "send": self.send,
            "told": self.told,
            "stop": self.stop,
        }[asked["do"]]
        try:
            found = handler(asked)
        except Exception as error:
            found = {"error": "%s: %s" % (type(error).__name__, error)}
        found["id"] = asked["id"]
        with _lock:
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()


def _begin(function: Any, *arguments: Any) -> None:
    def run() -> None:
        try:
            function(*arguments)
        except OSError:
            pass

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()


def _together(function: Any, pairs: Any) -> None:
    threads = [threading.Thread(target=function, args=tuple(pair)) for pair in pairs]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Answers until the input ends."""
    agent, rest, last = Agent(), b"", time.time()
    while time.time() - last < IDLE:
        ready, _, _ = select.select([0], [], [], 5)
        if not ready:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        last = time.time()
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if line.strip():
                _begin(agent.answer, line.decode())
    os._exit(0)


if __name__ == "__main__":
    main()
