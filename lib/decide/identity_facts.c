/* Who the client is: TLS, its certificate, its identity and groups. */
#include <string.h>

#include "base/memory.h"
#include "decide/take.h"
#include "image/provenance.h"

void
facts_tls(struct facts *facts, struct text fingerprint)
{
    unsigned count = 0;
    facts_clear_identity(facts); /* RFC 3207 §4.2 */
    facts->identity.tls = true;
    facts->identity.certificate = (struct masks){0};
    facts->identity.certificate_hash = provenance_hash(fingerprint);
    if (fingerprint.size)
        take_text(facts, &facts->image->certificates, ATTRIBUTE_CERTIFICATE,
                  fingerprint, &facts->identity.certificate, &count);
}

/* The empty text, or one that is listed; folded. */
static bool
is_nobody(struct facts *facts, struct text name)
{
    uint32_t listed = 0;
    name = text_trim(name);
    if (name.size == 0)
        return true;
    if (!text_set_lookup(&facts->image->anonymous, name, &listed))
        facts->damaged = true;
    return listed != 0;
}

/* policy.md §5: an identity counts as nobody if it, or a part of it between
 * '\' and '@', is empty or listed. */
bool
facts_is_anonymous(struct facts *facts, struct text identity)
{
    size_t start = 0;
    for (size_t i = 0; i < identity.size; i++) {
        if (identity.data[i] != '\\' && identity.data[i] != '@')
            continue;
        if (is_nobody(facts, text_slice(identity, start, i)))
            return true;
        start = i + 1;
    }
    if (start > 0 && is_nobody(facts, text_from(identity, start)))
        return true;
    return is_nobody(facts, identity);
}

static void
take_identity(struct facts *facts, struct text folded)
{
    struct identity_facts *identity = &facts->identity;
    uint32_t class = 0;
    uint32_t owner_lists = 0;
    unsigned count = 0;
    if (!text_set_lookup(&facts->image->identities, folded, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, ATTRIBUTE_IDENTITY, class, &identity->masks, &count,
                   &owner_lists);
    if (!owner_lists)
        return;
    identity->owner_lists = image_counted(facts->image, owner_lists - 1,
                                          &identity->owner_list_count);
    facts->damaged |= !identity->owner_lists;
}

void
facts_auth(struct facts *facts, struct text name)
{
    struct identity_facts *identity = &facts->identity;
    char room[IDENTITY_MOST];
    struct text folded = {room, name.size};
    facts_clear_identity(facts);
    if (name.size == 0 || name.size > IDENTITY_MOST)
        return;
    text_fold(room, name);
    if (facts_is_anonymous(facts, folded))
        return;
    identity->authenticated = true;
    identity->name_size = name.size;
    memcpy(identity->name, name.data, name.size);
    take_identity(facts, folded);
}

void
facts_begin_groups(struct facts *facts)
{
    struct identity_facts *identity = &facts->identity;
    if (identity->groups_state == LOOK_UP_OPEN)
        return;
    identity->groups_state = LOOK_UP_OPEN;
    identity->group_count = 0;
}

static bool
make_group_room(struct identity_facts *identity)
{
    size_t need = identity->group_count + 1;
    return memory_grow(&identity->group_masks, &identity->group_mask_room, need,
                       sizeof *identity->group_masks) &&
           memory_grow(&identity->groups, &identity->group_room, need,
                       sizeof *identity->groups);
}

/* A group that is not declared `ask` counts for nothing. */
bool
facts_add_group(struct facts *facts, struct text group)
{
    struct identity_facts *identity = &facts->identity;
    char folded[IDENTITY_MOST];
    struct text key = {folded, group.size};
    unsigned count = 0;
    facts_begin_groups(facts);
    if (group.size > IDENTITY_MOST || !make_group_room(identity))
        return false;
    text_fold(folded, group);
    take_text(facts, &facts->image->groups, ATTRIBUTE_GROUP, key,
              &identity->group_masks[identity->group_count], &count);
    struct known_group *known = &identity->groups[identity->group_count];
    struct output shown = output_to(known->name, sizeof known->name);
    output_printable(&shown, group);
    known->hash = provenance_hash(key);
    identity->group_count += count;
    return true;
}

void
facts_answer_groups(struct facts *facts, bool failed)
{
    facts_begin_groups(facts);
    facts->identity.groups_state = failed ? LOOK_UP_FAILED : LOOK_UP_KNOWN;
}
