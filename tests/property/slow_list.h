/* Lists, the slow way: entries one by one, three-valued (policy.md §4). */
#ifndef TESTS_SLOW_LIST_H
#define TESTS_SLOW_LIST_H

#include "plain.h"

enum truth {
    NO,
    YES,
    UNDECIDED
};

enum truth truth_or(enum truth a, enum truth b);
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_not(enum truth a);
enum truth truth_of(bool value);

/* What has been seen, so that a run can show that it saw everything. */
struct coverage {
    unsigned long reasons[REASONS];
    unsigned long conditions[RIGHTS][2][CONDITIONS][3]; /* [deny] [truth] */
    unsigned long entries[ENTRY_KINDS][2][2];           /* [exclude] [hit] */
    /* The client is an interval's first or last address, or just outside. */
    unsigned long at_first, at_last, before_first, behind_last;
    /* For the entry .name: name itself, x.name, xname. */
    unsigned long label_itself, label_below, label_run_on;
};

/* A transaction as it is judged: domains defaulted, recipient rerouted. */
struct subject {
    const struct policy *policy;
    const struct facts *facts;
    struct mail sender, recipient; /* NOT_GIVEN: not yet */
    bool rerouted;
    struct coverage *coverage;
};

bool text_is(const char *a, const char *b);
/* The same with ASCII letters folded. */
bool text_is_folded(const char *a, const char *b);

/* The most specific entry of all of `domains:`, or NULL. */
const struct domain *domain_of(const struct policy *policy, const char *name);
/* [ip] is the listener, or one of `literals`. */
bool literal_is_ours(const struct subject *subject, const struct ip *ip);
/* "local@domain", or what stands for it. */
void mail_text(const struct mail *mail, char *out, size_t size);
bool is_authenticated(const struct subject *subject);
/* What the policy knows of the identity: a member by its own list. */
bool is_static_member(const struct list *list, const char *identity);

enum truth pattern_truth(const struct pattern *pattern, const char *text);
enum truth client_in(const struct subject *subject, const struct list *list);
enum truth user_in(const struct subject *subject, const struct list *list);
enum truth mail_in(const struct subject *subject, const struct list *list,
                   const struct mail *mail, bool is_sender);
bool listener_in(const struct subject *subject, const struct list *list);
bool certificate_in(const struct subject *subject, const struct list *list);
bool range_holds_ip(const struct entry *entry, const struct ip *ip);
bool endpoint_holds(const struct entry *entry, const struct facts *facts);
/* Whether the list, or one that it names, has an entry of this kind. */
bool list_mentions(const struct list *list, enum entry_kind kind);

#endif
