//! One SMTP connection, from connect to RCPT.

use std::net::{IpAddr, SocketAddr};
use std::os::raw::{c_char, c_int, c_void};
use std::path::Path;
use std::ptr;

use crate::advice::Advice;
use crate::decision::{Decision, Format};
use crate::error::{check, Error};
use crate::ffi::*;
use crate::policy::Policy;
use crate::resolver::Answer;
use crate::text::{self, terminated};

/// What came of a look-up of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp<T> {
    Known(T),
    /// The fact stays unknown: a 451 where it matters.
    Failed,
}

/// One SMTP connection.
///
/// `connect` clears everything; `tls` the identity, groups, sender and
/// recipient; `auth` the groups, sender and recipient; `mail` the recipient;
/// `rcpt` what was said of the previous one; `reset` sender and recipient.
pub struct Session {
    handle: *mut mayrelay_session,
}

// It holds all it needs, and is used by one thread at a time: every call that
// changes it wants it for itself.
unsafe impl Send for Session {}

impl Session {
    pub fn new(policy: &Policy) -> Result<Session, Error> {
        let handle = unsafe { mayrelay_session_new(policy.as_ptr()) };
        if handle.is_null() {
            return Err(Error::Memory);
        }
        Ok(Session { handle })
    }

    /// This host delivers to the decision's recipient, so that `reroute` works.
    pub fn rewrites(&mut self, rewrites: bool) {
        unsafe { mayrelay_session_rewrites(self.handle, rewrites) }
    }

    // -- the SMTP dialogue -----------------------------------------------------

    /// `client`: "192.0.2.7", "2001:db8::1"; `listener`: our side,
    /// "192.0.2.25:25", "[2001:db8::25]:25".
    pub fn connect(&mut self, client: &str, listener: Option<&str>) -> Result<Decision<'_>, Error> {
        // Should one of them be refused, this is what has been said.
        unsafe { mayrelay_session_connect(self.handle, ptr::null(), ptr::null()) };
        let (client, listener) = (terminated(client)?, listener.map(terminated).transpose()?);
        let ours = listener.as_ref().map_or(ptr::null(), |it| it.as_ptr());
        unsafe { mayrelay_session_connect(self.handle, client.as_ptr(), ours) };
        Ok(self.decision())
    }

    /// The same, from a socket.
    pub fn connect_from(&mut self, client: IpAddr, listener: Option<SocketAddr>) -> Decision<'_> {
        let (peer, peer_size) = octets_of(client);
        let (ours, ours_size) = listener.map_or(([0; 16], 0), |it| octets_of(it.ip()));
        let place = if ours_size > 0 {
            ours.as_ptr()
        } else {
            ptr::null()
        };
        // Both are 4 or 16 octets, as their sizes say.
        unsafe {
            mayrelay_session_connect_addr(
                self.handle,
                peer.as_ptr().cast::<c_void>(),
                peer_size,
                place.cast::<c_void>(),
                ours_size,
                listener.map_or(0, |it| it.port()),
            )
        };
        self.decision()
    }

    /// MAIL FROM's argument, with or without <>; "" is the null sender.
    pub fn mail(&mut self, sender: impl AsRef<[u8]>) -> Decision<'_> {
        self.say(mayrelay_session_mail, Some(sender.as_ref()));
        self.decision()
    }

    /// RCPT TO's argument.
    pub fn rcpt(&mut self, recipient: impl AsRef<[u8]>) -> Decision<'_> {
        self.say(mayrelay_session_rcpt, Some(recipient.as_ref()));
        self.decision()
    }

    /// Judges again, with what has been answered since.
    pub fn resume(&mut self) -> Decision<'_> {
        unsafe { mayrelay_session_resume(self.handle) };
        self.decision()
    }

    /// RSET, or the end of a message.
    pub fn reset(&mut self) {
        unsafe { mayrelay_session_reset(self.handle) }
    }

    // -- facts -----------------------------------------------------------------

    /// Encrypted now; the client certificate's SHA-256 in hex, if there is one.
    pub fn tls(&mut self, certificate: Option<&[u8]>) -> Result<(), Error> {
        check(self.say(mayrelay_session_tls, certificate))
    }

    /// None: anonymous again.
    pub fn auth(&mut self, identity: Option<&[u8]>) -> Result<(), Error> {
        check(self.say(mayrelay_session_auth, identity))
    }

    /// All forward-confirmed host names of the client.
    pub fn client_names<I>(&mut self, names: LookUp<I>) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        self.answer(
            MAYRELAY_FACT_CLIENT_NAME,
            mayrelay_session_add_client_name,
            names,
        )
    }

    /// All groups of the identity.
    pub fn groups<I>(&mut self, groups: LookUp<I>) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        self.answer(MAYRELAY_FACT_GROUPS, mayrelay_session_add_group, groups)
    }

    /// Whether the mailbox of RCPT TO exists.
    pub fn recipient_exists(&mut self, exists: LookUp<bool>) -> Result<(), Error> {
        check(match exists {
            LookUp::Known(exists) => unsafe {
                mayrelay_session_set_recipient_exists(self.handle, exists)
            },
            LookUp::Failed => self.end(MAYRELAY_FACT_RECIPIENT, MAYRELAY_FAILED),
        })
    }

    /// The client's names as a resolver found them; then resume.
    pub fn take(&mut self, answer: &Answer) -> Result<(), Error> {
        check(unsafe { mayrelay_session_take(self.handle, answer.as_ptr()) })
    }

    /// The last decision.
    pub fn decision(&self) -> Decision<'_> {
        // Borrows the session, so that nothing is said to it meanwhile.
        unsafe { Decision::new(mayrelay_session_get_decision(self.handle)) }
    }

    /// What would have the policy in that file (YAML or JSON, as it is now) accept
    /// what was told last.  Tries many edits, so it takes its time.
    /// [`Error::Policy`]: it cannot be read, or changes meanwhile.
    pub fn advise(&self, path: impl AsRef<Path>) -> Result<Advice, Error> {
        unsafe { Advice::new(self.handle, path.as_ref()) }
    }

    /// The last decision and all facts behind it as one line for a log (logfmt, or
    /// JSON): `mayrelay explain --log` reads it.  `time` and `id` are the host's.
    pub fn to_log(
        &self,
        format: Format,
        time: Option<&str>,
        id: Option<&str>,
    ) -> Result<String, Error> {
        let (time, id) = (
            time.map(terminated).transpose()?,
            id.map(terminated).transpose()?,
        );
        let when = time.as_ref().map_or(ptr::null(), |it| it.as_ptr());
        let which = id.as_ref().map_or(ptr::null(), |it| it.as_ptr());
        Ok(text::whole(|buffer, size| unsafe {
            mayrelay_session_to_log(self.handle, format as c_int, when, which, buffer, size)
        }))
    }

    /// For calls of [`crate::ffi`] that only look.
    pub fn as_ptr(&self) -> *const mayrelay_session {
        self.handle
    }
    /// For calls of [`crate::ffi`].
    pub fn as_mut_ptr(&mut self) -> *mut mayrelay_session {
        self.handle
    }

    fn say(&mut self, call: Setter, text: Option<&[u8]>) -> c_int {
        let data = text.map_or(ptr::null(), |it| it.as_ptr().cast::<c_char>());
        // As long as it says.
        unsafe { call(self.handle, data, text.map_or(0, <[u8]>::len)) }
    }

    fn end(&mut self, fact: c_int, answer: c_int) -> c_int {
        unsafe { mayrelay_session_answer(self.handle, fact, answer) }
    }

    fn answer<I>(&mut self, fact: c_int, add: Setter, texts: LookUp<I>) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        // Ends what has been said of the fact before: what comes is all.
        check(self.end(fact, MAYRELAY_FAILED))?;
        if let LookUp::Known(texts) = texts {
            for text in texts {
                check(self.say(add, Some(text.as_ref())))?;
            }
            check(self.end(fact, MAYRELAY_KNOWN))?;
        }
        Ok(())
    }
}

fn octets_of(address: IpAddr) -> ([u8; 16], usize) {
    let mut octets = [0; 16];
    match address {
        IpAddr::V4(it) => octets[..4].copy_from_slice(&it.octets()),
        IpAddr::V6(it) => octets = it.octets(),
    }
    (octets, if address.is_ipv4() { 4 } else { 16 })
}

impl Drop for Session {
    fn drop(&mut self) {
        unsafe { mayrelay_session_free(self.handle) }
    }
}
