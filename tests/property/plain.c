#include "plain.h"

#include <arpa/inet.h>
#include <string.h>

static int
ip_octets(const struct ip *ip)
{
    return ip->family == 4 ? 4 : 16;
}

int
ip_compare(const struct ip *a, const struct ip *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->octets, b->octets, (size_t)ip_octets(a));
}

struct ip
ip_neighbour(struct ip ip, int distance)
{
    unsigned char passes = distance > 0 ? 0 : 255;
    for (int i = ip_octets(&ip) - 1; i >= 0; i--) {
        ip.octets[i] = (unsigned char)(ip.octets[i] + distance);
        if (ip.octets[i] != passes)
            break;
    }
    return ip;
}

struct ip
ip_of(const char *text)
{
    struct ip ip = {0};
    if (inet_pton(AF_INET, text, ip.octets) == 1)
        ip.family = 4;
    else if (inet_pton(AF_INET6, text, ip.octets) == 1)
        ip.family = 6;
    return ip;
}

void
ip_text(const struct ip *ip, char *out, size_t size)
{
    int family = ip->family == 4 ? AF_INET : AF_INET6;
    if (!inet_ntop(family, ip->octets, out, (socklen_t)size))
        out[0] = '\0';
}
