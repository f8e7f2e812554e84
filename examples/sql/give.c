#include "give.h"

SQLITE_EXTENSION_INIT3

void
give_printed(sqlite3_context *to, const void *object, printer *print)
{
    char *text = NULL;
    size_t room = 4096, needed = room;
    while (needed >= room) {
        room = needed + 1;
        char *larger = sqlite3_realloc64(text, room);
        if (!larger) {
            sqlite3_free(text);
            sqlite3_result_error_nomem(to);
            return;
        }
        text = larger;
        needed = print(object, text, room);
    }
    sqlite3_result_text64(to, text, needed, sqlite3_free, SQLITE_UTF8);
}
