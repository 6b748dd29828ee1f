//! What the operator sees: one answer on standard output, as text or as JSON; questions, errors and
//! what is under way on standard error.

use std::{
    io::{BufRead, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tandem_domain::Timestamp;

use crate::error::OpsError;

type Shared<T> = Arc<Mutex<T>>;

/// Where answers go.
#[derive(Clone)]
pub(crate) struct Output {
    out: Shared<Box<dyn Write + Send>>,
    err: Shared<Box<dyn Write + Send>>,
    input: Shared<Box<dyn BufRead + Send>>,
    /// Whether the answer is JSON.
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        input: Box<dyn BufRead + Send>,
    ) -> Self {
        let (out, err) = (Arc::new(Mutex::new(out)), Arc::new(Mutex::new(err)));
        Self { out, err, input: Arc::new(Mutex::new(input)), json: false }
    }

    /// The answer: `text` for people, or `document` as JSON.
    pub(crate) fn answer(&self, document: &impl Serialize, text: &str) -> Result<(), OpsError> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if self.json {
            serde_json::to_writer_pretty(&mut *out, document).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(out.flush()?)
    }

    /// Text on standard output, where nobody may be listening any more.
    pub(crate) fn print(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(out, "{text}");
    }

    /// A line beside the answer.
    pub(crate) fn say(&self, text: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(err, "{text}");
    }

    /// The line with which a question is answered; nothing at the end of the input.
    pub(crate) fn ask(&self, question: &str) -> Result<String, OpsError> {
        self.say(question);
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = String::new();
        input.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

/// A bar for work of a known length. Where standard error is no terminal, nothing is drawn.
pub(crate) fn bar(doing: &'static str, length: u64) -> ProgressBar {
    progress(doing, Some(length), "{msg} {wide_bar} {pos} of {len}, {eta} left")
}

/// The same for work of which nobody knows how much there is.
pub(crate) fn spinner(doing: &'static str) -> ProgressBar {
    let spinner = progress(doing, None, "{spinner} {msg}: {pos}, {elapsed}");
    spinner.enable_steady_tick(Duration::from_millis(200));
    spinner
}

fn progress(doing: &'static str, length: Option<u64>, style: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message(doing);
    bar
}

/// How long ago something was, in the largest unit that fits.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let secs = at.until(now).as_secs();
    let (count, unit) = match secs {
        0..60 => (secs, "s"),
        60..3_600 => (secs / 60, "min"),
        3_600..172_800 => (secs / 3_600, "h"),
        _ => (secs / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

/// Rows in columns as wide as what is in them, the first row being the head.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_fits() {
        let cases = [
            (0, "0 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (7_199, "1 h ago"),
            (172_799, "47 h ago"),
            (172_800, "2 days ago"),
        ];
        for (secs, told) in cases {
            let now = Timestamp::from_millis(secs * 1_000);
            assert_eq!(ago(Timestamp::from_millis(0), now), told);
        }
    }
}
