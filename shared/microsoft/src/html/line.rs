//! The text of a paragraph with white space collapsed as a browser does.

use tandem_domain::document::{Inline, Inlines, Marks};

const NO_BREAK_SPACE: char = '\u{a0}';

/// A paragraph under way.
#[derive(Default)]
pub(super) struct Line {
    pieces: Inlines,
    /// White space seen but not yet written: it counts only if something follows.
    space: Option<Marks>,
}

impl Line {
    /// Adds text as it stands in the source.
    ///
    /// Teams writes a no-break space wherever two spaces meet and often where one would do. One
    /// between two words is read as an ordinary space; others are kept.
    pub(super) fn text(&mut self, text: &str, marks: &Marks) {
        let mut run = String::new();
        for c in text.chars() {
            let at_start = run.is_empty() && self.at_start();
            let lone = c == NO_BREAK_SPACE && !at_start && self.space.is_none();
            if lone || matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.space.get_or_insert_with(|| marks.clone());
                continue;
            }
            if let Some(space) = self.space.take_if(|_| !at_start) {
                if space == *marks {
                    run.push(' ');
                } else {
                    self.pieces.push(Inline::marked(&std::mem::take(&mut run), marks.clone()));
                    self.pieces.push(Inline::marked(" ", space));
                }
            }
            self.space = None;
            run.push(c);
        }
        self.pieces.push(Inline::marked(&run, marks.clone()));
    }

    /// Adds a piece that is not text.
    pub(super) fn piece(&mut self, piece: Inline) {
        if let Some(space) = self.space.take()
            && !self.at_start()
        {
            self.pieces.push(Inline::marked(" ", space));
        }
        self.pieces.push(piece);
    }

    /// Breaks the line; white space around the break does not count.
    pub(super) fn line_break(&mut self) {
        self.space = None;
        self.pieces.push(Inline::HardBreak);
    }

    /// The content.
    pub(super) fn finish(self) -> Vec<Inline> {
        self.pieces.finish()
    }

    fn at_start(&self) -> bool {
        matches!(self.pieces.last(), None | Some(Inline::HardBreak))
    }
}
