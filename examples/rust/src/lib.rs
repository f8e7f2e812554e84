//! mayrelay: may this client hand us this recipient?
//!
//! ```no_run
//! use mayrelay::{Policy, Session};
//!
//! let policy = Policy::load("policy.yaml")?;
//! let mut session = Session::new(&policy)?;
//! session.connect("203.0.113.9", Some("192.0.2.25:25"))?;
//! session.mail("<a@sender.example>");
//! let decision = session.rcpt("kate@far.example");
//! if decision.accepted() { /* deliver */ }
//! println!("{}", decision.reply());
//! # Ok::<(), mayrelay::Error>(())
//! ```
//!
//! A safe wrapper without crates.  A [`Decision`] borrows its session, so that
//! none is looked at that is not the last.  Whatever is an [`Error`] also leaves
//! a session that accepts nothing, so that a host that ignores it is no open
//! relay.

mod advice;
mod audit;
mod cases;
mod decision;
mod diff;
mod error;
pub mod ffi;
mod policy;
mod resolver;
mod session;
mod text;
mod watch;

pub use advice::{Advice, Edit};
pub use audit::{Audit, AuditVerdict, Source};
pub use cases::{Case, Cases, Coverage, Extent, ListCoverage, Place};
pub use decision::{Decision, Facts, Format, Kind, Reason, Verdict};
pub use diff::{Change, Diff, DiffVerdict, Effect};
pub use error::{Error, Finding, Severity};
pub use policy::{Load, Policy, Reply, Rule};
pub use resolver::{Answer, Resolver};
pub use session::{LookUp, Session};
pub use watch::{Reload, Watch};

/// The library's version, "1.2.3".
pub fn version() -> &'static str {
    // A static text of the library.
    unsafe { text::borrowed(ffi::mayrelay_version()) }.unwrap_or("")
}
