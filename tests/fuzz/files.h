/* Files without a file system: what the library reads comes from here, by
 * -Wl,--wrap=file_read. */
#ifndef TESTS_FUZZ_FILES_H
#define TESTS_FUZZ_FILES_H

#include "policy/list_file.h"

/* The content of the next files that are read; text.data NULL: by their name,
 * see files.c. */
void files_are(struct text content);

#endif
