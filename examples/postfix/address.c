#include "address.h"

#include <stdbool.h>
#include <string.h>

/* RFC 5321 §4.1.2 and RFC 6531 §3.3. */
static bool
is_atom_octet(char octet)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~";
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= '0' && octet <= '9') || (octet & 0x80) ||
           (octet && strchr(others, octet));
}

static bool
is_dot_string(const char *text, const char *end)
{
    bool atom = false;
    for (; text < end; text++) {
        if (*text == '.' ? !atom : !is_atom_octet(*text))
            return false;
        atom = *text != '.';
    }
    return atom;
}

const char *
address_quoted(const char *address, char buffer[ADDRESS_SIZE])
{
    const char *at = strrchr(address, '@');
    if (!at || is_dot_string(address, at) || strlen(address) > ADDRESS_MOST)
        return address;
    char *to = buffer;
    *to++ = '"';
    for (const char *from = address; from < at; from++) {
        if (*from == '"' || *from == '\\')
            *to++ = '\\';
        *to++ = *from;
    }
    *to++ = '"';
    memcpy(to, at, strlen(at) + 1);
    return buffer;
}
