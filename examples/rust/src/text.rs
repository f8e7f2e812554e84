//! Texts on their way into the library and out of it.

use std::ffi::{CStr, CString};
use std::os::raw::c_char;
use std::path::Path;

use crate::error::Error;

/// For calls whose texts end in NUL, and would be cut at one.
pub fn terminated(text: impl AsRef<[u8]>) -> Result<CString, Error> {
    CString::new(text.as_ref()).map_err(|_| Error::Text("a NUL inside the text"))
}

pub fn path(path: &Path) -> Result<CString, Error> {
    use std::os::unix::ffi::OsStrExt;
    terminated(path.as_os_str().as_bytes())
}

/// A text of the library's, None for NULL.  What is not UTF-8 (the name of a
/// file may be) is absent too: see `bytes`.
///
/// # Safety
/// `text` is NULL, or ends in NUL and lives as long as 'a.
pub unsafe fn borrowed<'a>(text: *const c_char) -> Option<&'a str> {
    bytes(text).and_then(|octets| std::str::from_utf8(octets).ok())
}

/// # Safety
/// As `borrowed`.
pub unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    (!text.is_null()).then(|| CStr::from_ptr(text).to_bytes())
}

/// # Safety
/// `text` is NULL or ends in NUL.
pub unsafe fn owned(text: *const c_char) -> Option<String> {
    bytes(text).map(|octets| String::from_utf8_lossy(octets).into_owned())
}

/// What a call prints into a buffer, however long: it is asked again with as
/// much room as it said it needs.
pub fn whole(mut write: impl FnMut(*mut c_char, usize) -> usize) -> String {
    let mut buffer = vec![0u8; 4096];
    loop {
        let needed = write(buffer.as_mut_ptr().cast(), buffer.len());
        if needed < buffer.len() {
            buffer.truncate(needed);
            return String::from_utf8(buffer)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        }
        buffer.resize(needed + 1, 0);
    }
}
