/* Lines that are written by a thread of their own, so that a log that takes no
 * more (a full pipe, a journal that has stopped) holds nobody up.
 *
 * Up to 1 MiB of lines waits.  What is more is lost, and how many lines are is
 * told as soon as there is room again. */
#ifndef ADAPTER_LOG_WRITER_H
#define ADAPTER_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>

struct log_writer;

/* Writes one line, without its end; may block.  Of the thread's. */
typedef void log_write_line(void *context, char *line, size_t size);
/* As well, in place of so many lines. */
typedef void log_write_lost(void *context, unsigned long count);

/* NULL if it cannot be had. */
struct log_writer *log_writer_start(log_write_line *write_line,
                                    log_write_lost *write_lost, void *context);
/* Copies the line.  May be called by many threads at once. */
void log_writer_put(struct log_writer *writer, const char *line, size_t size);
/* Writes what waits, for a second at most; the writer is gone then. */
void log_writer_end(struct log_writer *writer);

#endif
