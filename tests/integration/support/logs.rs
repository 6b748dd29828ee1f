//! Everything that was logged in this process, for the tests that look for what must not be there.

use std::{
    io::{self, Write},
    sync::Mutex,
};

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Capture;

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts capturing; done once for the process.
pub fn capture() {
    tandem_runtime::telemetry::start_to(|| Capture);
}

/// Every line logged so far.
pub fn logged() -> String {
    String::from_utf8_lossy(&LOGGED.lock().unwrap()).into_owned()
}
