#include "log_writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WAITING_MOST = 1 << 20,
    END_MOST_SECONDS = 1
};

/* Lines one behind the other, each ended by its NUL. */
struct lines {
    char *text;
    size_t size;
    unsigned long lost; /* behind them */
};

struct log_writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct lines waiting; /* under the lock, as is what follows */
    bool ends, ended;
    struct lines taken; /* by the thread, which writes them */
    log_write_line *write_line;
    log_write_lost *write_lost;
    void *context;
};

/* False once there is nothing more to come. */
static bool
take_lines(struct log_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (!writer->waiting.size && !writer->waiting.lost && !writer->ends)
        pthread_cond_wait(&writer->changed, &writer->lock);
    char *room = writer->taken.text;
    writer->taken = writer->waiting;
    writer->waiting = (struct lines){.text = room};
    bool some = writer->taken.size || writer->taken.lost;
    writer->ended = !some;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    return some;
}

static void *
write_lines(void *context)
{
    struct log_writer *writer = context;
    const struct lines *taken = &writer->taken;
    while (take_lines(writer)) {
        for (size_t at = 0; at < taken->size;) {
            size_t size = strlen(taken->text + at);
            writer->write_line(writer->context, taken->text + at, size);
            at += size + 1;
        }
        if (taken->lost)
            writer->write_lost(writer->context, taken->lost);
    }
    return NULL;
}

static void
writer_free(struct log_writer *writer)
{
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
    free(writer->waiting.text);
    free(writer->taken.text);
    free(writer);
}

struct log_writer *
log_writer_start(log_write_line *write_line, log_write_lost *write_lost,
                 void *context)
{
    struct log_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return NULL;
    writer->write_line = write_line;
    writer->write_lost = write_lost;
    writer->context = context;
    writer->waiting.text = malloc(WAITING_MOST);
    writer->taken.text = malloc(WAITING_MOST);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
    /* Signals are for the threads that expect them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started =
        writer->waiting.text && writer->taken.text &&
        pthread_create(&writer->thread, NULL, write_lines, writer) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        return writer;
    writer_free(writer);
    return NULL;
}

void
log_writer_put(struct log_writer *writer, const char *line, size_t size)
{
    pthread_mutex_lock(&writer->lock);
    struct lines *waiting = &writer->waiting;
    /* Behind what is lost nothing comes before it has been told. */
    if (waiting->lost || size + 1 > WAITING_MOST - waiting->size) {
        waiting->lost++;
    } else {
        memcpy(waiting->text + waiting->size, line, size);
        waiting->text[waiting->size + size] = '\0';
        waiting->size += size + 1;
    }
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
}

void
log_writer_end(struct log_writer *writer)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += END_MOST_SECONDS;
    pthread_mutex_lock(&writer->lock);
    writer->ends = true;
    pthread_cond_broadcast(&writer->changed);
    int status = 0;
    while (!writer->ended && status == 0)
        status =
            pthread_cond_timedwait(&writer->changed, &writer->lock, &deadline);
    bool ended = writer->ended;
    pthread_mutex_unlock(&writer->lock);
    if (!ended) { /* it is stuck in a write: the process's end frees it */
        pthread_detach(writer->thread);
        return;
    }
    pthread_join(writer->thread, NULL);
    writer_free(writer);
}
