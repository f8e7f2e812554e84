/* Images that the audit has stamped: what is asked to be closed is, octet by
 * octet, what was stamped as closed. */
#include "image/image.h"
#include "image/policy.h"
#include "image/save.h"
#include "image/stamp.h"
#include "images.h"

static const unsigned CLOSED = MAYRELAY_LOAD_REQUIRE_CLOSED;

#define ABOUT "{\"closed\":true}"

static void
save_policy_stamped(const mayrelay_policy *policy, bool closed,
                    const char *path)
{
    struct buffer bytes = {0};
    stamp_write(&bytes, policy_image(policy), closed, TEXT(ABOUT));
    struct text image = {(const char *)bytes.data, bytes.size};
    ck_assert_int_eq(image_save(image, path), MAYRELAY_OK);
    buffer_clear(&bytes);
}

static void
save_stamped(const char *yaml, bool closed, const char *path)
{
    mayrelay_policy *policy = must_parse(yaml);
    save_policy_stamped(policy, closed, path);
    mayrelay_policy_unref(policy);
}

START_TEST(a_stamped_image_is_the_same_policy)
{
    const char *path = in_folder("a.mrp");
    mayrelay_policy *policy = must_parse(SMALL);
    ck_assert_ptr_null(mayrelay_policy_get_stamp(policy));
    save_stamped(SMALL, true, path);
    for (int i = 0; i < 2 * COUNT(FLAGS); i++) {
        mayrelay_policy *loaded = mayrelay_policy_load(
            path, FLAGS[i / 2] | (i % 2 ? CLOSED : 0), NULL);
        ck_assert_ptr_nonnull(loaded);
        ck_assert_str_eq(mayrelay_policy_get_stamp(loaded), ABOUT);
        ck_assert_str_eq(mayrelay_policy_get_digest(loaded),
                         mayrelay_policy_get_digest(policy));
        assert_same_decisions(policy, loaded);
        mayrelay_policy_unref(loaded);
    }
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(a_stamp_is_saved_and_replaced)
{
    const char *path = in_folder("a.mrp");
    const char *again = in_folder("b.mrp");
    save_stamped(SMALL, true, path);
    mayrelay_policy *policy = mayrelay_policy_load(path, CLOSED, NULL);
    ck_assert_int_eq(mayrelay_policy_save(policy, again), MAYRELAY_OK);
    assert_same_file(path, again);
    save_policy_stamped(policy, true, again);
    assert_same_file(path, again);
    save_policy_stamped(policy, false, again);
    assert_refused(again, CLOSED, ID_NOT_CLOSED);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(only_what_is_stamped_as_closed_is)
{
    const char *image = in_folder("a.mrp");
    const char *open = in_folder("b.mrp");
    const char *source = in_folder("a.yaml");
    save_small(image);
    save_stamped(SMALL, false, open);
    file_write(source, SMALL, sizeof SMALL - 1);
    for (int i = 0; i < COUNT(FLAGS); i++) {
        assert_refused(image, FLAGS[i] | CLOSED, ID_NOT_CLOSED);
        assert_refused(open, FLAGS[i] | CLOSED, ID_NOT_CLOSED);
        assert_refused(source, FLAGS[i] | CLOSED, ID_NOT_CLOSED);
    }
    mayrelay_policy *policy = mayrelay_policy_load(open, 0, NULL);
    ck_assert_ptr_nonnull(policy);
    mayrelay_policy_unref(policy);
}
END_TEST

/* -- the stamp of one policy, another policy ------------------------------ */

static const char OTHER[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "relay: {allow: [{clients: [11.0.0.0/8, h.example], senders: [joe@]}]}\n";

static void
write_mixed(const char *path, struct text first, struct text second,
            size_t first_end)
{
    struct buffer bytes = {0};
    buffer_add(&bytes, first.data, first_end);
    buffer_add(&bytes, second.data + first_end, second.size - first_end);
    file_write(path, bytes.data, bytes.size);
    buffer_clear(&bytes);
}

static size_t
stamp_offset(struct text image)
{
    const struct image_header *header = (const void *)image.data;
    return (size_t)header->sections[SECTION_STAMP].offset;
}

/* Headers, policies and stamps of two images that differ in one number, put
 * together in every way. */
START_TEST(a_stamp_is_good_for_its_policy_alone)
{
    const char *path = in_folder("c.mrp");
    save_stamped(TINY, true, in_folder("a.mrp"));
    save_stamped(OTHER, true, in_folder("b.mrp"));
    struct text tiny = file_content(in_folder("a.mrp"));
    struct text other = file_content(in_folder("b.mrp"));
    ck_assert_uint_eq(tiny.size, other.size);
    ck_assert_uint_eq(stamp_offset(tiny), stamp_offset(other));
    for (int i = 0; i < COUNT(FLAGS); i++) {
        write_mixed(path, tiny, other, sizeof(struct image_header));
        assert_refused(path, FLAGS[i] | CLOSED, ID_INVALID);
        write_mixed(path, tiny, other, stamp_offset(tiny));
        assert_refused(path, FLAGS[i] | CLOSED, ID_INVALID);
    }
    content_free(tiny);
    content_free(other);
}
END_TEST

/* A policy that was changed behind its digest's back. */
START_TEST(the_policy_is_verified)
{
    const char *path = in_folder("a.mrp");
    save_stamped(TINY, true, path);
    struct text content = file_content(path);
    char *data = (char *)(uintptr_t)content.data;
    data[stamp_offset(content) - IMAGE_ALIGN] ^= 1;
    file_write(path, data, content.size);
    content_free(content);
    for (int i = 0; i < COUNT(FLAGS); i++)
        assert_refused(path, FLAGS[i] | CLOSED, ID_DIGEST);
}
END_TEST

/* -- damage ------------------------------------------------------------- */

START_TEST(every_flipped_bit_is_seen)
{
    const char *path = in_folder("a.mrp");
    save_stamped(TINY, true, path);
    struct text content = file_content(path);
    char *data = (char *)(uintptr_t)content.data;
    int fd = open(path, O_RDWR);
    size_t stamp = stamp_offset(content);
    for (size_t at = 0; at < content.size; at++) {
        char byte = (char)(data[at] ^ 1 << _i);
        ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
        ck_assert_ptr_null(
            mayrelay_policy_load(path, MAYRELAY_LOAD_COPY | CLOSED, NULL));
        if (at >= stamp) /* what is shown to people is never a damaged one */
            assert_refused(path, MAYRELAY_LOAD_COPY, ID_INVALID);
        ck_assert_int_eq(pwrite(fd, &data[at], 1, (off_t)at), 1);
    }
    close(fd);
    content_free(content);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    const char *path = in_folder("a.mrp");
    save_stamped(TINY, true, path);
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    for (off_t size = status.st_size - 1; size >= IMAGE_MAGIC_SIZE; size--) {
        ck_assert_int_eq(truncate(path, size), 0);
        assert_refused(path, CLOSED, ID_INVALID);
    }
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("stamp");
    TCase *stamped = tcase_create("stamped");
    tcase_add_checked_fixture(stamped, folder_make, folder_remove);
    tcase_set_timeout(stamped, 120);
    tcase_add_test(stamped, a_stamped_image_is_the_same_policy);
    tcase_add_test(stamped, a_stamp_is_saved_and_replaced);
    tcase_add_test(stamped, only_what_is_stamped_as_closed_is);
    tcase_add_test(stamped, a_stamp_is_good_for_its_policy_alone);
    tcase_add_test(stamped, the_policy_is_verified);
    tcase_add_loop_test(stamped, every_flipped_bit_is_seen, 0, 8);
    tcase_add_test(stamped, every_truncation_is_refused);
    suite_add_tcase(suite, stamped);
    return suite;
}
