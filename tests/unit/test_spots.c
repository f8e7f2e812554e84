#include "watch/spots.h"

#include <errno.h>
#include <limits.h>

#include "folder.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct spots spots;

/* What the kernel watches for us. */
static int
watch_count(void)
{
    char line[1024];
    int count = 0;
    snprintf(line, sizeof line, "/proc/self/fdinfo/%d", spots.inotify);
    FILE *file = fopen(line, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        count += strncmp(line, "inotify ", 8) == 0;
    fclose(file);
    return count;
}

static void
find_anew(const char *name)
{
    spots_renew(&spots);
    spots_add(&spots, in_folder(name));
    spots_settle(&spots);
    spots_read(&spots);
    ck_assert_int_eq(spots.problem, 0);
}

static void
open_spots(void)
{
    folder_make();
    ck_assert(spots_open(&spots));
}

static void
close_spots(void)
{
    spots_close(&spots);
    folder_remove();
}

/* -- what is noticed ----------------------------------------------------- */

/* The file is a/b/file; links lead there from a/link and from to-a. */
static void
make_tree(void)
{
    make_directory("a");
    make_directory("a/b");
    write_in_place("a/b/file", "x");
    write_in_place("a/b/other", "x");
    link_to("b/file", "a/link");
    link_to("a", "to-a");
    ck_assert_int_eq(link(in_folder("a/b/file"), in_folder("hard")), 0);
}

static void
do_nothing(void)
{
}

static void
write_it(void)
{
    write_in_place("a/b/file", "y");
}

static void
rename_over_it(void)
{
    write_and_rename("a/b/file", "y");
}

static void
remove_it(void)
{
    remove_name("a/b/file");
}

static void
write_by_another_name(void)
{
    write_in_place("hard", "y");
}

static void
change_its_mode_by_another_name(void)
{
    ck_assert_int_eq(chmod(in_folder("hard"), 0600), 0);
}

static void
change_its_mode(void)
{
    ck_assert_int_eq(chmod(in_folder("a/b/file"), 0600), 0);
}

static void
write_another(void)
{
    write_in_place("a/b/other", "y");
    write_in_place("a/b/new", "y");
    remove_name("a/b/new");
}

static void
read_it(void)
{
    char octet;
    int file = open(in_folder("a/b/file"), O_RDONLY);
    ck_assert_int_eq(read(file, &octet, 1), 1);
    close(file);
}

static void
move_the_directory_away(void)
{
    rename_to("a/b", "a/c");
}

static void
move_the_outer_directory_away(void)
{
    rename_to("a", "c");
}

static void
turn_the_link(void)
{
    turn_link("b/other", "a/link");
}

static void
turn_the_outer_link(void)
{
    make_directory("d");
    turn_link("d", "to-a");
}

static const struct {
    const char *path;
    void (*act)(void);
    bool noticed;
} CHANGES[] = {
    {"a/b/file", do_nothing, false},
    {"a/b/file", read_it, false},
    {"a/b/file", write_another, false},
    {"a/b/file", turn_the_link, false},
    {"a/b/file", write_it, true},
    {"a/b/file", rename_over_it, true},
    {"a/b/file", remove_it, true},
    {"a/b/file", write_by_another_name, true},
    {"a/b/file", change_its_mode, true},
    {"a/b/file", change_its_mode_by_another_name, true},
    {"a/b/file", move_the_directory_away, true},
    {"a/b/file", move_the_outer_directory_away, true},
    {"a//./b/../b/file", rename_over_it, true},
    {"a/link", write_it, true},
    {"a/link", rename_over_it, true},
    {"a/link", turn_the_link, true},
    {"a/link", move_the_directory_away, true},
    {"to-a/link", rename_over_it, true},
    {"to-a/link", turn_the_link, true},
    {"to-a/link", turn_the_outer_link, true},
    {"to-a/link", move_the_outer_directory_away, true},
    {"to-a/b/file", write_another, false},
    {"a/b", write_it, false},
    {"a/b", move_the_directory_away, true},
};

START_TEST(changes_are_noticed)
{
    make_tree();
    find_anew(CHANGES[_i].path);
    CHANGES[_i].act();
    ck_assert_int_eq(spots_read(&spots), CHANGES[_i].noticed);
    ck_assert(!spots_read(&spots));
}
END_TEST

START_TEST(a_missing_file_is_noticed_when_it_comes)
{
    static const char *const steps[] = {"a", "a/b", "a/b/c"};
    find_anew("a/b/c/file");
    for (int i = 0; i < COUNT(steps); i++) {
        make_directory(steps[i]);
        ck_assert_msg(spots_read(&spots), "%s", steps[i]);
        find_anew("a/b/c/file");
    }
    write_in_place("a/b/c/file", "x");
    ck_assert(spots_read(&spots));
}
END_TEST

/* Whose own watch was refused. */
START_TEST(a_file_that_may_be_read_now_is_noticed)
{
    bool is_root = geteuid() == 0;
    make_tree();
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_eq(chmod(in_folder("a"), 0755), 0);
    ck_assert_int_eq(chmod(in_folder("a/b"), 0755), 0);
    ck_assert_int_eq(chmod(in_folder("a/b/file"), 0), 0);
    if (is_root)
        ck_assert_int_eq(seteuid(65534), 0);
    find_anew("a/b/file");
    if (is_root)
        ck_assert_int_eq(seteuid(0), 0);
    change_its_mode();
    ck_assert(spots_read(&spots));
}
END_TEST

START_TEST(a_relative_path_will_do)
{
    make_tree();
    ck_assert_int_eq(chdir(folder), 0);
    spots_renew(&spots);
    spots_add(&spots, "a/b/file");
    spots_add(&spots, "hard");
    spots_settle(&spots);
    rename_over_it();
    ck_assert(spots_read(&spots));
    remove_name("hard");
    ck_assert(spots_read(&spots));
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(an_absolute_link_begins_at_the_root)
{
    make_tree();
    link_to(in_folder("a/link"), "absolute");
    find_anew("absolute");
    turn_the_link();
    ck_assert(spots_read(&spots));
}
END_TEST

/* -- ways that lead nowhere ---------------------------------------------- */

START_TEST(links_in_a_circle_end)
{
    link_to("two", "one");
    link_to("one", "two");
    find_anew("one");
    ck_assert_uint_lt(spots.now.count, 200);
    turn_link("three", "two");
    ck_assert(spots_read(&spots));
}
END_TEST

START_TEST(paths_that_are_too_long_end)
{
    char path[PATH_MAX + 100];
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = '\0';
    find_anew("b");
    spots_add(&spots, path);
    for (size_t i = 0; i < sizeof path - 1; i += 2)
        path[i] = '/';
    path[PATH_MAX - 1] = '\0';
    spots_add(&spots, path);
    spots_add(&spots, "");
    spots_add(&spots, "/");
    ck_assert_int_eq(spots.problem, 0);
}
END_TEST

/* Each link fits, and what they lead to does not. */
START_TEST(links_that_grow_too_long_end)
{
    char target[3000];
    for (size_t i = 0; i < sizeof target; i += 2)
        memcpy(target + i, "./", 2);
    memcpy(target + sizeof target - 4, "link", 4);
    target[sizeof target - 1] = '\0'; /* ./././.../lin */
    link_to(target, "lin");
    find_anew("lin");
    char long_path[PATH_SIZE + 2500];
    snprintf(long_path, sizeof long_path, "%s/%.2400s", in_folder("lin"),
             target);
    spots_add(&spots, long_path);
    ck_assert_int_eq(spots.problem, 0);
}
END_TEST

/* -- what is watched ----------------------------------------------------- */

START_TEST(what_is_not_on_the_way_any_more_is_not_watched)
{
    make_tree();
    find_anew("a/b/file");
    int count = watch_count();
    ck_assert_int_gt(count, 3); /* the root, /tmp, the folder, a, b, file */
    find_anew("to-a/link");
    ck_assert_int_eq(watch_count(), count);
    find_anew("hard");
    ck_assert_int_eq(watch_count(), count - 2);
    spots_renew(&spots);
    spots_settle(&spots);
    ck_assert_int_eq(watch_count(), 0);
}
END_TEST

START_TEST(what_is_gone_is_forgotten)
{
    make_tree();
    for (int i = 0; i < 20; i++) {
        find_anew("a/b/file");
        int count = watch_count();
        rename_over_it();
        ck_assert(spots_read(&spots));
        find_anew("a/b/file");
        ck_assert_int_eq(watch_count(), count);
    }
}
END_TEST

/* -- files that are being written ---------------------------------------- */

static int
open_it(int flags)
{
    int file = open(in_folder("a/b/file"), flags, 0600);
    ck_assert_int_ge(file, 0);
    return file;
}

START_TEST(a_file_is_being_written_until_it_is_closed)
{
    make_tree();
    find_anew("a/link");
    int file = open_it(O_WRONLY);
    ck_assert(!spots_read(&spots) && !spots_being_written(&spots));
    ck_assert_int_eq(write(file, "y", 1), 1);
    ck_assert(spots_read(&spots) && spots_being_written(&spots));
    change_its_mode();
    ck_assert(spots_read(&spots) && spots_being_written(&spots));
    close(file);
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
}
END_TEST

START_TEST(a_truncated_file_is_being_written)
{
    make_tree();
    find_anew("a/b/file");
    int file = open_it(O_WRONLY | O_TRUNC);
    ck_assert(spots_read(&spots) && spots_being_written(&spots));
    close(file);
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
}
END_TEST

START_TEST(a_new_file_is_being_written_from_the_start)
{
    make_tree();
    remove_it();
    find_anew("a/b/file");
    int file = open_it(O_WRONLY | O_CREAT);
    ck_assert(spots_read(&spots) && spots_being_written(&spots));
    close(file);
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
}
END_TEST

START_TEST(a_directory_may_be_on_the_way_to_another_file)
{
    make_tree();
    spots_renew(&spots);
    spots_add(&spots, in_folder("a/new"));
    spots_add(&spots, in_folder("a/b/file"));
    spots_settle(&spots);
    int file = open(in_folder("a/new"), O_WRONLY | O_CREAT, 0600);
    ck_assert(spots_read(&spots) && spots_being_written(&spots));
    close(file);
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
}
END_TEST

START_TEST(a_new_link_is_all_there)
{
    make_tree();
    remove_it();
    find_anew("a/b/file");
    link_to("other", "a/b/file");
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
    remove_it();
    ck_assert_int_eq(link(in_folder("hard"), in_folder("a/b/file")), 0);
    ck_assert(spots_read(&spots) && !spots_being_written(&spots));
}
END_TEST

/* -- too much happens ---------------------------------------------------- */

static int
queue_limit(void)
{
    int limit = 0;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%d", &limit), 1);
    fclose(file);
    return limit;
}

START_TEST(a_change_that_the_queue_had_no_room_for_is_noticed)
{
    make_tree();
    find_anew("a/b/file");
    int limit = queue_limit();
    char paths[2][PATH_SIZE];
    snprintf(paths[0], PATH_SIZE, "%s", in_folder("a/b/other"));
    snprintf(paths[1], PATH_SIZE, "%s", in_folder("a/b/another"));
    for (int i = 0; i < limit / 2 + 1; i++) { /* equal ones in a row are one */
        ck_assert_int_eq(rename(paths[0], paths[1]), 0);
        ck_assert_int_eq(rename(paths[1], paths[0]), 0);
    }
    rename_over_it();
    bool noticed = false;
    for (int i = 0; i < limit && !noticed; i++) /* some at a time */
        noticed = spots_read(&spots);
    ck_assert(noticed);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("spots");
    TCase *spot = tcase_create("spots");
    tcase_add_checked_fixture(spot, open_spots, close_spots);
    tcase_set_timeout(spot, 60);
    tcase_add_loop_test(spot, changes_are_noticed, 0, COUNT(CHANGES));
    tcase_add_test(spot, a_missing_file_is_noticed_when_it_comes);
    tcase_add_test(spot, a_file_that_may_be_read_now_is_noticed);
    tcase_add_test(spot, a_relative_path_will_do);
    tcase_add_test(spot, an_absolute_link_begins_at_the_root);
    tcase_add_test(spot, links_in_a_circle_end);
    tcase_add_test(spot, paths_that_are_too_long_end);
    tcase_add_test(spot, links_that_grow_too_long_end);
    tcase_add_test(spot, what_is_not_on_the_way_any_more_is_not_watched);
    tcase_add_test(spot, what_is_gone_is_forgotten);
    tcase_add_test(spot, a_file_is_being_written_until_it_is_closed);
    tcase_add_test(spot, a_truncated_file_is_being_written);
    tcase_add_test(spot, a_new_file_is_being_written_from_the_start);
    tcase_add_test(spot, a_directory_may_be_on_the_way_to_another_file);
    tcase_add_test(spot, a_new_link_is_all_there);
    tcase_add_test(spot, a_change_that_the_queue_had_no_room_for_is_noticed);
    suite_add_tcase(suite, spot);
    return suite;
}
