/* libidn2 as far as lib/mail/domain.c uses it, for a proof: whatever the real
 * one may return by its documentation. */
#ifndef PROOFS_STUBS_IDN2_H
#define PROOFS_STUBS_IDN2_H

#include <stdint.h>

enum {
    IDN2_OK = 0,
    IDN2_MALLOC = -100,
    IDN2_NFC_INPUT = 1,
    IDN2_NONTRANSITIONAL = 8
};

int idn2_lookup_u8(const uint8_t *source, uint8_t **ascii, int flags);
int idn2_to_unicode_8z4z(const char *source, uint32_t **decoded, int flags);
void idn2_free(void *memory);

#endif
