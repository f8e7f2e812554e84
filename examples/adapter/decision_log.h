/* The decision log of an adapter: one line a decision, and a token by which a
 * reply that somebody complains about leads to its line.
 *
 *     decision_log_open(&log, "syslog", MAYRELAY_TEXT, true);
 *     decision_log_write(&log, session, &reply);    and send reply.line
 *
 * A line holds every fact of its decision: `mayrelay explain POLICY --log LINE`
 * judges it again.  decision_log_write may be called by many threads at once,
 * the others by one. */
#ifndef ADAPTER_DECISION_LOG_H
#define ADAPTER_DECISION_LOG_H

#include <mayrelay.h>

enum {
    DECISION_ID_SIZE = 27 /* 26 characters and a NUL */
};

struct decision_log {
    int file;         /* where lines go; -1: syslog, or nowhere yet */
    const char *path; /* NULL: standard error or syslog */
    bool to_syslog;
    bool has_token; /* replies that refuse end in the id */
    enum mayrelay_format format;
    struct log_writer *writer; /* NULL: lines are written at once */
};

/* What to answer: the decision's reply, with the token if there is one. */
struct adapter_reply {
    int code;
    char enhanced[16];
    char text[512];
    char line[512]; /* code, enhanced code and text; no line end */
    char id[DECISION_ID_SIZE];
};

/* sink: NULL or "-" for standard error, "syslog" (facility mail), or a file,
 * to whose end is written.  It is borrowed.  False if the file cannot be
 * opened: errno says why, and lines go nowhere. */
bool decision_log_open(struct decision_log *log, const char *sink,
                       enum mayrelay_format format, bool has_token);
/* From now on lines are written by a thread of their own, as a log that takes
 * no more must hold up no event loop; what it then loses it counts, in a line
 * of its own ("mayrelay=1 lost=17").  The log stays where it is.  Nothing
 * changes for files on disk, which take what they get.  False if there is no
 * thread. */
bool decision_log_in_background(struct decision_log *log);
/* The file under its name anew, as after logrotate; the old one stays if that
 * fails, and standard error says so. */
void decision_log_reopen(struct decision_log *log);
void decision_log_close(struct decision_log *log);
/* Writes the session's last decision, and says what to answer.  A log that
 * cannot be written to changes no decision. */
void decision_log_write(struct decision_log *log,
                        const mayrelay_session *session,
                        struct adapter_reply *reply);

#endif
