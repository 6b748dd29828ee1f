//! The page of the local stack: a Jira issue, a Teams chat, what is stored, the settings. Plain HTML
//! and script, served as they lie in `page/`.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal => $file:literal, $kind:expr;)*) => {
        &[$(($path, $kind, include_str!(concat!("page/", $file)))),*]
    };
}

/// Path, content type and text of each file.
const FILES: &[(&str, &str, &str)] = files![
    "/" => "index.html", HTML;
    "/local/page.css" => "page.css", STYLE;
    "/local/page.js" => "page.js", SCRIPT;
    "/local/page/account.js" => "account.js", SCRIPT;
    "/local/page/api.js" => "api.js", SCRIPT;
    "/local/page/check.js" => "check.js", SCRIPT;
    "/local/page/dom.js" => "dom.js", SCRIPT;
    "/local/page/jira.js" => "jira.js", SCRIPT;
    "/local/page/panel.js" => "panel.js", SCRIPT;
    "/local/page/rich.js" => "rich.js", SCRIPT;
    "/local/page/said.js" => "said.js", SCRIPT;
    "/local/page/settings.js" => "settings.js", SCRIPT;
    "/local/page/state.js" => "state.js", SCRIPT;
    "/local/page/stored.css" => "stored.css", STYLE;
    "/local/page/stored.js" => "stored.js", SCRIPT;
    "/local/page/teams.js" => "teams.js", SCRIPT;
    "/local/page/words.js" => "words.js", SCRIPT;
];

/// The page takes script, style and data from here and from nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The page's files.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        router.route(path, get(move || async move { file(kind, text) }))
    })
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn whatever_the_page_asks_for_is_served() {
        let served: Vec<&str> = FILES.iter().map(|(path, _, _)| *path).collect();
        for (path, _, text) in FILES {
            for piece in text.split(['\'', '"']) {
                let asked = match piece.strip_prefix("./") {
                    Some(name) if *path == "/local/page.js" => format!("/local/{name}"),
                    Some(name) => format!("/local/page/{name}"),
                    None => piece.to_owned(),
                };
                if matches!(asked.rsplit_once('.'), Some((_, "js" | "css"))) {
                    assert!(served.contains(&asked.as_str()), "{path} asks for {asked}");
                }
            }
        }
    }

    #[test]
    fn no_file_sets_markup_from_text_or_takes_anything_from_elsewhere() {
        for (path, _, text) in FILES {
            for word in ["innerHTML", "insertAdjacentHTML", "document.write", "eval(", "src=\"http"]
            {
                assert!(!text.contains(word), "{path}: {word}");
            }
        }
    }
}
