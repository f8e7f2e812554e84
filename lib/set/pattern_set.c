#include "set/pattern_set.h"

#include <stdatomic.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/memory.h"

/* \C could end inside a character, so it is refused; groups capture only by
 * name, as nobody looks at what they captured. */
static const uint32_t compile_options =
    PCRE2_UTF | PCRE2_CASELESS | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
    PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE;

/* Room for compiled code to backtrack in; reserved once, touched as needed. */
enum {
    STACK_FIRST = 16 * 1024,
    STACK_MOST = PATTERN_HEAP_LIMIT_KIB * 1024
};

/* A code is NULL until its first use, and the set itself if it failed to
 * compile. */
struct pattern_set {
    size_t count;
    _Atomic(void *) codes[];
};

struct pattern_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; /* NULL where there is no JIT */
};

static void *
take_memory(size_t size, void *nothing)
{
    (void)nothing;
    return memory_new(1, size);
}

static void
give_memory(void *memory, void *nothing)
{
    (void)nothing;
    memory_free(memory);
}

static pcre2_general_context *
general_context_new(void)
{
    return pcre2_general_context_create(take_memory, give_memory, NULL);
}

/* PCRE2 takes no NULL, not even of size 0. */
static PCRE2_SPTR
bytes_of(struct text text)
{
    return (PCRE2_SPTR)(text.data ? text.data : "");
}

/* NULL, and PCRE2's number for the error and the place of it. */
static pcre2_code *
compile(struct text source, int *error, size_t *offset)
{
    *error = PCRE2_ERROR_NOMEMORY;
    *offset = 0;
    pcre2_general_context *general = general_context_new();
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_code *code = NULL;
    if (general && context)
        code = pcre2_compile(bytes_of(source), source.size, compile_options,
                             error, offset, context);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    return code;
}

bool
pattern_check(struct text source, char message[PATTERN_MESSAGE_SIZE],
              size_t *offset)
{
    int error;
    message[0] = '\0';
    pcre2_code *code = compile(source, &error, offset);
    if (!code)
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message,
                                PATTERN_MESSAGE_SIZE);
    pcre2_code_free(code);
    return code != NULL;
}

struct pattern_set *
pattern_set_new(size_t count)
{
    struct pattern_set *set;
    if (count > (SIZE_MAX - sizeof *set) / sizeof set->codes[0])
        return NULL;
    set = memory_new(1, sizeof *set + count * sizeof set->codes[0]);
    if (!set)
        return NULL;
    set->count = count;
    for (size_t i = 0; i < count; i++)
        atomic_init(&set->codes[i], NULL);
    return set;
}

void
pattern_set_free(struct pattern_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        void *code = atomic_load(&set->codes[i]);
        if (code != set)
            pcre2_code_free(code);
    }
    memory_free(set);
}

static bool
jit_is_available(void)
{
    uint32_t available = 0; /* and so it stays where PCRE2 knows of no JIT */
    pcre2_config(PCRE2_CONFIG_JIT, &available);
    return available != 0;
}

static bool
matcher_init(struct pattern_matcher *matcher, pcre2_general_context *general)
{
    matcher->data = pcre2_match_data_create(1, general);
    matcher->context = pcre2_match_context_create(general);
    if (!matcher->data || !matcher->context)
        return false;
    pcre2_set_match_limit(matcher->context, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(matcher->context, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(matcher->context, PATTERN_HEAP_LIMIT_KIB);
    if (!jit_is_available())
        return true;
    matcher->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, general);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher->stack != NULL;
}

struct pattern_matcher *
pattern_matcher_new(void)
{
    struct pattern_matcher *matcher = memory_new(1, sizeof *matcher);
    pcre2_general_context *general = general_context_new();
    bool ready = matcher && general && matcher_init(matcher, general);
    pcre2_general_context_free(general);
    if (ready)
        return matcher;
    pattern_matcher_free(matcher);
    return NULL;
}

void
pattern_matcher_free(struct pattern_matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
    memory_free(matcher);
}

static bool
is_memory_error(int error)
{
    return error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED;
}

/* Compiles and publishes; the code of whoever was first is everybody's. */
static void *
compile_once(struct pattern_set *set, size_t index, struct text source)
{
    int error;
    size_t offset;
    void *published = NULL;
    pcre2_code *code = compile(source, &error, &offset);
    if (!code && is_memory_error(error))
        return set; /* another time there may be memory */
    if (code)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* else interpreted */
    void *mine = code ? (void *)code : (void *)set;
    if (atomic_compare_exchange_strong(&set->codes[index], &published, mine))
        return mine;
    pcre2_code_free(code);
    return published;
}

bool
pattern_set_compile(struct pattern_set *set, size_t index, struct text source)
{
    if (index >= set->count)
        return true; /* says nothing, whatever memory there is */
    if (!atomic_load(&set->codes[index]))
        compile_once(set, index, source);
    return atomic_load(&set->codes[index]) != NULL;
}

enum pattern_answer
pattern_set_match(struct pattern_set *set, size_t index, struct text source,
                  struct text subject, struct pattern_matcher *matcher)
{
    if (index >= set->count || !text_is_utf8(subject))
        return PATTERN_UNDECIDED;
    void *code = atomic_load_explicit(&set->codes[index], memory_order_acquire);
    if (!code)
        code = compile_once(set, index, source);
    if (code == set)
        return PATTERN_UNDECIDED;
    int result =
        pcre2_match(code, bytes_of(subject), subject.size, 0,
                    PCRE2_NO_UTF_CHECK, matcher->data, matcher->context);
    if (result == PCRE2_ERROR_NOMATCH)
        return PATTERN_NO;
    return result >= 0 ? PATTERN_YES : PATTERN_UNDECIDED;
}
