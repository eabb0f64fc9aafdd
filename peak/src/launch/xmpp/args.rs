//! The flags that are about XMPP servers.

use std::path::PathBuf;

use clap::Args;

use crate::launch::problem::Problem;
use peak_shared::xmpp::{Password, Said, Verify, Wishes};

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "XMPP server")]
pub(in crate::launch) struct XmppArgs {
    /// All agents are on this server, those at localhost too
    #[arg(long, value_name = "HOST[:PORT]")]
    xmpp: Option<String>,

    /// Its port [default: 5222]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// Encrypt from the first byte on, by default at port 5223
    #[arg(long)]
    direct_tls: bool,

    /// Certificates, in PEM, of those who may vouch for the server
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,

    /// Take any certificate: whoever is in between can read everything
    #[arg(long)]
    insecure: bool,

    /// Verify the server's certificate, which is the default
    #[arg(long, conflicts_with = "insecure")]
    verify_security: bool,

    /// The password of all accounts, in a file that nobody else can read
    #[arg(long, value_name = "FILE", conflicts_with = "jid_password")]
    password_file: Option<PathBuf>,

    /// The password of each account is its address, as PEAK has it
    #[arg(long)]
    jid_password: bool,

    /// The passwords of accounts, a line `JID PASSWORD` each; registered ones are added
    /// [default: ~/.config/peak/credentials]
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,

    /// Register accounts that do not exist; the default on this machine only
    #[arg(long, conflicts_with = "no_register")]
    register: bool,

    /// Register no accounts
    #[arg(long)]
    no_register: bool,
}

/// The flags in our spelling.
pub(in crate::launch) const FLAGS: [&str; 11] = [
    "xmpp",
    "port",
    "direct-tls",
    "ca",
    "insecure",
    "verify-security",
    "password-file",
    "jid-password",
    "credentials",
    "register",
    "no-register",
];

impl XmppArgs {
    /// What they ask for.
    pub(in crate::launch) fn wishes(&self) -> Wishes {
        let yes = |flag: bool, value: bool| flag.then_some(Said::on_command_line(value));
        let password_file = self.password_file.clone().map(Password::File);
        let jid_password = self.jid_password.then_some(Password::Jid);
        Wishes {
            on: self.xmpp.as_ref().map(|_| Said::on_command_line(true)),
            server: self.xmpp.clone().map(Said::on_command_line),
            port: self.port.map(Said::on_command_line),
            direct_tls: yes(self.direct_tls, true),
            ca: self.ca.clone().map(Said::on_command_line),
            verify: if self.insecure {
                Some(Said::on_command_line(Verify::No))
            } else {
                self.verify_security
                    .then_some(Said::on_command_line(Verify::Yes))
            },
            register: yes(self.register, true).or(yes(self.no_register, false)),
            password: password_file.or(jid_password).map(Said::on_command_line),
            credentials: self.credentials.clone().map(Said::on_command_line),
            ..Wishes::default()
        }
    }

    /// The flags that were given, but for what is so anyway.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let given = [
            self.xmpp.is_some(),
            self.port.is_some(),
            self.direct_tls,
            self.ca.is_some(),
            self.insecure,
            false,
            self.password_file.is_some(),
            self.jid_password,
            self.credentials.is_some(),
            self.register,
            self.no_register,
        ];
        let given = FLAGS.into_iter().zip(given);
        given
            .filter_map(|(flag, given)| given.then_some(flag))
            .collect()
    }
}

/// What to say of a flag `--password`, which everybody could see in the list of processes.
pub(in crate::launch) fn password_flag(argv: &[std::ffi::OsString]) -> Option<Problem> {
    let words = argv.iter().skip(1).map_while(|arg| arg.to_str());
    let mut words = words.take_while(|word| *word != "--");
    let is_password = |word: &str| {
        let flag = word.strip_prefix('-').unwrap_or_default();
        let flag = flag.strip_prefix('-').unwrap_or(flag);
        matches!(flag.split('=').next(), Some("password" | "passwd" | "pass"))
    };
    words.any(is_password).then(|| {
        Problem::new(
            "there is no flag for a password: every user of this machine can read command lines",
        )
        .hint(
            "write it into a file, `chmod 600` that, and give `--password-file FILE`; or set the \
             variable `PEAK_PASSWORD`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: XmppArgs,
    }

    #[test]
    fn every_flag_is_listed() {
        let command = Program::command();
        let known: Vec<_> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        assert_eq!(known, FLAGS);
    }

    #[test]
    fn a_password_on_the_command_line_is_noticed() {
        let is_noticed = |line: &str| {
            let argv: Vec<_> = line.split(' ').map(std::ffi::OsString::from).collect();
            let problem = password_flag(&argv);
            assert!(!format!("{problem:?}").contains("hunter2"));
            problem.is_some()
        };
        assert!(is_noticed("prog run --password hunter2"));
        assert!(is_noticed("prog run -password=hunter2"));
        assert!(!is_noticed("prog run --password-file x"));
        assert!(!is_noticed("prog run --param password=x"));
        assert!(!is_noticed("prog run password -- --password hunter2"));
    }
}
