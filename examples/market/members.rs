//! Who takes part in the market, and what all of them do.

use std::num::NonZeroU32;

use peak::prelude::*;

/// The addresses of so many agents of this name, as a deployment file with `clones` gives them, in
/// the domain of `me`.
pub(crate) fn addresses(name: &str, count: NonZeroU32, me: &Jid) -> peak::Result<Vec<Jid>> {
    let domain = me.domain();
    let names = match count.get() {
        1 => vec![name.to_owned()],
        count => (0..count).map(|number| format!("{name}{number}")).collect(),
    };
    let jids = names.iter().map(|name| format!("{name}@{domain}").parse());
    Ok(jids.collect::<Result<_, _>>()?)
}

/// Stops when the market closes.
#[on_message(performative = "cancel")]
pub(crate) async fn close<A: Agent>(ctx: &Context<A>) {
    ctx.stop();
}
