//! What Atlassian Forge sends of an app's own life to its remote: that it was uninstalled.
//!
//! Each call carries a Forge Invocation Token, by which Atlassian vouches for app and site:
//! <https://developer.atlassian.com/platform/forge/remote/essentials/#the-forge-invocation-token--fit->.
//! It does not bind the body. The events:
//! <https://developer.atlassian.com/platform/forge/events-reference/life-cycle/>.

pub mod invocation_token;

use serde::Deserialize;

/// The event that tells of an uninstalled app.
const UNINSTALLED: &str = "avi:forge:uninstalled:app";

/// What Forge tells of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// It was uninstalled.
    Uninstalled,
    /// Anything else: to be acknowledged and forgotten.
    Other,
}

/// The body is not an event's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an event of Forge")]
pub struct EventError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent {
    event_type: String,
}

/// Reads the name of an event and nothing else of it: of which app and site it is, the token says.
///
/// # Errors
/// [`EventError`] where it is not JSON or has no name.
pub fn parse(body: &[u8]) -> Result<LifecycleEvent, EventError> {
    let event: WireEvent = serde_json::from_slice(body).map_err(|_| EventError)?;
    Ok(if event.event_type == UNINSTALLED {
        LifecycleEvent::Uninstalled
    } else {
        LifecycleEvent::Other
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_name() {
        for (body, expected) in [
            (
                r#"{"id":"1","eventType":"avi:forge:uninstalled:app"}"#,
                Ok(LifecycleEvent::Uninstalled),
            ),
            (r#"{"id":"1","eventType":"avi:forge:installed:app"}"#, Ok(LifecycleEvent::Other)),
            (r#"{"id":"1"}"#, Err(EventError)),
            (r#"{"eventType":1}"#, Err(EventError)),
            ("", Err(EventError)),
        ] {
            assert_eq!(parse(body.as_bytes()), expected, "{body}");
        }
    }
}
