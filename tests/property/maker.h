/* The making of one policy: what its parts share. */
#ifndef TESTS_MAKER_H
#define TESTS_MAKER_H

#include "plain.h"
#include "pools.h"
#include "random.h"

/* What a named list holds decides where it may stand. */
enum list_sort {
    SORT_RANGES, /* addresses, networks, ranges: connectors too */
    SORT_CLIENTS,
    SORT_CLIENTS_ALONE, /* with exclusions: may only stand alone */
    SORT_MAIL,
    SORT_SENDERS, /* with <> */
    SORT_MAIL_ALONE,
    SORT_DOMAINS,
    SORTS
};

struct maker {
    struct random *random;
    struct policy *policy;
    enum list_sort sorts[LISTS_MOST];
    bool no_always_relay;
};

enum {
    POOL_MAIL_PATTERNS = 9
};

extern const struct pattern MAIL_PATTERNS[POOL_MAIL_PATTERNS];

void entry_text(char to[TEXT_MOST], const char *from);
/* Another entry of the list, zeroed; the last one again if it is full. */
struct entry *list_add(struct list *list, enum entry_kind kind);

/* Each adds an entry of its kind. */
void add_range(struct maker *maker, struct list *list, int most);
void add_name(struct maker *maker, struct list *list,
              const struct pool_text *name);
void add_mailbox(struct maker *maker, struct list *list);
void add_pattern(struct list *list, const struct pattern *pattern);
void add_identity(struct list *list, const char *identity);
void add_group(struct maker *maker, struct list *list, int group);
void add_endpoint(struct maker *maker, struct list *list, bool internal);
void add_certificate(struct maker *maker, struct list *list);
/* A named list of one of the two sorts, if there is any. */
bool add_list(struct maker *maker, struct list *list, enum list_sort a,
              enum list_sort b);

/* Each adds any entry that may stand in its place. */
typedef void adder(struct maker *maker, struct list *list);
void add_client(struct maker *maker, struct list *list);
void add_mail(struct maker *maker, struct list *list);
void add_sender(struct maker *maker, struct list *list);
void add_user(struct maker *maker, struct list *list);
/* Inclusions and exclusions from `add`; seldom an empty list. */
void fill_condition_list(struct maker *maker, struct list *list, adder *add);

/* The sections of a policy. */
void make_lists(struct maker *maker);
void make_groups(struct maker *maker);
void make_domains(struct maker *maker);
void make_owner(struct maker *maker);

#endif
