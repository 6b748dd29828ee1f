//! The function `upkeep`, which does what an operator may ask for and not do: it holds the rights to
//! delete secrets and to write in the table. Whoever is on call may invoke it.

use std::process::Command;

use serde_json::{Value, json};

use crate::{deployment::Local, error::OpsError};

/// Longer than the function runs, in seconds: an answer that is not waited for would be asked for
/// again.
const WAIT_SECS: &str = "300";

/// Where it is.
pub(crate) enum Upkeep {
    /// In AWS, by this name.
    Function(Option<String>),
    /// In a local stack.
    Local(Local),
}

impl Upkeep {
    /// Gives it a command; its report.
    pub(crate) async fn command(&self, command: &Value) -> Result<Value, OpsError> {
        match self {
            Self::Local(local) => local.upkeep(command).await,
            Self::Function(name) => {
                let name = name.clone().ok_or(OpsError::NotSet("TANDEM_UPKEEP_FUNCTION"))?;
                let event = command.to_string();
                let invoked = tokio::task::spawn_blocking(move || invoke("aws", &name, &event));
                invoked.await.map_err(|_| OpsError::Upkeep("aborted".to_owned()))?
            }
        }
    }

    /// Runs it as its schedule does, where nobody else does so every five minutes.
    pub(crate) async fn pass_time(&self) -> Result<(), OpsError> {
        match self {
            Self::Local(local) => local.upkeep(&json!({})).await.map(drop),
            Self::Function(_) => Ok(()),
        }
    }
}

/// Invokes the function by the AWS command line: for one call, an SDK of Lambda would be the largest
/// dependency of all. It prints what the function answers, then what Lambda says of it.
fn invoke(program: &str, function: &str, event: &str) -> Result<Value, OpsError> {
    let failed = |why: &str| OpsError::Upkeep(why.trim().to_owned());
    let ran = Command::new(program)
        .args(["lambda", "invoke", "--function-name", function, "--payload", event])
        .args(["--cli-binary-format", "raw-in-base64-out", "--cli-read-timeout", WAIT_SECS])
        .args(["--output", "json", "--no-cli-pager", "/dev/stdout"])
        .output()
        .map_err(|error| failed(&format!("the AWS command line is needed: {error}")))?;
    if !ran.status.success() {
        return Err(failed(&String::from_utf8_lossy(&ran.stderr)));
    }
    let mut answers = serde_json::Deserializer::from_slice(&ran.stdout).into_iter::<Value>();
    let (Some(Ok(report)), Some(Ok(said))) = (answers.next(), answers.next()) else {
        return Err(failed("its answer is none"));
    };
    match said["FunctionError"].as_str() {
        // The function's log says more.
        Some(_) => Err(failed(report["errorMessage"].as_str().unwrap_or("it failed"))),
        None => Ok(report),
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// A program that notes what it is called with, and answers as it is told.
    fn program(name: &str, script: &str) -> (String, std::path::PathBuf) {
        let dir = std::env::temp_dir().join(format!("tandem-ops-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (path, noted) = (dir.join("aws"), dir.join("noted"));
        let script =
            format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\n{script}\n", noted.display());
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (path.display().to_string(), noted)
    }

    #[test]
    fn the_function_is_invoked_with_the_command_and_its_report_is_read() {
        let answer = r#"printf '{"receiptId":"5"}{\n "StatusCode": 200\n}\n'"#;
        let (aws, noted) = program("done", answer);
        let event = r#"{"command":"eraseTenant"}"#;
        assert_eq!(invoke(&aws, "tandem-upkeep", event).unwrap()["receiptId"], "5");
        let noted = fs::read_to_string(noted).unwrap();
        let words: Vec<&str> = noted.lines().collect();
        assert_eq!(words[..4], ["lambda", "invoke", "--function-name", "tandem-upkeep"]);
        assert_eq!(words[4..6], ["--payload", event]);
    }

    #[test]
    fn what_does_not_work_is_said() {
        let failure = r#"{"errorMessage":"fault (table_refused)"}{"StatusCode":200,"FunctionError":"Unhandled"}"#;
        for (name, script, said) in [
            ("fails", format!("printf '%s' '{failure}'"), "fault (table_refused)"),
            ("refused", "echo AccessDenied >&2; exit 254".to_owned(), "AccessDenied"),
            ("silent", "true".to_owned(), "its answer is none"),
        ] {
            let (aws, _) = program(name, &script);
            let error = invoke(&aws, "tandem-upkeep", "{}").unwrap_err().to_string();
            assert_eq!(error, format!("upkeep: {said}"));
        }
        let absent = invoke("/nowhere/aws", "tandem-upkeep", "{}").unwrap_err().to_string();
        assert!(absent.contains("the AWS command line is needed"), "{absent}");
    }
}
