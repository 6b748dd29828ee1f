//! The data file: the state as JSON, replaced as a whole, readable by its owner only.

use std::{fs, io, io::Write as _, path::Path};

use super::state::State;

/// The state in `path`; `None` where there is no file yet.
pub(super) fn load(path: &Path) -> io::Result<Option<State>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes `state` beside `path` and moves it there, so that a reader or a crash sees the old
/// file or the new one, never half of one.
pub(super) fn save(path: &Path, state: &State) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&fresh)?.write_all(&serde_json::to_vec(state)?)?;
    fs::rename(&fresh, path)
}
