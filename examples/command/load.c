#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "print.h"

static const char RED[] = "\033[1;31m";
static const char YELLOW[] = "\033[1;33m";
static const char PLAIN[] = "\033[0m";

static const char *
colour_of(enum mayrelay_severity severity)
{
    return severity == MAYRELAY_ERROR ? RED : YELLOW;
}

/* "file:line:column: error: ..." with the word behind the place coloured. */
static void
print_coloured(const struct page *page, const mayrelay_report *report,
               size_t index)
{
    const char *file = mayrelay_report_get_file(report, index);
    size_t start = file && strlen(file) < page->size ? strlen(file) : 0;
    start += strcspn(page->data + start, "ewn"); /* error, warning, note */
    size_t size = strcspn(page->data + start, ":");
    enum mayrelay_severity severity =
        mayrelay_report_get_severity(report, index);
    fprintf(stderr, "%.*s%s%.*s%s%s\n", (int)start, page->data,
            colour_of(severity), (int)size, page->data + start, PLAIN,
            page->data + start + size);
}

static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void
print_counts(const mayrelay_report *report)
{
    size_t errors = mayrelay_report_count_at(report, MAYRELAY_ERROR);
    size_t warnings =
        mayrelay_report_count_at(report, MAYRELAY_WARNING) - errors;
    fprintf(stderr, "%zu error%s, %zu warning%s\n", errors, plural(errors),
            warnings, plural(warnings));
}

void
findings_print(const mayrelay_report *report, enum mayrelay_severity least)
{
    if (!mayrelay_report_count_at(report, least))
        return;
    struct page page = {0};
    bool coloured = wants_colour(stderr);
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        if (mayrelay_report_get_severity(report, i) < least)
            continue;
        while (!page_holds(
            &page, mayrelay_report_to_text(report, i, page.data, page.room)))
            continue;
        if (coloured)
            print_coloured(&page, report, i);
        else
            fprintf(stderr, "%s\n", page.data);
    }
    print_counts(report);
    page_free(&page);
}

/* Opened and read: a directory can be opened. */
static bool
can_be_read(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    char byte;
    /* A pipe that the load has emptied was readable. */
    bool good = read(file, &byte, 1) >= 0 || errno == EAGAIN;
    close(file);
    return good;
}

int
load_failure(const char *path, const mayrelay_report *report)
{
    bool readable = can_be_read(path);
    if (mayrelay_report_count_at(report, MAYRELAY_ERROR))
        return readable ? EX_CONFIG : EX_NOINPUT;
    complain("%s: %s", path, readable ? "out of memory" : "cannot be read");
    return readable ? EX_SOFTWARE : EX_NOINPUT;
}

mayrelay_policy *
load_policy(const char *path, int *status)
{
    mayrelay_report *report = NULL;
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, &report);
    if (!policy) {
        findings_print(report, MAYRELAY_ERROR);
        *status = load_failure(path, report);
    }
    mayrelay_report_free(report);
    return policy;
}
