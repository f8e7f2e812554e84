/* List files: one plain entry a line, '#' starts a comment at the start of a
 * line or after a blank.  Read whole, split fast, never through YAML. */
#ifndef MAYRELAY_POLICY_LIST_FILE_H
#define MAYRELAY_POLICY_LIST_FILE_H

#include "base/arena.h"
#include "base/report.h"

/* The content of a regular file; false (and *problem, static or errno's text)
 * if it cannot be read, changes meanwhile, is a directory, a FIFO or a device,
 * or is larger than FILE_MOST.  The content is yours:
 * memory_free(content->data). */
#define FILE_MOST ((size_t)1 << 32)
bool file_read(const char *path, struct text *content, const char **problem);

/* Who wants to be told of each file of a policy right before it is read; NULL
 * where nobody does.  Whoever watches it from then on misses no change. */
struct file_visitor {
    void (*visit)(void *context, const char *path); /* may be NULL */
    void *context;
    /* May be NULL: puts another content in the place of a list file's, with
     * memory_free of the one that was read; false if memory runs out. */
    bool (*edit)(void *context, const char *path, struct text *content);
};
void file_visit(const struct file_visitor *visitor, const char *path);
/* file_read for a visitor that edits; NULL is one that does not. */
bool file_read_edited(const struct file_visitor *visitor, const char *path,
                      struct text *content, const char **problem);

struct list_file {
    struct text rest;
    uint32_t line, column; /* of the last entry */
};

struct list_file list_file_of(struct text content);
/* The next line that holds an entry, without comment and blanks around; false
 * at the end. */
bool list_file_next(struct list_file *file, struct text *entry);

/* No fewer than the entries that are still to come. */
size_t list_file_most(const struct list_file *file);

#endif
