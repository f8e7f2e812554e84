"""A name server on loopback that does what faults.def says.

The client 198.18.SHAPE.FAULT has the name fFAULT.sSHAPE.good.example, unless
its fault has it otherwise.
"""
import errno
import pathlib
import re
import socket
import struct
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
FAULTS = re.findall(r"^FAULT\((\w+),", (HERE / "faults.def").read_text(), re.M)
A, NS, CNAME, SOA, PTR = 1, 2, 5, 6, 12
SLOW_SECONDS, LATE_SECONDS = 0.1, 6.0


def name(text):
    labels = [label.encode("latin-1") for label in text.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, data, class_=1):
    return owner + struct.pack(">HHIH", kind, class_, 60, len(data)) + data


class Question:
    def __init__(self, packet):
        self.packet = packet
        at, labels = 12, []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
            at += packet[at] + 1
        self.labels = [label.lower() for label in labels]
        self.name = packet[12:at + 1]
        self.kind = struct.unpack(">H", packet[at + 1:at + 3])[0]
        self.question = packet[12:at + 5]

    def client(self):
        """Shape and fault, from the name that is asked for."""
        if self.kind == PTR:
            fault, shape = self.labels[:2]
        else:
            fault, shape = self.labels[0][1:], self.labels[1][1:]
        return int(shape), int(fault)

    def answer(self, *records, flags=0x8180, question=None, id_=None,
               counts=None, authority=(), additional=()):
        head = self.packet[:2] if id_ is None else id_
        numbers = counts or (1, len(records), len(authority), len(additional))
        return (head + struct.pack(">HHHHH", flags, *numbers)
                + (self.question if question is None else question)
                + b"".join((*records, *authority, *additional)))


def good(q):
    shape, fault = q.client()
    if q.kind == PTR:
        data = name(f"f{fault}.s{shape}.good.example")
        return q.answer(record(q.name, PTR, data))
    return q.answer(record(q.name, A, bytes([198, 18, shape, fault])))


def ptr(q, *targets):
    return q.answer(*(record(q.name, PTR, target) for target in targets))


def own_name(q):
    shape, fault = q.client()
    return name(f"f{fault}.s{shape}.good.example")


def other_id(q):
    return bytes([q.packet[0] ^ 0xff, q.packet[1]])


def other_question(q):
    return name("f1.s1.good.example") + struct.pack(">HH", q.kind, 1)


def rcode(number):
    return lambda q: [q.answer(flags=0x8180 | number)]


def cname_loop(q):
    return [q.answer(record(q.name, CNAME, name("loop.example")),
                     record(name("loop.example"), CNAME, q.name))]


def cname_chain(q):
    chain = [q.name, *(name(f"c{i}.example") for i in range(40))]
    links = [record(a, CNAME, b) for a, b in zip(chain, chain[1:])]
    return [q.answer(*links, record(chain[-1], q.kind, own_name(q)))]


def cname_to_nothing(q):
    return [q.answer(record(q.name, CNAME, name("nothing.example")))]


def pointer(q, offset):
    """A PTR whose data is a pointer, `offset` octets from itself."""
    answer = q.answer(record(q.name, PTR, b"\0\0"))
    at = len(answer) - 2
    return [answer[:at] + struct.pack(">H", 0xc000 | at + offset)]


def over_tcp(make):
    """Truncated over UDP, whole over TCP."""
    def act(q, tcp):
        return [make(q)] if tcp else [q.answer(flags=0x8380)]
    act.knows_tcp = True
    return act


def without_tcp(q, tcp):
    return [] if tcp else [q.answer(flags=0x8380)]


without_tcp.knows_tcp = True


def many(count):
    return lambda q: ptr(q, own_name(q), *(
        name(f"n{i}.good.example") for i in range(count - 1)))


def label(octets):
    return lambda q: [ptr(q, bytes([len(octets)]) + octets + name("example"))]


def dotted(q):
    shape, fault = q.client()
    text = f"f{fault}.s{shape}.good".encode()
    return [ptr(q, bytes([len(text)]) + text + name("example"))]


# By PTR question; what is not here is done to the question for addresses.
AT_PTR = {
    "slow": lambda q: [SLOW_SECONDS, good(q)],
    "duplicate": lambda q: [good(q)] * 3,
    "wrong_id_first": lambda q: [q.answer(id_=other_id(q)), good(q)],
    "wrong_question_first":
        lambda q: [q.answer(question=other_question(q)), good(q)],
    "truncated_then_tcp": over_tcp(good),
    "cname_to_ptr": lambda q: [q.answer(
        record(q.name, CNAME, name("1.0-31.example")),
        record(name("1.0-31.example"), PTR, own_name(q)))],
    "two_names_one_mismatch":
        lambda q: [ptr(q, own_name(q), name("bad.good.example"))],
    "upper_case": lambda q: [ptr(q, own_name(q).upper())],
    "trailing_octets": lambda q: [good(q) + b"trailing"],
    "nxdomain": rcode(3),
    "empty_answer": rcode(0),
    "nul_in_label": label(b"f1.s1\0good"),
    "dot_in_label": dotted,
    "escape_in_label": label(b"f1\\046s1"),
    "eight_bit_label": label(b"f\xc3\xbc"),
    "numeric_name": lambda q: [ptr(q, name("198.18.1.17"))],
    "root_name": lambda q: [ptr(q, b"\0")],
    "other_class": lambda q: [q.answer(record(q.name, PTR, own_name(q), 3))],
    "other_owner":
        lambda q: [q.answer(record(name("a.example"), PTR, own_name(q)))],
    "only_additional":
        lambda q: [q.answer(additional=(record(q.name, PTR, own_name(q)),))],
    "servfail": rcode(2),
    "refused": rcode(5),
    "notimp": rcode(4),
    "formerr": rcode(1),
    "silent": lambda q: [],
    "late": lambda q: [LATE_SECONDS, good(q)],
    "wrong_id": lambda q: [q.answer(record(q.name, PTR, own_name(q)),
                                    id_=other_id(q))],
    "wrong_question": lambda q: [q.answer(record(q.name, PTR, own_name(q)),
                                          question=other_question(q))],
    "not_a_response": lambda q: [q.answer(record(q.name, PTR, own_name(q)),
                                          flags=0x0100)],
    "cname_loop": cname_loop,
    "cname_chain": cname_chain,
    "cname_to_nothing": cname_to_nothing,
    "referral": lambda q: [q.answer(
        authority=(record(name("arpa"), NS, name("ns.example")),))],
    "thousand_names": over_tcp(many(1000)),
    "eleven_names": over_tcp(many(11)),
    "name_of_256": lambda q: [ptr(q, b"\1a" * 127 + b"\2aa\0")],
    "label_of_64": lambda q: [ptr(q, b"\x40" + b"a" * 64 + b"\0")],
    "compression_loop": lambda q: pointer(q, 0),
    "forward_pointer": lambda q: pointer(q, 1),
    "cut": lambda q: [good(q)[:-5]],
    "header_alone": lambda q: [good(q)[:12]],
    "no_octets": lambda q: [b""],
    "garbage": lambda q: [q.packet[:2] + bytes(range(255, 150, -1))],
    "data_beyond_the_end": lambda q: [q.answer(
        q.name + struct.pack(">HHIH", PTR, 1, 60, 5000) + own_name(q))],
    "more_records_than_said": lambda q: [q.answer(
        record(q.name, PTR, own_name(q)), counts=(1, 9, 0, 0))],
    "nxdomain_with_answer": lambda q: [q.answer(
        record(q.name, PTR, own_name(q)), flags=0x8183)],
    "truncated_without_tcp": without_tcp,
    "two_names_one_servfail":
        lambda q: [ptr(q, own_name(q), name("servfail.good.example"))],
}
AT_ADDRESS = {
    "forward_nxdomain": rcode(3),
    "forward_empty": rcode(0),
    "forward_mismatch":
        lambda q: [q.answer(record(q.name, A, bytes([198, 18, 0, 0])))],
    "forward_other_owner":
        lambda q: [q.answer(record(name("a.example"), A,
                                   bytes([198, 18, *q.client()])))],
    "forward_servfail": rcode(2),
    "forward_refused": rcode(5),
    "forward_silent": lambda q: [],
    "forward_cname_loop": cname_loop,
    "forward_cname_to_nothing": cname_to_nothing,
    "forward_short_address":
        lambda q: [q.answer(record(q.name, A, bytes([198, 18, 1])))],
    "forward_wrong_question":
        lambda q: [q.answer(record(q.name, A, bytes([198, 18, *q.client()])),
                            question=other_question(q))],
}
NAMES = {
    "bad.good.example": lambda q: [q.answer(record(q.name, A, bytes(4)))],
    "servfail.good.example": rcode(2),
}


class BadServer:
    """Runs in threads of its own until the program ends."""

    def __init__(self):
        self.questions = 0
        self.shapes = set()
        self.ports = set()  # that UDP questions came from
        self.udp, self.tcp = self.bound()
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.port = self.udp.getsockname()[1]
        for loop in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=loop, daemon=True).start()

    @staticmethod
    def bound():
        """UDP and TCP on one port: a port that is free for the one may be
        somebody's for the other."""
        while True:
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("127.0.0.1", 0))
            try:
                return udp, socket.create_server(udp.getsockname(),
                                                 backlog=1000)
            except OSError as error:
                udp.close()
                if error.errno != errno.EADDRINUSE:
                    raise

    def act(self, packet, tcp):
        q = Question(packet)
        self.questions += 1
        text = ".".join(q.labels)
        if text in NAMES:
            return NAMES[text](q)
        shape, fault = q.client()
        self.shapes.add(shape)
        acts = AT_PTR if q.kind == PTR else AT_ADDRESS
        act = acts.get(FAULTS[fault - 1], lambda q: [good(q)])
        return act(q, tcp) if hasattr(act, "knows_tcp") else act(q)

    def send(self, packets, who):
        for packet in packets:
            if isinstance(packet, float):
                time.sleep(packet)
            else:
                self.udp.sendto(packet, who)

    def serve_udp(self):
        while True:
            packet, who = self.udp.recvfrom(4096)
            self.ports.add(who[1])
            packets = self.act(packet, False)
            if packets and isinstance(packets[0], float):
                threading.Thread(target=self.send, args=(packets, who),
                                 daemon=True).start()
            else:
                self.send(packets, who)

    def serve_tcp(self):
        while True:
            threading.Thread(target=self.converse, daemon=True,
                             args=(self.tcp.accept()[0],)).start()

    def converse(self, stream):
        file = stream.makefile("rwb")
        while len(head := file.read(2)) == 2:
            packet = file.read(struct.unpack(">H", head)[0])
            answers = self.act(packet, True)
            if not answers:
                break
            for answer in answers:
                file.write(struct.pack(">H", len(answer)) + answer)
            file.flush()
        stream.close()
