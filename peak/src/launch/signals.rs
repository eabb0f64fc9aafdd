//! Ctrl-C: once to stop in order, twice to end at once.

use std::io::Write as _;

use tokio::sync::watch;

use super::problem::Exit;

/// How often the user has pressed Ctrl-C so far.
///
/// A thread of its own listens: agents that keep every thread of the runtime busy must not keep
/// the user from ending them.
pub(super) fn interrupts() -> watch::Receiver<u32> {
    let (sender, receiver) = watch::channel(0);
    let thread = std::thread::Builder::new().name("peak-signals".to_owned());
    // Without the thread, Ctrl-C still stops the agents in order.
    let _ = thread.spawn(move || listen(&sender));
    receiver
}

fn listen(count: &watch::Sender<u32>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    runtime.block_on(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            count.send_modify(|count| *count += 1);
            if *count.borrow() > 1 {
                let _ = writeln!(std::io::stderr(), "interrupted twice: ended at once");
                std::process::exit(Exit::Interrupted.code().into());
            }
        }
    });
}
