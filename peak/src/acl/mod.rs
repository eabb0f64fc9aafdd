//! Messages as text of FIPA ACL, and the language and words in which platforms are managed: what a
//! bridge to JADE and other platforms of FIPA needs. Feature `acl`; it adds no dependency.
//!
//! - [`AclMessage`]: a message in FIPA's string form (SC00070), which is JADE's `StringACLCodec`;
//!   from and to [`Message`](crate::Message)
//! - [`sl0`]: the content language SL0 (SC00008)
//! - [`management`]: agents, services, requests to directory and platform, and their answers (SC00023)
//!
//! ```
//! use peak::Message;
//! use peak::acl::AclMessage;
//!
//! let text = "
//!     (REQUEST
//!      :sender (agent-identifier :name ada@jade.example :addresses (sequence http://jade.example:7778/acc))
//!      :receiver (set (agent-identifier :name oven@localhost))
//!      :content \"(warm \\\"up\\\")\"
//!      :ontology kitchen)";
//! let request: AclMessage = text.parse()?;
//!
//! let [message]: [Message; 1] = request.messages()?.try_into().unwrap();
//! assert_eq!(message.to().unwrap().as_str(), "oven@localhost");
//! assert_eq!(message.body(), Some("(warm \"up\")"));
//!
//! // And the answer, as the other platform reads it.
//! let answer = message.reply(peak::Performative::Agree).text("(warm)");
//! let answer = AclMessage::try_from(&answer)?;
//! assert_eq!(answer.to_string(), "(agree
//!  :receiver (set (agent-identifier :name ada@jade.example))
//!  :content \"(warm)\"
//!  :ontology kitchen)");
//! # Ok::<(), peak::Error>(())
//! ```
//!
//! # What is read, and what is written
//!
//! FIPA's grammar, in lower case, is written, and always one that JADE reads. What is read is more:
//! keywords in any case, values of any kind (an expression in parentheses is kept as the text that
//! stands there), one receiver without a set. There are no comments, neither in FIPA's grammar nor
//! here. In a string `\"` is a quotation mark, and any other backslash stands for itself; so a text
//! that ends in one is written with its length, `#6"in C:\`. Lengths are in bytes of UTF-8; JADE counts
//! characters, and takes such a string in SL for bytes.
//!
//! Reading takes time and memory in proportion to the text, and at most 100 agents or terms may stand
//! within each other. What is wrong is a [`SyntaxError`] with the place.

mod agent;
mod convert;
mod error;
mod lexer;
pub mod management;
mod read;
pub mod sl0;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod write;

use std::fmt;
use std::str::FromStr;

use crate::Performative;

pub use agent::{AgentIdentifier, UserParameters};
pub use convert::ConvertError;
pub use error::SyntaxError;
pub use time::{DateTime, DateTimeError};

/// A message with the parameters of FIPA ACL (SC00061), as platforms send it to each other.
///
/// It is read from text and written as text. [`messages`](AclMessage::messages) makes of it what
/// agents here receive, and `AclMessage::try_from(&message)` goes the other way.
///
/// ```
/// use peak::Performative;
/// use peak::acl::{AclMessage, AgentIdentifier};
///
/// let mut message = AclMessage::new(Performative::Inform);
/// message.receivers.push(AgentIdentifier::new("da0@host:1099/JADE"));
/// message.content = Some("ready".into());
/// let text = message.to_string();
/// assert_eq!(text.parse::<AclMessage>()?, message);
/// # Ok::<(), peak::acl::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AclMessage {
    /// What the message does.
    pub performative: Performative,
    /// Who sends it.
    pub sender: Option<AgentIdentifier>,
    /// Whom it is for.
    pub receivers: Vec<AgentIdentifier>,
    /// Whom answers shall go to, if not to the sender.
    pub reply_to: Vec<AgentIdentifier>,
    /// What it says, without quotation marks.
    pub content: Option<String>,
    /// The language of the content, such as `fipa-sl0`.
    pub language: Option<String>,
    /// The encoding of the content.
    pub encoding: Option<String>,
    /// The vocabulary of the content.
    pub ontology: Option<String>,
    /// The interaction protocol, such as `fipa-request`.
    pub protocol: Option<String>,
    /// The conversation to which it belongs.
    pub conversation_id: Option<String>,
    /// What the answer shall name as `in-reply-to`.
    pub reply_with: Option<String>,
    /// The `reply-with` of the message that this one answers.
    pub in_reply_to: Option<String>,
    /// When the next answer must be there.
    pub reply_by: Option<DateTime>,
    /// User-defined parameters, `:X-…`.
    pub parameters: UserParameters,
}

impl AclMessage {
    /// A message with this performative and nothing else.
    pub fn new(performative: Performative) -> Self {
        Self {
            performative,
            sender: None,
            receivers: Vec::new(),
            reply_to: Vec::new(),
            content: None,
            language: None,
            encoding: None,
            ontology: None,
            protocol: None,
            conversation_id: None,
            reply_with: None,
            in_reply_to: None,
            reply_by: None,
            parameters: UserParameters::default(),
        }
    }
}

impl FromStr for AclMessage {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        read::message_alone(text)
    }
}

impl fmt::Display for AclMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::message(f, self)
    }
}
