#include "pools.h"

const struct pool_range RANGES[POOL_RANGES] = {
    {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", ENTRY_NETWORK, false},
    {"10.1.0.0/16", "10.1.0.0", "10.1.255.255", ENTRY_NETWORK, false},
    {"10.1.2.0/24", "10.1.2.0", "10.1.2.255", ENTRY_NETWORK, false},
    {"10.9.0.0/255.255.0.0", "10.9.0.0", "10.9.255.255", ENTRY_NETWORK, false},
    {"10.2.3.4", "10.2.3.4", "10.2.3.4", ENTRY_ADDRESS, false},
    {"192.168.5.10-192.168.5.77", "192.168.5.10", "192.168.5.77", ENTRY_RANGE,
     false},
    {"192.168.0.0/16", "192.168.0.0", "192.168.255.255", ENTRY_NETWORK, false},
    {"203.0.113.0/24", "203.0.113.0", "203.0.113.255", ENTRY_NETWORK, false},
    {"203.0.113.9", "203.0.113.9", "203.0.113.9", ENTRY_ADDRESS, false},
    {"203.0.113.128-203.0.113.131", "203.0.113.128", "203.0.113.131",
     ENTRY_RANGE, false},
    {"198.51.100.0/25", "198.51.100.0", "198.51.100.127", ENTRY_NETWORK, false},
    {"::ffff:198.51.100.64/122", "198.51.100.64", "198.51.100.127",
     ENTRY_NETWORK, false},
    {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     ENTRY_NETWORK, false},
    {"2001:db8:1::/48", "2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff",
     ENTRY_NETWORK, false},
    {"2001:DB8:1::5", "2001:db8:1::5", "2001:db8:1::5", ENTRY_ADDRESS, false},
    {"2001:db8:2::1-2001:db8:2::ff", "2001:db8:2::1", "2001:db8:2::ff",
     ENTRY_RANGE, false},
    {"fd00::/16", "fd00::", "fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     ENTRY_NETWORK, false},
    {"127.0.0.1", "127.0.0.1", "127.0.0.1", ENTRY_ADDRESS, false},
    {"::1", "::1", "::1", ENTRY_ADDRESS, false},
    {"0.0.0.0-0.0.0.255", "0.0.0.0", "0.0.0.255", ENTRY_RANGE, false},
    {"255.255.255.0/24", "255.255.255.0", "255.255.255.255", ENTRY_NETWORK,
     false},
    {"128.0.0.0/1", "128.0.0.0", "255.255.255.255", ENTRY_NETWORK, true},
    {"2000::/3", "2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     ENTRY_NETWORK, true},
    {"0.0.0.0/0", "0.0.0.0", "255.255.255.255", ENTRY_NETWORK, true},
    {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ENTRY_NETWORK,
     true},
};

const struct pool_endpoint ENDPOINTS[POOL_ENDPOINTS] = {
    {"192.0.2.25:25", "192.0.2.25", 25, false},
    {"192.0.2.25", "192.0.2.25", 0, false},
    {"192.0.2.25:587", "192.0.2.25", 587, false},
    {"*:25", NULL, 25, false},
    {"*:587", NULL, 587, false},
    {"[2001:db8::25]:25", "2001:db8::25", 25, false},
    {"2001:db8::25", "2001:db8::25", 0, false},
    {"10.0.0.1:25", "10.0.0.1", 25, true},
    {"10.0.0.1", "10.0.0.1", 0, true},
    {"[fd00::25]:587", "fd00::25", 587, true},
};

const struct pool_text CERTIFICATES[POOL_CERTIFICATES] = {
    {"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
    {"AB:CD:EF:00:11:22:33:44:55:66:77:88:99:00:AA:BB:"
     "AB:CD:EF:00:11:22:33:44:55:66:77:88:99:00:AA:BB",
     "abcdef0011223344556677889900aabb"
     "abcdef0011223344556677889900aabb"},
    {"FFFFffffFFFFffffFFFFffffFFFFffffFFFFffffFFFFffffFFFFffffFFFFfff0",
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0"},
};

const struct pool_text DOMAINS[POOL_DOMAINS] = {
    {"our.example", "our.example"},
    {"OUR.Example", "our.example"},
    {"sub.our.example", "sub.our.example"},
    {"deep.sub.our.example", "deep.sub.our.example"},
    {"xour.example", "xour.example"},
    {"branch.our.example", "branch.our.example"},
    {"a.branch.our.example", "a.branch.our.example"},
    {"virtual.example", "virtual.example"},
    {"ask.example", "ask.example"},
    {"old.example", "old.example"},
    {"x.old.example", "x.old.example"},
    {"partner.example", "partner.example"},
    {"m.Partner.example", "m.partner.example"},
    {"far.example", "far.example"},
    {"foreign.test", "foreign.test"},
    {"m\xc3\xbcnchen.example", "xn--mnchen-3ya.example"},
    {"xn--mnchen-3ya.example", "xn--mnchen-3ya.example"},
    {"isp.example", "isp.example"},
};

const struct pool_text LOCALS[POOL_LOCALS] = {
    {"joe", "joe"},
    {"JOE", "JOE"},
    {"ann", "ann"},
    {"scanner", "scanner"},
    {"joe+tag", "joe+tag"},
    {"invoice+7", "invoice+7"},
    {"ann-x", "ann-x"},
    {"postmaster", "postmaster"},
    {"aaaa9x", "aaaa9x"},
    {"Ann.B", "Ann.B"},
    {"J\xc3\xb6RG", "J\xc3\xb6RG"},
    {"\"joe\"", "joe"},
    {"PostMaster", "PostMaster"},
    {"+joe", "+joe"},
    {"zebra+a+b", "zebra+a+b"},
    {"\"ann b\"", "\"ann b\""},
    {ENDLESS, ENDLESS},
};

const struct pool_text CLIENT_NAMES[POOL_CLIENT_NAMES] = {
    {"mail.isp.example", "mail.isp.example"},
    {"MAIL.isp.Example.", "mail.isp.example"},
    {"isp.example", "isp.example"},
    {"a.mail.isp.example", "a.mail.isp.example"},
    {"xisp.example", "xisp.example"},
    {"host_1.isp.example", "host_1.isp.example"},
    {"xmail.isp.example", "xmail.isp.example"},
    {"our.example", "our.example"},
    {"gate.our.example", "gate.our.example"},
    {ENDLESS ".isp.example", ENDLESS ".isp.example"},
    {"aa7.isp.example", "aa7.isp.example"},
};

const char *const IDENTITIES[POOL_IDENTITIES] = {
    "steven",       "printer-3f",        "helpdesk", "former-employee",
    "corp\\steven", "steve@our.example", "kiosk",    "zed",
};

const struct pool_text LITERALS[POOL_LITERALS] = {
    {"[192.0.2.25]", "192.0.2.25"}, {"[IPv6:::ffff:192.0.2.25]", "192.0.2.25"},
    {"[192.0.2.26]", "192.0.2.26"}, {"[192.0.2.40]", "192.0.2.40"},
    {"[192.0.2.41]", "192.0.2.41"}, {"[IPv6:2001:DB8:0::25]", "2001:db8::25"},
    {"[10.0.0.1]", "10.0.0.1"},     {"[203.0.113.5]", "203.0.113.5"},
};
