/* A folder for one test, and what people and programs do with files in it. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_SIZE = 512
};

static char folder[32];

static inline void
folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/mayrelay-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline int
remove_visited(const char *path, const struct stat *status, int kind,
               struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline void
folder_remove(void)
{
    ck_assert_int_eq(nftw(folder, remove_visited, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* A path in the folder; good until the fourth call from here. */
static inline const char *
in_folder(const char *name)
{
    static char paths[4][PATH_SIZE];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_SIZE, "%s/%.400s", folder, name);
    return path;
}

static inline void
write_in_place(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void
rename_to(const char *from, const char *to)
{
    ck_assert_int_eq(rename(in_folder(from), in_folder(to)), 0);
}

/* Another file first, then its name. */
static inline void
write_and_rename(const char *name, const char *text)
{
    char temporary[PATH_SIZE / 2];
    snprintf(temporary, sizeof temporary, "%.200s.tmp", name);
    write_in_place(temporary, text);
    rename_to(temporary, name);
}

static inline void
make_directory(const char *name)
{
    ck_assert_int_eq(mkdir(in_folder(name), 0700), 0);
}

static inline void
remove_name(const char *name)
{
    ck_assert_int_eq(remove(in_folder(name)), 0);
}

static inline void
link_to(const char *target, const char *name)
{
    ck_assert_int_eq(symlink(target, in_folder(name)), 0);
}

/* As `ln -sfn`: no moment without a link. */
static inline void
turn_link(const char *target, const char *name)
{
    char temporary[PATH_SIZE / 2];
    snprintf(temporary, sizeof temporary, "%.200s.tmp", name);
    link_to(target, temporary);
    rename_to(temporary, name);
}

#endif
