//! Audits, and a policy that follows its files.

use std::fs;
use std::os::raw::{c_int, c_short, c_ulong};
use std::os::unix::io::AsRawFd;
use std::sync::Arc;
use std::thread;

use mayrelay::{AuditVerdict, Error, Load, Policy, Reload, Session, Source, Watch};

use crate::count::Count;

const WIDE: &str = "
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/24]}
    - {name: wide, clients: [32.0.0.0/3]}
";
const OPEN: &str = "mayrelay: 1\nrelay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n";
const SHUT: &str = "mayrelay: 1\n";
const BAD: &str = "mayrelay: 1\nrelay: {alow: []}\n";
const FILE: &str = "followed.yaml";
const TRIES: u32 = 300; // of a tenth of a second

fn replace(text: &str) {
    fs::write("followed.new", text).unwrap();
    fs::rename("followed.new", FILE).unwrap();
}

fn names(policy: &Policy) -> String {
    let mut all: Vec<&str> = policy.rules().map(|rule| rule.name).collect();
    all.sort_unstable();
    all.join(" ")
}

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
}

const POLLIN: c_short = 1;

fn dispatched(watch: &Watch) -> Reload {
    for _ in 0..TRIES {
        let mut ready = PollFd {
            fd: watch.as_raw_fd(),
            events: POLLIN,
            revents: 0,
        };
        unsafe { poll(&mut ready, 1, 100) };
        let reload = watch.dispatch();
        if !matches!(reload, Reload::Unchanged) {
            return reload;
        }
    }
    Reload::Unchanged
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn a_file_that_changes(count: &mut Count) {
    replace(OPEN);
    let watch = Watch::new(FILE).unwrap();
    let first = watch.policy();
    count.expect(names(&first) == "office", "the first");
    count.expect(watch.warnings().len() == 1, "warnings");
    count.expect(matches!(watch.dispatch(), Reload::Unchanged), "unchanged");
    replace(SHUT);
    match dispatched(&watch) {
        Reload::Done(warnings) => count.expect(warnings.len() == 1, "done"),
        other => count.expect(false, &format!("{other:?}")),
    }
    count.expect(names(&watch.policy()).is_empty(), "the second");
    count.expect(names(&first) == "office", "the first lives on");
    replace(BAD);
    match watch.reload() {
        Reload::Failed(why) => count.expect(why.last().unwrap().line == 2, "why"),
        other => count.expect(false, &format!("{other:?}")),
    }
    count.expect(names(&watch.policy()).is_empty(), "it stays");
}

fn what_outlives_it(count: &mut Count) {
    replace(OPEN);
    let before = descriptors();
    let policy = Watch::new(FILE).unwrap().policy();
    let mut session = Session::new(&Watch::new(FILE).unwrap().policy()).unwrap();
    session.connect("10.1.2.3", None).unwrap();
    session.mail("");
    let rule = session.rcpt("c@far.example").rule();
    count.expect(rule == Some("office"), "a session outlives it");
    count.expect(names(&policy) == "office", "a policy outlives it");
    count.expect(descriptors() == before, "no descriptor is left");
}

fn threads_ask_while_it_reloads(count: &mut Count) {
    replace(OPEN);
    let watch = Arc::new(Watch::new(FILE).unwrap());
    let all: Vec<_> = (0..3)
        .map(|_| {
            let mine = Arc::clone(&watch);
            thread::spawn(move || {
                (0..300).all(|_| {
                    let said = names(&mine.policy());
                    said.is_empty() || said == "office"
                })
            })
        })
        .collect();
    for turn in 0..20 {
        replace(if turn % 2 == 0 { SHUT } else { OPEN });
        count.expect(matches!(watch.reload(), Reload::Done(_)), "reload");
    }
    let good = all.into_iter().all(|it| it.join().unwrap());
    count.expect(good, "threads");
}

fn wrong_watches(count: &mut Count) {
    replace(BAD);
    match Watch::new(FILE) {
        Err(Error::Policy(why)) => count.expect(why.last().unwrap().line == 2, "line"),
        _ => count.expect(false, "a watch of nothing"),
    }
    count.text_error(Watch::new("followed.yaml\0"), "a NUL");
    for path in [String::new(), "x".repeat(10_000_000)] {
        let none = Watch::new(path);
        count.expect(matches!(none, Err(Error::Policy(_))), "no file");
    }
    replace(OPEN);
    let closed = Load {
        require_closed: true,
        ..Load::default()
    };
    let none = Watch::new_with(FILE, closed);
    count.expect(matches!(none, Err(Error::Policy(_))), "not closed");
    fs::remove_file(FILE).unwrap();
}

fn verdicts(count: &mut Count) {
    let policy = Policy::parse(WIDE, "policy.yaml").unwrap();
    let audit = policy.audit(&[]).unwrap();
    count.expect(
        audit.verdict(Source::Stranger) == AuditVerdict::Open,
        "open",
    );
    let witness = audit.witness(Source::Stranger).unwrap_or("");
    count.expect(witness.contains("RCPT TO"), "witness");
    count.expect(!audit.reason(Source::Stranger).is_empty(), "reason");
    count.expect(
        audit.verdict(Source::Host) == AuditVerdict::Closed,
        "closed",
    );
    count.expect(audit.witness(Source::Host).is_none(), "no witness");
    count.expect(audit.unknown_is_closed(), "unknown is closed");
    let shown = audit.findings().iter().any(|it| it.witness.is_some());
    count.expect(shown, "findings");
    count.expect(audit.to_json().starts_with('{'), "JSON");
    count.expect(format!("{audit:?}").contains("stranger: Open"), "debug");
    count.expect(AuditVerdict::Closed.name() == "CLOSED", "name");
    let trusted = policy.audit(&["32.0.0.0/3", "192.0.2.0/24"]).unwrap();
    count.expect(
        trusted.verdict(Source::Stranger) == AuditVerdict::Closed,
        "trust",
    );
    drop(policy);
    count.expect(audit.to_text().contains("192.0.2.0/24"), "outlives it");
    let read = thread::spawn(move || audit.to_text().len());
    count.expect(read.join().unwrap() > 0, "another thread");
}

fn stamps(count: &mut Count) {
    let image = "stamped.mrp";
    let require = Load {
        require_closed: true,
        ..Load::default()
    };
    let wide = Policy::parse(WIDE, "policy.yaml").unwrap();
    let open = wide.audit(&[]).unwrap();
    open.save(image).unwrap();
    count.expect(!open.is_closed() && wide.stamp().is_none(), "open");
    count.expect(Policy::load(image).unwrap().stamp().is_some(), "a stamp");
    let refused = Policy::load_with(image, require);
    count.expect(matches!(refused, Err(Error::Policy(_))), "refused");
    let shut = Policy::parse(SHUT, "policy.yaml").unwrap();
    let closed = shut.audit(&[]).unwrap();
    closed.save(image).unwrap();
    let stamped = Policy::load_with(image, require).unwrap();
    count.expect(closed.is_closed() && stamped.stamp().is_some(), "closed");
    let nowhere = closed.save("/nowhere/policy.mrp");
    count.expect(matches!(nowhere, Err(Error::Io(_))), "io");
    count.text_error(closed.save("a\0b"), "a NUL");
    fs::remove_file(image).unwrap();
}

fn wrong_audits(count: &mut Count) {
    let policy = Policy::parse(WIDE, "policy.yaml").unwrap();
    let huge = "1".repeat(10_000_000);
    for network in ["nonsense", "192.0.2.1\0", "", &huge] {
        count.text_error(policy.audit(&[network]), "no network");
    }
}

fn rules(count: &mut Count) {
    let policy = Policy::parse(WIDE, "policy.yaml").unwrap();
    count.expect(names(&policy) == "office wide", "rules");
    let wide = policy.rules().find(|rule| rule.name == "wide").unwrap();
    count.expect(wide.file == b"policy.yaml" && wide.line == 7, "place");
    let none = Policy::parse(SHUT, "policy.yaml").unwrap();
    count.expect(none.rules().next().is_none(), "none");
}

pub fn audits(count: &mut Count) {
    verdicts(count);
    stamps(count);
    wrong_audits(count);
    rules(count);
}

pub fn watches(count: &mut Count) {
    a_file_that_changes(count);
    what_outlives_it(count);
    threads_ask_while_it_reloads(count);
    wrong_watches(count);
}
