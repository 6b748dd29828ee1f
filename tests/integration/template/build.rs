//! `sam build` builds a function again when what it is made of has changed.

use std::{collections::BTreeSet, fs, path::Path};

use super::{FUNCTIONS, function, template};

/// The folder of links in each function's own, by which SAM's cache sees what lies outside of it: SAM
/// compares the content of `CodeUri`, through links, with what it built from last
/// (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html>).
const LINKS: &str = ".built-from";

#[test]
fn the_cache_of_builds_sees_everything_that_a_function_is_built_from() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let template = template();
    for known in &FUNCTIONS {
        let code = function(&template, known)["Properties"]["CodeUri"].as_str().unwrap();
        let links = root.join(code).join(LINKS);
        let outside = needed_from_outside(&fs::read_to_string(root.join("Cargo.toml")).unwrap());
        for name in outside {
            let link = fs::read_link(links.join(&name))
                .unwrap_or_else(|error| panic!("{code}/{LINKS}/{name}: {error}"));
            assert_eq!(link, Path::new("../../..").join(&name), "{code}");
            assert!(links.join(&name).exists(), "{code}/{LINKS}/{name}");
        }
    }
}

/// The files and folders of the workspace from which a function is built, but for its own: those of the
/// crates that it may use, and what says how everything is compiled.
fn needed_from_outside(workspace: &str) -> BTreeSet<String> {
    let of_all = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"].map(str::to_owned);
    // Functions never use each other, nor what runs or tests them.
    let crates = workspace.lines().filter_map(|line| {
        let path = line.split("path = \"").nth(1)?.split('"').next()?;
        let folder = path.split('/').next()?;
        (!["functions", "local", "tests", "ops"].contains(&folder)).then(|| folder.to_owned())
    });
    of_all.into_iter().chain(crates).collect()
}

#[test]
fn no_function_uses_another_nor_what_runs_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for known in &FUNCTIONS {
        let manifest = root.join("functions").join(known.name).join("Cargo.toml");
        for name in dependencies(&fs::read_to_string(manifest).unwrap()) {
            let ours = name.strip_prefix("tandem-");
            assert!(
                ours.is_none_or(|name| root.join("shared").join(name).is_dir()),
                "{} uses {name}",
                known.name
            );
        }
    }
}

/// The names below `[dependencies]` in a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let below = manifest.split("[dependencies]").nth(1).expect("dependencies");
    let lines = below.lines().take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
