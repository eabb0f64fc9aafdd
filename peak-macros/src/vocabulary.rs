//! The closed sets of words: FIPA's performatives, the keys of templates, the kinds of news.

/// The 22 performatives: the name on the wire, and the variant of `peak::Performative`.
pub(crate) const PERFORMATIVES: [(&str, &str); 22] = [
    ("accept-proposal", "AcceptProposal"),
    ("agree", "Agree"),
    ("cancel", "Cancel"),
    ("cfp", "Cfp"),
    ("confirm", "Confirm"),
    ("disconfirm", "Disconfirm"),
    ("failure", "Failure"),
    ("inform", "Inform"),
    ("inform-if", "InformIf"),
    ("inform-ref", "InformRef"),
    ("not-understood", "NotUnderstood"),
    ("propagate", "Propagate"),
    ("propose", "Propose"),
    ("proxy", "Proxy"),
    ("query-if", "QueryIf"),
    ("query-ref", "QueryRef"),
    ("refuse", "Refuse"),
    ("reject-proposal", "RejectProposal"),
    ("request", "Request"),
    ("request-when", "RequestWhen"),
    ("request-whenever", "RequestWhenever"),
    ("subscribe", "Subscribe"),
];

/// The acts that FIPA does not answer: a handler that takes nothing else has nobody to reply to.
pub(crate) const UNANSWERED: [&str; 10] = [
    "inform",
    "inform-if",
    "inform-ref",
    "confirm",
    "disconfirm",
    "not-understood",
    "failure",
    "refuse",
    "reject-proposal",
    "agree",
];

/// The place of a performative in [`PERFORMATIVES`].
pub(crate) fn performative(name: &str) -> Option<usize> {
    PERFORMATIVES.iter().position(|(wire, _)| *wire == name)
}

pub(crate) fn performative_names() -> impl Iterator<Item = &'static str> {
    PERFORMATIVES.iter().map(|(wire, _)| *wire)
}

/// Keys of a template whose value is text. Each is also the name of a constructor of `Template`.
pub(crate) const TEXT_KEYS: [&str; 9] = [
    "ontology",
    "protocol",
    "language",
    "encoding",
    "conversation_id",
    "thread",
    "reply_with",
    "in_reply_to",
    "body",
];

/// Keys of a template whose value is an address.
pub(crate) const JID_KEYS: [&str; 4] = ["sender", "to", "community", "reply_to"];

/// Keys of a template that hold a list.
pub(crate) const LIST_KEYS: [&str; 4] = ["metadata", "all", "any", "not"];

/// Every key of a template.
pub(crate) fn template_keys() -> impl Iterator<Item = &'static str> {
    std::iter::once("performative")
        .chain(TEXT_KEYS)
        .chain(JID_KEYS)
        .chain(LIST_KEYS)
}

/// A protocol that an agent can play a part in: the module of `peak::protocol`, and what opens a
/// conversation of it.
#[derive(Debug)]
pub(crate) struct Protocol {
    pub(crate) name: &'static str,
    pub(crate) tokens: &'static [&'static str],
    pub(crate) acts: &'static [&'static str],
}

pub(crate) const PROTOCOLS: [Protocol; 8] = [
    Protocol {
        name: "request",
        tokens: &["fipa-request"],
        acts: &["request"],
    },
    Protocol {
        name: "query",
        tokens: &["fipa-query"],
        acts: &["query-if", "query-ref"],
    },
    Protocol {
        name: "request_when",
        tokens: &["fipa-request-when"],
        acts: &["request-when"],
    },
    Protocol {
        name: "contract_net",
        tokens: &["fipa-contract-net", "fipa-iterated-contract-net"],
        acts: &["cfp"],
    },
    Protocol {
        name: "subscribe",
        tokens: &["fipa-subscribe"],
        acts: &["subscribe"],
    },
    Protocol {
        name: "propose",
        tokens: &["fipa-propose"],
        acts: &["propose"],
    },
    Protocol {
        name: "auction",
        tokens: &["fipa-auction-english", "fipa-auction-dutch"],
        acts: &["inform", "cfp"],
    },
    Protocol {
        name: "brokering",
        tokens: &["fipa-brokering", "fipa-recruiting"],
        acts: &["proxy"],
    },
];

/// What `#[on_presence]` and `#[on_connection]` tell apart: the word, and the constant of
/// `peak::__private::Topics`.
pub(crate) const NEWS: [(&str, &str, MarkerKind); 8] = [
    ("available", "AVAILABLE", MarkerKind::OnPresence),
    ("unavailable", "UNAVAILABLE", MarkerKind::OnPresence),
    ("subscribe", "SUBSCRIBE", MarkerKind::OnPresence),
    ("subscribed", "SUBSCRIBED", MarkerKind::OnPresence),
    ("unsubscribe", "UNSUBSCRIBE", MarkerKind::OnPresence),
    ("unsubscribed", "UNSUBSCRIBED", MarkerKind::OnPresence),
    ("lost", "LOST", MarkerKind::OnConnection),
    ("restored", "RESTORED", MarkerKind::OnConnection),
];

/// The kinds of news that a function with this marker may be told of.
pub(crate) fn kinds_of_news(marker: MarkerKind) -> impl Iterator<Item = &'static str> {
    NEWS.iter()
        .filter(move |(_, _, of)| *of == marker)
        .map(|(word, ..)| *word)
}

/// The attributes that mark a function of an impl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkerKind {
    OnStart,
    OnStop,
    Behaviour,
    OnMessage,
    OnPresence,
    OnConnection,
}

impl MarkerKind {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "on_start" => Some(Self::OnStart),
            "on_stop" => Some(Self::OnStop),
            "behaviour" => Some(Self::Behaviour),
            "on_message" => Some(Self::OnMessage),
            "on_presence" => Some(Self::OnPresence),
            "on_connection" => Some(Self::OnConnection),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OnStart => "on_start",
            Self::OnStop => "on_stop",
            Self::Behaviour => "behaviour",
            Self::OnMessage => "on_message",
            Self::OnPresence => "on_presence",
            Self::OnConnection => "on_connection",
        }
    }
}
