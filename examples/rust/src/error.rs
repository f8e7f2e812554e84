//! What can go wrong.

use std::fmt;
use std::io;
use std::os::raw::c_int;

use crate::ffi::*;
use crate::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// One thing that is wrong with a policy, and where.
#[derive(Clone, Debug)]
pub struct Finding {
    pub severity: Severity,
    /// Stable, such as "MR201".
    pub id: String,
    pub file: Option<String>,
    /// From 1; 0: the file as a whole.
    pub line: u32,
    pub column: u32,
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// A transaction that shows it (of an audit).
    pub witness: Option<String>,
    /// All of it, as people read it.
    pub full: String,
}

#[derive(Debug)]
pub enum Error {
    /// The policy does not load.
    Policy(Vec<Finding>),
    /// Too long, not UTF-8, or control characters inside.
    Text(&'static str),
    /// Nothing to answer, to reset or to resume yet.
    Stage,
    Memory,
    Io(io::Error),
    /// An answer about another client, or a library without what was asked.
    Argument,
}

impl fmt::Display for Finding {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.full)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Policy(findings) if findings.is_empty() => {
                to.write_str("the policy does not load")
            }
            Error::Policy(findings) => {
                let lines: Vec<&str> = findings.iter().map(|it| it.full.as_str()).collect();
                to.write_str(&lines.join("\n"))
            }
            Error::Text(what) => to.write_str(what),
            Error::Stage => to.write_str(status_text(MAYRELAY_ERR_STAGE)),
            Error::Memory => to.write_str(status_text(MAYRELAY_ERR_MEMORY)),
            Error::Io(error) => error.fmt(to),
            Error::Argument => to.write_str(status_text(MAYRELAY_ERR_ARGUMENT)),
        }
    }
}

impl std::error::Error for Error {}

fn status_text(status: c_int) -> &'static str {
    // A static text of the library.
    unsafe { text::borrowed(mayrelay_status_text(status)) }.unwrap_or("")
}

/// Ok for MAYRELAY_OK.
pub fn check(status: c_int) -> Result<(), Error> {
    match status {
        MAYRELAY_OK => Ok(()),
        MAYRELAY_ERR_MEMORY => Err(Error::Memory),
        MAYRELAY_ERR_TEXT => Err(Error::Text(status_text(status))),
        MAYRELAY_ERR_STAGE => Err(Error::Stage),
        MAYRELAY_ERR_IO => Err(Error::Io(io::Error::last_os_error())),
        _ => Err(Error::Argument),
    }
}

/// Everything a report says.
///
/// # Safety
/// `report` is NULL or a report.
pub unsafe fn findings(report: *const mayrelay_report) -> Vec<Finding> {
    (0..mayrelay_report_count(report))
        .map(|index| finding(report, index))
        .collect()
}

/// The same; frees it.
///
/// # Safety
/// `report` is NULL or owned.
pub unsafe fn take_findings(report: *mut mayrelay_report) -> Vec<Finding> {
    let all = findings(report);
    mayrelay_report_free(report);
    all
}

unsafe fn finding(report: *const mayrelay_report, index: usize) -> Finding {
    Finding {
        severity: match mayrelay_report_get_severity(report, index) {
            0 => Severity::Note,
            1 => Severity::Warning,
            _ => Severity::Error,
        },
        id: text::owned(mayrelay_report_get_id(report, index)).unwrap_or_default(),
        file: text::owned(mayrelay_report_get_file(report, index)),
        line: mayrelay_report_get_line(report, index),
        column: mayrelay_report_get_column(report, index),
        text: text::owned(mayrelay_report_get_text(report, index)).unwrap_or_default(),
        hint: text::owned(mayrelay_report_get_hint(report, index)),
        witness: text::owned(mayrelay_report_get_witness(report, index)),
        full: text::whole(|buffer, size| mayrelay_report_to_text(report, index, buffer, size)),
    }
}
