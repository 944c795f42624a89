"""Questions, true answers to them and damaged ones, by a seed; and how each of them is read.

An answer is a tree of values until it is sent, so that damage reaches every level of it: a length
written longer than need be, a row twice, a value of another type, an octet anywhere, also below a
right signature and inside what is enciphered. pysnmp enciphers, so AES is held against it as well.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from collector.adapters.snmp.client.codec import (
    OCTETS,
    Garbled,
    Reply,
    Request,
    RequestKind,
    community_answer,
    community_request,
    encode,
    request_pdu,
)
from collector.adapters.snmp.client.credentials import AuthProtocol, PrivProtocol, UserCredential
from collector.adapters.snmp.client.ordinary import CommunityFrame, asked_in
from collector.adapters.snmp.client.session import Oid
from collector.adapters.snmp.client.user_keys import UserKeys
from collector.adapters.snmp.client.usm import (
    Engine,
    Envelope,
    Incoming,
    Sent,
    read,
    read_ordinary,
)
from collector.demo import agent as ber

Verdict = Literal["read", "left", "WRONG"]
Kind = Literal["v1", "v2c", "v3"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_ENGINES: Final = (bytes.fromhex("80001f8804") + bytes(7), b"\x80\0\0\x09\x05copier-2f")
_CONTEXTS: Final = ("", "fax")
_USERS: Final = (
    UserCredential("clerk"),
    *(UserCredential("clerk", auth, "signing phrase") for auth in get_args(AuthProtocol)),
    *(
        UserCredential("係", "SHA256", "signing phrase", priv, "hiding phrase")
        for priv in get_args(PrivProtocol)
    ),
)
_KEYS: Final = {
    (user.user, user.auth_protocol, user.priv_protocol, engine): UserKeys(user, engine)
    for user in _USERS
    for engine in _ENGINES
}
_NUMBERS: Final = (2, 65, 66, 67, 70)
_MODULI: Final = {2: 2**31, 65: 2**32, 66: 2**32, 67: 2**32, 70: 2**64}
_ODD_VALUES: Final = (
    *(bytes((tag, 0)) for tag in (2, 4, 5, 6, 64, 65, 70, 0x80, 0x81, 0x82)),
    *(ber.tlv(tag, b"\0\0\x07") for tag in _NUMBERS),
    *(ber.tlv(tag, b"\xff\xff\xff\xfe") for tag in _NUMBERS),
    *(ber.tlv(tag, b"\xff\xff") for tag in _NUMBERS),
    *(ber.tlv(tag, b"\x80\0\0\0\0\0\0\0") for tag in _NUMBERS),
    *(ber.tlv(tag, b"\x01" * size) for tag in _NUMBERS for size in (5, 8, 9, 10, 130, 300)),
    *(ber.tlv(tag, b"\0" + b"\xff" * size) for tag in _NUMBERS for size in (4, 8, 9)),
    *(ber.tlv(4, b"x" * size) for size in (127, 128, 255, 256, OCTETS, OCTETS + 1)),
    *(ber.tlv(64, b"\x7f" * size) for size in (3, 4, 5, 16)),
    ber.tlv(68, b"opaque"),
    ber.tlv(0x24, ber.tlv(4, b"in parts")),
    ber.tlv(0x30, ber.integer(7)),
    ber.tlv(0x47, b"\x01"),
    ber.tlv(6, b"\x2b\x86"),
    ber.tlv(6, b"\x2b\x80\x01"),
    ber.tlv(6, b"\x2b\x8f\xff\xff\xff\xff\x7f"),
    ber.tlv(6, b"\x2b" + b"\x01" * 200),
)


@dataclass
class Node:
    """One value on the wire; `more` octets of length than it needs, -1 for a length without end."""

    tag: int
    inside: "bytes | list[Node]"
    more: int = 0

    def octets(self) -> bytes:
        """Return it encoded."""
        inside = self.inside
        if not isinstance(inside, bytes):
            inside = b"".join(one.octets() for one in inside)
        if self.more == 0:
            return ber.tlv(self.tag, inside)
        if self.more < 0:
            return bytes((self.tag, 0x80)) + inside + b"\0\0"
        digits = max(1, (len(inside).bit_length() + 7) // 8)
        size = len(inside).to_bytes(digits + self.more - (len(inside) < 0x80), "big")
        return bytes((self.tag, 0x80 | len(size))) + size + inside

    def all(self) -> "Iterator[Node]":
        """Yield it and all below it."""
        yield self
        if not isinstance(self.inside, bytes):
            for one in self.inside:
                yield from one.all()


def raw(octets: bytes) -> Node:
    """Return encoded octets as a node; what is long or odd stays as it is."""
    if len(octets) > 1 and octets[1] == len(octets) - 2:
        return Node(octets[0], octets[2:])
    return Verbatim(0, octets)


class Verbatim(Node):
    """Octets as they are."""

    def octets(self) -> bytes:
        """Return them."""
        assert isinstance(self.inside, bytes)
        return self.inside


def _name(dice: random.Random) -> Oid:
    arcs = (dice.choice((0, 1, 7, 43, 127, 128, 367, 1602, 18334, 2**32 - 1)) for _ in range(9))
    return (1, 3, 6, 1, *list(arcs)[: dice.randint(0, 9)], dice.randint(0, 300))


def _value(dice: random.Random) -> bytes:
    kind = dice.randrange(8)
    if kind < 5:
        tag = dice.choice(_NUMBERS)
        number = dice.randrange(_MODULI[tag] >> dice.randrange(0, _MODULI[tag].bit_length(), 4))
        return ber.integer(dice.choice((-1, -2, -3, number)) if tag == 2 else number, tag)
    if kind == 5:
        return ber.tlv(ber.OCTETS, dice.randbytes(dice.choice((0, 1, 8, 60, 130, 300))))
    return ber.tlv(64, dice.randbytes(4)) if kind == 6 else ber.row(_name(dice), b"")[2:]


Damage = Callable[[Node], bytes]
"""Makes the octets of a whole message, damaged ones perhaps, before it is signed."""


@dataclass
class Talk:
    """One question as it is asked both ways, how its answer is built and sent, and read both ways.

    `carefully` raises Garbled for what is no answer to it.
    """

    kind: Kind
    names: tuple[Oid, ...]
    asked: bytes
    asked_by_library: bytes
    tree: Callable[[list[Node]], Node]
    sent: Callable[[Node, Damage], bytes]
    quickly: Callable[[bytes], Reply | Incoming | None]
    carefully: Callable[[bytes], Reply | Incoming]


def _question(dice: random.Random) -> Request:
    names = {_name(dice) for _ in range(dice.choice((1, 2, 3, 5, 20)))}
    return Request(RequestKind.GET, tuple(sorted(names, key=lambda _: dice.random())))


def _number(dice: random.Random) -> int:
    return dice.randrange(2**23, 2**31)


def _pdu(number: int, rows: list[Node]) -> Node:
    return Node(ber.RESPONSE, [raw(ber.integer(number)), _zero(), _zero(), Node(0x30, rows)])


def _zero() -> Node:
    return raw(ber.integer(0))


def _community_talk(dice: random.Random, kind: Kind) -> Talk:
    question, number = _question(dice), _number(dice)
    version: Literal["1", "2c"] = "1" if kind == "v1" else "2c"
    community = dice.choice(("public", "役所", ""))
    frame, asked = CommunityFrame(version, community), asked_in(question)
    assert asked is not None

    def carefully(data: bytes) -> Reply:
        wire_version, reply = community_answer(data)
        if wire_version != (kind == "v2c") or reply.request_id != number or reply.is_report:
            raise Garbled
        return reply

    def tree(rows: list[Node]) -> Node:
        head = [raw(ber.integer(int(kind == "v2c"))), Node(4, community.encode())]
        return Node(0x30, [*head, _pdu(number, rows)])

    return Talk(
        kind,
        question.oids,
        frame.request(asked, number, question),
        community_request(version, community, question, number),
        tree,
        lambda node, damage: damage(node),
        lambda data: frame.answer(asked, number, data),
        carefully,
    )


def _user_talk(dice: random.Random) -> Talk:
    user, engine_id = dice.choice(_USERS), dice.choice(_ENGINES)
    keys = _KEYS[user.user, user.auth_protocol, user.priv_protocol, engine_id]
    boots, seconds = dice.choice((0, 1, 200, 2**31 - 1)), dice.randrange(2**31)
    engine = Engine(engine_id, keys, boots, seconds)
    envelope = Envelope(user.user, dice.choice(_CONTEXTS), dice.choice((None, b"another one")))
    question, number, message_id = _question(dice), _number(dice), _number(dice)
    asked = asked_in(question)
    assert asked is not None
    sent = Sent(asked, engine, envelope, number, [_number(dice), message_id])
    whose = engine_id if envelope.context_engine_id is None else envelope.context_engine_id

    def carefully(data: bytes) -> Incoming:
        incoming = read(data, keys)
        unasked = incoming.reply.is_report or incoming.reply.request_id != number
        if incoming.message_id not in sent.message_ids or unasked:
            raise Garbled
        if keys.signs and not incoming.signed:
            raise Garbled
        return incoming

    def tree(rows: list[Node]) -> Node:
        return Node(0x30, [Node(4, whose), Node(4, envelope.context.encode()), _pdu(number, rows)])

    def sent_as(scoped: Node, damage: Damage) -> bytes:
        payload, salt = scoped.octets(), b""
        if keys.enciphers:
            numbers = (boots, seconds, None)
            secret, salty = keys._priv.encrypt_data(keys._priv_key, numbers, payload)
            payload, salt = ber.tlv(4, secret.asOctets()), salty.asOctets()
        level = Node(4, bytes((keys.signs + 2 * keys.enciphers,)))
        head = [raw(ber.integer(message_id)), raw(ber.integer(1472)), level, raw(ber.integer(3))]
        clock = [Node(4, engine_id), raw(ber.integer(boots)), raw(ber.integer(seconds))]
        place = dice.randbytes(keys.signature_size)
        ends = [Node(4, user.user.encode()), Node(4, place), Node(4, salt)]
        security = Node(4, [Node(0x30, [*clock, *ends])])
        parts = [raw(ber.integer(3)), Node(0x30, head), security, Verbatim(0, payload)]
        message = damage(Node(0x30, parts))
        at = message.find(place)
        if at < 0 or not place:
            return message
        message = message.replace(place, bytes(len(place)), 1)
        return message[:at] + keys.signature(message) + message[at + len(place) :]

    return Talk(
        "v3",
        question.oids,
        asked.request(number, question.kind),
        encode(request_pdu(question, number)),
        tree,
        sent_as,
        lambda data: read_ordinary(data, sent),
        carefully,
    )


# Damage: to the tree of an answer, to its octets, or to both.


def _mangle(node: Node, dice: random.Random) -> None:
    """Change one thing somewhere in the tree."""
    every = [one for one in node.all() if not isinstance(one, Verbatim)]
    one = dice.choice(every)
    kind = dice.randrange(6)
    if kind == 0:
        one.more = dice.choice((-1, 1, 2))
    elif kind == 1:
        one.tag = dice.choice((one.tag ^ 1 << dice.randrange(8), 2, 4, 5, 65, 0xA8))
    elif isinstance(one.inside, bytes):
        one.inside = _changed(one.inside, dice)
    elif kind == 2 and one.inside:
        del one.inside[dice.randrange(len(one.inside))]
    elif kind == 3 and one.inside:
        one.inside.append(dice.choice(one.inside))
    elif kind == 4:
        dice.shuffle(one.inside)
    else:
        one.inside.insert(dice.randint(0, len(one.inside)), raw(dice.choice(_ODD_VALUES)))


def _changed(octets: bytes, dice: random.Random) -> bytes:
    """Return `octets` with one flipped, put in, left out, or with the end cut off or longer."""
    at = dice.randint(0, len(octets))
    kind = dice.randrange(5)
    if kind == 0 or not octets:
        return octets[:at] + dice.randbytes(1) + octets[at:]
    if kind == 1:
        return octets[:at] + octets[at + 1 :]
    if kind == 2:
        return octets[:at]
    if kind == 3:
        return octets + dice.randbytes(dice.randint(1, 3))
    at %= len(octets)
    return octets[:at] + bytes((octets[at] ^ 1 << dice.randrange(8),)) + octets[at + 1 :]


def questions(dice: random.Random) -> Iterator[tuple[bytes, bytes]]:
    """Yield questions of every kind as they are asked over v2c, by this program and the library."""
    frame, number = CommunityFrame("2c", "public"), _number(dice)
    for kind in RequestKind:
        question = Request(kind, _question(dice).oids, dice.choice((1, 8, 24, 127, 128, 1000)))
        asked = asked_in(question)
        assert asked is not None
        yield (
            frame.request(asked, number, question),
            community_request("2c", "public", question, number),
        )


def talk(dice: random.Random, kind: Kind) -> Talk:
    """Return a question of `kind`."""
    return _user_talk(dice) if kind == "v3" else _community_talk(dice, kind)


def true_answer(one: Talk, dice: random.Random) -> bytes:
    """Return what an agent answers that has everything."""
    return one.sent(one.tree([_row(name, _value(dice)) for name in one.names]), Node.octets)


def damaged_answer(one: Talk, dice: random.Random) -> bytes:
    """Return an answer in which one thing is odd, or up to three."""

    def mangled(node: Node) -> bytes:
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            _mangle(node, dice)
        return node.octets()

    values = [_value(dice) for _ in one.names]
    way = dice.randrange(8)
    if way == 0:
        values[dice.randrange(len(values))] = dice.choice(_ODD_VALUES)
    tree = one.tree([_row(name, value) for name, value in zip(one.names, values, strict=True)])
    if way in {1, 2}:
        mangled(tree)
    if way in {3, 4}:
        return one.sent(tree, mangled)
    if way == 5:
        return one.sent(tree, lambda node: _changed(node.octets(), dice))
    answer = one.sent(tree, Node.octets)
    return _changed(answer, dice) if way in {6, 7} else answer


def _row(name: Oid, value: bytes) -> Node:
    return Node(0x30, [raw(ber.row(name, b"")[2:]), raw(value)])


def verdict(one: Talk, answer: bytes) -> Verdict:
    """Return whether `answer` was read as the careful codec reads it, or left to that."""
    quick = one.quickly(answer)
    if quick is None:
        return "left"
    try:
        careful = one.carefully(answer)
    except Garbled:
        return "WRONG"
    mine, other = (
        found.reply if isinstance(found, Incoming) else found for found in (quick, careful)
    )
    types = [[type(value) for _, value in reply.found] for reply in (mine, other)]
    is_same = quick == careful and mine.tags == other.tags and types[0] == types[1]
    return "read" if is_same else "WRONG"
