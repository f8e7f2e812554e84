//! What to change in a policy, so that it accepts.

use std::fmt;
use std::path::Path;
use std::ptr;

use crate::error::{take_findings, Error};
use crate::ffi::*;
use crate::text;

/// One way to have it accepted; what else it changes has been measured.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'advice> {
    /// What to do: "add 10.4.2.7 to $branch-offices".
    pub text: &'advice str,
    /// Where its first step is; names of files need not be UTF-8.
    pub file: Option<&'advice [u8]>,
    pub line: u32,
    /// The same for `patch`, unless lines are too long.
    pub patch: Option<&'advice [u8]>,
    /// The rule that then grants, if one has to.
    pub rule: Option<&'advice str>,
    /// What else it opens, moves or closes.
    pub radius: &'advice str,
    /// Which verdicts of the audit get worse.
    pub warning: Option<&'advice str>,
}

/// What [`crate::Session::advise`] found; it outlives its session.
pub struct Advice {
    handle: *mut mayrelay_advice,
}

// It never changes.
unsafe impl Send for Advice {}
unsafe impl Sync for Advice {}

impl Advice {
    /// # Safety
    /// `session` is one.
    pub(crate) unsafe fn new(
        session: *const mayrelay_session,
        path: &Path,
    ) -> Result<Advice, Error> {
        let path = text::path(path)?;
        let mut report = ptr::null_mut();
        let handle = mayrelay_session_advise(session, path.as_ptr(), &mut report);
        let findings = take_findings(report);
        if handle.is_null() {
            return Err(Error::Policy(findings));
        }
        Ok(Advice { handle })
    }

    /// The least harmful first.
    pub fn edits(&self) -> impl Iterator<Item = Edit<'_>> {
        let it = self.handle;
        let count = unsafe { mayrelay_advice_count(it) };
        // The texts live as long as the advice.
        (0..count).map(move |index| unsafe {
            Edit {
                text: text::borrowed(mayrelay_advice_get_text(it, index)).unwrap_or(""),
                file: text::bytes(mayrelay_advice_get_file(it, index)),
                line: mayrelay_advice_get_line(it, index),
                patch: text::bytes(mayrelay_advice_get_patch(it, index)),
                rule: text::borrowed(mayrelay_advice_get_rule(it, index)),
                radius: text::borrowed(mayrelay_advice_get_radius(it, index)).unwrap_or(""),
                warning: text::borrowed(mayrelay_advice_get_warning(it, index)),
            }
        })
    }

    /// Why there is none, or why others were left out.
    pub fn note(&self) -> Option<&str> {
        unsafe { text::borrowed(mayrelay_advice_get_note(self.handle)) }
    }
    pub fn to_text(&self) -> String {
        text::whole(|buffer, size| unsafe { mayrelay_advice_to_text(self.handle, buffer, size) })
    }
    pub fn to_json(&self) -> String {
        text::whole(|buffer, size| unsafe { mayrelay_advice_to_json(self.handle, buffer, size) })
    }
}

impl Drop for Advice {
    fn drop(&mut self) {
        unsafe { mayrelay_advice_free(self.handle) }
    }
}

impl fmt::Debug for Advice {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.to_text())
    }
}
