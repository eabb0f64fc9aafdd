//! MariaDB and PostgreSQL for servers that keep their accounts there: each in a folder of its own, on a port of
//! its own.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use super::process::{Process, run, until};
use super::{ports, secret};

/// Where a server keeps what it has to keep.
#[derive(Clone, Debug)]
pub enum Storage {
    /// The server's own files.
    Own,
    /// One SQLite file in the server's folder: [`Server::sqlite`](super::Server::sqlite).
    Sqlite,
    /// MariaDB.
    MariaDb(Access),
    /// PostgreSQL.
    Postgres(Access),
}

/// How a server reaches its database on 127.0.0.1.
#[derive(Clone, Debug)]
pub struct Access {
    /// The port.
    pub port: u16,
    /// The name of the user, and of the database.
    pub name: String,
    /// The user's password.
    pub password: String,
}

/// A database server; killed when this value goes.
#[derive(Debug)]
pub struct Database {
    // Ends before its folder goes.
    process: Process,
    folder: TempDir,
    kind: Kind,
    access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    MariaDb,
    Postgres,
}

/// The user and the database of every server.
const NAME: &str = "peak";

impl Database {
    /// Starts MariaDB with an empty database.
    ///
    /// # Panics
    ///
    /// With its log if it does not come up; with the name of a package if it is not installed.
    pub fn mariadb() -> Self {
        let folder = TempDir::with_prefix("peak-").expect("there is a place for temporary files");
        let data = format!("--datadir={}", folder.path().join("data").display());
        let mut install = Command::new("mariadb-install-db");
        install
            .args(["--no-defaults", "--skip-test-db", "--user=root", &data])
            .arg("--auth-root-authentication-method=normal");
        run(install, "mariadb-server");

        let access = Access::new();
        let mut server = Command::new(program("mariadbd", &["/usr/sbin".into()]));
        server
            // The folder lets only its owner in, so let it be its owner.
            .args([
                "--no-defaults",
                "--user=root",
                "--bind-address=127.0.0.1",
                &data,
            ])
            .arg(format!("--port={}", access.port))
            .arg(format!(
                "--socket={}",
                folder.path().join("socket").display()
            ))
            .arg(format!(
                "--pid-file={}",
                folder.path().join("pid").display()
            ));
        let process = Process::start(server, &folder.path().join("log"), "mariadb-server");
        let database = Self::up(process, folder, Kind::MariaDb, access);
        let password = &database.access.password;
        database.administer(&format!(
            "CREATE DATABASE {NAME} CHARACTER SET utf8mb4;
             CREATE USER {NAME}@'127.0.0.1' IDENTIFIED BY '{password}';
             CREATE USER {NAME}@localhost IDENTIFIED BY '{password}';
             GRANT ALL ON {NAME}.* TO {NAME}@'127.0.0.1';
             GRANT ALL ON {NAME}.* TO {NAME}@localhost"
        ));
        database
    }

    /// Starts PostgreSQL with an empty database.
    ///
    /// # Panics
    ///
    /// With its log if it does not come up; with the name of a package if it is not installed.
    pub fn postgresql() -> Self {
        let folder = TempDir::with_prefix("peak-").expect("there is a place for temporary files");
        // It refuses to be root.
        let user = geteuid()
            .is_root()
            .then(|| user_of(folder.path(), "postgres"));
        let lower = |mut command: Command| {
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command.current_dir(folder.path());
            command
        };
        let data = folder.path().join("data");
        let mut install = lower(Command::new(program("initdb", &postgresql_folders())));
        install
            .args([
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--no-sync",
            ])
            .args(["--username=root", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data);
        run(install, "postgresql");

        let access = Access::new();
        let mut server = lower(Command::new(program("postgres", &postgresql_folders())));
        server
            .args(["-c", "listen_addresses=127.0.0.1", "-p"])
            .arg(access.port.to_string())
            .arg("-k")
            .arg(folder.path())
            .arg("-D")
            .arg(&data);
        let process = Process::start(server, &folder.path().join("log"), "postgresql");
        let database = Self::up(process, folder, Kind::Postgres, access);
        let password = &database.access.password;
        database.administer(&format!("CREATE USER {NAME} PASSWORD '{password}'"));
        database.administer(&format!("CREATE DATABASE {NAME} OWNER {NAME}"));
        database
    }

    /// Waits until it can be asked.
    fn up(process: Process, folder: TempDir, kind: Kind, access: Access) -> Self {
        let mut database = Self {
            process,
            folder,
            kind,
            access,
        };
        let up = until(|| {
            if !database.process.runs() {
                return Some(false);
            }
            let mut client = database.client(true, "SELECT 1");
            let output = client.output();
            output
                .is_ok_and(|output| output.status.success())
                .then_some(true)
        });
        if up != Some(true) {
            let log = fs::read_to_string(database.folder.path().join("log"));
            panic!("{kind:?} did not come up:\n{}", log.unwrap_or_default());
        }
        database
    }

    /// For [`Builder::storage`](super::Builder::storage).
    pub fn storage(&self) -> Storage {
        let access = self.access.clone();
        match self.kind {
            Kind::MariaDb => Storage::MariaDb(access),
            Kind::Postgres => Storage::Postgres(access),
        }
    }

    /// What the database answers, as the server's user.
    ///
    /// # Panics
    ///
    /// If it refuses.
    pub fn ask(&self, sql: &str) -> String {
        run(self.client(false, sql), self.package())
    }

    fn administer(&self, sql: &str) {
        run(self.client(true, sql), self.package());
    }

    fn package(&self) -> &'static str {
        match self.kind {
            Kind::MariaDb => "mariadb-client",
            Kind::Postgres => "postgresql-client",
        }
    }

    fn client(&self, administrator: bool, sql: &str) -> Command {
        let mut client;
        match self.kind {
            Kind::MariaDb => {
                client = Command::new("mariadb");
                client
                    .args(["--no-defaults", "--batch", "--skip-column-names"])
                    .arg(format!(
                        "--socket={}",
                        self.folder.path().join("socket").display()
                    ));
                if administrator {
                    client.arg("--user=root");
                } else {
                    client
                        .arg(format!("--user={NAME}"))
                        .arg(format!("--database={NAME}"))
                        .env("MYSQL_PWD", &self.access.password);
                }
                client.arg("--execute").arg(sql);
            }
            Kind::Postgres => {
                client = Command::new("psql");
                client
                    .args(["--no-psqlrc", "--no-align", "--tuples-only", "--port"])
                    .arg(self.access.port.to_string());
                if administrator {
                    client.arg("--host").arg(self.folder.path());
                    client.args(["--username=root", "--dbname=postgres"]);
                } else {
                    client
                        .args(["--host=127.0.0.1", "--username", NAME, "--dbname", NAME])
                        .env("PGPASSWORD", &self.access.password);
                }
                client.args(["--set=ON_ERROR_STOP=1", "--command", sql]);
            }
        }
        client
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // PostgreSQL is many processes, and the first has to tell the others. With TERM it would wait for its
        // clients. Whichever does not end is killed.
        self.process.end(match self.kind {
            Kind::MariaDb => Signal::TERM,
            Kind::Postgres => Signal::INT,
        });
    }
}

impl Access {
    fn new() -> Self {
        Self {
            port: ports::free(),
            name: NAME.to_owned(),
            password: secret(),
        }
    }
}

/// Gives the folder to a user, and that user's numbers.
fn user_of(folder: &Path, name: &str) -> (u32, u32) {
    let number = |flag: &str| {
        let mut id = Command::new("id");
        id.args([flag, name]);
        run(id, "postgresql").trim().parse().expect("a number")
    };
    let (user, group) = (number("-u"), number("-g"));
    chown(folder, Some(user), Some(group)).expect("root may give a folder away");
    (user, group)
}

/// Servers are not always where programs are looked for.
fn program(name: &str, folders: &[PathBuf]) -> PathBuf {
    let there = folders.iter().map(|folder| folder.join(name));
    there
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| name.into())
}

/// One for each version that Debian has.
fn postgresql_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders
}
