//! An ACL message in the library's types, made and read as a straightforward program would.

use tokio_xmpp::jid::Jid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::message::{Id, Lang, Message};

/// The title of the form with the fields.
const TITLE: &str = "spade:x:metadata";

/// What a program does with a message in the end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Acl {
    pub(super) from: String,
    pub(super) body: String,
    pub(super) performative: String,
}

/// A message to an address, which is text in a program.
pub(super) fn message(to: &str, nth: usize, performative: &str, body: &str) -> Message {
    let to = Jid::new(to).expect("an address");
    let mut message = Message::chat(to).with_body(Lang::new(), body.to_owned());
    message.id = Some(Id(nth.to_string()));
    let form = DataForm {
        type_: DataFormType::Form,
        title: Some(TITLE.to_owned()),
        instructions: None,
        fields: vec![Field::text_single("performative", performative)],
    };
    message.payloads.push(form.into());
    message
}

/// What is in it.
pub(super) fn read(mut message: Message) -> Acl {
    let form = message.extract_valid_payload::<DataForm>().expect("a form");
    assert_eq!(form.title.as_deref(), Some(TITLE));
    let field = |name: &str| {
        let mut fields = form.fields.iter();
        let field = fields.find(|field| field.var.as_deref() == Some(name));
        field.and_then(|field| field.values.first()).cloned()
    };
    let body = message.get_best_body_cloned(vec![""]);
    Acl {
        from: message.from.expect("servers say so").to_string(),
        body: body.expect("it has a body").1,
        performative: field("performative").expect("it has one"),
    }
}
