"""A DNS server on loopback that says what a test wants.

Standard library only; UDP, one question a message (RFC 1035 §4.1).
"""
import socket
import struct
import threading
import time

NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
TYPE_A, TYPE_PTR = 1, 12


def encode(name):
    labels = [label.encode() for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def decode(message, at):
    labels = []
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels).lower(), at + 1


def reverse(client):
    return ".".join(reversed(client.split("."))) + ".in-addr.arpa"


class Server:
    """records: (name, type) -> list of data (text), or an error code; what is
    in none does not exist.  delays: name -> seconds."""

    def __init__(self, records, delays=(), port=0):
        self.records, self.delays = records, dict(delays)
        self.asked = []  # the names, in the order of their questions
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            message, client = self.socket.recvfrom(4096)
            threading.Thread(target=self.answer, args=(message, client),
                             daemon=True).start()

    def answer(self, message, client):
        name, end = decode(message, 12)
        kind = struct.unpack_from(">H", message, end)[0]
        self.asked.append(name)
        time.sleep(self.delays.get(name, 0))
        data = self.records.get((name, kind), NO_SUCH_NAME)
        code, data = (data, []) if isinstance(data, int) else (NO_ERROR, data)
        header = struct.pack(">HHHHHH", struct.unpack_from(">H", message)[0],
                             0x8180 | code, 1, len(data), 0, 0)
        records = b"".join(self.record(name, kind, item) for item in data)
        self.socket.sendto(header + message[12:end + 4] + records, client)

    @staticmethod
    def record(name, kind, item):
        data = socket.inet_aton(item) if kind == TYPE_A else encode(item)
        return (encode(name) +
                struct.pack(">HHIH", kind, 1, 60, len(data)) + data)
