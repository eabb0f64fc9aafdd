//! The flags of `doctor`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::launch::xmpp::XmppArgs;

#[derive(Debug, Args)]
#[cfg_attr(not(feature = "xmpp"), allow(dead_code, reason = "nobody asks for it"))]
pub(in crate::launch) struct DoctorArgs {
    /// The domain of the agents' addresses, such as example.org
    #[arg(value_name = "HOST")]
    pub(super) host: String,

    /// The account to look with; without it one is registered, and removed at the end
    #[arg(short, long)]
    pub(super) jid: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,

    /// Say of everything what it is good for, and which lines of a server's configuration it needs
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) verbose: u8,

    /// Where connections are encrypted from the first byte on
    #[arg(long, value_name = "N", default_value_t = 5223, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) tls_port: u16,

    /// Where components connect
    #[arg(long, value_name = "N", default_value_t = 5347, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) component_port: u16,

    /// Try to connect as the component of this domain
    #[arg(long, value_name = "DOMAIN", requires = "secret_file")]
    pub(super) component: Option<String>,

    /// The secret of the component, in a file that nobody else can read
    #[arg(long, value_name = "FILE", requires = "component")]
    pub(super) secret_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) xmpp: XmppArgs,
}

/// Those of the flags that no other command has.
pub(in crate::launch) const FLAGS: [&str; 5] = [
    "json",
    "tls-port",
    "component-port",
    "component",
    "secret-file",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::xmpp;
    use clap::CommandFactory as _;

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: DoctorArgs,
    }

    #[test]
    fn every_flag_is_listed() {
        let command = Program::command();
        let known = command.get_arguments().filter_map(clap::Arg::get_long);
        let own =
            known.filter(|flag| !xmpp::FLAGS.contains(flag) && !matches!(*flag, "jid" | "verbose"));
        assert_eq!(own.collect::<Vec<_>>(), FLAGS);
    }
}
