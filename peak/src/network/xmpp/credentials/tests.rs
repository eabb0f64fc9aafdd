//! Files of passwords, good and bad.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

/// A credentials file with these bytes, for nobody else to read.
fn file(bytes: impl AsRef<[u8]>) -> (TempDir, CredentialsFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials");
    fs::write(&path, bytes).unwrap();
    set_mode(&path, 0o600);
    (folder, CredentialsFile::new(path))
}

fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn password(file: &CredentialsFile, account: &str) -> Option<String> {
    let secret = file.read().unwrap().remove(&jid(account));
    secret.map(|secret| secret.expose().to_owned())
}

#[test]
fn a_line_is_an_account_and_the_rest_of_it_the_password() {
    let (_folder, file) = file(
        "\u{FEFF}# ours\n\nbob@localhost  two spaces, # and a hash \r\n  Zoe@Example.org x\n#\n\
         kim@b last",
    );
    assert_eq!(
        password(&file, "bob@localhost").as_deref(),
        Some(" two spaces, # and a hash ")
    );
    assert_eq!(password(&file, "zoe@example.org").as_deref(), Some("x"));
    assert_eq!(password(&file, "kim@b").as_deref(), Some("last"));
    assert_eq!(password(&file, "nobody@b"), None);
}

#[test]
fn no_file_is_no_accounts_and_is_made_when_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/credentials");
    let file = CredentialsFile::new(path.clone());
    assert!(file.read().unwrap().is_empty());
    file.forget(&jid("bob@b"), &Secret::new("x")).unwrap();
    assert!(!path.exists());
    let known = file.remember(&jid("bob@b/main"), &Secret::new("x"));
    assert_eq!(known, Ok(None));
    assert_eq!(fs::read_to_string(&path).unwrap(), "bob@b x\n");
    #[cfg(unix)]
    {
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        assert_eq!(mode(&folder.path().join("a/b")), 0o700);
    }
}

#[test]
fn what_stands_beside_an_account_stays() {
    let (folder, file) = file("# ours\nbob@b x\n\n# theirs\nkim@b y");
    file.remember(&jid("zoe@b"), &Secret::new("z")).unwrap();
    let text = || fs::read_to_string(file.path()).unwrap();
    assert_eq!(text(), "# ours\nbob@b x\n\n# theirs\nkim@b y\nzoe@b z\n");
    file.forget(&jid("kim@b/main"), &Secret::new("y")).unwrap();
    assert_eq!(text(), "# ours\nbob@b x\n\n# theirs\nzoe@b z\n");
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["credentials", "credentials.lock"]);
}

/// As two processes that are about to make the same account have it.
#[test]
fn a_password_that_is_known_stays() {
    let (_folder, file) = file("bob@b theirs\r\n# no end");
    let theirs = Secret::new("theirs");
    let known = file.remember(&jid("bob@b/main"), &Secret::new("ours"));
    assert_eq!(known, Ok(Some(theirs.clone())));
    file.forget(&jid("bob@b"), &Secret::new("ours")).unwrap();
    let text = || fs::read_to_string(file.path()).unwrap();
    assert_eq!(text(), "bob@b theirs\r\n# no end");
    file.forget(&jid("bob@b"), &theirs).unwrap();
    assert_eq!(text(), "# no end\n");
}

#[test]
fn two_hundred_register_at_once() {
    let (_folder, file) = file("# ours\n");
    std::thread::scope(|scope| {
        for number in 0..200 {
            let file = &file;
            scope.spawn(move || {
                let account = jid(&format!("a{number}@b"));
                file.remember(&account, &Secret::new(format!("p{number}")))
                    .unwrap();
                if number % 2 == 1 {
                    let secret = Secret::new(format!("p{number}"));
                    file.forget(&account, &secret).unwrap();
                }
            });
        }
    });
    let accounts = file.read().unwrap();
    assert_eq!(accounts.len(), 100);
    for number in (0..200).step_by(2) {
        let secret = &accounts[&jid(&format!("a{number}@b"))];
        assert_eq!(secret.expose(), format!("p{number}"));
    }
    assert!(
        fs::read_to_string(file.path())
            .unwrap()
            .starts_with("# ours\n")
    );
}

#[test]
fn another_process_is_waited_for() {
    let (folder, file) = file("");
    let lock = fs::File::create(folder.path().join("credentials.lock")).unwrap();
    lock.lock().unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| file.remember(&jid("bob@b"), &Secret::new("x")));
        // Whatever it does meanwhile, it has not written.
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(file.read().unwrap().is_empty());
        assert!(!writer.is_finished());
        drop(lock);
        writer.join().unwrap().unwrap();
    });
    assert_eq!(password(&file, "bob@b").as_deref(), Some("x"));
}

#[test]
fn malformed_lines_are_named_and_not_shown() {
    for (text, words) in [
        ("\nhunter2\n", "line 2 of `"),
        ("bob@b\n", "no password follows the address"),
        ("bob@b \n", "no password follows the address"),
        ("hun@ter2@b x\n", "it does not begin with an address"),
        ("b x\n", "an account is `name@domain`"),
        (
            "a@b/c hunter2\n",
            "an account is `name@domain`, with no resource",
        ),
        (
            "a@b hunter2\n# a\nA@b hunter2\n",
            "`a@b` stands in line 1 already",
        ),
    ] {
        let (_folder, file) = file(text);
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
        assert!(!error.contains("hunter2"), "{text}: {error}");
    }
    let (_folder, file) = file(b"a@b x\nb@b \xFF\n");
    let error = file.read().unwrap_err();
    assert!(
        matches!(&error, CredentialsError::Malformed { line: 2, .. }),
        "{error}"
    );
    // What cannot be read is not written over.
    assert_eq!(
        file.remember(&jid("c@b"), &Secret::new("x")).unwrap_err(),
        error
    );
    assert_eq!(fs::read(file.path()).unwrap(), b"a@b x\nb@b \xFF\n");
}

#[test]
fn secrets_that_do_not_fit_a_line_are_refused() {
    let (_folder, file) = file("");
    for bad in ["", "a\nb", "a\r", "a\0b"] {
        let error = file.remember(&jid("a@b"), &Secret::new(bad)).unwrap_err();
        assert!(
            matches!(error, CredentialsError::Unfit(_)),
            "{bad:?}: {error}"
        );
    }
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_refused() {
    for open in [0o644, 0o640, 0o602, 0o660, 0o601] {
        let (_folder, file) = file("a@b x\n");
        set_mode(file.path(), open);
        let path = file.path().to_owned();
        let expected = format!("; `chmod 600 {}`", path.display());
        let secret = Source::File(path).read(&jid("a@b")).unwrap_err();
        let forget = file.forget(&jid("a@b"), &Secret::new("x")).unwrap_err();
        for error in [file.read().unwrap_err(), secret, forget] {
            assert_eq!(error, file.read().unwrap_err());
            assert!(error.to_string().ends_with(&expected), "{error}");
        }
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "a@b x\n");
    }
    for private in [0o600, 0o400] {
        let (_folder, file) = file("a@b x\n");
        set_mode(file.path(), private);
        assert_eq!(password(&file, "a@b").as_deref(), Some("x"));
    }
}

#[cfg(unix)]
#[test]
fn files_of_other_users_are_refused() {
    let (_folder, file) = file("a@b x\n");
    // Only the administrator can give a file away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    std::os::unix::fs::chown(file.path(), Some(12_345), None).unwrap();
    let error = file.read().unwrap_err();
    assert!(matches!(error, CredentialsError::NotOurs(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [folder.path(), &pipe] {
        let error = CredentialsFile::new(path.to_owned()).read().unwrap_err();
        assert_eq!(error, CredentialsError::NotAFile(path.to_owned()));
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let (folder, file) = file("");
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(file.path(), &link).unwrap();
    let linked = CredentialsFile::new(link.clone());
    linked.remember(&jid("a@b"), &Secret::new("x")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(password(&file, "a@b").as_deref(), Some("x"));
}

#[test]
fn what_cannot_be_written_is_an_error_and_changes_nothing() {
    // A file where a folder should be stops even the administrator.
    let (_folder, file) = file("a@b x\n");
    let below = CredentialsFile::new(file.path().join("credentials"));
    let error = below.remember(&jid("a@b"), &Secret::new("x")).unwrap_err();
    assert!(matches!(error, CredentialsError::Write { .. }), "{error}");
    assert_eq!(password(&file, "a@b").as_deref(), Some("x"));
}

#[test]
fn a_password_file_has_it_in_its_first_line() {
    let read = |bytes: &[u8]| {
        let (_folder, file) = file(bytes);
        let secret = Source::File(file.path().to_owned()).read(&jid("a@b"));
        secret.map(|secret| secret.expose().to_owned())
    };
    assert_eq!(read(b"hush").unwrap(), "hush");
    assert_eq!(read(b" hush \nsecond\n").unwrap(), " hush ");
    assert_eq!(read("\u{FEFF}h\u{fc}sh\r\n".as_bytes()).unwrap(), "hüsh");
    for (bytes, words) in [
        (b"".as_slice(), "is empty"),
        (b"\nhush", "is empty"),
        (b"\xFF", "it is not UTF-8 text"),
        (b"a\0b", "the password cannot be one"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(words), "{bytes:?}: {error}");
    }
    let nowhere = Source::File("/nowhere/at/all".into());
    assert_eq!(
        nowhere.read(&jid("a@b")).unwrap_err(),
        CredentialsError::Missing("/nowhere/at/all".into())
    );
}

#[test]
fn every_place_is_asked_in_its_turn() {
    let (_folder, file) = file("bob@b kept\n");
    let nothing = |_: &str| None;
    let variable = |name: &str| match name {
        PASSWORD_VARIABLE => Some(OsString::from("from env")),
        "OTHER" => Some(OsString::from("from other")),
        "EMPTY" => Some(OsString::new()),
        _ => None,
    };
    let read = |passwords: &Passwords, env: Env<'_>| {
        let secret = passwords.of_in(&jid("bob@b/main"), env);
        secret.map(|secret| secret.map(|secret| secret.expose().to_owned()))
    };
    let mut passwords = Passwords {
        file: Some(file.path().to_owned()),
        ..Passwords::default()
    };
    let some = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(read(&passwords, &nothing), some("kept"));
    let empty = |_: &str| Some(OsString::new());
    assert_eq!(read(&passwords, &empty), some("kept"));
    assert_eq!(read(&passwords, &variable), some("from env"));
    passwords.others = Some(Source::Given(Secret::new("given")));
    assert_eq!(read(&passwords, &variable), some("given"));
    passwords.accounts.insert("bob@b".to_owned(), Source::Jid);
    assert_eq!(read(&passwords, &variable), some("bob@b"));

    let read = |name: &str| Source::Env(name.to_owned()).read_in(&variable);
    assert_eq!(read("OTHER"), Ok(Some(Secret::new("from other"))));
    for name in ["EMPTY", "NOWHERE"] {
        assert_eq!(read(name), Err(CredentialsError::NotSet(name.to_owned())));
    }
}

#[cfg(feature = "cli")]
#[test]
fn who_has_no_password_is_found() {
    let (_folder, file) = file("bob@b kept\n");
    let mut passwords = Passwords {
        file: Some(file.path().to_owned()),
        ..Passwords::default()
    };
    passwords.accounts.insert("zoe@b".to_owned(), Source::Jid);
    let agents = ["bob@b/main", "zoe@b/main", "kim@b/main"].map(jid);
    let without = passwords.without(agents.iter()).unwrap();
    assert_eq!(without, [&agents[2]]);
    passwords.others = Some(Source::Jid);
    assert!(passwords.without(agents.iter()).unwrap().is_empty());
}

#[cfg(not(windows))]
#[test]
fn the_usual_place() {
    let place = |variables: &[(&str, &str)]| {
        let env = |name: &str| {
            let mut variables = variables.iter();
            let found = variables.find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        };
        usual_place(&env)
    };
    let path = |text: &str| Ok(PathBuf::from(text));
    let home = ("HOME", "/home/kim");
    assert_eq!(place(&[home]), path("/home/kim/.config/peak/credentials"));
    assert_eq!(
        place(&[home, ("XDG_CONFIG_HOME", "/etc/kim")]),
        path("/etc/kim/peak/credentials")
    );
    assert_eq!(
        place(&[home, ("XDG_CONFIG_HOME", "relative")]),
        path("/home/kim/.config/peak/credentials")
    );
    assert_eq!(place(&[]), Err(CredentialsError::NoHome));
    assert_eq!(place(&[("HOME", "")]), Err(CredentialsError::NoHome));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_account_and_password_survive(
        accounts in proptest::collection::vec(
            ("[#\\\\]{0,2}[a-zA-Z0-9._é!#$-]{1,20}@[a-z]{1,10}(\\.[a-z]{1,5})?", "[^\n\r\0]{1,40}"),
            1..5,
        )
    ) {
        let (_folder, file) = file("# ours\n");
        let mut expected = HashMap::new();
        for (account, password) in &accounts {
            // Some of these are no addresses.
            let Ok(account) = account.parse::<Jid>() else { continue };
            let known = file.remember(&account, &Secret::new(password)).unwrap();
            prop_assert_eq!(known.as_ref(), expected.get(&account));
            expected.entry(account).or_insert_with(|| Secret::new(password));
        }
        prop_assert_eq!(file.read().unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (_folder, file) = file(&bytes);
        let _ = file.read();
        let _ = Source::File(file.path().to_owned()).read(&jid("a@b"));
        let before = file.read();
        let written = file.remember(&jid("new@b"), &Secret::new("x"));
        prop_assert_eq!(before.is_ok(), written.is_ok());
    }

    #[test]
    fn any_lines_are_read_or_refused(
        text in "((a@b|c@d/e|#|f| |x) ?[a-z ]{0,5}\r?\n){0,6}"
    ) {
        let (_folder, file) = file(&text);
        if let Ok(before) = file.read() {
            file.remember(&jid("new@b"), &Secret::new("x")).unwrap();
            let mut after = file.read().unwrap();
            prop_assert_eq!(after.remove(&jid("new@b")), Some(Secret::new("x")));
            prop_assert_eq!(after, before);
        }
    }
}
