#include "dns/confirm.h"

#include <string.h>

/* Question 0 is for the PTR records, question 1 for the first of the names. */
enum {
    PTR_QUESTION = 0
};

void
confirm_begin(struct confirm *confirm, struct address client)
{
    *confirm =
        (struct confirm){.client = client, .ttl = UINT32_MAX, .ptr_open = true};
}

/* -- questions ---------------------------------------------------------- */

/* RFC 1035 §3.5: the octets, last first. */
static void
write_ipv4_arpa(struct output *out, uint64_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        output_format(out, "%u.", (unsigned)(value >> shift & 0xff));
    output_string(out, "in-addr.arpa");
}

/* RFC 3596 §2.5: the hexadecimal digits, last first. */
static void
write_ipv6_arpa(struct output *out, uint64_t half)
{
    for (unsigned shift = 0; shift < 64; shift += 4)
        output_format(out, "%x.", (unsigned)(half >> shift & 0xf));
}

static void
write_arpa(struct output *out, struct address client)
{
    if (client.family == ADDRESS_IPV4) {
        write_ipv4_arpa(out, client.low);
        return;
    }
    write_ipv6_arpa(out, client.low);
    write_ipv6_arpa(out, client.high);
    output_string(out, "ip6.arpa");
}

static void
make_question(const struct confirm *confirm, unsigned number,
              struct question *question)
{
    struct address client = confirm->client;
    struct output out = output_to(question->name, sizeof question->name);
    question->number = number;
    question->type = RECORD_PTR;
    if (number == PTR_QUESTION) {
        write_arpa(&out, client);
        return;
    }
    output_string(&out, confirm->names[number - 1].name);
    question->type = client.family == ADDRESS_IPV6 ? RECORD_AAAA : RECORD_A;
}

static bool
is_open(const struct confirm *confirm, unsigned number)
{
    if (number == PTR_QUESTION)
        return confirm->ptr_open;
    return number <= confirm->count && confirm->open[number - 1];
}

bool
confirm_next(struct confirm *confirm, struct question *question)
{
    while (confirm->asked <= confirm->count) {
        unsigned number = confirm->asked++;
        if (is_open(confirm, number)) {
            make_question(confirm, number, question);
            return true;
        }
    }
    return false;
}

/* -- answers ------------------------------------------------------------ */

static void
lower_ttl(struct confirm *confirm, uint32_t ttl)
{
    if (ttl < confirm->ttl)
        confirm->ttl = ttl;
}

/* What fails with the network is not asked again at once; what fails here may
 * work the next time. */
static void
lower_ttl_of_failure(struct confirm *confirm, enum mayrelay_dns_result result)
{
    if (!dns_result_is_known(result))
        lower_ttl(confirm,
                  result == MAYRELAY_DNS_FAILED ? 0 : CONFIRM_FAILED_SECONDS);
}

static bool
has_candidate(const struct confirm *confirm, const char *name)
{
    for (unsigned i = 0; i < confirm->count; i++)
        if (strcmp(confirm->names[i].name, name) == 0)
            return true;
    return false;
}

static enum mayrelay_dns_result
take_names(struct confirm *confirm, struct message *message)
{
    char name[DOMAIN_TEXT_SIZE];
    bool well_formed;
    while (message_next_name(message, name, &well_formed)) {
        if (has_candidate(confirm, name))
            continue;
        if (confirm->count == CONFIRM_NAMES_MOST) {
            confirm->count = 0;
            return MAYRELAY_DNS_TOO_MANY;
        }
        struct dns_candidate *candidate = &confirm->names[confirm->count];
        memcpy(candidate->name, name, sizeof name);
        candidate->result = MAYRELAY_DNS_ILL_FORMED;
        confirm->open[confirm->count++] = well_formed;
    }
    return MAYRELAY_DNS_FOUND;
}

static enum mayrelay_dns_result
take_ptr(struct confirm *confirm, struct message *message,
         enum mayrelay_dns_result result)
{
    if (result == MAYRELAY_DNS_FOUND)
        result = take_names(confirm, message);
    confirm->ptr_open = false;
    confirm->result = result;
    return result;
}

static enum mayrelay_dns_result
find_client(struct address client, struct message *message)
{
    struct address address;
    enum mayrelay_dns_result result = MAYRELAY_DNS_MISMATCH;
    while (message_next_address(message, &address))
        if (address_equal(address, client))
            result = MAYRELAY_DNS_CONFIRMED;
    return result;
}

static enum mayrelay_dns_result
take_addresses(struct confirm *confirm, unsigned index, struct message *message,
               enum mayrelay_dns_result result)
{
    if (result == MAYRELAY_DNS_FOUND)
        result = find_client(confirm->client, message);
    confirm->open[index] = false;
    confirm->names[index].result = result;
    return result;
}

void
confirm_take(struct confirm *confirm, unsigned number,
             enum mayrelay_dns_result result, const void *data, size_t size)
{
    struct message message = {.ttl = UINT32_MAX};
    struct question question;
    if (!is_open(confirm, number))
        return;
    make_question(confirm, number, &question);
    if (result == MAYRELAY_DNS_FOUND)
        result = message_read(&message, data, size, text_of(question.name),
                              question.type);
    result = number == PTR_QUESTION
                 ? take_ptr(confirm, &message, result)
                 : take_addresses(confirm, number - 1, &message, result);
    lower_ttl(confirm, message.ttl);
    lower_ttl_of_failure(confirm, result);
}

/* -- the end ------------------------------------------------------------ */

void
confirm_give_up(struct confirm *confirm, enum mayrelay_dns_result result)
{
    for (unsigned number = 0; number <= confirm->count; number++)
        confirm_take(confirm, number, result, NULL, 0);
}

bool
confirm_is_over(const struct confirm *confirm)
{
    for (unsigned number = 0; number <= confirm->count; number++)
        if (is_open(confirm, number))
            return false;
    return true;
}

struct mayrelay_dns_answer *
confirm_answer(const struct confirm *confirm)
{
    return dns_answer_new(confirm->client, confirm->result, confirm->ttl,
                          confirm->names, confirm->count);
}
