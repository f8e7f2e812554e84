"""A client of Postfix's policy delegation protocol, as Postfix is one.

Standard library only.
"""
import socket

CLOSED = None  # instead of an action


def request(**attributes):
    """As Postfix says it: RCPT, from a stranger, unless told otherwise.  None
    leaves an attribute out."""
    usual = {"request": "smtpd_access_policy", "protocol_state": "RCPT",
             "protocol_name": "ESMTP", "client_address": "127.0.0.1",
             "client_name": "unknown", "reverse_client_name": "unknown",
             "server_address": "127.0.0.1", "server_port": "25",
             "helo_name": "client.example", "sender": "a@sender.example",
             "recipient": "joe@corp.example", "recipient_count": "0",
             "queue_id": "", "instance": "9d.6b06dce9.2bf8.0", "size": "0",
             "sasl_username": "", "ccert_fingerprint": "",
             "encryption_protocol": ""}
    lines = [f"{name}={value}\n" for name, value in
             {**usual, **attributes}.items() if value is not None]
    return "".join(lines + ["\n"]).encode()


class Connection:
    def __init__(self, place, timeout):
        """A path, or a port on 127.0.0.1."""
        if isinstance(place, int):
            self.socket = socket.create_connection(("127.0.0.1", place),
                                                   timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(place))
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets):
        try:
            self.socket.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # reading tells

    def answer(self):
        """The action, or CLOSED."""
        try:
            line, empty = self.file.readline(), self.file.readline()
        except ConnectionResetError:
            return CLOSED
        if not line:
            return CLOSED
        if not line.startswith(b"action=") or empty != b"\n":
            raise ValueError(f"no action: {line + empty!r}")
        return line[len("action="):-1].decode()

    def ask(self, **attributes):
        self.send(request(**attributes))
        return self.answer()
