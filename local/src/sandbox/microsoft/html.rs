//! The modest cleaning that Teams does to the HTML of a message: nothing in it may run; what
//! the author wrote otherwise stays, attributes included.

/// Elements dropped together with what is in them.
const DROPPED_WHOLE: [&str; 9] =
    ["script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math"];

/// Elements whose tags are dropped.
const DROPPED_TAGS: [&str; 10] =
    ["html", "head", "body", "link", "meta", "base", "form", "input", "button", "textarea"];

/// Attributes that hold an address.
const ADDRESSES: [&str; 5] = ["href", "src", "action", "formaction", "xlink:href"];

/// `html` without scripts, handlers, comments and addresses that would run.
pub(super) fn sanitise(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if let Some(declaration) = rest.strip_prefix("<!").or(rest.strip_prefix("<?")) {
            rest = declaration.find('>').map_or("", |end| &declaration[end + 1..]);
        } else if let Some(tag) = Tag::parse(rest) {
            rest = tag.after;
            if !tag.closing && !tag.self_closing && DROPPED_WHOLE.contains(&tag.name.as_str()) {
                rest = after_closing(rest, &tag.name);
            } else {
                tag.write(&mut out);
            }
        } else {
            out.push_str("&lt;");
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// What follows the closing tag of `name`, or nothing where it is never closed.
fn after_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = &rest[at..];
        match Tag::parse(rest) {
            Some(tag) if tag.name == name => return tag.after,
            _ => rest = &rest[2..],
        }
    }
    ""
}

/// A tag at the start of a text.
struct Tag<'a> {
    closing: bool,
    self_closing: bool,
    /// Lower case.
    name: String,
    /// The name as it was written.
    written: &'a str,
    /// Name and, with its quotes, value.
    attributes: Vec<(&'a str, Option<&'a str>)>,
    after: &'a str,
}

impl<'a> Tag<'a> {
    /// The tag that `text` starts with; `None` where the `<` starts none.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('<')?;
        let (closing, text) = text.strip_prefix('/').map_or((false, text), |rest| (true, rest));
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let (written, mut rest) = split_while(text, |c| !is_space(c) && c != '/' && c != '>');
        let mut tag = Self {
            closing,
            self_closing: false,
            name: written.to_ascii_lowercase(),
            written,
            attributes: Vec::new(),
            after: "",
        };
        loop {
            rest = rest.trim_start_matches(is_space);
            if let Some(after) = rest.strip_prefix('>') {
                tag.after = after;
                return Some(tag);
            }
            if let Some(after) = rest.strip_prefix('/') {
                tag.self_closing = after.starts_with('>');
                rest = after;
                continue;
            }
            let (attribute, after) = attribute(rest)?;
            tag.attributes.push(attribute);
            rest = after;
        }
    }

    fn write(&self, out: &mut String) {
        let name = self.name.as_str();
        if DROPPED_TAGS.contains(&name) || DROPPED_WHOLE.contains(&name) {
            return;
        }
        out.push_str(if self.closing { "</" } else { "<" });
        out.push_str(self.written);
        for (name, value) in self.attributes.iter().filter(|(name, value)| harmless(name, *value)) {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push('=');
                out.push_str(value);
            }
        }
        out.push_str(if self.self_closing { "/>" } else { ">" });
    }
}

/// An attribute with its value as written, and what follows.
fn attribute(text: &str) -> Option<((&str, Option<&str>), &str)> {
    let first = text.chars().next()?;
    let (_, tail) = text.split_at(first.len_utf8());
    let (name, _) = split_while(tail, |c| !is_space(c) && !matches!(c, '=' | '>' | '/'));
    let (name, rest) = text.split_at(first.len_utf8() + name.len());
    let Some(value) = rest.trim_start_matches(is_space).strip_prefix('=') else {
        return Some(((name, None), rest));
    };
    let value = value.trim_start_matches(is_space);
    let end = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].find(quote)? + 2,
        _ => value.find(|c| is_space(c) || c == '>').unwrap_or(value.len()),
    };
    let (value, rest) = value.split_at(end);
    Some(((name, Some(value)), rest))
}

fn harmless(name: &str, value: Option<&str>) -> bool {
    let name = name.to_ascii_lowercase();
    if name.starts_with("on") || name == "srcdoc" {
        return false;
    }
    !ADDRESSES.contains(&name.as_str()) || value.is_none_or(|value| leads_somewhere(&name, value))
}

/// Whether an address is one that may be followed; one that hides its scheme in character
/// references is not.
fn leads_somewhere(name: &str, value: &str) -> bool {
    const SCHEMES: [&str; 7] = ["http:", "https:", "mailto:", "tel:", "sip:", "msteams:", "#"];
    let value = value.trim_matches(['"', '\'']).trim().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| value.starts_with(scheme))
        || (name == "src" && value.starts_with("data:image/"))
        || !value.split(['/', '?']).next().unwrap_or_default().contains([':', '&'])
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !keep(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::sanitise;

    #[test]
    fn nothing_that_runs_gets_through() {
        for (given, kept) in [
            ("<p>hi</p><script>alert(1)</script>!", "<p>hi</p>!"),
            ("<SCRIPT src=x>a</ScRiPt >b", "b"),
            ("a<script>never closed", "a"),
            ("<img src=\"https://x/y.png\" onerror=alert(1)>", "<img src=\"https://x/y.png\">"),
            ("<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>"),
            ("<a href=' JaVaScRiPt:alert(1)'>x</a>", "<a>x</a>"),
            ("<a href=\"java&#115;cript:alert(1)\">x</a>", "<a>x</a>"),
            ("<!-- note --><p>x</p>", "<p>x</p>"),
            ("<svg onload=x><circle/></svg>y", "y"),
            ("<form action=x><p>in</p></form>", "<p>in</p>"),
        ] {
            assert_eq!(sanitise(given), kept, "{given}");
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for html in [
            "plain & simple",
            "<p>a <b>b</b> <i>c</i><br/></p>",
            "<a href=\"https://a.test/b?c=d&amp;e=f#g\" title=\"x\" itemid='q'>z</a>",
            "<a href=\"/relative?x=y:z\">z</a>",
            "<div data-x=\"a > b\"><at id=\"0\">Ada</at></div>",
            "<attachment id=\"74d20c7f34aa4a7fb74e2b30004247c5\"></attachment>",
            "<pre><code>fn main() {}</code></pre>",
            "<input-like>x</input-like>",
        ] {
            assert_eq!(sanitise(html), html);
        }
    }

    #[test]
    fn a_stray_bracket_is_text() {
        assert_eq!(sanitise("1 < 2 <"), "1 &lt; 2 &lt;");
        assert_eq!(sanitise("<p title=\"never closed"), "&lt;p title=\"never closed");
    }
}
