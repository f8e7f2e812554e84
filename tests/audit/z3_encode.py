"""A policy as formulas of z3, from the text of the policy's language alone:
nothing here is the library's, nor of the tests' slow evaluator.

A transaction is a client's address (a bit vector), a listener, confirmed host
names, TLS and a certificate, an identity with groups, a sender and a recipient.
Texts are elements of finite sorts: what some policy names, one fresh name below
each domain, and one that nobody names.  Whether a pattern matches is a variable
of its own.
"""
import ipaddress

import z3

V6_BITS = 128
MAPPED = 0xffff << 32
FRESH = "relay-probe.invalid"
BELOW = "fresh--label"
FRESH_LOCAL = "nobody-named-me"
FRESH_IDENTITY = "an-account-nobody-named"
FRESH_ADDRESS, FRESH_PORT = "198.18.7.7", 2525
POSTMASTER = "postmaster"
INTERNAL = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8",
            "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10"]
BUILT_IN = {"$private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                         "fc00::/7"],
            "$loopback": ["127.0.0.0/8", "::1"],
            "$link-local": ["169.254.0.0/16", "fe80::/10"]}
NOBODY = ("guest", "anonymous", "anonymous logon", "")
NO_CERTIFICATE, OTHER_CERTIFICATE = "", "0" * 63 + "1"


# -- formulas with True and False folded away --------------------------------

def any_of(parts):
    parts = [part for part in parts if part is not False]
    if True in [part for part in parts if part is True]:
        return True
    return z3.Or(*parts) if len(parts) > 1 else parts[0] if parts else False


def all_of(parts):
    parts = [part for part in parts if part is not True]
    if [part for part in parts if part is False]:
        return False
    return z3.And(*parts) if len(parts) > 1 else parts[0] if parts else True


def none_of(part):
    return not part if isinstance(part, bool) else z3.Not(part)


# -- texts --------------------------------------------------------------------

def fold(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def domain_of(text):
    return text.encode("idna").decode().lower() if not text.isascii() \
        else text.lower()


def local_of(text):
    return fold(text.strip('"') if " " not in text else text)


def as_list(value):
    """A scalar for a list of one, lists in lists."""
    if value is None:
        return []
    if not isinstance(value, list):
        return [value]
    return [one for part in value for one in as_list(part)]


def is_pattern(entry):
    return len(entry) > 1 and entry[0] == entry[-1] == "/"


def is_below(entry):
    return entry.startswith((".", "*."))


def range_of(text):
    """(first, last, is IPv4) of an address, network or range; None if it is
    none."""
    try:
        if "/" in text:
            net = ipaddress.ip_network(text, strict=True)
            first, last = net[0], net[-1]
        else:
            first, _, last = text.partition("-")
            first = ipaddress.ip_address(first)
            last = ipaddress.ip_address(last) if last else first
    except ValueError:
        return None
    if first.version == 4:
        return MAPPED + int(first), MAPPED + int(last), True
    if first.ipv4_mapped and last.ipv4_mapped:
        return int(first), int(last), True
    return int(first), int(last), False


def endpoint_of(text):
    """(address or None, port or None)"""
    if text.startswith("*:"):
        return None, int(text[2:])
    if text.startswith("["):
        address, _, port = text[1:].partition("]:")
        return str(ipaddress.ip_address(address)), int(port)
    address, colon, port = text.partition(":")
    if colon and ":" not in port:
        return address, int(port)
    return str(ipaddress.ip_address(text)), None


def is_internal(address):
    first, _, _ = range_of(address)
    return any(low <= first <= high for low, high, _ in map(range_of, INTERNAL))


def suffixes(name):
    labels = name.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels))]


# -- the sorts that all policies share ----------------------------------------

class Sort:
    """A variable over texts."""

    def __init__(self, name, values):
        self.values = sorted(values)
        self.number = {value: i for i, value in enumerate(self.values)}
        self.variable = z3.BitVec(name, max(1, len(self.values).bit_length()))
        self.bound = z3.ULT(self.variable, len(self.values))
        self.known = {}

    def is_in(self, values):
        key = frozenset(values)
        if len(key) == len(self.values):
            return True
        if key not in self.known:
            self.known[key] = any_of([self.variable == self.number[value]
                                      for value in sorted(key)])
        return self.known[key]

    def of(self, model):
        return self.values[model.eval(self.variable, True).as_long()]


def entries_in(node):
    """Every text of a policy, keys as well."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from entries_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from entries_in(value)
    elif isinstance(node, str):
        yield node


class World:
    """The variables of a transaction, the same for all policies."""

    def __init__(self, policies):
        texts = {text[4:] if text.startswith("not ") else text
                 for policy in policies for text in entries_in(policy)}
        texts = {text for text in texts if not is_pattern(text)}
        names = {domain_of(text.rpartition("@")[2].lstrip("*").lstrip("."))
                 for text in texts
                 if "." in text and " " not in text and "/" not in text
                 and ":" not in text and not text.endswith("@")
                 and not range_of(text)}
        names |= {f"{BELOW}.{name}" for name in names} | {FRESH}
        # Only a host's name may have underscores.
        domains = {name for name in names if "_" not in name}
        locals_ = {local_of(text.rpartition("@")[0]) for text in texts
                   if "@" in text} | {POSTMASTER, FRESH_LOCAL}
        identities = {fold(text) for policy in policies
                      for text in identities_in(policy)} | {"", FRESH_IDENTITY}
        self.identity = Sort("identity", identities)
        self.form = Sort("form", {"plain", "own", "null"})
        self.sender_domain = Sort("sender-domain", domains)
        self.sender_local = Sort("sender-local", locals_)
        self.routing = z3.Bool("routing")
        self.recipient_domain = Sort("recipient-domain", domains)
        self.recipient_local = Sort("recipient-local", locals_)
        self.tls = z3.Bool("tls")
        self.certificate = Sort("certificate", {
            text.replace(":", "").lower() for text in texts
            if len(text.replace(":", "")) == 64 and "@" not in text} |
            {NO_CERTIFICATE, OTHER_CERTIFICATE})
        endpoints = [endpoint_of(text) for policy in policies
                     for text in endpoints_in(policy)]
        addresses = {address for address, _ in endpoints if address}
        ports = {port for _, port in endpoints if port}
        self.listener = Sort("listener", {
            (address, port) for address in addresses | {FRESH_ADDRESS}
            for port in ports | {FRESH_PORT}})
        self.client = z3.BitVec("client", V6_BITS)
        self.has_name = {name: z3.Bool(f"name {name}")
                         for name in sorted(names)}
        self.has_group, self.matches, self.ranges = {}, {}, {}
        self.facts = [sort.bound for sort in (
            self.identity, self.form, self.sender_domain, self.sender_local,
            self.recipient_domain, self.recipient_local, self.certificate,
            self.listener)]
        self.facts.append(z3.Implies(
            self.certificate.variable !=
            self.certificate.number[NO_CERTIFICATE], self.tls))
        self.facts.append(z3.Implies(self.form.is_in({"null"}), z3.And(
            self.sender_domain.is_in({FRESH}),
            self.sender_local.is_in({FRESH_LOCAL}))))
        self.is_ipv4 = z3.LShR(self.client, 32) == 0xffff

    def in_range(self, text):
        first, last, ipv4 = range_of(text)
        key = first, last, ipv4
        if key not in self.ranges:
            held = z3.Bool(f"client in {text}")
            inside = z3.And(z3.UGE(self.client, first),
                            z3.ULE(self.client, last))
            if not ipv4:
                inside = z3.And(inside, z3.Not(self.is_ipv4))
            self.facts.append(held == inside)
            self.ranges[key] = held
        return self.ranges[key]

    def pattern(self, what, entry):
        """Matching is caseless, and so are its variables."""
        return self.matches.setdefault(
            (what, entry), z3.Bool(f"{what} matches {entry}"))

    def group(self, name):
        return self.has_group.setdefault(fold(name), z3.Bool(f"in {fold(name)}"))


def rules_in(policy):
    for holder in [policy, *as_list(policy.get("connectors"))]:
        for right in ("connect", "submit", "relay"):
            for side in ("allow", "deny"):
                yield from as_list((holder.get(right) or {}).get(side))


def endpoints_in(policy):
    for rule in rules_in(policy):
        yield from (entry.removeprefix("not ")
                    for entry in as_list(rule.get("listeners")))
    for connector in as_list(policy.get("connectors")):
        yield from as_list(connector.get("listen"))


def identities_in(policy):
    lists = [rule.get("users") for rule in rules_in(policy)]
    lists += list((policy.get("groups") or {}).values())
    lists += list((policy.get("owners") or {}).values())
    for entry in as_list(lists):
        entry = entry.removeprefix("not ")
        if not entry.startswith("$") and not is_pattern(entry):
            yield entry


# -- one policy ---------------------------------------------------------------

class Encoding:
    """What has to hold for a policy to accept a relay, by a rule other than
    always-relay."""

    def __init__(self, world, policy):
        self.world, self.policy = world, policy
        self.patterns = {}
        self.lists = {fold(name): as_list(value) for name, value in
                      (policy.get("lists") or {}).items()}
        self.groups = {fold(name): value for name, value in
                       (policy.get("groups") or {}).items()}
        self.classes = self.domain_classes()
        self.class_of = {name: self.classify(name)
                         for name in world.sender_domain.values}

    # -- lists --

    def flatten(self, entries):
        """(included, excluded), named lists pasted."""
        included, excluded = [], []
        for entry in as_list(entries):
            negated = entry.startswith("not ")
            entry = entry.removeprefix("not ")
            if entry.startswith("$") and fold(entry[1:]) in self.lists:
                inner, outer = self.flatten(self.lists[fold(entry[1:])])
                assert not (negated and outer)
                (excluded if negated else included).extend(inner)
                excluded.extend(outer)
            else:
                (excluded if negated else included).append(entry)
        return included, excluded

    def member(self, entries, matches):
        included, excluded = self.flatten(entries)
        return all_of([any_of([matches(entry) for entry in included]),
                       none_of(any_of([matches(entry) for entry in excluded]))])

    def pattern(self, what, entry):
        match = self.world.pattern(what, entry)
        self.patterns[what, entry] = match
        return match

    # -- domains --

    def domain_classes(self):
        """{(name, is below): class}"""
        domains = self.policy.get("domains") or {}
        classes = {}
        for key in ("inbound", "always-relay", "reroute"):
            entries = domains.get(key)
            if isinstance(entries, dict) and key == "inbound":
                entries = [entries]
            entries = [entry["domain"] if isinstance(entry, dict) else entry
                       for entry in as_list(list(entries) if isinstance(
                           entries, dict) else entries)]
            for entry in self.flatten(entries)[0]:
                below = is_below(entry)
                name = domain_of(entry.lstrip("*").lstrip("."))
                classes[name, below] = key
        return classes

    def classify(self, name):
        """By the most specific entry: the name itself, the longest above."""
        if (name, False) in self.classes:
            return self.classes[name, False]
        for above in suffixes(name):
            if (above, True) in self.classes:
                return self.classes[above, True]
        return None

    def of_class(self, *classes):
        return {name for name, is_of in self.class_of.items()
                if is_of in classes}

    # -- conditions --

    def client_matches(self, entry):
        world = self.world
        if entry == "$all":
            return True
        if entry in BUILT_IN:
            return any_of([world.in_range(text) for text in BUILT_IN[entry]])
        if is_pattern(entry):
            return self.pattern("client", entry)
        if range_of(entry):
            return world.in_range(entry)
        return any_of([world.has_name[name] for name in
                       named_by(entry, world.has_name)])

    def user_matches(self, entry):
        if entry == "$all":
            return True
        if is_pattern(entry):
            return self.pattern("user", entry)
        if entry.startswith("$"):
            return self.in_group(entry[1:])
        return self.world.identity.is_in({fold(entry)})

    def in_group(self, name):
        members = self.groups[fold(name)]
        if members == "ask":
            return self.world.group(name)
        return any_of([self.user_matches(entry) for entry in as_list(members)])

    def mail_matches(self, what, entry):
        """Of an address at a domain, or (a sender) at our own literal."""
        world = self.world
        domain, local = ((world.sender_domain, world.sender_local)
                         if what == "sender" else
                         (world.recipient_domain, world.recipient_local))
        at_domain = world.form.is_in({"plain"}) if what == "sender" else True
        if is_pattern(entry):
            return self.pattern(what, entry)
        if entry == "$inbound":
            if what == "recipient":
                return domain.is_in(self.of_class("inbound"))
            return any_of([world.form.is_in({"own"}), all_of([
                at_domain, domain.is_in(self.of_class("inbound", "reroute"))])])
        if entry == "$always-relay":
            return all_of([at_domain,
                           domain.is_in(self.of_class("always-relay"))])
        if entry.endswith("@"):
            return local.is_in({local_of(entry[:-1])})
        if "@" in entry:
            user, _, host = entry.rpartition("@")
            return all_of([at_domain, local.is_in({local_of(user)}),
                           domain.is_in({domain_of(host)})])
        return all_of([at_domain,
                       domain.is_in(named_by(entry, domain.values))])

    def sender_matches(self, entry):
        null = self.world.form.is_in({"null"})
        if entry == "$all":
            return True
        if entry == "<>":
            return null
        return all_of([none_of(null), self.mail_matches("sender", entry)])

    def recipient_matches(self, entry):
        return entry == "$all" or self.mail_matches("recipient", entry)

    def listener_matches(self, entry):
        address, port = endpoint_of(entry)
        return self.world.listener.is_in({
            (a, p) for a, p in self.world.listener.values
            if address in (None, a) and port in (None, p)})

    def signed_in(self):
        return none_of(self.world.identity.is_in({""}))

    def owns(self, identities):
        return any_of([self.user_matches(entry)
                       for entry in as_list(identities)])

    def owned(self):
        """The most specific key: mailbox, name, longest sub-domain."""
        world, owners = self.world, self.policy.get("owners") or {}
        mailboxes, names = {}, {}
        for key, identities in owners.items():
            user, at, host = key.rpartition("@")
            if at:
                mailboxes[local_of(user), domain_of(host)] = identities
            else:
                name = domain_of(key.lstrip("*").lstrip("."))
                names[name, is_below(key)] = identities
        places, held = {}, []
        for name in world.sender_domain.values:
            keys = [(name, False)] + [(above, True) for above in suffixes(name)]
            best = next((key for key in keys if key in names), None)
            if best:
                places.setdefault(best, set()).add(name)
        named = any_of([self.is_mailbox(*key) for key in mailboxes])
        for key, identities in mailboxes.items():
            held.append(all_of([self.is_mailbox(*key), self.owns(identities)]))
        for key, domains in places.items():
            held.append(all_of([none_of(named), world.sender_domain.is_in(
                domains), self.owns(names[key])]))
        return any_of([
            all_of([world.form.is_in({"plain"}), any_of(held)]),
            all_of([world.form.is_in({"null"}),
                    any_of([self.owns(ids) for ids in owners.values()])])])

    def is_mailbox(self, local, domain):
        return all_of([self.world.sender_local.is_in({local}),
                       self.world.sender_domain.is_in({domain})])

    # -- rules --

    def holds(self, rule, deny):
        world, parts = self.world, []
        if "clients" in rule:
            parts.append(self.member(rule["clients"], self.client_matches))
        if "listeners" in rule:
            parts.append(self.member(rule["listeners"], self.listener_matches))
        if "certificates" in rule:
            parts.append(world.certificate.is_in({
                text.replace(":", "").lower()
                for text in as_list(rule["certificates"])}))
        if "users" in rule:
            parts.append(self.signed_in())
            parts.append(self.member(rule["users"], self.user_matches))
        if "senders" in rule:
            parts.append(self.member(rule["senders"], self.sender_matches))
        if "recipients" in rule:
            listed = self.member(rule["recipients"], self.recipient_matches)
            parts.append(any_of([world.routing, listed]) if deny else
                         all_of([none_of(world.routing), listed]))
        if "tls" in rule:
            parts.append(world.tls if rule["tls"] else none_of(world.tls))
        if "authenticated" in rule:
            parts.append(self.signed_in() if rule["authenticated"] else
                         none_of(self.signed_in()))
        if "sender-owned" in rule:
            parts.append(self.signed_in())
            parts.append(self.owned() if rule["sender-owned"] else all_of([
                none_of(self.owned()), none_of(world.form.is_in({"null"}))]))
        return all_of(parts)

    def right(self, which, holders):
        """Any deny beats every allow; without allow rules all but a relay is
        allowed."""
        allows, denies = [], []
        for holder in holders:
            rules = holder.get(which) or {}
            allows += as_list(rules.get("allow"))
            denies += as_list(rules.get("deny"))
            if which == "relay" and "never-route" in holder:
                denies.append({"clients": holder["never-route"]})
        granted = any_of([self.holds(rule, False) for rule in allows])
        if not allows and which != "relay":
            granted = True
        return all_of([granted, none_of(any_of([self.holds(rule, True)
                                                for rule in denies]))])

    def rights(self, holders):
        return all_of([self.right(which, holders)
                       for which in ("connect", "submit", "relay")])

    # -- connectors --

    def choices(self):
        """(rank, when it holds, connector), the best first."""
        for connector in as_list(self.policy["connectors"]):
            listens = as_list(connector.get("listen")) or [None]
            ranges = self.flatten(connector["clients"])[0] \
                if "clients" in connector else ["$all"]
            ranges = [text for one in ranges
                      for text in BUILT_IN.get(one, [one])]
            for listen in listens:
                address, port = endpoint_of(listen) if listen else (None, None)
                for text in ranges:
                    size = 1 << V6_BITS
                    if text != "$all":
                        first, last, _ = range_of(text)
                        size = last - first
                    met = all_of([
                        self.listener_matches(listen) if listen else True,
                        self.client_matches(text)])
                    yield ((not address, not port, size), met, connector)

    def relays(self):
        """A relay is accepted, and by a rule that is not always-relay."""
        if not as_list(self.policy.get("connectors")):
            return all_of([self.is_relay(), self.rights([self.policy])])
        ways, before = [], []
        rights = {}
        for _, met, connector in sorted(self.choices(), key=lambda c: c[0]):
            name = connector["name"]
            if name not in rights:
                rights[name] = self.rights([self.policy, connector])
            ways.append(all_of([met, *map(none_of, before), rights[name]]))
            before.append(met)
        return all_of([self.is_relay(), any_of(ways)])

    def is_relay(self):
        """A reroute leads to a domain that could be named as well."""
        world = self.world
        return any_of([world.routing, world.recipient_domain.is_in(
            self.of_class("always-relay", None))])

    def nobodies(self):
        """Identities that count as none."""
        listed = {fold(text) for text in
                  as_list(self.policy.get("anonymous-identities"))}
        listed |= set(NOBODY)
        return {value for value in self.world.identity.values if value and any(
            part.strip() in listed
            for part in [value, *value.replace("@", "\\").split("\\")])}


def named_by(entry, names):
    name = domain_of(entry.lstrip("*").lstrip("."))
    if is_below(entry):
        return {one for one in names if one.endswith("." + name)}
    return {one for one in names if one == name}
