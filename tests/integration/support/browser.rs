//! A browser: keeps cookies for this one host, follows redirects, fills in forms.

use std::collections::BTreeMap;

use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
    pub etag: Option<String>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// A browser with its cookies.
pub struct Browser {
    base: String,
    http: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(base: String) -> Self {
        Self { base, http: super::client(), cookies: BTreeMap::new() }
    }

    /// Sends one request and keeps the cookies of the answer.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Answer {
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let ours = url.starts_with(&self.base) && !url.contains("/sandbox/");
        let mut request = self.http.request(method.parse().unwrap(), &url);
        if ours && !self.cookies.is_empty() {
            let line: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", line.join("; "));
        }
        let response = change(request).send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let (location, etag) = (header("location"), header("etag"));
        let status = response.status().as_u16();
        Answer { status, location, etag, body: response.text().await.unwrap() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, |request| request).await
    }

    /// Follows an answer's redirects to the end; `change` may alter each address on the way.
    pub async fn follow(
        &mut self,
        mut answer: Answer,
        change: &dyn Fn(String) -> String,
    ) -> Answer {
        for _ in 0..12 {
            let Some(location) = answer.location.take() else { return answer };
            answer = self.get(&change(location)).await;
        }
        panic!("too many redirects");
    }

    /// Signs in with both sides as these simulated users.
    pub async fn sign_in(&mut self, account: &str, object: &str) -> Answer {
        let answer = self.get("/connect").await;
        let (account, object) = (account.to_owned(), object.to_owned());
        self.follow(answer, &move |location| login_as(location, &account, &object)).await
    }

    /// The CSRF token of the session.
    pub async fn csrf(&mut self) -> String {
        let session = self.get("/session").await;
        assert_eq!(session.status, 200, "{}", session.body);
        session.json()["csrfToken"].as_str().unwrap().to_owned()
    }

    /// A request that changes something, as a signed-in person's page makes it.
    pub async fn change(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let csrf = self.csrf().await;
        self.send(method, path, |request| request.header("x-csrf-token", csrf).json(body)).await
    }
}

/// Adds who signs in to the address of a simulated sign-in page.
pub fn login_as(location: String, account: &str, object: &str) -> String {
    if location.contains("/sandbox/atlassian/login/authorize") {
        format!("{location}&login_as={account}")
    } else if location.contains("/sandbox/entra/") && location.contains("/authorize") {
        format!("{location}&login_as={object}")
    } else {
        location
    }
}
