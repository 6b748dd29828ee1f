//! The command line.

use std::path::PathBuf;

use crate::world::Shape;

/// What the program says of itself.
pub(crate) const HELP: &str = "\
Tandem under load: worlds made by seed, vendors on bad days, and whether all holds in the end.

usage: tandem-load MODE [OPTIONS]
modes
  oracle       seeds one after the other; exit code 1 where anything was lost, done twice, out of order
  kills        the same with one seed, on a stack with a data directory that is killed again and again
  fairness     how long the comments of quiet tenants take beside one that is 50 times as loud
  throughput   comments faster and faster, until the queue grows
  endurance    a steady rate for a long time: memory and descriptors of the functions
options
  --events N   what people do in all (100000)
  --seeds N    how many seeds (20)
  --seed N     the first seed (1)
  --faults F   the share of calls that something goes wrong with, either way (0.05)
  --sites N    Jira sites of a world, each with a Microsoft tenant (3)
  --people N   people of a site (24)
  --issues N   issues of a site (80)
  --kills N    how often the stack is killed (50)
  --rate F     comments a second: of each quiet tenant, to begin with, or throughout (0.5)
  --seconds N  how long each measurement lasts (15)
  --verbose    more of what happened
  --log        Tandem's own log, on standard error
";

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) mode: String,
    pub(crate) events: usize,
    pub(crate) seeds: usize,
    pub(crate) seed: u64,
    pub(crate) faults: f64,
    pub(crate) shape: Shape,
    pub(crate) verbose: bool,
    pub(crate) log: bool,
    pub(crate) kills: usize,
    pub(crate) rate: f64,
    pub(crate) seconds: u64,
    /// Of a stack that is to be killed.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) port: u16,
    /// How far its clock has leapt before, in seconds.
    pub(crate) leapt: u64,
}

impl Arguments {
    /// Reads them; `None` where only help is wanted.
    pub(crate) fn parse() -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::{Long, Short, Value, ValueExt};
        let mut arguments = Self {
            mode: String::new(),
            events: 100_000,
            seeds: 20,
            seed: 1,
            faults: 0.05,
            shape: Shape { sites: 3, people: 24, issues: 80 },
            verbose: false,
            log: false,
            kills: 50,
            rate: 0.5,
            seconds: 15,
            data_dir: None,
            port: 0,
            leapt: 0,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Value(mode) if arguments.mode.is_empty() => arguments.mode = mode.string()?,
                Long("events") => arguments.events = parser.value()?.parse()?,
                Long("seeds") => arguments.seeds = parser.value()?.parse()?,
                Long("seed") => arguments.seed = parser.value()?.parse()?,
                Long("faults") => arguments.faults = parser.value()?.parse()?,
                Long("sites") => arguments.shape.sites = parser.value()?.parse()?,
                Long("people") => arguments.shape.people = parser.value()?.parse()?,
                Long("issues") => arguments.shape.issues = parser.value()?.parse()?,
                Long("kills") => arguments.kills = parser.value()?.parse()?,
                Long("rate") => arguments.rate = parser.value()?.parse()?,
                Long("seconds") => arguments.seconds = parser.value()?.parse()?,
                Long("data-dir") => arguments.data_dir = Some(parser.value()?.into()),
                Long("port") => arguments.port = parser.value()?.parse()?,
                Long("leapt") => arguments.leapt = parser.value()?.parse()?,
                Long("log") => arguments.log = true,
                Long("verbose") => arguments.verbose = true,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        Ok((!arguments.mode.is_empty()).then_some(arguments))
    }

    /// The command that runs one seed again.
    pub(crate) fn replay(&self, seed: u64, events: usize) -> String {
        let Shape { sites, people, issues } = self.shape;
        let kills =
            if self.mode == "kills" { format!(" --kills {}", self.kills) } else { String::new() };
        format!(
            "cargo run --profile load -p tandem-load -- {} --seeds 1 --seed {seed} --events {events} \
             --faults {} --sites {sites} --people {people} --issues {issues}{kills}",
            self.mode, self.faults
        )
    }
}
