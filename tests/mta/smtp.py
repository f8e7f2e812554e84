"""An SMTP client that sends what it is told, from an address it is told."""
import base64
import re
import socket

LONGEST = 30  # seconds that any reply may take
ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3}) ")


class Reply:
    """code is 0 if the server closed the connection instead."""

    def __init__(self, lines):
        self.lines = lines
        self.code = int(lines[-1][:3]) if lines else 0
        text = lines[-1][4:] if lines else "(connection closed)"
        found = ENHANCED.match(text)
        self.enhanced = found.group(1) if found else ""
        self.text = text[found.end():] if found else text

    def __str__(self):
        return " ".join(filter(None, [str(self.code), self.enhanced,
                                      self.text]))


class Client:
    def __init__(self, port, address="127.0.0.1", server="127.0.0.1",
                 greeted=True):
        self.socket = socket.create_connection((server, port), LONGEST,
                                               source_address=(address, 0))
        self.file = self.socket.makefile("rb")
        self.greeting = self.read() if greeted else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def read(self):
        lines = []
        try:
            while not lines or lines[-1][3:4] == "-":
                line = self.file.readline()
                if not line.endswith(b"\n"):
                    return Reply([])
                lines.append(line.decode("utf-8", "backslashreplace").rstrip())
        except ConnectionResetError:
            return Reply([])
        return Reply(lines)

    def send(self, line):
        """A line, as text or octets; its end is added."""
        octets = line if isinstance(line, bytes) else line.encode()
        try:
            self.socket.sendall(octets + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # reading what it said before is what counts

    def ask(self, line):
        self.send(line)
        return self.read()

    def hello(self):
        return self.ask("EHLO client.example")

    def sign_in(self, user, password):
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.ask("AUTH PLAIN " + secret)

    def message(self):
        """The message itself, behind accepted recipients."""
        if self.ask("DATA").code != 354:
            return Reply([])
        return self.ask("Subject: test\r\n\r\ntext\r\n.")
