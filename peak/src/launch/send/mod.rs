//! `send`: one message to an agent on an XMPP server, and its reply if that is waited for.
//!
//! [`args`] are the flags, [`letter`] makes a message of them, [`post`] sends it as an agent would,
//! and [`reply`] prints what comes back.

mod args;
#[cfg(feature = "xmpp")]
mod letter;
#[cfg(feature = "xmpp")]
mod post;
#[cfg(feature = "xmpp")]
mod reply;

pub(super) use args::{FLAGS, SendArgs, TEXT_FLAGS};

#[cfg(feature = "xmpp")]
use super::fail;
use super::problem::{Exit, Problem};
use super::refuse;

/// Sends the message, and prints the reply.
#[cfg(feature = "xmpp")]
pub(super) fn run(args: &SendArgs) -> Exit {
    use rand::RngExt as _;

    use crate::platform::block_on;

    let session = format!("send-{:08x}", rand::rng().random::<u32>());
    let (letter, warnings) = match letter::Letter::of(args, &session) {
        Ok(letter) => letter,
        Err(problems) => return refuse(&[problems]),
    };
    if let Err(problems) = log(args.verbose) {
        return refuse(&[problems]);
    }
    warnings
        .iter()
        .for_each(|warning| tracing::warn!("{warning}"));
    if let Some(caution) = letter.xmpp.caution() {
        tracing::warn!("{caution}");
    }
    let words = Words {
        to: letter.to.clone(),
        performative: letter.message.performative(),
        wait: args.wait,
    };
    let delivered = block_on(async { std::io::Result::Ok(post::deliver(letter, args.wait).await) });
    let reply = match delivered {
        Ok(Ok(reply)) => reply.filter(|_| args.wait.is_some()),
        Ok(Err(failed)) => return words.failed(&failed),
        Err(error) => {
            return fail(Problem::new(format!(
                "the operating system gives no threads: {error}"
            )));
        }
    };
    let Some(reply) = reply else {
        return Exit::Success;
    };
    if !args.json {
        let text = reply::letter(&reply, std::io::IsTerminal::is_terminal(&std::io::stdout()));
        return super::print(&text, &text);
    }
    match reply::json(&reply) {
        Ok(json) => super::print(&json, &json),
        Err(error) => fail(Problem::new(error.to_string())),
    }
}

/// Logs what a session of its own has to tell.
#[cfg(feature = "xmpp")]
fn log(verbose: u8) -> Result<(), super::problem::Problems> {
    use tracing::level_filters::LevelFilter;

    let level = match verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let wishes = super::logs::Wishes {
        level: Some(level),
        ..Default::default()
    };
    super::logs::install(&super::plan::Plan::default(), &wishes)
}

/// What is said of a message that failed.
#[cfg(feature = "xmpp")]
struct Words {
    to: crate::message::Jid,
    performative: Option<crate::message::Performative>,
    wait: Option<std::time::Duration>,
}

#[cfg(feature = "xmpp")]
impl Words {
    fn failed(&self, failed: &post::Failed) -> Exit {
        use crate::network::AttachError;
        use crate::network::xmpp::ConnectError;
        use post::Failed;

        let to = &self.to;
        fail(match failed {
            Failed::Connect(AttachError::Xmpp { error, .. }) => {
                let problem = Problem::new(format!("not sent: {error}"));
                match error {
                    ConnectError::AccountExists { .. } | ConnectError::NoRegistration { .. } => {
                        problem.hint("or send it from an account that is yours: `--sender JID`")
                    }
                    _ => problem,
                }
            }
            Failed::Connect(error) => Problem::new(format!("not sent: {error}")),
            Failed::Send(error) => Problem::new(format!("not sent: {error}")),
            Failed::Undelivered(why) => {
                Problem::new(format!("the message to `{to}` was not delivered: {why}"))
                    .hint("does that agent run, on this server and under this address?")
            }
            Failed::Unacknowledged => Problem::new(format!(
                "the server does not say whether it has the message to `{to}`"
            ))
            .hint("it may have arrived: ask the agent before you send it again"),
            Failed::Late => self.late(),
        })
    }

    fn late(&self) -> Problem {
        let wait = humantime::format_duration(self.wait.unwrap_or_default());
        let problem = Problem::new(format!("no reply from `{}` within {wait}", self.to));
        match self.performative {
            Some(act) if act.wants_answer() => {
                problem.hint("the message was sent; to wait longer, write `--wait 1m`")
            }
            Some(act) => problem.hint(format!(
                "the message was sent; but agents seldom answer an `{act}`: ask with \
                 `--performative request` or `query-ref`"
            )),
            None => problem.hint("the message was sent; to wait longer, write `--wait 1m`"),
        }
    }
}

/// Says how to have it.
#[cfg(not(feature = "xmpp"))]
pub(super) fn run(_: &SendArgs) -> Exit {
    refuse(&[without_xmpp().into()])
}

#[cfg(not(feature = "xmpp"))]
fn without_xmpp() -> Problem {
    let how = super::xmpp::HOW;
    Problem::new(
        "`send`: this program is built without XMPP, and agents inside a process are not reached \
         from another one",
    )
    .hint(format!("{how}; or have both agents in one mas.yaml"))
}

#[cfg(all(test, not(feature = "xmpp")))]
mod tests {
    use super::*;
    use crate::launch::problem::Problems;

    #[test]
    fn a_program_without_xmpp_says_how_to_have_it() {
        let words = Problems::from(without_xmpp()).to_string();
        for part in [
            "error: `send`: ",
            "hint: ",
            "--features peak/xmpp",
            "one mas.yaml",
        ] {
            assert!(words.contains(part), "{words}");
        }
    }
}
