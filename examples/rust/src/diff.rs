//! What a change of the policy changes, exactly.

use std::fmt;
use std::os::raw::c_int;

use crate::error::Error;
use crate::ffi::*;
use crate::policy::Policy;
use crate::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffVerdict {
    /// A budget ran out: nothing is proven.
    Incomplete,
    /// Some mail is gained, some is lost.
    Incomparable,
    /// Some mail is gained, none is lost.
    Looser,
    /// Some mail is lost, none is gained.
    Stricter,
    /// The same mail, with other replies.
    Replies,
    /// No transaction is decided differently.
    Equivalent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Accepted now, and not before.
    Gained,
    /// Accepted for another recipient, or relayed.
    Moved,
    /// Accepted before, and not now.
    Lost,
    /// Another reply or reason.
    Answer,
}

impl DiffVerdict {
    /// "EQUIVALENT", ...
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_diff_verdict_name(self as c_int)) }.unwrap_or("")
    }
}

impl Effect {
    /// "gained", ...
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_diff_effect_name(self as c_int)) }.unwrap_or("")
    }
}

/// A box of transactions that are decided differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'diff> {
    pub effect: Effect,
    /// A dialogue that both policies have decided.
    pub witness: Option<&'diff str>,
}

/// What [`Policy::diff`] found; it outlives both policies.
pub struct Diff {
    handle: *mut mayrelay_diff,
}

// It never changes.
unsafe impl Send for Diff {}
unsafe impl Sync for Diff {}

impl Diff {
    pub(crate) fn new(older: &Policy, newer: &Policy) -> Result<Diff, Error> {
        let handle = unsafe { mayrelay_policy_diff(older.as_ptr(), newer.as_ptr()) };
        if handle.is_null() {
            return Err(Error::Memory);
        }
        Ok(Diff { handle })
    }

    pub fn verdict(&self) -> DiffVerdict {
        match unsafe { mayrelay_diff_get_verdict(self.handle) } {
            1 => DiffVerdict::Incomparable,
            2 => DiffVerdict::Looser,
            3 => DiffVerdict::Stricter,
            4 => DiffVerdict::Replies,
            5 => DiffVerdict::Equivalent,
            _ => DiffVerdict::Incomplete,
        }
    }
    /// How many boxes; None: too many to count.
    pub fn count(&self) -> Option<u64> {
        let count = unsafe { mayrelay_diff_count(self.handle) };
        (count != u64::MAX).then_some(count)
    }
    /// Of the first boxes, those gained first.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let it = self.handle;
        let count = unsafe { mayrelay_diff_count_shown(it) };
        // The texts live as long as the diff.
        (0..count).map(move |index| unsafe {
            Change {
                effect: match mayrelay_diff_get_effect(it, index) {
                    0 => Effect::Gained,
                    1 => Effect::Moved,
                    2 => Effect::Lost,
                    _ => Effect::Answer,
                },
                witness: text::borrowed(mayrelay_diff_get_witness(it, index)),
            }
        })
    }
    /// A dialogue that the evaluator judges otherwise: a bug of mayrelay's.
    pub fn bug(&self) -> Option<&str> {
        unsafe { text::borrowed(mayrelay_diff_get_bug(self.handle)) }
    }

    /// Verdict and boxes, at most `limit` of them.
    pub fn to_text(&self, limit: usize) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_diff_to_text(self.handle, limit, buffer, size)
        })
    }
    pub fn to_json(&self, limit: usize) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_diff_to_json(self.handle, limit, buffer, size)
        })
    }
}

impl Drop for Diff {
    fn drop(&mut self) {
        unsafe { mayrelay_diff_free(self.handle) }
    }
}

impl fmt::Debug for Diff {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Diff({:?}, {:?})", self.verdict(), self.count())
    }
}
