//! What a deployment file asks of types that the compiler knows.

use syn::LitStr;

/// The agents of a file.
#[derive(Debug)]
pub(super) struct System {
    /// The path, as the user wrote it.
    pub(super) path: LitStr,
    pub(super) agents: Vec<Agent>,
    /// What `defaults` gives to all agents that have such a parameter.
    pub(super) shared: Vec<Param>,
    /// Whether the type of some agent is only known when the program starts.
    pub(super) some_type_unknown: bool,
}

/// An agent of a type.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) name: String,
    /// File, line and column of its name.
    pub(super) place: String,
    pub(super) of_type: Named,
    pub(super) params: Vec<Param>,
}

/// The name of a type.
#[derive(Debug)]
pub(super) struct Named {
    /// As it is written.
    pub(super) text: String,
    /// As Rust writes it.
    pub(super) ident: String,
    /// File, line and column.
    pub(super) place: String,
    /// The same as a word, with what it stands for there.
    pub(super) word: String,
}

/// A parameter with its value.
#[derive(Debug)]
pub(super) struct Param {
    pub(super) name: String,
    /// File, line and column of the name.
    pub(super) key_place: String,
    /// The same of the value.
    pub(super) place: String,
    pub(super) value: Value,
    /// The value in words.
    pub(super) found: String,
}

/// A value, as far as it can be looked at without its type.
#[derive(Debug)]
pub(super) enum Value {
    /// There are references to the environment in it.
    Open,
    Null,
    Bool,
    Whole(i128),
    Real,
    /// Text, and why it is no address, no duration, no single letter.
    Text {
        jid: Option<String>,
        duration: Option<String>,
        char: Option<String>,
    },
    List,
    Map,
}
