//! Whether a value is a valid version 1 document. A reason names the place by its position and
//! kind, never by what somebody wrote there.

use serde_json::{Map, Value};

use super::kinds::{Attr, DOCUMENT, Holds, INLINE, KINDS, Kind, MARKS, Type};

/// Checks a whole document.
pub(crate) fn check(document: &Value) -> Result<(), String> {
    let doc = document.as_object().ok_or("a document must be an object")?;
    only(doc, &["type", "version", "content"], "doc")?;
    if doc.get("type").and_then(Value::as_str) != Some("doc") {
        return Err("the type of a document is 'doc'".to_owned());
    }
    if doc.get("version").and_then(Value::as_f64) != Some(1.0) {
        return Err("the version of a document is 1".to_owned());
    }
    let content = doc.get("content").ok_or("doc: content is required")?;
    children(content, "doc", 0, DOCUMENT, false)
}

fn children(
    content: &Value,
    parent: &str,
    least: usize,
    allowed: &[&str],
    plain: bool,
) -> Result<(), String> {
    let nodes = content.as_array().ok_or_else(|| format!("{parent}: content must be an array"))?;
    if nodes.len() < least {
        return Err(format!("{parent}: content needs at least {least}"));
    }
    for (index, child) in nodes.iter().enumerate() {
        node(child, parent, allowed, plain)
            .map_err(|reason| format!("{parent}[{index}] {reason}"))?;
    }
    shape(nodes, parent)
}

/// The rules on several children together.
fn shape(nodes: &[Value], parent: &str) -> Result<(), String> {
    let kind = |index: usize| nodes.get(index).and_then(|node| node["type"].as_str());
    match parent {
        "mediaSingle"
            if kind(0) != Some("media") || nodes.len() > 2 || kind(1) == Some("media") =>
        {
            Err("mediaSingle: one media and at most one caption".to_owned())
        }
        "layoutSection" if nodes.len() > 3 => Err("layoutSection: at most 3 columns".to_owned()),
        _ => Ok(()),
    }
}

fn node(value: &Value, parent: &str, allowed: &[&str], plain: bool) -> Result<(), String> {
    let map = value.as_object().ok_or("must be an object")?;
    let name = map.get("type").and_then(Value::as_str).ok_or("has no type")?;
    let kind = KINDS
        .iter()
        .find(|kind| kind.name == name && allowed.contains(&name))
        .ok_or("is of a kind that cannot stand here")?;
    only(map, &fields_of(kind), name)?;
    if name == "text" && map.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err("text: a text that is not empty is required".to_owned());
    }
    if !(kind.attrs.is_empty() && map.get("attrs").is_none()) {
        attributes(map.get("attrs"), kind.attrs, name)?;
        special(map.get("attrs"), name)?;
    }
    if let Some(found) = map.get("marks") {
        marks(found, kind, parent, plain)?;
    }
    match (kind.holds, map.get("content")) {
        (Holds::Nodes(least, kinds), Some(content)) => children(content, name, least, kinds, plain),
        (Holds::Nodes(..), None) => Err(format!("{name}: content is required")),
        (Holds::Inline, Some(content)) => children(content, name, 0, INLINE, false),
        (Holds::PlainText, Some(content)) => children(content, name, 0, &["text"], true),
        _ => Ok(()),
    }
}

/// The fields that a node of this kind can have.
fn fields_of(kind: &Kind) -> Vec<&'static str> {
    let mut fields = vec!["type"];
    if !kind.attrs.is_empty() {
        fields.push("attrs");
    }
    if !matches!(kind.holds, Holds::Nothing) {
        fields.push("content");
    }
    if kind.marks.is_some() {
        fields.push("marks");
    }
    if kind.name == "text" {
        fields.push("text");
    }
    fields
}

fn only(map: &Map<String, Value>, allowed: &[&str], name: &str) -> Result<(), String> {
    if map.keys().all(|key| allowed.contains(&key.as_str())) {
        Ok(())
    } else {
        Err(format!("{name}: has a field that it cannot have"))
    }
}

fn attributes(value: Option<&Value>, kinds: &[Attr], name: &str) -> Result<(), String> {
    let empty = Map::new();
    let map = match value {
        None => &empty,
        Some(value) => {
            value.as_object().ok_or_else(|| format!("{name}: attrs must be an object"))?
        }
    };
    let names: Vec<&str> = kinds.iter().map(|(attr, ..)| *attr).collect();
    only(map, &names, &format!("{name}.attrs"))?;
    for (attr, required, kind) in kinds {
        match map.get(*attr) {
            None if *required => return Err(format!("{name}: the attribute {attr} is required")),
            Some(value) if !fits(value, *kind) => {
                return Err(format!("{name}: the attribute {attr} is not valid"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn fits(value: &Value, kind: Type) -> bool {
    match kind {
        Type::Text => value.is_string(),
        Type::NonEmpty => value.as_str().is_some_and(|text| !text.is_empty()),
        Type::Number => value.is_number(),
        Type::Range(low, high) => value.as_f64().is_some_and(|n| (low..=high).contains(&n)),
        Type::Bool => value.is_boolean(),
        Type::OneOf(choices) => value.as_str().is_some_and(|text| choices.contains(&text)),
        Type::Color => value.as_str().is_some_and(|text| is_color(text, &[7])),
        Type::ColorAlpha => value.as_str().is_some_and(|text| is_color(text, &[7, 9])),
        Type::Object => value.is_object(),
        Type::List => value.is_array(),
    }
}

fn is_color(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len())
        && text
            .strip_prefix('#')
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Rules on attributes that no single attribute shows.
fn special(attrs: Option<&Value>, name: &str) -> Result<(), String> {
    const COLORS: &[&str] = &["neutral", "purple", "blue", "red", "yellow", "green"];
    let has = |attr: &str| attrs.is_some_and(|attrs| attrs.get(attr).is_some());
    let text = |attr: &str| attrs.and_then(|attrs| attrs.get(attr)).and_then(Value::as_str);
    let fine = match name {
        "inlineCard" => has("url") != has("data"),
        "blockCard" => has("url") || has("data") || has("datasource"),
        "media" if text("type") == Some("external") => has("url") && !has("id"),
        "media" => has("id") && has("collection") && !has("url"),
        "status" => text("color").is_some_and(|c| COLORS.contains(&c) || is_color(c, &[7])),
        _ => true,
    };
    if fine { Ok(()) } else { Err(format!("{name}: the attributes do not belong together")) }
}

fn marks(value: &Value, kind: &Kind, parent: &str, plain: bool) -> Result<(), String> {
    let name = kind.name;
    let list = value.as_array().ok_or_else(|| format!("{name}: marks must be an array"))?;
    let names: Vec<&str> = list.iter().filter_map(|mark| mark["type"].as_str()).collect();
    for mark in list {
        let fields = mark.as_object().ok_or_else(|| format!("{name}: a mark is an object"))?;
        let of = MARKS
            .iter()
            .find(|of| Some(of.name) == fields.get("type").and_then(Value::as_str))
            .filter(|of| !plain && carries(kind, of.name, parent))
            .ok_or_else(|| format!("{name}: has a mark that it cannot have here"))?;
        if of.attrs.is_empty() {
            only(fields, &["type"], of.name)?;
        } else {
            only(fields, &["type", "attrs"], of.name)?;
            attributes(fields.get("attrs"), of.attrs, of.name)?;
        }
    }
    let beside_code = ["code", "link", "annotation"];
    if names.contains(&"code") && !names.iter().all(|mark| beside_code.contains(mark)) {
        return Err("text: code goes with links and annotations only".to_owned());
    }
    if names.contains(&"alignment") && names.contains(&"indentation") {
        return Err(format!("{name}: alignment and indentation exclude each other"));
    }
    Ok(())
}

/// Whether a node of this kind can carry the mark inside that parent.
fn carries(kind: &Kind, mark: &str, parent: &str) -> bool {
    let listed = kind.marks.is_some_and(|marks| marks.contains(&mark));
    let in_page = ["doc", "layoutColumn", "bodiedSyncBlock"].contains(&parent);
    let in_cell = ["tableCell", "tableHeader"].contains(&parent);
    let here = match (kind.name, mark) {
        ("paragraph", "fontSize") => parent != "blockquote",
        ("paragraph", "indentation") => in_page,
        ("paragraph" | "heading", _) => in_page || in_cell,
        (_, "breakout") => parent == "doc",
        _ => true,
    };
    listed && here
}
