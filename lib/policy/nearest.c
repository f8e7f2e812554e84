#include "policy/nearest.h"

/* Longer names are not compared. */
enum {
    NAME_MOST = 64
};

/* A third of the letters may be wrong. */
static size_t
tolerance(struct text name)
{
    return name.size < 3 ? 1 : (name.size + 2) / 3;
}

struct nearest
nearest_to(struct text wanted)
{
    return (struct nearest){wanted, {NULL, 0}, tolerance(wanted) + 1};
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, letters folded; two rows of his table suffice. */
static size_t
edit_distance(struct text a, struct text b)
{
    size_t rows[2][NAME_MOST + 1];
    for (size_t j = 0; j <= b.size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        const size_t *above = rows[(i - 1) % 2];
        size_t *row = rows[i % 2];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            bool same =
                ascii_lower(a.data[i - 1]) == ascii_lower(b.data[j - 1]);
            row[j] =
                least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
        }
    }
    return rows[a.size % 2][b.size];
}

void
nearest_offer(struct nearest *nearest, struct text candidate)
{
    struct text wanted = nearest->wanted;
    if (wanted.size > NAME_MOST || candidate.size > NAME_MOST)
        return;
    size_t gap = wanted.size > candidate.size ? wanted.size - candidate.size
                                              : candidate.size - wanted.size;
    if (gap >= nearest->distance)
        return;
    size_t distance = edit_distance(wanted, candidate);
    if (distance >= nearest->distance)
        return;
    nearest->distance = distance;
    nearest->best = candidate;
}

bool
nearest_found(const struct nearest *nearest)
{
    return nearest->best.data != NULL;
}
