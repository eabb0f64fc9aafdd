//! Where a project gets the framework from.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where a project gets the framework from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The package in a checkout of the sources.
    Checkout(PathBuf),
    /// A published version, as Cargo.toml names it.
    Version(String),
}

/// The package that a project depends on.
pub(crate) const PACKAGE: &str = "peak-mas";

impl Source {
    /// What this tool itself was built of: the checkout, if it is still there, else its version.
    pub(crate) fn of_this_tool() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        if is_package(package) && !is_in_registry(package) {
            Self::Checkout(package.to_owned())
        } else {
            Self::Version(env!("CARGO_PKG_VERSION").to_owned())
        }
    }

    /// What a person names: a checkout's folder, or a version.
    pub(crate) fn named(text: &str) -> Result<Self, Failure> {
        if is_version(text) {
            return Ok(Self::Version(text.to_owned()));
        }
        // Only an empty text makes no path.
        let folder = std::path::absolute(text).ok();
        let candidates = folder.map(|folder| [folder.join("peak"), folder]);
        let mut candidates = candidates.into_iter().flatten();
        let found = candidates.find(|folder| is_package(folder));
        found.map(Self::Checkout).ok_or_else(|| {
            let version = env!("CARGO_PKG_VERSION");
            Failure::new(format!(
                "`{text}` is neither a version nor a checkout of PEAK"
            ))
            .hint(format!(
                "give a version such as `{version}`, or the folder that has `peak/Cargo.toml` in it"
            ))
        })
    }

    /// What stands behind `peak =` in the dependencies of a Cargo.toml.
    pub(crate) fn dependency(&self, features: &[&str]) -> String {
        let place = match self {
            Self::Checkout(package) => {
                format!("path = {}", quoted(&package.display().to_string()))
            }
            Self::Version(version) => format!("version = {}", quoted(version)),
        };
        let features: Vec<String> = features.iter().map(|feature| quoted(feature)).collect();
        let features = features.join(", ");
        // Without this tool, which is a default feature for whoever installs it.
        format!(
            "{{ package = \"{PACKAGE}\", {place}, default-features = false, features = [{features}] }}"
        )
    }

    /// The exact versions of all dependencies that this was tested with, if they are at hand.
    pub(crate) fn lock(&self) -> Option<PathBuf> {
        match self {
            Self::Checkout(package) => {
                let lock = package.parent()?.join("Cargo.lock");
                lock.is_file().then_some(lock)
            }
            Self::Version(_) => None,
        }
    }
}

/// Whether this folder has the framework's package in it.
fn is_package(folder: &Path) -> bool {
    let name = format!("name = \"{PACKAGE}\"");
    std::fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == name))
}

/// Whether cargo has put it there, and may take it away again.
fn is_in_registry(folder: &Path) -> bool {
    let parts: Vec<_> = folder.components().map(|part| part.as_os_str()).collect();
    parts.windows(2).any(|pair| pair == ["registry", "src"])
}

/// Whether this is a version as Cargo.toml has them: `0.1`, `=0.1.0`, `0.2.0-rc.1`.
fn is_version(text: &str) -> bool {
    let number = text.trim_start_matches(['^', '=', '~']);
    let first = number.split(['.', '-', '+']).next().unwrap_or_default();
    let may_stand = |char: char| char.is_ascii_alphanumeric() || ".-+".contains(char);
    !first.is_empty()
        && first.chars().all(|char| char.is_ascii_digit())
        && number.chars().all(may_stand)
        && (number.contains('.') || number == first)
}

/// Text as TOML has it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_folders() {
        for text in ["0.1", "=0.1.0", "^1", "0.2.0-rc.1"] {
            assert_eq!(Source::named(text).unwrap(), Source::Version(text.into()));
        }
        for text in ["peaks", "", "0.1/x", "1st"] {
            let failure = Source::named(text).unwrap_err().text();
            assert!(
                failure.contains("neither a version nor a checkout"),
                "{failure}"
            );
        }
    }

    #[test]
    fn a_checkout_is_named_by_its_folder_or_the_packages() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let checkout = Source::Checkout(package.to_owned());
        let top = package.parent().unwrap();
        assert_eq!(Source::of_this_tool(), checkout);
        assert_eq!(Source::named(top.to_str().unwrap()).unwrap(), checkout);
        assert_eq!(Source::named(package.to_str().unwrap()).unwrap(), checkout);
        assert_eq!(checkout.lock(), Some(top.join("Cargo.lock")));
    }

    #[test]
    fn what_cargo_has_unpacked_is_no_checkout() {
        let unpacked = Path::new("/home/ada/.cargo/registry/src/index-0/peak-mas-0.1.0");
        assert!(is_in_registry(unpacked));
        assert!(!is_in_registry(Path::new("/home/ada/registry/peak")));
    }

    #[test]
    fn dependencies_as_toml() {
        assert_eq!(
            Source::Version("0.1.0".into()).dependency(&["cli"]),
            r#"{ package = "peak-mas", version = "0.1.0", default-features = false, features = ["cli"] }"#
        );
        assert_eq!(
            Source::Checkout(r#"C:\a "b""#.into()).dependency(&[]),
            r#"{ package = "peak-mas", path = "C:\\a \"b\"", default-features = false, features = [] }"#
        );
    }
}
