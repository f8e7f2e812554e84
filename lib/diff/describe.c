#include "diff/describe.h"

enum {
    WORDS_MOST = 8
};

const char *
describe_kind(enum choice_kind kind)
{
    switch (kind) {
    case CHOICE_ADDRESS: return "client";
    case CHOICE_NAMES:
    case CHOICE_NAME:
    case CHOICE_NAME_PATTERN: return "client-name";
    case CHOICE_IDENTITY:
    case CHOICE_IDENTITY_PATTERN: return "identity";
    case CHOICE_GROUPS:
    case CHOICE_GROUP: return "group";
    case CHOICE_TLS: return "tls";
    case CHOICE_SENDER:
    case CHOICE_SENDER_PATTERN: return "sender";
    case CHOICE_OWNED: return "sender-owned";
    case CHOICE_RECIPIENT:
    case CHOICE_RECIPIENT_PATTERN: return "recipient";
    case CHOICE_EXISTS:
    case CHOICE_MAILBOX_PATTERN: return "mailbox";
    case CHOICE_REWRITES: return "host";
    }
    return "";
}

/* A list of words on its way. */
struct words {
    struct output *out;
    size_t most;
    size_t count;  /* of all */
    size_t hidden; /* that there was no room for */
};

static bool
next_word(struct words *words)
{
    if (words->count++ >= words->most) {
        words->hidden++;
        return false;
    }
    if (words->count > 1)
        output_string(words->out, ", ");
    return true;
}

static void
end_words(const struct words *words)
{
    if (words->hidden)
        output_format(words->out, ", %zu more", words->hidden);
}

/* -- cells ---------------------------------------------------------------- */

static void
write_sample(struct output *out, enum choice_kind kind, struct text sample)
{
    size_t own = text_find(sample, OWN_ADDRESS[0]);
    if (kind == CHOICE_TLS) {
        output_string(out, "certificate ");
        for (size_t i = 0; i < sample.size; i++)
            output_format(out, "%02x", (unsigned char)sample.data[i]);
    } else if (own != TEXT_NONE) {
        output_printable(out, text_slice(sample, 0, own));
        output_string(out, "our address");
        output_printable(out, text_from(sample, own + 1));
    } else {
        output_printable(out, sample);
    }
}

/* What has no text of its own; NULL if it has one. */
static const char *
name_of_nothing(enum choice_kind kind, const struct cell_key *key)
{
    uint32_t traits = key->views[OLD].traits;
    switch (kind) {
    case CHOICE_IDENTITY: return "anonymous";
    case CHOICE_TLS:
        return traits & TRAIT_PLAIN_TEXT ? "no TLS"
                                         : "TLS, no listed "
                                           "certificate";
    case CHOICE_SENDER: return "<>";
    case CHOICE_RECIPIENT: return "none yet (the decision at MAIL)";
    default: return "";
    }
}

static void
write_cell(struct words *words, enum choice_kind kind,
           const struct cells *cells, uint32_t number)
{
    const struct cell *cell = &cells->items[number];
    const struct cell_key *key = cells_key(cells, number);
    size_t shown = cell->open ? 1 : cell->sample_count;
    for (size_t i = 0; i < shown; i++) {
        if (!next_word(words))
            continue;
        if (!cell->samples[i].size) {
            output_string(words->out, name_of_nothing(kind, key));
            continue;
        }
        if (key->views[OLD].traits & key->views[NEW].traits & TRAIT_MALFORMED) {
            output_string(words->out, "malformed");
            continue;
        }
        if (cell->open)
            output_string(words->out, "like ");
        write_sample(words->out, kind, cell->samples[i]);
    }
    if (!cell->open && cell->count > shown)
        words->hidden += (size_t)cell->count - shown;
}

void
describe_cells(struct output *out, enum choice_kind kind,
               const struct cells *cells, holds_cell *holds,
               const void *context, size_t most)
{
    struct words words = {.out = out, .most = most};
    for (uint32_t i = 0; i < cells->keys.count; i++)
        if (holds(context, i))
            write_cell(&words, kind, cells, i);
    end_words(&words);
}

/* The cells of a choice that are in a box, or that are not. */
struct box_cells {
    const struct box *box;
    const struct choice *choice;
    size_t number;
    bool negated;
};

static bool
holds(const void *context, uint32_t cell)
{
    const struct box_cells *of = context;
    size_t option = of->choice->option_of_cell[cell];
    return box_holds(of->box, of->number, option) != of->negated;
}

/* Those that are not, if they are fewer. */
static void
write_cells(struct output *out, const struct box *box, size_t number,
            const struct choice *choice)
{
    struct box_cells of = {box, choice, number, false};
    size_t count = choice->cells->keys.count;
    size_t held = 0;
    for (uint32_t i = 0; i < count; i++)
        held += holds(&of, i);
    of.negated = held > count - held;
    if (of.negated)
        output_string(out, "not ");
    describe_cells(out, choice->kind, choice->cells, holds, &of, WORDS_MOST);
}

/* -- the others ----------------------------------------------------------- */

static void
write_members(struct output *out, const struct choice *choice)
{
    struct words words = {.out = out, .most = WORDS_MOST};
    for (size_t i = 0; i < choice->member_count; i++)
        write_cell(&words, choice->kind, choice->cells, choice->members[i]);
    end_words(&words);
}

static void
write_option(struct output *out, const struct choice *choice, size_t option)
{
    static const char *const KNOWN[] = {"known", "the look-up fails"};
    static const char *const EXISTS[] = {"exists", "does not exist",
                                         "the look-up fails"};
    static const char *const REWRITES[] = {"rewrites recipients",
                                           "does not rewrite recipients"};
    static const char *const OWNED[] = {"not asked", "owned", "not owned"};
    static const char *const MATCHES[] = {[TRUTH_NO] = "does not match",
                                          [TRUTH_UNKNOWN] = "gives up on it",
                                          [TRUTH_YES] = "matches"};
    switch (choice->kind) {
    case CHOICE_NAMES:
    case CHOICE_GROUPS: output_string(out, KNOWN[option]); break;
    case CHOICE_EXISTS: output_string(out, EXISTS[option]); break;
    case CHOICE_REWRITES: output_string(out, REWRITES[option]); break;
    case CHOICE_OWNED:
        output_string(out, OWNED[option % OWNERSHIPS]);
        if (option % OWNERSHIPS != option / OWNERSHIPS)
            output_format(out, " (new: %s)", OWNED[option / OWNERSHIPS]);
        break;
    case CHOICE_NAME:
    case CHOICE_GROUP:
        output_string(out, option == OPTION_PRESENT ? "one of: " : "none of: ");
        write_members(out, choice);
        break;
    default:
        output_format(out, "/%.*s/ %s", TEXT_ARGS(choice->pattern),
                      MATCHES[choice_truth(choice, option, OLD)]);
        if (choice_truth(choice, option, OLD) !=
            choice_truth(choice, option, NEW))
            output_format(out, " (new: %s)",
                          MATCHES[choice_truth(choice, option, NEW)]);
        break;
    }
}

void
describe_box_side(struct output *out, const struct box *box,
                  const struct box_side *side)
{
    struct map_node node = map_node(&box->plane->map, side->node);
    const struct choice *choice = &box->plane->choices.items[node.choice];
    struct words words = {.out = out, .most = WORDS_MOST};
    if (choice->option_of_cell) {
        write_cells(out, box, node.choice, choice);
        return;
    }
    for (size_t i = 0; i < choice->option_count; i++)
        if (node.leads[i] == side->leads && next_word(&words))
            write_option(out, choice, i);
    end_words(&words);
}
