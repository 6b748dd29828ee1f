//! Documents from a seed, for tests: every kind of block inside every other, with texts that try
//! to break out of a format. Included by path in the tests of the converters.

use super::{
    Block, CodeLanguage, Document, Inline, ListItem, Marks, MentionId, MentionedUser, Style, Table,
    TableCell, TableRow,
};

/// Texts that mean something to a parser, a browser or a careless `format!`.
pub(super) const TEXTS: &[&str] = &[
    "plain words",
    "",
    " ",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='x",
    "&amp; &lt; &#60;",
    "</p></li></code></pre></blockquote><h1>",
    "<!-- -->",
    "]]> <![CDATA[",
    "</title></textarea></style>",
    "Zażółć gęślą jaźń \u{1f600} \u{202e}",
    "{\"type\":\"text\"}",
    "a\u{a0}b",
    "line\nline",
    "\u{0}\u{8}nul",
    "<at id=\"0\">Ann</at>",
    "<a href=\"javascript:alert(1)\">x</a>",
];

const LINKS: &[&str] = &[
    "https://example.com/?a=1&b=\"><script>",
    "mailto:a\"><b>@example.com",
    "tel:+1",
    "http://example.com/ü ü",
];

/// A generator of documents; the same seed gives the same documents (xorshift64*).
pub(super) struct Generator(u64);

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn several<T>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| one(self)).collect()
    }

    pub(super) fn document(&mut self) -> Document {
        Document::new(self.blocks(4))
    }

    fn blocks(&mut self, room: usize) -> Vec<Block> {
        self.several(4, |this| this.block(room))
    }

    fn block(&mut self, room: usize) -> Block {
        let below = room.saturating_sub(1);
        match self.below(if room == 0 { 4 } else { 9 }) {
            0 | 1 => Block::paragraph(self.line()),
            2 => {
                let language = self.pick(&["", "rust", "c++"]);
                Block::code(CodeLanguage::parse(language), self.pick(TEXTS))
            }
            3 => Block::Rule,
            4 => Block::heading(u8::try_from(self.below(8)).unwrap(), self.line()),
            5 => Block::BulletList(self.items(below)),
            6 => {
                let start = u32::try_from(self.below(12)).unwrap();
                Block::OrderedList { start, items: self.items(below) }
            }
            7 => Block::Quote(self.blocks(below)),
            _ => Block::Table(Table { rows: self.several(3, |this| this.row(below)) }),
        }
    }

    fn items(&mut self, room: usize) -> Vec<ListItem> {
        self.several(3, |this| ListItem::new(this.blocks(room)))
    }

    fn row(&mut self, room: usize) -> TableRow {
        let cell = |this: &mut Self| {
            let header = this.below(3) == 0;
            TableCell { header, blocks: this.blocks(room) }
        };
        TableRow { cells: self.several(3, cell) }
    }

    fn line(&mut self) -> Vec<Inline> {
        self.several(5, Self::inline)
    }

    fn inline(&mut self) -> Inline {
        match self.below(8) {
            0 => Inline::HardBreak,
            1 => {
                let id = MentionId::parse("712020:0e9f-11").unwrap();
                Inline::mention(MentionedUser::Jira(id), self.pick(TEXTS))
            }
            2 => Inline::mention(MentionedUser::Teams(0), self.pick(TEXTS)),
            3 => Inline::link(self.pick(TEXTS), self.pick(LINKS)),
            _ => {
                let styles = self.several(3, |this| Style::ALL[this.below(Style::ALL.len())]);
                let marks = styles.into_iter().fold(Marks::default(), Marks::with);
                Inline::marked(self.pick(TEXTS), marks)
            }
        }
    }
}
