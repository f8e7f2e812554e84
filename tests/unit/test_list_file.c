#include "policy/list_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "suite.h"

/* -- splitting ------------------------------------------------------------ */

struct expected {
    const char *entry;
    uint32_t line, column;
};

static const struct {
    const char *content;
    struct expected entries[4]; /* up to the first without an entry */
} FILES[] = {
    {"", {{0}}},
    {"\n\n", {{0}}},
    {"a", {{"a", 1, 1}}},
    {"a\n", {{"a", 1, 1}}},
    {"a\nb\nc", {{"a", 1, 1}, {"b", 2, 1}, {"c", 3, 1}}},
    {"a\r\n\r\nb\r\n", {{"a", 1, 1}, {"b", 3, 1}}},
    {"\n  a\t \n\tb", {{"a", 2, 3}, {"b", 3, 2}}},
    {"# a\n#b\n  # c\nd", {{"d", 4, 1}}},
    {"a # b\nc\t#d # e", {{"a", 1, 1}, {"c", 2, 1}}},
    {"a#b\nc##d #e", {{"a#b", 1, 1}, {"c##d", 2, 1}}},
    {"\xef\xbb\xbf"
     "a\nb",
     {{"a", 1, 1}, {"b", 2, 1}}},
    {"10.0.0.0/8\n2001:db8::/32 # ours\n",
     {{"10.0.0.0/8", 1, 1}, {"2001:db8::/32", 2, 1}}},
    {"user@x.example a b # c", {{"user@x.example a b", 1, 1}}},
    {"\xff\n \xc3\xbc", {{"\xff", 1, 1}, {"\xc3\xbc", 2, 2}}},
};

START_TEST(splits)
{
    struct list_file file = list_file_of(text_of(FILES[_i].content));
    struct text entry;
    size_t most = list_file_most(&file);
    for (const struct expected *next = FILES[_i].entries; next->entry; next++) {
        ck_assert(list_file_next(&file, &entry));
        ck_assert_text_eq(entry, next->entry);
        ck_assert_uint_eq(file.line, next->line);
        ck_assert_uint_eq(file.column, next->column);
        ck_assert_uint_gt(most--, 0);
    }
    ck_assert(!list_file_next(&file, &entry));
    ck_assert(!list_file_next(&file, &entry));
}
END_TEST

START_TEST(needs_no_room_for_what_is_no_entry)
{
    struct list_file file = list_file_of(TEXT("#\n\n\na\n# b\nc\n#"));
    ck_assert_uint_eq(list_file_most(&file), 2);
}
END_TEST

START_TEST(keeps_nuls)
{
    struct list_file file = list_file_of(TEXT("a\0b\nc"));
    struct text entry;
    ck_assert(list_file_next(&file, &entry));
    ck_assert_uint_eq(entry.size, 3);
    ck_assert(list_file_next(&file, &entry));
    ck_assert_text_eq(entry, "c");
}
END_TEST

/* -- reading -------------------------------------------------------------- */

static char folder[] = "/tmp/test_list_file.XXXXXX";
static char path[sizeof folder + 16];

static void
set_up(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
}

static void
tear_down(void)
{
    unlink(path);
    rmdir(folder);
}

static void
write_file(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static void
check_reading(size_t size)
{
    char *bytes = memory_new(size, 1);
    memset(bytes, 'x', size);
    write_file(bytes, size);
    struct text content;
    const char *problem;
    ck_assert(file_read(path, &content, &problem));
    ck_assert_ptr_null(problem);
    ck_assert_uint_eq(content.size, size);
    ck_assert(text_equal(content, (struct text){bytes, size}));
    memory_free((char *)(uintptr_t)content.data);
    memory_free(bytes);
}

START_TEST(reads_files_of_any_size)
{
    static const size_t sizes[] = {0, 1, 7, 8, 4095, 4096, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_reading(sizes[i]);
}
END_TEST

START_TEST(reads_files_without_a_size)
{
    struct text content;
    const char *problem;
    ck_assert(file_read("/proc/self/status", &content, &problem));
    ck_assert_uint_gt(content.size, 100);
    memory_free((char *)(uintptr_t)content.data);
}
END_TEST

static void
check_refusal(const char *name, const char *words)
{
    struct text content;
    const char *problem;
    ck_assert(!file_read(name, &content, &problem));
    ck_assert_ptr_nonnull(problem);
    ck_assert_msg(strstr(problem, words) != NULL, "'%s' in '%s'", words,
                  problem);
}

START_TEST(refuses_what_is_no_file)
{
    check_refusal(path, "No such file");
    check_refusal(folder, "directory");
    check_refusal("/dev/zero", "regular");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_refusal(path, "regular");
}
END_TEST

START_TEST(refuses_a_file_that_is_too_large)
{
    write_file("", 0);
    ck_assert_int_eq(truncate(path, (off_t)FILE_MOST + 1), 0);
    check_refusal(path, "too large");
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("list_file");
    TCase *splitting = tcase_create("splitting");
    tcase_add_loop_test(splitting, splits, 0, sizeof FILES / sizeof *FILES);
    tcase_add_test(splitting, needs_no_room_for_what_is_no_entry);
    tcase_add_test(splitting, keeps_nuls);
    suite_add_tcase(suite, splitting);
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, set_up, tear_down);
    tcase_add_test(reading, reads_files_of_any_size);
    tcase_add_test(reading, reads_files_without_a_size);
    tcase_add_test(reading, refuses_what_is_no_file);
    tcase_add_test(reading, refuses_a_file_that_is_too_large);
    suite_add_tcase(suite, reading);
    return suite;
}
