//! `cargo run`: the whole stack on this machine.

use std::{io::Write, path::PathBuf, process::ExitCode};

use tandem_domain::{CloudId, SiteHost};
use tandem_local::{Stack, StackOptions, Vendors, demo};

const HELP: &str = "\
Tandem on this machine: the functions, AWS emulated, both vendors simulated, and a page.

usage: cargo run [-- OPTIONS]
  --port N         where the page and the API are (3000)
  --data-dir DIR   keep the state in DIR between runs
  --headless       no demonstration data, for scripts
  --anonymous-bot  the bot takes activities without a token, for Microsoft's test client
  --help           this text
";

struct Arguments {
    port: u16,
    data_dir: Option<PathBuf>,
    headless: bool,
    anonymous_bot: bool,
}

fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};
    let mut arguments =
        Arguments { port: 3000, data_dir: None, headless: false, anonymous_bot: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => arguments.port = parser.value()?.parse()?,
            Long("data-dir") => arguments.data_dir = Some(parser.value()?.into()),
            Long("headless") => arguments.headless = true,
            Long("anonymous-bot") => arguments.anonymous_bot = true,
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(arguments))
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            say(HELP.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error.to_string()),
    };
    tandem_runtime::telemetry::start_to(std::io::stderr);
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let vendors = Vendors::of(&|name| std::env::var(name).ok());
    let stack = Stack::start(StackOptions {
        port: arguments.port,
        data_dir: arguments.data_dir,
        vendors: vendors.clone(),
        anonymous_bot: arguments.anonymous_bot,
        ..StackOptions::default()
    })
    .await?;
    match &vendors {
        Vendors::Simulated if !arguments.headless => demo::seed(&stack).await?,
        Vendors::Simulated => {}
        Vendors::Real(real) => {
            if let Some((cloud_id, host, secret)) = &real.site {
                let cloud_id = CloudId::parse(cloud_id).map_err(std::io::Error::other)?;
                let host = SiteHost::parse(host).map_err(std::io::Error::other)?;
                stack.install(cloud_id, host, secret).await?;
            }
        }
    }
    say(&format!("Tandem is ready: {}", stack.url()));
    tokio::signal::ctrl_c().await
}

fn say(line: &str) {
    // Nobody may be listening on standard output; the stack runs all the same.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn fail(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "error: {line}");
    ExitCode::FAILURE
}
