//! The state of an emulation: in memory, and in a file when a data directory is given.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value whose every change is on disk before it is answered for.
///
/// The file is replaced as a whole (written beside and renamed), so that a process killed at any
/// moment leaves either the old state or the new one. Its mode is 0600: it may hold key material.
pub(super) struct Durable<T> {
    state: Mutex<T>,
    file: Option<PathBuf>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Durable<T> {
    /// Opens `name` in the data directory, or an empty state in memory without one.
    pub(super) fn open(data_dir: Option<&Path>, name: &str) -> io::Result<Self> {
        let Some(dir) = data_dir else {
            return Ok(Self { state: Mutex::new(T::default()), file: None });
        };
        let file = dir.join(name);
        let state = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                let place = format!("line {}, column {}", error.line(), error.column());
                unreadable(&file, format!("not what this version writes ({place})"))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
            Err(error) => return Err(unreadable(&file, error)),
        };
        Ok(Self { state: Mutex::new(state), file: Some(file) })
    }

    /// Looks at the state.
    pub(super) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state and saves it: wholly, or, when `change` or the saving fails, not at all.
    pub(super) fn change<R, E: From<io::Error>>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = state.clone();
        let answer = change(&mut next)?;
        if let Some(file) = &self.file {
            replace(file, &serde_json::to_vec(&next).map_err(io::Error::from)?)?;
        }
        *state = next;
        Ok(answer)
    }

    /// The same for a `change` that looks before it changes anything: in memory nothing is copied for
    /// it, which matters where there is much of it.
    pub(super) fn change_checked<R, E: From<io::Error>>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, E> {
        if self.file.is_some() {
            return self.change(change);
        }
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps a second process out of a data directory for as long as it lives.
pub(super) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Creates `dir` when it is missing and takes its lock.
    ///
    /// # Errors
    /// When the directory cannot be created or written, or another process holds it.
    pub(super) fn take(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir).map_err(|error| unreadable(dir, error))?;
        let path = dir.join("lock");
        let file = private().open(&path).map_err(|error| unreadable(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs::TryLockError::WouldBlock) => {
                Err(unreadable(dir, "in use by another running local stack"))
            }
            Err(fs::TryLockError::Error(error)) => Err(unreadable(&path, error)),
        }
    }
}

fn unreadable(path: &Path, reason: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("data directory: {}: {reason}", path.display()))
}

fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    private().truncate(true).open(&beside)?.write_all(bytes)?;
    fs::rename(beside, file)
}

/// Options for writing a file that its owner alone may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::TempDir;

    fn push(state: &Durable<Vec<u8>>, byte: u8) -> io::Result<()> {
        state.change(|bytes| {
            bytes.push(byte);
            Ok(())
        })
    }

    #[test]
    fn a_change_is_read_back_by_the_next_process() {
        let dir = TempDir::new();
        let state = Durable::open(Some(dir.path()), "state.json").unwrap();
        push(&state, 7).unwrap();
        let again = Durable::<Vec<u8>>::open(Some(dir.path()), "state.json").unwrap();
        assert_eq!(again.read(Clone::clone), [7]);
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let state = Durable::<Vec<u8>>::open(None, "state.json").unwrap();
        let failed: io::Result<()> = state.change(|bytes| {
            bytes.push(1);
            Err(io::Error::other("no"))
        });
        assert!(failed.is_err());
        assert!(state.read(Vec::is_empty));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = TempDir::new();
        push(&Durable::open(Some(dir.path()), "state.json").unwrap(), 7).unwrap();
        let mode = fs::metadata(dir.path().join("state.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_ours_is_an_error_that_names_it() {
        let dir = TempDir::new();
        fs::write(dir.path().join("state.json"), "{").unwrap();
        let error = Durable::<Vec<u8>>::open(Some(dir.path()), "state.json").err().unwrap();
        assert!(error.to_string().contains("state.json"), "{error}");
    }

    #[test]
    fn a_second_process_is_kept_out_until_the_first_ends() {
        let dir = TempDir::new();
        let lock = DirectoryLock::take(dir.path()).unwrap();
        assert!(DirectoryLock::take(dir.path()).is_err());
        drop(lock);
        assert!(DirectoryLock::take(dir.path()).is_ok());
    }
}
