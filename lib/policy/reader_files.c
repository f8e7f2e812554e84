#include "policy/reader_files.h"

#include "base/memory.h"
#include "policy/list_file.h"

uint32_t
files_add_name(struct reader *reader, struct text name)
{
    struct text *file = reader_push(reader, &reader->files, sizeof *file);
    if (!file)
        return 0;
    *file = name;
    reader->model->files = reader->files.items;
    reader->model->file_count = reader->files.count;
    return (uint32_t)(reader->files.count - 1);
}

static struct text
full_path(struct reader *reader, struct text path)
{
    struct text parts[] = {reader->directory, path};
    if (text_starts(path, TEXT("/")))
        parts[0].size = 0;
    return reader_join(reader, parts, 2);
}

static void
read_source(struct reader *reader, struct list_source *source,
            struct place place)
{
    struct text path = reader->model->files[source->file];
    const char *problem = NULL;
    if (text_has(path, '\0')) {
        problem = "a file name cannot hold a NUL";
    } else {
        file_visit(reader->visitor, path.data);
        if (file_read_edited(reader->visitor, path.data, &source->content,
                             &problem))
            return;
    }
    source->content = (struct text){NULL, 0};
    source->flawed = true;
    report_add(reader->report, FINDING_FILE_UNREADABLE, place,
               "paths are relative to the directory of the policy",
               "cannot read the list file '%.*s': %s", TEXT_ARGS(path),
               problem ? problem : "unknown error");
}

struct list_source *
files_find(struct reader *reader, struct text path, struct place place)
{
    struct text full = full_path(reader, path);
    uint32_t number;
    if (text_map_find(&reader->source_paths, full, &number))
        return (struct list_source *)reader->sources.items + number;
    number = (uint32_t)reader->sources.count;
    struct list_source *source =
        reader_push(reader, &reader->sources, sizeof *source);
    if (!source)
        return NULL;
    source->path = reader_copy(reader, path);
    source->file = files_add_name(reader, full);
    reader_index(reader, &reader->source_paths, full, number, NULL);
    if (!reader->out_of_memory)
        read_source(reader, source, place);
    return source;
}

void
files_clear(struct reader *reader)
{
    struct list_source *sources = reader->sources.items;
    for (size_t i = 0; i < reader->sources.count; i++)
        memory_free((void *)sources[i].content.data);
    vector_clear(&reader->sources);
    text_map_clear(&reader->source_paths);
}
