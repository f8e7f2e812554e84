//! Accept, defer or reject, the reply, and why.

use std::fmt;
use std::marker::PhantomData;
use std::os::raw::c_int;

use crate::ffi::*;
use crate::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Reject,
    Defer,
    Accept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text = 0,
    Json = 1,
}

/// A set of facts that a decision lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts(pub u32);

impl Facts {
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub fn client_name(self) -> bool {
        self.has(MAYRELAY_FACT_CLIENT_NAME)
    }
    pub fn groups(self) -> bool {
        self.has(MAYRELAY_FACT_GROUPS)
    }
    pub fn recipient(self) -> bool {
        self.has(MAYRELAY_FACT_RECIPIENT)
    }
    fn has(self, fact: c_int) -> bool {
        self.0 & fact as u32 != 0
    }
}

/// By its stable number; its name is what policies and logs say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reason(pub i32);

/// As [`Reason`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub i32);

impl Reason {
    /// "relay-denied", ...
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_reason_name(self.0)) }.unwrap_or("")
    }
}

impl Kind {
    /// "not-permitted", ...
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_kind_name(self.0)) }.unwrap_or("")
    }
}

impl Verdict {
    /// "accept", "defer", "reject"
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_verdict_name(self as c_int)) }.unwrap_or("")
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// A session's last decision, which it borrows.
#[derive(Clone, Copy)]
pub struct Decision<'session> {
    handle: *const mayrelay_decision,
    session: PhantomData<&'session ()>,
}

impl<'session> Decision<'session> {
    /// # Safety
    /// Good as long as nothing is said to the session.
    pub(crate) unsafe fn new(handle: *const mayrelay_decision) -> Self {
        Decision {
            handle,
            session: PhantomData,
        }
    }

    pub fn verdict(&self) -> Verdict {
        match unsafe { mayrelay_decision_get_verdict(self.handle) } {
            2 => Verdict::Accept,
            1 => Verdict::Defer,
            _ => Verdict::Reject,
        }
    }
    pub fn accepted(&self) -> bool {
        self.verdict() == Verdict::Accept
    }
    pub fn code(&self) -> i32 {
        unsafe { mayrelay_decision_get_code(self.handle) }
    }
    /// "5.7.1"
    pub fn enhanced(&self) -> &'session str {
        unsafe { text::borrowed(mayrelay_decision_get_enhanced(self.handle)) }.unwrap_or("")
    }
    pub fn text(&self) -> &'session str {
        unsafe { text::borrowed(mayrelay_decision_get_text(self.handle)) }.unwrap_or("")
    }
    /// The whole line, without line end.
    pub fn reply(&self) -> &'session str {
        unsafe { text::borrowed(mayrelay_decision_get_reply(self.handle)) }.unwrap_or("")
    }
    pub fn reason(&self) -> Reason {
        Reason(unsafe { mayrelay_decision_get_reason(self.handle) })
    }
    pub fn kind(&self) -> Kind {
        Kind(unsafe { mayrelay_decision_get_kind(self.handle) })
    }
    /// The rule that decided, if one did; and its place.
    pub fn rule(&self) -> Option<&'session str> {
        unsafe { text::borrowed(mayrelay_decision_get_rule(self.handle)) }
    }
    /// Names of files need not be UTF-8.
    pub fn file(&self) -> Option<&'session [u8]> {
        unsafe { text::bytes(mayrelay_decision_get_file(self.handle)) }
    }
    pub fn line(&self) -> u32 {
        unsafe { mayrelay_decision_get_line(self.handle) }
    }
    pub fn connector(&self) -> Option<&'session str> {
        unsafe { text::borrowed(mayrelay_decision_get_connector(self.handle)) }
    }
    /// Canonical, after reroute: what to deliver to.
    pub fn recipient(&self) -> Option<&'session str> {
        unsafe { text::borrowed(mayrelay_decision_get_recipient(self.handle)) }
    }
    pub fn is_relay(&self) -> bool {
        unsafe { mayrelay_decision_get_is_relay(self.handle) }
    }
    /// If it is not empty: look them up, answer, and resume.
    pub fn needs(&self) -> Facts {
        Facts(unsafe { mayrelay_decision_get_needs(self.handle) })
    }

    /// The whole why: every right and rule that was tried.  Judges again.
    pub fn explain(&self, format: Format) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_decision_explain(self.handle, format as c_int, buffer, size)
        })
    }
    /// The box around the transaction in which every other is decided alike.
    /// Judges again.
    pub fn scope(&self, format: Format) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_decision_scope(self.handle, format as c_int, buffer, size)
        })
    }
    /// Why it is as it is: decisions by policies of one digest that have the same
    /// are alike.  Judges again.
    pub fn fingerprint(&self) -> u64 {
        unsafe { mayrelay_decision_get_fingerprint(self.handle) }
    }
    /// One JSON object, on one line.
    pub fn to_json(&self) -> String {
        text::whole(|buffer, size| unsafe { mayrelay_decision_to_json(self.handle, buffer, size) })
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{:?}: {:?}: {}",
            self.verdict(),
            self.reason(),
            self.reply()
        )
    }
}
