/* tinycdb beside us: the same keys and queries, in one process, without the
 * input and output of lines that the mail servers' testers do.
 *
 * usage: peer_cdb DIRECTORY
 *
 * Reads `keys` and `queries` there, leaves `keys.cdb`, and prints one JSON
 * object.  peers.sh compiles it. */
#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

enum {
    REPETITIONS = 5,
    BUILDS = 3,
    OPENS = 31
};

struct lines {
    char *bytes;
    size_t *starts; /* one more than there are lines */
    size_t count;
};

struct peer {
    char path[256];
    struct lines keys, queries;
    struct cdb cdb;
    size_t hits;
};

static struct lines
read_lines(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%.200s/%.20s", directory, name);
    FILE *file = fopen(path, "r");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail("cannot read %s", path);
    size_t size = (size_t)ftell(file);
    struct lines lines = {new_array(size, 1),
                          new_array(size + 1, sizeof *lines.starts), 0};
    rewind(file);
    if (fread(lines.bytes, 1, size, file) != size)
        fail("cannot read %s", path);
    fclose(file);
    for (size_t i = 0; i < size; i++)
        if (lines.bytes[i] == '\n')
            lines.starts[++lines.count] = i + 1;
    return lines;
}

static const char *
line_at(const struct lines *lines, size_t number, unsigned *size)
{
    *size = (unsigned)(lines->starts[number + 1] - lines->starts[number] - 1);
    return lines->bytes + lines->starts[number];
}

static void
build(struct peer *peer)
{
    struct cdb_make make;
    unsigned size;
    int file = open(peer->path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || cdb_make_start(&make, file) != 0)
        fail("cannot make %s", peer->path);
    for (size_t i = 0; i < peer->keys.count; i++) {
        const char *key = line_at(&peer->keys, i, &size);
        if (cdb_make_add(&make, key, size, "y", 1) != 0)
            fail("cannot write %s", peer->path);
    }
    /* As durable as an image. */
    if (cdb_make_finish(&make) != 0 || fsync(file) != 0 || close(file) != 0)
        fail("cannot finish %s", peer->path);
}

static double
time_build(struct peer *peer)
{
    double times[BUILDS];
    for (int i = 0; i < BUILDS; i++) {
        double start = cpu_clock();
        build(peer);
        times[i] = cpu_clock() - start;
    }
    return median(times, BUILDS);
}

static void
open_cdb(struct peer *peer)
{
    int file = open(peer->path, O_RDONLY);
    if (file < 0 || cdb_init(&peer->cdb, file) != 0)
        fail("cannot open %s", peer->path);
}

static void
close_cdb(struct peer *peer)
{
    close(cdb_fileno(&peer->cdb));
    cdb_free(&peer->cdb);
}

static double
time_open(struct peer *peer)
{
    double times[OPENS];
    for (int i = 0; i < OPENS; i++) {
        double start = cpu_clock();
        open_cdb(peer);
        times[i] = cpu_clock() - start;
        close_cdb(peer);
    }
    return median(times, OPENS);
}

static void
look_up_all(void *context)
{
    struct peer *peer = context;
    unsigned size;
    peer->hits = 0;
    for (size_t i = 0; i < peer->queries.count; i++) {
        const char *key = line_at(&peer->queries, i, &size);
        peer->hits += cdb_find(&peer->cdb, key, size) > 0;
    }
}

int
main(int count, char **arguments)
{
    struct peer peer = {.hits = 0};
    if (count != 2)
        fail("usage: peer_cdb DIRECTORY");
    snprintf(peer.path, sizeof peer.path, "%.200s/keys.cdb", arguments[1]);
    peer.keys = read_lines(arguments[1], "keys");
    peer.queries = read_lines(arguments[1], "queries");
    double built = time_build(&peer), opened = time_open(&peer);
    open_cdb(&peer);
    double time = measure(look_up_all, &peer, REPETITIONS);
    close_cdb(&peer);
    printf(
        "{\"hits\": %zu, \"peer\": %.1f, \"build\": %.0f, \"start\": %.0f}\n",
        peer.hits, time / (double)peer.queries.count, built, opened);
    free(peer.keys.bytes);
    free(peer.keys.starts);
    free(peer.queries.bytes);
    free(peer.queries.starts);
    return 0;
}
