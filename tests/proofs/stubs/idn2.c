/* libidn2 as its documentation has it, for a proof: a status, and with IDN2_OK
 * a text of any octets and size. */
#include "idn2.h"

#include "eva.h"

enum {
    CONVERTED_MOST = 64 /* a label of more is refused by its size alone */
};

static uint8_t converted[CONVERTED_MOST + 1];
static uint32_t points[256];

int
idn2_lookup_u8(const uint8_t *source, uint8_t **ascii, int flags)
{
    for (size_t i = 0; source[i]; i++)
        (void)flags;
    if (Frama_C_interval(0, 1))
        return Frama_C_interval(-400, -1);
    Frama_C_make_unknown((char *)converted, CONVERTED_MOST);
    converted[CONVERTED_MOST] = 0;
    *ascii = converted;
    return IDN2_OK;
}

int
idn2_to_unicode_8z4z(const char *source, uint32_t **decoded, int flags)
{
    for (size_t i = 0; source[i]; i++)
        (void)flags;
    if (Frama_C_interval(0, 1))
        return Frama_C_interval(-400, -1);
    Frama_C_make_unknown((char *)points, sizeof points - sizeof *points);
    points[255] = 0;
    *decoded = points;
    return IDN2_OK;
}

void
idn2_free(void *memory)
{
    (void)memory;
}
