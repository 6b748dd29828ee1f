//! The steps of a sign-in, taken one by one, and the people who take them.

use serde_json::Value;
use tandem_domain::{AccountId, CloudId};
use tandem_store::AccountLink;
use url::Url;

use crate::support::{Answer, Browser, CLOUD, Person, TestStack};

/// A site with three people who have accounts on both sides and have linked none of them; the
/// first administers the site.
pub struct People {
    pub stack: TestStack,
    pub people: [Person; 3],
}

impl People {
    /// A stack of their own.
    pub async fn start() -> Self {
        let stack = TestStack::start().await;
        let people = [
            stack.person("Ada Berg", true, false).await,
            stack.person("Ben Okoye", false, false).await,
            stack.person("Cleo Marsh", false, false).await,
        ];
        Self { stack, people }
    }

    /// The account id of the person with this number.
    pub fn account(&self, number: usize) -> &str {
        &self.people[number].account
    }

    /// The object id of the person with this number.
    pub fn object(&self, number: usize) -> &str {
        &self.people[number].object
    }

    /// A browser in which the accounts of these two have signed in.
    pub async fn signed_in(&self, jira: usize, microsoft: usize) -> Browser {
        let mut browser = self.stack.browser();
        let page = browser.sign_in(self.account(jira), self.object(microsoft)).await;
        assert_eq!(page.status, 200, "{page:?}");
        browser
    }

    /// The link of a Jira user on the site.
    pub async fn link(&self, number: usize) -> Option<AccountLink> {
        let account = AccountId::parse(self.account(number)).unwrap();
        let cloud = CloudId::parse(CLOUD).unwrap();
        self.stack.app.store.find_link_by_account(&cloud, &account).await.unwrap()
    }

    /// Every item of the table, each as text, in an order of their own.
    pub async fn items(&self) -> Vec<String> {
        let mut items: Vec<String> =
            self.stack.items().await.iter().map(Value::to_string).collect();
        items.sort();
        items
    }

    /// How many items of an entity there are.
    pub async fn count(&self, entity: &str) -> usize {
        self.stack.items_of(entity).await.len()
    }

    /// How many links, halves of links, grants, secrets and sessions there are.
    pub async fn kept(&self) -> [usize; 5] {
        let secrets = self.stack.aws.secrets();
        [
            self.count("account_link").await,
            self.count("account_link_by_microsoft_user").await,
            self.count("grant").await,
            secrets.iter().filter(|secret| secret.name.contains("/grant/")).count(),
            self.count("session").await,
        ]
    }
}

/// Begins a sign-in and consents at Atlassian: the address that Atlassian sends the browser to.
pub async fn back_from_atlassian(browser: &mut Browser, account: &str) -> String {
    let at = to(&browser.get("/connect").await);
    to(&browser.get(&with(&at, &[("login_as", account)])).await)
}

/// Begins a sign-in and gets as far as Microsoft: the address of its sign-in page.
pub async fn to_microsoft(browser: &mut Browser, account: &str) -> String {
    let back = back_from_atlassian(browser, account).await;
    to(&browser.get(&back).await)
}

/// Signs in at Microsoft: the address that Microsoft sends the browser to.
pub async fn back_from_microsoft(browser: &mut Browser, at: &str, object: &str) -> String {
    to(&browser.get(&with(at, &[("login_as", object)])).await)
}

/// Sends a form.
pub async fn post_form(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.send("POST", path, |request| request.form(fields)).await
}

/// Where an answer sends the browser.
pub fn to(answer: &Answer) -> String {
    answer.location.clone().unwrap_or_else(|| panic!("no redirect: {answer:?}"))
}

/// The value of a hidden field of the page's form.
pub fn hidden(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.body.split_once(&start).unwrap_or_else(|| panic!("{name}: {page:?}"));
    rest.split('"').next().unwrap().to_owned()
}

/// An address with further parameters.
pub fn with(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = Url::parse(url).unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

/// An address with a parameter replaced, or taken away.
pub fn replaced(url: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(url).unwrap();
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(value.map(|it| (name, it)));
    url.into()
}

/// A parameter of an address.
pub fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}
