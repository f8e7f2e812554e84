/* A fuzz target without a fuzzer: runs the files it is given, then so many
 * mutations of them, the same ones every time and with every compiler. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "fuzz.h"

enum {
    SIZE_MOST = 1 << 16,
    PATH_SIZE = 1024,
    CHANGES_MOST = 6
};

struct seed {
    char path[PATH_SIZE];
    unsigned char *data;
    size_t size;
};

struct corpus {
    struct seed *seeds;
    size_t count, room;
};

/* -- reading -------------------------------------------------------------- */

static struct seed *
corpus_add(struct corpus *corpus)
{
    if (corpus->count == corpus->room) {
        corpus->room = corpus->room ? corpus->room * 2 : 64;
        corpus->seeds =
            realloc(corpus->seeds, corpus->room * sizeof *corpus->seeds);
        if (!corpus->seeds)
            abort();
    }
    struct seed *seed = &corpus->seeds[corpus->count++];
    memset(seed, 0, sizeof *seed);
    return seed;
}

static bool
read_file(struct corpus *corpus, const char *path)
{
    static unsigned char data[SIZE_MOST];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    struct seed *seed = corpus_add(corpus);
    snprintf(seed->path, sizeof seed->path, "%s", path);
    seed->size = fread(data, 1, sizeof data, file);
    seed->data = exact_copy(data, seed->size);
    fclose(file);
    return true;
}

/* A file, or the files of a folder. */
static bool
read_path(struct corpus *corpus, const char *path)
{
    char inner[PATH_SIZE];
    DIR *folder = opendir(path);
    bool ok = true;
    if (!folder)
        return read_file(corpus, path);
    for (struct dirent *entry; ok && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        ok = read_file(corpus, inner);
    }
    closedir(folder);
    return ok;
}

/* Folders are read in no particular order. */
static int
by_path(const void *left, const void *right)
{
    return strcmp(((const struct seed *)left)->path,
                  ((const struct seed *)right)->path);
}

static void
corpus_free(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->seeds[i].data);
    free(corpus->seeds);
}

/* -- mutations ------------------------------------------------------------ */

/* The input under change. */
struct draft {
    unsigned char data[SIZE_MOST];
    size_t size;
};

static unsigned char
pick_octet(uint64_t *state)
{
    static const char odd[] = "\0\n\r\t \"'<>@.,:;%!#$[]{}()\\/-+*=_~^|&?`"
                              "\x01\x7f\x80\xc0\xc3\xe2\xef\xff"
                              "09azAZ";
    if (random_below(state, 3) == 0)
        return (unsigned char)random_below(state, 256);
    return (unsigned char)odd[random_below(state, sizeof odd - 1)];
}

static void
draft_insert(struct draft *draft, size_t at, const unsigned char *data,
             size_t size)
{
    if (size > SIZE_MOST - draft->size)
        size = SIZE_MOST - draft->size;
    memmove(draft->data + at + size, draft->data + at, draft->size - at);
    memmove(draft->data + at, data, size);
    draft->size += size;
}

static void
draft_remove(struct draft *draft, size_t at, size_t size)
{
    draft->size -= size;
    memmove(draft->data + at, draft->data + at + size, draft->size - at);
}

static void
insert_octet(struct draft *draft, uint64_t *state)
{
    unsigned char octet = pick_octet(state);
    draft_insert(draft, random_below(state, draft->size + 1), &octet, 1);
}

static void
insert_part(struct draft *draft, uint64_t *state, const struct seed *from)
{
    if (from->size == 0)
        return;
    size_t start = random_below(state, from->size);
    size_t size = 1 + random_below(state, from->size - start);
    draft_insert(draft, random_below(state, draft->size + 1),
                 from->data + start, size);
}

static void
remove_part(struct draft *draft, uint64_t *state)
{
    size_t at = random_below(state, draft->size);
    size_t most = draft->size - at;
    size_t size = 1 + random_below(state, most < 16 ? most : 16);
    draft_remove(draft, at, size);
}

static void
change_once(struct draft *draft, uint64_t *state, const struct seed *other)
{
    size_t kind = random_below(state, draft->size ? 7 : 2);
    size_t at = draft->size ? random_below(state, draft->size) : 0;
    switch (kind) {
    case 0: insert_octet(draft, state); break;
    case 1: insert_part(draft, state, other); break;
    case 2: remove_part(draft, state); break;
    case 3: draft->size = at; break;
    case 4:
        draft->data[at] ^= (unsigned char)(1 << random_below(state, 8));
        break;
    default: draft->data[at] = pick_octet(state); break;
    }
}

static void
run_exactly(const unsigned char *data, size_t size)
{
    unsigned char *copy = exact_copy(data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void
run_mutations(const struct corpus *corpus, unsigned long count)
{
    static struct draft draft;
    uint64_t state = 1;
    for (unsigned long i = 0; i < count; i++) {
        const struct seed *seed =
            &corpus->seeds[random_below(&state, corpus->count)];
        memcpy(draft.data, seed->data, seed->size);
        draft.size = seed->size;
        for (size_t left = 1 + random_below(&state, CHANGES_MOST); left; left--)
            change_once(&draft, &state,
                        &corpus->seeds[random_below(&state, corpus->count)]);
        run_exactly(draft.data, draft.size);
    }
}

/* -- the run -------------------------------------------------------------- */

static int
usage(void)
{
    fputs("usage: fuzz_TARGET [--mutations N] FILE-OR-FOLDER...\n", stderr);
    return 2;
}

int
main(int count, char **arguments)
{
    struct corpus corpus = {0};
    unsigned long mutations = 0;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--mutations") == 0 && arguments[i + 1]) {
            mutations = strtoul(arguments[++i], NULL, 10);
        } else if (!read_path(&corpus, arguments[i])) {
            fprintf(stderr, "cannot read %s\n", arguments[i]);
            return usage();
        }
    }
    if (corpus.count == 0)
        return usage();
    qsort(corpus.seeds, corpus.count, sizeof *corpus.seeds, by_path);
    for (size_t i = 0; i < corpus.count; i++)
        run_exactly(corpus.seeds[i].data, corpus.seeds[i].size);
    run_mutations(&corpus, mutations);
    printf("%zu seeds and %lu mutations ran\n", corpus.count, mutations);
    corpus_free(&corpus);
    return EXIT_SUCCESS;
}
