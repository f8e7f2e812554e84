//! Scopes, advice, cases and coverage: lifetimes, and bad input.  That they say
//! what the C library says is in the replay.

use std::fs;
use std::thread;

use mayrelay::{Coverage, DiffVerdict, Effect, Error, Extent, Format, Policy, Session};

use crate::count::Count;

const POLICY: &str = "
mayrelay: 1
domains: {inbound: [example.com]}
lists: {branches: [192.0.2.0/24, 198.51.100.7]}
relay:
  allow:
    - {name: office, clients: [$branches]}
";
const FILE: &str = "learned.yaml";

fn policy() -> Policy {
    Policy::load(FILE).unwrap()
}

fn refused(policy: &Policy) -> Session {
    let mut session = Session::new(policy).unwrap();
    session.connect("203.0.113.9", None).unwrap();
    session.mail("a@b.example");
    assert!(!session.rcpt("c@far.example").accepted());
    session
}

fn scopes(count: &mut Count) {
    let session = refused(&policy());
    let it = session.decision();
    let scope = it.scope(Format::Text);
    count.expect(scope.starts_with("connector default; client "), "scope");
    let digits = format!("{:016x}", it.fingerprint());
    count.expect(it.scope(Format::Json).contains(&digits), "JSON");
}

fn advises(count: &mut Count) {
    let session = refused(&policy());
    let advice = session.advise(FILE).unwrap();
    let huge = "x".repeat(10_000_000);
    for path in ["", "/nowhere", &huge] {
        let none = session.advise(path);
        count.expect(matches!(none, Err(Error::Policy(_))), "nothing to read");
    }
    count.text_error(session.advise("a\0b"), "path");
    drop(session);
    let first = advice.edits().next().unwrap();
    count.expect(first.file == Some(FILE.as_bytes()), "file");
    count.expect(first.line > 0 && !first.radius.is_empty(), "an edit");
    count.expect(advice.to_text().contains(first.text), "text");
    count.expect(advice.to_json().starts_with("{\"note\""), "JSON");
}

fn cases(count: &mut Count) {
    let all = policy().cases(0).unwrap();
    count.expect(all.extent() == Extent::Combinations, "extent");
    count.expect(all.combinations() > Some(1) && !all.is_empty(), "many");
    let good = all
        .iter()
        .all(|it| it.facts.contains("\"client\":") && it.decision.contains("\"code\":"));
    count.expect(good, "JSON");
    count.expect(policy().cases(2).unwrap().len() == 2, "limit");
}

fn diffs(count: &mut Count) {
    let wider = POLICY.replace("192.0.2.0/24", "192.0.2.0/23");
    let (older, newer) = (policy(), Policy::parse(wider, "policy").unwrap());
    let (diff, back) = (older.diff(&newer).unwrap(), newer.diff(&older).unwrap());
    let same = older.diff(&policy()).unwrap().verdict();
    count.expect(same == DiffVerdict::Equivalent, "the same");
    drop((older, newer));
    count.expect(diff.verdict() == DiffVerdict::Looser, "looser");
    count.expect(back.verdict() == DiffVerdict::Stricter, "stricter");
    count.expect(
        diff.count() == Some(diff.changes().count() as u64) && diff.bug().is_none(),
        "boxes",
    );
    let first = diff.changes().next().unwrap();
    let shown = first.witness.map_or(false, |it| it.contains("RCPT TO"));
    count.expect(first.effect == Effect::Gained && shown, "a witness");
    let text = diff.to_text(usize::MAX);
    count.expect(!text.is_empty() && diff.to_json(0).starts_with('{'), "text");
}

fn covers(count: &mut Count) {
    let policy = policy();
    let mut coverage = Coverage::new(&policy).unwrap();
    let mut session = Session::new(&policy).unwrap();
    let early = coverage.add(&session);
    count.expect(matches!(early, Err(Error::Stage)), "stage");
    session.connect("192.0.2.7", None).unwrap();
    coverage.add(&session).unwrap();
    drop((policy, session));
    let lists = coverage.lists().unwrap();
    let list = lists.iter().find(|it| it.name == "$branches").unwrap();
    count.expect((list.entries, list.matched) == (2, 1), "counted");
    count.expect(list.missed.len() == 1 && list.missed[0].line == 4, "missed");
    let other = coverage.add(&refused(&self::policy()));
    count.expect(matches!(other, Err(Error::Argument)), "another policy");
}

fn logs(count: &mut Count) {
    let session = refused(&policy());
    let line = session
        .to_log(Format::Text, Some("12:00"), Some("7"))
        .unwrap();
    count.expect(line.starts_with("mayrelay=1 time=12:00 id=7 "), "logfmt");
    count.text_error(session.to_log(Format::Json, Some("a\0b"), None), "time");
    let huge = "x".repeat(1_000_000);
    let line = session.to_log(Format::Text, None, Some(&huge)).unwrap();
    count.expect(line.len() > 100_000, "huge");
}

/// What never changes is read by all of them at once.
fn readers(count: &mut Count) {
    let (all, audit) = (policy().cases(0).unwrap(), policy().audit(&[]).unwrap());
    let page = audit.to_html();
    let good = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| audit.to_html() == page && all.iter().count() == all.len()))
            .collect();
        threads.into_iter().all(|it| it.join().unwrap())
    });
    count.expect(good && page.starts_with("<!DOCTYPE html>"), "readers");
    count.expect(audit.disagreement().is_none(), "agreement");
}

pub fn learned(count: &mut Count) {
    fs::write(FILE, POLICY).unwrap();
    scopes(count);
    advises(count);
    cases(count);
    diffs(count);
    covers(count);
    logs(count);
    readers(count);
}
