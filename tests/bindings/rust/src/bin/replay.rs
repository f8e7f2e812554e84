//! What the Rust crate says to a dialogue; see ../README.md.

use std::io::{self, BufRead, Write};

use mayrelay::{Coverage, Error, Format, LookUp, Policy, Session};

type Word = Option<Vec<u8>>;

fn decoded(word: &[u8]) -> Word {
    if word == b"-" {
        return None;
    }
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((&octet, more)) = rest.split_first() {
        rest = more;
        if octet == b'%' {
            let code = std::str::from_utf8(&rest[..2]).unwrap();
            out.push(u8::from_str_radix(code, 16).unwrap());
            rest = &rest[2..];
        } else {
            out.push(octet);
        }
    }
    Some(out)
}

fn put(out: &mut Vec<u8>, text: Option<&[u8]>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    match text {
        None => out.push(b'-'),
        Some(b"-") => out.extend(b"%2D"),
        Some(text) => {
            for &octet in text {
                if octet < 32 || octet == 127 || octet == b'%' {
                    let digits = [octet / 16, octet % 16].map(|it| DIGITS[usize::from(it)]);
                    out.extend([b'%', digits[0], digits[1]]);
                } else {
                    out.push(octet);
                }
            }
        }
    }
}

fn text_of(word: &Word) -> Option<&str> {
    word.as_ref().map(|it| std::str::from_utf8(it).unwrap())
}

fn format_of(name: &[u8]) -> Format {
    if name == b"json" {
        Format::Json
    } else {
        Format::Text
    }
}

fn decide(session: &Session, format: &[u8], out: &mut Vec<u8>) {
    let it = session.decision();
    let (needs, relay) = (it.needs().0, u8::from(it.is_relay()));
    write!(out, "{}\t{}\t{needs}\t{relay}", it.code(), it.line()).unwrap();
    let why = it.explain(format_of(format));
    let (verdict, reason, kind) = (it.verdict().name(), it.reason().name(), it.kind().name());
    for text in [
        Some(verdict.as_bytes()),
        Some(it.enhanced().as_bytes()),
        Some(it.text().as_bytes()),
        Some(it.reply().as_bytes()),
        Some(reason.as_bytes()),
        Some(kind.as_bytes()),
        it.rule().map(str::as_bytes),
        it.file(),
        it.connector().map(str::as_bytes),
        it.recipient().map(str::as_bytes),
        Some(why.as_bytes()),
    ] {
        out.push(b'\t');
        put(out, text);
    }
    out.push(b'\n');
}

fn check(policy: &Policy, words: &[Word], out: &mut Vec<u8>) -> Result<(), Error> {
    let octets = |word: &Word| word.clone().unwrap();
    let reply = policy.check(
        text_of(&words[0]).unwrap(),
        text_of(&words[1]),
        &octets(&words[2]),
        &octets(&words[3]),
    )?;
    write!(out, "{}\t", reply.code).unwrap();
    put(out, Some(reply.line.as_bytes()));
    out.push(b'\n');
    Ok(())
}

fn all_or_failed(words: &[Word]) -> LookUp<Vec<Vec<u8>>> {
    match words[0].as_deref() {
        Some(b"known") => LookUp::Known(words[1..].iter().flatten().cloned().collect()),
        _ => LookUp::Failed,
    }
}

fn connect(session: &mut Session, words: &[Word]) -> Result<(), Error> {
    match text_of(&words[0]) {
        Some(client) => session.connect(client, text_of(&words[1])).map(|_| ()),
        // A host that forgets the client.
        None => session.connect("", text_of(&words[1])).map(|_| ()),
    }
}

// -- what else can be asked ----------------------------------------------------

fn print<const N: usize>(out: &mut Vec<u8>, texts: [Option<&[u8]>; N]) {
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        put(out, text);
    }
    out.push(b'\n');
}

fn scope(session: &Session, format: &[u8], out: &mut Vec<u8>) {
    let it = session.decision();
    let digits = format!("{:016x}", it.fingerprint());
    let scope = it.scope(format_of(format));
    print(out, [Some(digits.as_bytes()), Some(scope.as_bytes())]);
}

fn audit(policy: &Policy, out: &mut Vec<u8>) -> Result<(), Error> {
    let audit = policy.audit(&[])?;
    let html = audit.to_html();
    let disagreement = audit.disagreement().map(str::as_bytes);
    print(out, [disagreement, Some(html.as_bytes())]);
    Ok(())
}

fn diff(policy: &Policy, path: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    let diff = policy.diff(&Policy::load(path)?)?;
    let count = diff.count().unwrap_or(u64::MAX).to_string();
    let verdict = diff.verdict().name();
    print(
        out,
        [
            Some(verdict.as_bytes()),
            diff.bug().map(str::as_bytes),
            Some(count.as_bytes()),
        ],
    );
    for it in diff.changes() {
        let effect = it.effect.name();
        print(
            out,
            [Some(effect.as_bytes()), it.witness.map(str::as_bytes)],
        );
    }
    print(out, [Some(diff.to_text(50).as_bytes())]);
    print(out, [Some(diff.to_json(50).as_bytes())]);
    Ok(())
}

fn advise(session: &Session, path: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    let advice = session.advise(path)?;
    print(out, [advice.note().map(str::as_bytes)]);
    for it in advice.edits() {
        print(
            out,
            [
                Some(it.text.as_bytes()),
                it.file,
                it.patch,
                it.rule.map(str::as_bytes),
                Some(it.radius.as_bytes()),
                it.warning.map(str::as_bytes),
                Some(it.line.to_string().as_bytes()),
            ],
        );
    }
    print(out, [Some(advice.to_text().as_bytes())]);
    print(out, [Some(advice.to_json().as_bytes())]);
    Ok(())
}

fn cases(policy: &Policy, limit: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    let all = policy.cases(limit.parse().unwrap())?;
    let combinations = all.combinations().unwrap_or(u64::MAX);
    let left_out = all.left_out();
    writeln!(out, "{}\t{combinations}\t{left_out}", all.extent().name()).unwrap();
    for it in all.iter() {
        print(
            out,
            [Some(it.facts.as_bytes()), Some(it.decision.as_bytes())],
        );
    }
    Ok(())
}

fn covered(coverage: &mut Coverage, out: &mut Vec<u8>) -> Result<(), Error> {
    for it in coverage.lists()? {
        put(out, Some(it.name.as_bytes()));
        out.push(b'\t');
        put(out, it.place.file);
        write!(out, "\t{}\t{}\t{}", it.place.line, it.entries, it.matched).unwrap();
        for place in it.missed {
            out.push(b'\t');
            put(out, place.file);
            write!(out, "\t{}", place.line).unwrap();
        }
        out.push(b'\n');
    }
    Ok(())
}

fn obey(
    policy: &Policy,
    session: &mut Session,
    coverage: &mut Coverage,
    call: &[u8],
    words: &[Word],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let first = words.first().and_then(Option::as_deref);
    match call {
        b"connect" => return connect(session, words),
        b"tls" => return session.tls(first),
        b"auth" => return session.auth(first),
        b"names" => return session.client_names(all_or_failed(words)),
        b"groups" => return session.groups(all_or_failed(words)),
        b"mail" => drop(session.mail(first.unwrap())),
        b"rcpt" => drop(session.rcpt(first.unwrap())),
        b"exists" if first == Some(b"failed") => {
            return session.recipient_exists(LookUp::Failed);
        }
        b"exists" => return session.recipient_exists(LookUp::Known(first == Some(b"yes"))),
        b"resume" => drop(session.resume()),
        b"reset" => session.reset(),
        b"decide" => decide(session, first.unwrap(), out),
        b"check" => return check(policy, words, out),
        b"scope" => scope(session, first.unwrap(), out),
        b"log" => {
            let format = format_of(first.unwrap());
            let said = session.to_log(format, text_of(&words[1]), text_of(&words[2]))?;
            print(out, [Some(said.as_bytes())]);
        }
        b"audit" => return audit(policy, out),
        b"diff" => return diff(policy, text_of(&words[0]).unwrap(), out),
        b"advise" => return advise(session, text_of(&words[0]).unwrap(), out),
        b"cases" => return cases(policy, text_of(&words[0]).unwrap(), out),
        b"cover" => return coverage.add(session),
        b"covered" => return covered(coverage, out),
        _ => panic!("an unknown call"),
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let (stdin, stdout) = (io::stdin().lock(), io::stdout().lock());
    let mut stdout = io::BufWriter::new(stdout);
    let mut policy = Policy::parse("mayrelay: 1", "none")?;
    let mut session = Session::new(&policy)?;
    let mut coverage = Coverage::new(&policy)?;
    let mut out = Vec::new();
    for line in stdin.split(b'\n') {
        let line = line.map_err(Error::Io)?;
        let mut parts = line.split(|&it| it == b'\t');
        let call = parts.next().unwrap();
        let words: Vec<Word> = parts.map(decoded).collect();
        if call == b"policy" {
            policy = Policy::load(text_of(&words[0]).unwrap())?;
            session = Session::new(&policy)?;
            session.rewrites(true);
            coverage = Coverage::new(&policy)?;
            continue;
        }
        let told = obey(&policy, &mut session, &mut coverage, call, &words, &mut out);
        match told {
            Ok(()) | Err(Error::Text(_) | Error::Stage) => {} // the decisions speak of it
            Err(error) => return Err(error),
        }
        stdout.write_all(&out).map_err(Error::Io)?;
        out.clear();
    }
    stdout.flush().map_err(Error::Io)
}
