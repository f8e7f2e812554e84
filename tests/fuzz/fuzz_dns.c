/* What name servers send, as our own code gets it: whatever it is, only names
 * that lead back to the client are confirmed, and all that is shown of it is
 * printable. */
#include <stdlib.h>
#include <string.h>

#include "dns/confirm.h"
#include "fuzz.h"
#include "wire.h"

enum {
    OPTION_IPV6 = 1,
    OPTION_WHOLE = 2 /* messages come with their header and question */
};

/* 198.18.1.1, as in the seeds; and an address of IPv6. */
static const unsigned char IPV4[] = {198, 18, 1, 1};
static const unsigned char IPV6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0,
                                     0,    0, 0,   0,    0, 0, 0, 1};

struct client {
    const unsigned char *octets;
    size_t size;
};

static struct wire wire;

/* The next message of the input, in wire. */
static void
read_message(struct input *input, const struct question *question,
             uint8_t options)
{
    struct input part = input_part(input, input_number(input, 2));
    wire.size = 0;
    if (!(options & OPTION_WHOLE)) {
        unsigned counts = input_byte(&part);
        wire_begin(&wire, question->name, question->type,
                   0x8180u | (input_byte(&part) & 3u));
        wire.data[7] = (unsigned char)(counts & 15);
        wire.data[9] = (unsigned char)(counts >> 4);
    }
    if (part.size > sizeof wire.data - wire.size)
        part.size = sizeof wire.data - wire.size;
    wire_bytes(&wire, part.data, part.size);
}

/* A copy of exactly the message's size, so that a sanitizer sees the first
 * octet read behind it. */
static void
take_message(struct confirm *confirm, const struct question *question)
{
    unsigned char *copy = malloc(wire.size ? wire.size : 1);
    if (!copy)
        return;
    memcpy(copy, wire.data, wire.size);
    confirm_take(confirm, question->number, MAYRELAY_DNS_FOUND, copy,
                 wire.size);
    free(copy);
}

static void
check_confirmed(const struct confirm *confirm, const struct question *question,
                const struct client *client)
{
    if (question->number == 0)
        return;
    enum mayrelay_dns_result result =
        confirm->names[question->number - 1].result;
    bool has_client =
        memmem(wire.data, wire.size, client->octets, client->size) != NULL;
    REQUIRE(result != MAYRELAY_DNS_CONFIRMED || has_client);
    REQUIRE(result != MAYRELAY_DNS_FOUND && result != MAYRELAY_DNS_FAILED);
}

static void
check_name(const char *name)
{
    char again[DOMAIN_TEXT_SIZE];
    struct text text = text_of(name);
    REQUIRE(text_equal(domain_parse(text, DOMAIN_CLIENT_NAME, again), text));
    REQUIRE(!ascii_is_digit(name[text.size - 1]) ||
            strspn(name, "0123456789.") != text.size);
}

static void
check_answer(const struct confirm *confirm)
{
    struct mayrelay_dns_answer *answer = confirm_answer(confirm);
    if (!answer)
        return;
    size_t count = mayrelay_dns_answer_count(answer);
    REQUIRE(count <= CONFIRM_NAMES_MOST);
    REQUIRE(mayrelay_dns_answer_is_known(answer) || count == 0);
    for (size_t i = 0; i < count; i++)
        check_name(mayrelay_dns_answer_get_name(answer, i));
    for (int format = MAYRELAY_TEXT; format <= MAYRELAY_JSON; format++) {
        static char page[16384];
        size_t size = mayrelay_dns_answer_explain(
            answer, (enum mayrelay_format)format, page, sizeof page);
        REQUIRE(size < sizeof page && is_printable_page(page, size));
    }
    mayrelay_dns_answer_free(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint8_t options = input_byte(&input);
    struct client client = {IPV4, sizeof IPV4};
    if (options & OPTION_IPV6)
        client = (struct client){IPV6, sizeof IPV6};
    struct address address;
    struct confirm confirm;
    struct question question;
    REQUIRE(address_from_bytes(client.octets, client.size, &address));
    confirm_begin(&confirm, address);
    for (unsigned asked = 0; confirm_next(&confirm, &question); asked++) {
        REQUIRE(asked <= CONFIRM_NAMES_MOST);
        read_message(&input, &question, options);
        take_message(&confirm, &question);
        check_confirmed(&confirm, &question, &client);
    }
    REQUIRE(confirm_is_over(&confirm));
    check_answer(&confirm);
    return 0;
}
