//! A policy that follows its files.

use std::os::unix::io::{AsRawFd, RawFd};
use std::path::Path;
use std::ptr;
use std::sync::Mutex;

use crate::error::{take_findings, Error, Finding};
use crate::ffi::*;
use crate::policy::{Load, Policy};
use crate::text::path;

/// What came of reading the files.
#[derive(Clone, Debug)]
pub enum Reload {
    /// The policy in force is what they say, or it is too early to read them.
    Unchanged,
    /// Another policy is in force now; these are its warnings.
    Done(Vec<Finding>),
    /// It does not load; the policy that was in force stays.
    Failed(Vec<Finding>),
}

/// For one event loop: watch its descriptor, and `dispatch` when it can be read.
///
/// What has an error never comes into force.  Any thread may ask for `policy`,
/// while another dispatches too.  Make it behind a fork.
pub struct Watch {
    handle: *mut mayrelay_watch,
    /// Files are read by one thread at a time.
    reading: Mutex<()>,
    warnings: Vec<Finding>,
}

// The library locks what `policy` takes, and we what reads.
unsafe impl Send for Watch {}
unsafe impl Sync for Watch {}

type Reader =
    unsafe extern "C" fn(*mut mayrelay_watch, *mut *mut mayrelay_report) -> std::os::raw::c_int;

impl Watch {
    /// As [`Policy::load`].
    pub fn new(file: impl AsRef<Path>) -> Result<Watch, Error> {
        Watch::new_with(file, Load::default())
    }

    pub fn new_with(file: impl AsRef<Path>, load: Load) -> Result<Watch, Error> {
        let file = path(file.as_ref())?;
        let mut report = ptr::null_mut();
        // The path ends in NUL; the report becomes ours.
        let (handle, warnings) = unsafe {
            let handle = mayrelay_watch_new(file.as_ptr(), load.flags(), &mut report);
            (handle, take_findings(report))
        };
        if handle.is_null() {
            return Err(Error::Policy(warnings));
        }
        Ok(Watch {
            handle,
            reading: Mutex::new(()),
            warnings,
        })
    }

    /// The one in force: take it for each connection.  What it warns of was told
    /// by the reload.
    pub fn policy(&self) -> Policy {
        // The reference becomes the policy's.
        unsafe { Policy::owned(mayrelay_watch_ref_policy(self.handle)) }
    }

    /// To call when the descriptor can be read; at other times it does no harm.
    pub fn dispatch(&self) -> Reload {
        self.read(mayrelay_watch_dispatch)
    }

    /// Reads the files now, changed or not.
    pub fn reload(&self) -> Reload {
        self.read(mayrelay_watch_reload)
    }

    /// Of the policy that was loaded first.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// For calls of [`crate::ffi`].
    pub fn as_ptr(&self) -> *mut mayrelay_watch {
        self.handle
    }

    fn read(&self, call: Reader) -> Reload {
        // Nothing in here panics, hence it is never poisoned.
        let _one = self.reading.lock();
        let mut report = ptr::null_mut();
        let (outcome, findings) = unsafe {
            let outcome = call(self.handle, &mut report);
            (outcome, take_findings(report))
        };
        match outcome {
            MAYRELAY_RELOAD_NONE => Reload::Unchanged,
            MAYRELAY_RELOAD_DONE => Reload::Done(findings),
            _ => Reload::Failed(findings),
        }
    }
}

impl AsRawFd for Watch {
    /// The descriptor to watch for reading.
    fn as_raw_fd(&self) -> RawFd {
        unsafe { mayrelay_watch_get_fd(self.handle) }
    }
}

impl Drop for Watch {
    /// Policies that were handed out, and their sessions, live on.
    fn drop(&mut self) {
        unsafe { mayrelay_watch_free(self.handle) }
    }
}
