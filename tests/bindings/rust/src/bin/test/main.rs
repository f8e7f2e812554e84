//! Lifetimes, threads, fork, and whatever a careless caller hands over.

use std::fs;
use std::os::unix::io::AsRawFd;
use std::thread;

mod count;
mod learned;
mod watch;

use count::Count;
use mayrelay::{Error, Format, LookUp, Policy, Resolver, Session, Severity, Verdict};

const POLICY: &str = "
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}]}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
";

fn policy() -> Policy {
    Policy::parse(POLICY, "policy.yaml").unwrap()
}

fn at_rcpt(policy: &Policy) -> Session {
    let mut session = Session::new(policy).unwrap();
    session.connect("10.1.2.3", None).unwrap();
    session.mail("a@b.example");
    assert!(session.rcpt("c@far.example").accepted());
    session
}

fn known<const N: usize>(texts: [&str; N]) -> LookUp<[&str; N]> {
    LookUp::Known(texts)
}

const FAILED: LookUp<[&str; 0]> = LookUp::Failed;

fn accepts_nothing(session: &mut Session) -> bool {
    !session.decision().accepted() && !session.resume().accepted()
}

fn the_face(count: &mut Count) {
    let policy = policy();
    let mut session = at_rcpt(&policy);
    let it = session.decision();
    count.expect(
        it.rule() == Some("office") && it.line() == 7,
        "rule and line",
    );
    count.expect(it.file() == Some(b"policy.yaml") && it.is_relay(), "file");
    count.expect(it.recipient() == Some("c@far.example"), "recipient");
    count.expect(it.explain(Format::Text).contains("office"), "explain");
    count.expect(it.to_json().starts_with('{'), "to_json");
    session.connect_from(
        "203.0.113.9".parse().unwrap(),
        "[2001:db8::1]:25".parse().ok(),
    );
    session.mail("");
    count.expect(session.rcpt("c@far.example").needs().client_name(), "needs");
    session.client_names(known(["a.trusted.example"])).unwrap();
    count.expect(session.resume().rule() == Some("known"), "names");
    session.client_names(known([])).unwrap();
    count.expect(
        session.resume().reason().name() == "relay-denied",
        "no names",
    );
    session.client_names(FAILED).unwrap();
    count.expect(session.resume().verdict() == Verdict::Defer, "failed");
    session.auth(Some(b"joe")).unwrap();
    session.mail("a@b.example");
    session.groups(known(["admins"])).unwrap();
    count.expect(
        session.rcpt("c@far.example").rule() == Some("admins"),
        "groups",
    );
    count.expect(
        session.rcpt("joe@example.com").needs().recipient(),
        "mailbox",
    );
    session.recipient_exists(LookUp::Known(true)).unwrap();
    count.expect(session.resume().accepted(), "it exists");
    session.recipient_exists(LookUp::Failed).unwrap();
    count.expect(!session.resume().accepted(), "nobody knows");
    session.auth(None).unwrap();
    session.tls(None).unwrap();
    session.reset();
    count.expect(mayrelay::version().contains('.'), "version");
}

fn errors(count: &mut Count) {
    match Policy::parse("mayrelay: 1\nrelay: {alow: []}\n", "bad.yaml") {
        Err(Error::Policy(findings)) => {
            let last = findings.last().unwrap();
            let place = (last.file.as_deref(), last.line, last.column);
            count.expect(place == (Some("bad.yaml"), 2, 9), "file and line");
            count.expect(
                last.severity == Severity::Error && last.hint.is_some(),
                "hint",
            );
            let said = Error::Policy(findings).to_string();
            count.expect(said.contains("bad.yaml:2:9: error:"), "message");
        }
        other => count.expect(false, &format!("{other:?}")),
    }
    let nowhere = Policy::load("/nowhere/policy.yaml");
    count.expect(matches!(nowhere, Err(Error::Policy(_))), "nowhere");
    let saved = policy().save("/nowhere/policy.mrp");
    count.expect(matches!(saved, Err(Error::Io(_))), "io");
    let early = Session::new(&policy())
        .unwrap()
        .recipient_exists(LookUp::Known(true));
    count.expect(matches!(early, Err(Error::Stage)), "stage");
    let warned = Policy::parse("mayrelay: 1", "policy").unwrap();
    count.expect(!warned.warnings().is_empty(), "warnings");
}

fn lifetimes(count: &mut Count) {
    let mut orphan = at_rcpt(&policy());
    count.expect(
        orphan.rcpt("d@far.example").accepted(),
        "outlives its policy",
    );
}

fn orders(left: Vec<usize>) -> Vec<Vec<usize>> {
    if left.is_empty() {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for index in 0..left.len() {
        let mut rest = left.clone();
        let one = rest.remove(index);
        all.extend(orders(rest).into_iter().map(|it| [vec![one], it].concat()));
    }
    all
}

/// Whatever goes first, what is left still works.
fn any_order(count: &mut Count) {
    for order in orders(vec![0, 1, 2, 3]) {
        let first = policy();
        let mut copy = Some(first.clone());
        let mut session = Some(at_rcpt(&first));
        let mut audit = Some(first.audit(&[]).unwrap());
        let mut first = Some(first);
        for index in order {
            match index {
                0 => first = None,
                1 => copy = None,
                2 => session = None,
                _ => audit = None,
            }
            let rules = [&first, &copy];
            let good = rules.iter().all(|it| {
                it.as_ref()
                    .map_or(true, |policy| policy.rules().count() == 3)
            }) && session
                .as_mut()
                .map_or(true, |it| it.rcpt("d@far.example").accepted())
                && audit.as_ref().map_or(true, |it| !it.to_text().is_empty());
            count.expect(good, "any order");
        }
    }
}

fn resident() -> i64 {
    let numbers = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: i64 = numbers.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

fn memory(count: &mut Count, sessions: u64) {
    let policy = policy();
    let some = |number| {
        for _ in 0..number {
            let mut session = Session::new(&policy).unwrap();
            session.connect("10.1.2.3", None).unwrap();
            session.auth(Some(b"joe")).unwrap();
            session.mail("a@b.example");
            let why = session.rcpt("c@far.example").explain(Format::Text);
            assert!(!why.is_empty());
        }
    };
    some(sessions.min(5000));
    let before = resident();
    some(sessions);
    count.expect(resident() - before < 4 << 20, "flat memory");
}

fn threads(count: &mut Count) {
    let policy = policy();
    let all: Vec<_> = (0..4)
        .map(|_| {
            let mine = policy.clone();
            // Made here, used there.
            let mut session = at_rcpt(&mine);
            thread::spawn(move || {
                (0..1000).all(|_| {
                    let copy = mine.clone();
                    at_rcpt(&copy);
                    session.rcpt("d@far.example").accepted()
                })
            })
        })
        .collect();
    let good = all.into_iter().all(|it| it.join().unwrap());
    count.expect(good, "threads");
    let scoped = thread::scope(|scope| {
        let it = scope.spawn(|| policy.digest().len());
        it.join().unwrap() == policy.digest().len()
    });
    count.expect(scoped, "a shared policy");
}

extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
}

fn forks(count: &mut Count) {
    let policy = policy();
    let mut session = at_rcpt(&policy);
    // No thread is under way.
    unsafe {
        let child = fork();
        if child == 0 {
            let good = session.rcpt("d@far.example").accepted();
            at_rcpt(&policy);
            _exit(i32::from(!good));
        }
        let mut status = -1;
        waitpid(child, &mut status, 0);
        count.expect(status == 0, "the child decides");
    }
    count.expect(
        session.rcpt("d@far.example").accepted(),
        "the parent decides",
    );
}

fn bad_input(count: &mut Count) {
    let policy = policy();
    let huge = vec![b'x'; 10_000_000];
    for text in [
        &b"a\0b@far.example"[..],
        b"\xed\xa0\x80@x.example",
        b"\xff\xfe",
        &huge,
    ] {
        let mut session = at_rcpt(&policy);
        count.expect(!session.mail(text).accepted(), "mail");
        count.expect(!session.rcpt(text).accepted(), "rcpt");
        let result = session.auth(Some(text));
        count.text_error(result, "auth");
        count.expect(accepts_nothing(&mut session), "after auth");
        session = at_rcpt(&policy);
        let result = session.tls(Some(text));
        count.text_error(result, "tls");
        count.expect(accepts_nothing(&mut session), "after tls");
        session = at_rcpt(&policy);
        let result = session.groups(LookUp::Known([text]));
        count.text_error(result, "groups");
        count.expect(accepts_nothing(&mut session), "after groups");
        let parsed = Policy::parse(text, "policy");
        count.expect(matches!(parsed, Err(Error::Policy(_))), "parse");
    }
    let mut session = at_rcpt(&policy);
    count.text_error(session.connect("10.1.2.3\0", None), "client");
    count.expect(accepts_nothing(&mut session), "after client");
    session = at_rcpt(&policy);
    count.text_error(
        session.connect("10.1.2.3", Some("192.0.2.25\0")),
        "listener",
    );
    count.expect(accepts_nothing(&mut session), "after listener");
    count.expect(
        !session.connect("nonsense", None).unwrap().accepted(),
        "nonsense",
    );
    let checked = policy.check("10.1.2.3", Some("a\0b"), b"", b"c@far.example");
    count.text_error(checked, "check");
    count.text_error(Policy::load("a\0b"), "load");
}

/// Nobody answers at port 1: a look-up that fails is an answer, too.
fn look_ups(count: &mut Count) {
    let mut resolver = Resolver::new().unwrap();
    resolver.set_servers("127.0.0.1:1").unwrap();
    resolver.set_deadline_ms(5000).unwrap();
    count.expect(resolver.as_raw_fd() >= 0, "a descriptor");
    resolver.ask("192.0.2.7", u64::MAX).unwrap();
    let answer = resolver.resolve("192.0.2.7", 5000).unwrap();
    let (token, other) = resolver.next().unwrap();
    count.expect(token == u64::MAX && other.client() == "192.0.2.7", "next");
    count.expect(resolver.next().is_none(), "no more");
    count.expect(
        !answer.is_known() && answer.names().count() == 0,
        "not known",
    );
    count.text_error(resolver.ask("nonsense", 1), "ask");
    count.text_error(resolver.resolve("192.0.2.7\0", 1), "resolve");
    count.text_error(resolver.set_servers("x"), "servers");
    drop(resolver);
    count.expect(
        answer.explain(Format::Text).contains("192.0.2.7"),
        "outlives it",
    );
    let mut session = Session::new(&policy()).unwrap();
    session.connect("192.0.2.7", None).unwrap();
    session.mail("");
    session.rcpt("c@far.example");
    session.take(&answer).unwrap();
    count.expect(session.resume().reason().name() == "lookup-failed", "taken");
    session.connect("192.0.2.8", None).unwrap();
    let result = session.take(&answer);
    count.expect(matches!(result, Err(Error::Argument)), "of another client");
}

fn main() {
    let sessions = std::env::var("MAYRELAY_SESSIONS").unwrap_or_else(|_| "20000".into());
    let mut count = Count::default();
    the_face(&mut count);
    errors(&mut count);
    lifetimes(&mut count);
    any_order(&mut count);
    forks(&mut count);
    threads(&mut count);
    bad_input(&mut count);
    look_ups(&mut count);
    watch::audits(&mut count);
    watch::watches(&mut count);
    learned::learned(&mut count);
    memory(&mut count, sessions.parse().unwrap());
    println!("{} passed, {} failed", count.passed, count.failed);
    std::process::exit(i32::from(count.failed != 0));
}
