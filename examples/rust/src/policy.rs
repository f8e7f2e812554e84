//! The policy: immutable, and shared by any number of threads and sessions.

use std::os::raw::c_char;
use std::path::Path;
use std::ptr;

use crate::audit::Audit;
use crate::cases::Cases;
use crate::decision::Facts;
use crate::diff::Diff;
use crate::error::{check, take_findings, Error, Finding};
use crate::ffi::*;
use crate::text::{self, terminated};

/// How an image is opened; the default is a map of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    /// A private copy instead of a map.
    pub copy: bool,
    /// Check the digest of all of it.
    pub verify: bool,
    /// Only an image that the audit has stamped as closed.
    pub require_closed: bool,
}

impl Load {
    pub(crate) fn flags(self) -> u32 {
        u32::from(self.copy) | u32::from(self.verify) << 1 | u32::from(self.require_closed) << 2
    }
}

/// One rule of a policy, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'policy> {
    /// As [`crate::Decision::rule`].
    pub name: &'policy str,
    /// Names of files need not be UTF-8.
    pub file: &'policy [u8],
    pub line: u32,
}

/// A policy that has been loaded.  Clones share it.
pub struct Policy {
    handle: *mut mayrelay_policy,
    warnings: Vec<Finding>,
}

// The library's policy never changes, and its count is atomic.
unsafe impl Send for Policy {}
unsafe impl Sync for Policy {}

/// The answer of [`Policy::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: i32,
    pub line: String,
}

impl Reply {
    pub fn accepted(&self) -> bool {
        self.code == 250
    }
}

impl Policy {
    /// YAML, JSON or an image.  [`Error::Policy`] says what is wrong with it,
    /// with file, line and column.
    pub fn load(path: impl AsRef<Path>) -> Result<Policy, Error> {
        Policy::load_with(path, Load::default())
    }

    pub fn load_with(path: impl AsRef<Path>, load: Load) -> Result<Policy, Error> {
        let path = text::path(path.as_ref())?;
        let mut report = ptr::null_mut();
        // The path ends in NUL; the report becomes ours.
        unsafe {
            let handle = mayrelay_policy_load(path.as_ptr(), load.flags(), &mut report);
            Policy::opened(handle, report)
        }
    }

    /// The same for a text in memory; `name` stands for the file.
    pub fn parse(source: impl AsRef<[u8]>, name: &str) -> Result<Policy, Error> {
        let (source, name) = (source.as_ref(), terminated(name)?);
        let mut report = ptr::null_mut();
        // As above; the text comes with its length.
        unsafe {
            let data = source.as_ptr().cast::<c_char>();
            let handle = mayrelay_policy_parse(data, source.len(), name.as_ptr(), &mut report);
            Policy::opened(handle, report)
        }
    }

    unsafe fn opened(
        handle: *mut mayrelay_policy,
        report: *mut mayrelay_report,
    ) -> Result<Policy, Error> {
        let warnings = take_findings(report);
        if handle.is_null() {
            return Err(Error::Policy(warnings));
        }
        Ok(Policy { handle, warnings })
    }

    /// # Safety
    /// `handle` is a reference that becomes ours.
    pub(crate) unsafe fn owned(handle: *mut mayrelay_policy) -> Policy {
        let warnings = Vec::new();
        Policy { handle, warnings }
    }

    /// What was found, though it loads.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// One decision, without listener, names, groups or mailbox look-up.
    pub fn check(
        &self,
        client: &str,
        identity: Option<&str>,
        sender: &[u8],
        recipient: &[u8],
    ) -> Result<Reply, Error> {
        let client = terminated(client)?;
        let identity = identity.map(terminated).transpose()?;
        let (sender, recipient) = (terminated(sender)?, terminated(recipient)?);
        let mut line = [0 as c_char; 512];
        // All texts end in NUL, and the reply is cut to its room.
        unsafe {
            let code = mayrelay_check(
                self.handle,
                client.as_ptr(),
                identity.as_ref().map_or(ptr::null(), |it| it.as_ptr()),
                sender.as_ptr(),
                recipient.as_ptr(),
                line.as_mut_ptr(),
                line.len(),
            );
            let line = text::owned(line.as_ptr()).unwrap_or_default();
            Ok(Reply { code, line })
        }
    }

    /// Who may relay where, exactly.  `trust`: networks of ours ("192.0.2.0/24",
    /// an address, a range), whose clients are no strangers.  A large policy takes
    /// its time.
    pub fn audit(&self, trust: &[&str]) -> Result<Audit, Error> {
        Audit::new(self, trust)
    }

    /// What `newer`, in the place of this one, would decide differently.
    pub fn diff(&self, newer: &Policy) -> Result<Diff, Error> {
        Diff::new(self, newer)
    }

    /// The transactions that the policy can tell apart, each with today's
    /// decision; at most `limit` (0: 10,000).
    pub fn cases(&self, limit: usize) -> Result<Cases, Error> {
        Cases::new(self, limit)
    }

    /// Each rule once, in no order that means anything.
    pub fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        let count = unsafe { mayrelay_policy_count_rules(self.handle) };
        // The texts live as long as the policy.
        (0..count).map(move |index| unsafe {
            Rule {
                name: text::borrowed(mayrelay_policy_get_rule(self.handle, index)).unwrap_or(""),
                file: text::bytes(mayrelay_policy_get_rule_file(self.handle, index)).unwrap_or(b""),
                line: mayrelay_policy_get_rule_line(self.handle, index),
            }
        })
    }

    /// Writes the image that `load` maps, at once or not at all.
    pub fn save(&self, image: impl AsRef<Path>) -> Result<(), Error> {
        let image = text::path(image.as_ref())?;
        check(unsafe { mayrelay_policy_save(self.handle, image.as_ptr()) })
    }

    /// Of the compiled policy, in hex.
    pub fn digest(&self) -> &str {
        // Lives as long as the policy.
        unsafe { text::borrowed(mayrelay_policy_get_digest(self.handle)) }.unwrap_or("")
    }

    /// What the audit has stamped on the image that was loaded.
    pub fn stamp(&self) -> Option<&str> {
        // Lives as long as the policy.
        unsafe { text::borrowed(mayrelay_policy_get_stamp(self.handle)) }
    }

    /// Which facts some rule may ask for.
    pub fn facts(&self) -> Facts {
        Facts(unsafe { mayrelay_policy_get_facts(self.handle) })
    }

    pub fn has_reroute(&self) -> bool {
        unsafe { mayrelay_policy_has_reroute(self.handle) }
    }

    /// For calls of [`crate::ffi`].
    pub fn as_ptr(&self) -> *mut mayrelay_policy {
        self.handle
    }
}

impl Clone for Policy {
    fn clone(&self) -> Policy {
        Policy {
            handle: unsafe { mayrelay_policy_ref(self.handle) },
            warnings: self.warnings.clone(),
        }
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        unsafe { mayrelay_policy_unref(self.handle) }
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Policy({})", self.digest())
    }
}
