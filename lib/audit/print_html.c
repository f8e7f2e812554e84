/* The audit for people who want to show it: one HTML file that needs nothing
 * else, and no script. */
#include "audit/print_html.h"

#include "audit/html_style.h"
#include "image/policy.h"

/* -- what the parts share ----------------------------------------------- */

void
html_place(struct output *out, const char *file, uint32_t line)
{
    output_string(out, " <span class=\"place\">");
    html_string(out, file);
    if (line)
        output_format(out, ":%u", (unsigned)line);
    output_string(out, "</span>");
}

void
html_dialogue(struct output *out, const char *title, const char *dialogue,
              bool unfolded)
{
    if (!dialogue)
        return;
    output_format(out, "<details%s><summary>", unfolded ? " open" : "");
    html_string(out, title);
    output_string(out, "</summary>\n<pre class=\"dialogue\">");
    html_string(out, dialogue);
    output_string(out, "</pre></details>\n");
}

/* -- verdicts ----------------------------------------------------------- */

/* A class of the stylesheet. */
static const char *
class_of(enum mayrelay_audit_verdict verdict)
{
    switch (verdict) {
    case MAYRELAY_AUDIT_INCOMPLETE: break;
    case MAYRELAY_AUDIT_OPEN: return "open";
    case MAYRELAY_AUDIT_CONDITIONAL: return "conditional";
    case MAYRELAY_AUDIT_CLOSED: return "closed";
    }
    return "incomplete";
}

static const char *
headline(const struct mayrelay_audit *audit)
{
    switch (audit->verdicts.of[MAYRELAY_SOURCE_STRANGER].value) {
    case MAYRELAY_AUDIT_INCOMPLETE: break;
    case MAYRELAY_AUDIT_OPEN: return "This is an open relay";
    case MAYRELAY_AUDIT_CONDITIONAL:
        return "Strangers can relay, under a condition";
    case MAYRELAY_AUDIT_CLOSED: return "Strangers cannot relay";
    }
    return "Nothing is proven";
}

static const char *
who_is(enum mayrelay_audit_source source)
{
    switch (source) {
    case MAYRELAY_SOURCE_STRANGER: return "anybody on the Internet, anonymous";
    case MAYRELAY_SOURCE_ACCOUNT:
        return "who has stolen one account, or one certificate";
    case MAYRELAY_SOURCE_DNS: return "the owner of a DNS zone";
    case MAYRELAY_SOURCE_HOST: return "what the mail server says of groups";
    }
    return "";
}

static void
write_card(struct output *out, const char *name, const char *who,
           enum mayrelay_audit_verdict value, const char *reason)
{
    output_format(out,
                  "<article class=\"card %s\">\n<h3>%s</h3>\n<p "
                  "class=\"who\">%s</p>\n<p class=\"verdict\">%s</p>\n<p>",
                  class_of(value), name, who,
                  mayrelay_audit_verdict_name(value));
    html_string(out, reason);
    output_string(out, "</p>\n");
}

static void
write_look_ups(struct output *out, const struct unknown_proof *unknown)
{
    char reason[200];
    struct output text = output_to(reason, sizeof reason);
    output_format(&text,
                  "%s: no look-up that fails accepts what an answer could "
                  "refuse (%zu classes of names, %zu of groups)",
                  unknown->holds ? "proven" : "not proven", unknown->names,
                  unknown->groups);
    write_card(out, "Look-ups", "DNS and the mail server, when they fail",
               unknown->holds ? MAYRELAY_AUDIT_CLOSED
                              : MAYRELAY_AUDIT_INCOMPLETE,
               reason);
    output_string(out, "</article>\n");
}

static void
write_verdicts(struct output *out, const struct mayrelay_audit *audit)
{
    static const char *const NAMES[SOURCES] = {
        [MAYRELAY_SOURCE_STRANGER] = "Stranger",
        [MAYRELAY_SOURCE_ACCOUNT] = "Account",
        [MAYRELAY_SOURCE_DNS] = "DNS",
        [MAYRELAY_SOURCE_HOST] = "Host"};
    output_string(out, "<section aria-labelledby=\"verdicts\">\n"
                       "<h2 id=\"verdicts\">Verdicts</h2>\n"
                       "<div class=\"cards\">\n");
    for (size_t i = 0; i < SOURCES; i++) {
        const struct verdict *verdict = &audit->verdicts.of[i];
        write_card(out, NAMES[i], who_is((enum mayrelay_audit_source)i),
                   verdict->value, verdict->reason);
        html_dialogue(out, "How: a dialogue that was accepted",
                      verdict->witness, i == MAYRELAY_SOURCE_STRANGER);
        output_string(out, "</article>\n");
    }
    write_look_ups(out, &audit->unknown);
    output_string(out, "</div>\n");
    html_dialogue(out,
                  "A bug in mayrelay, please report it: a dialogue that the "
                  "evaluator refuses, and the audit accepts",
                  audit->verdicts.disagreement, true);
    output_string(out, "<h3>Assumed</h3>\n<ul class=\"assumed\">\n");
    for (size_t i = 0; AUDIT_ASSUMPTIONS[i]; i++) {
        output_string(out, "<li>");
        html_string(out, AUDIT_ASSUMPTIONS[i]);
        output_string(out, "</li>\n");
    }
    output_string(out, "</ul>\n</section>\n");
}

/* -- findings ----------------------------------------------------------- */

enum {
    FINDINGS_SHOWN = 500
};

static void
write_finding(struct output *out, const mayrelay_report *report, size_t i)
{
    static const char *const NAMES[] = {"note", "warning", "error"};
    const char *severity = NAMES[mayrelay_report_get_severity(report, i)];
    const char *hint = mayrelay_report_get_hint(report, i);
    output_format(out, "<tr><td><span class=\"badge %s\">%s</span></td><td>",
                  severity, severity);
    html_string(out, mayrelay_report_get_text(report, i));
    if (hint) {
        output_string(out, "<p class=\"hint\">");
        html_string(out, hint);
        output_string(out, "</p>");
    }
    html_dialogue(out, "A dialogue that shows it",
                  mayrelay_report_get_witness(report, i), false);
    output_string(out, "</td><td>");
    html_place(out, mayrelay_report_get_file(report, i),
               mayrelay_report_get_line(report, i));
    output_string(out, "</td><td>");
    html_string(out, mayrelay_report_get_id(report, i));
    output_string(out, "</td></tr>\n");
}

void
html_findings(struct output *out, const mayrelay_report *report)
{
    size_t count = mayrelay_report_count(report);
    output_string(out, "<section aria-labelledby=\"findings\">\n"
                       "<h2 id=\"findings\">Findings</h2>\n");
    if (!count)
        output_string(out, "<p>None.</p>\n");
    else
        output_string(
            out, "<table class=\"findings\">\n<caption>What is wrong, and "
                 "what to do about it</caption>\n<thead><tr><th "
                 "scope=\"col\">Severity</th><th scope=\"col\">Finding</th>"
                 "<th scope=\"col\">Place</th><th scope=\"col\">Id</th>"
                 "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++)
        write_finding(out, report, i);
    if (count)
        output_string(out, "</tbody></table>\n");
    if (count > FINDINGS_SHOWN)
        output_format(out, "<p>And %zu more.</p>\n", count - FINDINGS_SHOWN);
    output_string(out, "</section>\n");
}

/* -- the page ----------------------------------------------------------- */

static void
write_head(struct output *out, const struct mayrelay_audit *audit)
{
    output_string(out,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                  "<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" "
                  "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                  "<meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    html_string(out, headline(audit));
    output_string(out, ": ");
    html_string(out, image_file(audit->image, 0));
    output_string(out, "</title>\n<style>\n");
    for (size_t i = 0; HTML_STYLE[i]; i++)
        output_format(out, "%s\n", HTML_STYLE[i]);
    output_string(out, "</style>\n</head>\n<body>\n");
}

static void
write_header(struct output *out, const struct mayrelay_audit *audit)
{
    output_format(
        out,
        "<header class=\"%s\">\n<p class=\"kicker\">mayrelay audit</p>\n<h1>",
        class_of(audit->verdicts.of[MAYRELAY_SOURCE_STRANGER].value));
    html_string(out, headline(audit));
    output_string(out, "</h1>\n<dl>\n<dt>Policy</dt><dd>");
    html_string(out, image_file(audit->image, 0));
    output_string(out, "</dd>\n<dt>Digest</dt><dd><code>");
    html_string(out, mayrelay_policy_get_digest(audit->policy));
    output_string(out, "</code></dd>\n</dl>\n</header>\n");
}

size_t
mayrelay_audit_to_html(const mayrelay_audit *audit,
                       const mayrelay_report *findings, char *buffer,
                       size_t size)
{
    struct output out = output_to(buffer, size);
    if (!audit)
        return 0;
    write_head(&out, audit);
    write_header(&out, audit);
    output_string(&out, "<main>\n");
    write_verdicts(&out, audit);
    html_grants(&out, audit);
    html_findings(&out, findings);
    output_string(&out, "</main>\n<footer><p>");
    output_string(&out,
                  audit->surface.over_budget
                      ? "The policy was too large to look at all transactions."
                      : "Every transaction was looked at, through the rules as "
                        "they are compiled; the dialogues were accepted by the "
                        "evaluator itself.");
    output_string(&out, "</p></footer>\n</body>\n</html>\n");
    return out.size;
}
