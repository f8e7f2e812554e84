#include "net/endpoint.h"

static bool
parse_port(struct text text, uint16_t *port)
{
    uint32_t number;
    if (!text_number(text, UINT16_MAX, &number) || text.data[0] == '0')
        return false;
    *port = (uint16_t)number;
    return true;
}

/* "*", "192.0.2.25" or "[2001:db8::1]": what may stand before a port. */
static bool
parse_host(struct text text, struct address *address)
{
    if (text_equal(text, TEXT("*")))
        return true;
    if (!text_has(text, ':'))
        return address_parse(text, address);
    if (text.data[0] != '[' || text.data[text.size - 1] != ']')
        return false;
    return address_parse(text_slice(text, 1, text.size - 1), address);
}

bool
endpoint_parse(struct text text, struct endpoint *endpoint)
{
    *endpoint = (struct endpoint){0};
    if (address_parse(text, &endpoint->address))
        return true;
    size_t colon = text_find_last(text, ':');
    return colon != TEXT_NONE &&
           parse_port(text_from(text, colon + 1), &endpoint->port) &&
           parse_host(text_slice(text, 0, colon), &endpoint->address);
}

static void
write_host(struct output *out, struct endpoint endpoint)
{
    bool bracketed =
        endpoint.address.family == ADDRESS_IPV6 && endpoint.port != 0;
    if (endpoint.address.family == ADDRESS_NONE)
        output_byte(out, '*');
    if (bracketed)
        output_byte(out, '[');
    address_write(out, endpoint.address);
    if (bracketed)
        output_byte(out, ']');
}

void
endpoint_write(struct output *out, struct endpoint endpoint)
{
    write_host(out, endpoint);
    if (endpoint.port == 0)
        return;
    output_byte(out, ':');
    output_number(out, endpoint.port);
}

bool
endpoint_is_unspecified(struct endpoint endpoint)
{
    return endpoint.address.family != ADDRESS_NONE &&
           endpoint.address.high == 0 && endpoint.address.low == 0;
}

bool
endpoint_matches(struct endpoint entry, struct endpoint listener)
{
    bool any_address = entry.address.family == ADDRESS_NONE;
    bool any_port = entry.port == 0;
    return (any_address || address_equal(entry.address, listener.address)) &&
           (any_port || entry.port == listener.port);
}
