#include "policy/model.h"

#include "base/memory.h"

struct place
model_place(const struct model *model, struct source source)
{
    const char *file =
        source.file < model->file_count ? model->files[source.file].data : NULL;
    return (struct place){file, source.line, source.column};
}

void
model_free(struct model *model)
{
    if (!model)
        return;
    arena_clear(&model->arena);
    memory_free(model);
}
