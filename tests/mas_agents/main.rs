//! Agents in files of their own, for the tests of deployment files.

mod market;
mod readme;
mod receiver;
mod sender;

fn main() -> peak::ExitCode {
    // As a program does that was made of a file which stands elsewhere.
    peak::__private::launch::alias_files(&[("mas_agents/readme.rs", "/home/ada/hello.rs")]);
    peak::run()
}
