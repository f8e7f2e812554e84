#include "dns/lookups.h"

#include "base/memory.h"
#include "dns/confirm.h"

enum {
    ENTRIES_FIRST = 10000,
    SECONDS_FIRST = 3600,
    DEADLINE_FIRST_MS = 10000
};

/* A question on its way; its look-up is NULL once that is over. */
struct sent {
    struct lookup *lookup;
    struct sent *previous, *next; /* of the same look-up */
    unsigned number;
};

struct lookup {
    struct table_entry entry; /* first, so that either leads to the other */
    struct lookup *previous, *next;
    struct lookups *lookups;
    uint64_t deadline_ms;
    struct confirm confirm;
    struct sent *sent;
    struct waiter *waiters;
    struct mayrelay_dns_answer *spare; /* for when memory runs out */
    unsigned asking;                   /* calls of ask_more under way */
};

static void ask_more(struct lookup *lookup);

static void
close_retired(struct lookups *lookups)
{
    struct cares *retired = lookups->retired;
    lookups->retired = NULL;
    cares_free(retired);
}

static void
close_sockets(struct lookups *lookups)
{
    struct cares *cares = lookups->cares;
    lookups->cares = NULL;
    cares_free(cares);
    close_retired(lookups);
}

bool
lookups_init(struct lookups *lookups)
{
    *lookups = (struct lookups){.settings.deadline_ms = DEADLINE_FIRST_MS};
    lookups->finished_behind = &lookups->finished;
    sockets_init(&lookups->sockets);
    if (!table_init(&lookups->under_way))
        return false;
    if (cache_init(&lookups->cache, ENTRIES_FIRST, SECONDS_FIRST))
        return true;
    table_clear(&lookups->under_way);
    return false;
}

/* -- waiters ------------------------------------------------------------ */

void
waiter_free(struct waiter *waiter)
{
    if (waiter)
        mayrelay_dns_answer_free(waiter->answer);
    memory_free(waiter);
}

/* Who resolves looks at its own waiter. */
static void
finish_waiter(struct lookups *lookups, struct waiter *waiter,
              struct mayrelay_dns_answer *answer)
{
    waiter->answer = answer;
    waiter->next = NULL;
    if (waiter->resolving)
        return;
    *lookups->finished_behind = waiter;
    lookups->finished_behind = &waiter->next;
}

static void
free_waiters(struct waiter **first)
{
    while (*first) {
        struct waiter *waiter = *first;
        *first = waiter->next;
        waiter_free(waiter);
    }
}

/* A failed look-up in the place of an answer that is not for this process. */
static bool
replace_lost(struct waiter *waiter)
{
    if (!waiter->lost)
        return true;
    struct mayrelay_dns_answer *failed = dns_answer_new(
        dns_answer_client(waiter->answer), MAYRELAY_DNS_FAILED, 0, NULL, 0);
    if (!failed)
        return false;
    mayrelay_dns_answer_free(waiter->answer);
    waiter->answer = failed;
    waiter->lost = false;
    return true;
}

struct waiter *
lookups_take(struct lookups *lookups)
{
    struct waiter *waiter = lookups->finished;
    if (!waiter || !replace_lost(waiter))
        return NULL;
    lookups->finished = waiter->next;
    if (!waiter->next)
        lookups->finished_behind = &lookups->finished;
    return waiter;
}

/* Returns the link behind the last waiter that stays. */
static struct waiter **
forget_in(struct waiter **link, uint64_t token)
{
    while (*link) {
        struct waiter *waiter = *link;
        if (waiter->resolving || waiter->token != token) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        waiter_free(waiter);
    }
    return link;
}

void
lookups_forget(struct lookups *lookups, uint64_t token)
{
    lookups->finished_behind = forget_in(&lookups->finished, token);
    for (struct lookup *at = lookups->first; at; at = at->next)
        forget_in(&at->waiters, token);
}

void
lookups_drop(struct lookups *lookups, struct address client,
             struct waiter *waiter)
{
    struct lookup *lookup =
        (struct lookup *)table_find(&lookups->under_way, client);
    struct waiter **link = lookup ? &lookup->waiters : NULL;
    while (link && *link && *link != waiter)
        link = &(*link)->next;
    if (link && *link)
        *link = waiter->next;
    waiter_free(waiter);
}

/* -- the order of deadlines ---------------------------------------------- */

static void
link_lookup(struct lookups *lookups, struct lookup *lookup)
{
    struct lookup *before = lookups->last;
    while (before && before->deadline_ms > lookup->deadline_ms)
        before = before->previous;
    lookup->previous = before;
    lookup->next = before ? before->next : lookups->first;
    if (lookup->next)
        lookup->next->previous = lookup;
    else
        lookups->last = lookup;
    if (before)
        before->next = lookup;
    else
        lookups->first = lookup;
}

static void
unlink_lookup(struct lookups *lookups, struct lookup *lookup)
{
    if (lookup->previous)
        lookup->previous->next = lookup->next;
    else
        lookups->first = lookup->next;
    if (lookup->next)
        lookup->next->previous = lookup->previous;
    else
        lookups->last = lookup->previous;
}

/* -- one look-up --------------------------------------------------------- */

static struct lookup *
lookup_new(struct lookups *lookups, struct address client)
{
    struct lookup *lookup = memory_new(1, sizeof *lookup);
    if (!lookup)
        return NULL;
    lookup->spare = dns_answer_new(client, MAYRELAY_DNS_FAILED, 0, NULL, 0);
    if (!lookup->spare) {
        memory_free(lookup);
        return NULL;
    }
    lookup->entry.key = client;
    lookup->lookups = lookups;
    lookup->deadline_ms = lookups->now_ms + lookups->settings.deadline_ms;
    confirm_begin(&lookup->confirm, client);
    table_add(&lookups->under_way, &lookup->entry);
    link_lookup(lookups, lookup);
    lookups->started++;
    return lookup;
}

/* Questions that are still on their way come back to nobody. */
static void
lookup_free(struct lookup *lookup)
{
    struct lookups *lookups = lookup->lookups;
    for (struct sent *sent = lookup->sent; sent; sent = sent->next)
        sent->lookup = NULL;
    free_waiters(&lookup->waiters);
    unlink_lookup(lookups, lookup);
    table_remove(&lookups->under_way, &lookup->entry);
    mayrelay_dns_answer_free(lookup->spare);
    memory_free(lookup);
}

static void
finish_lookup(struct lookup *lookup)
{
    struct lookups *lookups = lookup->lookups;
    struct mayrelay_dns_answer *answer = confirm_answer(&lookup->confirm);
    if (!answer)
        answer = dns_answer_ref(lookup->spare);
    if (!mayrelay_dns_answer_is_known(answer))
        lookups->failed++;
    cache_put(&lookups->cache, answer, lookups->now_ms);
    while (lookup->waiters) {
        struct waiter *waiter = lookup->waiters;
        lookup->waiters = waiter->next;
        finish_waiter(lookups, waiter, dns_answer_ref(answer));
    }
    mayrelay_dns_answer_free(answer);
    lookup_free(lookup);
}

static void
fail_lookup(struct lookup *lookup, enum mayrelay_dns_result result)
{
    confirm_give_up(&lookup->confirm, result);
    finish_lookup(lookup);
}

/* -- its questions ------------------------------------------------------- */

static void
detach(struct sent *sent)
{
    if (sent->previous)
        sent->previous->next = sent->next;
    else
        sent->lookup->sent = sent->next;
    if (sent->next)
        sent->next->previous = sent->previous;
}

static void
on_done(void *context, enum mayrelay_dns_result result, const void *data,
        size_t size)
{
    struct sent *sent = context;
    struct lookup *lookup = sent->lookup;
    unsigned number = sent->number;
    if (lookup)
        detach(sent);
    memory_free(sent);
    if (!lookup)
        return;
    confirm_take(&lookup->confirm, number, result, data, size);
    ask_more(lookup);
}

/* A socket stays open, as a new one for every question costs more than the
 * question; but not for ever, as each has another port, which a forger must
 * guess.  What is on its way still comes to the old one.  There is one such at
 * a time: the next waits for it, no longer than the look-ups that do. */
static void
change_ports(struct lookups *lookups)
{
    if (!lookups->cares || lookups->retired ||
        lookups->questions - lookups->questions_at_open < QUESTIONS_OF_PORT)
        return;
    lookups->retired = lookups->cares;
    lookups->retired_until_ms =
        lookups->last ? lookups->last->deadline_ms : lookups->now_ms;
    lookups->cares = NULL;
}

static size_t
questions_pending(const struct lookups *lookups)
{
    return (lookups->cares ? cares_pending(lookups->cares) : 0) +
           (lookups->retired ? cares_pending(lookups->retired) : 0);
}

static bool
have_cares(struct lookups *lookups)
{
    if (!lookups->cares)
        lookups->questions_at_open = lookups->questions;
    if (!lookups->cares)
        lookups->cares = cares_new(&lookups->settings, &lookups->sockets);
    return lookups->cares && questions_pending(lookups) < QUESTIONS_MOST;
}

static void
send_question(struct lookup *lookup, const struct question *question)
{
    struct lookups *lookups = lookup->lookups;
    struct sent *sent =
        have_cares(lookups) ? memory_new(1, sizeof *sent) : NULL;
    if (!sent) {
        confirm_take(&lookup->confirm, question->number, MAYRELAY_DNS_FAILED,
                     NULL, 0);
        return;
    }
    *sent = (struct sent){lookup, NULL, lookup->sent, question->number};
    if (lookup->sent)
        lookup->sent->previous = sent;
    lookup->sent = sent;
    lookups->questions++;
    cares_ask(lookups->cares, question->name, (uint16_t)question->type, on_done,
              sent);
}

/* An answer may come before cares_ask returns, and lead here again: only the
 * outermost call finishes the look-up. */
static void
ask_more(struct lookup *lookup)
{
    struct question question;
    lookup->asking++;
    while (confirm_next(&lookup->confirm, &question))
        send_question(lookup, &question);
    lookup->asking--;
    if (lookup->asking == 0 && confirm_is_over(&lookup->confirm))
        finish_lookup(lookup);
}

/* -- all of them ---------------------------------------------------------- */

bool
lookups_join(struct lookups *lookups, struct address client,
             struct waiter *waiter)
{
    struct mayrelay_dns_answer *answer =
        cache_get(&lookups->cache, client, lookups->now_ms);
    if (answer) {
        lookups->cache_hits++;
        finish_waiter(lookups, waiter, answer);
        return true;
    }
    struct lookup *lookup =
        (struct lookup *)table_find(&lookups->under_way, client);
    bool fresh = !lookup;
    if (fresh) {
        change_ports(lookups);
        lookup = lookup_new(lookups, client);
    }
    if (!lookup)
        return false;
    waiter->next = lookup->waiters;
    lookup->waiters = waiter;
    lookups->shared += !fresh;
    if (fresh && lookups->under_way.count > LOOKUPS_MOST)
        fail_lookup(lookup, MAYRELAY_DNS_FAILED);
    else if (fresh)
        ask_more(lookup);
    return true;
}

/* A socket that is not its own means nothing to c-ares. */
static void
process(struct lookups *lookups, int fd, short ready)
{
    if (lookups->retired)
        cares_process(lookups->retired, fd, ready);
    if (lookups->cares)
        cares_process(lookups->cares, fd, ready);
}

void
lookups_poll(struct lookups *lookups, int timeout_ms)
{
    const struct pollfd *ready;
    size_t count = sockets_poll(&lookups->sockets, timeout_ms, &ready);
    bool processed = false;
    for (size_t i = 0; i < count; i++) {
        if (!ready[i].revents)
            continue;
        process(lookups, ready[i].fd, ready[i].revents);
        processed = true;
    }
    /* For what is due without a word from the network. */
    if (!processed)
        process(lookups, -1, 0);
}

void
lookups_expire(struct lookups *lookups)
{
    while (lookups->first && lookups->first->deadline_ms <= lookups->now_ms) {
        lookups->expired++;
        fail_lookup(lookups->first, MAYRELAY_DNS_TIMEOUT);
    }
    if (lookups->retired && (cares_pending(lookups->retired) == 0 ||
                             lookups->retired_until_ms <= lookups->now_ms))
        close_retired(lookups);
}

/* First the descriptor, as closing a socket takes it off there, and a child
 * shares that with its parent. */
void
lookups_abandon(struct lookups *lookups)
{
    sockets_clear(&lookups->sockets);
    for (struct waiter *at = lookups->finished; at; at = at->next)
        at->lost = true;
    while (lookups->first)
        fail_lookup(lookups->first, MAYRELAY_DNS_FAILED);
    close_sockets(lookups);
}

void
lookups_renew(struct lookups *lookups)
{
    if (!lookups->first)
        close_sockets(lookups);
}

void
lookups_clear(struct lookups *lookups)
{
    sockets_clear(&lookups->sockets);
    while (lookups->first)
        lookup_free(lookups->first);
    close_sockets(lookups);
    free_waiters(&lookups->finished);
    cache_clear(&lookups->cache);
    table_clear(&lookups->under_way);
}

static uint64_t
earlier(uint64_t due_ms, uint64_t now_ms, const struct cares *cares)
{
    int left_ms = cares ? cares_timeout_ms(cares) : -1;
    bool is_earlier = left_ms >= 0 && now_ms + (uint64_t)left_ms < due_ms;
    return is_earlier ? now_ms + (uint64_t)left_ms : due_ms;
}

uint64_t
lookups_due_ms(const struct lookups *lookups)
{
    uint64_t due = lookups->first ? lookups->first->deadline_ms : UINT64_MAX;
    due = earlier(due, lookups->now_ms, lookups->cares);
    return earlier(due, lookups->now_ms, lookups->retired);
}
