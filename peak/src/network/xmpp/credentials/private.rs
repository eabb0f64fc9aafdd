//! Files that nobody else may read or write: reading them, and writing them whole or not at all.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::Zeroizing;

use super::error::CredentialsError;

/// More than this is neither a password nor a list of them.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The bytes of a file that is ours alone; `None` if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, CredentialsError> {
    let wrong = |error: io::Error| CredentialsError::Read {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    // Looked at before it is opened too: to open a pipe is to wait for whoever writes into it.
    match fs::metadata(path) {
        Ok(metadata) => is_private(path, &metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error)),
    }
    let file = File::open(path).map_err(wrong)?;
    let metadata = file.metadata().map_err(wrong)?;
    is_private(path, &metadata)?;
    // Room from the start: growing would leave what was read so far in memory.
    let room = usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(wrong)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(CredentialsError::TooLarge(path.to_owned()));
    }
    Ok(Some(bytes))
}

/// Whether it is a regular file that is ours, or the administrator's, and nobody else's to read.
fn is_private(path: &Path, metadata: &Metadata) -> Result<(), CredentialsError> {
    if !metadata.is_file() {
        return Err(CredentialsError::NotAFile(path.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let owner = metadata.uid();
        if owner != 0 && owner != rustix::process::geteuid().as_raw() {
            return Err(CredentialsError::NotOurs(path.to_owned()));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(CredentialsError::NotPrivate {
                path: path.to_owned(),
                mode,
            });
        }
    }
    Ok(())
}

/// Makes the folder of a file, for nobody else to enter, unless there is one.
pub(super) fn make_folder(path: &Path) -> Result<(), CredentialsError> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        folder.mode(0o700);
    }
    folder
        .create(folder_of(path))
        .map_err(|error| not_written(path, &error))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Opens a file for writing that nobody else can read, and makes it if there is none.
pub(super) fn open(path: &Path, new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).create_new(new);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes `bytes` the content of the file. Whatever happens meanwhile, the file has its old content
/// or the new, and nobody else can read it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CredentialsError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".{}.{number}.new", std::process::id()));
    let new = New(path.with_file_name(name));
    let write = || -> io::Result<()> {
        let mut file = match open(&new.0, true) {
            // Of a process of the same number, which was ended while it wrote.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&new.0)?;
                open(&new.0, true)?
            }
            opened => opened?,
        };
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new.0, path)?;
        // The name is safe when the folder is written. Not every system can be asked for that.
        #[cfg(unix)]
        File::open(folder_of(path))?.sync_all()?;
        Ok(())
    };
    write().map_err(|error| not_written(path, &error))
}

/// A file that is gone with this, unless it has got another name.
struct New(PathBuf);

impl Drop for New {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}

pub(super) fn not_written(path: &Path, error: &io::Error) -> CredentialsError {
    CredentialsError::Write {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
