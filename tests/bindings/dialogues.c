/* Random dialogues for the bindings, with the policies they speak of.
 *
 *     binding_dialogues FOLDER DECISIONS [SEED]
 *
 * Policies go into FOLDER, the dialogues (see README.md) to standard output.
 * Sessions are used again, facts come early, late or never, and every call
 * that decides is followed by a `decide`. */
#include <mayrelay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../property/generate.h"

enum {
    CONNECTIONS = 25, /* a policy */
    MAILS = 2,        /* a connection, at most */
    RECIPIENTS = 3    /* a mail, at most */
};

struct talk {
    struct random random;
    struct policy policy;
    struct facts facts;
    const char *folder;
    long decisions;
};

static void
say(const char *text, size_t size)
{
    putchar('\t');
    if (size == 1 && *text == '-')
        fputs("%2D", stdout);
    else
        for (size_t i = 0; i < size; i++) {
            unsigned char c = (unsigned char)text[i];
            if (c < 32 || c == 127 || c == '%')
                printf("%%%02X", c);
            else
                putchar(c);
        }
}

static void
say_text(const char *text)
{
    say(text, strlen(text));
}

static void
decide(struct talk *talk)
{
    talk->decisions++;
    printf("decide\t%s\n", random_chance(&talk->random, 50) ? "text" : "json");
}

/* -- facts ----------------------------------------------------------------- */

static void
say_address(const struct ip *ip, bool mapped)
{
    char text[64];
    ip_text(ip, text, sizeof text);
    printf("%s%s", mapped ? "::ffff:" : "", text);
}

static void
say_listener(const struct facts *facts)
{
    bool brackets = facts->listener.family == 6 && facts->listener_port != 0;
    fputs(brackets ? "[" : "", stdout);
    say_address(&facts->listener, false);
    fputs(brackets ? "]" : "", stdout);
    if (facts->listener_port)
        printf(":%d", facts->listener_port);
}

static void
say_connect(const struct facts *facts)
{
    fputs("connect\t", stdout);
    if (facts->client.family)
        say_address(&facts->client, facts->client_mapped);
    else
        fputs("10.1.2", stdout); /* unreadable */
    putchar('\t');
    if (facts->listener.family)
        say_listener(facts);
    else
        putchar('-');
    putchar('\n');
}

static void
say_list(const char *call, enum knowledge knowledge,
         const char texts[NAMES_MOST][TEXT_MOST], int count, bool malformed)
{
    if (knowledge == UNKNOWN_YET)
        return;
    printf("%s\t%s", call, knowledge == KNOWN ? "known" : "failed");
    for (int i = 0; knowledge == KNOWN && i < count; i++)
        say_text(texts[i]);
    if (knowledge == KNOWN && malformed)
        say_text("bad..example");
    putchar('\n');
}

static void
say_names(const struct facts *facts)
{
    say_list("names", facts->names, facts->written, facts->name_count,
             facts->name_malformed);
}

static void
say_groups(const struct facts *facts)
{
    say_list("groups", facts->groups, facts->group, facts->group_count, false);
}

static void
say_identity(const struct facts *facts)
{
    if (facts->tls)
        printf("tls\t%s\n", facts->certificate[0] ? facts->certificate : "-");
    if (facts->has_identity) {
        fputs("auth", stdout);
        say_text(facts->identity);
        putchar('\n');
    }
}

static void
say_exists(const struct facts *facts)
{
    if (facts->exists == UNKNOWN_YET)
        return;
    printf("exists\t%s\n", facts->exists == FAILED ? "failed"
                           : facts->exists_value   ? "yes"
                                                   : "no");
}

/* -- the dialogue ---------------------------------------------------------- */

static bool
has_nul(const struct mail *mail)
{
    return memchr(mail->argument, 0, mail->size) != NULL;
}

/* mayrelay_check takes texts that end in NUL. */
static void
say_check(struct talk *talk, const struct facts *facts)
{
    if (!facts->client.family || has_nul(&facts->sender) ||
        has_nul(&facts->recipient))
        return;
    talk->decisions++;
    fputs("check\t", stdout);
    say_address(&facts->client, facts->client_mapped);
    if (facts->has_identity)
        say_text(facts->identity);
    else
        fputs("\t-", stdout);
    say(facts->sender.argument, facts->sender.size);
    say(facts->recipient.argument, facts->recipient.size);
    putchar('\n');
}

static void
talk_of_recipient(struct talk *talk)
{
    struct facts *facts = &talk->facts;
    generate_recipient(&talk->random, facts);
    fputs("rcpt", stdout);
    say(facts->recipient.argument, facts->recipient.size);
    putchar('\n');
    decide(talk);
    if (random_chance(&talk->random, 30)) {
        say_names(facts);
        say_groups(facts);
    }
    say_exists(facts);
    puts("resume");
    decide(talk);
    if (random_chance(&talk->random, 10))
        say_check(talk, facts);
}

static void
talk_of_mail(struct talk *talk)
{
    struct facts *facts = &talk->facts;
    generate_sender(&talk->random, facts);
    if (facts->sender.kind != MAIL_NOT_GIVEN) {
        fputs("mail", stdout);
        say(facts->sender.argument, facts->sender.size);
        putchar('\n');
        decide(talk);
    }
    for (int i = random_below(&talk->random, RECIPIENTS); i >= 0; i--)
        talk_of_recipient(talk);
    if (random_chance(&talk->random, 50))
        puts("reset");
}

static void
talk_of_connection(struct talk *talk)
{
    struct facts *facts = &talk->facts;
    generate_connection(&talk->random, facts);
    say_connect(facts);
    decide(talk);
    if (random_chance(&talk->random, 60))
        say_names(facts);
    say_identity(facts);
    if (random_chance(&talk->random, 60))
        say_groups(facts);
    for (int i = random_below(&talk->random, MAILS); i >= 0; i--)
        talk_of_mail(talk);
}

static void
talk_of_policy(struct talk *talk, int number)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/generated-%04d.json", talk->folder, number);
    generate_policy(&talk->random, &talk->policy);
    char *text = write_policy(&talk->random, &talk->policy);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    free(text);
    fputs("policy", stdout);
    say_text(path);
    putchar('\n');
    for (int i = 0; i < CONNECTIONS; i++)
        talk_of_connection(talk);
}

int
main(int argc, char **argv)
{
    static struct talk talk; /* too large for some stacks */
    if (argc < 3) {
        fputs("usage: binding_dialogues FOLDER DECISIONS [SEED]\n", stderr);
        return 64;
    }
    talk.folder = argv[1];
    talk.random.state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    long wanted = strtol(argv[2], NULL, 10);
    for (int number = 0; talk.decisions < wanted; number++)
        talk_of_policy(&talk, number);
    fprintf(stderr, "%ld decisions\n", talk.decisions);
    return ferror(stdout) || fflush(stdout) != 0;
}
