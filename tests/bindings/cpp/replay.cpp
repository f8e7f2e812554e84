/* What the C++ wrapper says to a dialogue; see ../README.md. */
#include "mayrelay.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

using word = std::optional<std::string>;

static word
decoded(std::string_view text)
{
    if (text == "-")
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); i++)
        if (text[i] == '%') {
            out += static_cast<char>(
                std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    return out;
}

static std::vector<word>
split(std::string_view line)
{
    std::vector<word> words;
    for (;;) {
        auto end = line.find('\t');
        words.push_back(decoded(line.substr(0, end)));
        if (end == line.npos)
            return words;
        line.remove_prefix(end + 1);
    }
}

static std::string
escaped(std::optional<std::string_view> text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (!text)
        return "-";
    if (*text == "-")
        return "%2D";
    std::string out;
    for (char c : *text) {
        auto octet = static_cast<unsigned char>(c);
        if (octet < 32 || octet == 127 || octet == '%')
            out += {'%', digits[octet / 16], digits[octet % 16]};
        else
            out += c;
    }
    return out;
}

struct replay {
    std::optional<mayrelay::policy> policy;
    std::optional<mayrelay::session> session;
    std::optional<mayrelay::coverage> coverage;

    void
    open(const std::string &path)
    {
        policy = mayrelay::policy::load(path);
        session.emplace(*policy, true);
        coverage.emplace(*policy);
    }

    static mayrelay_format
    format_of(const word &name)
    {
        return name == "json" ? MAYRELAY_JSON : MAYRELAY_TEXT;
    }

    void
    decide(const std::string &format) const
    {
        auto it = session->decision();
        auto why = it.explain(format_of(format));
        std::cout << it.code() << '\t' << it.line() << '\t' << it.needs()
                  << '\t' << it.is_relay();
        for (std::optional<std::string_view> text :
             {std::optional(mayrelay::name(it.verdict())),
              std::optional(it.enhanced()), std::optional(it.text()),
              std::optional(it.reply()),
              std::optional(mayrelay::name(it.reason())),
              std::optional(mayrelay::name(it.kind())), it.rule(), it.file(),
              it.connector(), it.recipient(),
              std::optional<std::string_view>(why)})
            std::cout << '\t' << escaped(text);
        std::cout << '\n';
    }

    void
    check(const std::vector<word> &w) const
    {
        auto reply = policy->check(*w[1], w[2], *w[3], *w[4]);
        std::cout << reply.code << '\t' << escaped(reply.line) << '\n';
    }

    /* -- what else can be asked -- */

    static void
    print(std::initializer_list<std::optional<std::string_view>> texts)
    {
        const char *before = "";
        for (auto text : texts) {
            std::cout << before << escaped(text);
            before = "\t";
        }
        std::cout << '\n';
    }

    void
    scope(const std::string &format) const
    {
        auto it = session->decision();
        char digits[17];
        std::snprintf(digits, sizeof digits, "%016llx",
                      static_cast<unsigned long long>(it.fingerprint()));
        print({digits, it.scope(format_of(format))});
    }

    void
    audit() const
    {
        mayrelay::audit audit(*policy);
        print({audit.disagreement(), audit.to_html()});
    }

    void
    diff(const std::string &path) const
    {
        mayrelay::diff diff(*policy, mayrelay::policy::load(path));
        print({mayrelay::name(diff.verdict()), diff.bug(),
               std::to_string(diff.count())});
        for (const auto &it : diff.changes())
            print({mayrelay::name(it.effect), it.witness});
        print({diff.to_text(50)});
        print({diff.to_json(50)});
    }

    void
    advise(const std::string &path) const
    {
        mayrelay::advice advice(*session, path);
        print({advice.note()});
        for (const auto &it : advice.edits())
            print({it.text, it.file, it.patch, it.rule, it.radius, it.warning,
                   std::to_string(it.line)});
        print({advice.to_text()});
        print({advice.to_json()});
    }

    void
    cases(const std::string &limit) const
    {
        mayrelay::cases all(*policy, std::stoul(limit));
        print({mayrelay::name(all.extent()), std::to_string(all.combinations()),
               std::to_string(all.left_out())});
        for (std::size_t i = 0; i < all.size(); i++)
            print({all.facts(i), all.decision(i)});
    }

    void
    covered()
    {
        for (const auto &it : coverage->lists()) {
            std::cout << escaped(it.name) << '\t' << escaped(it.first.file)
                      << '\t' << it.first.line << '\t' << it.entries << '\t'
                      << it.matched;
            for (const auto &missed : it.missed)
                std::cout << '\t' << escaped(missed.file) << '\t'
                          << missed.line;
            std::cout << '\n';
        }
    }

    bool
    learn(const std::vector<word> &w)
    {
        const std::string &call = *w[0];
        if (call == "scope")
            scope(*w[1]);
        else if (call == "log")
            print({session->to_log(format_of(w[1]), w[2], w[3])});
        else if (call == "audit")
            audit();
        else if (call == "diff")
            diff(*w[1]);
        else if (call == "advise")
            advise(*w[1]);
        else if (call == "cases")
            cases(*w[1]);
        else if (call == "cover")
            coverage->add(*session);
        else if (call == "covered")
            covered();
        else
            return false;
        return true;
    }

    static std::vector<std::string>
    rest(const std::vector<word> &words)
    {
        std::vector<std::string> all;
        for (std::size_t i = 2; i < words.size(); i++)
            all.push_back(*words[i]);
        return all;
    }

    void
    answer(const std::vector<word> &w)
    {
        if (*w[0] == "exists" && *w[1] == "failed")
            session->recipient_exists(mayrelay::failed);
        else if (*w[0] == "exists")
            session->recipient_exists(*w[1] == "yes");
        else if (*w[0] == "names" && *w[1] == "failed")
            session->client_names(mayrelay::failed);
        else if (*w[0] == "names")
            session->client_names(rest(w));
        else if (*w[1] == "failed")
            session->groups(mayrelay::failed);
        else
            session->groups(rest(w));
    }

    void
    connect(const std::vector<word> &w)
    {
        if (w[1])
            session->connect(*w[1], w[2]);
        else /* a host in C that forgets the client */
            mayrelay_session_connect(session->get(), nullptr,
                                     w[2] ? w[2]->c_str() : nullptr);
    }

    void
    obey(const std::vector<word> &w)
    {
        const std::string &call = *w[0];
        if (call == "policy")
            open(*w[1]);
        else if (call == "connect")
            connect(w);
        else if (call == "tls")
            session->tls(w[1]);
        else if (call == "auth")
            session->auth(w[1]);
        else if (call == "mail")
            session->mail(*w[1]);
        else if (call == "rcpt")
            session->rcpt(*w[1]);
        else if (call == "resume")
            session->resume();
        else if (call == "reset")
            session->reset();
        else if (call == "decide")
            decide(*w[1]);
        else if (call == "check")
            check(w);
        else if (!learn(w))
            answer(w);
    }
};

int
main()
{
    replay replay;
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);)
        try {
            replay.obey(split(line));
        } catch (const mayrelay::stage_error &) {
            /* nothing to cover */
        } catch (const mayrelay::text_error &) {
            /* the session is poisoned, and its decisions say so */
        }
    return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}
