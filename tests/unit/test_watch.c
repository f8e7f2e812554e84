/* Every way in which a policy changes, and what changes nothing. */
#include "watching.h"

/* -- every way in which a policy changes ---------------------------------- */

START_TEST(a_write_in_place)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    assert_allows(1);
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    assert_calm();
}
END_TEST

START_TEST(a_rename_over_it)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    for (int i = 0; i < 3; i++) {
        write_and_rename("p.yaml",
                         i % 2 ? ALLOW("10.0.0.1") : ALLOW("10.0.0.2"));
        await(MAYRELAY_RELOAD_DONE);
        assert_allows(i % 2 ? 1 : 2);
    }
}
END_TEST

/* The old one away first, as some editors do: no error in between. */
START_TEST(an_editor_that_keeps_the_old_one)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    rename_to("p.yaml", "p.yaml~");
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

START_TEST(a_list_file)
{
    write_in_place("p.yaml", ALLOW("file:one.txt, file:lists/two.txt"));
    write_in_place("one.txt", "10.0.0.1\n");
    make_directory("lists");
    write_in_place("lists/two.txt", "");
    open_watch("p.yaml");
    write_in_place("one.txt", "10.0.0.2\n");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    write_and_rename("lists/two.txt", "10.0.0.3\n");
    await(MAYRELAY_RELOAD_DONE);
    ck_assert(allows("10.0.0.2") && allows("10.0.0.3"));
    remove_name("lists/two.txt");
    remove_name("lists");
    await(MAYRELAY_RELOAD_FAILED);
    make_directory("lists.new");
    write_in_place("lists.new/two.txt", "");
    rename_to("lists.new", "lists");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

START_TEST(a_list_file_that_is_new_to_the_policy)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    write_in_place("list.txt", "10.0.0.2\n");
    open_watch("p.yaml");
    write_in_place("list.txt", "10.0.0.3\n"); /* nobody reads it yet */
    assert_calm();
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(3);
    write_in_place("list.txt", "10.0.0.4\n");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(4);
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    await(MAYRELAY_RELOAD_DONE);
    write_in_place("list.txt", "10.0.0.5\n"); /* nobody reads it any more */
    assert_calm();
    assert_allows(1);
}
END_TEST

/* As Kubernetes lays out a ConfigMap. */
START_TEST(a_link_that_is_turned)
{
    make_directory("..1");
    make_directory("..2");
    write_in_place("..1/p.yaml", ALLOW("file:list.txt"));
    write_in_place("..1/list.txt", "10.0.0.1\n");
    write_in_place("..2/p.yaml", ALLOW("file:list.txt"));
    write_in_place("..2/list.txt", "10.0.0.2\n");
    link_to("..1", "..data");
    link_to("..data/p.yaml", "p.yaml");
    link_to("..data/list.txt", "list.txt");
    open_watch("p.yaml");
    assert_allows(1);
    turn_link("..2", "..data");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    write_in_place("..1/list.txt", "10.0.0.3\n");
    assert_calm();
    write_in_place("..2/list.txt", "10.0.0.4\n");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(4);
}
END_TEST

START_TEST(a_directory_that_comes_again)
{
    make_directory("etc");
    write_in_place("etc/p.yaml", ALLOW("10.0.0.1"));
    open_watch("etc/p.yaml");
    rename_to("etc", "old");
    await(MAYRELAY_RELOAD_FAILED);
    assert_allows(1);
    make_directory("etc");
    write_in_place("etc/p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    write_in_place("old/p.yaml", ALLOW("10.0.0.3"));
    assert_calm();
}
END_TEST

START_TEST(an_image)
{
    save(ALLOW("10.0.0.1"), "p.mrp");
    open_watch("p.mrp");
    assert_allows(1);
    save(ALLOW("10.0.0.2"), "p.mrp");
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    write_in_place("p.mrp", ALLOW("10.0.0.3")); /* a policy as text will do */
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(3);
}
END_TEST

/* -- what changes nothing ---------------------------------------------------
 */

#define WARNS ALLOW("10.0.0.1") "lists: {unused: [10.0.0.9]}\n"

START_TEST(the_same_content_is_the_same_policy)
{
    write_in_place("p.yaml", WARNS);
    open_watch("p.yaml");
    mayrelay_policy *before = mayrelay_watch_ref_policy(watch);
    write_in_place("p.yaml", WARNS);
    assert_calm();
    write_and_rename("p.yaml", WARNS);
    assert_calm();
    write_in_place("other.yaml", ALLOW("10.0.0.2"));
    assert_calm();
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_NONE);
    ck_assert_ptr_null(report);
    mayrelay_policy *after = mayrelay_watch_ref_policy(watch);
    ck_assert_ptr_eq(before, after);
    mayrelay_policy_unref(before);
    mayrelay_policy_unref(after);
}
END_TEST

START_TEST(a_forced_reload_does_not_wait)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    write_and_rename("p.yaml", ALLOW("10.0.0.2"));
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    ck_assert(!is_readable(0)); /* what it has read is not read again */
    ck_assert_int_eq(last_ms, 0);
}
END_TEST

START_TEST(a_burst_of_changes_is_read_once)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    for (int i = 0; i < 20; i++) {
        write_and_rename("p.yaml", i % 2 ? ALLOW("10.0.0.1") : BROKEN);
        ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    }
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    assert_calm();
    assert_allows(2);
}
END_TEST

START_TEST(warnings_are_reported_with_the_policy)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1") "lists: {a: [10.0.0.9]}\n");
    open_watch("p.yaml");
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    write_in_place("p.yaml", ALLOW("10.0.0.2") "lists: {a: [x], b: [y]}\n");
    await(MAYRELAY_RELOAD_DONE);
    ck_assert_uint_eq(mayrelay_report_count_at(report, MAYRELAY_WARNING), 2);
    ck_assert_uint_eq(mayrelay_report_count_at(report, MAYRELAY_ERROR), 0);
}
END_TEST

/* -- sessions ----------------------------------------------------------------
 */

static int
rcpt(mayrelay_session *session)
{
    mayrelay_session_connect(session, "10.0.0.1", NULL);
    mayrelay_session_mail(session, "<>", Z);
    return mayrelay_session_rcpt(session, "x@far.example", Z);
}

START_TEST(sessions_keep_the_policy_they_began_with)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    mayrelay_session *old = session_over(mayrelay_watch_ref_policy(watch));
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    mayrelay_session *new = session_over(mayrelay_watch_ref_policy(watch));
    mayrelay_watch_free(watch);
    watch = NULL;
    ck_assert_int_eq(rcpt(old), 250);
    ck_assert_int_eq(rcpt(new), 550);
    mayrelay_session_free(old);
    mayrelay_session_free(new);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("watch");
    TCase *changes = tcase_create("changes");
    tcase_add_checked_fixture(changes, start_test, end_test);
    tcase_set_timeout(changes, 60);
    tcase_add_test(changes, a_write_in_place);
    tcase_add_test(changes, a_rename_over_it);
    tcase_add_test(changes, an_editor_that_keeps_the_old_one);
    tcase_add_test(changes, a_list_file);
    tcase_add_test(changes, a_list_file_that_is_new_to_the_policy);
    tcase_add_test(changes, a_link_that_is_turned);
    tcase_add_test(changes, a_directory_that_comes_again);
    tcase_add_test(changes, an_image);
    tcase_add_test(changes, the_same_content_is_the_same_policy);
    tcase_add_test(changes, a_forced_reload_does_not_wait);
    tcase_add_test(changes, a_burst_of_changes_is_read_once);
    tcase_add_test(changes, warnings_are_reported_with_the_policy);
    tcase_add_test(changes, sessions_keep_the_policy_they_began_with);
    suite_add_tcase(suite, changes);
    return suite;
}
