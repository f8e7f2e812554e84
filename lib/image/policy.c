#include "image/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "image/compile.h"
#include "image/stamp.h"

/* The digest in hex, and its NUL. */
enum {
    DIGEST_TEXT_SIZE = 33
};

static const unsigned LOAD_FLAGS =
    MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY | MAYRELAY_LOAD_REQUIRE_CLOSED;

struct mayrelay_policy {
    atomic_uint references;
    struct image image;
    struct pattern_set *patterns;
    void *memory; /* of an image in memory, else NULL */
    void *map;    /* of a mapped file, else NULL */
    size_t map_size;
    char digest[DIGEST_TEXT_SIZE];
};

const struct image *
policy_image(const struct mayrelay_policy *policy)
{
    return &policy->image;
}

struct pattern_set *
policy_patterns(const struct mayrelay_policy *policy)
{
    return policy->patterns;
}

/* -- life --------------------------------------------------------------- */

static void
policy_free(struct mayrelay_policy *policy)
{
    pattern_set_free(policy->patterns);
    if (policy->map)
        munmap(policy->map, policy->map_size);
    memory_free(policy->memory);
    memory_free(policy);
}

mayrelay_policy *
mayrelay_policy_ref(mayrelay_policy *policy)
{
    if (policy)
        atomic_fetch_add_explicit(&policy->references, 1, memory_order_relaxed);
    return policy;
}

void
mayrelay_policy_unref(mayrelay_policy *policy)
{
    if (policy && atomic_fetch_sub_explicit(&policy->references, 1,
                                            memory_order_acq_rel) == 1)
        policy_free(policy);
}

const char *
mayrelay_policy_get_stamp(const mayrelay_policy *policy)
{
    return policy ? stamp_text(&policy->image) : NULL;
}

const char *
mayrelay_policy_get_digest(const mayrelay_policy *policy)
{
    return policy ? policy->digest : "";
}

unsigned
mayrelay_policy_get_facts(const mayrelay_policy *policy)
{
    return policy ? policy->image.settings->facts : 0;
}

bool
mayrelay_policy_has_reroute(const mayrelay_policy *policy)
{
    return policy && policy->image.settings->has_reroute;
}

static const struct image_rule *
rule_at(const mayrelay_policy *policy, size_t index)
{
    return index < mayrelay_policy_count_rules(policy)
               ? image_rule(&policy->image, (uint32_t)index)
               : NULL;
}

size_t
mayrelay_policy_count_rules(const mayrelay_policy *policy)
{
    return policy ? image_count(&policy->image, SECTION_RULES) : 0;
}

const char *
mayrelay_policy_get_rule(const mayrelay_policy *policy, size_t index)
{
    const struct image_rule *rule = rule_at(policy, index);
    return rule ? image_string(&policy->image, rule->name) : NULL;
}

const char *
mayrelay_policy_get_rule_file(const mayrelay_policy *policy, size_t index)
{
    const struct image_rule *rule = rule_at(policy, index);
    return rule ? image_file(&policy->image, rule->source.file) : NULL;
}

uint32_t
mayrelay_policy_get_rule_line(const mayrelay_policy *policy, size_t index)
{
    const struct image_rule *rule = rule_at(policy, index);
    return rule ? rule->source.line : 0;
}

static void
write_digest(struct mayrelay_policy *policy)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *digest = policy->image.header->digest;
    for (size_t i = 0; i < 16; i++) {
        policy->digest[2 * i] = digits[digest[i] >> 4];
        policy->digest[2 * i + 1] = digits[digest[i] & 15];
    }
}

/* -- from bytes --------------------------------------------------------- */

/* The bytes of an image on their way into a policy, which then owns them. */
struct bytes {
    void *memory, *map;
    size_t size;
};

static void
bytes_free(struct bytes bytes)
{
    if (bytes.map)
        munmap(bytes.map, bytes.size);
    memory_free(bytes.memory);
}

static void
report_not_closed(struct mayrelay_report *report, const char *file,
                  const char *text)
{
    report_add(report, FINDING_IMAGE_NOT_CLOSED, (struct place){file, 0, 0},
               "only what the audit finds closed is written by: mayrelay "
               "compile --require closed POLICY -o IMAGE",
               "%s", text);
}

static bool
check_image(const struct image *image, unsigned flags, const char *file,
            struct mayrelay_report *report)
{
    struct place place = {file, 0, 0};
    /* A stamp is worth nothing if the policy is not the one it was put on. */
    unsigned verify = MAYRELAY_LOAD_VERIFY | MAYRELAY_LOAD_REQUIRE_CLOSED;
    if (flags & verify && !image_verify(image)) {
        report_add(report, FINDING_IMAGE_DIGEST, place,
                   "compile it again with: mayrelay compile POLICY -o IMAGE",
                   "the image is damaged: its digest does not match");
        return false;
    }
    if (flags & MAYRELAY_LOAD_REQUIRE_CLOSED && !stamp_is_closed(image)) {
        report_not_closed(report, file, "the image is not stamped as closed");
        return false;
    }
    return true;
}

/* Takes the bytes, also when it fails. */
static struct mayrelay_policy *
policy_of(struct bytes bytes, unsigned flags, const char *file,
          struct mayrelay_report *report)
{
    struct mayrelay_policy *policy = memory_new(1, sizeof *policy);
    const void *data = bytes.map ? bytes.map : bytes.memory;
    if (!policy) {
        bytes_free(bytes);
        report_add(report, FINDING_OUT_OF_MEMORY, (struct place){0}, NULL,
                   "out of memory");
        return NULL;
    }
    atomic_init(&policy->references, 1);
    policy->memory = bytes.memory;
    policy->map = bytes.map;
    policy->map_size = bytes.size;
    if (image_open(&policy->image, data, bytes.size, file, report) &&
        check_image(&policy->image, flags, file, report)) {
        policy->patterns =
            pattern_set_new(policy->image.settings->pattern_count);
        write_digest(policy);
        if (policy->patterns)
            return policy;
        report_add(report, FINDING_OUT_OF_MEMORY, (struct place){0}, NULL,
                   "out of memory");
    }
    policy_free(policy);
    return NULL;
}

/* -- from text ---------------------------------------------------------- */

struct mayrelay_policy *
policy_parse(struct text text, const char *name,
             const struct file_visitor *visitor, struct mayrelay_report *report)
{
    struct buffer image = {0};
    struct model *model =
        model_read(text, name, compile_check_patterns, visitor, report);
    bool ok = model && compile(model, report, &image);
    model_free(model);
    if (!ok || report_failed(report)) {
        buffer_clear(&image);
        return NULL;
    }
    struct bytes bytes = {.memory = image.data, .size = image.size};
    return policy_of(bytes, 0, name, report);
}

mayrelay_policy *
mayrelay_policy_parse(const char *text, size_t size, const char *name,
                      mayrelay_report **report)
{
    if (report)
        *report = NULL;
    struct mayrelay_report *found = report_new();
    if (!found)
        return NULL;
    struct text whole = {text, size};
    if (!text || size == MAYRELAY_ZSTR)
        whole = text_of(text);
    struct mayrelay_policy *policy =
        policy_parse(whole, name ? name : "policy", NULL, found);
    report_hand_out(found, report);
    return policy;
}

/* -- from a file -------------------------------------------------------- */

static bool
is_image_file(int fd)
{
    char magic[IMAGE_MAGIC_SIZE];
    return pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
           image_is_one(magic, sizeof magic);
}

static void
report_unreadable(struct mayrelay_report *report, const char *path,
                  const char *problem)
{
    report_add(report, FINDING_FILE_UNREADABLE, (struct place){path, 0, 0},
               NULL, "cannot read the policy: %s", problem);
}

static struct mayrelay_policy *
map_file(int fd, const char *path, unsigned flags,
         struct mayrelay_report *report)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        report_unreadable(report, path, strerror(errno));
        return NULL;
    }
    struct bytes bytes = {.size = (size_t)status.st_size};
    bytes.map = mmap(NULL, bytes.size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes.map == MAP_FAILED) {
        report_unreadable(report, path, strerror(errno));
        return NULL;
    }
    /* MADV_RANDOM was tried: a cold first decision took as long. */
    return policy_of(bytes, flags, path, report);
}

static struct mayrelay_policy *
read_file(const char *path, unsigned flags, const struct file_visitor *visitor,
          struct mayrelay_report *report)
{
    struct text content;
    const char *problem = NULL;
    if (!file_read(path, &content, &problem)) {
        report_unreadable(report, path, problem);
        return NULL;
    }
    if (image_is_one(content.data, content.size)) {
        void *memory = (void *)(uintptr_t)content.data; /* ours, file_read */
        struct bytes bytes = {.memory = memory, .size = content.size};
        return policy_of(bytes, flags, path, report);
    }
    if (flags & MAYRELAY_LOAD_REQUIRE_CLOSED) {
        report_not_closed(report, path,
                          "not an image, so it cannot be stamped as closed");
        memory_free((void *)(uintptr_t)content.data);
        return NULL;
    }
    struct mayrelay_policy *policy =
        policy_parse(content, path, visitor, report);
    memory_free((void *)(uintptr_t)content.data);
    return policy;
}

static struct mayrelay_policy *
load(const char *path, unsigned flags, const struct file_visitor *visitor,
     struct mayrelay_report *report)
{
    file_visit(visitor, path);
    if (flags & MAYRELAY_LOAD_COPY)
        return read_file(path, flags, visitor, report);
    /* O_NONBLOCK: a FIFO must not hang the host; file_read refuses it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool map = fd >= 0 && is_image_file(fd);
    struct mayrelay_policy *policy =
        map ? map_file(fd, path, flags, report)
            : read_file(path, flags, visitor, report);
    if (fd >= 0)
        close(fd);
    return policy;
}

struct mayrelay_policy *
policy_load(const char *path, unsigned flags,
            const struct file_visitor *visitor, struct mayrelay_report *report)
{
    if (path && !(flags & ~LOAD_FLAGS))
        return load(path, flags, visitor, report);
    if (!path)
        report_unreadable(report, "policy", "no file named");
    else /* maybe a stricter one of tomorrow's */
        report_unreadable(report, path, "a flag this library does not know");
    return NULL;
}

mayrelay_policy *
mayrelay_policy_load(const char *path, unsigned flags, mayrelay_report **report)
{
    if (report)
        *report = NULL;
    struct mayrelay_report *found = report_new();
    if (!found)
        return NULL;
    struct mayrelay_policy *policy = policy_load(path, flags, NULL, found);
    report_hand_out(found, report);
    return policy;
}
