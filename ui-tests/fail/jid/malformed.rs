use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(sender = "bob@home@localhost")]
    async fn two_ats(&mut self) {}

    #[on_message(sender = "@localhost")]
    async fn no_name(&mut self) {}

    #[on_message(to = "bob@localhost/")]
    async fn no_resource(&mut self) {}

    #[on_message(reply_to = "bob@")]
    async fn no_domain(&mut self) {}

    #[on_message(community = "a b@localhost")]
    async fn space(&mut self) {}

    #[on_message(sender = 5)]
    async fn number(&mut self) {}
}

fn main() {}
