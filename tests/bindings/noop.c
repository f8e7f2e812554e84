/* Nothing, in the shape of mayrelay_check: what a call costs a language. */
#include <stddef.h>

int binding_noop(void *policy, const char *client, const char *identity,
                 const char *sender, const char *recipient, char *reply,
                 size_t reply_size);

__attribute__((visibility("default"))) int
binding_noop(void *policy, const char *client, const char *identity,
             const char *sender, const char *recipient, char *reply,
             size_t reply_size)
{
    (void)policy;
    (void)identity;
    (void)sender;
    (void)recipient;
    (void)reply;
    return (int)reply_size + (client != NULL);
}
