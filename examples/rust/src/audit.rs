//! Who may relay where, exactly: all transactions at once.

use std::os::raw::c_int;
use std::path::Path;
use std::ptr;

use crate::error::{check, findings, Error, Finding};
use crate::ffi::*;
use crate::policy::Policy;
use crate::text::{self, terminated};

/// Whom one might have to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Anybody on the Internet, anonymous.
    Stranger = 0,
    /// One stolen account, or certificate.
    Account = 1,
    /// The owner of a DNS zone.
    Dns = 2,
    /// The host's answers about groups.
    Host = 3,
}

/// Whether they can relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// A budget ran out: nothing is proven.
    Incomplete,
    /// They can; the witness shows how.
    Open,
    /// They can, under a condition.
    Conditional,
    /// They cannot.
    Closed,
}

impl Source {
    /// All there are.
    pub const ALL: [Source; 4] = [Source::Stranger, Source::Account, Source::Dns, Source::Host];

    /// "stranger", "account", "dns", "host"
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_audit_source_name(self as c_int)) }.unwrap_or("")
    }
}

impl AuditVerdict {
    /// "INCOMPLETE", "OPEN", "CONDITIONAL", "CLOSED"
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_audit_verdict_name(self as c_int)) }.unwrap_or("")
    }
}

/// What an audit found; it outlives its policy.
pub struct Audit {
    handle: *mut mayrelay_audit,
    report: *mut mayrelay_report,
    findings: Vec<Finding>,
}

// It never changes.
unsafe impl Send for Audit {}
unsafe impl Sync for Audit {}

struct Options(*mut mayrelay_audit_options);

impl Drop for Options {
    fn drop(&mut self) {
        unsafe { mayrelay_audit_options_free(self.0) }
    }
}

impl Audit {
    /// `trust`: networks of ours ("192.0.2.0/24", an address, a range), whose
    /// clients are no strangers.
    pub(crate) fn new(policy: &Policy, trust: &[&str]) -> Result<Audit, Error> {
        let options = Options(unsafe { mayrelay_audit_options_new() });
        for network in trust {
            let network = terminated(network)?;
            check(unsafe { mayrelay_audit_options_trust(options.0, network.as_ptr()) })?;
        }
        let mut report = ptr::null_mut();
        // Both become ours.
        let audit = unsafe {
            let handle = mayrelay_policy_audit(policy.as_ptr(), options.0, &mut report);
            Audit {
                handle,
                report,
                findings: findings(report),
            }
        };
        if audit.handle.is_null() {
            return Err(Error::Memory);
        }
        Ok(audit)
    }

    pub fn verdict(&self, source: Source) -> AuditVerdict {
        match unsafe { mayrelay_audit_get_verdict(self.handle, source as c_int) } {
            1 => AuditVerdict::Open,
            2 => AuditVerdict::Conditional,
            3 => AuditVerdict::Closed,
            _ => AuditVerdict::Incomplete,
        }
    }
    /// On what the verdict hangs, or why it is closed.
    pub fn reason(&self, source: Source) -> &str {
        unsafe { text::borrowed(mayrelay_audit_get_reason(self.handle, source as c_int)) }
            .unwrap_or("")
    }
    /// An SMTP dialogue that is accepted, if there is one.
    pub fn witness(&self, source: Source) -> Option<&str> {
        unsafe { text::borrowed(mayrelay_audit_get_witness(self.handle, source as c_int)) }
    }
    /// Strangers and the owners of DNS zones are kept out.
    pub fn is_closed(&self) -> bool {
        unsafe { mayrelay_audit_is_closed(self.handle) }
    }
    /// A look-up that fails never leads to an accept: that is proven.
    pub fn unknown_is_closed(&self) -> bool {
        unsafe { mayrelay_audit_unknown_is_closed(self.handle) }
    }
    /// A dialogue that the evaluator judges otherwise: a bug of mayrelay's.
    pub fn disagreement(&self) -> Option<&str> {
        unsafe { text::borrowed(mayrelay_audit_get_disagreement(self.handle)) }
    }
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Writes the image of the policy as [`Policy::save`] does, with the audit as
    /// its stamp: [`crate::Load::require_closed`] asks that it be closed.
    pub fn save(&self, image: impl AsRef<Path>) -> Result<(), Error> {
        let image = text::path(image.as_ref())?;
        check(unsafe { mayrelay_audit_save(self.handle, image.as_ptr()) })
    }

    /// Verdicts, assumptions, and everybody who may relay.
    pub fn to_text(&self) -> String {
        text::whole(|buffer, size| unsafe { mayrelay_audit_to_text(self.handle, buffer, size) })
    }
    /// The same, with all networks of each grant.
    pub fn to_json(&self) -> String {
        text::whole(|buffer, size| unsafe { mayrelay_audit_to_json(self.handle, buffer, size) })
    }
    /// All this and the findings as one page for people, without scripts.
    pub fn to_html(&self) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_audit_to_html(self.handle, self.report, buffer, size)
        })
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        unsafe {
            mayrelay_audit_free(self.handle);
            mayrelay_report_free(self.report);
        }
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut said = to.debug_struct("Audit");
        for source in Source::ALL {
            said.field(source.name(), &self.verdict(source));
        }
        said.finish()
    }
}
