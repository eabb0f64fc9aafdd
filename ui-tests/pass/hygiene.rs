//! The user's names mean what they meant, and ours do not meet them.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod everything_shadowed {
    // What generated code needs, taken.
    pub struct Option;
    pub struct Result;
    pub struct Box;
    pub struct String;
    pub struct Pin;
    pub struct Some;
    pub struct Ok;
    pub struct Err;
    pub struct None;
    pub struct Send;
    pub struct Sized;
    pub struct Default;
    pub struct Duration;
    pub struct Outcome;
    pub struct Wiring;
    pub struct Params;
    pub struct Template;
    pub struct Behaviour;
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod peak {}

    #[::peak::agent]
    pub struct Lamp {
        #[param(default = 1)]
        params: u8,
        #[param]
        agent: u8,
        #[param(default = "5s")]
        ctx: ::std::time::Duration,
        #[param(default)]
        wiring: u8,
        message: ::std::vec::Vec<u8>,
    }

    #[::peak::agent(behaviours(free, of_lamps, hear))]
    impl Lamp {
        #[::peak::on_start]
        async fn start(&mut self, ctx: &::peak::Context<Self>) {
            let (agent, message, arg0) = (self, ctx, 1);
            agent.params = arg0;
            let _ = message;
        }

        #[::peak::behaviour(periodic = "1m", delay = "1s")]
        async fn wiring(&self) {}

        #[::peak::on_message(performative = "request", any(body = "a", metadata(b, "c-d" = "e")))]
        async fn agent(&mut self, ctx: ::peak::Message, agent: ::peak::Text) -> ::peak::reply::Agree {
            let _ = (ctx, agent.0);
            ::peak::reply::Agree
        }

        #[::peak::on_message(sender = "bob@localhost")]
        async fn message(message: ::peak::Sender, ctx: ::peak::Context<Self>) {
            let _ = (message.0, ctx);
        }

        #[::peak::behaviour(one_shot, start_at = "2030-01-01T00:00:00Z", receives(thread = "1"))]
        async fn ctx(ctx: ::peak::Context<Self>) {
            let _ = ctx;
        }

        #[::peak::on_stop]
        async fn stop(&self) {}
    }

    #[::peak::behaviour(timeout = "1s")]
    async fn free<A: ::peak::Agent>(ctx: ::peak::Context<A>) {
        let _ = ctx;
    }

    #[::peak::behaviour(cyclic)]
    async fn of_lamps(ctx: &::peak::Context<Lamp>) {
        let _ = ctx;
    }

    #[::peak::on_message(performative = "inform")]
    async fn hear(text: ::peak::Text) {
        let _ = text.0;
    }

    pub fn template() -> ::peak::Template {
        ::peak::template!(performative = "cfp", not(ontology = "light"))
    }
}

fn main() {
    let _ = everything_shadowed::template();
}
