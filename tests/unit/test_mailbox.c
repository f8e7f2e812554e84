#include "suite.h"

#include <string.h>

#include "mail/mailbox.h"

#define A10  "aaaaaaaaaa"
#define A50  A10 A10 A10 A10 A10
#define A500 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50

static const struct text NONE = {NULL, 0};

/* What every mailbox promises, whatever it was parsed from. */
static void
check_parts(const struct mailbox *mailbox)
{
    const char *end = mailbox->whole.data + mailbox->whole.size;
    ck_assert_int_eq(*end, '\0');
    ck_assert(text_equal_fold(mailbox->whole, mailbox->key));
    ck_assert(text_equal_fold(mailbox->local, mailbox->local_key));
    ck_assert(text_starts(mailbox->whole, mailbox->local));
    ck_assert(text_starts(mailbox->key, mailbox->local_key));
    ck_assert(text_ends(mailbox->whole, mailbox->domain));
    ck_assert_uint_lt(mailbox->whole.size, MAILBOX_TEXT_SIZE);
    if (mailbox->domain.size == 0)
        return;
    ck_assert_uint_eq(mailbox->local.size + 1 + mailbox->domain.size,
                      mailbox->whole.size);
    ck_assert_int_eq(mailbox->whole.data[mailbox->local.size], '@');
    ck_assert(!text_has(mailbox->domain, '@'));
}

static enum mailbox_kind
parse(struct text argument, struct mailbox *mailbox)
{
    memset(mailbox, 0x5a, sizeof *mailbox);
    enum mailbox_kind kind = mailbox_parse(argument, NONE, mailbox);
    ck_assert_int_eq((int)kind, (int)mailbox->kind);
    check_parts(mailbox);
    return kind;
}

static const struct {
    struct text argument;
    const char *whole;
    bool routing;
} GOOD[] = {
    {TEXT("joe@example.com"), "joe@example.com", false},
    {TEXT("<joe@example.com>"), "joe@example.com", false},
    {TEXT("<Joe@EXAMPLE.Com>"), "Joe@example.com", false},
    {TEXT("<j@a>"), "j@a", false},
    {TEXT("<a.b.c@example.com>"), "a.b.c@example.com", false},
    {TEXT("<!#$%&'*+-/=?^_`{|}~@example.com>"),
     "!#$%&'*+-/=?^_`{|}~@example.com", true},
    {TEXT("<user+tag@example.com>"), "user+tag@example.com", false},
    {TEXT("<a/b@example.com>"), "a/b@example.com", false},
    {TEXT("<a|b@example.com>"), "a|b@example.com", false},
    /* Quotes go where they are not needed. */
    {TEXT("<\"address\"@external.test>"), "address@external.test", false},
    {TEXT("<\"a\\d\\d\"@external.test>"), "add@external.test", false},
    {TEXT("<\"a.b\"@example.com>"), "a.b@example.com", false},
    {TEXT("<\"a..b\"@example.com>"), "\"a..b\"@example.com", false},
    {TEXT("<\".a\"@example.com>"), "\".a\"@example.com", false},
    {TEXT("<\"a.\"@example.com>"), "\"a.\"@example.com", false},
    {TEXT("<\" \"@example.com>"), "\" \"@example.com", false},
    {TEXT("<\"a b\"@example.com>"), "\"a b\"@example.com", false},
    {TEXT("<\"a\\ b\"@example.com>"), "\"a b\"@example.com", false},
    {TEXT("<\"a\\\"b\\\\c\"@example.com>"), "\"a\\\"b\\\\c\"@example.com",
     false},
    {TEXT("<\"a\\\\\"@example.com>"), "\"a\\\\\"@example.com", false},
    {TEXT("<\"a(b)c,d:e;f[g]\"@example.com>"), "\"a(b)c,d:e;f[g]\"@example.com",
     false},
    {TEXT("<\"a>b<\"@example.com>"), "\"a>b<\"@example.com", false},
    {TEXT("\"a>b\"@example.com"), "\"a>b\"@example.com", false},
    {TEXT("<\"postmaster\"@example.com>"), "postmaster@example.com", false},
    /* RFC 6531. */
    {TEXT("<j\xc3\xb6rg@b\xc3\xbc"
          "cher.example>"),
     "j\xc3\xb6rg@xn--bcher-kva.example", false},
    {TEXT("<\"j\xc3\xb6rg\"@example.com>"), "j\xc3\xb6rg@example.com", false},
    {TEXT("<\"\xc3\xb6 x\"@example.com>"), "\"\xc3\xb6 x\"@example.com", false},
    {TEXT("<\xf0\x9f\x93\xae@example.com>"), "\xf0\x9f\x93\xae@example.com",
     false},
    /* The last mailbox of a source route decides. */
    {TEXT("<@a.example:joe@example.com>"), "joe@example.com", false},
    {TEXT("@a.example,@b.example:joe@example.com"), "joe@example.com", false},
    {TEXT("<@[192.0.2.25]:joe@example.com>"), "joe@example.com", false},
    {TEXT("<@[IPv6:2001:db8::1],@b:\"j k\"@example.com>"),
     "\"j k\"@example.com", false},
    {TEXT("<@a:user%far@example.com>"), "user%far@example.com", true},
    /* Routing. */
    {TEXT("<victim%external.test@corp.example>"),
     "victim%external.test@corp.example", true},
    {TEXT("<a!b!victim@corp.example>"), "a!b!victim@corp.example", true},
    {TEXT("<\"victim@external.test\"@corp.example>"),
     "\"victim@external.test\"@corp.example", true},
    {TEXT("<\"victim\\@external.test\"@corp.example>"),
     "\"victim@external.test\"@corp.example", true},
    {TEXT("<\"victim\\%external.test\"@corp.example>"),
     "victim%external.test@corp.example", true},
    {TEXT("<\"a>victim@external.test<\"@corp.example>"),
     "\"a>victim@external.test<\"@corp.example", true},
    {TEXT("<IMCEASMTP-victim+40external.test@corp.example>"),
     "IMCEASMTP-victim+40external.test@corp.example", true},
    {TEXT("<\"IMCEA victim@external.test\"@corp.example>"),
     "\"IMCEA victim@external.test\"@corp.example", true},
    {TEXT("<\"\\I\\M\\CEA x\"@corp.example>"), "\"IMCEA x\"@corp.example",
     true},
    {TEXT("<SRS0=HHH=TT=external.test=victim@corp.example>"),
     "SRS0=HHH=TT=external.test=victim@corp.example", false},
};

START_TEST(good_addresses_have_one_canonical_form)
{
    struct mailbox mailbox, again;
    ck_assert_msg(parse(GOOD[_i].argument, &mailbox) == MAILBOX_AT_DOMAIN,
                  "%.*s", TEXT_ARGS(GOOD[_i].argument));
    ck_assert_text_eq(mailbox.whole, GOOD[_i].whole);
    ck_assert_int_eq(mailbox.carries_routing, GOOD[_i].routing);
    ck_assert_int_eq((int)mailbox.literal.family, (int)ADDRESS_NONE);
    parse(mailbox.whole, &again);
    ck_assert(text_equal(mailbox.whole, again.whole));
    ck_assert_int_eq(again.carries_routing, GOOD[_i].routing);
}
END_TEST

static const struct {
    const char *argument, *whole, *domain, *literal;
} LITERALS[] = {
    {"<joe@[192.0.2.25]>", "joe@[192.0.2.25]", "[192.0.2.25]", "192.0.2.25"},
    {"joe@[IPv6:2001:db8::1]", "joe@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]",
     "2001:db8::1"},
    {"joe@[ipv6:2001:DB8:0::0001]", "joe@[IPv6:2001:db8::1]",
     "[IPv6:2001:db8::1]", "2001:db8::1"},
    {"joe@[IPV6:::ffff:192.0.2.1]", "joe@[192.0.2.1]", "[192.0.2.1]",
     "192.0.2.1"},
    {"joe@[IPv6:::ffff:c000:201]", "joe@[192.0.2.1]", "[192.0.2.1]",
     "192.0.2.1"},
    {"joe@[IPv6:::192.0.2.1]", "joe@[IPv6:::c000:201]", "[IPv6:::c000:201]",
     "::c000:201"},
    {"joe@[IPv6:::]", "joe@[IPv6:::]", "[IPv6:::]", "::"},
    {"<@[192.0.2.1]:joe@[192.0.2.25]>", "joe@[192.0.2.25]", "[192.0.2.25]",
     "192.0.2.25"},
};

START_TEST(literals_are_canonical_too)
{
    struct mailbox mailbox, again;
    struct address address;
    struct text argument = text_of(LITERALS[_i].argument);
    ck_assert_int_eq((int)parse(argument, &mailbox), (int)MAILBOX_AT_LITERAL);
    ck_assert_text_eq(mailbox.whole, LITERALS[_i].whole);
    ck_assert_text_eq(mailbox.domain, LITERALS[_i].domain);
    ck_assert(address_parse(text_of(LITERALS[_i].literal), &address));
    ck_assert(address_equal(address, mailbox.literal));
    parse(mailbox.whole, &again);
    ck_assert(text_equal(mailbox.whole, again.whole));
}
END_TEST

static const struct text BAD[] = {
    /* No domain, no local part. */
    TEXT("joe"), TEXT("<joe>"), TEXT("<user%far>"),
    TEXT("<\"victim@external.test\">"), TEXT("<\"victim%external.test\">"),
    TEXT("<external.test!victim>"), TEXT("<spamtest>"), TEXT("@"), TEXT("<@>"),
    TEXT("@example.com"), TEXT("<@example.com>"), TEXT("<joe@>"),
    TEXT("<\"\"@example.com>"), TEXT("\"\""), TEXT("<postmaster@>"),
    TEXT("<postmasters>"), TEXT("<postmaster.>"),
    /* Two unquoted '@'. */
    TEXT("<victim@external.test@corp.example>"),
    TEXT("<victim@external.test@[192.0.2.25]>"), TEXT("<victim@@corp.example>"),
    TEXT("<victim\\@external.test@corp.example>"),
    /* Empty atoms. */
    TEXT("<.a@example.com>"), TEXT("<a.@example.com>"),
    TEXT("<a..b@example.com>"), TEXT("<.@example.com>"),
    /* Commands and files. */
    TEXT("</etc/passwd@corp.example>"), TEXT("<|sh@corp.example>"),
    TEXT("<\"|sh -c x\"@corp.example>"), TEXT("<\"\\|sh\"@corp.example>"),
    TEXT("<\"/etc/passwd\"@corp.example>"), TEXT("<\"\\/x\"@corp.example>"),
    TEXT("<@a:/etc/passwd@corp.example>"),
    /* Quotes. */
    TEXT("<a\"b@example.com>"), TEXT("<a\"b\"@example.com>"),
    TEXT("<\"a\"b@example.com>"), TEXT("<\"a\".b@example.com>"),
    TEXT("<\"a\".\"b\"@example.com>"), TEXT("<\"a@example.com>"),
    TEXT("<\"a\\\"@example.com>"), TEXT("\""), TEXT("\"\\"),
    TEXT("<\"a\\\xc3\xb6\"@example.com>"), TEXT("<joe@\"example.com\">"),
    /* Characters that are no atext. */
    TEXT("<a b@example.com>"), TEXT("<a,b@example.com>"),
    TEXT("<a;b@example.com>"), TEXT("<a:b@example.com>"),
    TEXT("<external.test:victim@corp.example>"), TEXT("<a(c)@example.com>"),
    TEXT("<(c)a@example.com>"), TEXT("<a@example.com(c)>"),
    TEXT("<victim@external.test(@corp.example)>"), TEXT("<a[b]@example.com>"),
    TEXT("<a<b@example.com>"), TEXT("<a>b@example.com>"),
    TEXT("<a\\b@example.com>"),
    /* Brackets and blanks. */
    TEXT("<"), TEXT(">"), TEXT("<<>>"), TEXT("<>x"), TEXT("<> "), TEXT(" <>"),
    TEXT(" "), TEXT("< >"), TEXT("<joe@example.com"), TEXT("joe@example.com>"),
    TEXT("<<joe@example.com>>"), TEXT("<joe@example.com>>"),
    TEXT("<joe@example.com> "), TEXT("<joe@example.com>x"),
    TEXT("<joe@example.com> SIZE=1"),
    TEXT("<joe@example.com><jim@example.com>"),
    TEXT("<joe@example.com>,<jim@example.com>"),
    TEXT("<joe@example.com,jim@example.com>"), TEXT(" joe@example.com"),
    TEXT("joe@example.com "), TEXT("< joe@example.com>"),
    TEXT("<joe@example.com >"), TEXT("<joe @example.com>"),
    TEXT("<joe@ example.com>"), TEXT("Victim <victim@external.test>"),
    /* Source routes. */
    TEXT("<@a:>"), TEXT("<@a:joe>"), TEXT("<@a:postmaster>"), TEXT("<@a>"),
    TEXT("<@a,b:joe@example.com>"), TEXT("<@a,@:joe@example.com>"),
    TEXT("<@a,:joe@example.com>"), TEXT("<@a, @b:joe@example.com>"),
    TEXT("<@:joe@example.com>"), TEXT("<@a@b:joe@example.com>"),
    TEXT("<@a.:joe@example.com>"), TEXT("<@a..b:joe@example.com>"),
    TEXT("<@-a:joe@example.com>"), TEXT("<@1.2.3.4:joe@example.com>"),
    TEXT("<@[1.2.3]:joe@example.com>"), TEXT("<@[192.0.2.1:joe@example.com>"),
    TEXT("<@[2001:db8::1]:joe@example.com>"),
    TEXT("<@[192.0.2.1]x:joe@example.com>"),
    TEXT("<@corp.example:@b.example:victim@external.test>"),
    TEXT("<@a:@b:u@d>"), TEXT("<@a joe@example.com>"),
    TEXT("<@a;joe@example.com>"),
    /* Domains. */
    TEXT("<joe@.example.com>"), TEXT("<joe@example..com>"),
    TEXT("<joe@example.com.>"), TEXT("<user@corp.example..>"), TEXT("<joe@.>"),
    TEXT("<joe@-example.com>"), TEXT("<joe@example-.com>"),
    TEXT("<joe@my_host.example.com>"), TEXT("<joe@192.0.2.1>"),
    TEXT("<joe@999.9.9.9>"), TEXT("<user@external.test:25>"),
    TEXT("<joe@example.com/x>"),
    TEXT("<user@corp\xe3\x80\x82"
         "example>"),
    TEXT("<joe@" A50 A10 "aaaa.example>"),
    TEXT("<u@" A50 "." A50 "." A50 "." A50 "." A50 ".a>"),
    /* Literals. */
    TEXT("<joe@[]>"), TEXT("<joe@[>"), TEXT("<joe@[192.0.2.1>"),
    TEXT("<joe@192.0.2.1]>"), TEXT("<joe@[192.0.2.1]x>"),
    TEXT("<joe@[192.0.2.1].example.com>"), TEXT("<joe@[ 192.0.2.1]>"),
    TEXT("<joe@[192.0.2.01]>"), TEXT("<joe@[127.1]>"),
    TEXT("<joe@[0x7f.0.0.1]>"), TEXT("<joe@[2130706433]>"),
    TEXT("<joe@[192.0.2.1:25]>"), TEXT("<joe@[192.0.2.0/24]>"),
    TEXT("<joe@[2001:db8::1]>"), TEXT("<joe@[::ffff:192.0.2.1]>"),
    TEXT("<joe@[IPv6:192.0.2.1]>"), TEXT("<joe@[IPv4:192.0.2.1]>"),
    TEXT("<joe@[IPv6:]>"), TEXT("<joe@[IPv6:fe80::1%eth0]>"),
    TEXT("<user@[IPv6:fe80::1%25eth0]>"), TEXT("<joe@[IPv6:2001:db8::1]>x"),
    TEXT("<joe@[IPv6: 2001:db8::1]>"), TEXT("<joe@[IPv6-2001:db8::1]>"),
    TEXT("<joe@[X400:abc]>"), TEXT("<joe@[example.com]>"),
    TEXT("<joe@[[192.0.2.1]]>"),
    /* Control characters, NUL, invalid UTF-8. */
    TEXT("\0"), TEXT("<joe\0@example.com>"), TEXT("<\"joe\0\"@example.com>"),
    TEXT("<joe@example.com\0>"), TEXT("<joe@example.com>\0"),
    TEXT("<user@external.test\0.corp.example>"),
    TEXT("<user@corp.example\r\nRCPT TO:<victim@external.test>>"),
    TEXT("joe@example.com\r\n"), TEXT("<\"a\tb\"@example.com>"),
    TEXT("<\"a\x7f\"@example.com>"), TEXT("<\"a\\\n\"@example.com>"),
    TEXT("<\"a\xc2\x85"
         "b\"@example.com>"),
    TEXT("<a\xc2\x80@example.com>"), TEXT("<j\xf6rg@example.com>"),
    TEXT("<\"j\xf6rg\"@example.com>"), TEXT("<a\xc0\xaf@example.com>"),
    TEXT("<a\xed\xa0\x80@example.com>"),
    TEXT("<a\xf5\x80\x80\x80@example.com>"), TEXT("<joe\xc3@example.com>"),
    TEXT("joe@example.com\xc3"),
    TEXT("<joe@b\xfc"
         "cher.example>"),
    /* 513 octets. */
    TEXT("<" A500 "@example.co>")};

START_TEST(malformed_addresses_are_refused)
{
    struct mailbox mailbox;
    ck_assert_msg(parse(BAD[_i], &mailbox) == MAILBOX_MALFORMED, "%.*s is %s",
                  TEXT_ARGS(BAD[_i]), mailbox.whole.data);
    ck_assert_uint_eq(mailbox.whole.size, 0);
    ck_assert_uint_eq(mailbox.key.size, 0);
    ck_assert_uint_eq(mailbox.domain.size, 0);
    ck_assert(!mailbox.carries_routing);
}
END_TEST

START_TEST(the_null_path_is_its_own_kind)
{
    static const struct text PATHS[] = {TEXT(""), TEXT("<>"), {NULL, 0}};
    struct mailbox mailbox;
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq((int)parse(PATHS[i], &mailbox), (int)MAILBOX_NULL);
        ck_assert_text_eq(mailbox.whole, "<>");
        ck_assert_text_eq(mailbox.key, "<>");
        ck_assert_text_eq(mailbox.local, "");
        ck_assert_text_eq(mailbox.domain, "");
    }
    ck_assert_int_eq(
        (int)mailbox_parse(TEXT("<>"), TEXT("example.com"), &mailbox),
        (int)MAILBOX_NULL);
}
END_TEST

static const struct {
    const char *argument, *whole, *key;
} POSTMASTERS[] = {
    {"<Postmaster>", "Postmaster", "postmaster"},
    {"postmaster", "postmaster", "postmaster"},
    {"<POSTMASTER>", "POSTMASTER", "postmaster"},
    {"<\"postMaster\">", "postMaster", "postmaster"},
    {"<\"post\\master\">", "postmaster", "postmaster"},
};

START_TEST(postmaster_needs_no_domain_and_takes_none)
{
    struct mailbox mailbox;
    struct text argument = text_of(POSTMASTERS[_i].argument);
    struct text domains[] = {{NULL, 0}, TEXT("example.com")};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq((int)mailbox_parse(argument, domains[i], &mailbox),
                         (int)MAILBOX_POSTMASTER);
        check_parts(&mailbox);
        ck_assert_text_eq(mailbox.whole, POSTMASTERS[_i].whole);
        ck_assert_text_eq(mailbox.local, POSTMASTERS[_i].whole);
        ck_assert_text_eq(mailbox.local_key, POSTMASTERS[_i].key);
        ck_assert_text_eq(mailbox.domain, "");
        ck_assert(!mailbox.carries_routing);
    }
}
END_TEST

static const struct {
    const char *argument, *whole; /* NULL: malformed */
    bool routing;
} QUALIFIED[] = {
    {"joe", "joe@example.com", false},
    {"<Joe>", "Joe@example.com", false},
    {"<\"a b\">", "\"a b\"@example.com", false},
    {"<user%far>", "user%far@example.com", true},
    {"<far!user>", "far!user@example.com", true},
    {"<\"victim@external.test\">", "\"victim@external.test\"@example.com",
     true},
    {"<joe@other.example>", "joe@other.example", false},
    {"<j\xc3\xb6rg>", "j\xc3\xb6rg@example.com", false},
    {"<postmasters>", "postmasters@example.com", false},
    {"<joe@>", NULL, false},
    {"<a b>", NULL, false},
    {"<\"\">", NULL, false},
    {"</joe>", NULL, false},
    {"<@a:joe>", NULL, false},
};

START_TEST(the_default_domain_qualifies)
{
    struct mailbox mailbox;
    struct text argument = text_of(QUALIFIED[_i].argument);
    enum mailbox_kind kind =
        mailbox_parse(argument, TEXT("example.com"), &mailbox);
    check_parts(&mailbox);
    ck_assert_int_eq((int)kind, (int)(QUALIFIED[_i].whole ? MAILBOX_AT_DOMAIN
                                                          : MAILBOX_MALFORMED));
    ck_assert_int_eq(mailbox.carries_routing, QUALIFIED[_i].routing);
    ck_assert_text_eq(mailbox.whole, QUALIFIED[_i].whole);
}
END_TEST

START_TEST(the_longest_argument_fits)
{
    struct mailbox mailbox;
    struct text argument = TEXT("<" A500 "@exampl.co>");
    ck_assert_uint_eq(argument.size, MAILBOX_ARGUMENT_MOST);
    ck_assert_int_eq((int)parse(argument, &mailbox), (int)MAILBOX_AT_DOMAIN);
    ck_assert_uint_eq(mailbox.local.size, 500);
    argument = TEXT(A500 A10 "aa");
    struct text domain =
        TEXT(A50 "." A50 "." A50 "." A50 "." A10 A10 A10 A10 A10 "a");
    ck_assert_uint_eq(domain.size, DOMAIN_TEXT_MOST);
    ck_assert_int_eq((int)mailbox_parse(argument, domain, &mailbox),
                     (int)MAILBOX_AT_DOMAIN);
    check_parts(&mailbox);
    ck_assert_uint_eq(mailbox.whole.size, 512 + 1 + 255);
}
END_TEST

START_TEST(the_key_folds_ascii_letters_only)
{
    struct mailbox mailbox;
    parse(TEXT("<J\xc3\x96rG@[IPv6:2001:DB8::A]>"), &mailbox);
    ck_assert_text_eq(mailbox.whole, "J\xc3\x96rG@[IPv6:2001:db8::a]");
    ck_assert_text_eq(mailbox.key, "j\xc3\x96rg@[ipv6:2001:db8::a]");
    ck_assert_text_eq(mailbox.local_key, "j\xc3\x96rg");
}
END_TEST

START_TEST(another_domain_keeps_the_local_part)
{
    struct mailbox mailbox;
    parse(TEXT("<\"Joe%x y\"@old.example>"), &mailbox);
    ck_assert(mailbox_set_domain(&mailbox, TEXT("new.example.com")));
    check_parts(&mailbox);
    ck_assert_text_eq(mailbox.whole, "\"Joe%x y\"@new.example.com");
    ck_assert_text_eq(mailbox.key, "\"joe%x y\"@new.example.com");
    ck_assert_text_eq(mailbox.domain, "new.example.com");
    ck_assert(mailbox.carries_routing);
    ck_assert(mailbox_set_domain(&mailbox, TEXT("a")));
    ck_assert_text_eq(mailbox.whole, "\"Joe%x y\"@a");
}
END_TEST

START_TEST(a_domain_that_does_not_fit_makes_it_malformed)
{
    static const char *const WITHOUT[] = {"<>", "postmaster", "joe",
                                          "joe@[192.0.2.1]"};
    struct mailbox mailbox;
    parse(TEXT("joe@old.example"), &mailbox);
    ck_assert(!mailbox_set_domain(&mailbox, TEXT("")));
    ck_assert_int_eq((int)mailbox.kind, (int)MAILBOX_MALFORMED);
    parse(TEXT("joe@old.example"), &mailbox);
    ck_assert(!mailbox_set_domain(&mailbox, TEXT(A500)));
    ck_assert_int_eq((int)mailbox.kind, (int)MAILBOX_MALFORMED);
    for (size_t i = 0; i < 4; i++) {
        parse(text_of(WITHOUT[i]), &mailbox);
        ck_assert(!mailbox_set_domain(&mailbox, TEXT("new.example")));
        ck_assert_int_eq((int)mailbox.kind, (int)MAILBOX_MALFORMED);
        check_parts(&mailbox);
    }
}
END_TEST

static const struct {
    struct text local;
    const char *canonical;
} LOCALS[] = {
    {TEXT("joe"), "joe"},
    {TEXT("Joe.Smith"), "joe.smith"},
    {TEXT("\"Joe\""), "joe"},
    {TEXT("\"Joe S\""), "\"joe s\""},
    {TEXT("user%far"), "user%far"},
    {TEXT("postmaster"), "postmaster"},
    {TEXT("J\xc3\x96RG"), "j\xc3\x96rg"},
    {TEXT(""), ""},
    {TEXT("\"\""), ""},
    {TEXT("joe@"), ""},
    {TEXT("joe@example.com"), ""},
    {TEXT("<joe>"), ""},
    {TEXT(".joe"), ""},
    {TEXT("joe smith"), ""},
    {TEXT("joe "), ""},
    {TEXT("/joe"), ""},
    {TEXT("|joe"), ""},
    {TEXT("joe\0"), ""},
    {TEXT("j\xf6rg"), ""},
    {TEXT(A500 A10 "aaa"), ""},
};

START_TEST(a_local_part_stands_alone)
{
    char out[MAILBOX_TEXT_SIZE];
    struct text canonical = mailbox_parse_local(LOCALS[_i].local, out);
    ck_assert_text_eq(canonical, LOCALS[_i].canonical);
    ck_assert_str_eq(out, LOCALS[_i].canonical);
}
END_TEST

/* xorshift64: the same bytes on every machine. */
static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t
random_below(uint64_t *state, size_t limit)
{
    return (size_t)(random_next(state) % limit);
}

static const struct text SEEDS[] = {
    TEXT("<Joe.Smith@Example.COM>"),
    TEXT("<@a.example,@[IPv6:2001:db8::1]:\"a\\\"b c\"@x.example>"),
    TEXT("\"victim@external.test\"@[192.0.2.25]"),
    TEXT("<j\xc3\xb6rg@b\xc3\xbc"
         "cher.example>"),
    TEXT("joe@[IPv6:::ffff:192.0.2.1]"),
    TEXT("<\"Postmaster\">"),
    TEXT("<IMCEA x!y%z@a-b.c1.example>"),
};

static const struct text ALPHABET =
    TEXT("<>@@@..::,\"\"\\[]()|/%! -_aZ09\0\r\n\t\x7f\xc2\x85\xc3\xbc"
         "\xe3\x80\x82\xff\x80IPv6");

/* A seed, or nothing, with some bytes replaced, doubled and cut out. */
static struct text
random_argument(uint64_t *state, char room[128])
{
    struct text seed = SEEDS[random_below(state, 7)];
    size_t size = random_below(state, 4) ? seed.size : 0;
    memcpy(room, seed.data, size);
    for (size_t edits = random_below(state, 12); edits > 0; edits--) {
        char byte = ALPHABET.data[random_below(state, ALPHABET.size)];
        size_t at = random_below(state, size + 1);
        size_t kind = random_below(state, 3);
        if (kind == 0 && size < 127) {
            memmove(room + at + 1, room + at, size - at);
            size++;
        }
        if (kind == 1 && at < size) {
            memmove(room + at, room + at + 1, size - at - 1);
            size--;
        }
        if (kind != 1 && at < size)
            room[at] = byte;
    }
    return (struct text){room, size};
}

static void
check_stable(const struct mailbox *mailbox)
{
    struct mailbox again;
    ck_assert(!text_has_control(mailbox->whole));
    ck_assert(text_is_utf8(mailbox->whole));
    ck_assert_int_eq((int)parse(mailbox->whole, &again), (int)mailbox->kind);
    ck_assert(text_equal(mailbox->whole, again.whole));
    ck_assert(text_equal(mailbox->key, again.key));
    ck_assert_int_eq(mailbox->carries_routing, again.carries_routing);
    ck_assert(address_equal(mailbox->literal, again.literal));
}

START_TEST(random_arguments_parse_to_stable_forms)
{
    uint64_t state = 0x9e3779b97f4a7c15;
    size_t good = 0;
    for (size_t round = 0; round < 200000; round++) {
        char room[128];
        struct mailbox mailbox;
        struct text argument = random_argument(&state, room);
        struct text domain = round % 2 ? TEXT("example.com") : NONE;
        if (mailbox_parse(argument, domain, &mailbox) == MAILBOX_MALFORMED)
            continue;
        check_parts(&mailbox);
        check_stable(&mailbox);
        good++;
    }
    /* Neither everything nor nothing: the mutations hit both sides. */
    ck_assert_uint_gt(good, 20000);
    ck_assert_uint_lt(good, 180000);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static TCase *
tables(void)
{
    TCase *tcase = tcase_create("tables");
    tcase_add_loop_test(tcase, good_addresses_have_one_canonical_form, 0,
                        COUNT(GOOD));
    tcase_add_loop_test(tcase, literals_are_canonical_too, 0, COUNT(LITERALS));
    tcase_add_loop_test(tcase, malformed_addresses_are_refused, 0, COUNT(BAD));
    tcase_add_loop_test(tcase, postmaster_needs_no_domain_and_takes_none, 0,
                        COUNT(POSTMASTERS));
    tcase_add_loop_test(tcase, the_default_domain_qualifies, 0,
                        COUNT(QUALIFIED));
    tcase_add_loop_test(tcase, a_local_part_stands_alone, 0, COUNT(LOCALS));
    return tcase;
}

static TCase *
single(void)
{
    TCase *tcase = tcase_create("single");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_null_path_is_its_own_kind);
    tcase_add_test(tcase, the_longest_argument_fits);
    tcase_add_test(tcase, the_key_folds_ascii_letters_only);
    tcase_add_test(tcase, another_domain_keeps_the_local_part);
    tcase_add_test(tcase, a_domain_that_does_not_fit_makes_it_malformed);
    tcase_add_test(tcase, random_arguments_parse_to_stable_forms);
    return tcase;
}

Suite *
test_suite(void)
{
    Suite *suite = suite_create("mailbox");
    suite_add_tcase(suite, tables());
    suite_add_tcase(suite, single());
    return suite;
}
