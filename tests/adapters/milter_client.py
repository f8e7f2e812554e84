"""A mail server, as far as a milter sees one: version 6 of the protocol.

Standard library only.
"""
import socket
import struct

ADD_RECIPIENT, DELETE_RECIPIENT, ASK_FOR_MACROS = 0x4, 0x8, 0x100
ALL_ACTIONS, ALL_STEPS = 0x1FF, 0x1FFFFF
SILENT_CONNECT = 0x1000  # among the steps: nobody waits for that answer

CONTINUE, REJECT, TEMPFAIL = "continue", "reject", "tempfail"
VERDICTS = {b"c": CONTINUE, b"r": REJECT, b"t": TEMPFAIL}
CHANGES = {b"+": "add", b"-": "delete"}

POSTFIX = {"v": "Postfix 3.7.11", "{daemon_addr}": "127.0.0.1",
           "{daemon_port}": "25"}
SENDMAIL = {"v": "8.17.1.9", "{daemon_addr}": "0.0.0.0", "{daemon_port}": "25",
            "{if_addr}": "192.0.2.25"}


def text(*words):
    return b"".join(word.encode() + b"\0" for word in words)


class Connection:
    """Each step gives what the milter answers: a verdict, or its reply."""

    def __init__(self, path, timeout, actions=ALL_ACTIONS, steps=ALL_STEPS):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.send(b"O", struct.pack(">III", 6, actions, steps))
        self.negotiated = self.receive()[1]

    def waits_for_connect(self):
        steps, = struct.unpack_from(">I", self.negotiated, 8)
        return not steps & SILENT_CONNECT

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, command, data=b""):
        self.socket.sendall(
            struct.pack(">I", 1 + len(data)) + command + data)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                return None
            data += more
        return data

    def receive(self):
        """What it is, and the data; two None: it has hung up."""
        size = self.read(4)
        packet = self.read(struct.unpack(">I", size)[0]) if size else None
        return (packet[:1], packet[1:]) if packet else (None, None)

    def answer(self):
        command, data = self.receive()
        if command == b"y":
            return data.rstrip(b"\0").decode()
        return VERDICTS.get(command, command)

    def say(self, command, data=b"", macros=None):
        if macros:
            self.send(b"D", command + text(
                *(word for pair in macros.items() for word in pair)))
        self.send(command, data)

    def connect(self, client, macros=None):
        """client: an address, or None for one that has none."""
        if client is None:
            where = b"U"
        else:
            family = b"6" if ":" in client else b"4"
            where = family + struct.pack(">H", 4711) + text(
                ("IPv6:" if ":" in client else "") + client)
        self.say(b"C", text("client.example") + where, macros or POSTFIX)
        return self.answer() if self.waits_for_connect() else CONTINUE

    def mail(self, sender="<a@sender.example>", **macros):
        self.say(b"M", text(sender), {
            "{client_addr}": "203.0.113.9",
            **{"{%s}" % name: value for name, value in macros.items()}})
        return self.answer()

    def rcpt(self, recipient, route=None, host="far.example", mailer="smtp"):
        """route: {rcpt_addr}, the recipient itself unless given; "": none."""
        macros = {"{rcpt_mailer}": mailer, "{rcpt_host}": host,
                  "{rcpt_addr}": recipient.strip("<>") if route is None
                  else route}
        self.say(b"R", text(recipient), macros if route != "" else None)
        return self.answer()

    def message(self):
        """The changes to the envelope, and the verdict."""
        changes = []
        self.say(b"E")
        while True:
            command, data = self.receive()
            if command not in CHANGES:
                return changes, VERDICTS.get(command, command)
            changes.append((CHANGES[command], data.rstrip(b"\0").decode()))

    def abort(self):
        self.say(b"A")

    def next_client(self):
        """The same connection serves another client (SMFIC_QUIT_NC)."""
        self.say(b"K")
