#include "scope.h"

#include "print.h"

static void
print_scope(const char *head, const mayrelay_decision *decision,
            enum mayrelay_format format, const char *tail)
{
    struct page page = {0};
    while (!page_holds(
        &page, mayrelay_decision_scope(decision, format, page.data, page.room)))
        continue;
    printf("%s%s%s", head, page.data, tail);
    page_free(&page);
}

void
scope_print(const mayrelay_decision *decision)
{
    print_scope("scope: ", decision, MAYRELAY_TEXT, "\n");
}

void
scope_print_member(const mayrelay_decision *decision)
{
    print_scope(",\"scope\":", decision, MAYRELAY_JSON, "");
}
