//! The kinds of nodes and marks of a version 1 document: their attributes and what they hold.
//!
//! After the published structure, <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>.

/// What an attribute's value must be.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    Text,
    NonEmpty,
    Number,
    /// A number between the two, both included.
    Range(f64, f64),
    Bool,
    OneOf(&'static [&'static str]),
    /// `#` and six digits.
    Color,
    /// `#` and six or eight digits.
    ColorAlpha,
    Object,
    List,
}

/// An attribute: its name, whether it must be there, and its type.
pub(crate) type Attr = (&'static str, bool, Type);

/// What a node holds.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
    /// No `content` at all.
    Nothing,
    /// Inline nodes, or no `content`.
    Inline,
    /// Text without marks, or no `content`.
    PlainText,
    /// At least so many nodes of these kinds.
    Nodes(usize, &'static [&'static str]),
}

/// A kind of node.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) attrs: &'static [Attr],
    pub(crate) holds: Holds,
    /// The marks it can carry; `None` where it has no `marks` at all.
    pub(crate) marks: Option<&'static [&'static str]>,
}

/// A kind of mark.
pub(crate) struct Mark {
    pub(crate) name: &'static str,
    pub(crate) attrs: &'static [Attr],
}

use Holds::{Inline, Nodes, Nothing, PlainText};
use Type::{Bool, Color, ColorAlpha, List, NonEmpty, Number, Object, OneOf, Range, Text};

const ID: Attr = ("localId", false, Text);
const NEEDS_ID: Attr = ("localId", true, Text);
const SIDES: Type =
    OneOf(&["wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start"]);
const EXTENSION: &[Attr] = &[
    ("extensionKey", true, NonEmpty),
    ("extensionType", true, NonEmpty),
    ("parameters", false, Object),
    ("text", false, Text),
    ("layout", false, OneOf(&["wide", "full-width", "default"])),
    ("localId", false, NonEmpty),
];
const EXTENSION_MARKS: Option<&[&str]> = Some(&["dataConsumer", "fragment"]);
const MEDIA_MARKS: Option<&[&str]> = Some(&["dataConsumer", "link", "annotation", "border"]);
const CELL: &[Attr] = &[
    ("colspan", false, Number),
    ("rowspan", false, Number),
    ("colwidth", false, List),
    ("background", false, Text),
    ("valign", false, OneOf(&["top", "middle", "bottom"])),
    ID,
];
const CARD: &[Attr] = &[
    ("url", false, Text),
    ("data", false, Object),
    ("datasource", false, Object),
    ("width", false, Number),
    ("layout", false, SIDES),
    ID,
];
const TASK: &[Attr] = &[NEEDS_ID, ("state", true, OneOf(&["TODO", "DONE"]))];
const TITLE: &[Attr] = &[("title", false, Text), ID];
const NONE: Option<&[&str]> = Some(&[]);

/// What a document holds.
pub(crate) const DOCUMENT: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "panel",
    "rule",
    "table",
    "expand",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
    "embedCard",
    "extension",
    "bodiedExtension",
    "layoutSection",
    "syncBlock",
    "bodiedSyncBlock",
];
/// Inline nodes.
pub(crate) const INLINE: &[&str] = &[
    "text",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "placeholder",
    "inlineExtension",
    "mediaInline",
];
const UNNESTED: &[&str] = &[
    "paragraph",
    "panel",
    "blockquote",
    "orderedList",
    "bulletList",
    "rule",
    "heading",
    "codeBlock",
    "mediaGroup",
    "mediaSingle",
    "decisionList",
    "taskList",
    "table",
    "blockCard",
    "embedCard",
    "extension",
];
const EXPANDED: &[&str] = &[
    "paragraph",
    "panel",
    "blockquote",
    "orderedList",
    "bulletList",
    "rule",
    "heading",
    "codeBlock",
    "mediaGroup",
    "mediaSingle",
    "decisionList",
    "taskList",
    "table",
    "blockCard",
    "embedCard",
    "extension",
    "nestedExpand",
];
const NESTED: &[&str] = &[
    "paragraph",
    "heading",
    "mediaSingle",
    "mediaGroup",
    "codeBlock",
    "bulletList",
    "orderedList",
    "taskList",
    "decisionList",
    "rule",
    "panel",
    "blockquote",
    "extension",
];
const IN_CELL: &[&str] = &[
    "paragraph",
    "panel",
    "blockquote",
    "orderedList",
    "bulletList",
    "rule",
    "heading",
    "codeBlock",
    "mediaSingle",
    "mediaGroup",
    "decisionList",
    "taskList",
    "blockCard",
    "embedCard",
    "extension",
    "nestedExpand",
];
const IN_PANEL: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "blockCard",
    "mediaGroup",
    "mediaSingle",
    "codeBlock",
    "taskList",
    "rule",
    "decisionList",
    "extension",
];
const IN_COLUMN: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "panel",
    "rule",
    "table",
    "expand",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
    "embedCard",
    "extension",
    "bodiedExtension",
];
const IN_ITEM: &[&str] = &[
    "paragraph",
    "bulletList",
    "orderedList",
    "taskList",
    "mediaSingle",
    "codeBlock",
    "extension",
];
const IN_QUOTE: &[&str] = &[
    "paragraph",
    "orderedList",
    "bulletList",
    "codeBlock",
    "mediaSingle",
    "mediaGroup",
    "extension",
];

macro_rules! kinds {
    ($($name:literal $attrs:expr, $holds:expr, $marks:expr;)+) => {
        /// Every kind of node.
        pub(crate) const KINDS: &[Kind] =
            &[$(Kind { name: $name, attrs: $attrs, holds: $holds, marks: $marks }),+];
    };
}

kinds! {
    "paragraph" &[ID], Inline, Some(&["alignment", "indentation", "fontSize"]);
    "heading" &[("level", true, Range(1.0, 6.0)), ID], Inline, Some(&["alignment", "indentation"]);
    "bulletList" &[ID], Nodes(1, &["listItem"]), None;
    "orderedList" &[("order", false, Range(0.0, f64::MAX)), ID], Nodes(1, &["listItem"]), None;
    "listItem" &[ID], Nodes(1, IN_ITEM), None;
    "codeBlock" &[
        ("language", false, Text), ("uniqueId", false, Text), ("wrap", false, Bool),
        ("hideLineNumbers", false, Bool), ID,
    ], PlainText, Some(&["breakout"]);
    "blockquote" &[ID], Nodes(1, IN_QUOTE), None;
    "panel" &[
        ("panelType", true,
            OneOf(&["info", "note", "tip", "warning", "error", "success", "custom"])),
        ("panelIcon", false, Text), ("panelIconId", false, Text), ("panelIconText", false, Text),
        ("panelColor", false, Text), ID,
    ], Nodes(1, IN_PANEL), None;
    "rule" &[ID], Nothing, None;
    "table" &[
        ("displayMode", false, OneOf(&["default", "fixed"])),
        ("isNumberColumnEnabled", false, Bool), ("width", false, Number),
        ("layout", false,
            OneOf(&["wide", "full-width", "center", "align-end", "align-start", "default"])),
        ("localId", false, NonEmpty),
    ], Nodes(1, &["tableRow"]), Some(&["fragment"]);
    "tableRow" &[ID], Nodes(0, &["tableCell", "tableHeader"]), None;
    "tableCell" CELL, Nodes(1, IN_CELL), None;
    "tableHeader" CELL, Nodes(1, IN_CELL), None;
    "expand" TITLE, Nodes(1, EXPANDED), Some(&["breakout"]);
    "nestedExpand" TITLE, Nodes(1, NESTED), NONE;
    "mediaSingle" &[
        ("layout", true, SIDES), ("width", false, Range(0.0, f64::MAX)),
        ("widthType", false, OneOf(&["percentage", "pixel"])), ID,
    ], Nodes(1, &["media", "caption"]), Some(&["link"]);
    "mediaGroup" &[], Nodes(1, &["media"]), None;
    "caption" &[ID], Inline, None;
    "taskList" &[NEEDS_ID], Nodes(1, &["taskItem", "taskList", "blockTaskItem"]), None;
    "taskItem" TASK, Inline, None;
    "blockTaskItem" TASK, Nodes(1, &["paragraph", "extension"]), None;
    "decisionList" &[NEEDS_ID], Nodes(1, &["decisionItem"]), None;
    "decisionItem" &[NEEDS_ID, ("state", true, Text)], Inline, None;
    "blockCard" CARD, Nothing, None;
    "embedCard" &[
        ("url", true, Text), ("layout", true, SIDES), ("width", false, Range(0.0, 100.0)),
        ("originalHeight", false, Number), ("originalWidth", false, Number), ID,
    ], Nothing, None;
    "extension" EXTENSION, Nothing, EXTENSION_MARKS;
    "bodiedExtension" EXTENSION, Nodes(1, UNNESTED), EXTENSION_MARKS;
    "layoutSection" &[ID], Nodes(2, &["layoutColumn"]), Some(&["breakout"]);
    "layoutColumn" &[
        ("width", true, Range(0.0, 100.0)),
        ("valign", false, OneOf(&["top", "middle", "bottom"])), ID,
    ], Nodes(1, IN_COLUMN), None;
    "syncBlock" &[("resourceId", true, Text), NEEDS_ID], Nothing, Some(&["breakout"]);
    "bodiedSyncBlock" &[("resourceId", true, Text), NEEDS_ID],
        Nodes(1, IN_COLUMN), Some(&["breakout"]);
    "text" &[], Nothing, Some(&[
        "strong", "em", "strike", "underline", "code", "link", "subsup", "textColor",
        "backgroundColor", "annotation",
    ]);
    "hardBreak" &[("text", false, OneOf(&["\n"])), ID], Nothing, None;
    "mention" &[
        ("id", true, Text), ("text", false, Text), ("accessLevel", false, Text),
        ("userType", false, OneOf(&["DEFAULT", "SPECIAL", "APP"])), ID,
    ], Nothing, None;
    "emoji" &[("shortName", true, Text), ("id", false, Text), ("text", false, Text), ID],
        Nothing, None;
    "date" &[("timestamp", true, NonEmpty), ID], Nothing, None;
    "status" &[("text", true, NonEmpty), ("color", true, Text), ("style", false, Text), ID],
        Nothing, None;
    "inlineCard" &[("url", false, Text), ("data", false, Object), ID], Nothing, None;
    "placeholder" &[("text", true, Text), ID], Nothing, None;
    "inlineExtension" EXTENSION, Nothing, EXTENSION_MARKS;
    "media" &[
        ("type", true, OneOf(&["link", "file", "external"])), ("id", false, NonEmpty),
        ("collection", false, Text), ("url", false, Text), ("alt", false, Text),
        ("height", false, Number), ("width", false, Number),
        ("occurrenceKey", false, NonEmpty), ID,
    ], Nothing, MEDIA_MARKS;
    "mediaInline" &[
        ("type", false, OneOf(&["link", "file", "image"])), ("id", true, NonEmpty),
        ("collection", true, Text), ("alt", false, Text), ("height", false, Number),
        ("width", false, Number), ("data", false, Object),
        ("occurrenceKey", false, NonEmpty), ID,
    ], Nothing, MEDIA_MARKS;
}

/// Every kind of mark.
pub(crate) const MARKS: &[Mark] = &[
    Mark { name: "strong", attrs: &[] },
    Mark { name: "em", attrs: &[] },
    Mark { name: "strike", attrs: &[] },
    Mark { name: "underline", attrs: &[] },
    Mark { name: "code", attrs: &[] },
    Mark {
        name: "link",
        attrs: &[
            ("href", true, Text),
            ("title", false, Text),
            ("id", false, Text),
            ("collection", false, Text),
            ("occurrenceKey", false, Text),
        ],
    },
    Mark { name: "subsup", attrs: &[("type", true, OneOf(&["sub", "sup"]))] },
    Mark { name: "textColor", attrs: &[("color", true, Color)] },
    Mark { name: "backgroundColor", attrs: &[("color", true, Color)] },
    Mark {
        name: "annotation",
        attrs: &[("id", true, Text), ("annotationType", true, OneOf(&["inlineComment"]))],
    },
    Mark { name: "alignment", attrs: &[("align", true, OneOf(&["center", "end"]))] },
    Mark { name: "indentation", attrs: &[("level", true, Range(1.0, 6.0))] },
    Mark { name: "fontSize", attrs: &[("fontSize", true, OneOf(&["small"]))] },
    Mark {
        name: "breakout",
        attrs: &[("mode", true, OneOf(&["wide", "full-width"])), ("width", false, Number)],
    },
    Mark { name: "border", attrs: &[("size", true, Range(1.0, 3.0)), ("color", true, ColorAlpha)] },
    Mark { name: "dataConsumer", attrs: &[("sources", true, List)] },
    Mark { name: "fragment", attrs: &[("localId", true, NonEmpty), ("name", false, Text)] },
];
