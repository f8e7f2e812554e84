/* Saving the audited policy with the audit's stamp on its image. */
#include "image/save.h"
#include "audit/audit.h"
#include "base/memory.h"
#include "image/policy.h"
#include "image/stamp.h"

static void
write_trusted(struct json *json, const struct trusted *trusted)
{
    char room[2 * ADDRESS_TEXT_SIZE];
    json_key(json, "trusted");
    json_open_array(json);
    for (size_t i = 0; i < trusted->count; i++) {
        struct output out = output_to(room, sizeof room);
        range_write(&out, trusted->ranges[i]);
        json_text(json, output_written(&out));
    }
    json_close_array(json);
}

static struct output
write_stamp(const struct mayrelay_audit *audit, char *room, size_t size)
{
    struct output out = output_to(room, size);
    struct json json = json_to(&out);
    json_open_object(&json);
    json_key(&json, "closed");
    json_bool(&json, mayrelay_audit_is_closed(audit));
    audit_write_verdicts(&json, audit);
    write_trusted(&json, &audit->trusted);
    json_key(&json, "digest");
    json_string(&json, mayrelay_policy_get_digest(audit->policy));
    json_key(&json, "version");
    json_string(&json, mayrelay_version());
    json_close_object(&json);
    return out;
}

static enum mayrelay_status
save(const struct mayrelay_audit *audit, struct text stamp, const char *path)
{
    struct buffer image = {0};
    stamp_write(&image, audit->image, mayrelay_audit_is_closed(audit), stamp);
    enum mayrelay_status status =
        image.failed
            ? MAYRELAY_ERR_MEMORY
            : image_save((struct text){(char *)image.data, image.size}, path);
    buffer_clear(&image);
    return status;
}

enum mayrelay_status
mayrelay_audit_save(const mayrelay_audit *audit, const char *image_path)
{
    if (!audit || !image_path)
        return MAYRELAY_ERR_ARGUMENT;
    size_t size = write_stamp(audit, NULL, 0).size + 1;
    char *room = memory_new(size, 1);
    if (!room)
        return MAYRELAY_ERR_MEMORY;
    struct output stamp = write_stamp(audit, room, size);
    enum mayrelay_status status =
        save(audit, output_written(&stamp), image_path);
    memory_free(room);
    return status;
}
