//! The routes of the HTTP API, as the template declares them, and the handlers that serve them.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use serde_json::Value;
use tandem_runtime::{App, http::Answer};

/// The deployment's template: the one place that says which function serves which route.
const TEMPLATE: &str = include_str!("../../template.yaml");

type Handler =
    fn(Arc<App>, lambda_http::Request) -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A function behind the HTTP API.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its logical id in the template.
    logical_id: &'static str,
    /// Its name in logs and metrics.
    pub name: &'static str,
    routes: &'static [&'static str],
    /// Its handler.
    pub handler: Handler,
}

macro_rules! functions {
    ($($logical_id:literal => $krate:ident),* $(,)?) => {
        &[$(Function {
            logical_id: $logical_id,
            name: $krate::NAME,
            routes: $krate::ROUTES,
            handler: |app, request| Box::pin($krate::handle(app, request)),
        }),*]
    };
}

/// Every function behind the HTTP API.
const FUNCTIONS: &[Function] = functions![
    "JiraEventsFunction" => tandem_jira_events,
    "TeamsEventsFunction" => tandem_teams_events,
    "TeamsBotFunction" => tandem_teams_bot,
    "SettingsFunction" => tandem_settings,
    "AccountsFunction" => tandem_accounts,
    "AdminFunction" => tandem_admin,
    "IssueChatsFunction" => tandem_issue_chats,
];

/// A route: a method and a path with parameters.
pub struct Route {
    /// As API Gateway names it: `POST /issues/{issueId}/chats`.
    pub key: String,
    method: String,
    segments: Vec<String>,
    /// What serves it.
    pub function: Function,
}

impl Route {
    fn new(key: &str, function: Function) -> Option<Self> {
        let (method, path) = key.split_once(' ')?;
        let segments = path.trim_start_matches('/').split('/').map(str::to_owned).collect();
        Some(Self { key: key.to_owned(), method: method.to_owned(), segments, function })
    }

    /// The path's parameters, still encoded, when the route matches.
    fn matches<'a>(&self, method: &str, path: &[&'a str]) -> Option<BTreeMap<String, &'a str>> {
        if self.method != method || self.segments.len() != path.len() {
            return None;
        }
        let mut parameters = BTreeMap::new();
        for (segment, given) in self.segments.iter().zip(path) {
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => {
                    parameters.insert(name.to_owned(), *given);
                }
                None if segment == given => {}
                _ => return None,
            }
        }
        Some(parameters)
    }
}

/// Every route of the template with its function.
pub struct Routes(Vec<Route>);

impl Routes {
    /// Those of the template, which is read once. A route there without a handler, or a handler
    /// without a route, is an error that names it.
    pub fn load() -> Result<Arc<Self>, String> {
        static ROUTES: LazyLock<Result<Arc<Routes>, String>> =
            LazyLock::new(|| Routes::read(TEMPLATE).map(Arc::new));
        ROUTES.clone()
    }

    fn read(template: &str) -> Result<Self, String> {
        let template: Value = serde_saphyr::from_str(template)
            .map_err(|error| format!("template.yaml cannot be read: {error}"))?;
        let resources =
            template["Resources"].as_object().ok_or("template.yaml has no Resources")?;
        let mut routes = Vec::new();
        for (logical_id, resource) in resources {
            let declared = declared_routes(resource);
            let function = FUNCTIONS.iter().find(|function| function.logical_id == logical_id);
            let Some(function) = function else {
                if let Some(route) = declared.first() {
                    return Err(format!("template.yaml: {route} of {logical_id} has no handler"));
                }
                continue;
            };
            for key in &declared {
                if !function.routes.contains(&key.as_str()) {
                    return Err(format!("template.yaml: {key} of {logical_id} has no handler"));
                }
                routes.extend(Route::new(key, *function));
            }
            for key in function.routes {
                if !declared.iter().any(|declared| declared == key) {
                    return Err(format!(
                        "template.yaml: {logical_id} serves {key} without a route"
                    ));
                }
            }
        }
        let absent = FUNCTIONS.iter().find(|function| !resources.contains_key(function.logical_id));
        if let Some(function) = absent {
            return Err(format!("template.yaml has no {}", function.logical_id));
        }
        Ok(Self(routes))
    }

    /// Every route, as API Gateway names it: `POST /issues/{issueId}/chats`.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|route| route.key.as_str())
    }

    /// The route of a request and its path's parameters, still encoded. Literal segments win over
    /// parameters, as at API Gateway.
    pub fn find<'a>(
        &self,
        method: &str,
        path: &'a str,
    ) -> Option<(&Route, BTreeMap<String, &'a str>)> {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        self.0
            .iter()
            .filter_map(|route| Some((route, route.matches(method, &segments)?)))
            .min_by_key(|(_, parameters)| parameters.len())
    }
}

/// `METHOD /path` of each HttpApi event of a resource.
fn declared_routes(resource: &Value) -> Vec<String> {
    let Some(events) = resource["Properties"]["Events"].as_object() else { return Vec::new() };
    events
        .values()
        .filter(|event| event["Type"] == "HttpApi")
        .filter_map(|event| {
            let properties = &event["Properties"];
            let method = properties["Method"].as_str()?.to_ascii_uppercase();
            Some(format!("{method} {}", properties["Path"].as_str()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(change: impl Fn(&mut Value)) -> Result<Routes, String> {
        let mut template: Value = serde_saphyr::from_str(TEMPLATE).unwrap();
        change(&mut template);
        Routes::read(&template.to_string())
    }

    #[test]
    fn the_template_and_the_handlers_agree() {
        let routes = template(|_| {}).unwrap();
        let (route, parameters) = routes.find("POST", "/issues/10001/chats").unwrap();
        assert_eq!(route.key, "POST /issues/{issueId}/chats");
        assert_eq!(parameters["issueId"], "10001");
        assert_eq!(routes.find("GET", "/settings/users/me").unwrap().1.len(), 0);
        assert!(routes.find("GET", "/issues//chats").is_none());
        assert!(routes.find("PATCH", "/settings/instance").is_none());
    }

    #[test]
    fn a_route_without_a_handler_and_the_reverse_are_errors_that_name_it() {
        let function = "/Resources/SettingsFunction/Properties/Events";
        let extra = template(|template| {
            let events = template.pointer_mut(function).unwrap();
            events["Extra"] = serde_json::json!({"Type": "HttpApi", "Properties": {"Path": "/x", "Method": "GET"}});
        });
        assert!(extra.err().unwrap().contains("GET /x of SettingsFunction has no handler"));
        let missing = template(|template| {
            let events = template.pointer_mut(function).unwrap().as_object_mut().unwrap();
            events.retain(|_, event| event["Properties"]["Path"] != "/settings/effective");
        });
        assert!(missing.err().unwrap().contains("GET /settings/effective without a route"));
    }
}
