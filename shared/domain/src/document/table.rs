//! Tables of a document: rows of cells, each cell a small document of its own.

use super::{Block, Prose};

/// A table without spans or widths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows from top to bottom.
    pub rows: Vec<TableRow>,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// The cells in reading order.
    pub cells: Vec<TableCell>,
}

/// One cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableCell {
    /// Whether it names its row or column.
    pub header: bool,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

impl TableRow {
    /// The words of the row in one line, cells separated by a bar.
    pub fn plain_text(&self) -> String {
        let cells: Vec<String> = self.cells.iter().map(TableCell::plain_text).collect();
        cells.join(" | ")
    }
}

impl TableCell {
    /// The words of the cell in one line.
    fn plain_text(&self) -> String {
        let mut lines = Vec::new();
        self.blocks.iter().for_each(|block| block.plain_lines(&mut lines));
        Prose::new(&lines.join(" ")).as_str().replace('\n', " ")
    }
}
