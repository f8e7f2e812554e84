//! What a call costs in Rust, beside one that does nothing.

use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_void};
use std::time::Instant;

use mayrelay::{ffi, Policy, Session};

#[link(name = "binding_noop")]
extern "C" {
    fn binding_noop(
        policy: *mut c_void,
        client: *const c_char,
        identity: *const c_char,
        sender: *const c_char,
        recipient: *const c_char,
        reply: *mut c_char,
        size: usize,
    ) -> c_int;
}

fn measure(name: &str, mut call: impl FnMut() -> i32) {
    const CALLS: i64 = 1_000_000;
    let began = Instant::now();
    let sum: i64 = (0..CALLS).map(|_| i64::from(call())).sum();
    let took = began.elapsed().as_nanos() as f64 / CALLS as f64;
    println!("rust     {name:40} {took:8.1} ns");
    assert!(sum > 0);
}

fn main() {
    let source = "mayrelay: 1\ndomains: {inbound: [example.com]}\n\
                  relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n";
    let policy = Policy::parse(source, "policy").unwrap();
    let mut session = Session::new(&policy).unwrap();
    session.connect("10.1.2.3", None).unwrap();
    session.mail("a@sender.example");
    let texts = ["10.1.2.3", "alice", "a@sender.example", "x@far.example"]
        .map(|it| CString::new(it).unwrap());
    let [client, identity, sender, recipient] = &texts;
    let mut reply = [0 as c_char; 512];
    let room = reply.len();
    measure("a bare call that does nothing", || unsafe {
        binding_noop(
            std::ptr::null_mut(),
            client.as_ptr(),
            identity.as_ptr(),
            sender.as_ptr(),
            recipient.as_ptr(),
            reply.as_mut_ptr(),
            room,
        )
    });
    measure("a bare call of mayrelay_check", || unsafe {
        ffi::mayrelay_check(
            policy.as_ptr(),
            client.as_ptr(),
            identity.as_ptr(),
            sender.as_ptr(),
            recipient.as_ptr(),
            reply.as_mut_ptr(),
            room,
        )
    });
    measure("policy.check", || {
        policy
            .check(
                "10.1.2.3",
                Some("alice"),
                b"a@sender.example",
                b"x@far.example",
            )
            .unwrap()
            .code
    });
    let bare = session.as_mut_ptr();
    measure("a bare call of mayrelay_session_rcpt", || unsafe {
        ffi::mayrelay_session_rcpt(bare, recipient.as_ptr(), 13)
    });
    measure("session.rcpt", || session.rcpt("x@far.example").code());
}
