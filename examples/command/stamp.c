#include "stamp.h"

#include "print.h"

json_t *
stamp_read(const mayrelay_policy *policy)
{
    const char *text = mayrelay_policy_get_stamp(policy);
    return text ? json_loads(text, 0, NULL) : NULL;
}

static void
print_trusted(const json_t *networks)
{
    size_t i;
    const json_t *network;
    json_array_foreach(networks, i, network)
    {
        fputs(i ? ", " : "; trusted: ", stdout);
        print_printable(stdout, as_text(json_string_value(network)));
    }
}

void
stamp_print(const char *path, const mayrelay_policy *policy)
{
    if (!mayrelay_policy_get_stamp(policy))
        return;
    json_t *stamp = stamp_read(policy);
    print_printable(stdout, as_text(path));
    fputs(json_is_true(json_object_get(stamp, "closed"))
              ? ": stamped as closed by mayrelay "
              : ": stamped, and not as closed, by mayrelay ",
          stdout);
    print_printable(
        stdout, as_text(json_string_value(json_object_get(stamp, "version"))));
    print_trusted(json_object_get(stamp, "trusted"));
    putc('\n', stdout);
    json_decref(stamp);
}
