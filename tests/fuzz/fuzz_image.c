/* Damaged images: a good one, patched as the input says, its header sealed
 * again so that the damage gets past it.  Whatever it then decides is the
 * damage's; but it ends, stays inside, and every reply is fit to send.
 *
 * The input: an octet of options, see below; one that cuts the image; one that
 * picks transactions.  Then patches: three octets of offset, one that is xored
 * in. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "elements.h"
#include "files.h"
#include "fuzz.h"
#include "image/policy.h"
#include "sample.h"

enum {
    OPTION_DIGEST = 1, /* the digest is sealed too */
    OPTION_HEADER = 2, /* the sections in the header may be patched */
    OPTION_EXPLAIN = 4,
    OPTION_VERIFY = 8, /* loads it with the digest looked at, too */
    TRANSACTIONS = 2,
    PATCH_SIZE = 4,
    PATCHES_MOST = 64
};

static struct text
good_image(void)
{
    static mayrelay_policy *policy;
    if (!policy)
        policy = sample_load();
    const struct image *image = policy_image(policy);
    return (struct text){(const char *)image->data, image->size};
}

static void
patch(unsigned char *data, size_t size, size_t first, struct input *input)
{
    for (int i = 0; i < PATCHES_MOST && input->size >= PATCH_SIZE; i++) {
        size_t at = input_number(input, 3);
        data[first + at % (size - first)] ^= input_byte(input);
    }
}

static void
seal(unsigned char *data, size_t size, bool digest)
{
    struct image_header header;
    XXH128_canonical_t canonical;
    memcpy(&header, data, sizeof header);
    header.size = size;
    if (digest) {
        XXH128_canonicalFromHash(
            &canonical,
            XXH3_128bits(data + sizeof header, size - sizeof header));
        memcpy(header.digest, &canonical, sizeof header.digest);
    }
    header.header_check = 0;
    header.header_check = XXH3_64bits(&header, sizeof header);
    memcpy(data, &header, sizeof header);
}

static mayrelay_policy *
load(const unsigned char *data, size_t size, unsigned flags)
{
    mayrelay_report *report = NULL;
    files_are((struct text){(const char *)data, size});
    mayrelay_policy *policy = mayrelay_policy_load(
        "image", flags | (unsigned)MAYRELAY_LOAD_COPY, &report);
    REQUIRE(!policy == (mayrelay_report_count_at(report, MAYRELAY_ERROR) > 0));
    report_check(report);
    mayrelay_report_free(report);
    return policy;
}

/* What is not as it was is refused wherever the digest is looked at. */
static void
check_digest(const unsigned char *data, size_t size, bool sealed, bool loads)
{
    struct text good = good_image();
    size_t head = sizeof(struct image_header);
    bool same = size == good.size &&
                memcmp(data + head, good.data + head, size - head) == 0;
    mayrelay_policy *policy = load(data, size, MAYRELAY_LOAD_VERIFY);
    REQUIRE(!policy == !(loads && (same || sealed)));
    mayrelay_policy_unref(policy);
}

static void
try_image(const unsigned char *data, size_t size, uint8_t options,
          unsigned first)
{
    mayrelay_policy *policy = load(data, size, 0);
    if (options & OPTION_VERIFY)
        check_digest(data, size, options & OPTION_DIGEST, policy != NULL);
    if (!policy)
        return;
    mayrelay_policy_get_facts(policy);
    mayrelay_policy_has_reroute(policy);
    sample_decide(policy,
                  (struct sample_choice){.first = first,
                                         .count = TRANSACTIONS,
                                         .explain = options & OPTION_EXPLAIN});
    mayrelay_policy_unref(policy);
}

/* The good one, its end cut off. */
static unsigned char *
cut_image(size_t cut, size_t *size)
{
    struct text good = good_image();
    size_t head = sizeof(struct image_header);
    *size = cut < good.size - head ? good.size - cut : head + 1;
    unsigned char *image = malloc(*size);
    REQUIRE(image);
    memcpy(image, good.data, *size);
    return image;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint8_t options = input_byte(&input);
    size_t left;
    unsigned char *image = cut_image((size_t)input_byte(&input) * 64, &left);
    unsigned first = input_byte(&input);
    patch(image, left,
          options & OPTION_HEADER ? offsetof(struct image_header, sections)
                                  : sizeof(struct image_header),
          &input);
    seal(image, left, options & OPTION_DIGEST);
    try_image(image, left, options, first);
    free(image);
    return 0;
}
