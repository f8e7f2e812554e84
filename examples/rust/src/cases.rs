//! The transactions that a policy can tell apart, and which entries of its lists
//! some transactions have matched.

use std::fmt;

use crate::error::{check, Error};
use crate::ffi::*;
use crate::policy::Policy;
use crate::session::Session;
use crate::text;

/// JSON, as `mayrelay check --batch` reads and writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<'cases> {
    pub facts: &'cases str,
    pub decision: &'cases str,
}

/// How much of the policy the cases show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// There were too many for the limit.
    Partial,
    /// Every class and every rule that could be made to hold.
    Classes,
    /// Every combination of classes that the policy tells apart.
    Combinations,
}

/// What [`Policy::cases`] found; they outlive their policy.
pub struct Cases {
    handle: *mut mayrelay_cases,
}

// They never change.
unsafe impl Send for Cases {}
unsafe impl Sync for Cases {}

impl Cases {
    pub(crate) fn new(policy: &Policy, limit: usize) -> Result<Cases, Error> {
        let handle = unsafe { mayrelay_policy_cases(policy.as_ptr(), limit) };
        if handle.is_null() {
            return Err(Error::Memory);
        }
        Ok(Cases { handle })
    }

    pub fn len(&self) -> usize {
        unsafe { mayrelay_cases_count(self.handle) }
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn iter(&self) -> impl Iterator<Item = Case<'_>> {
        let it = self.handle;
        // The texts live as long as the cases.
        (0..self.len()).map(move |index| unsafe {
            Case {
                facts: text::borrowed(mayrelay_cases_get_facts(it, index)).unwrap_or(""),
                decision: text::borrowed(mayrelay_cases_get_decision(it, index)).unwrap_or(""),
            }
        })
    }

    pub fn extent(&self) -> Extent {
        match unsafe { mayrelay_cases_get_extent(self.handle) } {
            2 => Extent::Combinations,
            1 => Extent::Classes,
            _ => Extent::Partial,
        }
    }
    /// Of classes; None: too many, or not known.
    pub fn combinations(&self) -> Option<u64> {
        let number = unsafe { mayrelay_cases_get_combinations(self.handle) };
        (number != u64::MAX).then_some(number)
    }
    /// Values that others of their class stand for.
    pub fn left_out(&self) -> u64 {
        unsafe { mayrelay_cases_get_left_out(self.handle) }
    }
}

impl Extent {
    /// "partial", "classes", "combinations"
    pub fn name(self) -> &'static str {
        unsafe { text::borrowed(mayrelay_cases_extent_name(self as i32)) }.unwrap_or("")
    }
}

impl Drop for Cases {
    fn drop(&mut self) {
        unsafe { mayrelay_cases_free(self.handle) }
    }
}

impl fmt::Debug for Cases {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Cases({}, {:?})", self.len(), self.extent())
    }
}

/// Where an entry stands; names of files need not be UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'coverage> {
    pub file: Option<&'coverage [u8]>,
    pub line: u32,
}

/// A list of a policy, and what of it has been matched.
#[derive(Clone, Debug)]
pub struct ListCoverage<'coverage> {
    /// "$drop"; "" for entries that stand in their place.
    pub name: &'coverage str,
    /// Of the first entry.
    pub place: Place<'coverage>,
    pub entries: usize,
    pub matched: usize,
    /// The entries that nothing has matched.
    pub missed: Vec<Place<'coverage>>,
}

/// Which entries of a policy's lists the transactions have matched that some
/// sessions have decided.
pub struct Coverage {
    handle: *mut mayrelay_coverage,
}

// It is used by one thread at a time.
unsafe impl Send for Coverage {}

impl Coverage {
    pub fn new(policy: &Policy) -> Result<Coverage, Error> {
        let handle = unsafe { mayrelay_coverage_new(policy.as_ptr()) };
        if handle.is_null() {
            return Err(Error::Memory);
        }
        Ok(Coverage { handle })
    }

    /// What a session of this policy has just decided.
    pub fn add(&mut self, session: &Session) -> Result<(), Error> {
        check(unsafe { mayrelay_coverage_add(self.handle, session.as_ptr()) })
    }

    /// Looks at every entry of every list.
    pub fn lists(&mut self) -> Result<Vec<ListCoverage<'_>>, Error> {
        // Borrows the coverage, so that nothing is counted again meanwhile.
        unsafe {
            check(mayrelay_coverage_count(self.handle))?;
            let count = mayrelay_coverage_count_lists(self.handle);
            Ok((0..count).map(|index| list(self.handle, index)).collect())
        }
    }
}

unsafe fn list<'a>(it: *const mayrelay_coverage, index: usize) -> ListCoverage<'a> {
    let entries = mayrelay_coverage_get_list_entries(it, index);
    let matched = mayrelay_coverage_get_list_matched(it, index);
    ListCoverage {
        name: text::borrowed(mayrelay_coverage_get_list(it, index)).unwrap_or(""),
        place: Place {
            file: text::bytes(mayrelay_coverage_get_list_file(it, index)),
            line: mayrelay_coverage_get_list_line(it, index),
        },
        entries,
        matched,
        missed: (0..entries - matched)
            .map(|number| Place {
                file: text::bytes(mayrelay_coverage_get_missed_file(it, index, number)),
                line: mayrelay_coverage_get_missed_line(it, index, number),
            })
            .collect(),
    }
}

impl Drop for Coverage {
    fn drop(&mut self) {
        unsafe { mayrelay_coverage_free(self.handle) }
    }
}
