//! What the tests have in common: they count, and go on.

use mayrelay::Error;

#[derive(Default)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
}

impl Count {
    pub fn expect(&mut self, good: bool, what: &str) {
        self.passed += u32::from(good);
        self.failed += u32::from(!good);
        if !good {
            println!("FAILED: {what}");
        }
    }
    pub fn text_error<T>(&mut self, result: Result<T, Error>, what: &str) {
        self.expect(matches!(result, Err(Error::Text(_))), what);
    }
}
