/* A whole image of 64 KiB, in which no section is empty, damaged: cut off after
 * each octet, each bit flipped, and at random.
 *
 * Where the digest is looked at every damage is refused.  Where it is not, the
 * damage may decide as it likes, but it ends, stays inside, and every reply and
 * explanation is fit to be sent and shown.  Files are in memory: nothing but
 * the library takes time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "damage.h"
#include "files.h"
#include "fuzz.h"
#include "image/policy.h"
#include "image/stamp.h"
#include "sample.h"

enum {
    /* Up to where the first section may begin. */
    HEAD = (sizeof(struct image_header) + IMAGE_ALIGN - 1) / IMAGE_ALIGN *
           IMAGE_ALIGN,
    IMAGE_LEAST = 64 * 1024,
    IMAGE_MOST = 68 * 1024,
    POLICY_MOST = 1 << 17,
    EXPLAIN_EVERY = 8,
    CHANGES_MOST = 8
};

/* -- the image ------------------------------------------------------------ */

/* What the sample gets more of: entries behind a place in its text. */
static const struct {
    const char *place, *entry;
    unsigned count;
} MORE[] = {
    {"  offices: [", "172.16.%u.32/28, ", 250},
    {"  offices: [", "'2001:db8:2:%x::/64', ", 120},
    {"  drop: [", "100.64.%u.1-100.64.%1$u.9, ", 100},
    {"  partners: [", ".p%u.example, ", 250},
    {"  approved: [", "user%u, ", 200},
    {"mailboxes: [", "box%u, ", 200},
    {"  always-relay: [", "always%u.example, ", 60},
    {"owners:\n", "  u%u@our.example: [user%1$u]\n", 180},
};

/* Writes `policy` with more of what is at one place. */
static void
add_more(char policy[POLICY_MOST], size_t which)
{
    static char grown[POLICY_MOST];
    const char *at = strstr(policy, MORE[which].place);
    REQUIRE(at);
    size_t size = (size_t)(at - policy) + strlen(MORE[which].place);
    memcpy(grown, policy, size);
    for (unsigned i = 0; i < MORE[which].count; i++)
        size += (size_t)snprintf(grown + size, sizeof grown - size,
                                 MORE[which].entry, i);
    REQUIRE(size < sizeof grown);
    snprintf(grown + size, sizeof grown - size, "%s",
             at + strlen(MORE[which].place));
    memcpy(policy, grown, sizeof grown);
}

static mayrelay_policy *
large_policy(void)
{
    static char text[POLICY_MOST];
    snprintf(text, sizeof text, "%s", SAMPLE_POLICY);
    for (size_t i = 0; i < sizeof MORE / sizeof *MORE; i++)
        add_more(text, i);
    mayrelay_policy *policy =
        mayrelay_policy_parse(text, MAYRELAY_ZSTR, "sample.yaml", NULL);
    REQUIRE(policy);
    return policy;
}

/* A copy to be damaged, of 64 KiB and with something in every section. */
static struct text
good_image(void)
{
    mayrelay_policy *policy = large_policy();
    const struct image *image = policy_image(policy);
    printf("an image of %zu octets\n", image->size);
    fflush(stdout);
    REQUIRE(image->size > IMAGE_LEAST && image->size < IMAGE_MOST);
    for (int i = 0; i < SECTION_STAMP; i++)
        REQUIRE(image_section(image, (enum section)i).size > 0);
    struct buffer stamped = {0};
    stamp_write(&stamped, image, true, TEXT("{\"closed\":true}"));
    REQUIRE(!stamped.failed);
    struct text copy = {(char *)exact_copy(stamped.data, stamped.size),
                        stamped.size};
    REQUIRE(copy.data);
    buffer_clear(&stamped);
    mayrelay_policy_unref(policy);
    return copy;
}

/* -- what must hold ------------------------------------------------------- */

static mayrelay_policy *
load(const unsigned char *data, size_t size, unsigned flags)
{
    files_are((struct text){(const char *)data, size});
    return mayrelay_policy_load("image", flags | (unsigned)MAYRELAY_LOAD_COPY,
                                NULL);
}

/* Decides by the damaged image, if it opens; which transaction, and whether it
 * is explained, changes from call to call.  True if it opened. */
static bool
judge(const unsigned char *data, size_t size)
{
    static unsigned turn;
    mayrelay_policy *policy = load(data, size, 0);
    if (!policy)
        return false;
    turn++;
    sample_decide(policy,
                  (struct sample_choice){.first = turn,
                                         .count = 1,
                                         .explain = turn % EXPLAIN_EVERY == 0});
    mayrelay_policy_unref(policy);
    return true;
}

/* Of damage that the digest does not know of; true if nothing else saw it. */
static bool
judge_unsealed(const unsigned char *data, size_t size)
{
    static unsigned turn;
    mayrelay_policy *policy =
        load(data, size,
             turn++ % 2 ? MAYRELAY_LOAD_VERIFY : MAYRELAY_LOAD_REQUIRE_CLOSED);
    REQUIRE(!policy);
    return judge(data, size);
}

/* -- every damage of a kind ----------------------------------------------- */

static void
cut_everywhere(struct text good)
{
    for (size_t size = 0; size < good.size; size++)
        REQUIRE(!judge_unsealed((const unsigned char *)good.data, size));
    printf("%zu truncations, all refused\n", good.size);
}

static void
flip_everywhere(struct text good, size_t every)
{
    unsigned char *data = (unsigned char *)(uintptr_t)good.data;
    size_t flips = 0;
    size_t opened = 0;
    for (size_t bit = 0; bit < 8 * good.size; bit += every, flips++) {
        unsigned char mask = (unsigned char)(1 << bit % 8);
        data[bit / 8] ^= mask;
        bool unseen = judge_unsealed(data, good.size);
        REQUIRE(!unseen || bit / 8 >= sizeof(struct image_header));
        opened += unseen;
        data[bit / 8] ^= mask;
    }
    printf("%zu flipped bits, all refused by the digest; %zu open without\n",
           flips, opened);
    REQUIRE(opened > 0);
}

/* -- at random ------------------------------------------------------------ */

/* So that what is damaged behind the header is believed, and the header too;
 * the stamp is lost. */
static void
seal(unsigned char *data, size_t size)
{
    struct image_header header;
    XXH128_canonical_t digest;
    memcpy(&header, data, sizeof header);
    XXH128_canonicalFromHash(
        &digest, XXH3_128bits(data + sizeof header, size - sizeof header));
    memcpy(header.digest, &digest, sizeof header.digest);
    header.size = size;
    header.sections[SECTION_STAMP] = (struct image_section){.offset = size};
    header.header_check = 0;
    header.header_check = XXH3_64bits(&header, sizeof header);
    memcpy(data, &header, sizeof header);
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void
change_once(unsigned char *data, size_t size, uint64_t *random)
{
    static const uint32_t ODD[] = {0,          1,          0x7f,
                                   0xff,       0xffff,     0x7fffffff,
                                   0x80000000, 0xfffffffe, 0xffffffff};
    size_t first = offsetof(struct image_header, sections);
    size_t at = first + random_below(random, size - first);
    size_t from = first + random_below(random, size - first);
    size_t most = size - (at > from ? at : from);
    uint32_t odd = ODD[random_below(random, sizeof ODD / sizeof *ODD)];
    switch (random_below(random, 6)) {
    case 0: data[at] ^= (unsigned char)(1 << random_below(random, 8)); break;
    case 1: data[at] = (unsigned char)random_below(random, 256); break;
    case 2: memcpy(data + at, &odd, smaller(sizeof odd, size - at)); break;
    case 3: /* a number where numbers stand */
        at -= at % sizeof odd;
        odd += (uint32_t)random_below(random, 8);
        memcpy(data + at, &odd, smaller(sizeof odd, size - at));
        break;
    case 4:
        memmove(data + at, data + from,
                smaller(most, 1 + random_below(random, 64)));
        break;
    default:
        memset(data + at, odd & 0xff,
               smaller(size - at, 1 + random_below(random, 64)));
        break;
    }
}

static void
damage_randomly(struct text good, unsigned long count, uint64_t seed)
{
    uint64_t random = seed ? seed : 1;
    unsigned long opened = 0;
    unsigned char *data = exact_copy(good.data, good.size);
    REQUIRE(data);
    for (unsigned long i = 1; i <= count; i++) {
        memcpy(data, good.data, good.size);
        size_t size = good.size;
        if (random_below(&random, 8) == 0)
            size -= random_below(&random, size - HEAD);
        size -= size % IMAGE_ALIGN;
        for (size_t n = 1 + random_below(&random, CHANGES_MOST); n > 0; n--)
            change_once(data, size, &random);
        seal(data, size);
        opened += judge(data, size);
        if (i % 1000000 == 0) {
            printf("%lu damaged images so far\n", i);
            fflush(stdout);
        }
    }
    printf("%lu images damaged at random, seed %lu; %lu open\n", count,
           (unsigned long)seed, opened);
    free(data);
}

/* -- the run -------------------------------------------------------------- */

static int
usage(void)
{
    fputs("usage: damage [--every N | --random COUNT [SEED]]\n"
          "\n"
          "Every truncation and every flipped bit, or each Nth; or so many\n"
          "images damaged at random, another set of them for each SEED.\n",
          stderr);
    return 2;
}

int
main(int count, char **arguments)
{
    struct text good = good_image();
    const char *mode = count > 1 ? arguments[1] : "--every";
    unsigned long number = count > 2 ? strtoul(arguments[2], NULL, 10) : 1;
    bool is_random = strcmp(mode, "--random") == 0;
    if (number == 0 || count == 2 || count > 3 + (int)is_random)
        return usage();
    if (is_random) {
        damage_randomly(good, number,
                        count > 3 ? strtoull(arguments[3], NULL, 10) : 1);
    } else if (strcmp(mode, "--every") == 0) {
        cut_everywhere(good);
        flip_everywhere(good, number);
    } else {
        return usage();
    }
    free((void *)(uintptr_t)good.data);
    return EXIT_SUCCESS;
}
