/* The image: a compiled policy as bytes, in memory or in a file.
 *
 * Offsets and numbers only, never pointers; native byte order, told by the
 * header.  A rule stands in a slot; 64 slots are a block, and what lists say of
 * rules is a pair of 64-bit masks per block: which rules include a value, and
 * which exclude it.  Slots are numbered contiguously per connector and right,
 * and there deny-5xx, deny-4xx, allow, always-relay; within these, rules that
 * look at the same conditions stand together, so that a value that is in few
 * lists leaves few blocks to look at (windows say which).  Of several rules
 * that hold, the one with the lowest number, the first in the file, is named.
 */
#ifndef MAYRELAY_IMAGE_FORMAT_H
#define MAYRELAY_IMAGE_FORMAT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/model.h"

/* Like PNG's: no text file begins so, and line-end conversion shows. */
#define IMAGE_MAGIC "\x89mrp\r\n\x1a\n"
enum {
    IMAGE_MAGIC_SIZE = 8,
    IMAGE_VERSION = 3,
    IMAGE_ALIGN = 64
};
#define IMAGE_BYTE_ORDER UINT32_C(0x01020304)

enum section {
    SECTION_SETTINGS,
    SECTION_STRINGS, /* NUL-terminated, by offset; offset 0 is "" */
    SECTION_NUMBERS, /* u32: what has a length of its own */
    SECTION_FILES,   /* u32: offset in STRINGS */
    SECTION_CONNECTORS,
    SECTION_LISTEN_KEYS, /* text set: endpoint key -> number in LISTENS + 1 */
    SECTION_LISTENS,     /* struct image_section, within CHOICES */
    SECTION_CHOICES,     /* prefix sets: client address -> connector + 1 */
    SECTION_RULES,
    SECTION_SLOTS, /* u32: rule */
    SECTION_BLOCKS,
    SECTION_WINDOWS,
    SECTION_CLASSES,
    SECTION_MASKS,
    SECTION_DOMAINS,
    SECTION_LISTS,
    SECTION_ENTRIES, /* where the entries of lists stand; see provenance.h */
    SECTION_PATTERNS,
    SECTION_LITERALS,        /* prefix set: address literals that are ours */
    SECTION_MAILBOXES,       /* text set: list number, local part or mailbox */
    SECTION_ANONYMOUS,       /* text set: identities that are nobody */
    SECTION_OWNER_MAILBOXES, /* text set: place in NUMBERS + 1 */
    SECTION_OWNER_DOMAINS,   /* name set: number in OWNERS */
    SECTION_OWNERS,          /* u32: place in NUMBERS + 1 */
    SECTION_ACCEPTED,        /* findings of the audit */
    /* The sets of values, in the order of enum attribute. */
    SECTION_FIRST_SET,
    SECTION_STAMP = SECTION_FIRST_SET + 12, /* last; see struct image_stamp */
    SECTION_COUNT
};

/* What of a transaction is looked up in a set, and so has a class. */
enum attribute {
    ATTRIBUTE_CLIENT_ADDRESS, /* prefix set */
    ATTRIBUTE_CLIENT_NAME,    /* name set */
    ATTRIBUTE_LISTENER,       /* text set of endpoint keys */
    ATTRIBUTE_CERTIFICATE,    /* text set of 32 octets */
    ATTRIBUTE_IDENTITY,       /* text set */
    ATTRIBUTE_GROUP,          /* text set */
    ATTRIBUTE_SENDER,         /* text set of mailbox keys */
    ATTRIBUTE_SENDER_LOCAL,   /* text set of local parts */
    ATTRIBUTE_SENDER_DOMAIN,  /* name set */
    ATTRIBUTE_RECIPIENT,
    ATTRIBUTE_RECIPIENT_LOCAL,
    ATTRIBUTE_RECIPIENT_DOMAIN,
    ATTRIBUTE_COUNT
};
static_assert(SECTION_FIRST_SET + (int)ATTRIBUTE_COUNT == (int)SECTION_STAMP,
              "a section for every attribute");

struct image_section {
    uint64_t offset, size;
};

struct image_header {
    char magic[IMAGE_MAGIC_SIZE];
    uint32_t byte_order;
    uint32_t version;
    uint64_t size;         /* of the whole image */
    uint8_t digest[16];    /* XXH3-128 of the policy: all behind the header up
                              to the stamp */
    uint64_t header_check; /* XXH3-64 of the header, this field 0 */
    uint32_t unused;
    uint32_t section_count;
    struct image_section sections[SECTION_COUNT];
};
static_assert(offsetof(struct image_header, sections) == 56, "no padding");
static_assert(sizeof(struct image_header) == 56 + 16 * SECTION_COUNT,
              "no padding");

/* A sparse list of masks, ordered by block. */
struct image_mask {
    uint64_t inc, exc;
    uint32_t block;
    uint32_t unused;
};
static_assert(sizeof(struct image_mask) == 24, "no padding");

/* A class of values: what all lists say of them, and what else they share:
 * of a recipient domain the number in DOMAINS + 1; of an identity the place in
 * NUMBERS of its owner lists (count, then lists) + 1. */
struct image_class {
    uint32_t first_mask, mask_count;
    uint32_t extra;
};
static_assert(sizeof(struct image_class) == 12, "no padding");

/* Classes that are no look-up's result. */
enum special_class {
    SPECIAL_NULL_SENDER,
    SPECIAL_OWN_SENDER,    /* our own literal, bare postmaster: $inbound */
    SPECIAL_OWN_RECIPIENT, /* likewise */
    SPECIAL_COUNT
};

struct image_settings {
    uint32_t class_base[ATTRIBUTE_COUNT]; /* the first class in CLASSES */
    uint32_t class_count[ATTRIBUTE_COUNT];
    uint32_t special[SPECIAL_COUNT]; /* numbers in CLASSES */
    uint32_t default_domain;         /* offset in STRINGS */
    uint32_t default_domain_entry;   /* number in DOMAINS + 1, if inbound */
    uint32_t any_listener;           /* of connectors without `listen`: a
                                        number in LISTENS + 1 */
    uint32_t facts;                  /* a set of enum mayrelay_fact */
    uint32_t pattern_count;
    uint32_t soft_bounce;
    uint32_t needs_listener;
    uint32_t has_reroute;
    struct image_reply {
        uint16_t code, subject, detail, unused;
        uint32_t text; /* offset in STRINGS */
    } replies[REASON_COUNT];
};
static_assert(sizeof(struct image_settings) ==
                  4 * (2 * ATTRIBUTE_COUNT + SPECIAL_COUNT + 8) +
                      12 * REASON_COUNT,
              "no padding");

/* The conditions whose lists have more than one kind of entry. */
enum condition {
    CONDITION_CLIENTS,
    CONDITION_USERS,
    CONDITION_SENDERS,
    CONDITION_RECIPIENTS,
    CONDITION_COUNT
};

/* Their lists in a rule. */
extern const enum selection_kind CONDITION_SELECTIONS[CONDITION_COUNT];

/* Per block and condition, the rules ... */
struct image_condition {
    uint64_t given;       /* that have the condition */
    uint64_t all;         /* whose list includes $all */
    uint64_t open_inc;    /* whose list includes by what may be unknown: client
                             names, groups; of recipients: by anything */
    uint64_t open_exc;    /* ... and excludes by it */
    uint64_t pattern_inc; /* whose list includes by patterns */
    uint64_t pattern_exc;
};

/* As many as a mask has bits. */
enum {
    SLOTS_PER_BLOCK = 64,
    BLOCKS_PER_WINDOW = 64
};

struct image_block {
    struct image_condition list[CONDITION_COUNT];
    uint64_t listeners, certificates; /* that have the condition */
    uint64_t tls, no_tls;             /* that want true, false */
    uint64_t authenticated, anonymous;
    uint64_t owned, not_owned;
};
static_assert(sizeof(struct image_block) == 8 * (6 * CONDITION_COUNT + 8),
              "no padding");

/* Per 64 blocks and condition, the blocks ... */
struct image_window {
    struct {
        uint64_t loose;   /* with a rule without the condition, or with $all */
        uint64_t open;    /* with any of open_inc */
        uint64_t pattern; /* with any of pattern_inc */
    } list[CONDITION_COUNT];
};
static_assert(sizeof(struct image_window) ==
                  3 * sizeof(uint64_t) * CONDITION_COUNT,
              "no padding");

/* The rules of one right on one connector, by slot. */
struct image_right {
    uint32_t first;      /* of deny rules that answer 5xx; starts a block */
    uint32_t soft;       /* of deny rules that answer 4xx */
    uint32_t allow;      /* of allow rules */
    uint32_t end;        /* behind the last */
    uint32_t order;      /* in NUMBERS: the slots in file order */
    uint32_t auth_helps; /* some allow rule wants an identity */
};
static_assert(sizeof(struct image_right) == 24, "no padding");

struct image_source {
    uint32_t file, line, column;
};

struct image_connector {
    uint32_t name;
    struct image_source source;
    struct image_right rights[RIGHT_COUNT];
};
static_assert(sizeof(struct image_connector) == 16 + 24 * RIGHT_COUNT,
              "no padding");

enum selection_flag {
    SELECTION_GIVEN = 1,
    SELECTION_ALL = 2,
    SELECTION_INBOUND = 4,
    SELECTION_ALWAYS_RELAY = 8,
    SELECTION_NOT_INBOUND = 16,
    SELECTION_NOT_ALWAYS_RELAY = 32
};

struct image_selection {
    uint32_t flags;
    uint32_t first; /* in NUMBERS: included lists, then excluded ones */
    uint32_t include_count, exclude_count;
    struct image_source source;
};

struct image_rule {
    uint32_t name;
    struct image_source source;
    struct image_selection select[SELECT_COUNT];
    uint32_t text; /* of the reply */
    uint16_t code, subject, detail;
    uint16_t reason;
    uint8_t right, deny, always_relay;
    uint8_t tls, authenticated, sender_owned; /* enum wish */
    uint16_t unused;
};
static_assert(sizeof(struct image_rule) == 36 + 28 * SELECT_COUNT,
              "no padding");

/* How the recipients of some domains are treated. */
struct image_domain {
    uint32_t class;     /* enum domain_class */
    uint32_t mailboxes; /* a number in LISTS, MAILBOXES_NONE or _ASK */
    uint32_t delimiter; /* 0: none */
    uint32_t target;    /* offset in STRINGS */
};
static_assert(sizeof(struct image_domain) == 16, "no padding");

struct image_list {
    uint32_t name;
    uint32_t use;                          /* enum list_use */
    uint32_t first_pattern, pattern_count; /* in NUMBERS: patterns */
    uint64_t entries, entries_size;        /* in ENTRIES */
};
static_assert(sizeof(struct image_list) == 32, "no padding");

/* The last lists are not the model's: the classes of `domains:`, and the keys
 * of `owners:`. */
enum extra_list {
    EXTRA_INBOUND,
    EXTRA_ALWAYS_RELAY,
    EXTRA_REROUTE,
    EXTRA_OWNERS,
    EXTRA_LISTS
};

struct image_pattern {
    uint32_t source, size; /* in STRINGS */
};
static_assert(sizeof(struct image_pattern) == 8, "no padding");

/* A finding of the audit that the policy accepts. */
struct image_accepted {
    uint32_t id;     /* 301 for MR301 */
    uint32_t reason; /* offset in STRINGS */
    struct image_source source;
};
static_assert(sizeof(struct image_accepted) == 20, "no padding");

/* What the audit says of the policy, if it was asked: the section is empty, or
 * this, and then a JSON object and its NUL.  It is no part of the policy, so
 * that the digest is the same with it and without. */
struct image_stamp {
    uint64_t check;     /* XXH3-64 of the stamp behind this field */
    uint8_t digest[16]; /* of the policy that was audited */
    uint32_t closed;    /* as mayrelay_audit_is_closed has it */
    uint32_t unused;
};
static_assert(sizeof(struct image_stamp) == 32, "no padding");

/* The key of an endpoint in the text set of listeners. */
enum {
    ENDPOINT_KEY_SIZE = 19
};

#endif
