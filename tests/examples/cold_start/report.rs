//! The table, and which targets are missed.

use std::{path::Path, process::Command, time::Duration};

use super::runtime_api::Run;

/// At most this many times the time of the function that does nothing, until the first poll.
const TIME: f64 = 1.5;
/// At most this many times its memory then: `Rss`. Beside others, a function that does nothing shares most
/// of its own with them, which `Pss` takes off; in Lambda there are no others.
const MEMORY: f64 = 2.0;
/// The largest zipped binary, in bytes.
const ZIPPED: u64 = 4_000_000;

/// What was measured of one function.
pub struct Measured {
    name: String,
    poll: f64,
    poll_p90: f64,
    answer: f64,
    rss: f64,
    pss: f64,
    peak: f64,
    file: u64,
    zipped: u64,
}

impl Measured {
    pub fn of(name: &str, binary: &Path, runs: &[Run]) -> Self {
        let millis = |took: Duration| took.as_secs_f64() * 1000.0;
        let of = |share: f64, value: &dyn Fn(&Run) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[((values.len() - 1) as f64 * share).round() as usize]
        };
        let megabytes = |kilobytes: u64| kilobytes as f64 * 1024.0 / 1e6;
        Self {
            name: name.to_owned(),
            poll: of(0.5, &|run| millis(run.first_poll)),
            poll_p90: of(0.9, &|run| millis(run.first_poll)),
            answer: of(0.5, &|run| millis(run.first_poll + run.first_answer)),
            rss: of(0.5, &|run| megabytes(run.at_poll.rss)),
            pss: of(0.5, &|run| megabytes(run.at_poll.pss)),
            peak: of(0.5, &|run| megabytes(run.peak)),
            file: std::fs::metadata(binary).unwrap().len(),
            zipped: zipped(binary),
        }
    }

    fn print(&self, hello: &Self) {
        let mb = |bytes: u64| bytes as f64 / 1e6;
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.1} | {:.2} | {:.1} | {:.2} | {:.1} | {:.1} | {:.2} | {:.2} |",
            self.name,
            self.poll,
            self.poll_p90,
            self.poll / hello.poll,
            self.rss,
            self.rss / hello.rss,
            self.pss,
            self.pss / hello.pss,
            self.answer,
            self.peak,
            mb(self.file),
            mb(self.zipped),
        );
    }

    fn misses(&self, hello: &Self) -> Vec<String> {
        let checks = [
            ("time to the first poll", self.poll / hello.poll, TIME),
            ("memory", self.rss / hello.rss, MEMORY),
            ("zipped size in MB", self.zipped as f64 / 1e6, ZIPPED as f64 / 1e6),
        ];
        let missed = checks.into_iter().filter(|(_, value, most)| value > most);
        missed
            .map(|(what, value, most)| format!("{}: {what} {value:.2}, at most {most}", self.name))
            .collect()
    }
}

/// As SAM zips it: deflated by Python's `zipfile`, under the name that Lambda starts.
fn zipped(binary: &Path) -> u64 {
    let folder = std::env::temp_dir().join(format!("tandem-cold-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(binary, folder.join("bootstrap")).unwrap();
    let mut python = Command::new("python3");
    let done =
        python.args(["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"]).current_dir(&folder);
    assert!(done.status().unwrap().success(), "python3 -m zipfile");
    let size = std::fs::metadata(folder.join("bootstrap.zip")).unwrap().len();
    std::fs::remove_dir_all(folder).unwrap();
    size
}

/// Prints the table; the first row is what the others are compared with. Answers whether a target is
/// missed.
pub fn print(measured: &[Measured], runs: usize) -> bool {
    let hello = &measured[0];
    println!("{runs} starts of each, medians; times in ms, sizes in MB (10^6 bytes)\n");
    println!(
        "| function | first poll | p90 | / hello | Rss then | / hello | Pss then | / hello | first answer | peak Rss | file | zipped |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for each in measured {
        each.print(hello);
    }
    let missed: Vec<String> = measured[1..].iter().flat_map(|each| each.misses(hello)).collect();
    println!();
    if missed.is_empty() {
        println!("All within {TIME} x the time, {MEMORY} x the memory, and 4 MB.");
    } else {
        println!("Missed: {}", missed.join("; "));
    }
    !missed.is_empty()
}
