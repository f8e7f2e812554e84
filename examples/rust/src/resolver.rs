//! The client's confirmed host names, in the host's loop.

use std::os::unix::io::{AsRawFd, RawFd};

use crate::decision::Format;
use crate::error::{check, Error};
use crate::ffi::*;
use crate::text::{self, terminated};

/// What a look-up found; it outlives its resolver.
pub struct Answer {
    handle: *mut mayrelay_dns_answer,
}

// It never changes.
unsafe impl Send for Answer {}
unsafe impl Sync for Answer {}

impl Answer {
    /// The names are known, be it that there are none.
    pub fn is_known(&self) -> bool {
        unsafe { mayrelay_dns_answer_is_known(self.handle) }
    }
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let count = unsafe { mayrelay_dns_answer_count(self.handle) };
        (0..count).filter_map(move |index| unsafe {
            text::borrowed(mayrelay_dns_answer_get_name(self.handle, index))
        })
    }
    pub fn client(&self) -> &str {
        unsafe { text::borrowed(mayrelay_dns_answer_get_client(self.handle)) }.unwrap_or("")
    }
    /// Of the PTR question: "found", "no-name", "timeout", ...
    pub fn result(&self) -> &'static str {
        unsafe {
            let result = mayrelay_dns_answer_get_result(self.handle);
            text::borrowed(mayrelay_dns_result_name(result)).unwrap_or("")
        }
    }
    /// Seconds for which DNS lets it be kept.
    pub fn ttl(&self) -> u32 {
        unsafe { mayrelay_dns_answer_get_ttl(self.handle) }
    }
    pub fn explain(&self, format: Format) -> String {
        text::whole(|buffer, size| unsafe {
            mayrelay_dns_answer_explain(self.handle, format as i32, buffer, size)
        })
    }
    /// For calls of [`crate::ffi`].
    pub fn as_ptr(&self) -> *const mayrelay_dns_answer {
        self.handle
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        unsafe { mayrelay_dns_answer_free(self.handle) }
    }
}

/// For one event loop: watch its descriptor, `dispatch`, and take what `next`
/// gives.
pub struct Resolver {
    handle: *mut mayrelay_resolver,
}

// One thread at a time, as every call wants it for itself.
unsafe impl Send for Resolver {}

impl Resolver {
    /// Argument: the library was built without DNS.
    pub fn new() -> Result<Resolver, Error> {
        let handle = unsafe { mayrelay_resolver_new() };
        if handle.is_null() {
            return Err(Error::Argument);
        }
        Ok(Resolver { handle })
    }

    /// "192.0.2.53,127.0.0.1:5353,[::1]:53"
    pub fn set_servers(&mut self, servers: &str) -> Result<(), Error> {
        let servers = terminated(servers)?;
        check(unsafe { mayrelay_resolver_set_servers(self.handle, servers.as_ptr()) })
    }

    pub fn set_deadline_ms(&mut self, deadline: u32) -> Result<(), Error> {
        check(unsafe { mayrelay_resolver_set_deadline_ms(self.handle, deadline) })
    }

    /// `next` will give one answer with this token.
    pub fn ask(&mut self, client: &str, token: u64) -> Result<(), Error> {
        let client = terminated(client)?;
        check(unsafe { mayrelay_resolver_ask(self.handle, client.as_ptr(), token) })
    }

    pub fn dispatch(&mut self) -> Result<(), Error> {
        check(unsafe { mayrelay_resolver_dispatch(self.handle) })
    }

    /// None if none is finished.
    #[allow(clippy::should_implement_trait)] // it may give more later
    pub fn next(&mut self) -> Option<(u64, Answer)> {
        let mut token = 0;
        let handle = unsafe { mayrelay_resolver_next(self.handle, &mut token) };
        (!handle.is_null()).then(|| (token, Answer { handle }))
    }

    pub fn cancel(&mut self, token: u64) {
        unsafe { mayrelay_resolver_cancel(self.handle, token) }
    }

    /// Waits; an answer that is not known if none comes.
    pub fn resolve(&mut self, client: &str, timeout_ms: u32) -> Result<Answer, Error> {
        let client = terminated(client)?;
        let handle = unsafe { mayrelay_resolver_resolve(self.handle, client.as_ptr(), timeout_ms) };
        if handle.is_null() {
            return Err(Error::Text("no IP address, or no memory"));
        }
        Ok(Answer { handle })
    }
}

impl AsRawFd for Resolver {
    /// The descriptor to watch for reading; -1 if there is none.
    fn as_raw_fd(&self) -> RawFd {
        unsafe { mayrelay_resolver_get_fd(self.handle) }
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        unsafe { mayrelay_resolver_free(self.handle) }
    }
}
