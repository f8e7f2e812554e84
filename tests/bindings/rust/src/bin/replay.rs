//! What the Rust crate says to a dialogue; see ../README.md.

use std::io::{self, BufRead, Write};

use mayrelay::{Error, Format, LookUp, Policy, Session};

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

fn decide(session: &Session, format: &[u8], out: &mut Vec<u8>) {
    let it = session.decision();
    let (needs, relay) = (it.needs().0, u8::from(it.is_relay()));
    write!(out, "{}\t{}\t{needs}\t{relay}", it.code(), it.line()).unwrap();
    let format = if format == b"json" {
        Format::Json
    } else {
        Format::Text
    };
    let why = it.explain(format);
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

fn obey(
    policy: &Policy,
    session: &mut Session,
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
        _ => panic!("an unknown call"),
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let (stdin, stdout) = (io::stdin().lock(), io::stdout().lock());
    let mut stdout = io::BufWriter::new(stdout);
    let mut policy = Policy::parse("mayrelay: 1", "none")?;
    let mut session = Session::new(&policy)?;
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
            continue;
        }
        match obey(&policy, &mut session, call, &words, &mut out) {
            Ok(()) | Err(Error::Text(_)) => {} // the decisions speak of it
            Err(error) => return Err(error),
        }
        stdout.write_all(&out).map_err(Error::Io)?;
        out.clear();
    }
    stdout.flush().map_err(Error::Io)
}
