#include "macros.h"

#include <stdio.h>
#include <string.h>

enum {
    FINGERPRINT_SIZE = 32 * 3 - 1 /* of SHA-256, in hexadecimal with colons */
};

/* libmilter's parameters lack a const, here and below. */
static const char *
macro(SMFICTX *context, const char *name)
{
    const char *value = smfi_getsymval(context, (char *)name);
    return value && *value ? value : NULL;
}

static bool
is(const char *text, const char *wanted)
{
    return text && strcmp(text, wanted) == 0;
}

/* {client_addr} stands there to be always given: where a MAIL or RCPT comes
 * with no macro at all libmilter keeps those of the one before, and so the user
 * who had signed in when STARTTLS has made him a stranger again. */
bool
macros_ask(SMFICTX *context)
{
    static const struct {
        int place;
        const char *names;
    } LISTS[] = {
        {SMFIM_CONNECT, "v {daemon_addr} {daemon_port} {if_addr}"},
        {SMFIM_ENVFROM,
         "{client_addr} {auth_authen} {tls_version} {verify} {cert_fp}"},
        {SMFIM_ENVRCPT, "{client_addr} {rcpt_mailer} {rcpt_host} {rcpt_addr}"},
    };
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        if (smfi_setsymlist(context, LISTS[i].place, (char *)LISTS[i].names) !=
            MI_SUCCESS)
            return false;
    return true;
}

/* Postfix's {daemon_addr} is where this client has connected to; sendmail's is
 * what its daemon listens at, be it 0.0.0.0, and {if_addr} what is meant. */
const char *
macros_listener(SMFICTX *context, char place[static PLACE_SIZE])
{
    static const char IPV6[] = "IPv6:";
    const char *address = macro(context, "{if_addr}");
    const char *port = macro(context, "{daemon_port}");
    if (!address)
        address = macro(context, "{daemon_addr}");
    if (!address)
        return NULL;
    if (strncmp(address, IPV6, strlen(IPV6)) == 0)
        address += strlen(IPV6);
    if (!port)
        snprintf(place, PLACE_SIZE, "%s", address);
    else
        snprintf(place, PLACE_SIZE, strchr(address, ':') ? "[%s]:%s" : "%s:%s",
                 address, port);
    return place;
}

/* -- identity ------------------------------------------------------------- */

/* Its version is a number; Postfix says its name first. */
static bool
is_sendmail(SMFICTX *context)
{
    const char *version = macro(context, "v");
    return version && *version >= '0' && *version <= '9';
}

static int
digit_of(char c)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    const char *found = c ? strchr(DIGITS, c) : NULL;
    return found ? (int)(found - DIGITS) : -1;
}

/* RFC 3461 §4: "+2B" is a plus. */
static bool
decode_xtext(const char *text, char *plain, size_t size)
{
    for (size_t i = 0; i < size; i++, text++) {
        plain[i] = *text;
        if (*text == '\0')
            return true;
        if (*text != '+')
            continue;
        int high = digit_of(text[1]);
        int low = high < 0 ? -1 : digit_of(text[2]);
        if (low < 0)
            return false;
        plain[i] = (char)(high * 16 + low);
        if (plain[i] == '\0')
            return false;
        text += 2;
    }
    return false;
}

/* sendmail encodes what Postfix gives as it is. */
bool
macros_identity(SMFICTX *context, char *buffer, size_t size,
                const char **identity)
{
    *identity = macro(context, "{auth_authen}");
    if (!*identity || !is_sendmail(context))
        return true;
    bool good = decode_xtext(*identity, buffer, size);
    *identity = buffer;
    return good;
}

/* -- TLS ------------------------------------------------------------------ */

bool
macros_encrypted(SMFICTX *context)
{
    return macro(context, "{tls_version}") != NULL;
}

/* sendmail has it with `CertFingerprintAlgorithm=sha256`, Postfix never. */
const char *
macros_fingerprint(SMFICTX *context)
{
    const char *fingerprint = macro(context, "{cert_fp}");
    bool usable = fingerprint && strlen(fingerprint) == FINGERPRINT_SIZE &&
                  is(macro(context, "{verify}"), "OK");
    return usable ? fingerprint : NULL;
}

/* -- where it goes -------------------------------------------------------- */

/* sendmail's local mailers get a user alone, some others a user and a host
 * apart; Postfix and sendmail's smtp mailers have both in one.  Where there is
 * no host sendmail says "localhost". */
enum route
macros_route(SMFICTX *context, char address[static ADDRESS_SIZE])
{
    const char *user = macro(context, "{rcpt_addr}");
    const char *host = macro(context, "{rcpt_host}");
    int size;
    if (!user)
        return ROUTE_UNKNOWN;
    if (strchr(user, '@'))
        size = snprintf(address, ADDRESS_SIZE, "%s", user);
    else if (!host || is(host, "localhost") ||
             is(macro(context, "{rcpt_mailer}"), "local"))
        return ROUTE_LOCAL;
    else
        size = snprintf(address, ADDRESS_SIZE, "%s@%s", user, host);
    if (size >= ADDRESS_SIZE)
        return ROUTE_UNKNOWN;
    if (size > 0 && address[size - 1] == '.')
        address[size - 1] = '\0'; /* sendmail: a name that is complete */
    return ROUTE_ADDRESS;
}
