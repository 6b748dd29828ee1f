//! What a vendor's redirect brings back beside the state: a code, or a reason why there is none.

use lambda_http::Request;
use tandem_domain::{AuthorizationCode, Provider};
use tandem_pages::Problem;
use tandem_runtime::http::query_parameter;

use crate::problem;

/// The code, or the problem that the vendor's `error` stands for (RFC 6749, section 4.1.2.1). Its
/// description is not read.
pub(crate) fn code(request: &Request, provider: Provider) -> Result<AuthorizationCode, Problem> {
    match query_parameter(request, "error").as_deref() {
        Some("access_denied" | "consent_required") => Err(problem::declined(provider)),
        Some("temporarily_unavailable" | "server_error") => {
            Err(problem::unavailable(provider, None))
        }
        Some(_) => Err(problem::refused(provider)),
        None => query_parameter(request, "code")
            .filter(|code| !code.is_empty())
            .map(AuthorizationCode::new)
            .ok_or_else(|| problem::refused(provider)),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::Uri};

    use super::*;

    #[test]
    fn each_return_has_its_meaning() {
        for (query, code) in [
            ("code=abc&state=s", Ok("abc")),
            ("code=&state=s", Err("sign_in_refused")),
            ("state=s", Err("sign_in_refused")),
            ("error=access_denied&error_description=User+declined", Err("declined")),
            ("error=access_denied&code=abc", Err("declined")),
            ("error=consent_required", Err("declined")),
            ("error=temporarily_unavailable", Err("vendor_unavailable")),
            ("error=server_error", Err("vendor_unavailable")),
            ("error=invalid_request", Err("sign_in_refused")),
        ] {
            let mut request = Request::new(Body::Empty);
            *request.uri_mut() = Uri::try_from(format!("https://x.example/back?{query}")).unwrap();
            let read = super::code(&request, Provider::Atlassian);
            let read = read.as_ref().map(|code| code.expose("the test compares it"));
            assert_eq!(read.map_err(|problem| problem.code), code, "{query}");
        }
    }
}
