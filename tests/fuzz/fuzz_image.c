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
#include "image/stamp.h"
#include "sample.h"

enum {
    OPTION_DIGEST = 1, /* the digest is sealed too */
    OPTION_HEADER = 2, /* the sections in the header may be patched */
    OPTION_EXPLAIN = 4,
    OPTION_VERIFY = 8, /* loads it with the digest looked at, too */
    OPTION_STAMP = 16, /* it is stamped, and not cut */
    TRANSACTIONS = 2,
    PATCH_SIZE = 4,
    PATCHES_MOST = 64
};

static struct text
good_image(uint8_t options)
{
    static mayrelay_policy *policy;
    static struct buffer stamped;
    if (!policy) {
        policy = sample_load();
        stamp_write(&stamped, policy_image(policy), true,
                    TEXT("{\"closed\":true}"));
        REQUIRE(!stamped.failed);
    }
    const struct image *image = policy_image(policy);
    return options & OPTION_STAMP
               ? (struct text){(const char *)stamped.data, stamped.size}
               : (struct text){(const char *)image->data, image->size};
}

static void
patch(unsigned char *data, size_t size, size_t first, struct input *input)
{
    for (int i = 0; i < PATCHES_MOST && input->size >= PATCH_SIZE; i++) {
        size_t at = input_number(input, 3);
        data[first + at % (size - first)] ^= input_byte(input);
    }
}

/* Of a stamp in the image, if the header leaves one there. */
static void
seal_stamp(unsigned char *data, const struct image_header *header)
{
    const struct image_section *place = &header->sections[SECTION_STAMP];
    struct image_stamp stamp;
    if (place->offset > header->size ||
        place->size != header->size - place->offset ||
        place->size < sizeof stamp)
        return;
    unsigned char *at = data + place->offset;
    memcpy(&stamp, at, sizeof stamp);
    memcpy(stamp.digest, header->digest, sizeof stamp.digest);
    memcpy(at, &stamp, sizeof stamp);
    stamp.check = XXH3_64bits(at + sizeof stamp.check,
                              (size_t)place->size - sizeof stamp.check);
    memcpy(at, &stamp, sizeof stamp);
}

static void
seal(unsigned char *data, size_t size, uint8_t options)
{
    struct image_header header;
    XXH128_canonical_t canonical;
    memcpy(&header, data, sizeof header);
    header.size = size;
    if (!(options & OPTION_STAMP))
        header.sections[SECTION_STAMP] = (struct image_section){.offset = size};
    uint64_t end = header.sections[SECTION_STAMP].offset;
    if (options & OPTION_DIGEST && end >= sizeof header && end <= size) {
        XXH128_canonicalFromHash(
            &canonical,
            XXH3_128bits(data + sizeof header, (size_t)end - sizeof header));
        memcpy(header.digest, &canonical, sizeof header.digest);
        seal_stamp(data, &header);
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
check_digest(const unsigned char *data, size_t size, uint8_t options,
             bool loads)
{
    struct text good = good_image(options);
    size_t head = sizeof(struct image_header);
    size_t stamp = offsetof(struct image_header, sections[SECTION_STAMP]);
    bool same = size == good.size &&
                memcmp(data + stamp, good.data + stamp,
                       sizeof(struct image_section)) == 0 &&
                memcmp(data + head, good.data + head, size - head) == 0;
    mayrelay_policy *policy = load(data, size, MAYRELAY_LOAD_VERIFY);
    REQUIRE(!policy == !(loads && (same || options & OPTION_DIGEST)));
    mayrelay_policy *closed = load(data, size, MAYRELAY_LOAD_REQUIRE_CLOSED);
    REQUIRE(!closed || (policy && stamp_is_closed(policy_image(closed))));
    REQUIRE(closed || !same || !policy || !(options & OPTION_STAMP));
    mayrelay_policy_unref(closed);
    mayrelay_policy_unref(policy);
}

static void
try_image(const unsigned char *data, size_t size, uint8_t options,
          unsigned first)
{
    mayrelay_policy *policy = load(data, size, 0);
    if (options & OPTION_VERIFY)
        check_digest(data, size, options, policy != NULL);
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
cut_image(size_t cut, uint8_t options, size_t *size)
{
    struct text good = good_image(options);
    size_t head = sizeof(struct image_header);
    *size = cut < good.size - head ? good.size - cut : head + 1;
    if (options & OPTION_STAMP)
        *size = good.size;
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
    unsigned char *image =
        cut_image((size_t)input_byte(&input) * 64, options, &left);
    unsigned first = input_byte(&input);
    patch(image, left,
          options & OPTION_HEADER ? offsetof(struct image_header, sections)
                                  : sizeof(struct image_header),
          &input);
    seal(image, left, options);
    try_image(image, left, options, first);
    free(image);
    return 0;
}
