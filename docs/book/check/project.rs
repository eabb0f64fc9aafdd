//! The folder of a reader's project.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder as the pages suppose it, with the files that they name.
#[derive(Debug)]
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A new folder.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[expect(clippy::new_without_default, reason = "it is no value but a folder")]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let key = rcgen::KeyPair::generate().expect("there are random numbers");
        let authority = rcgen::CertificateParams::default()
            .self_signed(&key)
            .expect("a certificate can be made");
        let project = Self { folder };
        project.write("our-ca.pem", &authority.pem());
        project.write("shop.password", "correct horse\n");
        project.write("component.secret", "battery staple\n");
        project
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that nobody else can read.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).expect("a folder of ours can be written to");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&path, mode).expect("the file is ours");
        }
    }

    /// The book's program, which is here, as a reader would run their own.
    pub fn run(&self, program: &str) -> Command {
        let mut program = Command::new(program);
        program
            .current_dir(self.path())
            .env("HOME", self.path())
            .env_remove("PEAK_PASSWORD")
            .stdin(Stdio::null());
        program
    }
}
