//! The state on disk: one JSON file, replaced as a whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use super::model::Cloud;

/// Reads the state; a file that does not exist is an empty cloud.
pub(crate) fn load(path: &Path) -> io::Result<Cloud> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Cloud::default()),
        Err(error) => Err(error),
    }
}

/// Writes the state beside the file and moves it into place, so that a kill at any moment leaves
/// either the old state or the new one.
pub(crate) fn save(path: &Path, cloud: &Cloud) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec(cloud)?)?;
    file.sync_data()?;
    fs::rename(&beside, path)
}
