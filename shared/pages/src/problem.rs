//! What a page says when something does not work, and what to do about it. No text of a vendor or of
//! the request is ever shown.

use askama::Template;
use http::{HeaderValue, StatusCode, header};
use lambda_http::Request;
use tandem_domain::Failure;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, Code},
    session::{SignedIn, signed_in, signed_in_framed},
};
use tandem_store::StoreError;

use crate::{
    answer::{Framing, Page, show_as},
    layout::Layout,
    texts::Common,
};

const TEXTS: Common = Common::EN;

/// Why a page shows something else than what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// For the log line.
    pub code: &'static str,
    /// What is wrong.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// After how many seconds to try again, where that is known.
    pub retry_after: Option<u64>,
    /// Where the button leads, and what it says.
    pub onward: (&'static str, &'static str),
    /// Who may embed it: as the page in whose place it stands.
    pub framing: Framing,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    layout: Layout,
    title: &'a str,
    advice: &'a str,
    hint: Option<&'a str>,
    href: &'a str,
    label: &'a str,
    new_window: bool,
}

impl Problem {
    /// A problem whose button begins the sign-in anew.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            advice: advice.into(),
            retry_after: None,
            onward: ("/connect", TEXTS.begin_again),
            framing: Framing::Nowhere,
        }
    }

    /// The same with a button that leads elsewhere.
    #[must_use]
    pub fn leading_to(self, href: &'static str, label: &'static str) -> Self {
        Self { onward: (href, label), ..self }
    }

    /// The same in the place of a page that may be embedded.
    #[must_use]
    pub fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        let (title, advice) = (TEXTS.not_signed_in, TEXTS.not_signed_in_advice);
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", title, advice)
            .leading_to("/connect", TEXTS.connect)
    }

    /// The form did not come from our page.
    pub fn csrf() -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", TEXTS.csrf, TEXTS.csrf_advice)
    }

    /// 500; `code` goes to the log only.
    pub fn fault(code: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, TEXTS.fault, TEXTS.fault_advice)
    }

    /// The page.
    pub fn into_answer(self) -> Answer {
        let embedded = self.framing != Framing::Nowhere;
        let page = ProblemPage {
            layout: Layout::outside(),
            title: &self.title,
            advice: &self.advice,
            // The vendors' sign-in pages do not show themselves in a frame.
            hint: (embedded && self.status == StatusCode::UNAUTHORIZED)
                .then_some(TEXTS.not_signed_in_framed),
            href: self.onward.0,
            label: self.onward.1,
            new_window: embedded,
        };
        let how = Page { status: self.status, framing: self.framing, ..Page::default() };
        let mut response = show_as(&page, &how)?;
        if let Some(secs) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(Code(self.code));
        Ok(response)
    }
}

/// The person behind a page; without a session the page says how to get one. A page that may be
/// embedded also takes the cookie that browsers send from a frame.
pub async fn person(app: &App, request: &Request, framing: Framing) -> Result<SignedIn, Problem> {
    let found = match framing {
        Framing::Nowhere => signed_in(app, request).await,
        Framing::JiraAndTeams => signed_in_framed(app, request).await,
    };
    found.map_err(|error| Problem::from(error).framed(framing))
}

impl From<ApiError> for Problem {
    /// An error of our own parts, in general words.
    fn from(error: ApiError) -> Self {
        let of = |title: &str, advice: &str| Self::new(error.status, error.code, title, advice);
        let problem = match (error.status, error.code) {
            (StatusCode::UNAUTHORIZED, "sign_in_needed") => {
                of(TEXTS.sign_in_needed, TEXTS.sign_in_needed_advice)
                    .leading_to("/connect", TEXTS.connect)
            }
            (StatusCode::UNAUTHORIZED, _) => Self::not_signed_in(),
            (StatusCode::FORBIDDEN, "csrf") => Self::csrf(),
            (StatusCode::FORBIDDEN, _) => of(TEXTS.not_permitted, TEXTS.not_permitted_advice)
                .leading_to("/connected", TEXTS.back),
            (StatusCode::NOT_FOUND, _) => {
                of(TEXTS.not_found, TEXTS.not_found_advice).leading_to("/connected", TEXTS.back)
            }
            (StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT, _) => {
                of(TEXTS.changed_meanwhile, TEXTS.changed_meanwhile_advice)
                    .leading_to("/connected", TEXTS.back)
            }
            (StatusCode::SERVICE_UNAVAILABLE, _) => of(TEXTS.unavailable, TEXTS.unavailable_advice),
            // What is wrong with a form is ours to say: it repeats nothing of it.
            (status, _) if status.is_client_error() => {
                of(TEXTS.invalid, &error.detail).leading_to("/connected", TEXTS.back)
            }
            _ => Self::fault(error.code),
        };
        Self { retry_after: error.retry_after, ..problem }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        ApiError::from(failure).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_ours_has_its_page_and_tells_no_code() {
        for (error, status, title) in [
            (ApiError::unauthorized("not_signed_in", ""), 401, TEXTS.not_signed_in),
            (ApiError::unauthorized("sign_in_needed", ""), 401, TEXTS.sign_in_needed),
            (ApiError::forbidden("csrf", ""), 403, TEXTS.csrf),
            (ApiError::forbidden("insufficient_permission", ""), 403, TEXTS.not_permitted),
            (ApiError::not_found("x"), 404, TEXTS.not_found),
            (ApiError::conflict("conflict", ""), 409, TEXTS.changed_meanwhile),
            (ApiError::bad_request("invalid_value", "a is b or c"), 400, TEXTS.invalid),
            (ApiError::internal("zq"), 500, TEXTS.fault),
        ] {
            let code = error.code;
            let answer = Problem::from(error).into_answer().unwrap();
            let body: &[u8] = answer.body();
            let page = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!(answer.status().as_u16(), status, "{code}");
            assert!(page.contains(&format!("<h1>{title}</h1>")), "{code}: {page}");
            assert!(!page.contains("zq"), "{page}");
        }
    }

    #[test]
    fn in_a_frame_the_sign_in_opens_in_a_window_of_its_own() {
        let framed = Problem::not_signed_in().framed(Framing::JiraAndTeams).into_answer().unwrap();
        let body: &[u8] = framed.body();
        let page = String::from_utf8(body.to_vec()).unwrap();
        assert!(page.contains("target=\"_blank\" rel=\"noopener\""), "{page}");
        let policy = framed.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors https://*.atlassian.net"), "{policy}");
    }
}
