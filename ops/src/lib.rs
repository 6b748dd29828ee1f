//! What an operator on call does by hand: dead letters, grants that need a sign-in, erasures, the
//! monthly cost. It works on the table and the queues with the rights of whoever calls it, opens no
//! token, and asks for no right to use a KMS key.

mod arguments;
mod confirm;
pub mod cost;
mod dead_letters;
mod deployment;
mod erase;
mod error;
pub mod explain;
mod grants;
mod output;
mod receipt;
mod upkeep;

use std::{
    ffi::OsString,
    io::{BufRead, Write},
    sync::Arc,
    time::Duration,
};

use clap::Parser as _;
use tandem_domain::Clock;

use self::{
    arguments::{Arguments, Command, DeadLettersCommand, GrantsCommand},
    deployment::Deployment,
    error::OpsError,
    output::Output,
};

/// Looks a variable of the environment up.
pub type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// What the command line runs in; tests bring their own.
pub struct Surroundings {
    /// Looks a variable of the environment up.
    pub variable: Arc<Variable>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the answer goes.
    pub out: Box<dyn Write + Send>,
    /// Where errors, questions and what is under way go.
    pub err: Box<dyn Write + Send>,
    /// Where questions are answered.
    pub input: Box<dyn BufRead + Send>,
    /// How often an erasure's receipt is looked at.
    pub look_every: Duration,
}

/// It was not done.
const FAILED: u8 = 1;
/// It was not asked for rightly.
const USAGE: u8 = 2;

/// What every command works with.
struct Ops {
    deployment: Deployment,
    clock: Arc<dyn Clock>,
    output: Output,
    look_every: Duration,
}

/// Runs one command; answers the exit code: 0 when it was done, 1 when it was not, 2 when the
/// command is not understood or what it needs is not set.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, surroundings: Surroundings) -> u8 {
    let Surroundings { variable, clock, out, err, input, look_every } = surroundings;
    let mut output = Output::new(out, err, input);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render().to_string();
            if error.use_stderr() {
                output.say(text.trim_end());
            } else {
                output.print(text.trim_end());
            }
            return if error.use_stderr() { USAGE } else { 0 };
        }
    };
    output.json = arguments.json;
    let done = async {
        if let Command::Cost(asked) = &arguments.command {
            return cost::print(asked, &output);
        }
        let deployment = Deployment::find(arguments.local.as_deref(), &*variable).await?;
        let ops = Ops { deployment, clock, output: output.clone(), look_every };
        dispatch(ops, arguments.command).await
    };
    match done.await {
        Ok(()) => 0,
        Err(error) => {
            output.say(&format!("error: {error}"));
            if matches!(error, OpsError::NotSet(_)) { USAGE } else { FAILED }
        }
    }
}

async fn dispatch(mut ops: Ops, command: Command) -> Result<(), OpsError> {
    match command {
        Command::DeadLetters(command) => match command {
            DeadLettersCommand::List => dead_letters::list(&mut ops).await,
            DeadLettersCommand::Explain { ids } => dead_letters::explain(&mut ops, &ids).await,
            DeadLettersCommand::Replay { which } => dead_letters::replay(&mut ops, &which).await,
            DeadLettersCommand::Drop { which, yes } => {
                dead_letters::drop(&mut ops, &which, yes).await
            }
        },
        Command::Grants(GrantsCommand::NeedingSignIn { site, most }) => {
            grants::needing_sign_in(&mut ops, site.as_ref(), most).await
        }
        Command::Erase { what, yes, no_wait } => erase::erase(&mut ops, &what, yes, no_wait).await,
        Command::Receipt { id, follow } => receipt::show(&mut ops, &id, follow).await,
        // Answered before a deployment is looked for.
        Command::Cost(_) => Ok(()),
    }
}
