#include "failing_malloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* The allocator behind: libc's, or that of AddressSanitizer, which finds leaks
 * itself, and has more ways to take memory than are counted here. */
#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
enum {
    COUNTS_LIVE = false
};
#else
#define REAL(name) __libc_##name
enum {
    COUNTS_LIVE = true
};
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);
void REAL(free)(void *memory);

struct counting counting;

static size_t live;

void
count_anew(size_t from, size_t behind)
{
    counting = (struct counting){.fail_from = from, .fail_behind = behind};
}

struct counting
pause_counting(void)
{
    struct counting before = counting;
    count_anew(0, 0);
    return before;
}

void
go_on_counting(struct counting before)
{
    counting = before;
}

size_t
memory_live(void)
{
    return COUNTS_LIVE ? live : 0;
}

static bool
refuses(void)
{
    counting.calls++;
    if (counting.fail_from == 0 || counting.calls < counting.fail_from ||
        counting.calls > counting.fail_behind)
        return false;
    errno = ENOMEM;
    return true;
}

static void *
counted(void *memory)
{
    live += memory != NULL;
    return memory;
}

void *
malloc(size_t size)
{
    return refuses() ? NULL : counted(REAL(malloc)(size));
}

void *
calloc(size_t count, size_t size)
{
    return refuses() ? NULL : counted(REAL(calloc)(count, size));
}

void *
realloc(void *old, size_t size)
{
    if (refuses())
        return NULL;
    void *grown = REAL(realloc)(old, size);
    return old ? grown : counted(grown);
}

void
free(void *memory)
{
    live -= memory != NULL;
    REAL(free)(memory);
}
