#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff/mail.h"
#include "diff/replay.h"
#include "session/session.h"

/* Cells by what they are, wherever their literals stand. */
struct index {
    struct intern keys;
    uint32_t cells[4096];
};

struct probe {
    struct difference d;
    mayrelay_policy *policies[SIDES];
    struct index names, groups, identities, certificates, senders, recipients;
    struct mail sender, recipient;
};

static void
build_index(struct index *index, const struct cells *cells)
{
    for (uint32_t i = 0; i < cells->keys.count && i < 4096; i++) {
        struct cell_key key = *cells_key(cells, i);
        key.literal_high = key.literal_low = 0;
        key.literal_family = key.place = 0;
        size_t known = index->keys.count;
        uint32_t number = intern_add(
            &index->keys, (struct text){(const char *)&key, sizeof key});
        if (number == known)
            index->cells[number] = i;
    }
}

static uint32_t
find_cell(const struct index *index, const struct cell_key *key)
{
    uint32_t found = intern_find(&index->keys,
                                 (struct text){(const char *)key, sizeof *key});
    return found ? index->cells[found - 1] : UINT32_MAX;
}

struct probe *
probe_new(mayrelay_policy *old, mayrelay_policy *new)
{
    struct probe *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->policies[OLD] = old;
    p->policies[NEW] = new;
    difference_build(&p->d, old, new);
    struct values *v = &p->d.values;
    if (p->d.failed || p->d.over_budget) {
        difference_clear(&p->d);
        free(p);
        return NULL;
    }
    if (!v->pair) /* the very same policies */
        return p;
    build_index(&p->names, &v->names);
    build_index(&p->groups, &v->groups);
    build_index(&p->identities, &v->identities);
    build_index(&p->certificates, &v->certificates);
    build_index(&p->senders, &v->senders);
    build_index(&p->recipients, &v->recipients);
    mail_init(&p->sender, v, true);
    mail_init(&p->recipient, v, false);
    return p;
}

void
probe_free(struct probe *p)
{
    if (!p)
        return;
    struct index *all[] = {&p->names,        &p->groups,  &p->identities,
                           &p->certificates, &p->senders, &p->recipients};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        intern_clear(&all[i]->keys);
    if (p->d.values.pair) {
        mail_clear(&p->sender);
        mail_clear(&p->recipient);
    }
    difference_clear(&p->d);
    free(p);
}

const struct difference *
probe_difference(const struct probe *p)
{
    return &p->d;
}

bool
probe_has_changes(const struct probe *p)
{
    return p->d.field_count > 0;
}

/* -- where the client is -------------------------------------------------- */

static const struct door *
find_door(const struct probe *p, struct endpoint listener)
{
    const struct difference *d = &p->d;
    for (int exact = 1; exact >= 0; exact--)
        for (size_t i = 0; i < d->door_count; i++) {
            struct entrance old = entrance_of(d->pair.images[OLD], listener);
            struct entrance new = entrance_of(d->pair.images[NEW], listener);
            const struct door *door = &d->doors[i];
            if (entrance_is_same(&old, &door->sides[OLD]) &&
                entrance_is_same(&new, &door->sides[NEW]) &&
                (exact ? address_equal(door->actual.address, listener.address)
                       : !door->alone))
                return door;
        }
    return NULL;
}

/* The one field that the client is in, NULL if there is none. */
static const struct field *
find_field(const struct probe *p, const struct door *door,
           struct address client, bool *broken)
{
    const struct field *found = NULL;
    for (size_t i = 0; i < p->d.field_count; i++) {
        const struct field *field = &p->d.fields[i];
        for (size_t j = 0; j < field->count; j++) {
            if (&p->d.doors[field->door] != door ||
                !range_contains(field->ranges[j], client))
                continue;
            *broken |= found != NULL;
            found = field;
        }
    }
    return found;
}

/* -- which option --------------------------------------------------------- */

struct asking {
    struct probe *probe;
    const struct transaction *t[SIDES];
    const struct probe_said *said;
    const struct cell_key *identity, *sender; /* once they are known */
    struct cell_key identity_room, sender_room;
};

static struct text
fold(struct text text, char *room)
{
    text_fold(room, text);
    return (struct text){room, text.size};
}

static uint32_t
option_of(const struct choice *choice, const struct index *index,
          const struct cell_key *key)
{
    uint32_t cell = find_cell(index, key);
    return cell == UINT32_MAX ? UINT32_MAX : choice->option_of_cell[cell];
}

static uint32_t
identity_option(struct asking *a, const struct choice *choice)
{
    char room[IDENTITY_MOST];
    const struct identity_facts *identity = &a->t[OLD]->facts->identity;
    const struct identity_facts *other = &a->t[NEW]->facts->identity;
    if (!identity->authenticated)
        identity = other;
    struct text name = {identity->name,
                        identity->authenticated ? identity->name_size : 0};
    values_key(&a->probe->d.values, VALUE_IDENTITY, fold(name, room),
               &a->identity_room);
    a->identity = &a->identity_room;
    return option_of(choice, &a->probe->identities, a->identity);
}

static uint32_t
tls_option(struct asking *a, const struct choice *choice)
{
    char bytes[32];
    struct cell_key key;
    if (!a->t[OLD]->facts->identity.tls) {
        memset(&key, 0, sizeof key);
        key.views[OLD].traits = key.views[NEW].traits = TRAIT_PLAIN_TEXT;
        return option_of(choice, &a->probe->certificates, &key);
    }
    struct text print = TEXT("");
    if (a->said->certificate) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] =
                (char)(ascii_hex_value(a->said->certificate[2 * i]) * 16 +
                       ascii_hex_value(a->said->certificate[2 * i + 1]));
        print = (struct text){bytes, sizeof bytes};
    }
    values_key(&a->probe->d.values, VALUE_CERTIFICATE, print, &key);
    return option_of(choice, &a->probe->certificates, &key);
}

static uint32_t
sender_option(struct asking *a, const struct choice *choice)
{
    mail_key(&a->probe->sender, text_of(a->said->sender),
             a->t[OLD]->facts->client.listener.address, &a->sender_room);
    a->sender = &a->sender_room;
    return option_of(choice, &a->probe->senders, a->sender);
}

static uint32_t
recipient_option(struct asking *a, const struct choice *choice)
{
    struct cell_key key;
    if (a->said->recipient) {
        mail_key(&a->probe->recipient, text_of(a->said->recipient),
                 a->t[OLD]->facts->client.listener.address, &key);
    } else {
        memset(&key, 0, sizeof key);
        key.views[OLD].traits = key.views[NEW].traits = TRAIT_LATER;
    }
    return option_of(choice, &a->probe->recipients, &key);
}

static uint32_t
owned_option(const struct asking *a)
{
    uint32_t option = 0;
    for (int s = SIDES; s-- > 0;) {
        const struct sender_facts *sender = &a->t[s]->facts->sender;
        uint32_t owned = sender->owned       ? OWNERSHIP_OWNED
                         : sender->not_owned ? OWNERSHIP_NOT_OWNED
                                             : OWNERSHIP_NONE;
        option = option * OWNERSHIPS + owned;
    }
    return option;
}

static uint32_t
presence_option(const struct asking *a, const struct choice *choice,
                enum value_kind kind, const struct index *index)
{
    const struct client_facts *client = &a->t[OLD]->facts->client;
    size_t count =
        kind == VALUE_NAME ? client->name_count : (size_t)a->said->group_count;
    for (size_t i = 0; i < count; i++) {
        char room[IDENTITY_MOST];
        struct cell_key key;
        struct text text =
            kind == VALUE_NAME
                ? (struct text){client->names[i].text, client->names[i].size}
                : fold(text_of(a->said->groups[i]), room);
        values_key(&a->probe->d.values, kind, text, &key);
        uint32_t cell = find_cell(index, &key);
        for (size_t j = 0; j < choice->member_count; j++)
            if (cell == choice->members[j])
                return OPTION_PRESENT;
    }
    return OPTION_ABSENT;
}

/* -- patterns ---------------------------------------------------------------
 */

static uint32_t
pattern_number(const struct image *image, struct text pattern)
{
    for (uint32_t i = 0; i < image->settings->pattern_count; i++)
        if (text_equal(image_pattern(image, i), pattern))
            return i;
    return UINT32_MAX;
}

static enum truth
match_mailbox(const struct transaction *t, uint32_t pattern)
{
    struct mailbox_forms forms;
    enum truth truth = TRUTH_NO;
    if (!t->facts->recipient.check)
        return TRUTH_NO;
    mailbox_forms(t, t->facts->recipient.check, &forms);
    for (size_t i = 0; i < forms.count; i++) {
        struct subjects whole = {.one = forms.wholes[i], .count = 1};
        truth = truth_or(truth, pattern_match(t, pattern, &whole));
    }
    return truth;
}

static enum truth
match_pattern(const struct transaction *t, const struct choice *choice,
              uint32_t pattern)
{
    switch (choice->kind) {
    case CHOICE_NAME_PATTERN:
        return pattern_match(t, pattern,
                             &t->sights[CONDITION_CLIENTS].subjects);
    case CHOICE_IDENTITY_PATTERN:
        return pattern_match(t, pattern, &t->sights[CONDITION_USERS].subjects);
    case CHOICE_SENDER_PATTERN:
        return pattern_match(t, pattern,
                             &t->sights[CONDITION_SENDERS].subjects);
    case CHOICE_RECIPIENT_PATTERN:
        return pattern_match(t, pattern,
                             &t->sights[CONDITION_RECIPIENTS].subjects);
    case CHOICE_MAILBOX_PATTERN: return match_mailbox(t, pattern);
    default: return TRUTH_NO;
    }
}

static uint32_t
pattern_option(const struct asking *a, const struct choice *choice)
{
    static const uint32_t OPTIONS[] = {
        [TRUTH_NO] = 0, [TRUTH_YES] = 1, [TRUTH_UNKNOWN] = 2};
    uint32_t options[SIDES];
    bool known[SIDES];
    for (int s = 0; s < SIDES; s++) {
        uint32_t number =
            pattern_number(a->probe->d.pair.images[s], choice->pattern);
        known[s] = number != UINT32_MAX;
        options[s] =
            known[s] ? OPTIONS[match_pattern(a->t[s], choice, number)] : 0;
    }
    if (choice->apart) {
        if (!known[OLD])
            options[OLD] = options[NEW];
        if (!known[NEW])
            options[NEW] = options[OLD];
        return options[OLD] + 3 * options[NEW];
    }
    /* One of them may have no text to try it on. */
    return options[OLD] ? options[OLD] : options[NEW];
}

static uint32_t
find_option(struct asking *a, const struct choice *choice)
{
    const struct facts *facts = a->t[OLD]->facts;
    switch (choice->kind) {
    case CHOICE_ADDRESS: break;
    case CHOICE_NAMES:
        return facts->client.names_state == LOOK_UP_KNOWN ? OPTION_KNOWN
                                                          : OPTION_UNKNOWN;
    case CHOICE_NAME:
        return presence_option(a, choice, VALUE_NAME, &a->probe->names);
    case CHOICE_IDENTITY: return identity_option(a, choice);
    case CHOICE_GROUPS:
        return facts->identity.groups_state == LOOK_UP_KNOWN ? OPTION_KNOWN
                                                             : OPTION_UNKNOWN;
    case CHOICE_GROUP:
        return presence_option(a, choice, VALUE_GROUP, &a->probe->groups);
    case CHOICE_TLS: return tls_option(a, choice);
    case CHOICE_SENDER: return sender_option(a, choice);
    case CHOICE_OWNED: return owned_option(a);
    case CHOICE_RECIPIENT: return recipient_option(a, choice);
    case CHOICE_EXISTS:
        if (facts->recipient.exists_state != LOOK_UP_KNOWN)
            return OPTION_EXISTS_UNKNOWN;
        return facts->recipient.exists ? OPTION_EXISTS_YES : OPTION_EXISTS_NO;
    case CHOICE_REWRITES:
        return a->said->rewrites ? OPTION_REWRITES_YES : OPTION_REWRITES_NO;
    case CHOICE_NAME_PATTERN:
    case CHOICE_IDENTITY_PATTERN:
    case CHOICE_SENDER_PATTERN:
    case CHOICE_RECIPIENT_PATTERN:
    case CHOICE_MAILBOX_PATTERN: return pattern_option(a, choice);
    }
    return UINT32_MAX;
}

/* -- the walk ----------------------------------------------------------- */

static struct probe_decision
decision_of_ending(const struct ending *ending)
{
    return (struct probe_decision){
        ending->verdict,  ending->reason,   ending->kind,     ending->code,
        ending->enhanced, ending->is_relay, ending->elsewhere};
}

enum probe_answer
probe_ask(struct probe *p, mayrelay_session *const sessions[2],
          const struct probe_said *said, struct probe_decision decisions[2])
{
    struct asking a = {.probe = p, .said = said};
    for (int s = 0; s < SIDES; s++)
        a.t[s] = &sessions[s]->decision.transaction;
    const struct client_facts *client = &a.t[OLD]->facts->client;
    if (!p->d.values.pair)
        return PROBE_SAME;
    const struct door *door = find_door(p, client->listener);
    bool broken = !door;
    const struct field *field =
        door ? find_field(p, door, client->address, &broken) : NULL;
    if (broken)
        return PROBE_BROKEN;
    if (!field)
        return PROBE_SAME;
    const struct plane *plane = p->d.planes[field->plane];
    uint32_t leads = field->leads;
    while (!leads_to_leaf(leads)) {
        struct map_node node = map_node(&plane->map, leads);
        const struct choice *choice = &plane->choices.items[node.choice];
        uint32_t option = find_option(&a, choice);
        if (option >= choice->option_count)
            return PROBE_UNSAID;
        leads = node.leads[option];
    }
    if (leads == LEAF(0))
        return PROBE_SAME;
    for (int s = 0; s < SIDES; s++)
        decisions[s] = decision_of_ending(
            difference_outcome(&p->d, leaf_value(leads), (enum side)s));
    return PROBE_CHANGED;
}

/* -- witnesses ---------------------------------------------------------- */

struct replaying {
    struct probe *probe;
    mayrelay_session *sessions[SIDES];
    struct probe_witnesses *counts;
    int left;
};

static bool
replay_box(void *context, const struct box *box)
{
    struct replaying *r = context;
    char dialogue[8192] = "";
    struct output out = output_to(dialogue, sizeof dialogue);
    struct witness witness;
    switch (box_replay(&r->probe->d, box, r->sessions, &witness, &out)) {
    case BOX_SHOWN: r->counts->shown++; break;
    case BOX_HIDDEN: r->counts->hidden++; break;
    default:
        r->counts->broken++;
        printf("%s", dialogue);
        for (int s = 0; s < SIDES; s++) {
            const struct ending *ending =
                difference_outcome(&r->probe->d, box->value, (enum side)s);
            printf("said: %d %s %s\n", ending->code, ending->enhanced,
                   mayrelay_reason_name(ending->reason));
        }
        return false;
    }
    return --r->left > 0;
}

void
probe_replay(struct probe *p, struct probe_witnesses *counts)
{
    struct replaying r = {.probe = p, .counts = counts};
    bool failed = false;
    for (int s = 0; s < SIDES; s++)
        r.sessions[s] = mayrelay_session_new(p->policies[s]);
    for (size_t i = 0; i < p->d.field_count; i++) {
        r.left = 12;
        boxes_each(&p->d, &p->d.fields[i], replay_box, &r, &failed);
    }
    for (int s = 0; s < SIDES; s++)
        mayrelay_session_free(r.sessions[s]);
}
