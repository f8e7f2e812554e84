/* The only file that knows c-ares: 1.18, and 1.28 and later, which hand out
 * answers that they have read themselves (MAYRELAY_CARES_RECORDS).
 *
 * ares_library_init is not called: it does nothing on POSIX systems, and is
 * not safe where other threads use c-ares too. */
#include "dns/cares.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    CLASS_IN = 1,
    UDP_QUERIES_MOST = 64, /* of one socket, and so from one port */
    TRIES = 3,
    /* Of one server, the waits of three tries are one, two and four units; the
     * eighth is left for the way. */
    UNITS_OF_DEADLINE = 8,
    UNIT_LEAST_MS = 5,
    UNIT_MOST_MS = 2000
};

struct cares {
    ares_channel channel;
    struct sockets *sockets;
    size_t pending;
};

/* One question, until it is done with. */
struct asked {
    struct cares *cares;
    cares_done *done;
    void *context;
};

/* -- sockets ------------------------------------------------------------ */

static void
on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct cares *cares = context;
    sockets_set(cares->sockets, fd,
                (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0)));
}

#ifndef MAYRELAY_CARES_RECORDS
/* c-ares 1.18 writes to TCP by writev, which raises SIGPIPE when the server has
 * hung up.  Who replaces that has to replace all. */

static ares_socket_t
open_socket(int family, int type, int protocol, void *context)
{
    (void)context;
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int
close_socket(ares_socket_t fd, void *context)
{
    (void)context;
    return close(fd);
}

static int
connect_socket(ares_socket_t fd, const struct sockaddr *address,
               ares_socklen_t size, void *context)
{
    (void)context;
    return connect(fd, address, size);
}

static bool
is_datagram_socket(ares_socket_t fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_DGRAM;
}

/* A datagram of no octets is noise, which anybody can send.  To c-ares it would
 * be the end of the connection, and a try less for every question under way. */
static ares_ssize_t
receive(ares_socket_t fd, void *data, size_t size, int flags,
        struct sockaddr *address, ares_socklen_t *address_size, void *context)
{
    (void)context;
    ares_ssize_t got = recvfrom(fd, data, size, flags, address, address_size);
    if (got != 0 || !is_datagram_socket(fd))
        return got;
    errno = EAGAIN;
    return -1;
}

static ares_ssize_t
send_parts(ares_socket_t fd, const struct iovec *parts, int count,
           void *context)
{
    struct msghdr message = {.msg_iovlen = (size_t)count};
    (void)context;
    if (count == 1)
        return send(fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL);
    message.msg_iov = (struct iovec *)parts; /* which sendmsg only reads */
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions SOCKETS = {
    open_socket, close_socket, connect_socket, receive, send_parts};

static void
replace_sockets(ares_channel channel)
{
    ares_set_socket_functions(channel, &SOCKETS, NULL);
}
#else
static void
replace_sockets(ares_channel channel)
{
    (void)channel;
}
#endif

/* -- life --------------------------------------------------------------- */

static void
put_ipv6(unsigned char octets[16], struct address address)
{
    for (unsigned i = 0; i < 16; i++) {
        uint64_t half = i < 8 ? address.high : address.low;
        octets[i] = (unsigned char)(half >> (56 - i % 8 * 8));
    }
}

static bool
set_servers(ares_channel channel, const struct cares_settings *settings)
{
    struct ares_addr_port_node nodes[CARES_SERVERS_MOST] = {0};
    for (size_t i = 0; i < settings->server_count; i++) {
        struct address address = settings->servers[i].address;
        struct ares_addr_port_node *node = &nodes[i];
        if (i + 1 < settings->server_count)
            node->next = &nodes[i + 1];
        node->family = address.family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
        if (address.family == ADDRESS_IPV6)
            put_ipv6((unsigned char *)&node->addr.addr6, address);
        else
            node->addr.addr4.s_addr = htonl((uint32_t)address.low);
        node->udp_port = node->tcp_port = settings->servers[i].port;
    }
    return settings->server_count == 0 ||
           ares_set_servers_ports(channel, nodes) == ARES_SUCCESS;
}

static int
unit_ms(const struct cares_settings *settings)
{
    uint32_t unit = settings->deadline_ms / UNITS_OF_DEADLINE;
    if (unit < UNIT_LEAST_MS)
        return UNIT_LEAST_MS;
    return unit > UNIT_MOST_MS ? UNIT_MOST_MS : (int)unit;
}

/* A server that fails or refuses is left for the next: so not NOCHECKRESP. */
static bool
open_channel(struct cares *cares, const struct cares_settings *settings)
{
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN,
        .timeout = unit_ms(settings),
        .tries = TRIES,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = cares,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
               ARES_OPT_SOCK_STATE_CB;
#ifdef MAYRELAY_CARES_RECORDS
    options.udp_max_queries = UDP_QUERIES_MOST;
    options.qcache_max_ttl = 0; /* we have a cache of our own */
    mask |= ARES_OPT_UDP_MAX_QUERIES | ARES_OPT_QUERY_CACHE;
#endif
    if (ares_init_options(&cares->channel, &options, mask) != ARES_SUCCESS)
        return false;
    replace_sockets(cares->channel);
    return true;
}

struct cares *
cares_new(const struct cares_settings *settings, struct sockets *sockets)
{
    struct cares *cares = memory_new(1, sizeof *cares);
    if (!cares)
        return NULL;
    cares->sockets = sockets;
    if (!open_channel(cares, settings)) {
        memory_free(cares);
        return NULL;
    }
    if (!set_servers(cares->channel, settings)) {
        cares_free(cares);
        return NULL;
    }
    return cares;
}

void
cares_free(struct cares *cares)
{
    if (!cares)
        return;
    ares_destroy(cares->channel);
    memory_free(cares);
}

/* -- questions ---------------------------------------------------------- */

static enum mayrelay_dns_result
result_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
    case ARES_ENOTFOUND: return MAYRELAY_DNS_FOUND;
    case ARES_ETIMEOUT: return MAYRELAY_DNS_TIMEOUT;
    case ARES_ESERVFAIL:
    case ARES_ENOTIMP:
    case ARES_EREFUSED:
    case ARES_EFORMERR:
    case ARES_ECONNREFUSED: return MAYRELAY_DNS_UNREACHABLE;
    case ARES_EBADRESP: return MAYRELAY_DNS_MALFORMED;
    default: return MAYRELAY_DNS_FAILED;
    }
}

static void
finish(struct asked *asked, int status, const void *data, size_t size)
{
    struct asked copy = *asked;
    enum mayrelay_dns_result result = result_of(status);
    asked->cares->pending--;
    memory_free(asked);
    copy.done(copy.context, result, data, size);
}

#ifdef MAYRELAY_CARES_RECORDS
static void
on_answer(void *context, ares_status_t status, size_t timeouts,
          const ares_dns_record_t *record)
{
    unsigned char *data = NULL;
    size_t size = 0;
    (void)timeouts;
    if (record && ares_dns_write(record, &data, &size) == ARES_ENOMEM)
        status = ARES_ENOMEM;
    finish(context, (int)status, data, size);
    ares_free_string(data);
}

static void
query(struct cares *cares, const char *name, uint16_t type, struct asked *asked)
{
    ares_query_dnsrec(cares->channel, name, ARES_CLASS_IN,
                      (ares_dns_rec_type_t)type, on_answer, asked, NULL);
}
#else
static void
on_answer(void *context, int status, int timeouts, unsigned char *data,
          int size)
{
    (void)timeouts;
    finish(context, status, data, data && size > 0 ? (size_t)size : 0);
}

static void
query(struct cares *cares, const char *name, uint16_t type, struct asked *asked)
{
    ares_query(cares->channel, name, CLASS_IN, type, on_answer, asked);
}
#endif

void
cares_ask(struct cares *cares, const char *name, uint16_t type,
          cares_done *done, void *context)
{
    struct asked *asked = memory_new(1, sizeof *asked);
    if (!asked) {
        done(context, MAYRELAY_DNS_FAILED, NULL, 0);
        return;
    }
    *asked = (struct asked){cares, done, context};
    cares->pending++;
    query(cares, name, type, asked);
}

size_t
cares_pending(const struct cares *cares)
{
    return cares->pending;
}

/* -- the loop ----------------------------------------------------------- */

void
cares_process(struct cares *cares, int fd, short ready)
{
    bool readable = (ready & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) != 0;
    bool writable = (ready & POLLOUT) != 0;
    ares_process_fd(cares->channel, readable ? fd : ARES_SOCKET_BAD,
                    writable ? fd : ARES_SOCKET_BAD);
}

int
cares_timeout_ms(const struct cares *cares)
{
    struct timeval room;
    struct timeval *left = ares_timeout(cares->channel, NULL, &room);
    if (!left)
        return -1;
    /* Woken too early there would be nothing to do, again and again: so up to
     * the next millisecond, as c-ares 1.18 itself rounds down. */
    return (int)(left->tv_sec * 1000 + left->tv_usec / 1000) + 1;
}
