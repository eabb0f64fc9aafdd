//! Contract nets from end to end: rounds, and cancelling at every point.

use peak::prelude::*;
use peak::protocol::Cancelled;
use peak::protocol::contract_net::NotAProposer;

use super::participant::{SELLER, said, seller, seller_at, start};
use crate::{hands, on_both_networks};

fn senders(messages: &[Message]) -> Vec<Jid> {
    let senders = messages.iter().filter_map(Message::sender);
    let mut senders: Vec<Jid> = senders.map(Jid::bare).collect();
    senders.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    senders
}

fn jid(text: &str) -> Jid {
    text.parse().expect("it is one")
}

on_both_networks! {
    async fn the_best_are_called_again(platform: &Platform) {
        let other = "other@localhost";
        let mut journals = Vec::new();
        for address in [SELLER, other] {
            journals.push(seller_at(platform, address).await);
        }
        let ctx = hands(platform, "buyer@localhost").await;
        let first = ctx.iterated_contract_net("a book").to([SELLER, other]).await.unwrap();
        assert_eq!(senders(first.proposals()), [jid(other), jid(SELLER)]);
        let second = first.call_again([jid(SELLER)], "a book and a pen").unwrap();
        let second = second.deadline("5s").await.unwrap();
        journals[1].next(&["sees a book", "a book: rejected"]).await;
        assert_eq!(said(&second.proposals()[0]), "propose 8");
        let third = second.call_again([jid(SELLER)], "refuse").unwrap().await.unwrap();
        assert_eq!(said(&third.refused()[0]), "refuse sold out");
        let error = third.award([jid(SELLER)], "1s").await.unwrap_err();
        assert!(error.is::<NotAProposer>(), "{error}");

        let first = ctx.iterated_contract_net("a pen").to([SELLER, other]).await.unwrap();
        let error = first.call_again([jid("nobody@localhost")], "a pen").unwrap_err();
        assert_eq!(error, NotAProposer(jid("nobody@localhost")));
        journals[0].up_to("a pen: rejected").await;
        journals[1].up_to("a pen: rejected").await;
    }

    async fn a_call_is_called_off(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let call = ctx.contract_net("a book").to([SELLER]).await.unwrap();
        let said = call.cancel("5s").await.unwrap();
        let [(who, Cancelled::Done(_))] = said.as_slice() else {
            panic!("{said:?}")
        };
        assert_eq!(who.bare(), jid(SELLER));
        journal.up_to("a book: cancelled by the initiator").await;
    }

    async fn work_is_called_off(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let award = async |task: &str| {
            let call = ctx.contract_net(task).to([SELLER]).await.unwrap();
            let winner = call.proposals()[0].sender().cloned();
            call.award(winner, "5s")
        };
        let off = award("take long").await.cancel_on(async {}).await.unwrap();
        let [(_, Cancelled::Done(_))] = off.cancelled() else {
            panic!("{off:?}")
        };
        journal.up_to("take long is cancelled").await;
        let off = award("never end").await.cancel_on(async {}).await.unwrap();
        let [(_, Cancelled::Failed(failure))] = off.cancelled() else {
            panic!("{off:?}")
        };
        assert_eq!(said(failure), "failure too late for that");
        // Nobody waits for it any more.
        let award = award("take long").await;
        assert!(ctx.within("100ms", award).await.unwrap().is_none());
        journal.up_to("take long is cancelled").await;
    }

    async fn who_is_late_is_told_so(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let call = ctx.contract_net("take long").to([SELLER]).await.unwrap();
        let winner = call.proposals()[0].sender().cloned();
        let awarded = call.award(winner, "200ms").await.unwrap();
        assert_eq!(awarded.late().len(), 1);
        journal.up_to("take long is cancelled").await;
    }

    async fn who_ends_meanwhile_is_not_waited_for(platform: &Platform) {
        let (ended, journal) = start(platform, SELLER).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let call = ctx.contract_net("take long").to([SELLER]).await.unwrap();
        let winner = call.proposals()[0].sender().cloned();
        let award = call.award(winner.clone(), "1h");
        let award = tokio::spawn(award.into_future());
        journal.up_to("take long is accepted").await;
        ended.stop();
        let awarded = award.await.unwrap().unwrap();
        assert_eq!(said(&awarded.failed()[0]), "failure it was ended before it was done");

        // It is gone, whichever way that is learnt.
        let call = ctx.contract_net("a book").to([SELLER]).deadline("1h").await.unwrap();
        assert_eq!(call.unreachable()[0].jid, jid(SELLER));
    }
}
