#include "decision_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log_writer.h"

enum {
    LINE_SIZE = 16384, /* a longer line is cut */
    TIME_SIZE = 40,
    ID_BITS_PER_DIGIT = 5,
    ID_RANDOM_OCTETS = 10
};

/* -- the sink ------------------------------------------------------------ */

static int
open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool
decision_log_open(struct decision_log *log, const char *sink,
                  enum mayrelay_format format, bool has_token)
{
    *log = (struct decision_log){
        .file = -1, .format = format, .has_token = has_token};
    if (!sink || strcmp(sink, "-") == 0) {
        log->file = STDERR_FILENO;
        return true;
    }
    if (strcmp(sink, "syslog") == 0) {
        openlog("mayrelay", LOG_PID, LOG_MAIL);
        log->to_syslog = true;
        return true;
    }
    log->path = sink;
    log->file = open_file(sink);
    return log->file >= 0;
}

static bool
reopen(struct decision_log *log)
{
    int file = open_file(log->path);
    if (file < 0)
        return false;
    /* In one step: other threads may be writing. */
    bool good = log->file < 0 || dup3(file, log->file, O_CLOEXEC) >= 0;
    if (log->file < 0)
        log->file = file;
    else
        close(file);
    return good;
}

void
decision_log_reopen(struct decision_log *log)
{
    if (log->path && !reopen(log))
        fprintf(stderr, "%s cannot be opened anew: %s\n", log->path,
                strerror(errno));
}

void
decision_log_close(struct decision_log *log)
{
    if (log->writer)
        log_writer_end(log->writer);
    log->writer = NULL;
    if (log->to_syslog)
        closelog();
    if (log->path && log->file >= 0)
        close(log->file);
    log->file = -1;
    log->to_syslog = false;
}

/* One write a line: lines of several processes do not mix in a file that is
 * appended to. */
static void
write_line(void *context, char *line, size_t size)
{
    const struct decision_log *log = context;
    if (log->to_syslog) {
        syslog(LOG_INFO, "%s", line);
        return;
    }
    line[size] = '\n'; /* over the NUL */
    ssize_t written = log->file < 0 ? 0 : write(log->file, line, size + 1);
    (void)written; /* the decision stands, whoever reads of it */
    line[size] = '\0';
}

static void
write_lost(void *context, unsigned long count)
{
    const struct decision_log *log = context;
    char line[64];
    int size =
        snprintf(line, sizeof line,
                 log->format == MAYRELAY_JSON ? "{\"mayrelay\":1,\"lost\":%lu}"
                                              : "mayrelay=1 lost=%lu",
                 count);
    write_line(context, line, (size_t)size);
}

bool
decision_log_in_background(struct decision_log *log)
{
    struct stat status;
    if (!log->to_syslog && fstat(log->file, &status) == 0 &&
        S_ISREG(status.st_mode))
        return true;
    log->writer = log_writer_start(write_line, write_lost, log);
    return log->writer != NULL;
}

static void
put_line(struct decision_log *log, char *line, size_t size)
{
    if (log->writer)
        log_writer_put(log->writer, line, size);
    else
        write_line(log, line, size);
}

/* -- time and id --------------------------------------------------------- */

static void
write_time(char text[TIME_SIZE], struct timespec now)
{
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    size_t size = strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + size, TIME_SIZE - size, ".%03ldZ", now.tv_nsec / 1000000);
}

/* 48 bits of milliseconds and 80 random ones in Crockford's base 32: sorts by
 * time, can be read out on the telephone, and tells a client nothing. */
static void
make_id(char id[DECISION_ID_SIZE], struct timespec now)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char octets[6 + ID_RANDOM_OCTETS];
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 0; i < 6; i++)
        octets[i] = (unsigned char)(ms >> (40 - 8 * i));
    if (getrandom(octets + 6, ID_RANDOM_OCTETS, 0) != ID_RANDOM_OCTETS)
        memset(octets + 6, 0, ID_RANDOM_OCTETS);
    /* 128 bits, two zero bits before them. */
    for (int digit = 0; digit < DECISION_ID_SIZE - 1; digit++) {
        unsigned value = 0;
        for (int bit = 0; bit < ID_BITS_PER_DIGIT; bit++) {
            int at = digit * ID_BITS_PER_DIGIT + bit - 2;
            unsigned octet = at < 0 ? 0 : octets[at / 8];
            unsigned set = octet >> (7 - (at + 8) % 8) & 1;
            value = value << 1 | set;
        }
        id[digit] = digits[value];
    }
    id[DECISION_ID_SIZE - 1] = '\0';
}

/* -- the reply ----------------------------------------------------------- */

/* The text gives way to the token, not the other way round: RFC 5321
 * §4.5.3.1.5 allows 510 octets. */
static void
make_reply(struct adapter_reply *reply, const mayrelay_decision *decision,
           bool has_token)
{
    enum {
        LINE_MOST = 510,
        TOKEN_SIZE = DECISION_ID_SIZE + 2 /* " [ID]" */
    };
    reply->code = mayrelay_decision_get_code(decision);
    bool shown =
        has_token && mayrelay_decision_get_verdict(decision) != MAYRELAY_ACCEPT;
    snprintf(reply->enhanced, sizeof reply->enhanced, "%s",
             mayrelay_decision_get_enhanced(decision));
    int before = (int)strlen("550 ") + (int)strlen(reply->enhanced) + 1;
    int most = LINE_MOST - before - (shown ? TOKEN_SIZE : 0);
    snprintf(reply->text, sizeof reply->text, "%.*s%s%s%s", most,
             mayrelay_decision_get_text(decision), shown ? " [" : "",
             shown ? reply->id : "", shown ? "]" : "");
    snprintf(reply->line, sizeof reply->line, "%d %.15s %.*s", reply->code,
             reply->enhanced, LINE_MOST - before, reply->text);
}

void
decision_log_write(struct decision_log *log, const mayrelay_session *session,
                   struct adapter_reply *reply)
{
    char line[LINE_SIZE];
    char time[TIME_SIZE];
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    write_time(time, now);
    make_id(reply->id, now);
    make_reply(reply, mayrelay_session_get_decision(session), log->has_token);
    size_t size = mayrelay_session_to_log(session, log->format, time, reply->id,
                                          line, sizeof line);
    if (size == 0)
        return; /* for want of memory there is no session to tell of */
    if (size >= sizeof line)
        size = sizeof line - 1;
    put_line(log, line, size);
}
