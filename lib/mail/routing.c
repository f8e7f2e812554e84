#include "mail/routing.h"

static bool
is_encapsulated(struct text decoded)
{
    struct text prefix = TEXT("IMCEA");
    if (decoded.size == 0 || ascii_lower(decoded.data[0]) != 'i')
        return false; /* nearly all */
    if (!text_starts_fold(decoded, prefix))
        return false;
    size_t at = prefix.size;
    while (at < decoded.size && ascii_is_alnum(decoded.data[at]))
        at++;
    return at < decoded.size &&
           (decoded.data[at] == '-' || decoded.data[at] == ' ');
}

bool
routing_in_local_part(struct text decoded)
{
    static const bool ROUTES[256] = {['%'] = true, ['!'] = true, ['@'] = true};
    for (size_t i = 0; i < decoded.size; i++)
        if (ROUTES[(unsigned char)decoded.data[i]])
            return true;
    return is_encapsulated(decoded);
}
