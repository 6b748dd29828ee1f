//! Markers: given out one by one, each remembered with where it was put.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// What every marker begins with.
const PREFIX: &str = "canary";

/// The markers of one test.
#[derive(Clone, Default)]
pub struct Markers(Arc<Mutex<Vec<(String, String)>>>);

impl Markers {
    /// A new marker, to be put there.
    pub fn at(&self, place: impl Into<String>) -> String {
        let marker = format!("{PREFIX}{:05}q", NEXT.fetch_add(1, Ordering::SeqCst));
        self.0.lock().unwrap().push((marker.clone(), place.into()));
        marker
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Where a marker was put.
    pub fn place(&self, marker: &str) -> Option<String> {
        let all = self.0.lock().unwrap();
        all.iter().find(|(known, _)| known == marker).map(|(_, place)| place.clone())
    }

    /// The markers that were put in places whose names begin with this.
    pub fn placed(&self, place: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let there = all.iter().filter(|(_, known)| known.starts_with(place));
        there.map(|(marker, _)| marker.clone()).collect()
    }

    /// The markers in a text, whatever the case of their letters.
    pub fn in_text(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let found = text.match_indices(PREFIX).filter_map(|(at, _)| {
            let rest = &text[at + PREFIX.len()..];
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let ends = !digits.is_empty() && rest[digits.len()..].starts_with('q');
            ends.then(|| format!("{PREFIX}{digits}q"))
        });
        found.collect()
    }

    /// Panics where a marker is in a text of Tandem's.
    pub fn assert_none(&self, what: &str, text: &str) {
        for marker in self.in_text(text) {
            let place = self.place(&marker);
            assert!(place.is_none(), "{marker}, put in {place:?}, is in {what}: {text}");
        }
    }
}
